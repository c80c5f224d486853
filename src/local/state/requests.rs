//! Requests: creating them, and looking them up for the users whom they concern.
//!
//! Deliberately absent: actions on requests, see `request_actions`; and comments and time lines,
//! which no client of a deposit reads.

use serde_json::Value;

use super::refusal::Refusal;
use super::types::{Recid, Request, RequestKind, RequestStatus, UserId};
use super::{Found, Moment, State};

/// What can be done to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestAction {
    /// The creator submits the draft for review.
    Submit,
    /// The community accepts it.
    Accept,
    /// The community declines it.
    Decline,
    /// The creator withdraws it.
    Cancel,
}

impl RequestAction {
    /// Reads the last part of `/api/requests/ID/actions/accept`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "submit" => Some(Self::Submit),
            "accept" => Some(Self::Accept),
            "decline" => Some(Self::Decline),
            "cancel" => Some(Self::Cancel),
            _ => None,
        }
    }
}

/// The revision of a request that was just created; submitting and accepting add one each.
const CREATED_REVISION: u64 = 2;

/// Creates a request and returns its id. A review waits for its submission, an inclusion is open at
/// once.
pub(crate) fn create(
    state: &mut State,
    creator: UserId,
    kind: RequestKind,
    topic: Recid,
    community: Option<String>,
    moment: &mut Moment<'_>,
) -> String {
    let id = moment.id();
    let (status, title, revision) = match kind {
        // The title is set at the submission, since the draft may still change until then.
        RequestKind::CommunitySubmission => {
            (RequestStatus::Created, String::new(), CREATED_REVISION)
        }
        RequestKind::CommunityInclusion => {
            (RequestStatus::Submitted, find_title(state, topic), CREATED_REVISION + 1)
        }
        // Accepted without a decision: the real server does so within its grace period.
        RequestKind::RecordDeletion => {
            let title = format!("Deletion request for \"{}\"", find_title(state, topic));
            (RequestStatus::Accepted, title, CREATED_REVISION + 2)
        }
        // A policy accepts it, within its bounds.
        RequestKind::QuotaIncrease => {
            let title = format!("Quota increase request for \"{}\"", find_title(state, topic));
            (RequestStatus::Accepted, title, CREATED_REVISION + 2)
        }
    };
    let (created, updated) = (moment.now, moment.now);
    let request = Request {
        id: id.clone(),
        kind,
        topic,
        community,
        creator,
        status,
        title,
        created,
        updated,
        revision,
        payload: None,
        comment: None,
    };
    state.requests.insert(id.clone(), request);
    id
}

/// Returns the title of a draft or record, or an empty string.
pub(crate) fn find_title(state: &State, id: Recid) -> String {
    let draft = state.drafts.get(&id).map(Found::Draft);
    draft
        .or_else(|| state.records.get(&id).map(Found::Record))
        .and_then(|found| found.version().metadata.get("title"))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Changes the status of a request.
///
/// # Errors
/// 404 for an unknown id.
pub(crate) fn set_status(
    state: &mut State,
    id: &str,
    status: RequestStatus,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let request = state.requests.get_mut(&id.to_owned()).ok_or_else(Refusal::no_such_id)?;
    request.status = status;
    request.revision += 1;
    request.updated = moment.now;
    Ok(())
}

/// Returns a request to its creator or to the community that it asks.
///
/// # Errors
/// 404 for an unknown id, 403 for everyone else.
pub(crate) fn read_request<'a>(
    state: &'a State,
    user: Option<UserId>,
    id: &str,
) -> Result<&'a Request, Refusal> {
    let request = state.requests.get(&id.to_owned()).ok_or_else(Refusal::no_such_id)?;
    let user = user.ok_or_else(Refusal::denied)?;
    if request.creator == user || is_curator(state, user, request) {
        Ok(request)
    } else {
        Err(Refusal::denied())
    }
}

/// Returns the actions that this user can take on the request now.
pub(crate) fn list_allowed_actions(
    state: &State,
    user: Option<UserId>,
    request: &Request,
) -> Vec<(&'static str, RequestAction)> {
    let Some(user) = user else { return Vec::new() };
    let mut actions = Vec::new();
    if request.creator == user && request.status == RequestStatus::Created {
        actions.push(("submit", RequestAction::Submit));
    }
    // A decided request can't be decided again: another one has to be made.
    if !request.status.is_open() {
        return actions;
    }
    if request.creator == user {
        actions.push(("cancel", RequestAction::Cancel));
    }
    if is_curator(state, user, request) {
        actions.push(("accept", RequestAction::Accept));
        actions.push(("decline", RequestAction::Decline));
    }
    actions
}

fn is_curator(state: &State, user: UserId, request: &Request) -> bool {
    let community = request.community.as_ref().and_then(|id| state.communities.get(id));
    community.is_some_and(|community| community.owner == user)
}

/// Returns the review that waits for the community's decision, if there is one.
pub(crate) fn find_open_review(state: &State, concept: Recid) -> Option<&Request> {
    // A review that was only chosen, or is decided, does not lock the draft.
    find_review(state, concept).filter(|request| request.status.is_open())
}

/// Returns the review that was chosen last for a draft of a concept.
pub(crate) fn find_review(state: &State, concept: Recid) -> Option<&Request> {
    state.requests.get(state.concepts.get(&concept)?.review.as_ref()?)
}
