//! A web hook of any kind: the body of Standard Webhooks, with the facts by their names. The program
//! of a user gets the same on its stdin.

//!
//! Limit: less than 20 kB (the specification of Standard Webhooks, read 2026-11-28).

use serde_json::{Map, Value as Json, json};

use crate::notify::Message;
use crate::notify::text::cut_bytes;

/// Bytes of a value: ten of them and the text stay below the limit, each character escaped.
const VALUE: usize = 500;

/// How many facts are sent.
const FACTS: usize = 10;

/// Bytes of the whole as text.
const TEXT: usize = 3000;

/// Renders a message. Nothing is escaped: JSON has no language of its own.
pub(in crate::notify) fn render_webhook(message: &Message) -> Json {
    let facts = message.facts.iter().take(FACTS);
    let facts: Map<String, Json> =
        facts.map(|fact| (fact.key.to_owned(), cut_bytes(&fact.value, VALUE).into())).collect();
    json!({
        "type": message.event.kind(),
        "timestamp": message.time,
        "data": {
            "id": message.id,
            "event": message.event.word(),
            "headline": cut_bytes(&message.headline, VALUE),
            "facts": facts,
            "url": message.link.as_ref().map(|link| link.url.as_str()),
            "text": cut_bytes(&message.text(), TEXT),
        },
    })
}
