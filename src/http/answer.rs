//! An answer, and what its headers say.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;

use super::budget::Budget;

/// A whole answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Its media type, without parameters.
    pub content_type: String,
    /// The revision from its `ETag`.
    pub revision: Option<u64>,
    /// Its body.
    pub body: Vec<u8>,
    /// How long the server asks to wait; sent with any answer, and obeyed on 429 and 503 only.
    pub retry_after: Option<Duration>,
    /// Whether its `Link` names a next page. The address of that page is not used.
    pub has_next: bool,
    pub location: Option<String>,
    /// The time by the server's clock, from its `Date`.
    pub date: Option<Timestamp>,
    /// How many requests the server still accepts, if it says so.
    pub budget: Option<Budget>,
}

impl Answer {
    /// Returns whether it speaks of the check that a write with cookies has to pass
    /// (contract/scenarios/cookies.json, 2026-11-23).
    pub(super) fn is_about_csrf(&self) -> bool {
        // The message is at the start of a small document.
        let start = &self.body[..self.body.len().min(1000)];
        String::from_utf8_lossy(start).contains("CSRF")
    }
}

/// The server's answer to an upload.
#[derive(Debug, Clone)]
pub struct UploadAnswer {
    /// What it says.
    pub answer: Answer,
    /// Whether the connection took the whole file: a server that refuses may answer before that.
    pub is_whole: bool,
}

/// Reads `ETag: "4"`.
pub(super) fn read_revision(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(reqwest::header::ETAG)?.to_str().ok()?;
    text.trim_start_matches("W/").trim_matches('"').parse().ok()
}

/// Reads `Date: Mon, 23 Nov 2026 12:00:00 GMT` (RFC 9110).
pub(super) fn read_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp())
}

/// Reads `Link: <…>; rel="next", <…>; rel="last"` (RFC 8288).
pub(super) fn has_next(link: &str) -> bool {
    link.split(',').flat_map(|link| link.split(';').skip(1)).any(|parameter| {
        let value = parameter.trim().strip_prefix("rel=").unwrap_or_default();
        value.trim_matches('"').split(' ').any(|word| word == "next")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_that_there_is_a_next_page_and_not_where() {
        for link in [
            "<https://a.example/?page=2>; rel=\"next\", <https://a.example/?page=9>; rel=\"last\"",
            "</?page=1>; rel=first, </?page=3>; title=\"x\"; rel=next",
        ] {
            assert!(has_next(link), "{link}");
        }
        for link in ["", "</?page=1>; rel=\"prev\"", "<https://a.example/?rel=next>; rel=\"last\""]
        {
            assert!(!has_next(link), "{link}");
        }
    }
}
