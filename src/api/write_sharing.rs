//! Calls that change who has access to a record beside its owner. They work for a draft that was
//! never published too, and count for all versions of the record.
//!
//! Source: invenio-rdm-records 34.0.1, services/access/service.py, 2026-11-30.

use serde_json::{Value as Json, json};

use crate::http::{Call, Idempotency, Method};
use crate::model::{AccessRequests, Grantee, LinkTerms, Permission, RecordId};
use crate::wire;

use super::read::{INVENIO, parse, segment};
use super::write_native::bare;
use super::{ApiError, WriteApi};

impl WriteApi {
    /// Gives access to somebody who has none. Not idempotent: refused when a grant is there.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn add_grant(
        &self,
        id: RecordId,
        (grantee, permission): (&Grantee, Permission),
    ) -> Result<(), ApiError> {
        let body = wire::grant_to_json(grantee, permission);
        let path = format!("/api/records/{id}/access/grants");
        let call = Call {
            idempotency: Idempotency::NotIdempotent,
            ..with_body(Method::Post, &path, &body)
        };
        let doing = format!("giving {grantee} access");
        let answer = self.call(&call, &doing).await?;
        let given = parse(&answer).as_ref().and_then(wire::grants);
        let is_given = given.is_some_and(|all| all.contains(&(grantee.clone(), permission)));
        if is_given { Ok(()) } else { Err(ApiError::answer(doing, &answer)) }
    }

    /// Changes what somebody who has access may do. Idempotent.
    ///
    /// # Errors
    /// [`ApiError`]; not found when there is no grant.
    pub async fn change_grant(
        &self,
        id: RecordId,
        (grantee, permission): (&Grantee, Permission),
    ) -> Result<(), ApiError> {
        let body = json!({"permission": permission.name()});
        let path = name_grant(id, grantee);
        let doing = format!("changing the access of {grantee}");
        let answer = self.call(&with_body(Method::Patch, &path, &body), &doing).await?;
        let now = parse(&answer).as_ref().and_then(wire::grant);
        let is_done = now == Some((grantee.clone(), permission));
        if is_done { Ok(()) } else { Err(ApiError::answer(doing, &answer)) }
    }

    /// Takes access from somebody. Idempotent: not found when there is no grant.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn remove_grant(&self, id: RecordId, grantee: &Grantee) -> Result<(), ApiError> {
        let path = name_grant(id, grantee);
        let doing = format!("taking the access of {grantee}");
        self.call(&bare(Method::Delete, &path), &doing).await.map(|_| ())
    }

    /// Makes a secret link. Not idempotent: each call makes another one. Its address is not returned;
    /// [`ReadApi::secret_links`](super::ReadApi::secret_links) has it.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn create_link(
        &self,
        id: RecordId,
        (name, terms): (&str, LinkTerms),
    ) -> Result<(), ApiError> {
        let body = wire::link_to_json(name, terms);
        let path = format!("/api/records/{id}/access/links");
        let call = Call {
            idempotency: Idempotency::NotIdempotent,
            ..with_body(Method::Post, &path, &body)
        };
        let doing = format!("making the secret link `{name}`");
        let answer = self.call(&call, &doing).await?;
        check_link(doing, parse(&answer).as_ref(), (name, terms))
    }

    /// Changes what a secret link gives; its address stays. Idempotent.
    ///
    /// # Errors
    /// [`ApiError`]; refused when its end would come later.
    pub async fn change_link(
        &self,
        id: RecordId,
        link: &str,
        (name, terms): (&str, LinkTerms),
    ) -> Result<(), ApiError> {
        let body = wire::link_to_json(name, terms);
        let path = name_link(id, link);
        let doing = format!("changing the secret link `{name}`");
        let answer = self.call(&with_body(Method::Patch, &path, &body), &doing).await?;
        check_link(doing, parse(&answer).as_ref(), (name, terms))
    }

    /// Removes a secret link, whose address gives nothing from then on. Idempotent: not found when it
    /// is gone.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn remove_link(&self, id: RecordId, link: &str) -> Result<(), ApiError> {
        let path = name_link(id, link);
        self.call(&bare(Method::Delete, &path), "removing a secret link").await.map(|_| ())
    }

    /// Says who may ask for access: all of it, since the server sets what is missing to its default.
    /// Idempotent.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn put_access_requests(
        &self,
        id: RecordId,
        requests: &AccessRequests,
    ) -> Result<(), ApiError> {
        let body = wire::access_requests_to_json(requests);
        let path = format!("/api/records/{id}/access");
        let doing = "saying who may ask for access";
        self.call(&with_body(Method::Put, &path, &body), doing).await.map(|_| ())
    }
}

/// Checks that a link is as it was sent. The error must not quote the answer, which holds a secret; the
/// link may be there all the same.
fn check_link(
    doing: String,
    answer: Option<&Json>,
    (name, terms): (&str, LinkTerms),
) -> Result<(), ApiError> {
    match answer.and_then(wire::secret_link) {
        Some(link) if link.terms == terms && link.name == name => Ok(()),
        Some(link) => {
            let what =
                format!("the link `{name}` gives {terms}: it is `{}`, {}", link.name, link.terms);
            Err(ApiError::elsewhere(doing, what))
        }
        None => Err(ApiError::elsewhere(doing, "no link".to_owned())),
    }
}

fn with_body<'a>(method: Method, path: &'a str, body: &'a Json) -> Call<'a> {
    Call { accept: INVENIO, json: Some(body), ..bare(method, path) }
}

fn name_grant(id: RecordId, grantee: &Grantee) -> String {
    let list = match grantee {
        Grantee::User(_) => "users",
        Grantee::Group(_) | Grantee::System(_) => "groups",
    };
    format!("/api/records/{id}/access/{list}/{}", segment(grantee.id()))
}

fn name_link(id: RecordId, link: &str) -> String {
    format!("/api/records/{id}/access/links/{}", segment(link))
}
