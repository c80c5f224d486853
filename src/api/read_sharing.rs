//! Calls that read who has access to a record beside its owner. Only its managers may.

use crate::model::{AccessRequests, Grantee, Permission, RecordId};
use crate::observed::{LinkSecret, SharedPlace};
use crate::wire;

use super::read::{INVENIO, JSON, parse, segment};
use super::{ApiError, ReadApi};

/// How many users a search finds at most.
pub const MOST_USERS: usize = 10;

impl ReadApi {
    /// Reads the grants of a record or draft.
    ///
    /// # Errors
    /// [`ApiError`]; forbidden for those who do not manage the record.
    pub async fn access_grants(
        &self,
        id: RecordId,
    ) -> Result<Vec<(Grantee, Permission)>, ApiError> {
        let doing = format!("reading who has access to record {id}");
        let path = format!("/api/records/{id}/access/grants");
        let answer = self.get(&path, INVENIO, &doing).await?;
        let grants = parse(&answer).as_ref().and_then(wire::grants);
        grants.ok_or_else(|| ApiError::incomplete(doing, "a grant in it can't be read"))
    }

    /// Reads the secret links of a record or draft, with their secrets.
    ///
    /// # Errors
    /// [`ApiError`]; forbidden for those who do not manage the record.
    pub async fn secret_links(&self, id: RecordId) -> Result<Vec<LinkSecret>, ApiError> {
        let doing = format!("reading the secret links of record {id}");
        let path = format!("/api/records/{id}/access/links");
        let answer = self.get(&path, INVENIO, &doing).await?;
        let links = parse(&answer).as_ref().and_then(wire::secret_links);
        // The error must not quote the answer, which holds secrets.
        let links =
            links.ok_or_else(|| ApiError::incomplete(doing, "a link in it can't be read"))?;
        Ok(links.into_iter().map(|(link, token)| LinkSecret { link, token }).collect())
    }

    /// Reads who may ask for access to a record, or to a draft that was never published. Of a record
    /// everybody sees it.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn access_requests(&self, place: SharedPlace) -> Result<AccessRequests, ApiError> {
        let (id, path) = match place {
            SharedPlace::Record(id) => (id, format!("/api/records/{id}")),
            SharedPlace::Draft(id) => (id, format!("/api/records/{id}/draft")),
        };
        let doing = format!("reading who may ask for access to record {id}");
        let answer = self.get(&path, INVENIO, &doing).await?;
        let requests = parse(&answer).as_ref().and_then(wire::access_requests);
        // The error must not quote the answer, which not everybody may see.
        requests.ok_or_else(|| ApiError::incomplete(doing, "it lacks the access settings"))
    }

    /// Returns whether the server can give access to somebody: it refuses a user whom it does not
    /// show to others (services/access/service.py of invenio-rdm-records 34.0.1, 2026-11-30).
    ///
    /// # Errors
    /// [`ApiError`] when the answer says neither.
    pub async fn knows_grantee(&self, grantee: &Grantee) -> Result<bool, ApiError> {
        let (list, id) = match grantee {
            Grantee::User(id) => ("users", id),
            Grantee::Group(id) => ("groups", id),
            Grantee::System(_) => return Ok(true),
        };
        let path = format!("/api/{list}/{}", segment(id));
        match self.get(&path, JSON, &format!("looking {grantee} up")).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() || error.is_forbidden() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Finds users by a part of their name: the number of each account, and the name that it shows.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn find_users(&self, name: &str) -> Result<Vec<(String, String)>, ApiError> {
        let doing = "looking for users".to_owned();
        let query: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let answer =
            self.get(&format!("/api/users?size={MOST_USERS}&q={query}"), JSON, &doing).await?;
        let users = parse(&answer).as_ref().and_then(wire::users);
        users.ok_or_else(|| ApiError::answer(doing, &answer))
    }
}
