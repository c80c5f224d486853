//! Reads from the server all that a plan needs, with a client that can only read.
//!
//! With a lock, two requests are enough: the record by the records API (is it the latest, is a
//! newer draft open, what can't the deposit API express) and its deposition. Their answers decide
//! whether more are needed. This module makes no decisions about the plan.

mod communities;
mod to_deposit_metadata;
mod types;

use std::collections::BTreeMap;

pub use to_deposit_metadata::to_deposit_metadata;
pub use types::{RefreshError, RefreshRequest};

use crate::api::{ApiError, ReadApi, Sought};
use crate::model::{ConceptId, FileKey, OpenDraft, RecordId};
use crate::observed::{
    Astray, Candidate, CommunityStatus, Deposition, Draft, GrantLookup, Observed, Record,
    RecordFacts, RecordState,
};

/// Reads the state of the record on the server.
///
/// # Errors
/// [`RefreshError`]; a record that is gone or another user's is an observation, not an error.
pub async fn refresh(api: &ReadApi, request: &RefreshRequest) -> Result<Observed, RefreshError> {
    match look(api, request).await {
        // Another client published or discarded meanwhile what an earlier answer named: the second
        // look sees that.
        Err(RefreshError::Api(error)) if error.is_not_found() => {
            tracing::info!(target: "refresh", "not found any more: looking again");
            look(api, request).await
        }
        looked => looked,
    }
}

async fn look(api: &ReadApi, request: &RefreshRequest) -> Result<Observed, RefreshError> {
    let mut observed = match (request.last, request.concept, request.draft) {
        (Some(last), concept, draft) => {
            tracing::info!(target: "refresh", "the record: version {last}");
            bound(api, Bound::Last(last), concept, draft).await?
        }
        (None, Some(concept), draft) => {
            tracing::info!(target: "refresh", "the record: concept {concept}");
            bound(api, Bound::Concept(concept), Some(concept), draft).await?
        }
        (None, None, Some(OpenDraft::Version(draft) | OpenDraft::Edit(draft))) => {
            tracing::info!(target: "refresh", "the draft {draft}");
            drafted(api, draft, request).await?
        }
        (None, None, None) => {
            tracing::info!(target: "refresh", "records of the same title");
            unbound(api, request).await?
        }
    };
    tracing::info!(target: "refresh", "versions with the same label");
    observed.astray.extend(astray(api, request, &observed).await?);
    tracing::info!(target: "refresh", "communities");
    communities::read_statuses(api, request, &mut observed).await?;
    tracing::info!(target: "refresh", "grants");
    observed.grants = unknown_grants(api, &request.grants).await?;
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
        match api.record(*version).await {
            Ok(RecordFacts { concept, .. }) if concept != record.concept => {
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

/// Looks up grants, and returns those that the server does not know.
///
/// # Errors
/// [`ApiError`] when a call fails.
pub async fn unknown_grants(
    api: &ReadApi,
    grants: &[String],
) -> Result<BTreeMap<String, GrantLookup>, ApiError> {
    let mut unknown = BTreeMap::new();
    for grant in grants {
        if let Some(GrantLookup::Unknown) = api.grant(grant).await? {
            unknown.insert(grant.clone(), GrantLookup::Unknown);
        }
    }
    Ok(unknown)
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
    concept: Option<ConceptId>,
    draft: Option<OpenDraft>,
) -> Result<Observed, RefreshError> {
    let facts = match named {
        Bound::Last(last) => api.record(last).await,
        Bound::Concept(concept) => api.latest_of(concept).await,
    };
    let facts = match facts {
        Ok(facts) if facts.is_latest => facts,
        // Another client published since: a plan against an old version would undo its changes.
        Ok(facts) => api.latest(facts.id, facts.concept).await?,
        Err(error) => return missing(api, error, named, (concept, draft)).await,
    };
    if let Bound::Concept(named) = named
        && named != facts.concept
    {
        return Err(RefreshError::NotAConcept { named, concept: facts.concept });
    }
    // The manifest names another concept than the version that was last applied: the manifest
    // decides, and the version is reported.
    if let Some(concept) = concept.filter(|concept| *concept != facts.concept) {
        let mut observed = Box::pin(bound(api, Bound::Concept(concept), None, draft)).await?;
        if let Bound::Last(version) = named {
            observed.astray.push(Astray { version, concept: facts.concept });
        }
        return Ok(observed);
    }
    published(api, &facts, draft).await
}

/// Reads the latest version's deposition, and the open draft or edit.
async fn published(
    api: &ReadApi,
    facts: &RecordFacts,
    named: Option<OpenDraft>,
) -> Result<Observed, RefreshError> {
    let deposition = match api.deposition(facts.id).await {
        Ok(deposition) => deposition,
        Err(error) => return refused(api, error).await,
    };
    same_concept(facts.id, facts.concept, deposition.concept())?;
    let (record, edit) = match deposition {
        Deposition::Published(record) => (*record, None),
        Deposition::Open(edit) => (edited(api, facts, &edit).await?, Some(*edit)),
    };
    let mut metadata = record.metadata.clone();
    // A PUT with them is refused, so that they can't be part of what is compared.
    facts.without_free_awards(&mut metadata);
    let record = Record {
        metadata,
        has_external_doi: facts.has_external_doi,
        index: facts.index,
        has_newer_draft: facts.has_newer_draft,
        unsupported: facts.unsupported.clone(),
        fingerprint: Some(facts.fingerprint),
        ..record
    };
    let open = match edit {
        Some(edit) => Some(edit),
        None if facts.has_newer_draft => newer_draft(api, facts, named).await?,
        None => None,
    };
    let draft = match open {
        Some(draft) => Some(whole(api, draft).await?),
        None => None,
    };
    let joined = facts.communities.iter().map(|slug| (slug.clone(), CommunityStatus::Joined));
    Ok(Observed {
        communities: joined.collect(),
        record: RecordState::Published(Box::new(record)),
        draft,
        ..Observed::default()
    })
}

/// Reads a record that is being edited. Its deposition shows the edit, so the published metadata
/// come from the records API.
async fn edited(api: &ReadApi, facts: &RecordFacts, edit: &Draft) -> Result<Record, ApiError> {
    let doi = edit.doi.clone().ok_or_else(|| {
        ApiError::unreadable(format!("reading deposition {}", facts.id), "it has no DOI")
    })?;
    let full = api.full_record(facts.id).await?;
    let metadata = to_deposit_metadata(api, &full).await?;
    Ok(Record {
        id: edit.id,
        concept: edit.concept,
        doi,
        concept_doi: edit.concept_doi.clone(),
        has_external_doi: facts.has_external_doi,
        metadata,
        files: edit.files.clone(),
        revision: edit.revision,
        index: facts.index,
        has_newer_draft: facts.has_newer_draft,
        html: edit.html.clone(),
        unsupported: facts.unsupported.clone(),
        fingerprint: Some(facts.fingerprint),
        unread: Vec::new(),
    })
}

/// Finds the open draft of a new version: the named one, otherwise one of the listing.
async fn newer_draft(
    api: &ReadApi,
    facts: &RecordFacts,
    named: Option<OpenDraft>,
) -> Result<Option<Draft>, ApiError> {
    if let Some(OpenDraft::Version(id)) = named
        && let Some(draft) = draft_of(api, id, facts.concept).await?
    {
        return Ok(Some(draft));
    }
    // Last, since it reads an index that is seconds late (zenodo-facts.md, 2026-11-23).
    let listed = api.own(&Sought::Concept(facts.concept)).await?;
    let Some(found) = listed.into_iter().find(|entry| !entry.is_published) else { return Ok(None) };
    draft_of(api, found.id, facts.concept).await
}

/// Reads a draft; `None` when it is gone, published, another user's, or of another concept.
async fn draft_of(
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

/// Checks that two answers about one record name the same concept: a wrong one leads to another
/// record.
fn same_concept(id: RecordId, one: ConceptId, other: ConceptId) -> Result<(), ApiError> {
    if one == other {
        return Ok(());
    }
    Err(ApiError::other_concept(format!("reading record {id}"), one, other))
}

/// Adds what only the records API has of a draft.
async fn whole(api: &ReadApi, draft: Draft) -> Result<Draft, ApiError> {
    let facts = api.draft_facts(draft.id).await?;
    same_concept(draft.id, draft.concept, facts.concept)?;
    let files = api.draft_files(draft.id).await?.into_iter();
    // They block publishing, and the deposit API does not list them.
    let mut pending: Vec<FileKey> =
        files.filter(|file| !file.is_committed).map(|file| file.key).collect();
    pending.sort();
    let mut metadata = draft.metadata.clone();
    facts.without_free_awards(&mut metadata);
    Ok(Draft {
        has_free_awards: metadata != draft.metadata,
        metadata,
        pending,
        has_empty_doi: facts.has_empty_doi,
        under_review: facts.under_review,
        unsupported: facts.unsupported,
        ..draft
    })
}

async fn unpublished(api: &ReadApi, draft: Draft) -> Result<Observed, RefreshError> {
    let draft = Some(whole(api, draft).await?);
    Ok(Observed { record: RecordState::Unpublished, draft, ..Observed::default() })
}

/// Reads the draft that is named while nothing is bound; it may have been published.
async fn drafted(
    api: &ReadApi,
    id: RecordId,
    request: &RefreshRequest,
) -> Result<Observed, RefreshError> {
    match api.deposition(id).await {
        Ok(Deposition::Open(draft)) => unpublished(api, *draft).await,
        Ok(Deposition::Published(record)) => {
            let last = Bound::Last(record.id);
            bound(api, last, None, None).await
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
        Err(error) => return Err(credentials(error)),
    };
    // The query has only the beginning of each text, and so also finds others.
    let is_alike = |entry: &Candidate| {
        has_title(entry, &request.title)
            || has_description(entry, &request.description)
            || create_id.is_some_and(|id| entry.is_made_by(id))
    };
    let possible_duplicates = listed.into_iter().filter(is_alike).collect();
    Ok(Observed { possible_duplicates, ..Observed::default() })
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
        Ok(()) => Ok(Observed { record: RecordState::NotOurs { message }, ..Observed::default() }),
        Err(error) => Err(credentials(error)),
    }
}

fn credentials(error: ApiError) -> RefreshError {
    match error.forbidden() {
        Some(message) => RefreshError::Credentials { message },
        None => RefreshError::Api(error),
    }
}
