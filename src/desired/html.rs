//! Texts as the HTML that is sent.

use std::collections::BTreeMap;

use crate::compare::{self, Tangle};
use crate::manifest::{self, Located, TextFormat, TextSource, codes};
use crate::model::{Finding, TextPlace};
use crate::vocab;

use super::depth;

/// Converts Markdown to HTML, with tables and strikethrough; HTML within it stays. Returns an empty
/// text for Markdown that is nested too deep.
pub fn convert_markdown_to_html(markdown: &str) -> String {
    use pulldown_cmark::{Parser, html};
    // The parser's time grows with the square of the depth.
    if depth::find_deep_markdown(markdown).is_some() {
        return String::new();
    }
    let mut text = String::new();
    html::push_html(&mut text, Parser::new_ext(markdown, make_markdown_options()));
    text.trim().to_owned()
}

pub(super) fn make_markdown_options() -> pulldown_cmark::Options {
    use pulldown_cmark::Options;
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

/// Returns a text as HTML.
pub(super) fn convert_text_to_html(
    place: TextPlace,
    text: &Located<TextSource>,
    texts: &BTreeMap<TextPlace, String>,
    found: &mut Vec<Finding>,
) -> Option<String> {
    let field = place.field;
    let path = match &text.value {
        TextSource::Inline(inline) => {
            let html = vocab::prepare_to_send(inline);
            let tangle = compare::find_tangle(&html);
            let place = |line: usize| format!("line {line} of the text");
            let finding =
                |(tangle, line)| depth::report_too_deep(field, tangle, text.span, &place(line));
            found.extend(tangle.map(finding));
            return tangle.is_none().then_some(html);
        }
        TextSource::File(path) => path,
    };
    let Some(content) = texts.get(&place) else {
        let summary = format!("`{}` was not read", path.value);
        found.push(Finding::error(codes::UNREAD_TEXT, summary).at(path.span, "not read"));
        return None;
    };
    // A byte order mark and blank lines are not a part of the text, but they count as lines.
    let blank = |c: char| c == '\u{feff}' || c.is_whitespace();
    let skipped = content.len() - content.trim_start_matches(blank).len();
    let (before, content) = (&content[..skipped], vocab::prepare_to_send(&content[skipped..]));
    let skipped = before.matches('\n').count();
    let at = |line: usize| format!("line {} of `{}`", skipped + line, path.value);
    let short = manifest::check_min_length(field, &content, path.span);
    found.extend(short.map(|it| it.hint(format!("write something into `{}`", path.value))));
    let html = match TextFormat::of(&path.value) {
        Some(TextFormat::Markdown) => {
            // Checked before the Markdown is parsed, which would take too long.
            if let Some((line, column)) = depth::find_deep_markdown(&content) {
                let place = format!("{}, column {column}", at(line));
                found.push(depth::report_too_deep(field, Tangle::Deep, path.span, &place));
                return None;
            }
            vocab::prepare_to_send(&convert_markdown_to_html(&content))
        }
        Some(TextFormat::Html) | None => content,
    };
    // Markdown can hold any HTML, so its result is checked like an HTML file.
    let Some((tangle, line)) = compare::find_tangle(&html) else { return Some(html) };
    let place = match TextFormat::of(&path.value) {
        Some(TextFormat::Markdown) => format!("line {line} of the HTML of `{}`", path.value),
        Some(TextFormat::Html) | None => at(line),
    };
    found.push(depth::report_too_deep(field, tangle, path.span, &place));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_keeps_html_and_has_no_other_extensions() {
        assert_eq!(convert_markdown_to_html("a <b>c</b>\n"), "<p>a <b>c</b></p>");
        assert_eq!(convert_markdown_to_html("\"q\" -- a[^1]"), "<p>\"q\" -- a[^1]</p>");
    }
}
