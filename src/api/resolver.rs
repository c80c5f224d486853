//! Asks a resolver of DOIs, such as doi.org, where a DOI leads. It gets no token, and no redirect is
//! followed.

use crate::http::{Call, Client, Idempotency, Method};
use crate::model::Doi;

use super::ApiError;
use super::read::segment;

/// A resolver of DOIs.
#[derive(Debug, Clone)]
pub struct Resolver {
    client: Client,
}

/// What a resolver answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// Its status: 302 for a DOI that is registered, 404 for another one.
    pub status: u16,
    /// Where it redirects.
    pub location: Option<String>,
}

impl Resolver {
    /// Takes a client that follows no redirect.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Asks where a DOI leads.
    ///
    /// # Errors
    /// [`ApiError`] when no answer came; a DOI that is not registered is none.
    pub async fn resolve(&self, doi: &Doi) -> Result<Resolution, ApiError> {
        // The slash between prefix and suffix is a part of the path; those in the suffix are too.
        let parts: Vec<String> = doi.as_str().split('/').map(segment).collect();
        let path = format!("/{}", parts.join("/"));
        let call = Call {
            method: Method::Get,
            path: &path,
            accept: "*/*",
            json: None,
            if_match: None,
            idempotency: Idempotency::Idempotent,
        };
        let doing = format!("resolving {doi}");
        let answer = self.client.send(&call).await;
        let answer = answer.map_err(|error| ApiError::transport(doing.clone(), error))?;
        if matches!(answer.status, 429 | 500..=599) {
            return Err(ApiError::answer(doing, &answer));
        }
        Ok(Resolution { status: answer.status, location: answer.location })
    }
}
