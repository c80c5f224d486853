//! Reads every open draft and edit of the bound record.

use crate::api::{ApiError, ReadApi, Sought};
use crate::engine::EngineError;
use crate::engine::project::Project;
use crate::engine::session::Session;
use crate::model::{ConceptId, OpenDraft, RecordId, Server};
use crate::observed::{Deposition, Draft, DraftKind, FullRecord, ReviewStatus};
use crate::refresh::{RefreshRequest, complete_draft};

use super::expired::find_expired;
use super::types::{Examination, Examined, LostDoi, LostDoiSign, Trouble};

/// Reads every open draft of the project's record, and the edit of its latest version.
///
/// What the server does not show is part of what is returned, so that the rest is still read.
///
/// # Errors
/// Those of lock and journal, which say which record is meant.
pub async fn examine_drafts(
    project: &Project,
    session: &Session,
) -> Result<Examination, EngineError> {
    let location = &project.record_location()?;
    let remembered = Remembered::read(project)?;
    let api = session.read();
    let mut examination = Examination::default();
    let (latest, concept) = find_latest(&api, location, &mut examination.unread).await;
    let mut ids: Vec<RecordId> = latest.into_iter().collect();
    ids.extend(location.draft.map(OpenDraft::id));
    if let Some(concept) = concept {
        match api.own(&Sought::Concept(concept)).await {
            Ok(listed) => {
                ids.extend(listed.iter().filter(|it| !it.is_published).map(|it| it.id));
            }
            Err(error) => examination.unread.push(error),
        }
    }
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        match examine_draft(&api, &project.server, id, &remembered).await {
            // A lock or a journal may name the draft of another record: that one is let alone.
            Ok(Some(Examined { draft, .. })) if concept.is_some_and(|it| it != draft.concept) => {}
            Ok(examined) => examination.drafts.extend(examined),
            // It was discarded or published, or is another user's.
            Err(error) if error.is_not_found() || error.is_forbidden() => {}
            Err(error) => examination.unread.push(error),
        }
    }
    Ok(examination)
}

/// What lock and journal say of drafts.
struct Remembered {
    /// The draft whose DOI was reserved.
    reserved: Option<RecordId>,
    /// The draft that an apply asked the server to publish, without recording that it did.
    unpublished: Option<RecordId>,
}

impl Remembered {
    fn read(project: &Project) -> Result<Self, EngineError> {
        let lock = project.lock()?;
        let record = lock.entry(&project.server).map(|entry| &entry.record);
        let reserved = record.filter(|record| record.reserved.is_some());
        let reserved = reserved.and_then(|record| record.draft).map(OpenDraft::id);
        let run = project.unfinished_run()?;
        let run = run.filter(|run| run.is_publish_sent && run.published.is_none());
        let unpublished = run.and_then(|run| run.unfinished.draft).map(OpenDraft::id);
        Ok(Self { reserved, unpublished })
    }

    /// Returns the DOI that a draft without one should have, if there is a sign of one.
    fn find_lost_doi(&self, server: &Server, id: RecordId) -> Option<LostDoi> {
        let doi = server.mint_doi(id.0);
        let sign = if self.unpublished == Some(id) {
            LostDoiSign::Unpublished
        } else if self.reserved != Some(id) {
            return None;
        } else if doi.is_some() {
            LostDoiSign::Announced
        } else {
            LostDoiSign::Reserved
        };
        // Nothing can be sent back where nothing is known, and nothing was reserved.
        let is_known = doi.is_some() || self.reserved == Some(id);
        is_known.then_some(LostDoi { doi, sign })
    }
}

/// Finds the latest version, whose edit may be open, and the concept.
async fn find_latest(
    api: &ReadApi,
    location: &RefreshRequest,
    unread: &mut Vec<ApiError>,
) -> (Option<RecordId>, Option<ConceptId>) {
    let found = match (location.last, location.concept) {
        (Some(last), _) => api.record(last).await,
        (None, Some(concept)) => api.latest_of(concept).await,
        (None, None) => return (None, None),
    };
    let found = match found {
        Ok(full) if !full.facts.is_latest => api.latest(full.facts.id, full.facts.concept).await,
        found => found,
    };
    match found {
        Ok(full) => (Some(full.facts.id), Some(full.facts.concept)),
        // Nothing is published yet, or the record is hidden: its draft may be there.
        Err(error) if error.is_not_found() || error.is_forbidden() => {
            (location.last, location.concept)
        }
        Err(error) => {
            unread.push(error);
            (location.last, location.concept)
        }
    }
}

/// Reads one draft; `None` when it is no open one.
async fn examine_draft(
    api: &ReadApi,
    server: &Server,
    id: RecordId,
    remembered: &Remembered,
) -> Result<Option<Examined>, ApiError> {
    let Deposition::Open(draft) = api.deposition(id).await? else { return Ok(None) };
    let draft = complete_draft(api, *draft).await?;
    let full = api.full_draft(id).await?;
    let mut troubles = Vec::new();
    if !draft.pending.is_empty() {
        troubles.push(Trouble::UncommittedFiles(draft.pending.clone()));
    }
    if draft.has_empty_doi {
        troubles.push(Trouble::EmptyDoi);
    } else if full.doi.is_none() && draft.kind != DraftKind::Edit {
        troubles.extend(remembered.find_lost_doi(server, id).map(Trouble::LostDoi));
    }
    if is_poisoned(api, server, &draft, &full).await? {
        troubles.push(Trouble::PoisonedDoi);
    }
    let expired = find_expired(api, &draft).await?;
    if !expired.is_empty() {
        troubles.push(Trouble::ExpiredFiles(expired));
    }
    match draft.review.as_ref().map(|review| review.status) {
        Some(ReviewStatus::Open) => troubles.push(Trouble::UnderReview),
        Some(ReviewStatus::Declined) => troubles.push(Trouble::Declined),
        Some(ReviewStatus::Chosen) | None => {}
    }
    Ok(Some(Examined { draft, troubles }))
}

/// Returns whether a draft has a DOI of the server's own as one that was made elsewhere.
async fn is_poisoned(
    api: &ReadApi,
    server: &Server,
    draft: &Draft,
    full: &FullRecord,
) -> Result<bool, ApiError> {
    if !full.facts.has_external_doi || draft.has_empty_doi {
        return Ok(false);
    }
    match draft.kind {
        // An edit can't make the record's own DOI another one.
        DraftKind::Edit => Ok(!api.record(draft.id).await?.facts.has_external_doi),
        DraftKind::NewRecord | DraftKind::NewVersion => {
            Ok(full.doi.as_ref().is_some_and(|doi| server.find_id(doi.as_str()).is_some()))
        }
    }
}
