//! Communities: creating, joining by request or directly, leaving; and the deletion of a record.
//!
//! Texts as recorded on 2026-11-23 (`tests/contract/communities-*.json`, `tombstone.json`).
//! Deliberately absent: members besides the owner.

use serde_json::json;

use super::refusal::Refusal;
use super::types::{Community, Recid, RequestKind, Review, Submission, UserId};
use super::{Moment, State, requests};

/// The result of asking one community.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A request was created: its id.
    Request(String),
    /// It was refused, with this message.
    Refused(&'static str),
}

/// Creates a community unless one with this slug exists.
pub(crate) fn create(state: &mut State, wanted: Community) {
    if state.community(&wanted.slug).is_none() {
        state.communities.insert(wanted.id.clone(), wanted);
    }
}

/// Asks a community to include a published record.
pub(crate) fn ask(
    state: &mut State,
    user: UserId,
    record: Recid,
    slug_or_id: &str,
    moment: &mut Moment<'_>,
) -> Asked {
    let Some(community) = state.community(slug_or_id).cloned() else {
        return Asked::Refused("Community not found.");
    };
    if is_in(state, record, &community.id) {
        return Asked::Refused("The record is already included in this community.");
    }
    // Only an open one: after a decline or a cancel the community can be asked again.
    if has_open_request(state, record, &community.id) {
        return Asked::Refused("There is already an open inclusion request for this community.");
    }
    if community.submission == Submission::Members && community.owner != user {
        return Asked::Refused(
            "Submission to this community is only allowed to community members.",
        );
    }
    let kind = RequestKind::CommunityInclusion;
    Asked::Request(requests::create(state, user, kind, record, Some(community.id), moment))
}

/// Asks the communities that the metadata named, after the publication. An open community of the
/// user includes the record at once, an unknown one is skipped, all others get a request.
pub(crate) fn include_after_publishing(
    state: &mut State,
    user: UserId,
    record: Recid,
    slugs: &[String],
    moment: &mut Moment<'_>,
) {
    for slug in slugs {
        // Publishing never fails because of a community, so an unknown one leads to nothing.
        let Some(community) = state.community(slug).cloned() else { continue };
        // Publishing an edit names the same communities again.
        if is_in(state, record, &community.id) || has_open_request(state, record, &community.id) {
            continue;
        }
        if community.owner == user && community.review == Review::Open {
            // A published record has a concept, so this cannot fail.
            let _ = join(state, record, Some(&community.id));
            continue;
        }
        // The real server also asks a community that only its members may submit to.
        let kind = RequestKind::CommunityInclusion;
        requests::create(state, user, kind, record, Some(community.id), moment);
    }
}

/// Adds all versions of a record to a community.
///
/// # Errors
/// 404 for an unknown record.
pub(crate) fn join(
    state: &mut State,
    record: Recid,
    community: Option<&str>,
) -> Result<(), Refusal> {
    let record = state.records.get(&record).ok_or_else(Refusal::no_such_id)?;
    let concept = record.version.concept;
    let concept = state.concept_mut(concept)?;
    if let Some(community) = community
        && !concept.communities.iter().any(|id| id == community)
    {
        concept.communities.push(community.to_owned());
    }
    Ok(())
}

/// Removes a record from a community; returns whether it was in it.
///
/// # Errors
/// 404 for an unknown record.
pub(crate) fn leave(state: &mut State, record: Recid, slug_or_id: &str) -> Result<bool, Refusal> {
    let Some(community) = state.community(slug_or_id).map(|found| found.id.clone()) else {
        return Ok(false);
    };
    let concept = state.records.get(&record).ok_or_else(Refusal::no_such_id)?.version.concept;
    let concept = state.concept_mut(concept)?;
    let before = concept.communities.len();
    concept.communities.retain(|id| *id != community);
    Ok(concept.communities.len() < before)
}

/// Deletes a record at its owner's request, as the server does within its grace period.
///
/// # Errors
/// 404 for an unknown record; the caller has checked the owner.
pub(crate) fn delete_record(
    state: &mut State,
    user: UserId,
    id: Recid,
    reason: &str,
    moment: &mut Moment<'_>,
) -> Result<String, Refusal> {
    let request = requests::create(state, user, RequestKind::RecordDeletion, id, None, moment);
    if let Some(row) = state.requests.get_mut(&request) {
        row.payload = Some(json!({"policy_id": "grace-period-v1", "reason": reason}));
    }
    let record = state.records.get_mut(&id).ok_or_else(Refusal::no_such_id)?;
    // The record stays as a tombstone: the public gets a 410, and its deposition still answers.
    record.deleted = true;
    Ok(request)
}

fn is_in(state: &State, record: Recid, community: &str) -> bool {
    state
        .records
        .get(&record)
        .and_then(|record| state.concepts.get(&record.version.concept))
        .is_some_and(|concept| concept.communities.iter().any(|id| id == community))
}

fn has_open_request(state: &State, record: Recid, community: &str) -> bool {
    state.requests.values().any(|request| {
        request.topic == record
            && request.kind == RequestKind::CommunityInclusion
            && request.status.is_open()
            && request.community.as_deref() == Some(community)
    })
}
