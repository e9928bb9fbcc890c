//! The directory `.local`, which keeps the data and the keys.
//!
//! It belongs to the workspace, whichever of its directories a command runs in: a token is then always signed with the
//! key that the server uses. Outside of any workspace it is in the current directory.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use local::issuer::{self, Issuer, IssuerError};

use crate::data_file::{DataError, DataFile};
use crate::note;

/// The directory. It is made when something is first kept in it.
#[derive(Debug)]
pub(crate) struct Home(PathBuf);

impl Home {
    /// # Errors
    /// A current directory that is gone or that may not be read.
    pub(crate) fn find() -> io::Result<Self> {
        let here = env::current_dir()?;
        let root = here.ancestors().find(|directory| is_workspace(directory)).unwrap_or(&here);
        Ok(Self(root.join(".local")))
    }

    /// Where the key of an office's tokens is, whichever file holds the data.
    pub(crate) fn key_file(&self) -> PathBuf {
        issuer::key_file(&self.0, issuer::PROVIDER_KEY)
    }

    /// The issuer that signs with the keys, which are made if they are missing.
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

    /// The data file that `--data` names, or else the one here.
    pub(crate) fn data_path(&self, named: Option<&Path>) -> PathBuf {
        named.map_or_else(|| self.0.join("customers.db"), Path::to_owned)
    }

    /// Takes the data file that `--data` names, or else the one here, which is made if it is missing.
    ///
    /// # Errors
    /// [`DataError`].
    pub(crate) fn take_data(&self, named: Option<&Path>) -> Result<DataFile, DataError> {
        let path = self.data_path(named);
        if named.is_none() {
            // Ours to make. Any other directory that is missing is rather a typing error.
            let failed = |cause| DataError::NoDirectory { path: path.display().to_string(), cause };
            fs::create_dir_all(&self.0).map_err(failed)?;
        }
        DataFile::take(&path)
    }
}

/// Whether this is the root of the workspace that has `local`.
fn is_workspace(directory: &Path) -> bool {
    let Ok(manifest) = fs::read_to_string(directory.join("Cargo.toml")) else { return false };
    let mut lines = manifest.lines().map(str::trim);
    lines.any(|line| line == "[workspace]")
        && lines.any(|line| line.starts_with("members") && line.contains("\"local\""))
}
