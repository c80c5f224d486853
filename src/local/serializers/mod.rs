//! Reads the JSON of requests and writes the JSON of answers.
//!
//! Three spellings: the deposit API's (`deposit_in`, `deposit_out`), InvenioRDM's own (`native_in`,
//! `native_out`) and Zenodo's plain one of records (`plain_out`). Drafts are stored in
//! InvenioRDM's. All functions are pure. Deliberately absent: permissions.

pub(crate) mod deposit_in;
pub(crate) mod deposit_out;
pub(crate) mod file_in;
pub(crate) mod file_out;
pub(crate) mod identifier;
pub(crate) mod links;
pub(crate) mod native_in;
pub(crate) mod native_out;
pub(crate) mod organizations;
pub(crate) mod page_out;
pub(crate) mod plain_out;
pub(crate) mod related_in;
pub(crate) mod request_out;
pub(crate) mod sharing_out;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod vocabulary;
pub(crate) mod web_address;

use super::state::State;
use super::state::sharing_rows::Visitor;
use super::state::types::UserId;

/// The form in which the records API answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `application/json`: Zenodo's plain form.
    Plain,
    /// `application/vnd.inveniordm.v1+json`.
    Native,
}

impl Form {
    /// Returns its media type.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Form::Plain => "application/json",
            Form::Native => "application/vnd.inveniordm.v1+json",
        }
    }
}

/// The inputs of every answer.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// The state of the server.
    pub(crate) state: &'a State,
    /// The address that the request was sent to, `http://127.0.0.1:5000`, for links.
    pub(crate) base: &'a str,
    /// The user who sends the request.
    pub(crate) user: Option<UserId>,
    /// The secret of a link with which it is sent.
    pub(crate) secret: Option<&'a str>,
    /// The day in UTC, which lifts embargoes.
    pub(crate) today: jiff::civil::Date,
}

impl<'a> View<'a> {
    /// Returns who asks.
    pub(crate) fn visitor(self) -> Visitor<'a> {
        Visitor { user: self.user, secret: self.secret, today: self.today }
    }
}
