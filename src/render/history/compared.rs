//! Each version beside the one before it.

use crate::compare::{VersionedFile, compare_versions};
use crate::observed::HistoryEntry;

/// A version, and what changed since the one before.
#[derive(Debug)]
pub(super) struct ComparedVersion<'a> {
    /// The version.
    pub(super) entry: &'a HistoryEntry,
    /// The version before that the server lists.
    pub(super) earlier: Option<&'a HistoryEntry>,
    /// What became of each file, sorted by name; `None` without an earlier version, or when the
    /// files of one of the two are not visible.
    pub(super) files: Option<Vec<VersionedFile<'a>>>,
}

/// Compares each version with the one before it; `entries` are newest first.
pub(super) fn compare_history(entries: &[HistoryEntry]) -> Vec<ComparedVersion<'_>> {
    let earlier = entries.iter().skip(1).map(Some).chain([None]);
    entries.iter().zip(earlier).map(|(entry, earlier)| compare_entry(entry, earlier)).collect()
}

fn compare_entry<'a>(
    entry: &'a HistoryEntry,
    earlier: Option<&'a HistoryEntry>,
) -> ComparedVersion<'a> {
    let before = earlier.and_then(|earlier| earlier.files.as_ref());
    let files = before.zip(entry.files.as_ref());
    let files = files.map(|(before, after)| compare_versions(before, after));
    ComparedVersion { entry, earlier, files }
}
