//! What is done to a request: handed in, accepted, declined, taken back.

use super::communities::join;
use super::refusal::Refusal;
use super::requests::{RequestAction, allowed, read, set};
use super::types::{RequestKind, RequestStatus, UserId};
use super::{Moment, State, review};

/// Does it.
///
/// # Errors
/// 403 where the user may not (or no more), 400 where accepting cannot publish.
pub(crate) fn act(
    state: &mut State,
    user: Option<UserId>,
    id: &str,
    action: RequestAction,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let request = read(state, user, id)?.clone();
    if !allowed(state, user, &request).iter().any(|(_, known)| *known == action) {
        return Err(Refusal::denied());
    }
    match action {
        RequestAction::Submit => {
            let skip = review::SkipReview::No;
            review::submit(state, request.creator, request.topic, skip, moment)?;
            return Ok(());
        }
        RequestAction::Decline => return set(state, id, RequestStatus::Declined, moment),
        RequestAction::Cancel => return set(state, id, RequestStatus::Cancelled, moment),
        RequestAction::Accept => {}
    }
    match request.kind {
        RequestKind::CommunitySubmission => review::accept(state, id, moment)?,
        RequestKind::CommunityInclusion => {
            join(state, request.topic, request.community.as_deref())?;
        }
        RequestKind::RecordDeletion => {}
    }
    set(state, id, RequestStatus::Accepted, moment)
}
