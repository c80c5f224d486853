//! Actions on a request: submit, accept, decline, cancel.

use super::communities::join;
use super::refusal::Refusal;
use super::requests::{RequestAction, list_allowed_actions, read_request, set_status};
use super::types::{RequestKind, RequestStatus, UserId};
use super::{Moment, State, review};

/// Carries out an action on a request.
///
/// # Errors
/// 403 when the user may not act (or not any more), 400 when accepting cannot publish.
pub(crate) fn act(
    state: &mut State,
    user: Option<UserId>,
    id: &str,
    action: RequestAction,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let request = read_request(state, user, id)?.clone();
    if !list_allowed_actions(state, user, &request).iter().any(|(_, known)| *known == action) {
        return Err(Refusal::denied());
    }
    match action {
        RequestAction::Submit => {
            let skip = review::SkipReview::No;
            review::submit(state, request.creator, request.topic, skip, moment)?;
            return Ok(());
        }
        RequestAction::Decline => return set_status(state, id, RequestStatus::Declined, moment),
        RequestAction::Cancel => {
            review::forget(state, &request);
            return set_status(state, id, RequestStatus::Cancelled, moment);
        }
        RequestAction::Accept => {}
    }
    // The effect comes first: when it fails, the request must stay open.
    match request.kind {
        RequestKind::CommunitySubmission => review::accept(state, id, moment)?,
        RequestKind::CommunityInclusion => {
            join(state, request.topic, request.community.as_deref())?;
        }
        // The record was deleted, or its quota raised, when the request was made.
        RequestKind::RecordDeletion | RequestKind::QuotaIncrease => {}
    }
    set_status(state, id, RequestStatus::Accepted, moment)
}
