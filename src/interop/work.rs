//! What several formats need: names in parts, texts without tags, dates in parts, licences in
//! SPDX's spelling.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::compare;
use crate::model::{Field, Metadata, Person, Value};

/// Licences in SPDX's spelling, by their id in lower case.
static SPDX: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("data/spdx.txt").lines();
    let ids = lines.filter(|line| !line.starts_with('#') && !line.is_empty());
    ids.map(|id| (id.to_lowercase(), id)).collect()
});

/// Returns a licence's id in SPDX's spelling; none for one that SPDX does not know.
pub(in crate::interop) fn spdx(id: &str) -> Option<&'static str> {
    SPDX.get(&id.to_lowercase()).copied()
}

/// Returns family name and given names; none for what is no `Family, Given`.
pub(in crate::interop) fn name_parts(name: &str) -> Option<(&str, &str)> {
    let (family, given) = name.split_once(',')?;
    let (family, given) = (family.trim(), given.trim());
    let is_person = !family.is_empty() && !given.is_empty() && !given.contains(',');
    is_person.then_some((family, given))
}

/// Returns the people of a field.
pub(in crate::interop) fn people(metadata: &Metadata, field: Field) -> &[Person] {
    match metadata.get(field) {
        Some(Value::People(people)) => people,
        _ => &[],
    }
}

/// Returns the texts of a list.
pub(in crate::interop) fn list(metadata: &Metadata, field: Field) -> &[String] {
    match metadata.get(field) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

/// Returns a field of kind `Html` as a plain text, and whether it had more than text.
///
/// The HTML is that of the server's clean-up, which has few tags and fewer entities.
pub(in crate::interop) fn plain(metadata: &Metadata, field: Field) -> Option<(String, bool)> {
    let mut only = Metadata::default();
    only.set_text(field, metadata.text(field)?);
    let cleaned = compare::as_returned(&only);
    let html = cleaned.text(field)?;
    let text = without_tags(html);
    let is_marked = html.contains('<') && html != format!("<p>{text}</p>");
    (!text.is_empty()).then_some((text, is_marked))
}

fn without_tags(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = if rest.starts_with('<') { rest.find('>') } else { rest.find(';') };
        let Some(end) = end else { break };
        let (token, after) = rest.split_at(end + 1);
        if token.starts_with('<') {
            out.push_str(if is_block(token) { "\n" } else { "" });
        } else {
            out.push_str(entity(token));
        }
        rest = after;
    }
    out.push_str(rest);
    let lines = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

fn is_block(tag: &str) -> bool {
    const BLOCKS: [&str; 14] = [
        "p",
        "br",
        "div",
        "ul",
        "ol",
        "li",
        "tr",
        "table",
        "blockquote",
        "pre",
        "h1",
        "h2",
        "h3",
        "h4",
    ];
    let name = tag.trim_start_matches(['<', '/']).trim_end_matches(['>', '/']);
    let name = name.split_whitespace().next().unwrap_or_default();
    BLOCKS.contains(&name)
}

fn entity(token: &str) -> &str {
    match token {
        "&amp;" => "&",
        "&lt;" => "<",
        "&gt;" => ">",
        "&quot;" => "\"",
        "&nbsp;" => " ",
        other => other,
    }
}

/// A date in parts, as far as it says them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::interop) struct DateParts<'a> {
    /// The year.
    pub(in crate::interop) year: &'a str,
    /// The month, of two digits.
    pub(in crate::interop) month: Option<&'a str>,
    /// The whole day, `2026-06-01`.
    pub(in crate::interop) day: Option<&'a str>,
}

/// Returns the parts of the publication date; of an interval, those of its end.
pub(in crate::interop) fn date(metadata: &Metadata) -> Option<DateParts<'_>> {
    let text = metadata.text(Field::PublicationDate)?;
    let last = text.rsplit('/').next()?;
    let mut parts = last.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?;
    let month = parts.next().filter(|month| month.len() == 2);
    let day = parts.next().map(|_| last).filter(|_| !text.contains('/'));
    Some(DateParts { year, month, day })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(html: &str) -> Option<(String, bool)> {
        let mut metadata = Metadata::default();
        metadata.set_text(Field::Description, html);
        plain(&metadata, Field::Description)
    }

    #[test]
    fn a_text_loses_its_tags_and_keeps_its_lines() {
        let text = |html| of(html).map(|(text, _)| text).unwrap_or_default();
        assert_eq!(
            text("<p>One &amp; <b>two</b></p><ul><li>a &lt; b</li></ul>"),
            "One & two\na < b"
        );
        assert_eq!(text("Just a text"), "Just a text");
        assert_eq!(text("<p>x<sup>2</sup> &gt; y</p>"), "x2 > y");
        assert_eq!(of("<p>Plain</p>"), Some(("Plain".to_owned(), false)));
        assert_eq!(of("<p>Not <i>plain</i></p>").map(|(_, marked)| marked), Some(true));
    }

    #[test]
    fn a_name_has_two_parts_or_is_one() {
        assert_eq!(name_parts("Weiss, Tobias"), Some(("Weiss", "Tobias")));
        for whole in ["CERN", "A, B, C", "A,", ", B"] {
            assert_eq!(name_parts(whole), None, "{whole}");
        }
    }

    #[test]
    fn licences_are_spelled_as_spdx_does() {
        assert_eq!(spdx("cc-by-4.0"), Some("CC-BY-4.0"));
        assert_eq!(spdx("gpl-3.0-or-later"), Some("GPL-3.0-or-later"));
        assert_eq!(spdx("other-open"), None);
    }

    #[test]
    fn a_date_is_taken_as_far_as_it_goes() {
        let parts = |text: &str| {
            let mut metadata = Metadata::default();
            metadata.set_text(Field::PublicationDate, text);
            date(&metadata).map(|it| {
                (it.year.to_owned(), it.month.map(str::to_owned), it.day.map(str::to_owned))
            })
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("2026-06-01"), Some(("2026".into(), some("06"), some("2026-06-01"))));
        assert_eq!(parts("2026-06"), Some(("2026".into(), some("06"), None)));
        assert_eq!(parts("2025/2026-01-02"), Some(("2026".into(), some("01"), None)));
    }
}
