//! Changes of metadata: a text word by word, a list item by item.

use std::collections::HashSet;
use std::fmt::Write;

use crate::compare::{self, WordChange};
use crate::model::{FieldChange, FieldKind, Value};

use super::escape::{escape_text, shorten_middle};
use super::style::{ADDED, CHANGED, DIM, REMOVED, choose_symbol_style, paint};

/// How many unchanged words are shown beside a change.
const CONTEXT_WORDS: usize = 6;

/// How many characters of a short value are shown.
const SHORT: usize = 100;

/// Returns one change as lines, indented by two.
pub(super) fn render_change(change: &FieldChange) -> String {
    let FieldChange { field, before, after } = change;
    let name = format!("{:<22}", field.name());
    match (before, after) {
        (None, Some(after)) => render_one_sided('+', &name, after),
        (Some(before), None) => render_one_sided('-', &name, before),
        (Some(Value::Text(before)), Some(Value::Text(after))) => {
            compare_texts(&name, before, after, field.kind())
        }
        (Some(before), Some(after)) => compare_lists(&name, &before.items(), &after.items()),
        (None, None) => String::new(),
    }
}

fn render_one_sided(symbol: char, name: &str, value: &Value) -> String {
    let style = choose_symbol_style(symbol);
    let items = value.items();
    let sign = paint(style, symbol);
    match items.as_slice() {
        [only] => format!("  {sign} {name}{}\n", shorten_middle(&escape_text(only), 4 * SHORT)),
        items => {
            let mut out = format!("  {sign} {}\n", name.trim_end());
            for item in items {
                let _ =
                    writeln!(out, "      {sign} {}", shorten_middle(&escape_text(item), 2 * SHORT));
            }
            out
        }
    }
}

/// Shows a short value as before and after, a long one word by word.
fn compare_texts(name: &str, before: &str, after: &str, kind: FieldKind) -> String {
    let sign = paint(CHANGED, '~');
    let is_short = before.chars().count() + after.chars().count() <= SHORT;
    if is_short && kind != FieldKind::Html {
        return format!("  {sign} {name}{} -> {}\n", escape_text(before), escape_text(after));
    }
    format!("  {sign} {}\n      {}\n", name.trim_end(), compare_words(before, after))
}

/// Returns a text with `[-removed-]` and `{+added+}`; what is far from a change is left out.
fn compare_words(before: &str, after: &str) -> String {
    let changes = compare::compare_words(before, after);
    let last = changes.len().saturating_sub(1);
    let mut out = String::new();
    for (at, change) in changes.iter().enumerate() {
        match change {
            WordChange::Same(text) => out.push_str(&shorten_context(text, at == 0, at == last)),
            WordChange::Removed(text) => {
                let _ = write!(out, "{}", paint(REMOVED, format!("[-{}-]", escape_text(text))));
            }
            WordChange::Added(text) => {
                let _ = write!(out, "{}", paint(ADDED, format!("{{+{}+}}", escape_text(text))));
            }
        }
    }
    out.trim().to_owned()
}

/// Returns an unchanged stretch, its middle left out when it is long.
fn shorten_context(text: &str, is_first: bool, is_last: bool) -> String {
    let words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    let (before, after) =
        (if is_first { 0 } else { CONTEXT_WORDS }, if is_last { 0 } else { CONTEXT_WORDS });
    if words.len() <= before + after + 2 {
        return escape_text(text).into_owned();
    }
    let head = words[..before].concat();
    let tail = words[words.len() - after..].concat();
    format!("{}{}{}", escape_text(&head), paint(DIM, "… "), escape_text(&tail))
}

/// Shows what was removed and added; the rest is counted.
fn compare_lists(name: &str, before: &[String], after: &[String]) -> String {
    let mut out = format!("  {} {}\n", paint(CHANGED, '~'), name.trim_end());
    let (old, new): (HashSet<&String>, HashSet<&String>) =
        (before.iter().collect(), after.iter().collect());
    let removed: Vec<&String> = before.iter().filter(|item| !new.contains(item)).collect();
    let added: Vec<&String> = after.iter().filter(|item| !old.contains(item)).collect();
    // The lists differ and have the same items: only their order changed.
    if removed.is_empty() && added.is_empty() {
        let _ = writeln!(
            out,
            "      order: {}",
            shorten_middle(&escape_text(&after.join("; ")), 3 * SHORT)
        );
        return out;
    }
    for item in &removed {
        let _ = writeln!(out, "      {} {}", paint(REMOVED, '-'), escape_text(item));
    }
    for item in &added {
        let _ = writeln!(out, "      {} {}", paint(ADDED, '+'), escape_text(item));
    }
    let n_same = after.len() - added.len();
    if n_same > 0 {
        let _ = writeln!(out, "      {}", paint(DIM, format!("({n_same} unchanged)")));
    }
    out
}
