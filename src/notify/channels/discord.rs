//! Discord: an embed for a web hook, which mentions nobody.
//!
//! Limits (the schema of Discord's documentation, read 2026-11-28): a title has 256 characters, an
//! embed 25 fields with values of 1024, all of it 6000.

use serde_json::{Value as Json, json};

use crate::notify::Message;
use crate::notify::text::{cut_escaped, escape_markdown};

/// Characters of a title.
const TITLE: usize = 256;

/// Characters of a value: ten of them and the rest stay below the limit of an embed.
const VALUE: usize = 500;

/// How many fields are sent.
const FIELDS: usize = 10;

/// Characters of an address.
const URL: usize = 2000;

/// Renders a message.
pub(in crate::notify) fn render_discord(message: &Message) -> Json {
    let fields: Vec<Json> = message
        .shown()
        .take(FIELDS)
        .map(|fact| {
            let value = cut_escaped(&fact.value, VALUE, escape_markdown);
            json!({ "name": fact.label, "value": value })
        })
        .collect();
    let mut embed = json!({
        "title": cut_escaped(&message.headline, TITLE, escape_markdown),
        "fields": fields,
        "timestamp": message.time,
    });
    if let Some(link) = message.link.as_ref().filter(|link| link.url.len() <= URL) {
        embed["url"] = link.url.as_str().into();
    }
    json!({ "embeds": [embed], "allowed_mentions": { "parse": [] } })
}
