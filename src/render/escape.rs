//! Makes foreign text harmless on a terminal.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::Value as Json;

/// Returns text in which control characters, bidi marks and invisible characters are written out
/// as `\u{…}`. Blanks, line feeds and tabs become single blanks.
pub fn escape_text(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| is_dangerous(c) || c == '\n' || c == '\t') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            c if is_dangerous(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Makes a foreign text harmless.
pub(super) type Quote = fn(&str) -> String;

/// Returns [`escape_text`] as a text of its own, for functions that take a way to quote.
pub(super) fn quote_text(text: &str) -> String {
    escape_text(text).into_owned()
}

/// Returns the name of a file as a column of a table, in quotes when its blanks could imitate what
/// stands behind it.
pub(super) fn quote_name(name: &str) -> String {
    let is_plain =
        ["  ", " (", " -> "].iter().all(|part| !name.contains(part)) && name.trim() == name;
    if is_plain { quote_text(name) } else { format!("`{}`", escape_text(name)) }
}

/// Returns text of several lines, made harmless. The lines after the first are indented: one that a
/// server wrote must not look like one of zrel's own.
pub(super) fn escape_lines(text: &str) -> String {
    text.lines().map(escape_text).collect::<Vec<_>>().join("\n    ")
}

/// Returns whether a character can move a cursor, turn the direction of writing, or be invisible.
pub(super) fn is_dangerous(c: char) -> bool {
    let is_plain_space = matches!(c, '\n' | '\t');
    (c.is_control() && !is_plain_space)
        || matches!(c,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{061c}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns a document as text that ends with a line feed.
pub fn write_json_text(document: &Json) -> String {
    // A runner of workflows obeys what follows `##[` anywhere in a line.
    let text = format!("{document:#}\n").replace("##[", "#\\u0023[");
    if !text.chars().any(is_dangerous) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_dangerous(c) {
            // JSON has its own escapes: a reader of the document gets the same text.
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Returns a word as a shell reads it, harmless on a terminal.
pub fn quote_word(word: &str) -> String {
    let word = escape_text(word);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./+=:,@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Shortens text in the middle to at most `width` characters.
pub fn shorten_middle(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width || width < 8 {
        return text.to_owned();
    }
    let head = (width - 1) * 2 / 3;
    let tail = width - 1 - head;
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(length - tail).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_bidi_marks_are_written_out() {
        assert_eq!(escape_text("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(escape_text("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(escape_text("a\nb"), "a b");
        assert_eq!(escape_text("plain é 漢"), "plain é 漢");
    }

    #[test]
    fn a_document_says_the_same_without_anything_that_a_terminal_obeys() {
        let words = "a\u{1b}[2J\u{9b}2J\u{7f}\u{202e}\u{e0041}\r\n\"é\\";
        let document = serde_json::json!({ words: [words] });
        let text = write_json_text(&document);
        assert!(!text.chars().any(is_dangerous), "{text:?}");
        assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), document);
        assert!(!write_json_text(&serde_json::json!("x ##[a]")).contains("##["));
        assert!(text.contains("\\u009b2J\\u007f\\u202e\\udb40\\udc41"), "{text}");
    }

    #[test]
    fn long_text_keeps_both_ends() {
        assert_eq!(shorten_middle("abcdefghijklmnop", 10), "abcdef…nop");
        assert_eq!(shorten_middle("short", 10), "short");
    }
}
