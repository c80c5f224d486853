//! A manifest's contents as the writers of formats need them: people, plain texts, dates in parts.

use crate::compare;
use crate::model::{Community, Doi, Field, License, Metadata, Person, Related, Value};

/// A manifest's contents, and the DOIs under which they are published.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Work {
    /// The metadata, defaults filled, texts as HTML.
    pub metadata: Metadata,
    /// The communities to ask.
    pub communities: Vec<Community>,
    /// The DOI of this version, if known.
    pub doi: Option<Doi>,
    /// The DOI that leads to the latest version, if known.
    pub concept_doi: Option<Doi>,
    /// What is known only when a version is made, in words: the date, the version.
    pub open: Vec<(Field, &'static str)>,
}

/// The parts that a date has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::interop) struct DateParts<'a> {
    /// The year.
    pub(in crate::interop) year: &'a str,
    /// The month, of two digits.
    pub(in crate::interop) month: Option<&'a str>,
    /// The whole day, `2026-06-01`.
    pub(in crate::interop) day: Option<&'a str>,
}

impl Work {
    /// Returns the DOI to cite: that of the version, or else that of all versions.
    pub(in crate::interop) fn best_doi(&self) -> Option<&Doi> {
        self.doi.as_ref().or(self.concept_doi.as_ref())
    }

    /// Returns the people of a field.
    pub(in crate::interop) fn people(&self, field: Field) -> &[Person] {
        match self.metadata.get(field) {
            Some(Value::People(people)) => people,
            _ => &[],
        }
    }

    /// Returns the texts of a list.
    pub(in crate::interop) fn list(&self, field: Field) -> &[String] {
        match self.metadata.get(field) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    /// Returns the licences, each with its place in the manifest.
    pub(in crate::interop) fn list_licenses(&self) -> Vec<(String, License)> {
        if let Some(Value::Licenses(all)) = self.metadata.get(Field::Licenses) {
            let all = all.iter().enumerate();
            return all.map(|(at, one)| (format!("licenses[{at}]"), one.clone())).collect();
        }
        let id = self.metadata.text(Field::License).map(str::to_owned);
        let one = |id| License { id: Some(id), ..License::default() };
        id.map(|id| (Field::License.name().to_owned(), one(id))).into_iter().collect()
    }

    /// Returns what the work relates to.
    pub(in crate::interop) fn related(&self) -> &[Related] {
        match self.metadata.get(Field::RelatedIdentifiers) {
            Some(Value::Related(items)) => items,
            _ => &[],
        }
    }

    /// Returns a field of kind `Html` as a plain text, and whether it had more than text.
    ///
    /// The HTML is that of the server's clean-up, which has few tags and fewer entities.
    pub(in crate::interop) fn plain_text(&self, field: Field) -> Option<(String, bool)> {
        let mut only = Metadata::default();
        only.set_text(field, self.metadata.text(field)?);
        // Cleaned first: what is left has the server's few tags and entities only.
        let cleaned = compare::normalize_as_server(&only);
        let html = cleaned.text(field)?;
        let text = strip_tags(html);
        // Nothing is lost of a text that is one paragraph without other tags.
        let is_marked = html.contains('<') && html != format!("<p>{text}</p>");
        (!text.is_empty()).then_some((text, is_marked))
    }

    /// Returns the parts of the publication date; of an interval, those of its end.
    pub(in crate::interop) fn date_parts(&self) -> Option<DateParts<'_>> {
        let text = self.metadata.text(Field::PublicationDate)?;
        let last = text.rsplit('/').next()?;
        let mut parts = last.split('-');
        let year = parts.next().filter(|year| year.len() == 4)?;
        let month = parts.next().filter(|month| month.len() == 2);
        // An interval has no single day.
        let day = parts.next().map(|_| last).filter(|_| !text.contains('/'));
        Some(DateParts { year, month, day })
    }
}

fn strip_tags(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = if rest.starts_with('<') { rest.find('>') } else { rest.find(';') };
        // A sign that nothing closes is text.
        let Some(end) = end else { break };
        let (token, after) = rest.split_at(end + 1);
        if token.starts_with('<') {
            // Words of two paragraphs or cells must not run together.
            out.push_str(if is_block(token) { "\n" } else { "" });
        } else {
            out.push_str(decode_entity(token));
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

fn decode_entity(token: &str) -> &str {
    match token {
        "&amp;" => "&",
        "&lt;" => "<",
        "&gt;" => ">",
        "&quot;" => "\"",
        "&nbsp;" => " ",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_text_of(html: &str) -> Option<(String, bool)> {
        let mut work = Work::default();
        work.metadata.set_text(Field::Description, html);
        work.plain_text(Field::Description)
    }

    #[test]
    fn a_text_loses_its_tags_and_keeps_its_lines() {
        let text = |html| plain_text_of(html).map(|(text, _)| text).unwrap_or_default();
        assert_eq!(
            text("<p>One &amp; <b>two</b></p><ul><li>a &lt; b</li></ul>"),
            "One & two\na < b"
        );
        assert_eq!(text("Just a text"), "Just a text");
        assert_eq!(text("<p>x<sup>2</sup> &gt; y</p>"), "x2 > y");
        assert_eq!(plain_text_of("<p>Plain</p>"), Some(("Plain".to_owned(), false)));
        assert_eq!(plain_text_of("<p>Not <i>plain</i></p>").map(|(_, marked)| marked), Some(true));
    }

    #[test]
    fn a_date_is_taken_as_far_as_it_goes() {
        let parts = |text: &str| {
            let mut work = Work::default();
            work.metadata.set_text(Field::PublicationDate, text);
            work.date_parts().map(|it| {
                (it.year.to_owned(), it.month.map(str::to_owned), it.day.map(str::to_owned))
            })
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("2026-06-01"), Some(("2026".into(), some("06"), some("2026-06-01"))));
        assert_eq!(parts("2026-06"), Some(("2026".into(), some("06"), None)));
        assert_eq!(parts("2025/2026-01-02"), Some(("2026".into(), some("01"), None)));
    }
}
