//! Files of the latest published version that `keep` leaves as they are: they are not on the disk,
//! and are not sent.

use std::collections::BTreeMap;

use crate::desired::Desired;
use crate::model::{FileKey, RemoteFile};
use crate::observed::{Draft, Observed};

use super::base::find_contents;
use super::{Blocker, Operation, PlannedFile, Target, target};

/// Returns the files that stay: those that `keep` names and no local file replaces. A file without
/// a checksum is left out: see [`find_keep_blockers`].
pub(super) fn list_kept_files(desired: &Desired, observed: &Observed) -> Vec<PlannedFile> {
    let there = find_contents(observed).1;
    let mut patterns: BTreeMap<&FileKey, &str> = BTreeMap::new();
    for keep in &desired.keep {
        for key in keep.of(there.iter().map(|file| &file.key)) {
            patterns.entry(key).or_insert(&keep.pattern);
        }
    }
    for file in &desired.files {
        patterns.remove(&file.key);
    }
    let kept = |file: &RemoteFile| target::keep_file(file, patterns.get(&file.key)?);
    there.iter().filter_map(kept).collect()
}

/// Reports each `keep` that names nothing, and the files it names that could not be compared.
pub(super) fn find_keep_blockers(
    desired: &Desired,
    observed: &Observed,
    operation: Operation,
) -> Vec<Blocker> {
    // The server's files are not known then, and another blocker says why.
    if operation == Operation::Impossible {
        return Vec::new();
    }
    let there = find_contents(observed).1;
    let mut blockers = Vec::new();
    for keep in &desired.keep {
        let named = keep.of(there.iter().map(|file| &file.key));
        if named.is_empty() {
            blockers.push(Blocker::KeepsNothing(keep.pattern.clone()));
        }
        // Without a checksum a file could not be compared before it is published.
        let is_unsure = |key: &FileKey| {
            let is_local = desired.files.iter().any(|file| file.key == *key);
            let mut same = there.iter().filter(|file| file.key == *key);
            !is_local && same.any(|file| file.md5.is_none())
        };
        let unsure = named.into_iter().filter(|key| is_unsure(key));
        blockers.extend(unsure.map(|key| Blocker::NotKept { key: key.clone(), draft: None }));
    }
    blockers
}

/// Finds the files to keep that an open draft lacks or has with other bytes.
pub(super) fn find_lost_kept_files(draft: &Draft, target: &Target) -> Vec<Blocker> {
    let is_there = |file: &&PlannedFile| {
        let mut there = draft.files.iter();
        there.any(|it| it.key == file.key && it.md5 == Some(file.md5) && it.size == file.size)
    };
    // Nothing of a kept file is sent, so no step would bring it back.
    let gone = target.files.iter().filter(|file| file.kept).filter(|file| !is_there(file));
    gone.map(|file| Blocker::NotKept { key: file.key.clone(), draft: Some(draft.id) }).collect()
}
