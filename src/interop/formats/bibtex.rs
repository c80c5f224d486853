//! Writes one BibTeX entry to cite, with the types that Zenodo's own export uses.

use std::fmt::Write;

use crate::model::{Field, Metadata, Person};
use crate::observed::UnsupportedValue;
use crate::toml_text::is_hidden;

use crate::interop::person_names::split_name;
use crate::interop::unsupported::{list_unsupported, make_unsupported};
use crate::interop::work::{DateParts, Work};

/// Fields of every entry.
const CARRIED: &[Field] = &[
    Field::Title,
    Field::UploadType,
    Field::PublicationType,
    Field::PublicationDate,
    Field::Version,
    Field::Creators,
    Field::Doi,
    Field::ImprintPublisher,
    Field::ImprintIsbn,
    Field::ImprintPlace,
];

/// Months as BibTeX names them.
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The type of an entry, and its fields beside the common ones.
type Kind = (&'static str, &'static [(&'static str, Field)]);

/// Writes the entry.
pub(in crate::interop) fn write_bibtex(work: &Work) -> (String, Vec<UnsupportedValue>) {
    let metadata = &work.metadata;
    let (kind, own) = choose_kind(metadata);
    let mut carried = CARRIED.to_vec();
    carried.extend(own.iter().map(|(_, field)| *field));
    let mut unsupported = list_unsupported(work, &carried);
    let date = work.date_parts();
    let mut out = format!("@{kind}{{{},\n", make_key(work, date.as_ref()));
    let mut put = |key: &str, value: &str| {
        let _ = writeln!(out, "  {key:<12} = {value},");
    };
    let creators = work.people(Field::Creators);
    let names: Vec<String> = creators.iter().map(write_author).collect();
    put("author", &format!("{{{}}}", names.join(" and ")));
    let title = escape(metadata.text(Field::Title).unwrap_or_default());
    // Without a second pair of braces BibTeX styles lower the capitals.
    put("title", &format!("{{{{{title}}}}}"));
    for (key, field) in own {
        if let Some(text) = metadata.text(*field) {
            put(key, &format!("{{{}}}", escape(text)));
        }
    }
    if let Some(date) = &date {
        put("year", &format!("{{{}}}", date.year));
        let month = date.month.and_then(|month| month.parse::<usize>().ok());
        let month = month.and_then(|month| MONTHS.get(month.checked_sub(1)?));
        if let Some(month) = month {
            put("month", month);
        }
    }
    put("publisher", &format!("{{{}}}", escape(find_publisher(metadata))));
    let more = [
        ("address", Field::ImprintPlace),
        ("version", Field::Version),
        ("isbn", Field::ImprintIsbn),
    ];
    for (key, field) in more {
        if let Some(text) = metadata.text(field) {
            put(key, &format!("{{{}}}", escape(text)));
        }
    }
    if let Some(doi) = work.best_doi() {
        // Escaped, the DOI and its address would lead elsewhere.
        if doi.as_str().contains(['{', '}', '\\', '%', '#', '&', '~', '^']) {
            unsupported.push(make_unsupported(
                "doi",
                "it holds a character that BibTeX does not read in a DOI",
            ));
        } else {
            put("doi", &format!("{{{doi}}}"));
            put("url", &format!("{{https://doi.org/{doi}}}"));
        }
    }
    out.push_str("}\n");
    unsupported.extend(list_lost_ids(creators));
    (out, unsupported)
}

fn list_lost_ids(creators: &[Person]) -> Vec<UnsupportedValue> {
    let is_more = |person: &&Person| {
        person.orcid.is_some() || person.gnd.is_some() || !person.list_affiliations().is_empty()
    };
    let has_more = creators.iter().any(|person| is_more(&person));
    let loss = has_more
        .then(|| make_unsupported("creators", "affiliations and ids: BibTeX has names only"));
    loss.into_iter().collect()
}

fn find_publisher(metadata: &Metadata) -> &str {
    metadata.text(Field::ImprintPublisher).unwrap_or("Zenodo")
}

/// Returns the entry's type and its fields.
fn choose_kind(metadata: &Metadata) -> Kind {
    let has = |field| metadata.text(field).is_some();
    let journal: &[(&str, Field)] = &[
        ("journal", Field::JournalTitle),
        ("volume", Field::JournalVolume),
        ("number", Field::JournalIssue),
        ("pages", Field::JournalPages),
    ];
    let upload_type = metadata.text(Field::UploadType).unwrap_or_default();
    // BibTeX complains of a type whose own field is missing, so such an entry is `misc`.
    match (upload_type, metadata.text(Field::PublicationType).unwrap_or_default()) {
        ("software", _) => ("software", &[]),
        ("dataset", _) => ("dataset", &[]),
        ("publication", _) if has(Field::JournalTitle) => ("article", journal),
        ("publication", "conferencepaper") if has(Field::ConferenceTitle) => (
            "inproceedings",
            &[("booktitle", Field::ConferenceTitle), ("pages", Field::PartofPages)],
        ),
        ("publication", "dissertation") if has(Field::ThesisUniversity) => {
            ("phdthesis", &[("school", Field::ThesisUniversity)])
        }
        ("publication", "section") if has(Field::PartofTitle) => {
            ("incollection", &[("booktitle", Field::PartofTitle), ("pages", Field::PartofPages)])
        }
        ("publication", "book") => ("book", &[]),
        _ => ("misc", &[]),
    }
}

/// Returns a key of ASCII letters, digits and `_`: `weiss_2026_tables`.
fn make_key(work: &Work, date: Option<&DateParts<'_>>) -> String {
    let creators = work.people(Field::Creators);
    let name = creators.first().map_or("", |person| person.name.as_str());
    let name = split_name(name).map_or(name, |(family, _)| family);
    let title = work.metadata.text(Field::Title).unwrap_or_default();
    // Shorter words are mostly articles, which tell entries apart badly.
    let longer = title.split_whitespace().map(keep_letters).find(|word| word.len() > 3);
    let parts = [keep_letters(name), date.map(|date| keep_letters(date.year)).unwrap_or_default()];
    let parts = parts.into_iter().chain(longer).filter(|part| !part.is_empty());
    let key = parts.collect::<Vec<_>>().join("_");
    if key.is_empty() { "work".to_owned() } else { key }
}

fn keep_letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Writes a name so that BibTeX reads the intended parts: a name that is not `Family, Given` is put
/// in braces as one name.
fn write_author(person: &Person) -> String {
    let part = |text: &str| {
        let has_and = text.split_whitespace().any(|word| word.eq_ignore_ascii_case("and"));
        let text = escape(text);
        // BibTeX would split the name at a bare `and`.
        if has_and { format!("{{{text}}}") } else { text }
    };
    match split_name(&person.name) {
        Some((family, given)) => format!("{}, {}", part(family), part(given)),
        None => format!("{{{}}}", escape(&person.name)),
    }
}

/// Escapes a text so that TeX prints it unchanged, on one line and with balanced braces.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '{' => out.push_str("\\textbraceleft{}"),
            '}' => out.push_str("\\textbraceright{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '&' | '%' | '$' | '#' | '_' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() || c.is_whitespace() => out.push(' '),
            // BibTeX has no escape for invisible characters.
            c if is_hidden(c) => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Doi, Value};

    fn named(name: &str) -> Person {
        Person { name: name.to_owned(), ..Person::default() }
    }

    fn work(title: &str) -> Work {
        let mut metadata = Metadata::default();
        metadata.set_text(Field::Title, title);
        metadata.set_text(Field::UploadType, "dataset");
        metadata.set_text(Field::PublicationDate, "2026-06-01");
        let people =
            ["Weiss, Tobias", "Procter and Gamble", "Smith and Sons, Jo", "A, B, C"].map(named);
        metadata.set(Field::Creators, Value::People(people.into_iter().collect()));
        Work { metadata, doi: Doi::parse("10.5281/zenodo.2").ok(), ..Work::default() }
    }

    #[test]
    fn an_entry_names_everybody_by_the_parts_that_were_meant() {
        let expected = "@dataset{weiss_2026_tables,
  author       = {Weiss, Tobias and {Procter and Gamble} and {Smith and Sons}, Jo and {A, B, C}},
  title        = {{Tables of forms}},
  year         = {2026},
  month        = jun,
  publisher    = {Zenodo},
  doi          = {10.5281/zenodo.2},
  url          = {https://doi.org/10.5281/zenodo.2},
}
";
        assert_eq!(write_bibtex(&work("Tables of forms")).0, expected);
    }

    #[test]
    fn no_text_gets_out_of_its_braces() {
        let hostile = "} } , note = {x} \\ % & $ # _ ~ ^ {{ \n@book{y, \u{202e}";
        let (written, _) = write_bibtex(&work(hostile));
        let line = written.lines().find(|line| line.starts_with("  title")).unwrap();
        let inner = line.trim_start_matches("  title        = {{").trim_end_matches("}},");
        let depth = |c: char| i32::from(c == '{') - i32::from(c == '}');
        let mut sum = 0;
        for c in inner.chars() {
            sum += depth(c);
            assert!(sum >= 0, "{inner}");
        }
        assert_eq!(sum, 0, "{inner}");
        assert!(!written.contains('\u{202e}') && !inner.contains('\n'));
        assert_eq!(written.lines().filter(|line| line.starts_with('@')).count(), 1);
    }

    #[test]
    fn a_type_whose_own_field_is_missing_is_misc() {
        let mut work = work("Forms");
        work.metadata.set_text(Field::UploadType, "publication");
        work.metadata.set_text(Field::PublicationType, "conferencepaper");
        assert!(write_bibtex(&work).0.starts_with("@misc{"));
        work.metadata.set_text(Field::ConferenceTitle, "C");
        assert!(write_bibtex(&work).0.starts_with("@inproceedings{"));
    }
}
