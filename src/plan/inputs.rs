//! The values that a plan is made from, and what follows from them alone.

use std::collections::BTreeMap;

use crate::desired::{Desired, DesiredVersion};
use crate::model::{Binding, Field, FileChange, LocalFile, RemoteFile, Reservation, Rewrite};
use crate::observed::{Draft, DraftKind, Observed, Record};

use super::base::find_contents;
use super::target::{self, OpenDate};
use super::{Aim, Policy, Target, files, keep};

/// The values that a plan is made from.
#[derive(Clone, Copy)]
pub(super) struct Inputs<'a> {
    pub(super) desired: &'a Desired,
    pub(super) observed: &'a Observed,
    pub(super) binding: &'a Binding,
    pub(super) policy: &'a Policy,
    /// What was fixed when the DOI of the open draft was reserved.
    pub(super) reserved: Option<&'a Reservation>,
}

impl<'a> Inputs<'a> {
    /// Compares the files that the record will have with a version.
    pub(super) fn file_changes(self, base: &[RemoteFile]) -> Vec<FileChange> {
        let none = BTreeMap::new();
        let applied = self.binding.record.as_ref().map_or(&none, |record| &record.files);
        let kept = keep::list_kept_files(self.desired, self.observed);
        files::compare_with_version(&self.desired.files, &kept, base, applied)
    }

    /// Compares the files on the disk with a version. What `keep` names is left out: any record may
    /// have it.
    pub(super) fn found_files(self, record: &Record) -> Vec<FileChange> {
        let none = BTreeMap::new();
        let applied = self.binding.record.as_ref().map_or(&none, |record| &record.files);
        files::compare_with_version(&self.desired.files, &[], &record.files, applied)
    }

    /// Returns what the record will be.
    pub(super) fn target(self, date: &OpenDate<'_>) -> Target {
        let there = find_contents(self.observed).1;
        let applied = self.binding.record.as_ref().map(|record| &record.files);
        // An archive of the same content keeps its published bytes: a rebuilt one may differ in
        // bytes alone.
        let kept = |file: &LocalFile| {
            let remote = there.iter().find(|remote| remote.key == file.key)?;
            files::find_unchanged(file, remote, applied.and_then(|files| files.get(&file.key)))
        };
        let mut files = target::build_target_files(&self.desired.files, kept);
        files.extend(keep::list_kept_files(self.desired, self.observed));
        files.sort_by(|one, other| one.key.cmp(&other.key));
        let mut metadata = target::build_target_metadata(self.desired, date);
        // The draft of a reservation gets no link that leads nowhere.
        if self.policy.aim == Aim::Reserve {
            target::drop_unknown_links(&mut metadata);
        }
        Target { metadata, files }
    }

    /// Returns the texts that the server rewrote.
    pub(super) fn rewrites(self) -> BTreeMap<Field, Rewrite> {
        self.binding.record.as_ref().map(|record| record.rewrites.clone()).unwrap_or_default()
    }

    /// Returns the open draft, if it is of this kind.
    pub(super) fn open_draft(self, kind: DraftKind) -> Option<&'a Draft> {
        self.observed.draft.as_ref().filter(|draft| draft.kind == kind)
    }

    /// Returns whether the record is published at the end.
    pub(super) fn publishes(self) -> bool {
        self.desired.publish && !self.policy.allowed.no_publish
    }

    /// Returns the version label, as far as it is known.
    pub(super) fn label(self) -> Option<&'a str> {
        match &self.desired.version {
            DesiredVersion::Label(label) | DesiredVersion::Tag(label) => Some(label),
            DesiredVersion::None | DesiredVersion::KnownAtTag => None,
        }
    }
}
