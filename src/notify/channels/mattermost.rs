//! Mattermost: Markdown for an incoming web hook. Rocket.Chat takes the same.
//!
//! Limit: 16,383 characters of text (Mattermost 5.0, docs.mattermost.com, read 2026-11-28).

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::notify::Message;
use crate::notify::text::{cut_escaped, escape_markdown};

/// Characters of a headline or a value: twelve of them stay below the limit.
const VALUE: usize = 1000;

/// How many facts are sent.
const FACTS: usize = 10;

/// Characters of an address.
const URL: usize = 3000;

/// Renders a message.
pub(in crate::notify) fn render_mattermost(message: &Message) -> Json {
    let escape = |text: &str| cut_escaped(text, VALUE, escape_markdown);
    let mut text = format!("**{}**", escape(&message.headline));
    for fact in message.shown().take(FACTS) {
        let _ = write!(text, "\n{}: {}", fact.label, escape(&fact.value));
    }
    if let Some(link) = message.link.as_ref().filter(|link| link.url.len() <= URL) {
        let _ = write!(text, "\n[{}](<{}>)", link.text, link.url);
    }
    json!({ "text": text })
}
