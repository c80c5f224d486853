//! A DOI that is reserved before the release: what it fixes for the plan of the release.

use std::borrow::Cow;

use crate::desired::{Desired, DesiredVersion};
use crate::model::{Binding, Field, OpenDraft, RecordId, Reservation};
use crate::observed::{DraftKind, Observed, View};

use super::Blocker;

/// Returns what was reserved for the draft that is open; what the lock says of another draft is
/// void.
pub fn find_reservation<'a>(binding: &'a Binding, observed: &Observed) -> Option<&'a Reservation> {
    let record = binding.record.as_ref()?;
    // Nobody but its owner sees a draft: what the lock says holds as long as nothing is newer.
    if observed.view == View::Public {
        let Some(OpenDraft::Version(draft)) = record.draft else { return None };
        return record.reserved.as_ref().filter(|_| !is_over(draft, record.last, observed));
    }
    let draft = observed.draft.as_ref().filter(|draft| draft.kind != DraftKind::Edit)?;
    record.reserved.as_ref().filter(|_| record.draft == Some(OpenDraft::Version(draft.id)))
}

/// Finds the draft with a reserved DOI that is neither open nor published.
pub(super) fn find_lost_draft(binding: &Binding, observed: &Observed) -> Option<RecordId> {
    let record = binding.record.as_ref().filter(|record| record.reserved.is_some())?;
    let Some(OpenDraft::Version(id)) = record.draft else { return None };
    if observed.view == View::Public {
        return None;
    }
    let is_open = observed.draft.as_ref().is_some_and(|draft| draft.id == id);
    (!is_open && !is_over(id, record.last, observed)).then_some(id)
}

/// Returns whether a draft that the lock names was published, or a version after it: the server shows
/// another version than the lock, where ids do not tell.
fn is_over(draft: RecordId, last: Option<RecordId>, observed: &Observed) -> bool {
    observed.published().is_some_and(|published| {
        let is_after = published.id.0.is_after(draft.0);
        published.id == draft || is_after.unwrap_or_else(|| Some(published.id) != last)
    })
}

/// Returns whether the latest version is the draft whose DOI was reserved, under the label and the
/// date that were fixed: an apply elsewhere published it, and its lock did not get here.
pub fn is_reserved_release(binding: &Binding, observed: &Observed) -> bool {
    let Some(record) = &binding.record else { return false };
    let (Some(reserved), Some(published)) = (&record.reserved, observed.published()) else {
        return false;
    };
    let label = published.metadata.text(Field::Version);
    let date = published.metadata.text(Field::PublicationDate);
    record.draft == Some(OpenDraft::Version(published.id))
        && label == reserved.label.as_deref()
        && date == Some(reserved.date.as_str())
}

/// Gives a record whose label comes from a git tag the label that was reserved: the tag is made
/// after the release.
pub(super) fn resolve_label<'a>(
    desired: &'a Desired,
    reserved: Option<&Reservation>,
) -> Cow<'a, Desired> {
    let label = reserved.and_then(|reserved| reserved.label.clone());
    match (&desired.version, label) {
        (DesiredVersion::KnownAtTag, Some(label)) => {
            Cow::Owned(Desired { version: DesiredVersion::Tag(label), ..desired.clone() })
        }
        _ => Cow::Borrowed(desired),
    }
}

/// Returns the blocker of a DOI that was reserved for another label.
pub(super) fn find_other_label(
    draft: RecordId,
    reserved: Option<&Reservation>,
    wanted: Option<&str>,
) -> Option<Blocker> {
    let reserved = reserved.filter(|reserved| reserved.label.as_deref() != wanted)?;
    let (reserved, wanted) = (reserved.label.clone(), wanted.map(str::to_owned));
    Some(Blocker::ReservedForAnother { draft, reserved, wanted })
}
