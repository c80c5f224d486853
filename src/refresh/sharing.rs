//! Reads who has access to the record beside its owner, where a plan needs it.

use crate::api::{ApiError, ReadApi};
use crate::model::{AccessRequests, RecordId, Sharing};
use crate::observed::{
    LinkSecret, Observed, ObservedLink, ObservedSharing, RecordState, SharingState,
};

use super::RefreshRequest;

/// Reads who has access; nothing for a record that is only now created.
pub(super) async fn read_sharing(
    api: &ReadApi,
    request: &RefreshRequest,
    observed: &Observed,
) -> Result<SharingState, ApiError> {
    let Some(wanted) = &request.sharing else { return Ok(SharingState::Unread) };
    let place = find_place(observed);
    tracing::info!(target: "refresh", "who has access");
    match read(api, place, wanted).await {
        Ok(read) => Ok(SharingState::Read(Box::new(read))),
        Err(error) => match error.forbidden() {
            Some(message) => Ok(SharingState::Refused { message }),
            None => Err(error),
        },
    }
}

/// Returns the record, or the draft that was never published, whose access is read.
fn find_place(observed: &Observed) -> Option<(RecordId, bool)> {
    match &observed.record {
        RecordState::Published(record) => Some((record.id, false)),
        RecordState::Unpublished => Some((observed.draft.as_ref()?.id, true)),
        RecordState::Unbound
        | RecordState::Gone { .. }
        | RecordState::NotPublic { .. }
        | RecordState::NotOurs { .. } => None,
    }
}

async fn read(
    api: &ReadApi,
    place: Option<(RecordId, bool)>,
    wanted: &Sharing,
) -> Result<ObservedSharing, ApiError> {
    let mut read = match place {
        Some((id, is_draft)) => ObservedSharing {
            grants: api.grants(id).await?,
            links: read_links(api, id).await?,
            requests: read_requests(api, (id, is_draft), wanted).await?,
            unknown: Vec::new(),
        },
        None => ObservedSharing::default(),
    };
    for grantee in wanted.grants.keys() {
        let has_one = read.grants.iter().any(|(known, _)| known == grantee);
        if !has_one && !api.knows_grantee(grantee).await? {
            read.unknown.push(grantee.clone());
        }
    }
    Ok(read)
}

/// Reads the secret links, without their secrets.
async fn read_links(api: &ReadApi, id: RecordId) -> Result<Vec<ObservedLink>, ApiError> {
    let links = api.secret_links(id).await?;
    Ok(links.into_iter().map(|LinkSecret { link, .. }| link).collect())
}

async fn read_requests(
    api: &ReadApi,
    (id, is_draft): (RecordId, bool),
    wanted: &Sharing,
) -> Result<AccessRequests, ApiError> {
    if wanted.requests == AccessRequests::default() {
        return Ok(AccessRequests::default());
    }
    api.access_requests(id, is_draft).await
}
