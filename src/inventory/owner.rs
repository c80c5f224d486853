//! Whose a file or a folder is.

use std::path::Path;

/// Returns the id of a path's owner; `None` for what can't be read. Elsewhere than on Unix all that
/// exists has the same.
#[cfg(unix)]
pub fn read_owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    Some(std::fs::metadata(path).ok()?.uid())
}

/// Returns the id of a path's owner; `None` for what can't be read. Elsewhere than on Unix all that
/// exists has the same.
#[cfg(not(unix))]
pub fn read_owner(path: &Path) -> Option<u32> {
    path.exists().then_some(0)
}
