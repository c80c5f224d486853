//! Logging in with a password, and the cookies that follow: `POST /api/login`.
//!
//! Sessions live as long as the process. Deliberately absent: the check of the cookies, see
//! `guard`.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::answer::Answer;
use super::call::Call;
use super::rate::{RateCounter, RateLimit};
use crate::local::state::State;
use crate::local::state::refusal::Refusal;
use crate::local::state::types::UserId;
use jiff::Timestamp;
use serde_json::json;

/// How often one may try to log in to an account: `ACCOUNTS_LOGIN_RATELIMIT` of zenodo-rdm
/// (research/browser.md section 4, 2026-11-28). The limit of 30 a day is not imitated.
const TRIES: RateLimit = RateLimit { n_requests: 5, window: 60 };

/// Who is logged in.
#[derive(Debug)]
pub(crate) struct Sessions {
    users: Mutex<BTreeMap<String, UserId>>,
    /// Keys of links that sign in a single time.
    links: Mutex<BTreeMap<String, UserId>>,
    /// The tries to log in, by e-mail.
    tries: RateCounter,
    secret: String,
}

impl Sessions {
    /// Starts without users; the secret makes tokens that only this process accepts as genuine.
    pub(crate) fn new(secret: String) -> Self {
        Self {
            users: Mutex::default(),
            links: Mutex::default(),
            tries: RateCounter::new(TRIES),
            secret,
        }
    }

    /// Returns the user behind a session.
    pub(crate) fn user(&self, session: &str) -> Option<UserId> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner).get(session).copied()
    }

    /// Returns a token for the cookie `csrftoken`.
    pub(crate) fn csrf_token(&self, random: &str) -> String {
        format!("{random}.{}", hash_sha256(&format!("{}{random}", self.secret)))
    }

    /// Returns whether a token is one of [`Sessions::csrf_token`].
    pub(crate) fn is_genuine(&self, token: &str) -> bool {
        token.split_once('.').is_some_and(|(random, _)| self.csrf_token(random) == token)
    }

    /// Returns a link that signs in its first visitor and leads to a page of this server.
    ///
    /// # Errors
    /// 403 without a user.
    pub(crate) fn link(&self, call: &Call, key: String) -> Result<Answer, Refusal> {
        let user = call.signed_in()?;
        let body = call.json()?;
        let to = body.get("to").and_then(serde_json::Value::as_str).unwrap_or("/");
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("key", &key)
            .append_pair("to", to)
            .finish();
        self.links.lock().unwrap_or_else(PoisonError::into_inner).insert(key, user);
        Ok(Answer::json(201, json!({"link": format!("{}/zrel/sign-in?{query}", call.base)})))
    }

    /// Follows such a link.
    ///
    /// # Errors
    /// 403 for a key that was never issued or is used up.
    pub(crate) fn follow(&self, call: &Call, session: String) -> Result<Answer, Refusal> {
        let key = call.parameter("key").unwrap_or_default();
        // Removed before anything else, so that a link in a browser's history is worth nothing.
        let user = self.links.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        let user = user.ok_or_else(Refusal::denied)?;
        let to = choose_path(call.parameter("to").unwrap_or("/"));
        self.users.lock().unwrap_or_else(PoisonError::into_inner).insert(session.clone(), user);
        let mut answer = super::web::redirect(to);
        answer.cookies.push(("session", session));
        Ok(answer)
    }

    /// Counts a try to log in, and returns whether it is one too many.
    pub(crate) fn is_tried_too_often(&self, email: &str, now: Timestamp) -> bool {
        self.tries.count(email, now).is_over
    }

    /// Returns the token of the forms that are shown in a session.
    pub(crate) fn form_token(&self, session: &str) -> String {
        hash_sha256(&format!("{}form{session}", self.secret))
    }

    /// Opens a session for a user with this password; none for another one.
    pub(crate) fn open(
        &self,
        state: &State,
        (email, password): (&str, &str),
        random: &mut impl FnMut() -> String,
    ) -> Option<(UserId, String)> {
        let password = hash_sha256(password);
        let known = state.users.values().find(|user| {
            user.email == *email && user.password.as_deref() == Some(password.as_str())
        });
        let (user, session) = (known?.id, random());
        self.users.lock().unwrap_or_else(PoisonError::into_inner).insert(session.clone(), user);
        Some((user, session))
    }

    /// Logs in with the fields `email` and `password` of a form.
    ///
    /// # Errors
    /// 400 for missing fields, an unknown user or a wrong password, 429 after too many tries.
    pub(crate) fn log_in(
        &self,
        state: &State,
        call: &Call,
        now: Timestamp,
        mut random: impl FnMut() -> String,
    ) -> Result<Answer, Refusal> {
        let fields: BTreeMap<String, String> =
            url::form_urlencoded::parse(&call.body).into_owned().collect();
        let (Some(email), Some(password)) = (fields.get("email"), fields.get("password")) else {
            return Err(Refusal::field("email", "Missing data for required field."));
        };
        if self.is_tried_too_often(email, now) {
            return Err(Refusal::framework(429, "5 per 1 minute"));
        }
        let opened = self.open(state, (email, password), &mut random);
        let (user, session) =
            opened.ok_or_else(|| Refusal::field("password", "Invalid credentials."))?;
        let mut answer = Answer::json(200, json!({"id": user.to_string(), "email": email}));
        answer.cookies.push(("session", session));
        answer.cookies.push(("csrftoken", self.csrf_token(&random())));
        Ok(answer)
    }
}

/// Returns a path of this server, or that of the home page: two slashes would lead to another server.
pub(crate) fn choose_path(to: &str) -> &str {
    let is_path = to.starts_with('/') && !to.starts_with("//") && !to.contains('\\');
    if is_path { to } else { "/" }
}

/// Returns SHA-256 in hexadecimal digits.
pub(crate) fn hash_sha256(text: &str) -> String {
    use std::fmt::Write as _;
    let mut hex = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
