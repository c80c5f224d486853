//! Matrix: a notice with plain text and HTML, which mentions nobody.
//!
//! Limit: an event has 65,536 bytes (the specification 1.18, read 2026-11-28).

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::notify::Message;
use crate::notify::text::{cut, cut_escaped, escape_html};

/// Characters of a headline or a value: eleven of them, twice, stay below the limit.
const VALUE: usize = 500;

/// How many facts are sent.
const FACTS: usize = 10;

/// Characters of an address.
const URL: usize = 2000;

/// Renders a message.
pub(in crate::notify) fn render_matrix(message: &Message) -> Json {
    let escape = |text: &str| cut_escaped(text, VALUE, escape_html);
    let mut plain = cut(&message.headline, VALUE);
    let mut html = format!("<strong>{}</strong>", escape(&message.headline));
    for fact in message.shown().take(FACTS) {
        let _ = write!(plain, "\n{}: {}", fact.label, cut(&fact.value, VALUE));
        let _ = write!(html, "<br>{}: {}", fact.label, escape(&fact.value));
    }
    if let Some(link) = message.link.as_ref().filter(|link| link.url.len() <= URL) {
        let _ = write!(plain, "\n{}: {}", link.text, link.url);
        let _ = write!(html, "<br><a href=\"{}\">{}</a>", escape_html(&link.url), link.text);
    }
    json!({
        // Other bots do not answer a notice.
        "msgtype": "m.notice",
        "body": plain,
        "format": "org.matrix.custom.html",
        "formatted_body": html,
        // Without it, `@room` in the body would mention everybody.
        "m.mentions": {},
    })
}
