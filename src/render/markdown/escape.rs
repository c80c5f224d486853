//! Foreign text in Markdown: always inside code, where no forge looks for markup, links, names or
//! commands.

use crate::render::escape::{escape_text, shorten_middle};

/// How many characters of a foreign text are shown in a line.
const WIDTH: usize = 120;

/// Returns a text as a code span of one line. A `|`, which would end a cell of a table, is escaped.
pub(in crate::render) fn quote_code(text: &str) -> String {
    quote_code_within(text, WIDTH)
}

/// The same with at most `width` characters of the text.
pub(in crate::render) fn quote_code_within(text: &str, width: usize) -> String {
    let text = shorten_middle(&escape_text(text).replace('|', "\\u{7c}"), width);
    if text.trim().is_empty() {
        return "(empty)".to_owned();
    }
    let ticks = "`".repeat(count_longest_run(&text) + 1);
    // Markdown removes one blank at each end, and reads a backtick there as part of the fence.
    let edge = |c: Option<char>| c.is_some_and(|c| c == '`' || c == ' ');
    let is_padded = edge(text.chars().next()) || edge(text.chars().last());
    let pad = if is_padded { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// Returns lines as a fenced block of a language; the fence is longer than any run of backticks in
/// them. The lines are the caller's, and harmless already.
pub(super) fn fence_lines(language: &str, lines: &[String]) -> String {
    let fence = "`".repeat(choose_fence_width(lines));
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

/// Returns how many backticks a fence around the lines has.
pub(super) fn choose_fence_width(lines: &[String]) -> usize {
    let longest = lines.iter().map(|line| count_longest_run(line)).max().unwrap_or(0);
    longest.max(2) + 1
}

fn count_longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_span_holds_whatever_is_put_into_it() {
        let cases = [
            ("a.csv", "`a.csv`"),
            ("`", "`` ` ``"),
            ("a``b", "```a``b```"),
            (" a", "`  a `"),
            ("a|b", "`a\\u{7c}b`"),
            ("</details>\n# Approved", "`</details> # Approved`"),
            ("", "(empty)"),
            ("\u{202e}", "`\\u{202e}`"),
        ];
        for (text, expected) in cases {
            assert_eq!(quote_code(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        let block = fence_lines("diff", &["- ````".to_owned()]);
        assert_eq!(block, "`````diff\n- ````\n`````\n");
    }
}
