//! Review before publication: a community is chosen and asked, and its accept publishes.
//!
//! As in `tests/contract/communities-review-before-publish.json` (2026-11-23). Deliberately
//! absent: inclusion of published records, see `communities`.

use super::refusal::Refusal;
use super::types::{Recid, Request, RequestKind, RequestStatus, UserId};
use super::{Moment, State, publish, requests};

/// Returns the review that was chosen for a draft.
///
/// # Errors
/// 404 when none was chosen.
pub(crate) fn find_chosen_review(state: &State, draft: Recid) -> Result<&Request, Refusal> {
    let draft = state.drafts.get(&draft).ok_or_else(Refusal::no_such_id)?;
    let concept = state.concept_of(&draft.version)?;
    let request = concept.review.as_ref().and_then(|id| state.requests.get(id));
    request.ok_or_else(|| Refusal::new(404, "Review for draft not found"))
}

/// Chooses the community to review a draft, and returns the request's id.
///
/// # Errors
/// 400 for an unknown community, for a published record, or during a review.
pub(crate) fn choose(
    state: &mut State,
    user: UserId,
    id: Recid,
    community: &str,
    moment: &mut Moment<'_>,
) -> Result<String, Refusal> {
    // By its id alone; its slug is not found (`native-community-review`, 2026-11-28).
    let Some(community) =
        state.communities.get(&community.to_owned()).map(|found| found.id.clone())
    else {
        return Err(Refusal::not_found());
    };
    let concept_id = state.draft_mut(id)?.version.concept;
    // The draft of a new version is refused too, although it was never published itself.
    if state.is_published(id) || !state.concept_mut(concept_id)?.versions.is_empty() {
        let message = "You cannot create a review for an already published record.";
        return Err(Refusal::new(400, message));
    }
    if requests::find_open_review(state, concept_id).is_some() {
        return Err(Refusal::new(
            400,
            "You cannot update a review that is open. Please cancel the review first.",
        ));
    }
    // Another choice replaces one that was not submitted.
    drop_review(state, concept_id)?;
    let kind = RequestKind::CommunitySubmission;
    let request = requests::create(state, user, kind, id, Some(community), moment);
    state.concept_mut(concept_id)?.review = Some(request.clone());
    Ok(request)
}

/// Removes the choice of a reviewing community.
///
/// # Errors
/// 404 when none was chosen, 400 while the review is open.
pub(crate) fn remove_choice(state: &mut State, id: Recid) -> Result<(), Refusal> {
    let request = find_chosen_review(state, id)?;
    let (request, is_open) = (request.id.clone(), request.status.is_open());
    if is_open {
        let message = "You cannot delete a review that is open. Please cancel the review first.";
        return Err(Refusal::new(400, message));
    }
    let concept = state.draft_mut(id)?.version.concept;
    state.concept_mut(concept)?.review = None;
    state.requests.remove(&request);
    Ok(())
}

/// Separates a concept from its review: one that was only chosen goes with the draft, and a decided
/// one stays to be read.
///
/// # Errors
/// 500 for an unknown concept.
pub(crate) fn drop_review(state: &mut State, concept: Recid) -> Result<(), Refusal> {
    let review = requests::find_review(state, concept);
    if let Some(chosen) = review.filter(|review| !review.status.is_closed()) {
        let chosen = chosen.id.clone();
        state.requests.remove(&chosen);
    }
    state.concept_mut(concept)?.review = None;
    Ok(())
}

/// Removes a review that was cancelled from its draft, which can be submitted again then; a declined
/// one stays (invenio-rdm-records, `requests/community_submission.py`, 2026-11-30).
pub(crate) fn forget(state: &mut State, request: &Request) {
    if request.kind != RequestKind::CommunitySubmission {
        return;
    }
    let concept = state.drafts.get(&request.topic).map(|draft| draft.version.concept);
    if let Some(concept) = concept.and_then(|concept| state.concept_mut(concept).ok()) {
        concept.review = None;
    }
}

/// Chooses the review of a new version where the record's first community reviews each version
/// (invenio-rdm-records, services/components/review.py, 2026-11-30; not recorded).
///
/// # Errors
/// 404 for an unknown draft.
pub(crate) fn choose_for_version(
    state: &mut State,
    user: UserId,
    id: Recid,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let concept_id = state.draft_mut(id)?.version.concept;
    let first = state.concept_mut(concept_id)?.communities.first().cloned();
    let community = first.and_then(|id| state.communities.get(&id));
    let Some(community) = community.filter(|community| community.reviews_versions) else {
        return Ok(());
    };
    let (kind, community) = (RequestKind::CommunitySubmission, Some(community.id.clone()));
    let request = requests::create(state, user, kind, id, community, moment);
    state.concept_mut(concept_id)?.review = Some(request);
    Ok(())
}

/// Submits a draft for review, and publishes it at once if the review may be skipped.
///
/// # Errors
/// 404 without a choice, 400 when the review was submitted before.
pub(crate) fn submit(
    state: &mut State,
    user: UserId,
    id: Recid,
    skip: SkipReview,
    moment: &mut Moment<'_>,
) -> Result<String, Refusal> {
    let request = find_chosen_review(state, id)?;
    let (request_id, status) = (request.id.clone(), request.status);
    if status != RequestStatus::Created {
        return Err(Refusal::new(400, "The review is already submitted."));
    }
    let community = request.community.as_ref().and_then(|id| state.communities.get(id));
    // Only a curator may, and here the owner is the only one; others ask and wait.
    let may_skip = community
        .is_some_and(|found| found.owner == user && found.review == super::types::Review::Open);
    let title = requests::find_title(state, id);
    requests::set_status(state, &request_id, RequestStatus::Submitted, moment)?;
    if let Some(request) = state.requests.get_mut(&request_id) {
        request.title = title;
    }
    // A wish to skip that is not allowed is ignored: the request waits as usual.
    if skip == SkipReview::WhereAllowed && may_skip {
        accept(state, &request_id, moment)?;
        requests::set_status(state, &request_id, RequestStatus::Accepted, moment)?;
    }
    Ok(request_id)
}

/// Whether the client asked to skip the review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SkipReview {
    /// `{"require_review": false}`: a curator of an open community may.
    WhereAllowed,
    /// The default.
    No,
}

/// Publishes an accepted draft as its owner, and adds it to the community.
///
/// # Errors
/// 400 as [`publish::publish_reviewed`].
pub(crate) fn accept(
    state: &mut State,
    request_id: &str,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let request = state.requests.get(&request_id.to_owned()).ok_or_else(Refusal::no_such_id)?;
    let (topic, community) = (request.topic, request.community.clone());
    let draft = state.drafts.get(&topic).ok_or_else(Refusal::no_such_id)?;
    let (concept, owner) = (draft.version.concept, state.concept_of(&draft.version)?.owner);
    publish::publish_reviewed(state, owner, topic, moment)?;
    let communities = &mut state.concept_mut(concept)?.communities;
    // A later version of a record that is in the community.
    communities.extend(community.filter(|community| !communities.contains(community)));
    Ok(())
}
