//! Files that only their owner may use: the key signs tokens, and the data is about people.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

/// Makes an empty file that only its owner may use.
///
/// # Errors
/// A file that is there already, or a directory that cannot be written.
pub fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Takes a file from everyone but its owner, and says whether others had access to it.
///
/// # Errors
/// A file that is missing or that belongs to another user.
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
    // Elsewhere a file has the access rules of its directory, which is the user's own.
    #[cfg(not(unix))]
    {
        std::fs::metadata(path).map(|_| false)
    }
}
