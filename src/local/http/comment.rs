//! The comment to a community in the body of a call.

use serde_json::Value;

use crate::local::state::refusal::Refusal;

/// Reads `{"payload": {"content": …, "format": "html"}}`, as the form of `InvenioRDM` sends it
/// (`tests/contract/communities-review-before-publish.json`, 2026-11-23).
///
/// # Errors
/// 400 for any other shape.
pub(super) fn read_comment(comment: Option<&Value>) -> Result<Option<String>, Refusal> {
    let Some(comment) = comment.filter(|comment| !comment.is_null()) else { return Ok(None) };
    let payload = comment.get("payload");
    let text = |key: &str| payload.and_then(|payload| payload.get(key)?.as_str());
    let field =
        |name: &str, message: &str| Err(Refusal::field(&format!("payload.{name}"), message));
    if text("format").is_some_and(|format| format != "html") {
        return field("format", "Must be one of: html.");
    }
    match text("content") {
        None => field("content", "Missing data for required field."),
        Some("") => field("content", "Shorter than minimum length 1."),
        Some(content) => Ok(Some(content.to_owned())),
    }
}
