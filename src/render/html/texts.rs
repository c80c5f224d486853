//! Descriptions as they will look, in frames that may run nothing and load nothing.

use std::fmt::Write;

use crate::model::{Field, FieldKind, Value};
use crate::plan::Plan;

use crate::render::escape::is_dangerous;

use super::escape::{escaped, quoted};

/// The look of a text in its frame.
const FRAME: &str = "<!doctype html><meta charset=\"utf-8\"><style>:root{color-scheme:light dark}\
    body{font:15px/1.5 system-ui,sans-serif;margin:.75rem;overflow-wrap:anywhere}\
    pre,code{white-space:pre-wrap}</style>";

/// Returns the texts of the record; one that changes beside what is published.
pub(super) fn texts(plan: &Plan) -> String {
    let returned = plan.target.normalize_as_server();
    let html = returned.iter().filter(|(field, _)| field.kind() == FieldKind::Html);
    html.map(|(field, value)| text(plan, field, value)).collect()
}

fn text(plan: &Plan, field: Field, value: &Value) -> String {
    let Value::Text(planned) = value else { return String::new() };
    let change = plan.metadata.iter().find(|change| change.field == field);
    let before = match change.and_then(|change| change.before.as_ref()) {
        Some(Value::Text(before)) => frame(field, "published", before),
        _ => String::new(),
    };
    let heading = if before.is_empty() { "as it will look" } else { "published, and planned" };
    format!(
        "<section>\n<h2>{}, {heading}</h2>\n<div class=\"frames\">\n{before}{}</div>\n</section>\n",
        escaped(field.name()),
        frame(field, "planned", planned)
    )
}

fn frame(field: Field, which: &str, html: &str) -> String {
    let mut inner = FRAME.to_owned();
    for c in html.chars() {
        // Seen as they are in the frame, and not in the page's own source.
        if is_dangerous(c) {
            let _ = write!(inner, "&#x{:x};", u32::from(c));
        } else {
            inner.push(c);
        }
    }
    let document = quoted(&inner);
    format!("<iframe sandbox title=\"{}, {which}\" srcdoc=\"{document}\"></iframe>\n", field.name())
}
