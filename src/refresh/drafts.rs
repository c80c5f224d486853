//! Open drafts: found, read whole, and of the right concept.

use crate::api::{ApiError, ReadApi, Sought};
use crate::model::{ConceptId, FileKey, OpenDraft, RecordId};
use crate::observed::{Draft, DraftReview, RecordFacts, ReviewStatus};

use super::metadata::{merge_readings, merge_unread};

/// Finds the open draft of a new version: the named one, otherwise one of the listing.
pub(super) async fn find_newer_draft(
    api: &ReadApi,
    facts: &RecordFacts,
    named: Option<OpenDraft>,
) -> Result<Option<Draft>, ApiError> {
    if let Some(OpenDraft::Version(id)) = named
        && let Some(draft) = read_draft_of(api, id, facts.concept).await?
    {
        return Ok(Some(draft));
    }
    // Last, since it reads an index that is seconds late (zenodo-facts.md, 2026-11-23).
    let listed = api.own(&Sought::Concept(facts.concept)).await?;
    let Some(found) = listed.into_iter().find(|entry| !entry.is_published) else { return Ok(None) };
    read_draft_of(api, found.id, facts.concept).await
}

/// Reads a draft; `None` when it is gone, published, another user's, or of another concept.
async fn read_draft_of(
    api: &ReadApi,
    id: RecordId,
    concept: ConceptId,
) -> Result<Option<Draft>, ApiError> {
    match api.draft(id).await {
        // A draft of another concept would be published as a version of this record.
        Ok(draft) => Ok(Some(draft).filter(|draft| draft.concept == concept)),
        Err(error) if error.is_not_found() || error.is_forbidden() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Checks that two answers about one record name the same concept: a wrong one leads to another
/// record.
pub(super) fn require_same_concept(
    id: RecordId,
    one: ConceptId,
    other: ConceptId,
) -> Result<(), ApiError> {
    if one == other {
        return Ok(());
    }
    Err(ApiError::other_concept(format!("reading record {id}"), one, other))
}

/// Adds what only the records API has of a draft.
///
/// # Errors
/// [`ApiError`].
pub async fn complete_draft(api: &ReadApi, draft: Draft) -> Result<Draft, ApiError> {
    let full = api.full_draft(draft.id).await?;
    let facts = &full.facts;
    require_same_concept(draft.id, draft.concept, facts.concept)?;
    let files = api.draft_files(draft.id).await?.into_iter();
    // They block publishing, and the deposit API does not list them.
    let mut pending: Vec<FileKey> =
        files.filter(|file| !file.is_committed).map(|file| file.key).collect();
    pending.sort();
    let mut known = draft.metadata.clone();
    facts.without_free_awards(&mut known);
    Ok(Draft {
        has_free_awards: known != draft.metadata,
        metadata: merge_readings(&draft.metadata, &full),
        unread: merge_unread(&draft.unread, &full),
        pending,
        has_empty_doi: facts.has_empty_doi,
        has_external_doi: facts.has_external_doi,
        review: read_review(api, draft.id, facts.review).await?,
        unsupported: facts.unsupported.clone(),
        ..draft
    })
}

/// Reads which community reviews a draft, and since when.
async fn read_review(
    api: &ReadApi,
    id: RecordId,
    status: Option<ReviewStatus>,
) -> Result<Option<DraftReview>, ApiError> {
    let Some(status) = status else { return Ok(None) };
    let (community, since) = match api.review(id).await? {
        Some((uuid, since)) => (api.community_slug(&uuid).await?, since),
        // The draft says that it has one: that counts.
        None => (None, None),
    };
    Ok(Some(DraftReview { status, community, since }))
}
