//! Slack: blocks for an incoming web hook.
//!
//! Limits (docs.slack.dev, read 2026-11-28): a header has 150 characters, a section 10 fields of
//! 2000, a button's address 3000; all text together about 13,000 (slackapi/bolt-js#2509).

use serde_json::{Value as Json, json};

use crate::notify::Message;
use crate::notify::text::cut_escaped;

/// Characters of a header.
const HEADER: usize = 150;

/// How many fields a section has.
const FIELDS: usize = 10;

/// Characters of a field's value: ten of them stay far below what all text may have.
const FIELD: usize = 800;

/// Characters of an address.
const URL: usize = 3000;

/// Renders a message.
pub(in crate::notify) fn render_slack(message: &Message) -> Json {
    let header = cut_escaped(&message.headline, HEADER, escape);
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": header, "emoji": false },
    })];
    let fields: Vec<Json> = message.shown().take(FIELDS).map(|fact| {
        let value = cut_escaped(&fact.value, FIELD, escape);
        // Verbatim: no name and no channel becomes a mention.
        json!({ "type": "mrkdwn", "text": format!("{}: {value}", fact.label), "verbatim": true })
    }).collect();
    if !fields.is_empty() {
        blocks.push(json!({ "type": "section", "fields": fields }));
    }
    if let Some(link) = message.link.as_ref().filter(|link| link.url.len() <= URL) {
        blocks.push(json!({
            "type": "actions",
            "elements": [{
                "type": "button",
                "text": { "type": "plain_text", "text": link.text, "emoji": false },
                "url": link.url,
            }],
        }));
    }
    json!({
        "text": cut_escaped(&message.headline, FIELD, escape),
        "blocks": blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

/// Escapes the three characters that mean something to Slack, and so mentions and links.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
