//! Reads who has access to the record beside its owner, where a plan needs it.

use crate::api::{ApiError, ApiErrorKind, ReadApi};
use crate::model::{AccessRequests, Sharing};
use crate::observed::{
    LinkSecret, Observed, ObservedLink, ObservedSharing, SharedPlace, SharingState,
};

use super::RefreshRequest;

/// Reads who has access; nothing for a record that is only now created.
pub(super) async fn read_sharing(
    api: &ReadApi,
    request: &RefreshRequest,
    observed: &Observed,
) -> Result<SharingState, ApiError> {
    let Some(wanted) = &request.sharing else { return Ok(SharingState::default()) };
    let place = observed.shared_place();
    tracing::info!(target: "refresh", "who has access");
    match read(api, place, wanted).await {
        Ok(read) => Ok(SharingState::Read(Box::new(read))),
        Err(error) => match find_refusal(&error) {
            Some(message) => Ok(SharingState::Refused { message }),
            None => Err(error),
        },
    }
}

/// Returns why nobody with this token reads who has access; none for an error that says nothing of that.
/// A server may have no such calls.
fn find_refusal(error: &ApiError) -> Option<String> {
    if let ApiErrorKind::Refused { status: 405, message, .. } = error.kind() {
        return Some(message.clone());
    }
    // Such as a grant of a kind that only this server has.
    if let ApiErrorKind::Incomplete(what) = error.kind() {
        return Some(what.clone());
    }
    error.forbidden().or_else(|| error.not_found().map(|(_, message)| message))
}

async fn read(
    api: &ReadApi,
    place: Option<SharedPlace>,
    wanted: &Sharing,
) -> Result<ObservedSharing, ApiError> {
    let mut read = match place {
        Some(place) => ObservedSharing {
            grants: api.access_grants(place.id()).await?,
            links: api.secret_links(place.id()).await?.into_iter().map(forget_secret).collect(),
            requests: read_requests(api, place, wanted).await?,
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

fn forget_secret(secret: LinkSecret) -> ObservedLink {
    secret.link
}

/// Reads who may ask for access, where the manifest says something of that.
///
/// # Errors
/// [`ApiError`].
pub async fn read_requests(
    api: &ReadApi,
    place: SharedPlace,
    wanted: &Sharing,
) -> Result<AccessRequests, ApiError> {
    if wanted.requests == AccessRequests::default() {
        return Ok(AccessRequests::default());
    }
    api.access_requests(place).await
}
