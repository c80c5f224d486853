//! Reads from the server all that a plan needs, with a client that can only read.
//!
//! With a lock, one request is enough while the record has the wanted metadata: the record by the
//! records API (is it the latest, is a newer draft open, its files, what can't the deposit API
//! express). Otherwise its deposition is read, which shows an open edit as well. This module makes
//! no decisions about the plan: the caller says what is enough.

mod communities;
mod drafts;
mod metadata;
mod published;
mod sharing;
mod types;
mod vocabularies;

pub use metadata::{merge_readings, merge_unread, to_deposit_metadata};
pub use published::observe_alone;
pub use sharing::read_requests;
pub use types::{IsEnough, RefreshError, RefreshRequest, read_edits_too};
pub use vocabularies::{look_up, look_up_grants, unknown_grants};

use crate::api::{ApiError, ReadApi, Sought};
use crate::model::{ConceptId, OpenDraft, RecordId};
use crate::observed::{Astray, Candidate, Deposition, Draft, Observed, RecordState};

pub use drafts::complete_draft;
use published::read_published;

/// Reads the state of the record on the server; `is_enough` says whether the deposition of a
/// published record is not needed.
///
/// # Errors
/// [`RefreshError`]; a record that is gone or another user's is an observation, not an error.
pub async fn refresh(
    api: &ReadApi,
    request: &RefreshRequest,
    is_enough: &IsEnough<'_>,
) -> Result<Observed, RefreshError> {
    match look(api, request, is_enough).await {
        // Another client published or discarded meanwhile what an earlier answer named: the second
        // look sees that.
        Err(RefreshError::Api(error)) if error.is_not_found() => {
            tracing::info!(target: "refresh", "not found any more: looking again");
            look(api, request, is_enough).await
        }
        looked => looked,
    }
}

async fn look(
    api: &ReadApi,
    request: &RefreshRequest,
    is_enough: &IsEnough<'_>,
) -> Result<Observed, RefreshError> {
    let mut observed = match (request.last, request.concept, request.draft) {
        (Some(last), concept, draft) => {
            tracing::info!(target: "refresh", "the record: version {last}");
            bound(api, Bound::Last(last), (concept, draft), is_enough).await?
        }
        (None, Some(concept), draft) => {
            tracing::info!(target: "refresh", "the record: concept {concept}");
            bound(api, Bound::Concept(concept), (Some(concept), draft), is_enough).await?
        }
        (None, None, Some(OpenDraft::Version(draft) | OpenDraft::Edit(draft))) => {
            tracing::info!(target: "refresh", "the draft {draft}");
            drafted(api, draft, request, is_enough).await?
        }
        (None, None, None) => {
            tracing::info!(target: "refresh", "records of the same title");
            unbound(api, request).await?
        }
    };
    if !request.labelled.is_empty() {
        tracing::info!(target: "refresh", "versions with the same label");
    }
    observed.astray.extend(astray(api, request, &observed).await?);
    if !request.communities.is_empty() {
        tracing::info!(target: "refresh", "communities");
    }
    communities::read_statuses(api, request, &mut observed).await?;
    if !request.grants.is_empty() {
        tracing::info!(target: "refresh", "grants");
    }
    observed.lookups = Box::pin(look_up(api, &request.vocabulary_ids, &observed)).await?;
    observed.grants = look_up_grants(api, &request.grants, &mut observed.lookups).await?;
    observed.sharing = Box::pin(sharing::read_sharing(api, request, &observed)).await?;
    Ok(observed)
}

/// Finds the versions that the lock has with the wanted label, and that belong to another record.
/// There are some only when an earlier version has the label.
async fn astray(
    api: &ReadApi,
    request: &RefreshRequest,
    observed: &Observed,
) -> Result<Vec<Astray>, ApiError> {
    let mut astray = Vec::new();
    let RecordState::Published(record) = &observed.record else { return Ok(astray) };
    let is_open = |id: &&RecordId| {
        **id != record.id && !observed.astray.iter().any(|known| known.version == **id)
    };
    for version in request.labelled.iter().filter(is_open) {
        match api.record(*version).await.map(|full| full.facts.concept) {
            Ok(concept) if concept != record.concept => {
                astray.push(Astray { version: *version, concept });
            }
            // Its label stays taken, also when it was removed or is hidden.
            Ok(_) => {}
            Err(error) if error.is_not_found() || error.is_forbidden() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(astray)
}

/// What a binding names.
#[derive(Clone, Copy)]
enum Bound {
    Last(RecordId),
    Concept(ConceptId),
}

async fn bound(
    api: &ReadApi,
    named: Bound,
    (concept, draft): (Option<ConceptId>, Option<OpenDraft>),
    is_enough: &IsEnough<'_>,
) -> Result<Observed, RefreshError> {
    let full = match named {
        Bound::Last(last) => api.record(last).await,
        Bound::Concept(concept) => api.latest_of(concept).await,
    };
    let full = match full {
        Ok(full) if full.facts.is_latest => full,
        // Another client published since: a plan against an old version would undo its changes.
        Ok(full) => api.latest(full.facts.id, full.facts.concept).await?,
        Err(error) => return missing(api, error, named, (concept, draft)).await,
    };
    let found = full.facts.concept;
    if let Bound::Concept(named) = named
        && named != found
    {
        return Err(RefreshError::NotAConcept { named, concept: found });
    }
    // The manifest names another concept than the version that was last applied: the manifest
    // decides, and the version is reported.
    if let Some(concept) = concept.filter(|concept| *concept != found) {
        let other = bound(api, Bound::Concept(concept), (None, draft), is_enough);
        let mut observed = Box::pin(other).await?;
        if let Bound::Last(version) = named {
            observed.astray.push(Astray { version, concept: found });
        }
        return Ok(observed);
    }
    match read_published(api, &full, draft, is_enough).await {
        Ok(observed) => Ok(observed),
        Err(error) => refused(api, error).await,
    }
}

/// Finds out why the record does not answer: a draft that was never published, a record that is
/// gone, or bad credentials.
async fn missing(
    api: &ReadApi,
    error: ApiError,
    bound: Bound,
    (concept, draft): (Option<ConceptId>, Option<OpenDraft>),
) -> Result<Observed, RefreshError> {
    let Some((status, message)) = error.not_found() else { return refused(api, error).await };
    if let Bound::Last(last) = bound
        && status != 410
    {
        return missing_version(api, last, concept, &message).await;
    }
    let gone = Observed { record: RecordState::Gone { status, message }, ..Observed::default() };
    // Removed for good: its deposition still answers 200, and must not be taken for the record.
    if status == 410 {
        return Ok(gone);
    }
    let named = match draft {
        Some(OpenDraft::Version(id)) => Some(id),
        // An edit is of a published record, and that does not answer.
        Some(OpenDraft::Edit(_)) | None => None,
    };
    let id = match (named, concept) {
        (Some(id), _) => Some(id),
        (None, Some(concept)) => match api.own(&Sought::Concept(concept)).await {
            Ok(listed) => listed.first().map(|entry| entry.id),
            Err(error) => return refused(api, error).await,
        },
        (None, None) => None,
    };
    let Some(id) = id else { return Ok(gone) };
    match api.deposition(id).await {
        // A journal or a flag may name a draft of another concept than the bound one.
        Ok(deposition) if concept.is_some_and(|concept| concept != deposition.concept()) => {
            Ok(gone)
        }
        Ok(Deposition::Open(draft)) => unpublished(api, *draft).await,
        // Published, and hidden from the public for now.
        Ok(Deposition::Published(record)) => {
            Ok(Observed { record: RecordState::Published(record), ..Observed::default() })
        }
        Err(error) if error.is_not_found() => Ok(gone),
        Err(error) => refused(api, error).await,
    }
}

/// Finds out why the version that was applied last does not answer, though it was not removed.
async fn missing_version(
    api: &ReadApi,
    last: RecordId,
    concept: Option<ConceptId>,
    message: &str,
) -> Result<Observed, RefreshError> {
    let gone = || {
        let message = format!("record {last}: {message}");
        Observed { record: RecordState::Gone { status: 404, message }, ..Observed::default() }
    };
    match api.deposition(last).await {
        Ok(deposition) if concept.is_some_and(|concept| concept != deposition.concept()) => {
            return Ok(gone());
        }
        Ok(Deposition::Published(record)) => {
            return Ok(Observed { record: RecordState::Published(record), ..Observed::default() });
        }
        // The server shows an earlier state than the publication: a plan from it would publish
        // once more.
        Ok(Deposition::Open(_)) => return Err(RefreshError::Late(last)),
        Err(error) if error.is_not_found() => {}
        Err(error) => return refused(api, error).await,
    }
    let Some(concept) = concept else { return Ok(gone()) };
    match api.own(&Sought::Concept(concept)).await {
        Ok(listed) if listed.is_empty() => Ok(gone()),
        // The concept has a record or a draft, so that the version is late and not gone.
        Ok(_) => Err(RefreshError::Late(last)),
        Err(error) => refused(api, error).await,
    }
}

async fn unpublished(api: &ReadApi, draft: Draft) -> Result<Observed, RefreshError> {
    let draft = Some(complete_draft(api, draft).await?);
    Ok(Observed { record: RecordState::Unpublished, draft, ..Observed::default() })
}

/// Reads the draft that is named while nothing is bound; it may have been published.
async fn drafted(
    api: &ReadApi,
    id: RecordId,
    request: &RefreshRequest,
    is_enough: &IsEnough<'_>,
) -> Result<Observed, RefreshError> {
    match api.deposition(id).await {
        Ok(Deposition::Open(draft)) => unpublished(api, *draft).await,
        Ok(Deposition::Published(record)) => {
            let last = Bound::Last(record.id);
            bound(api, last, (None, None), is_enough).await
        }
        // The draft was deleted: the record may exist under its title.
        Err(error) if error.is_not_found() => unbound(api, request).await,
        Err(error) => refused(api, error).await,
    }
}

/// Finds records of the token's owner with the manifest's title or description, to which nothing is
/// bound yet.
async fn unbound(api: &ReadApi, request: &RefreshRequest) -> Result<Observed, RefreshError> {
    let RefreshRequest { title, description, create_id, .. } = request;
    let create_id = create_id.as_deref();
    let sought = Sought::Texts { title, description, create_id };
    let listed = match api.own(&sought).await {
        Ok(listed) => listed,
        Err(error) => {
            // Every InvenioRDM server has this list: the address may be that of another program.
            if error.is_not_found() {
                api.backend().await?;
            }
            return Err(credentials(error));
        }
    };
    // The query has only the beginning of each text, and so also finds others.
    let is_alike = |entry: &Candidate| {
        has_title(entry, &request.title)
            || has_description(entry, &request.description)
            || create_id.is_some_and(|id| entry.is_made_by(id))
    };
    let mut possible_duplicates: Vec<Candidate> = listed.into_iter().filter(is_alike).collect();
    for id in &request.named {
        if possible_duplicates.iter().all(|known| known.id != *id) {
            possible_duplicates.extend(read_candidate(api, *id).await?);
        }
    }
    Ok(Observed { possible_duplicates, ..Observed::default() })
}

/// Reads a record or draft that the project's files name; `None` when it is not the owner's.
async fn read_candidate(api: &ReadApi, id: RecordId) -> Result<Option<Candidate>, RefreshError> {
    match api.deposition(id).await {
        Ok(deposition) => Ok(Some(Candidate::of(&deposition))),
        Err(error) if error.is_not_found() || error.is_forbidden() => Ok(None),
        Err(error) => Err(RefreshError::Api(error)),
    }
}

/// Compares titles, without the mark of a create call, ` [zrel 0a1b2c3d]`.
fn has_title(entry: &Candidate, title: &str) -> bool {
    let bare = match entry.title.rsplit_once(" [zrel ") {
        Some((bare, mark)) if mark.len() == 9 && mark.ends_with(']') => bare,
        _ => &entry.title,
    };
    bare.trim() == title.trim()
}

/// Compares descriptions, to find a draft or a record that was renamed after its creation.
fn has_description(entry: &Candidate, description: &str) -> bool {
    let text = description.trim();
    // All records without a description would be alike.
    !text.is_empty() && entry.description.trim() == text
}

/// Finds out whether a 403 means bad credentials or another user's record.
async fn refused(api: &ReadApi, error: ApiError) -> Result<Observed, RefreshError> {
    let Some(message) = error.forbidden() else { return Err(RefreshError::Api(error)) };
    // Zenodo answers 403 in both cases (zenodo-facts.md, Access); a call for the user's own records
    // fails only with bad credentials.
    match api.check_credentials().await {
        Ok(_) => Ok(Observed { record: RecordState::NotOurs { message }, ..Observed::default() }),
        Err(error) => Err(credentials(error)),
    }
}

fn credentials(error: ApiError) -> RefreshError {
    match error.forbidden() {
        Some(message) => RefreshError::Credentials { message },
        None => RefreshError::Api(error),
    }
}
