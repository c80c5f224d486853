//! Microsoft Teams: an adaptive card for a workflow that begins with a web hook.
//!
//! Limit: about 28 KB a message (learn.microsoft.com, read 2026-11-28).

use serde_json::{Value as Json, json};

use crate::notify::Message;
use crate::notify::text::{cut_escaped, escape_markdown};

/// Characters of a headline or a value: eleven of them stay below the limit in any script.
const VALUE: usize = 500;

/// How many facts are sent.
const FACTS: usize = 10;

/// Characters of an address.
const URL: usize = 2000;

/// Renders a message.
pub(in crate::notify) fn render_teams(message: &Message) -> Json {
    let escape = |text: &str| cut_escaped(text, VALUE, escape_markdown);
    let facts = message.shown().take(FACTS);
    let facts: Vec<Json> =
        facts.map(|fact| json!({ "title": fact.label, "value": escape(&fact.value) })).collect();
    let mut card = json!({
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "body": [
            {
                "type": "TextBlock",
                "text": escape(&message.headline),
                "weight": "Bolder",
                "size": "Medium",
                "wrap": true,
            },
            { "type": "FactSet", "facts": facts },
        ],
    });
    if let Some(link) = message.link.as_ref().filter(|link| link.url.len() <= URL) {
        card["actions"] =
            json!([{ "type": "Action.OpenUrl", "title": link.text, "url": link.url }]);
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    })
}
