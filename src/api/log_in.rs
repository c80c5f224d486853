//! `POST /api/login`: a session for an e-mail and a password.

use secrecy::SecretString;

use super::error::ApiError;
use crate::http::{Client, SessionCookie};

/// Logs in, with a single try. Returns the cookies of the session.
///
/// Source: contract/scenarios/cookies.json, 2026-11-23.
///
/// # Errors
/// [`ApiError`]: refused for a wrong password, rate-limited after too many tries.
pub async fn log_in(
    client: &Client,
    email: &str,
    password: &SecretString,
) -> Result<Vec<SessionCookie>, ApiError> {
    let doing = "logging in".to_owned();
    let sent = client.log_in("/api/login", (email, password)).await;
    let (answer, cookies) = sent.map_err(|error| ApiError::transport(doing.clone(), error))?;
    if answer.status != 200 || cookies.is_empty() {
        return Err(ApiError::answer(doing, &answer));
    }
    Ok(cookies)
}
