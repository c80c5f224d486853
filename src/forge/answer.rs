//! Answers of a forge: JSON, or the error instead.

use serde_json::Value as Json;

use crate::http::Answer;

use super::ForgeError;

/// The most of a forge's message that is repeated. Characters.
const MAX_SAID: usize = 300;

/// Parses an answer as JSON.
///
/// # Errors
/// [`ForgeError`] for a status other than success, and for a body that is not JSON.
pub(super) fn parse_document(
    answer: &Answer,
    what: &str,
    forge: &'static str,
) -> Result<Json, ForgeError> {
    let json = serde_json::from_slice(&answer.body).ok();
    if !(200..300).contains(&answer.status) {
        return Err(make_refusal(answer, what, json.as_ref()));
    }
    json.ok_or_else(|| ForgeError::Strange { what: what.to_owned(), forge })
}

fn make_refusal(answer: &Answer, what: &str, json: Option<&Json>) -> ForgeError {
    let (what, status, said) = (what.to_owned(), answer.status, read_reason(json));
    match status {
        // No redirect is followed: it would take the token to another address.
        300..=399 => ForgeError::Moved { what },
        429 => ForgeError::RateLimited { what, wait: answer.retry_after, said },
        // Waiting helps here, which the hint about a token's rights would hide.
        403 if is_rate_limit(answer, &said) => {
            ForgeError::RateLimited { what, wait: answer.retry_after, said }
        }
        401 => ForgeError::Unauthorized { what, said },
        403 => ForgeError::Forbidden { what, said },
        404 | 410 => ForgeError::NotFound { what, said },
        500.. => ForgeError::Unavailable { what, status, said },
        _ => ForgeError::Refused { what, status, said },
    }
}

/// Returns whether a 403 is a rate limit. GitHub answers with 403 as well when there are too many
/// requests; its message names the limit, and some answers have a `Retry-After` (GitHub's
/// documentation, 2026-11-23).
fn is_rate_limit(answer: &Answer, said: &str) -> bool {
    answer.retry_after.is_some() || said.to_lowercase().contains("rate limit")
}

/// Returns the forge's reason, on one line.
fn read_reason(json: Option<&Json>) -> String {
    let Some(json) = json else { return "no reason is given".to_owned() };
    let parts = ["message", "error", "error_description", "errors"];
    let parts = parts.iter().filter_map(|key| json.get(key)).filter(|part| !part.is_null());
    let text = |part: &Json| part.as_str().map_or_else(|| part.to_string(), str::to_owned);
    let said = parts.map(text).collect::<Vec<_>>().join(", ");
    if said.is_empty() {
        "no reason is given".to_owned()
    } else {
        said.chars().take(MAX_SAID).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_forges_words_are_taken_in_each_form_and_never_too_many() {
        let of = |json: Json| read_reason(Some(&json));
        assert_eq!(of(json!({"message": "Not Found"})), "Not Found");
        assert_eq!(
            of(json!({"error": "insufficient_scope", "scope": "api"})),
            "insufficient_scope"
        );
        assert_eq!(
            of(json!({"message": {"note": ["is too long"]}})),
            "{\"note\":[\"is too long\"]}"
        );
        assert_eq!(of(json!({"message": "Invalid", "errors": [1]})), "Invalid, [1]");
        assert_eq!(of(json!([])), "no reason is given");
        assert_eq!(read_reason(None), "no reason is given");
        assert_eq!(of(json!({"message": "x".repeat(5000)})).len(), MAX_SAID);
    }
}
