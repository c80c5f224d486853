//! Changes of a text by byte ranges.

use std::ops::Range;

/// One change: what a range of bytes is replaced with.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Edit {
    pub(super) fn replace(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }

    pub(super) fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { range: at..at, text: text.into() }
    }
}

/// Makes all changes. Those at the same byte keep their order; ranges must not overlap.
pub(super) fn apply_edits(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.range.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(text.get(at..edit.range.start).unwrap_or_default());
        out.push_str(&edit.text);
        at = edit.range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Returns how lines end, as the first line does.
pub(super) fn find_line_end(text: &str) -> &'static str {
    match text.split_once('\n') {
        Some((line, _)) if line.ends_with('\r') => "\r\n",
        Some(_) | None => "\n",
    }
}

/// Returns the line of a byte, from 1.
pub(super) fn count_line(text: &str, at: usize) -> usize {
    1 + text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count()
}

/// Returns where the line of a byte begins.
pub(super) fn find_line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// Splits a byte order mark off.
pub(super) fn split_mark(text: &str) -> (&str, &str) {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split_at(text.len() - body.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_made_in_their_place_and_order() {
        let edits = vec![Edit::insert(4, "x"), Edit::replace(1..3, "-"), Edit::insert(4, "y")];
        assert_eq!(apply_edits("abcd", edits), "a-dxy");
        assert_eq!(apply_edits("", vec![Edit::insert(0, "x")]), "x");
    }

    #[test]
    fn lines_are_found() {
        assert_eq!(find_line_end("a\r\nb\n"), "\r\n");
        assert_eq!(find_line_end("a"), "\n");
        assert_eq!((count_line("a\nb\nc", 4), find_line_start("a\nb\nc", 3)), (3, 2));
        assert_eq!(split_mark("\u{feff}a"), ("\u{feff}", "a"));
    }
}
