//! Reads a server anonymously: a plan for a pull request has no token, and is public itself.

use std::collections::BTreeMap;

use super::EngineError;
use super::project::PlanInputs;
use super::session::{Session, parse_host};
use crate::api::{ApiError, ReadApi};
use crate::model::{
    AccessRequests, BoundRecord, Community, ConceptId, ConceptSource, FileSource, LocalFile,
    Metadata, RecordId, RemoteFile, Server,
};
use crate::observed::{
    CommunityState, CommunityStatus, FullRecord, Observed, Record, RecordState, SharingState, View,
};
use crate::refresh::{
    RefreshError, RefreshRequest, look_up, look_up_grants, read_requests, to_deposit_metadata,
};

/// Refuses a server that is neither built in nor allowed: a pull request may name any.
///
/// # Errors
/// An [`EngineError`]; nothing was sent.
pub fn check_allowed(server: &Server, hosts: &[String]) -> Result<(), EngineError> {
    // A manifest may give a built-in name to another address.
    let is_built_in = Server::built_in(&server.name).is_some_and(|known| known.url == server.url);
    let host = parse_host(server);
    if is_built_in || host.as_ref().is_ok_and(|host| hosts.contains(host)) {
        return Ok(());
    }
    let host = host.unwrap_or_else(|_| server.url.clone());
    Err(EngineError::NotAllowed(host))
}

/// Reads the public part of the record that a manifest describes.
///
/// # Errors
/// An [`EngineError`] when the server can't be asked; a record that is not public is no failure.
pub async fn observe_public(
    session: &Session,
    inputs: &PlanInputs,
) -> Result<Observed, EngineError> {
    let api = session.read();
    let unbound = Observed { view: View::Public, ..Observed::default() };
    let record = inputs.binding.record.as_ref();
    // Its draft is there, and nothing of it is public.
    let is_unpublished = record.is_some_and(|it| it.last.is_none() && it.reserved.is_some());
    let observed = match inputs.binding.concept {
        Some((_, ConceptSource::Lock)) if is_unpublished => unbound,
        Some((concept, _)) => observe_bound_record(&api, inputs, concept).await?,
        None => unbound,
    };
    let unknown =
        find_unknown_communities(&api, inputs, &observed).await.map_err(EngineError::Api)?;
    let wanted = inputs.desired.metadata.list_deposit_grants();
    let ids = inputs.desired.metadata.list_vocabulary_ids();
    let mut lookups = look_up(&api, &ids, &observed).await.map_err(EngineError::Api)?;
    let grants = look_up_grants(&api, &wanted, &mut lookups).await.map_err(EngineError::Api)?;
    let requests = match observed.shared_place() {
        Some(place) => read_requests(&api, place, &inputs.desired.sharing).await,
        None => Ok(AccessRequests::default()),
    };
    let sharing = SharingState::Unread(requests.map_err(EngineError::Api)?);
    Ok(Observed { unknown_communities: unknown, grants, lookups, sharing, ..observed })
}

/// Reads the public part of a bound record, without comparing it with the manifest; none if nothing
/// is public.
///
/// # Errors
/// An [`EngineError`] when the server can't be asked.
pub async fn read_public_record(
    session: &Session,
    request: &RefreshRequest,
    server: &Server,
) -> Result<Option<Observed>, EngineError> {
    let Some(concept) = request.concept else { return Ok(None) };
    let Ok((full, metadata)) = read_latest_public(&session.read(), concept).await? else {
        return Ok(None);
    };
    let joined =
        full.facts.communities.iter().map(|slug| (slug.clone(), CommunityStatus::Joined.into()));
    let communities = joined.collect();
    let files = full.files.clone().unwrap_or_default();
    let record =
        RecordState::Published(Box::new(make_public_record(full, metadata, files, server)));
    Ok(Some(Observed { view: View::Public, record, communities, ..Observed::default() }))
}

/// Reads the latest version of a record, or why it can't be seen.
async fn read_latest_public(
    api: &ReadApi,
    concept: ConceptId,
) -> Result<Result<(FullRecord, Metadata), RecordState>, EngineError> {
    let full = match api.latest_of(concept).await {
        Ok(full) => full,
        Err(error) if is_hidden(&error) => return Ok(Err(describe_hidden(&error))),
        Err(error) => return Err(EngineError::Api(error)),
    };
    // The number of a version leads here too, and a concept must not be guessed from it.
    if full.facts.concept != concept {
        let error = RefreshError::NotAConcept { named: concept, concept: full.facts.concept };
        return Err(EngineError::Refresh(error));
    }
    let metadata = to_deposit_metadata(api, &full).await.map_err(EngineError::Api)?;
    Ok(Ok((full, metadata)))
}

async fn observe_bound_record(
    api: &ReadApi,
    inputs: &PlanInputs,
    concept: ConceptId,
) -> Result<Observed, EngineError> {
    let with = |record| Observed { view: View::Public, record, ..Observed::default() };
    let (full, metadata) = match read_latest_public(api, concept).await? {
        Ok(read) => read,
        Err(why) => return Ok(with(why)),
    };
    let Some(files) = find_public_files(&full, inputs) else {
        let id = full.facts.id;
        let message = if inputs.desired.keep.is_empty() {
            format!(
                "the files of record {id} are restricted, and the lock does not say that they are \
                 those of the manifest"
            )
        } else {
            format!("the files of record {id} are restricted, and `keep` names some of them")
        };
        return Ok(with(RecordState::NotPublic { message }));
    };
    let communities = list_community_statuses(&full, inputs);
    let server = &inputs.desired.server;
    let record = make_public_record(full, metadata, files, server);
    Ok(Observed { communities, ..with(RecordState::Published(Box::new(record))) })
}

/// Returns the status of communities, as far as record and lock tell. Requests are not public, so
/// the answer to one is unknown.
fn list_community_statuses(
    full: &FullRecord,
    inputs: &PlanInputs,
) -> BTreeMap<Community, CommunityState> {
    let asked = inputs.binding.record.iter().flat_map(|record| record.asked.keys());
    let asked = asked.map(|slug| (slug.clone(), CommunityStatus::Pending.into()));
    let joined =
        full.facts.communities.iter().map(|slug| (slug.clone(), CommunityStatus::Joined.into()));
    // In this order: a community that has joined is pending no more.
    asked.chain(joined).collect()
}

/// Makes a record like the one that its owner reads.
pub(super) fn make_public_record(
    full: FullRecord,
    metadata: Metadata,
    files: Vec<RemoteFile>,
    server: &Server,
) -> Record {
    let FullRecord { facts, doi, concept_doi, .. } = full;
    let id = facts.id;
    Record {
        id,
        concept: facts.concept,
        doi,
        concept_doi,
        has_external_doi: facts.has_external_doi,
        metadata,
        files,
        // The server shows the revision and a newer draft to the owner only.
        revision: None,
        index: facts.index,
        has_newer_draft: false,
        html: format!("{}/records/{id}", server.url),
        unsupported: facts.unsupported,
        fingerprint: Some(facts.fingerprint),
        unread: Vec::new(),
    }
}

/// Returns the record's files; for a restricted record, those of the manifest if the lock says that
/// exactly these were applied. None if neither is known.
fn find_public_files(full: &FullRecord, inputs: &PlanInputs) -> Option<Vec<RemoteFile>> {
    if full.files.is_some() {
        return full.files.clone();
    }
    let applied = inputs.binding.record.as_ref()?;
    // The kept files are known by the server only.
    if !inputs.desired.keep.is_empty() {
        return None;
    }
    match_locked_files(&inputs.desired.files, applied, full.facts.id)
}

fn match_locked_files(
    local: &[LocalFile],
    applied: &BoundRecord,
    version: RecordId,
) -> Option<Vec<RemoteFile>> {
    let is_whole = applied.last == Some(version) && applied.files.len() == local.len();
    let files = local.iter().filter(|_| is_whole).map(|file| {
        let was = applied.files.get(&file.key)?;
        let is_same = match &file.source {
            // Another encoder packs the same content into other bytes, so the MD5 says nothing here.
            FileSource::Archive { content, .. } => was.content == Some(*content),
            FileSource::Path => was.md5 == file.md5,
        };
        let key = file.key.clone();
        is_same.then_some(RemoteFile { key, id: None, size: file.size, md5: Some(was.md5) })
    });
    let files: Vec<RemoteFile> = files.collect::<Option<_>>()?;
    is_whole.then_some(files)
}

/// Finds the communities that the server does not know.
async fn find_unknown_communities(
    api: &ReadApi,
    inputs: &PlanInputs,
    observed: &Observed,
) -> Result<Vec<Community>, ApiError> {
    let mut unknown = Vec::new();
    for slug in inputs.desired.list_communities() {
        if observed.communities.contains_key(&slug) {
            continue;
        }
        match api.community(&slug).await {
            Ok(None) => unknown.push(slug),
            Ok(Some(_)) => {}
            // A restricted community exists, and answers that it may not be read.
            Err(error) if error.is_forbidden() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(unknown)
}

/// Returns whether a record may exist and be visible to its owner.
fn is_hidden(error: &ApiError) -> bool {
    error.is_forbidden() || error.is_not_found()
}

fn describe_hidden(error: &ApiError) -> RecordState {
    let why = match error.not_found() {
        Some((410, _)) => "it was removed",
        Some(_) => "it is not there, or was never published",
        None => "it is restricted",
    };
    RecordState::NotPublic { message: format!("{why}: {error}") }
}
