//! Files of the latest published version that stay as they are, as `keep` says: nothing of them is
//! on the disk, and nothing of them is sent.

use std::collections::BTreeMap;

use crate::desired::Desired;
use crate::model::{FileKey, RemoteFile};
use crate::observed::{Draft, Observed};

use super::base::contents;
use super::{Blocker, Operation, PlannedFile, Target, target};

/// Returns the files that stay: those that `keep` names and no file of the disk replaces. One
/// without a checksum is none of them: see [`blockers`].
pub(super) fn kept(desired: &Desired, observed: &Observed) -> Vec<PlannedFile> {
    let there = contents(observed).1;
    let mut patterns: BTreeMap<&FileKey, &str> = BTreeMap::new();
    for keep in &desired.keep {
        for key in keep.of(there.iter().map(|file| &file.key)) {
            patterns.entry(key).or_insert(&keep.pattern);
        }
    }
    for file in &desired.files {
        patterns.remove(&file.key);
    }
    let kept = |file: &RemoteFile| target::kept_file(file, patterns.get(&file.key)?);
    there.iter().filter_map(kept).collect()
}

/// Says which `keep` names nothing, and what it names that could not be compared.
pub(super) fn blockers(
    desired: &Desired,
    observed: &Observed,
    operation: Operation,
) -> Vec<Blocker> {
    // What is on the server is not known there, and other obstacles say why.
    if operation == Operation::Impossible {
        return Vec::new();
    }
    let there = contents(observed).1;
    let mut blockers = Vec::new();
    for keep in &desired.keep {
        let named = keep.of(there.iter().map(|file| &file.key));
        if named.is_empty() {
            blockers.push(Blocker::KeepsNothing(keep.pattern.clone()));
        }
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

/// Finds the files to keep that an open draft does not have as they are published.
pub(super) fn gone_from(draft: &Draft, target: &Target) -> Vec<Blocker> {
    let is_there = |file: &&PlannedFile| {
        let mut there = draft.files.iter();
        there.any(|it| it.key == file.key && it.md5 == Some(file.md5) && it.size == file.size)
    };
    let gone = target.files.iter().filter(|file| file.kept).filter(|file| !is_there(file));
    gone.map(|file| Blocker::NotKept { key: file.key.clone(), draft: Some(draft.id) }).collect()
}
