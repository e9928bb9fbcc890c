//! The data file: checks whether it may be used, and locks it against a second `local`.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use local::private;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};

use crate::note;

/// The first bytes of every SQLite file (<https://www.sqlite.org/fileformat.html#the_database_header>).
const MAGIC: &[u8] = b"SQLite format 3\0";

/// The suffixes of the data file and of SQLite's files beside it: the log and its index.
const FILES: [&str; 3] = ["", "-wal", "-shm"];

/// A data file that is locked until this is dropped.
#[derive(Debug)]
pub(crate) struct DataFile {
    path: PathBuf,
    // The operating system releases the lock when the process ends. The lock file stays, because if it were removed,
    // two processes could each lock a file of this name.
    lock: File,
}

/// The addresses of the `local` that uses a data file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Endpoints {
    pub(crate) api: String,
    pub(crate) dynamodb: String,
}

/// Why a file cannot be used for the data.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    #[error("{} is a directory; name a file with --data, such as {}", .0.display(), .0.join("customers.db").display())]
    Directory(PathBuf),
    #[error("{} does not name a file; name one with --data", .0.display())]
    NotAFile(PathBuf),
    #[error("the path {} is not UTF-8, which SQLite needs; choose another file with --data", .0.display())]
    NotUnicode(PathBuf),
    #[error("the directory of {path} cannot be used ({cause}); create it, or choose another file with --data")]
    NoDirectory { path: String, cause: io::Error },
    #[error("{path} cannot be read and written ({cause}); change its permissions, or choose another file with --data")]
    NotWritable { path: String, cause: io::Error },
    #[error("{} is not an SQLite file and was left as it is; choose another file with --data", .0.display())]
    NotSqlite(PathBuf),
    #[error("{path} is an SQLite file that cannot be read ({cause}); choose another file with --data")]
    Unreadable { path: String, cause: rusqlite::Error },
    #[error("{} belongs to another program and was left as it is; choose another file with --data", .0.display())]
    Foreign(PathBuf),
    #[error(
        "{} has more than one name (hard link); two servers could use it at once without noticing: remove the other \
         names, or choose another file with --data", .0.display()
    )]
    HardLinked(PathBuf),
    #[error("{path} is in use by another `local`{}; stop that one, or choose another file with --data", place(.by.as_ref()))]
    InUse { path: String, by: Option<Endpoints> },
}

fn place(by: Option<&Endpoints>) -> String {
    by.map(|Endpoints { api, dynamodb }| format!(" (API {api}, DynamoDB {dynamodb})")).unwrap_or_default()
}

impl DataFile {
    /// Locks the file at `path`, and creates it if it is missing. Only its owner may read it and the files beside it.
    ///
    /// # Errors
    /// If the file cannot be used for the data. Its content is then unchanged.
    pub(crate) fn take(path: &Path) -> Result<Self, DataError> {
        let path = locate(path)?;
        // Before the lock is created, so that no lock file is left beside another program's file.
        inspect(&path)?;
        let lock = lock(&path)?;
        keep_private(&path)?;
        Ok(Self { path, lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the data. The lock file stays; see [`Self::lock`].
    pub(crate) fn remove(self) -> io::Result<()> {
        for file in FILES.map(|suffix| beside(&self.path, suffix)) {
            match fs::remove_file(file) {
                Err(missing) if missing.kind() == io::ErrorKind::NotFound => {}
                removed => removed?,
            }
        }
        Ok(())
    }

    /// Writes the addresses of this server into the lock file, for programs that find the file in use.
    pub(crate) fn announce(&mut self, endpoints: &Endpoints) -> io::Result<()> {
        self.lock.rewind()?;
        self.lock.write_all(serde_json::to_string(endpoints)?.as_bytes())
    }
}

/// The path of the file with links resolved, so that two names of one file share a lock.
fn locate(given: &Path) -> Result<PathBuf, DataError> {
    if given.is_dir() {
        return Err(DataError::Directory(given.to_owned()));
    }
    let name = given.file_name().ok_or_else(|| DataError::NotAFile(given.to_owned()))?;
    let directory = given.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let no_directory = |cause| DataError::NoDirectory { path: given.display().to_string(), cause };
    let path = match given.canonicalize() {
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
            directory.canonicalize().map_err(no_directory)?.join(name)
        }
        found => found.map_err(no_directory)?,
    };
    if path.to_str().is_none() {
        return Err(DataError::NotUnicode(path));
    }
    Ok(path)
}

/// Checks that dynoxide may open the file. Opening it would add tables to any SQLite file.
fn inspect(path: &Path) -> Result<(), DataError> {
    let not_writable = |cause| DataError::NotWritable { path: path.display().to_string(), cause };
    match fs::metadata(path) {
        Ok(found) if found.is_file() && links(&found) > 1 => return Err(DataError::HardLinked(path.to_owned())),
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(DataError::NotAFile(path.to_owned())),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(not_writable(cause)),
    }
    let file = OpenOptions::new().read(true).write(true).open(path).map_err(not_writable)?;
    let mut beginning = Vec::new();
    file.take(MAGIC.len() as u64).read_to_end(&mut beginning).map_err(not_writable)?;
    if beginning.is_empty() {
        return Ok(());
    }
    if beginning != MAGIC {
        return Err(DataError::NotSqlite(path.to_owned()));
    }
    match is_ours(path) {
        Ok(true) => Ok(()),
        Ok(false) => Err(DataError::Foreign(path.to_owned())),
        Err(cause) => Err(DataError::Unreadable { path: path.display().to_string(), cause }),
    }
}

/// Whether an SQLite file has dynoxide's tables or is empty.
fn is_ours(path: &Path) -> rusqlite::Result<bool> {
    // Without a log beside it, the file is complete. It is opened as immutable, so that SQLite takes no lock and
    // creates no files. If there is a log, it must be read too, because it may hold all tables of a process that was
    // killed.
    let immutable = if beside(path, "-wal").exists() { "" } else { "?immutable=1" };
    let encoded = percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(format!("file:{encoded}{immutable}"), flags)?;
    database.query_row(
        "SELECT NOT EXISTS (SELECT 1 FROM sqlite_master)
             OR EXISTS (SELECT 1 FROM pragma_table_info('_tables') WHERE name = 'key_schema')",
        [],
        |row| row.get(0),
    )
}

fn lock(path: &Path) -> Result<File, DataError> {
    let place = beside(path, "-lock");
    let failed = |cause| DataError::NotWritable { path: place.display().to_string(), cause };
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&place).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            // Remove the addresses of an earlier process that was killed.
            file.set_len(0).map_err(failed)?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut announced = String::new();
            // Empty or incomplete if the other process is just starting.
            let by = file.read_to_string(&mut announced).ok().and_then(|_| serde_json::from_str(&announced).ok());
            Err(DataError::InUse { path: path.display().to_string(), by })
        }
        Err(TryLockError::Error(cause)) => Err(failed(cause)),
    }
}

/// Creates the file if it is missing, readable only by its owner. SQLite's files beside it get the same permissions.
/// The permissions of existing files are restricted, because earlier versions let everyone read them.
fn keep_private(path: &Path) -> Result<(), DataError> {
    let failed = |cause| DataError::NotWritable { path: path.display().to_string(), cause };
    match private::create(path) {
        Ok(()) => note(format_args!("Made a new data file: {}", path.display())),
        Err(found) if found.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    for file in FILES.map(|suffix| beside(path, suffix)) {
        match private::restrict(&file) {
            Ok(true) => note(format_args!("Other users could read {}. Now only its owner can.", file.display())),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            Ok(false) | Err(_) => {}
        }
    }
    Ok(())
}

/// The number of names (hard links) of a file. SQLite and `local` lock a file under one name, so another name would
/// bypass the lock.
#[cfg(unix)]
fn links(file: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(file)
}

/// The standard library does not know this number here.
#[cfg(not(unix))]
fn links(_: &fs::Metadata) -> u64 {
    1
}

/// The name of a file beside the one at `path`, in the form that SQLite uses.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
