//! Breaks long lines between words, with the rest indented below the line's own text.
//!
//! Styles take no room. A word that is wider than the terminal stays whole, so that an address or
//! a digest can be copied.

use textwrap::core::display_width;
use textwrap::{Options, WordSplitter};

/// How far the rest of a line stands to the right of its beginning, in columns.
const HANGING: usize = 2;

/// Whether a text has excerpts of a file, whose marks must stay below its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excerpts {
    /// Lines that look like one are left as they are.
    Kept,
    /// None: what looks like one is foreign text.
    Absent,
}

/// Returns a text whose lines are at most `width` columns wide, where their words allow it.
pub(super) fn wrap_text(text: &str, width: usize, excerpts: Excerpts) -> String {
    if text.lines().all(|line| display_width(line) <= width) {
        return text.to_owned();
    }
    text.split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => wrap_line(line, width, excerpts) + "\n",
            None => wrap_line(line, width, excerpts),
        })
        .collect()
}

fn wrap_line(line: &str, width: usize, excerpts: Excerpts) -> String {
    let plain = anstream::adapter::strip_str(line).to_string();
    if display_width(&plain) <= width || (excerpts == Excerpts::Kept && is_excerpt(&plain)) {
        return line.to_owned();
    }
    let blanks = plain.chars().take_while(|c| *c == ' ').count();
    // Kept apart: a first word that is too long would leave the blanks alone on a line.
    let rest = line.trim_start_matches(' ');
    // On a narrow terminal a deep indent would leave no room for words.
    let start = " ".repeat(blanks.min(width / 3));
    let indent = " ".repeat((blanks + HANGING).min(width / 3));
    // A terminal breaks what is too wide at its first column, where a text must not imitate a line
    // of zrel. An address or a digest has no blank that could.
    let is_copied = |word: &str| word.chars().all(|c| c.is_ascii_graphic());
    let breaks_words =
        plain.split(' ').any(|word| display_width(word) + indent.len() > width && !is_copied(word));
    let options = Options::new(width)
        .initial_indent(&start)
        .subsequent_indent(&indent)
        .break_words(breaks_words)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(rest, options)
}

/// Returns whether a line is part of an excerpt of a file: its marks stand below its text.
fn is_excerpt(plain: &str) -> bool {
    let text = plain.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
    text.trim_start().starts_with('|') || text.starts_with("-->") || text.starts_with("...")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrap(text: &str, width: usize) -> String {
        wrap_text(text, width, Excerpts::Absent)
    }

    #[test]
    fn a_long_line_breaks_between_words_and_hangs() {
        let text = "short\n  ! publishes: a DOI is minted and can't be taken back\n";
        let expected = "short\n  ! publishes: a DOI is\n    minted and can't be\n    taken back\n";
        assert_eq!(wrap(text, 25), expected);
        assert_eq!(wrap(text, 80), text);
    }

    #[test]
    fn a_style_takes_no_room_and_stays() {
        let line = "\u{1b}[31mred\u{1b}[0m and \u{1b}[1mbold\u{1b}[0m";
        assert_eq!(wrap(line, 12), line);
        assert_eq!(wrap(line, 8), "\u{1b}[31mred\u{1b}[0m and\n  \u{1b}[1mbold\u{1b}[0m");
    }

    #[test]
    fn a_word_without_room_stays_whole() {
        let digest = format!("Digest sha256:{}", "0".repeat(64));
        let expected = format!("Digest\n  sha256:{}", "0".repeat(64));
        assert_eq!(wrap(&digest, 40), expected);
        let name = format!("  {}  5 B", "n".repeat(30));
        assert_eq!(wrap(&name, 20), format!("  {}\n    5 B", "n".repeat(30)));
        let deep = format!("{}{}", " ".repeat(30), "a b c d e f g h");
        assert!(wrap(&deep, 20).lines().all(|line| display_width(line) <= 20));
    }

    #[test]
    fn an_excerpt_of_a_file_keeps_its_columns() {
        for line in [
            "3 | title = \"a long title of a data set\"",
            "  |         ^^^^^^^^^^^^^^^^^^^^^ this is too long",
            "  --> a/folder/with spaces/zenodo.toml:3:1",
        ] {
            assert_eq!(wrap_text(line, 20, Excerpts::Kept), line);
            assert_ne!(wrap(line, 20), line);
        }
    }

    #[test]
    fn wide_characters_count_as_two_columns() {
        assert_eq!(wrap("漢字 漢字 漢字", 10), "漢字 漢字\n  漢字");
    }

    #[test]
    fn no_text_begins_a_line_of_its_own() {
        let pad = |blank: &str| format!("| Data set{}server  zenodo.org", blank.repeat(30));
        for line in [pad(" "), pad("\u{a0}"), "漢字".repeat(30)] {
            let wrapped = wrap(&line, 40);
            let mut lines = wrapped.lines();
            assert!(display_width(lines.next().unwrap()) <= 40, "{wrapped}");
            let hangs = |line: &str| line.starts_with("  ") && display_width(line) <= 40;
            assert!(lines.all(hangs), "{wrapped:?}");
        }
    }
}
