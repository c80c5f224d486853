//! Finds out which APIs a server has.

use crate::http::{Call, Method};

use super::read::{INVENIO, JSON, parse};
use super::write_native::bare;
use super::{ApiError, ApiErrorKind, Backend, ReadApi};

impl ReadApi {
    /// Returns the backend, if it is known.
    pub fn known_backend(&self) -> Option<Backend> {
        self.backend_of().known()
    }

    /// Returns the backend; asks the server where it is not known yet.
    ///
    /// # Errors
    /// [`ApiError`], also for a server that has neither API.
    pub async fn backend(&self) -> Result<Backend, ApiError> {
        let found = self.backend_of().0.get_or_try_init(|| self.find_backend()).await;
        found.copied()
    }

    /// Finds out which APIs the server has. No address of an InvenioRDM server lists them; one
    /// without the deposit API answers 404 to it, whoever asks (research/native.md section 5,
    /// 2026-11-28).
    async fn find_backend(&self) -> Result<Backend, ApiError> {
        let status = self.probe(Method::Head, "/api/deposit/depositions?size=1", JSON).await?.0;
        if status != 404 {
            tracing::info!(target: "refresh", "the server has the deposit API");
            return Ok(Backend::Deposit);
        }
        // Otherwise every server with a page for what it does not find would be one.
        let (status, has_hits) = self.probe(Method::Get, "/api/records?size=1", INVENIO).await?;
        if status == 200 && has_hits {
            tracing::info!(target: "refresh", "the server has the records API alone");
            return Ok(Backend::Records);
        }
        let doing = "finding out which APIs the server has".to_owned();
        Err(ApiError::of(doing, ApiErrorKind::NeitherApi))
    }

    /// Asks for a list; returns the status, and whether the answer is a list.
    async fn probe(
        &self,
        method: Method,
        path: &str,
        accept: &'static str,
    ) -> Result<(u16, bool), ApiError> {
        let doing = "finding out which APIs the server has";
        let call = Call { accept, ..bare(method, path) };
        let answer = self.client().send(&call).await;
        let answer = answer.map_err(|error| ApiError::transport(doing.to_owned(), error))?;
        match answer.status {
            // Busy or down: it says nothing of the API.
            429 | 500..=599 => Err(ApiError::answer(doing.to_owned(), &answer)),
            status => {
                let has_hits = parse(&answer).is_some_and(|json| json["hits"]["hits"].is_array());
                Ok((status, has_hits))
            }
        }
    }
}
