//! A request as handlers see it: parsed, with its user and its whole body.
//!
//! Deliberately absent: sockets, uploads (which are never in memory whole).

use bytes::Bytes;
use http::Method;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::local::apis::Apis;
use crate::local::serializers::{Form, View};
use crate::local::state::quota::Quota;
use crate::local::state::refusal::Refusal;
use crate::local::state::sharing_rows::Visitor;
use crate::local::state::types::{Recid, UserId};
use crate::local::state::{Moment, State};

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Its method; `HEAD` counts as `GET`.
    pub(crate) method: Method,
    /// The parts of its path, percent-decoded; an escaped slash has split a part, as on the server.
    pub(crate) path: Vec<String>,
    /// Its parameters, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// Who sent it.
    pub(crate) user: Option<UserId>,
    /// Its cookie `session`, known or not.
    pub(crate) session: Option<String>,
    /// Its `Accept` header.
    pub(crate) accept: String,
    /// Its `Content-Type` header.
    pub(crate) content_type: Option<String>,
    /// Its `If-Match` header.
    pub(crate) if_match: Option<String>,
    /// The address it was sent to, for links.
    pub(crate) base: String,
    /// Its body.
    pub(crate) body: Bytes,
    /// What a record may hold.
    pub(crate) quota: Quota,
    /// Which APIs the server has.
    pub(crate) apis: Apis,
}

/// What a handler works with.
pub(crate) struct Work<'a, 'm> {
    /// The request.
    pub(crate) call: &'a Call,
    /// The state.
    pub(crate) state: &'a mut State,
    /// Time and randomness.
    pub(crate) moment: &'a mut Moment<'m>,
}

impl Work<'_, '_> {
    /// Returns the view that answers are written from.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            state: self.state,
            base: &self.call.base,
            user: self.call.user,
            secret: self.call.parameter("token"),
            today: self.today(),
        }
    }

    /// Returns who asks.
    pub(crate) fn visitor(&self) -> Visitor<'_> {
        self.view().visitor()
    }

    /// Returns today's date in UTC.
    pub(crate) fn today(&self) -> Date {
        self.moment.now.to_zoned(TimeZone::UTC).date()
    }
}

impl Call {
    /// Returns a parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns the user.
    ///
    /// # Errors
    /// 403 without one.
    pub(crate) fn signed_in(&self) -> Result<UserId, Refusal> {
        self.user.ok_or_else(Refusal::denied)
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// 415 for another content type (a charset makes it one), 400 if it is not JSON, 500 without a
    /// body.
    pub(crate) fn json(&self) -> Result<Value, Refusal> {
        self.json_or(Err(Refusal::internal()))
    }

    /// Reads the body as JSON; a missing body counts as an empty object.
    ///
    /// # Errors
    /// 415 and 400 as [`Call::json`].
    pub(crate) fn json_or_empty(&self) -> Result<Value, Refusal> {
        self.json_or(Ok(Value::Object(serde_json::Map::new())))
    }

    fn json_or(&self, nothing: Result<Value, Refusal>) -> Result<Value, Refusal> {
        if self.body.is_empty() {
            return nothing;
        }
        // The real server compares the whole header, so a charset is refused; a missing header is
        // accepted.
        if self.content_type.as_deref().is_some_and(|kind| kind != "application/json") {
            return Err(refuse_content_type("application/json"));
        }
        let no_json = || Refusal::new(400, "Unable to decode JSON data in request body.");
        serde_json::from_slice(&self.body).map_err(|_| no_json())
    }

    /// Reads `If-Match`: a bare number; the quoted form of `ETag` is refused.
    ///
    /// # Errors
    /// 400.
    pub(crate) fn revision(&self) -> Result<Option<u64>, Refusal> {
        let Some(text) = &self.if_match else { return Ok(None) };
        // A client that sends the `ETag` back as it came gets a 400, as on the real server.
        let number =
            text.trim().parse().map_err(|_| Refusal::field("if_match", "Not a valid integer."))?;
        Ok(Some(number))
    }

    /// Returns the form of the answer of the records API.
    ///
    /// # Errors
    /// 406.
    pub(crate) fn form(&self) -> Result<Form, Refusal> {
        for range in list_media_ranges(&self.accept) {
            // Quality values are not compared: the form that the client names first wins.
            match range {
                "application/vnd.inveniordm.v1+json" => return Ok(Form::Native),
                // The plain form is Zenodo's own.
                "application/json" | "application/*" | "*/*" if self.apis == Apis::Records => {
                    return Ok(Form::Native);
                }
                "application/json" | "application/*" | "*/*" => return Ok(Form::Plain),
                _ => {}
            }
        }
        let known = "application/json, application/vnd.inveniordm.v1+json";
        Err(Refusal::new(406, &format!("Invalid 'Accept' header. Expected one of: {known}")))
    }

    /// Checks that the deposit API may answer in JSON.
    ///
    /// # Errors
    /// 406.
    pub(crate) fn accepts_json(&self) -> Result<(), Refusal> {
        // Only the records API knows its own media type: here it is a 406 (2026-11-23).
        let accepted = |range: &str| matches!(range, "application/json" | "application/*" | "*/*");
        if list_media_ranges(&self.accept).any(accepted) {
            return Ok(());
        }
        let message = "Invalid 'Accept' header. Expected one of: application/json";
        Err(Refusal::new(406, message))
    }
}

/// Refuses another content type than the one expected.
pub(crate) fn refuse_content_type(expected: &str) -> Refusal {
    let message = format!("Invalid 'Content-Type' header. Expected one of: {expected}");
    Refusal::new(415, &message)
}

/// Returns the ranges of an `Accept` header; an empty header accepts everything.
fn list_media_ranges(accept: &str) -> impl Iterator<Item = &str> {
    let accept = if accept.trim().is_empty() { "*/*" } else { accept };
    accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim())
}

/// Reads the id in a path.
///
/// # Errors
/// 404: a text that is no id is an unknown one.
pub(crate) fn parse_recid(text: &str) -> Result<Recid, Refusal> {
    // `parse` alone would accept `+7`, a second spelling of the same id.
    let id = text.parse().ok().filter(|_| !text.starts_with('+'));
    id.ok_or_else(Refusal::no_such_id)
}
