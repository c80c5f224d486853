//! The lock's file: read whole, written in one step.

use std::io;
use std::path::Path;

use super::parse;
use super::types::{Facts, LockError};
use crate::disk;

/// A lock larger than this was not written by zrel. Bytes.
pub(super) const MAX_SIZE: u64 = 16 * 1024 * 1024;

/// Reads the facts of all manifests; a missing file has none.
pub(super) fn read_lock_file(path: &Path) -> Result<Facts, LockError> {
    let text = match disk::read_text(path, MAX_SIZE) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Facts::new()),
        Err(source) => return Err(LockError::Read { path: path.to_owned(), source }),
        Ok(text) => text,
    };
    parse::parse_lock(&text).map_err(|source| LockError::Fault { path: path.to_owned(), source })
}

/// Writes the lock; does nothing when the file holds the same.
pub(super) fn write_lock_file(path: &Path, text: &str) -> Result<(), LockError> {
    if disk::read_text(path, MAX_SIZE).is_ok_and(|there| there == text) {
        return Ok(());
    }
    disk::write_atomically(path, text.as_bytes())
        .map_err(|source| LockError::Write { path: path.to_owned(), source })
}
