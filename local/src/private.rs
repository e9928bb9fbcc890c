//! Files that only their owner may read: the key and the personal data.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

/// Creates an empty file that only its owner may read and write.
///
/// # Errors
/// If the file exists already or the directory is not writable.
pub fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Removes the permissions of everyone except the owner, and returns whether others had any.
///
/// # Errors
/// If the file does not exist or belongs to another user.
pub fn restrict(path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::fs;
        use std::os::unix::fs::PermissionsExt as _;

        let mut permissions = fs::metadata(path)?.permissions();
        let of_others = permissions.mode() & 0o077;
        if of_others == 0 {
            return Ok(false);
        }
        permissions.set_mode(0o600);
        fs::set_permissions(path, permissions)?;
        Ok(true)
    }
    // On other systems a file inherits the permissions of its directory, which belongs to the user.
    #[cfg(not(unix))]
    {
        std::fs::metadata(path).map(|_| false)
    }
}
