//! The metadata, both versions side by side.

use std::collections::HashSet;

use maud::{Markup, html};

use crate::compare::{self, WordChange};
use crate::model::{Field, FieldChange, FieldKind, Value};
use crate::plan::{Operation, Plan};
use crate::render::escape::escape_text;
use crate::render::size::count;
use crate::render::words::describe_origin;

/// Returns the fields that change, and those that stay, folded.
pub(super) fn render_metadata(plan: &Plan) -> Markup {
    let returned = plan.target.normalize_as_server();
    let is_same = |field| plan.metadata.iter().all(|change| change.field != field);
    let same: Vec<(Field, &Value)> = returned.iter().filter(|(field, _)| is_same(*field)).collect();
    if plan.metadata.is_empty() && same.is_empty() {
        return html! {};
    }
    html! {
        section {
            h2 { "Metadata" }
            @if !plan.metadata.is_empty() { (render_changed(plan)) }
            @if !same.is_empty() { (render_unchanged(plan, &same)) }
        }
    }
}

fn render_changed(plan: &Plan) -> Markup {
    html! {
        table.fields {
            thead { tr { th { "Field" } th { "Published" } th { "Planned" } } }
            tbody {
                @for change in &plan.metadata { (render_change(plan, change)) }
            }
        }
    }
}

fn render_unchanged(plan: &Plan, same: &[(Field, &Value)]) -> Markup {
    html! {
        details {
            summary { (count(same.len(), "field")) " unchanged" }
            table.fields {
                tbody {
                    @for (field, value) in same {
                        tr {
                            th { (field.name()) (render_origin(plan, *field)) }
                            td { (render_value(Some(value), None)) }
                        }
                    }
                }
            }
        }
    }
}

fn render_change(plan: &Plan, change: &FieldChange) -> Markup {
    let FieldChange { field, before, after } = change;
    let (before, after) = match (before, after) {
        (Some(Value::Text(before)), Some(Value::Text(after))) => {
            render_two_texts(before, after, field.kind())
        }
        (before, after) => {
            let items = |value: &Option<Value>| value.as_ref().map(Value::items);
            let items = |value| items(value).unwrap_or_default().into_iter().collect();
            let (old, new): (HashSet<String>, HashSet<String>) = (items(before), items(after));
            // In a new record everything is new, and a tint would say nothing.
            let is_new = matches!(plan.operation, Operation::NewRecord { .. });
            let other = |items| (!is_new).then_some(items);
            (render_value(before.as_ref(), other(&new)), render_value(after.as_ref(), other(&old)))
        }
    };
    let name = html! { (field.name()) (render_origin(plan, *field)) };
    html! { tr { th { (name) } td.before { (before) } td.after { (after) } } }
}

/// Returns which communities contributed to a field.
fn render_origin(plan: &Plan, field: Field) -> Markup {
    let origin = describe_origin(plan, field, |text| escape_text(text).into_owned());
    html! { @if let Some(origin) = origin { br; small { (origin) } } }
}

/// A short text is shown as it is, a long one with its words marked.
fn render_two_texts(before: &str, after: &str, kind: FieldKind) -> (Markup, Markup) {
    if kind != FieldKind::Html {
        return (html! { del { (escape_text(before)) } }, html! { ins { (escape_text(after)) } });
    }
    let changes = compare::compare_words(before, after);
    let old = html! {
        @for change in &changes {
            @match change {
                WordChange::Same(text) => { (escape_text(text)) }
                WordChange::Removed(text) => { del { (escape_text(text)) } }
                WordChange::Added(_) => {}
            }
        }
    };
    let new = html! {
        @for change in &changes {
            @match change {
                WordChange::Same(text) => { (escape_text(text)) }
                WordChange::Removed(_) => {}
                WordChange::Added(text) => { ins { (escape_text(text)) } }
            }
        }
    };
    (old, new)
}

/// Returns one side; items that the other side lacks are marked. Without the other side, none is.
fn render_value(value: Option<&Value>, other: Option<&HashSet<String>>) -> Markup {
    let Some(value) = value else { return html! { i { "none" } } };
    let items = value.items();
    if let [only] = items.as_slice() {
        return render_item(only, other);
    }
    html! {
        ul {
            @for item in &items { li { (render_item(item, other)) } }
        }
    }
}

fn render_item(item: &str, other: Option<&HashSet<String>>) -> Markup {
    let text = escape_text(item);
    let is_new = other.is_some_and(|other| !other.contains(item));
    html! {
        @if is_new { mark { (text) } } @else { (text) }
    }
}
