//! Changes of metadata: a text word by word, a list item by item.

use std::collections::HashSet;
use std::fmt::Write;

use crate::compare::{self, WordChange};
use crate::model::{FieldChange, FieldKind, Value};

use super::detail::Detail;
use super::escape::escape_text;
use super::style::{ADDED, CHANGED, DIM, REMOVED, choose_symbol_style, paint};

/// How many unchanged words are shown beside a change.
const CONTEXT_WORDS: usize = 6;

/// How many characters of these words, at most.
const CONTEXT_CHARS: usize = 100;

/// How many characters of a short value are shown.
const SHORT: usize = 100;

/// The largest part of what is shown of a text's changes that one change may take.
const LARGEST_PART: usize = 3;

/// Returns one change as lines, indented by two. The origin of the value is in words that are
/// harmless already.
pub(super) fn render_change(change: &FieldChange, origin: Option<&str>, detail: Detail) -> String {
    let FieldChange { field, before, after } = change;
    let name = format!("{:<21} ", field.name());
    let note = origin.map_or_else(String::new, paint_note);
    let head = Head { name: &name, note: &note };
    match (before, after) {
        (None, Some(after)) => render_one_sided('+', head, after, detail),
        (Some(before), None) => render_one_sided('-', head, before, detail),
        (Some(Value::Text(before)), Some(Value::Text(after))) => {
            compare_texts(head, (before, after), field.kind(), detail)
        }
        (Some(before), Some(after)) => compare_lists(head, &before.items(), &after.items(), detail),
        (None, None) => String::new(),
    }
}

fn paint_note(origin: &str) -> String {
    format!("  {}", paint(DIM, format!("({origin})")))
}

/// How a change begins: the name of the field, filled up with blanks, and a note on the value.
#[derive(Clone, Copy)]
struct Head<'a> {
    name: &'a str,
    note: &'a str,
}

impl Head<'_> {
    /// Returns a line of its own; what changes is below it.
    fn line(self, sign: &str) -> String {
        format!("  {sign} {}{}\n", self.name.trim_end(), self.note)
    }
}

fn render_one_sided(symbol: char, head: Head<'_>, value: &Value, detail: Detail) -> String {
    let style = choose_symbol_style(symbol);
    let items = value.items();
    let sign = paint(style, symbol);
    match items.as_slice() {
        [only] => {
            format!("  {sign} {}{}{}\n", head.name, detail.cut(&escape_text(only)), head.note)
        }
        items => {
            let items: Vec<&String> = items.iter().collect();
            format!("{}{}", head.line(&sign), list_items(&sign, &items, detail))
        }
    }
}

/// Returns items of a list, a line each, and how many more there are.
fn list_items(sign: &str, items: &[&String], detail: Detail) -> String {
    let mut out = String::new();
    let (shown, n_more) = detail.fold(items);
    for item in shown {
        let _ = writeln!(out, "      {sign} {}", detail.cut_item(&escape_text(item)));
    }
    if n_more > 0 {
        let _ = writeln!(out, "      {sign} {}", paint(DIM, format!("… {n_more} more")));
    }
    out
}

/// Shows a short value as before and after, a long one word by word.
fn compare_texts(
    head: Head<'_>,
    (before, after): (&str, &str),
    kind: FieldKind,
    detail: Detail,
) -> String {
    let sign = paint(CHANGED, '~');
    let is_short = before.chars().count() + after.chars().count() <= SHORT;
    if is_short && kind != FieldKind::Html {
        let Head { name, note } = head;
        return format!("  {sign} {name}{} -> {}{note}\n", escape_text(before), escape_text(after));
    }
    let words = compare_words(before, after, detail);
    format!("{}      {words}\n", head.line(&sign))
}

/// Returns a text with `[-removed-]` and `{+added+}`; what is far from a change is left out.
fn compare_words(before: &str, after: &str, detail: Detail) -> String {
    let changes = compare::compare_words(before, after);
    let last = changes.len().saturating_sub(1);
    let mut left = detail.changed;
    let (mut n_removed, mut n_added) = (0, 0);
    let mut out = String::new();
    for (at, change) in changes.iter().enumerate() {
        match change {
            // The changes of the rest are counted; what stays needs no count.
            WordChange::Same(_) if left == 0 => {}
            WordChange::Same(text) => {
                let text = shorten_context(text, at == 0, at == last);
                left = left.saturating_sub(text.chars().count());
                out.push_str(&text);
            }
            WordChange::Removed(text) => {
                let (shown, n_cut) = take_chars(text, detail.changed / LARGEST_PART, &mut left);
                n_removed += n_cut;
                push_marked(&mut out, REMOVED, ("[-", shown, "-]"));
            }
            WordChange::Added(text) => {
                let (shown, n_cut) = take_chars(text, detail.changed / LARGEST_PART, &mut left);
                n_added += n_cut;
                push_marked(&mut out, ADDED, ("{+", shown, "+}"));
            }
        }
    }
    if n_removed + n_added > 0 {
        let rest = format!("({n_removed} more characters removed, {n_added} added)");
        let _ = write!(out, " … {}", paint(DIM, rest));
    }
    out.trim().to_owned()
}

/// Returns a text, or its first `limit` characters, as long as anything is left to be shown; and
/// how many characters are cut.
fn take_chars<'a>(text: &'a str, limit: usize, left: &mut usize) -> (&'a str, usize) {
    let length = text.chars().count();
    let taken = if *left == 0 { 0 } else { length.min(limit) };
    *left = left.saturating_sub(taken);
    let end = text.char_indices().nth(taken).map_or(text.len(), |(at, _)| at);
    (&text[..end], length - taken)
}

fn push_marked(out: &mut String, style: anstyle::Style, (open, text, close): (&str, &str, &str)) {
    if !text.is_empty() {
        let _ = write!(out, "{}", paint(style, format!("{open}{}{close}", escape_text(text))));
    }
}

/// Returns an unchanged stretch, its middle left out when it is long.
fn shorten_context(text: &str, is_first: bool, is_last: bool) -> String {
    let words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    let (before, after) =
        (if is_first { 0 } else { CONTEXT_WORDS }, if is_last { 0 } else { CONTEXT_WORDS });
    // One word may be as long as a text: of a picture's data, or in a script without blanks.
    let is_long = text.chars().count() > 2 * CONTEXT_CHARS;
    if words.len() <= before + after + 2 && !is_long {
        return escape_text(text).into_owned();
    }
    let head: String = words[..before.min(words.len())].concat();
    let head: String = head.chars().take(if is_first { 0 } else { CONTEXT_CHARS }).collect();
    let tail: String = words[words.len().saturating_sub(after)..].concat();
    let n_cut = tail.chars().count().saturating_sub(if is_last { 0 } else { CONTEXT_CHARS });
    let tail: String = tail.chars().skip(n_cut).collect();
    format!("{}{}{}", escape_text(&head), paint(DIM, "… "), escape_text(&tail))
}

/// Shows what was removed and added; the rest is counted.
fn compare_lists(head: Head<'_>, before: &[String], after: &[String], detail: Detail) -> String {
    let mut out = head.line(&paint(CHANGED, '~'));
    let (old, new): (HashSet<&String>, HashSet<&String>) =
        (before.iter().collect(), after.iter().collect());
    let removed: Vec<&String> = before.iter().filter(|item| !new.contains(item)).collect();
    let added: Vec<&String> = after.iter().filter(|item| !old.contains(item)).collect();
    // The lists differ and have the same items: only their order changed.
    if removed.is_empty() && added.is_empty() {
        out.push_str("      another order:\n");
        let places = (0..after.len()).filter(|at| before.get(*at) != after.get(*at));
        let moved: Vec<String> = places.map(|at| format!("{}. {}", at + 1, after[at])).collect();
        let moved: Vec<&String> = moved.iter().collect();
        out.push_str(&list_items(&paint(CHANGED, '~'), &moved, detail));
        return out;
    }
    out.push_str(&list_items(&paint(REMOVED, '-'), &removed, detail));
    out.push_str(&list_items(&paint(ADDED, '+'), &added, detail));
    let n_same = after.len() - added.len();
    if n_same > 0 {
        let _ = writeln!(out, "      {}", paint(DIM, format!("({n_same} unchanged)")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;

    fn render(before: &str, after: &str, detail: Detail) -> String {
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        let change =
            FieldChange { field: Field::Description, before: text(before), after: text(after) };
        anstream::adapter::strip_str(&render_change(&change, None, detail)).to_string()
    }

    #[test]
    fn of_a_replaced_text_both_sides_are_shown_and_the_rest_is_counted() {
        let detail = Detail { chars: 20, changed: 60, items: 5 };
        let text = render(&"o".repeat(200), &"n".repeat(240), detail);
        let shown = format!("[-{}-]{{+{}+}}", "o".repeat(20), "n".repeat(20));
        let (n_removed, n_added) = (200 - 20, 240 - 20);
        let rest = format!("({n_removed} more characters removed, {n_added} added)");
        assert_eq!(text, format!("  ~ description\n      {shown} … {rest}\n"));
        let full = render(&"o".repeat(200), &"n".repeat(240), Detail::FULL);
        assert!(full.contains(&format!("[-{}-]{{+{}+}}", "o".repeat(200), "n".repeat(240))));
    }

    #[test]
    fn many_changes_of_a_text_end_when_enough_is_shown() {
        let before: String =
            (0..200).fold(String::new(), |text, n| format!("{text}same{n} before{n} "));
        let text = render(&before, &before.replace("before", "after"), Detail::FOLDED);
        assert!(text.chars().count() < 2_000, "{text}");
        let full = render(&before, &before.replace("before", "after"), Detail::FULL);
        let cut = |word: &str| {
            let all: usize = (0..200).map(|n| format!("{word}{n}").len()).sum();
            let shown: usize = text
                .split(&[' ', '[', ']', '{', '}'][..])
                .map(|part| {
                    let part = part.trim_matches(&['-', '+'][..]);
                    if part.starts_with(word) { part.len() } else { 0 }
                })
                .sum();
            all - shown
        };
        let rest = format!("({} more characters removed, {} added)", cut("before"), cut("after"));
        assert!(text.ends_with(&format!("{rest}\n")), "{rest}\n{text}");
        assert!(full.contains("{+after199+}"), "{full}");
    }

    fn render_lists(before: &[&str], after: &[&str], detail: Detail) -> String {
        let list =
            |items: &[&str]| Value::List(items.iter().map(|item| (*item).to_owned()).collect());
        let (before, after) = (Some(list(before)), (!after.is_empty()).then(|| list(after)));
        let change = FieldChange { field: Field::Keywords, before, after };
        anstream::adapter::strip_str(&render_change(&change, None, detail)).to_string()
    }

    #[test]
    fn another_order_names_what_stands_elsewhere() {
        let names: Vec<String> = (0..40).map(|n| format!("name {n}")).collect();
        let before: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut after = before.clone();
        after.swap(17, 21);
        let expected =
            "  ~ keywords\n      another order:\n      ~ 18. name 21\n      ~ 22. name 17\n";
        assert_eq!(render_lists(&before, &after, Detail::FOLDED), expected);
    }

    #[test]
    fn the_end_of_a_long_item_is_shown_or_counted() {
        let item = format!("{} retracted", "a".repeat(600));
        for after in [&[][..], &["short", "other"]] {
            let full = render_lists(&["short", &item], after, Detail::FULL);
            assert!(full.contains(" retracted\n"), "{full}");
            let cut = render_lists(&["short", &item], after, Detail::FOLDED);
            assert!(cut.contains("… (410 more characters)"), "{cut}");
        }
    }

    #[test]
    fn a_text_without_blanks_hides_no_change() {
        let text = |word: &str| format!("{}{word}{}。", "漢".repeat(3_000), "字".repeat(3_000));
        for (before, after) in [("旧", "新"), (" alpha ", " beta ")] {
            let shown = render(&text(before), &text(after), Detail::FOLDED);
            let (old, new) = (before.trim(), after.trim());
            assert!(shown.contains(&format!("[-{old}-]{{+{new}+}}")), "{shown}");
            assert!(shown.chars().count() < 400, "{shown}");
        }
    }
}
