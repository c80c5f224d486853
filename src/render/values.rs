//! Changes of metadata: a text word by word, a list item by item.

use std::collections::HashSet;
use std::fmt::Write;

use crate::compare::{self, WordChange};
use crate::model::{FieldChange, FieldKind, Value};

use super::escape::{shortened, shown};
use super::style::{ADDED, CHANGED, DIM, REMOVED, of_symbol, paint};

/// How many unchanged words are shown beside a change.
const CONTEXT_WORDS: usize = 6;

/// How many characters of a short value are shown.
const SHORT: usize = 100;

/// Returns one change as lines, indented by two.
pub(super) fn change_lines(change: &FieldChange) -> String {
    let FieldChange { field, before, after } = change;
    let name = format!("{:<22}", field.name());
    match (before, after) {
        (None, Some(after)) => one_sided('+', &name, after),
        (Some(before), None) => one_sided('-', &name, before),
        (Some(Value::Text(before)), Some(Value::Text(after))) => {
            two_texts(&name, before, after, field.kind())
        }
        (Some(before), Some(after)) => two_lists(&name, &before.items(), &after.items()),
        (None, None) => String::new(),
    }
}

fn one_sided(symbol: char, name: &str, value: &Value) -> String {
    let style = of_symbol(symbol);
    let items = value.items();
    let sign = paint(style, symbol);
    match items.as_slice() {
        [only] => format!("  {sign} {name}{}\n", shortened(&shown(only), 4 * SHORT)),
        items => {
            let mut out = format!("  {sign} {}\n", name.trim_end());
            for item in items {
                let _ = writeln!(out, "      {sign} {}", shortened(&shown(item), 2 * SHORT));
            }
            out
        }
    }
}

/// Shows a short value as before and after, a long one word by word.
fn two_texts(name: &str, before: &str, after: &str, kind: FieldKind) -> String {
    let sign = paint(CHANGED, '~');
    let is_short = before.chars().count() + after.chars().count() <= SHORT;
    if is_short && kind != FieldKind::Html {
        return format!("  {sign} {name}{} -> {}\n", shown(before), shown(after));
    }
    format!("  {sign} {}\n      {}\n", name.trim_end(), word_difference(before, after))
}

/// Returns a text with `[-removed-]` and `{+added+}`; what is far from a change is left out.
fn word_difference(before: &str, after: &str) -> String {
    let changes = compare::words(before, after);
    let last = changes.len().saturating_sub(1);
    let mut out = String::new();
    for (at, change) in changes.iter().enumerate() {
        match change {
            WordChange::Same(text) => out.push_str(&context(text, at == 0, at == last)),
            WordChange::Removed(text) => {
                let _ = write!(out, "{}", paint(REMOVED, format!("[-{}-]", shown(text))));
            }
            WordChange::Added(text) => {
                let _ = write!(out, "{}", paint(ADDED, format!("{{+{}+}}", shown(text))));
            }
        }
    }
    out.trim().to_owned()
}

/// Returns an unchanged stretch, its middle left out when it is long.
fn context(text: &str, is_first: bool, is_last: bool) -> String {
    let words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    let (before, after) =
        (if is_first { 0 } else { CONTEXT_WORDS }, if is_last { 0 } else { CONTEXT_WORDS });
    if words.len() <= before + after + 2 {
        return shown(text).into_owned();
    }
    let head = words[..before].concat();
    let tail = words[words.len() - after..].concat();
    format!("{}{}{}", shown(&head), paint(DIM, "… "), shown(&tail))
}

/// Shows what was removed and added; the rest is counted.
fn two_lists(name: &str, before: &[String], after: &[String]) -> String {
    let mut out = format!("  {} {}\n", paint(CHANGED, '~'), name.trim_end());
    let (old, new): (HashSet<&String>, HashSet<&String>) =
        (before.iter().collect(), after.iter().collect());
    let removed: Vec<&String> = before.iter().filter(|item| !new.contains(item)).collect();
    let added: Vec<&String> = after.iter().filter(|item| !old.contains(item)).collect();
    // The lists differ and have the same items: only their order changed.
    if removed.is_empty() && added.is_empty() {
        let _ = writeln!(out, "      order: {}", shortened(&shown(&after.join("; ")), 3 * SHORT));
        return out;
    }
    for item in &removed {
        let _ = writeln!(out, "      {} {}", paint(REMOVED, '-'), shown(item));
    }
    for item in &added {
        let _ = writeln!(out, "      {} {}", paint(ADDED, '+'), shown(item));
    }
    let n_same = after.len() - added.len();
    if n_same > 0 {
        let _ = writeln!(out, "      {}", paint(DIM, format!("({n_same} unchanged)")));
    }
    out
}
