//! E-mail: a subject, and the same as plain text and as HTML. What is sent around them is in `mail`.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::notify::Message;
use crate::notify::text::{cut, escape_html};

/// Characters of a subject: in any script, a header of a few folded lines.
const SUBJECT: usize = 150;

/// The parts of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::notify) struct MailText {
    /// One line.
    pub(in crate::notify) subject: String,
    /// Plain text.
    pub(in crate::notify) plain: String,
    /// HTML.
    pub(in crate::notify) html: String,
}

/// Renders a message.
pub(in crate::notify) fn render_mail(message: &Message) -> MailText {
    let mut html = format!("<p><strong>{}</strong></p>\n<p>", escape_html(&message.headline));
    for fact in message.shown() {
        let _ = writeln!(html, "{}: {}<br>", fact.label, escape_html(&fact.value));
    }
    if let Some(link) = &message.link {
        let _ = write!(html, "<a href=\"{}\">{}</a>", escape_html(&link.url), link.text);
    }
    html.push_str("</p>\n");
    MailText { subject: cut(&message.headline, SUBJECT), plain: message.text(), html }
}

/// Returns the parts as a document, to be compared with what is expected.
pub(super) fn render_mail_json(message: &Message) -> Json {
    let MailText { subject, plain, html } = render_mail(message);
    json!({ "subject": subject, "plain": plain, "html": html })
}
