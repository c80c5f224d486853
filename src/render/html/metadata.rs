//! The metadata, both versions side by side.

use std::collections::HashSet;
use std::fmt::Write;

use crate::compare::{self, WordChange};
use crate::model::{FieldChange, FieldKind, Value};
use crate::plan::Plan;
use crate::render::size::count;

use super::escape::escaped;

/// Returns the fields that change, and those that stay, folded.
pub(super) fn metadata(plan: &Plan) -> String {
    let mut out = String::new();
    if !plan.metadata.is_empty() {
        let rows: String = plan.metadata.iter().map(change).collect();
        let _ = write!(
            out,
            "<table class=\"fields\">\n<thead><tr><th>Field</th><th>Published</th><th>Planned</th>\
             </tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
        );
    }
    out.push_str(&unchanged(plan));
    if out.is_empty() { out } else { format!("<section>\n<h2>Metadata</h2>\n{out}</section>\n") }
}

fn unchanged(plan: &Plan) -> String {
    let returned = plan.target.normalize_as_server();
    let is_same = |field| plan.metadata.iter().all(|change| change.field != field);
    let same: Vec<String> = returned
        .iter()
        .filter(|(field, _)| is_same(*field))
        .map(|(field, value)| {
            let shown = whole(Some(value), &HashSet::new());
            format!("<tr><th>{}</th><td>{shown}</td></tr>\n", field.name())
        })
        .collect();
    if same.is_empty() {
        return String::new();
    }
    format!(
        "<details><summary>{} unchanged</summary>\n<table class=\"fields\">\n<tbody>\n{}</tbody>\n\
         </table>\n</details>\n",
        count(same.len(), "field"),
        same.concat()
    )
}

fn change(change: &FieldChange) -> String {
    let FieldChange { field, before, after } = change;
    let (before, after) = match (before, after) {
        (Some(Value::Text(before)), Some(Value::Text(after))) => {
            two_texts(before, after, field.kind())
        }
        (before, after) => {
            let items = |value: &Option<Value>| value.as_ref().map(Value::items);
            let items = |value| items(value).unwrap_or_default().into_iter().collect();
            let (old, new): (HashSet<String>, HashSet<String>) = (items(before), items(after));
            (whole(before.as_ref(), &new), whole(after.as_ref(), &old))
        }
    };
    format!(
        "<tr><th>{}</th><td class=\"before\">{before}</td><td class=\"after\">{after}</td></tr>\n",
        field.name()
    )
}

/// A short text is shown as it is, a long one with its words marked.
fn two_texts(before: &str, after: &str, kind: FieldKind) -> (String, String) {
    if kind != FieldKind::Html {
        return (
            format!("<del>{}</del>", escaped(before)),
            format!("<ins>{}</ins>", escaped(after)),
        );
    }
    let (mut old, mut new) = (String::new(), String::new());
    for change in compare::compare_words(before, after) {
        match change {
            WordChange::Same(text) => {
                old.push_str(&escaped(&text));
                new.push_str(&escaped(&text));
            }
            WordChange::Removed(text) => {
                let _ = write!(old, "<del>{}</del>", escaped(&text));
            }
            WordChange::Added(text) => {
                let _ = write!(new, "<ins>{}</ins>", escaped(&text));
            }
        }
    }
    (old, new)
}

/// Returns one side; items that the other side lacks are marked.
fn whole(value: Option<&Value>, other: &HashSet<String>) -> String {
    let Some(value) = value else { return "<i>none</i>".to_owned() };
    let items = value.items();
    if let [only] = items.as_slice() {
        return marked(only, other);
    }
    let items: Vec<String> =
        items.iter().map(|item| format!("<li>{}</li>", marked(item, other))).collect();
    format!("<ul>{}</ul>", items.concat())
}

fn marked(item: &str, other: &HashSet<String>) -> String {
    let text = escaped(item);
    let is_new = !other.is_empty() && !other.contains(item);
    if is_new { format!("<mark>{text}</mark>") } else { text }
}
