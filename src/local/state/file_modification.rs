//! Changing the files of a published version in place, for a time after its publication.
//!
//! No recording has any of this. Sources: `RDM_FILE_MODIFICATION_PERIOD` of zenodo-rdm's
//! `invenio.cfg` (30 days to open, 45 days to publish; commits 6f71bb2 and eb9c4ae, read 2026-11-28),
//! and the check of invenio-rdm-records at publication, which counts from the creation of the record
//! and looks at the lock of the bucket alone (read 2026-11-30). Status and field of the refusals are
//! not recorded. The API shows nowhere that the files are open.

use jiff::SignedDuration;

use super::refusal::Refusal;
use super::types::{Draft, Recid, UserId};
use super::{Moment, State};

/// How long after its publication the files of a version can be opened.
const OPENED_WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long after its publication the changed files can be published.
const PUBLISHED_WITHIN: SignedDuration = SignedDuration::from_hours(45 * 24);

/// The server's message for an edit that is published later, word for word.
const TOO_LATE: &str =
    "File modification grace period has passed. Please discard this draft to make any changes.";

/// Refuses to open the files of a published version.
///
/// # Errors
/// 404 for an id without a record, 403 for others and after 30 days.
pub(crate) fn check_may_open(
    state: &State,
    user: Option<UserId>,
    id: Recid,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let record = state.public_record(user, id)?;
    let age = moment.now.duration_since(record.version.created);
    let may_open = state.owns(user, &record.version) && age <= OPENED_WITHIN;
    if may_open { Ok(()) } else { Err(Refusal::denied()) }
}

/// Refuses to publish an edit whose files were opened, once the period is over.
///
/// # Errors
/// 400, whether or not a file was changed.
pub(crate) fn check_period(
    state: &State,
    draft: &Draft,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let published = state.records.get(&draft.version.id).filter(|_| draft.is_unlocked);
    let is_late = published
        .is_some_and(|record| moment.now.duration_since(record.version.created) > PUBLISHED_WITHIN);
    if is_late { Err(Refusal::field("_schema", TOO_LATE)) } else { Ok(()) }
}
