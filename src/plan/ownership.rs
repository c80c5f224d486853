//! Decides whose draft it is: ours is continued, any other is left alone.
//!
//! A draft or an edit is ours when the lock names it, when the journal holds the call that opened
//! it, when `--adopt-draft` names it, or when all that is in it is the latest version's or the
//! plan's.

use std::collections::BTreeMap;

use crate::compare;
use crate::model::{Binding, Field, FileKey, Metadata, RecordId, RemoteFile};
use crate::observed::{Draft, DraftKind, Record, Unread, UnsupportedValue, list_foreign_extras};

use super::{PlannedFile, Policy, Reason, Target};

/// Why a draft may be continued, or what is foreign in it.
pub(super) enum Owner {
    /// It is continued, for this reason.
    Ours(Reason),
    /// Another client's, or made by hand: what is in it, in words.
    Foreign(Vec<String>),
}

/// Decides whose draft it is.
pub(super) fn find_owner(
    draft: &Draft,
    latest: &Record,
    target: &Target,
    binding: &Binding,
    policy: &Policy,
) -> Owner {
    if policy.allowed.adopt_draft == Some(draft.id) {
        return Owner::Ours(Reason::Adopted);
    }
    if is_remembered(draft, latest.id, binding, policy) {
        let is_reserved = is_in_lock(draft, binding)
            && binding.record.as_ref().is_some_and(|record| record.reserved.is_some());
        return Owner::Ours(if is_reserved { Reason::Reserved } else { Reason::LeftOpen });
    }
    // Nothing remembers the draft, for example on another machine: only its content can show that
    // nobody's work is lost.
    let foreign = find_foreign_content(draft, latest, target);
    if foreign.is_empty() { Owner::Ours(Reason::NothingForeign) } else { Owner::Foreign(foreign) }
}

/// Returns what is in a draft that is neither the latest version's nor the target's, in words.
pub fn find_foreign_content(draft: &Draft, latest: &Record, target: &Target) -> Vec<String> {
    let mut foreign = find_foreign_files(&draft.files, &latest.files, &target.files);
    foreign.extend(find_foreign_uploads(&draft.pending, &target.files));
    foreign.extend(find_foreign_fields(draft, &latest.metadata, target));
    foreign.extend(find_foreign_extras(&draft.unsupported, &latest.unsupported));
    // An entry that can't be read may hold anything, so a new one is foreign.
    let is_new = |entry: &&Unread| !latest.unread.contains(entry);
    foreign.extend(draft.unread.iter().filter(is_new).map(ToString::to_string));
    foreign
}

/// Returns whether the lock or the journal names the draft.
fn is_remembered(draft: &Draft, latest: RecordId, binding: &Binding, policy: &Policy) -> bool {
    let named = draft.named();
    // When the answer of the opening call was lost, the journal knows only the version that it was
    // asked for.
    let in_journal = policy.unfinished.as_ref().is_some_and(|unfinished| {
        unfinished.draft == Some(named)
            || (unfinished.draft.is_none()
                && (was_asked_for(draft) && unfinished.opening == Some(latest)))
    });
    is_in_lock(draft, binding) || in_journal
}

fn is_in_lock(draft: &Draft, binding: &Binding) -> bool {
    binding.record.as_ref().and_then(|record| record.draft) == Some(draft.named())
}

/// Returns whether the draft is of a kind that a call with a lost answer may have opened.
fn was_asked_for(draft: &Draft) -> bool {
    matches!(draft.kind, DraftKind::Edit | DraftKind::NewVersion)
}

fn find_foreign_files(
    draft: &[RemoteFile],
    latest: &[RemoteFile],
    target: &[PlannedFile],
) -> Vec<String> {
    let of_latest: BTreeMap<_, _> = latest.iter().map(|f| (&f.key, f.md5)).collect();
    let of_target: BTreeMap<_, _> = target.iter().map(|f| (&f.key, f.md5)).collect();
    draft
        .iter()
        .filter(|file| {
            // Without a checksum the bytes may be anybody's.
            let known = file.md5.is_some()
                && (of_latest.get(&file.key) == Some(&file.md5)
                    || of_target.get(&file.key).copied() == file.md5);
            !known
        })
        .map(|file| format!("file `{}` ({} bytes)", file.key, file.size))
        .collect()
}

/// Returns files that never arrived whole and are not planned. A planned one may be of a run of
/// ours that was killed; any other may be what another client is sending right now.
fn find_foreign_uploads(pending: &[FileKey], target: &[PlannedFile]) -> Vec<String> {
    let others = pending.iter().filter(|key| target.iter().all(|file| file.key != **key));
    others.map(|key| format!("file `{key}`, which never came whole")).collect()
}

/// Returns what only the records API shows: a draft that looks as published to the deposit API can
/// still hold another client's unpublished work.
fn find_foreign_extras(draft: &[UnsupportedValue], latest: &[UnsupportedValue]) -> Vec<String> {
    // What is missing from the draft does not count: a PUT of ours may have removed it.
    let added = list_foreign_extras(draft, latest).into_iter();
    added.map(|extra| format!("{}: {}", extra.place, extra.what)).collect()
}

/// Returns the fields whose value in the draft is neither the latest version's nor the plan's.
fn find_foreign_fields(draft: &Draft, latest: &Metadata, target: &Target) -> Vec<String> {
    let differs = |other: &Metadata| -> Vec<Field> {
        let changes = compare::find_metadata_changes(
            other,
            &draft.metadata,
            &BTreeMap::new(),
            &BTreeMap::new(),
        );
        changes.into_iter().map(|change| change.field).collect()
    };
    let (from_target, from_latest) = (differs(&target.metadata), differs(latest));
    let is_edit = draft.kind == DraftKind::Edit;
    from_target
        .into_iter()
        .filter(|field| from_latest.contains(field))
        // The server itself gives a draft a publication date and drops its label.
        .filter(|field| *field != Field::PublicationDate || is_edit)
        .filter(|field| *field != Field::Version || draft.metadata.get(*field).is_some())
        .map(|field| match draft.metadata.get(field) {
            Some(value) => format!("{field}: {}", value.items().join("; ")),
            None => format!("{field}: removed"),
        })
        .collect()
}
