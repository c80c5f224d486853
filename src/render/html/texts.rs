//! Descriptions as they will look, in frames that may run nothing and load nothing.

use std::fmt::Write;

use maud::{Markup, html};

use crate::model::{Field, FieldKind, Value};
use crate::plan::Plan;

use crate::render::escape::is_dangerous;

/// The look of a text in its frame.
const FRAME: &str = "<!doctype html><meta charset=\"utf-8\"><style>:root{color-scheme:light dark}\
    body{font:15px/1.5 system-ui,sans-serif;margin:.75rem;overflow-wrap:anywhere}\
    pre,code{white-space:pre-wrap}</style>";

/// Returns the texts of the record; one that changes beside what is published.
pub(super) fn render_texts(plan: &Plan) -> Markup {
    let returned = plan.target.normalize_as_server();
    html! {
        @for (field, value) in returned.iter() {
            @if field.kind() == FieldKind::Html && let Value::Text(planned) = value {
                (render_text(plan, field, planned))
            }
        }
    }
}

fn render_text(plan: &Plan, field: Field, planned: &str) -> Markup {
    let change = plan.metadata.iter().find(|change| change.field == field);
    let before = match change.and_then(|change| change.before.as_ref()) {
        Some(Value::Text(before)) => Some(before),
        _ => None,
    };
    let heading = if before.is_none() { "as it will look" } else { "published, and planned" };
    html! {
        section {
            h2 { (field.name()) ", " (heading) }
            div.frames {
                @if let Some(before) = before { (render_frame(field, "published", before)) }
                (render_frame(field, "planned", planned))
            }
        }
    }
}

fn render_frame(field: Field, which: &str, html: &str) -> Markup {
    let mut document = FRAME.to_owned();
    for c in html.chars() {
        // Seen as they are in the frame, and not in the page's own source.
        if is_dangerous(c) {
            let _ = write!(document, "&#x{:x};", u32::from(c));
        } else {
            document.push(c);
        }
    }
    // The document is HTML, but an attribute here: it is escaped like any other.
    html! { iframe sandbox title={ (field.name()) ", " (which) } srcdoc=(document) {} }
}
