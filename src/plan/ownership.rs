//! Whose draft it is: continued when it is ours, left alone otherwise.
//!
//! A draft or an edit is ours when the lock names it, when the journal holds the call that opened
//! it, when `--adopt-draft` names it, or when there is nothing in it that is not the latest
//! version's or the plan's.

use std::collections::BTreeMap;

use crate::compare;
use crate::model::{Binding, Field, FileKey, Metadata, RecordId, RemoteFile};
use crate::observed::{Draft, DraftKind, Record, Unread, UnsupportedValue};

use super::{PlannedFile, Policy, Reason, Target};

/// Why a draft may be continued, or what is foreign in it.
pub(super) enum Owner {
    /// It is continued, for this reason.
    Ours(Reason),
    /// It is somebody else's, or a person's own by hand: what is in it, in words.
    Foreign(Vec<String>),
}

/// Decides whose draft it is.
pub(super) fn owner(
    draft: &Draft,
    latest: &Record,
    target: &Target,
    binding: &Binding,
    policy: &Policy,
) -> Owner {
    if policy.adopt_draft == Some(draft.id) {
        return Owner::Ours(Reason::Adopted);
    }
    if is_remembered(draft, latest.id, binding, policy) {
        return Owner::Ours(Reason::LeftOpen);
    }
    let mut foreign = foreign_files(&draft.files, &latest.files, &target.files);
    foreign.extend(foreign_uploads(&draft.pending, &target.files));
    foreign.extend(foreign_fields(draft, &latest.metadata, target));
    foreign.extend(foreign_extras(&draft.unsupported, &latest.unsupported));
    let is_new = |entry: &&Unread| !latest.unread.contains(entry);
    foreign.extend(draft.unread.iter().filter(is_new).map(ToString::to_string));
    if foreign.is_empty() { Owner::Ours(Reason::NothingForeign) } else { Owner::Foreign(foreign) }
}

/// Tells whether lock or journal name the draft.
fn is_remembered(draft: &Draft, latest: RecordId, binding: &Binding, policy: &Policy) -> bool {
    let named = draft.named();
    let in_lock = binding.record.as_ref().and_then(|record| record.draft) == Some(named);
    let in_journal = policy.unfinished.as_ref().is_some_and(|unfinished| {
        unfinished.draft == Some(named)
            || (unfinished.draft.is_none()
                && (was_asked_for(draft) && unfinished.opening == Some(latest)))
    });
    in_lock || in_journal
}

/// Tells whether it is of a kind that a call opens whose answer may be lost.
fn was_asked_for(draft: &Draft) -> bool {
    matches!(draft.kind, DraftKind::Edit | DraftKind::NewVersion)
}

fn foreign_files(
    draft: &[RemoteFile],
    latest: &[RemoteFile],
    target: &[PlannedFile],
) -> Vec<String> {
    let of_latest: BTreeMap<_, _> = latest.iter().map(|f| (&f.key, f.md5)).collect();
    let of_target: BTreeMap<_, _> = target.iter().map(|f| (&f.key, f.md5)).collect();
    draft
        .iter()
        .filter(|file| {
            let known = file.md5.is_some()
                && (of_latest.get(&file.key) == Some(&file.md5)
                    || of_target.get(&file.key).copied() == file.md5);
            !known
        })
        .map(|file| format!("file `{}` ({} bytes)", file.key, file.size))
        .collect()
}

/// Files that never came whole. One that is planned may be of a run of ours that was killed; another
/// may be what somebody is sending right now.
fn foreign_uploads(pending: &[FileKey], target: &[PlannedFile]) -> Vec<String> {
    let others = pending.iter().filter(|key| target.iter().all(|file| file.key != **key));
    others.map(|key| format!("file `{key}`, which never came whole")).collect()
}

/// What only the records API shows: a draft that looks as published to the deposit API can hold
/// somebody's unpublished work all the same. What is gone from it, a PUT of ours may have taken.
fn foreign_extras(draft: &[UnsupportedValue], latest: &[UnsupportedValue]) -> Vec<String> {
    let added = draft.iter().filter(|extra| !latest.contains(extra));
    added.map(|extra| format!("{}: {}", extra.place, extra.what)).collect()
}

/// Fields whose value in the draft is neither the latest version's nor the plan's. A missing
/// version label passes, and so does any publication date of a draft: the server makes them so.
fn foreign_fields(draft: &Draft, latest: &Metadata, target: &Target) -> Vec<String> {
    let differs = |other: &Metadata| -> Vec<Field> {
        let changes =
            compare::metadata_changes(other, &draft.metadata, &BTreeMap::new(), &BTreeMap::new());
        changes.into_iter().map(|change| change.field).collect()
    };
    let (from_target, from_latest) = (differs(&target.metadata), differs(latest));
    let is_edit = draft.kind == DraftKind::Edit;
    from_target
        .into_iter()
        .filter(|field| from_latest.contains(field))
        .filter(|field| *field != Field::PublicationDate || is_edit)
        .filter(|field| *field != Field::Version || draft.metadata.get(*field).is_some())
        .map(|field| match draft.metadata.get(field) {
            Some(value) => format!("{field}: {}", value.items().join("; ")),
            None => format!("{field}: removed"),
        })
        .collect()
}
