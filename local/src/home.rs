//! The directory `.local`, which keeps the data and the keys.
//!
//! It is in the root of the workspace, even if a command runs in a subdirectory, so that a token is always signed with
//! the server's key. Outside a workspace it is in the current directory.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use local::issuer::{self, Issuer, IssuerError};

use crate::data_file::{DataError, DataFile};
use crate::note;

/// The directory. It is created when it is first needed.
#[derive(Debug)]
pub(crate) struct Home(PathBuf);

impl Home {
    /// # Errors
    /// If the current directory does not exist or cannot be read.
    pub(crate) fn find() -> io::Result<Self> {
        let here = env::current_dir()?;
        let root = here.ancestors().find(|directory| is_workspace(directory)).unwrap_or(&here);
        Ok(Self(root.join(".local")))
    }

    /// The path of the key that signs an office's tokens. It does not depend on `--data`.
    pub(crate) fn key_file(&self) -> PathBuf {
        issuer::key_file(&self.0, issuer::PROVIDER_KEY)
    }

    /// The issuer that signs with the keys. A key is created if it is missing.
    ///
    /// # Errors
    /// [`IssuerError`].
    pub(crate) fn issuer(&self) -> Result<Issuer, IssuerError> {
        let (issuer, new) = Issuer::open(&self.0)?;
        for path in new {
            note(format_args!(
                "Made a new key: {}. Only a `local` that uses this key accepts its tokens.",
                path.display()
            ));
        }
        Ok(issuer)
    }

    /// The path of the data file: that of `--data`, or the default one in this directory.
    pub(crate) fn data_path(&self, named: Option<&Path>) -> PathBuf {
        named.map_or_else(|| self.0.join("customers.db"), Path::to_owned)
    }

    /// Locks the data file, and creates it if it is missing.
    ///
    /// # Errors
    /// [`DataError`].
    pub(crate) fn take_data(&self, named: Option<&Path>) -> Result<DataFile, DataError> {
        let path = self.data_path(named);
        if named.is_none() {
            // Only the default directory is created. Another missing directory is probably a typing error.
            let failed = |cause| DataError::NoDirectory { path: path.display().to_string(), cause };
            fs::create_dir_all(&self.0).map_err(failed)?;
        }
        DataFile::take(&path)
    }
}

/// Whether this is the root of the workspace that contains `local`.
fn is_workspace(directory: &Path) -> bool {
    let Ok(manifest) = fs::read_to_string(directory.join("Cargo.toml")) else { return false };
    let mut lines = manifest.lines().map(str::trim);
    lines.any(|line| line == "[workspace]")
        && lines.any(|line| line.starts_with("members") && line.contains("\"local\""))
}
