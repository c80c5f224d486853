//! ntfy: its JSON form, as plain text: nothing in it means anything.
//!
//! Limit: 4096 bytes of message; a longer one becomes a file (docs.ntfy.sh, read 2026-11-28).

use serde_json::{Value as Json, json};

use crate::notify::Message;
use crate::notify::text::{cut, cut_bytes};

/// Characters of a title.
const TITLE: usize = 200;

/// Bytes of a message.
const TEXT: usize = 4096;

/// The usual priority, and that of what a person has to look at.
const PRIORITIES: (u8, u8) = (3, 4);

/// Renders a message to a topic.
pub(in crate::notify) fn render_ntfy(message: &Message, topic: &str) -> Json {
    let body = message.body_text();
    // Without a text, ntfy writes one of its own.
    let body = if body.is_empty() { message.headline.clone() } else { body };
    let mut json = json!({
        "topic": topic,
        "title": cut(&message.headline, TITLE),
        "message": cut_bytes(&body, TEXT),
        "priority": if message.event.is_urgent() { PRIORITIES.1 } else { PRIORITIES.0 },
    });
    if let Some(link) = &message.link {
        json["click"] = link.url.as_str().into();
    }
    json
}
