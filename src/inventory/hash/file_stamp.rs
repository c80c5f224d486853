//! Recognizes an unchanged file without reading it.
//!
//! Deliberately absent: digests; `hash_files` computes them and `cache` remembers them.

use std::fs::Metadata;
use std::time::{SystemTime, UNIX_EPOCH};

/// Size, times and identity of a file. Equal stamps of one path mean equal bytes, unless the
/// change is younger than the file system's clock can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::inventory) struct FileStamp {
    /// Bytes.
    pub(in crate::inventory) size: u64,
    /// Last change of the contents, in nanoseconds since 1970 (negative before).
    pub(in crate::inventory) modified: i128,
    /// The inode; 0 if there is none.
    pub(in crate::inventory) inode: u64,
    /// Last change of the inode, in nanoseconds since 1970; 0 if unknown.
    pub(in crate::inventory) changed: i128,
}

impl FileStamp {
    /// Makes the stamp from what the system says about a file.
    pub(in crate::inventory) fn of(metadata: &Metadata) -> Self {
        let (inode, changed) = read_identity(metadata);
        let modified = metadata.modified().map_or(0, convert_to_nanoseconds);
        Self { size: metadata.len(), modified, inode, changed }
    }
}

/// Returns a time in nanoseconds since 1970, negative before.
pub(in crate::inventory) fn convert_to_nanoseconds(time: SystemTime) -> i128 {
    let signed = |nanos: u128| i128::try_from(nanos).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => signed(after.as_nanos()),
        Err(before) => -signed(before.duration().as_nanos()),
    }
}

#[cfg(unix)]
fn read_identity(metadata: &Metadata) -> (u64, i128) {
    use std::os::unix::fs::MetadataExt;
    let changed = i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec());
    (metadata.ino(), changed)
}

#[cfg(not(unix))]
fn read_identity(_metadata: &Metadata) -> (u64, i128) {
    (0, 0)
}

/// Returns whether the file system marks a file as executable.
#[cfg(unix)]
pub(in crate::inventory) fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

/// Returns false: the file system does not mark executable files here.
#[cfg(not(unix))]
pub(in crate::inventory) fn is_executable(_metadata: &Metadata) -> bool {
    false
}
