//! What one answer says of the server and of the credentials, whatever its status.

use jiff::Timestamp;

use crate::http::{Budget, Call, Idempotency, Method};
use crate::wire;

use super::read::{INVENIO, parse};
use super::{ApiError, ReadApi};

/// What one answer says of the server and of the credentials.
#[derive(Debug)]
pub struct Signs {
    /// The time by the server's clock.
    pub date: Option<Timestamp>,
    /// How many requests it still accepts.
    pub budget: Option<Budget>,
    /// The user's id, if the user has a record; an error when the credentials are refused, or when
    /// the answer is not one of Zenodo's.
    pub user: Result<Option<String>, ApiError>,
}

impl ReadApi {
    /// Makes the request that [`Self::check_credentials`] makes, and returns also what a refusal
    /// says.
    ///
    /// # Errors
    /// [`ApiError`] when no answer came.
    pub async fn read_signs(&self) -> Result<Signs, ApiError> {
        let doing = "checking the credentials".to_owned();
        let call = Call {
            method: Method::Get,
            path: "/api/user/records?size=1",
            accept: INVENIO,
            json: None,
            if_match: None,
            idempotency: Idempotency::Idempotent,
        };
        let answer = self.client().send(&call).await;
        let answer = answer.map_err(|error| ApiError::transport(doing.clone(), error))?;
        let json = parse(&answer).filter(|_| answer.status == 200);
        let user = json.map(|json| wire::owner_of_first(&json));
        Ok(Signs {
            date: answer.date,
            budget: answer.budget,
            user: user.ok_or_else(|| ApiError::answer(doing, &answer)),
        })
    }
}
