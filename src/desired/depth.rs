//! Finds texts that are nested so deep that reading them would take too long.

use crate::compare::Tangle;
use crate::manifest::codes;
use crate::model::{Field, Finding, Span};

/// How deep quotes and lists of Markdown may be nested: for each level, every line that follows is
/// read again.
const DEEPEST_MARKDOWN: usize = 256;

/// Finds a line of Markdown that begins with too many marks of quotes and lists; returns line and
/// column, from 1. Nesting that grows line by line needs a text that is long in proportion.
pub(super) fn find_deep_markdown(markdown: &str) -> Option<(usize, usize)> {
    let mut lines = markdown.lines().enumerate();
    lines.find_map(|(at, line)| Some((at + 1, find_deep_column(line)?)))
}

/// Returns the column of the mark that is one too many.
fn find_deep_column(line: &str) -> Option<usize> {
    let is_blank = |c: char| matches!(c, ' ' | '\t');
    // A line of dashes or stars alone is a rule, however long it is.
    if line.chars().all(|c| is_blank(c) || matches!(c, '-' | '*')) {
        return None;
    }
    let (mut marks, mut before) = (0, ' ');
    let mut chars = line.chars().enumerate().peekable();
    while let Some((at, c)) = chars.next() {
        let is_followed = chars.peek().is_none_or(|(_, next)| is_blank(*next));
        marks += match c {
            '>' => 1,
            // Without a blank behind it, the sign is text: `-x`, `1.5`.
            '-' | '+' | '*' if is_followed => 1,
            '.' | ')' if is_followed && before.is_ascii_digit() => 1,
            c if is_blank(c) || c.is_ascii_digit() => 0,
            _ => return None,
        };
        if marks > DEEPEST_MARKDOWN {
            return Some(at + 1);
        }
        before = c;
    }
    None
}

/// Reports a text that takes too long to read.
pub(super) fn report_too_deep(field: Field, tangle: Tangle, span: Span, place: &str) -> Finding {
    let (what, hint) = match tangle {
        Tangle::Deep => (
            "nests more than 256 elements in each other",
            "remove nested elements, such as tags that are never closed",
        ),
        Tangle::Reopened => (
            "leaves tags open that every paragraph opens again",
            "close `<b>`, `<i>` and their like where they end",
        ),
        Tangle::Attributes => {
            ("has a tag with more than 1,000 attributes", "remove the attributes")
        }
    };
    Finding::error(codes::NESTING, format!("`{field}` {what}, in {place}"))
        .at(span, "too deep to be read")
        .because("the time to read it grows with the square of its length")
        .hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_markdown_is_not_deep() {
        let rule = "-".repeat(1000);
        let stars = "* ".repeat(400);
        for text in [
            rule.as_str(),
            &stars,
            &"> quoted\n".repeat(1000),
            "- a\n  - b\n    - c",
            &"1. x\n".repeat(999),
        ] {
            assert_eq!(find_deep_markdown(text), None, "{text}");
        }
        assert_eq!(find_deep_markdown(&format!("a\n{}b", "> ".repeat(257))), Some((2, 513)));
        assert_eq!(find_deep_markdown(&format!("{}b", "1. ".repeat(257))), Some((1, 770)));
        assert_eq!(find_deep_markdown(&format!("{}b", "- ".repeat(256))), None);
    }
}
