//! An answer as handlers give it.
//!
//! Deliberately absent: the headers that every answer gets, see `app`.

use serde_json::Value;

use crate::local::serializers::Form;
use crate::local::serializers::native_in::Remark;
use crate::local::state::types::Content;

/// The body of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// JSON.
    Json(Value, Form),
    /// No body; the server declares it as HTML.
    Empty,
    /// A page.
    Page(String),
    /// A picture in SVG.
    Picture(String),
    /// A page with a form.
    Form(String),
    /// A stored file.
    File {
        /// Its bytes.
        content: Content,
        /// What the download is called.
        key: String,
        /// Its declared type.
        media_type: &'static str,
    },
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Body,
    /// The revision behind `ETag`.
    pub(crate) revision: Option<u64>,
    /// The `Location` header.
    pub(crate) location: Option<String>,
    /// Cookies to set: name and value.
    pub(crate) cookies: Vec<(&'static str, String)>,
}

impl Answer {
    /// Builds an answer in JSON.
    pub(crate) fn json(status: u16, value: Value) -> Self {
        Self::with(status, Body::Json(value, Form::Plain))
    }

    /// Builds an answer in JSON of the records API.
    pub(crate) fn form(status: u16, value: Value, form: Form) -> Self {
        Self::with(status, Body::Json(value, form))
    }

    /// Builds an answer with any body.
    pub(crate) fn with(status: u16, body: Body) -> Self {
        Self { status, body, revision: None, location: None, cookies: Vec::new() }
    }

    /// Builds a 204 without a body.
    pub(crate) fn nothing() -> Self {
        Self::with(204, Body::Empty)
    }

    /// Sets the revision.
    pub(crate) fn tagged(self, revision: u64) -> Self {
        Self { revision: Some(revision), ..self }
    }

    /// Adds the errors of a draft that was accepted nevertheless.
    pub(crate) fn with_remarks(mut self, remarks: &[Remark]) -> Self {
        // The real server has the key `errors` only when there are some.
        if let (Body::Json(body, _), false) = (&mut self.body, remarks.is_empty()) {
            body["errors"] = remarks.iter().map(Remark::write).collect();
        }
        self
    }

    /// Sets the `Location`.
    pub(crate) fn to(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }
}

/// Returns the declared type of a download: a few types are served as they are, texts as plain
/// text, the rest as bytes (`tests/contract/first-publication.json`, 2026-11-23).
pub(crate) fn download_type(mimetype: &str) -> &'static str {
    match mimetype {
        "audio/mpeg" => "audio/mpeg",
        "image/gif" => "image/gif",
        "image/jpeg" => "image/jpeg",
        "image/png" => "image/png",
        "image/tiff" => "image/tiff",
        "application/json" | "application/xml" => "text/plain",
        text if text.starts_with("text/") => "text/plain",
        _ => "application/octet-stream",
    }
}
