//! A comment to the curators of a community.

use serde_json::{Value as Json, json};

/// Returns a plain text as the comment of a request: the server takes HTML.
///
/// Source: contract/scenarios/communities-review-before-publish.json, 2026-11-23, for a review; for a
/// request after publication the form of `InvenioRDM` sends the same (2026-11-30, not recorded).
pub fn comment(message: &str) -> Json {
    json!({"payload": {"content": convert_plain_to_html(message), "format": "html"}})
}

/// Converts a plain text to HTML: keeps its paragraphs and escapes all tags.
pub fn convert_plain_to_html(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let paragraphs = escaped
        .split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    let paragraphs: Vec<String> = paragraphs.filter(|text| !text.is_empty()).collect();
    let paragraphs = paragraphs.iter().map(|text| format!("<p>{text}</p>"));
    paragraphs.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_text_keeps_its_paragraphs_and_has_no_tags() {
        assert_eq!(
            convert_plain_to_html("a < b\nc\n\n<i>d</i>\n"),
            "<p>a &lt; b c</p>\n<p>&lt;i&gt;d&lt;/i&gt;</p>"
        );
    }
}
