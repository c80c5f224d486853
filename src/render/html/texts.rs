//! Descriptions as they will look, in frames that may run nothing and load nothing.

use std::fmt::Write;

use maud::{Markup, html};

use crate::model::{Field, FieldKind, Value};
use crate::plan::Plan;

use crate::render::escape::is_dangerous;

/// The look of a text in its frame.
const FRAME: &str = "<!doctype html><meta charset=\"utf-8\"><style>:root{color-scheme:light dark}\
    body{font:15px/1.5 system-ui,sans-serif;margin:.75rem;overflow-wrap:anywhere}\
    pre,code{white-space:pre-wrap}</style>";

/// How many characters a line of a frame has on a wide page, and on a phone.
const WIDE: usize = 75;
const NARROW: usize = 42;

/// The bounds of a frame's height, in rem; a longer text scrolls.
const SMALLEST: usize = 4;
const LARGEST: usize = 16;

/// Returns the texts of the record; one that changes beside what is published.
pub(super) fn render_texts(plan: &Plan) -> Markup {
    let returned = plan.target.normalize_as_server();
    html! {
        @for (field, value) in returned.iter() {
            @if field.kind() == FieldKind::Html && let Value::Text(planned) = value {
                (render_text(plan, field, planned))
            }
        }
    }
}

fn render_text(plan: &Plan, field: Field, planned: &str) -> Markup {
    let change = plan.metadata.iter().find(|change| change.field == field);
    let before = match change.and_then(|change| change.before.as_ref()) {
        Some(Value::Text(before)) => Some(before),
        _ => None,
    };
    let heading = if before.is_none() { "as it will look" } else { "published, and planned" };
    html! {
        section {
            h2 { (field.name()) ", " (heading) }
            div.frames {
                @if let Some(before) = before { (render_frame(field, "published", before)) }
                (render_frame(field, "planned", planned))
            }
        }
    }
}

fn render_frame(field: Field, which: &str, html: &str) -> Markup {
    let mut document = FRAME.to_owned();
    for c in html.chars() {
        // Seen as they are in the frame, and not in the page's own source.
        if is_dangerous(c) {
            let _ = write!(document, "&#x{:x};", u32::from(c));
        } else {
            document.push(c);
        }
    }
    let (wide, narrow) = (estimate_height(html, WIDE), estimate_height(html, NARROW));
    // The document is HTML, but an attribute here: it is escaped like any other.
    html! {
        iframe sandbox title={ (field.name()) ", " (which) } srcdoc=(document)
            style={ "--wide:" (wide) "rem;--narrow:" (narrow) "rem" } {}
    }
}

/// Estimates how high a text is with so many characters on a line, in rem: a frame that runs
/// nothing can't measure it.
fn estimate_height(html: &str, columns: usize) -> usize {
    let blocks = ["</p>", "</li>", "</div>", "</h", "</tr>", "</pre>", "<br"];
    let html = blocks.iter().fold(html.to_owned(), |html, end| html.replace(end, "\n<"));
    let lines = html.lines().map(count_visible).filter(|visible| *visible > 0);
    // A line is 1.5 high, and most blocks have space around them.
    let tenths: usize = lines.map(|visible| visible.div_ceil(columns) * 15 + 8).sum();
    tenths.div_ceil(10).clamp(SMALLEST, LARGEST)
}

/// Counts the characters of a line of HTML that are outside its tags.
fn count_visible(line: &str) -> usize {
    let mut is_inside = false;
    let is_visible = |c: &char| {
        match c {
            '<' => is_inside = true,
            '>' => is_inside = false,
            _ => return !is_inside,
        }
        false
    };
    line.trim().chars().filter(is_visible).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_as_high_as_its_text_within_bounds() {
        let paragraph = |length: usize| format!("<p>{}</p>", "a".repeat(length));
        assert_eq!(estimate_height(&paragraph(5), WIDE), SMALLEST);
        assert_eq!(estimate_height(&paragraph(WIDE * 5), WIDE), 9);
        assert!(estimate_height(&paragraph(WIDE * 5), NARROW) > 9);
        assert_eq!(estimate_height(&paragraph(100_000), WIDE), LARGEST);
        assert_eq!(estimate_height("", WIDE), SMALLEST);
        let list = format!("<ul>{}</ul>", "<li>a</li>".repeat(4));
        assert!(estimate_height(&list, WIDE) > estimate_height(&paragraph(4), WIDE));
    }

    #[test]
    fn what_is_inside_tags_takes_no_room() {
        let link = format!("<a href=\"{}\">here</a>", "x".repeat(10_000));
        assert_eq!(count_visible(&link), 4);
    }
}
