//! One writer of a lock at a time: two manifests of a folder are applied side by side, and each
//! reads the file, changes its own entry, and writes all of it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::types::LockError;
use crate::disk;

/// Keeps every other writer from the lock until the returned file is dropped.
pub(super) fn hold_write_lock(lock: &Path) -> Result<Option<File>, LockError> {
    match disk::lock_briefly(&find_guard_file(lock)) {
        Ok(file) => Ok(Some(file)),
        // Without a `.zrel` beside the lock nobody else writes: each run makes that folder first.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(LockError::Write { path: lock.to_owned(), source }),
    }
}

/// Returns the guard's file.
fn find_guard_file(lock: &Path) -> PathBuf {
    let folder = lock.parent().unwrap_or(Path::new(""));
    // The lock of the local server is in `.zrel` itself.
    let is_inside = folder.file_name().is_some_and(|name| name == ".zrel");
    let folder = if is_inside { folder.to_owned() } else { folder.join(".zrel") };
    folder.join("write.lock")
}
