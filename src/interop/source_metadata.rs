//! What one file says of a record, each value with the key that it stands under, and what of it a
//! manifest can't hold.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value as Json};

use crate::desired::markdown_to_html;
use crate::model::{Community, Doi, Field, Metadata, Person, Related, Server, Value};
use crate::observed::UnsupportedValue;
use crate::vocab;

use super::json::summarize;
use super::license_names::{Licensed, read_license_name};
use super::manifest_values::{Origin, select_values};
use super::person_names::read_package_author;
use super::repository_address::find_public_address;
use super::unsupported::quote_unsupported;

/// A title shorter than this a draft drops. Characters.
const MIN_TITLE: usize = 3;

/// What one file says.
#[derive(Debug, Clone, Default)]
pub(in crate::interop) struct SourceMetadata {
    /// The values, under the key of the file that each is from.
    pub(in crate::interop) values: BTreeMap<Field, (Value, String)>,
    /// What the record relates to.
    pub(in crate::interop) related: Vec<(Related, String)>,
    /// Communities to ask.
    pub(in crate::interop) communities: Vec<(Community, String)>,
    /// Files and folders that belong to the record.
    pub(in crate::interop) files: Vec<(String, String)>,
    /// What a manifest can't say, by the key.
    pub(in crate::interop) unsupported: Vec<UnsupportedValue>,
    /// DOIs of Zenodo that it names as its own.
    pub(in crate::interop) records: Vec<(Doi, String)>,
    /// Whether names are as people write them, and not `Family, Given`.
    pub(in crate::interop) has_natural_names: bool,
}

impl SourceMetadata {
    /// Takes a value, unless there is one of an earlier key.
    pub(in crate::interop) fn set(&mut self, field: Field, key: &str, value: Value) {
        if !value.is_empty() {
            self.values.entry(field).or_insert((value, key.to_owned()));
        }
    }

    /// Takes a text of one line.
    pub(in crate::interop) fn set_text(&mut self, field: Field, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            let text: Vec<&str> = text.split_whitespace().collect();
            self.set(field, key, Value::Text(text.join(" ")));
        }
    }

    /// Takes a plain text for a field that holds HTML.
    pub(in crate::interop) fn set_plain_text(
        &mut self,
        field: Field,
        key: &str,
        text: Option<&str>,
    ) {
        if let Some(text) = text {
            self.set(field, key, Value::Text(convert_plain_to_html(text)));
        }
    }

    /// Takes Markdown for a field that holds HTML.
    pub(in crate::interop) fn set_markdown(&mut self, field: Field, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.set(field, key, Value::Text(markdown_to_html(text.trim())));
        }
    }

    /// Takes people, unless there are none.
    pub(in crate::interop) fn set_people(&mut self, field: Field, key: &str, people: Vec<Person>) {
        self.set(field, key, Value::People(people));
    }

    /// Takes names of authors as package managers write them.
    pub(in crate::interop) fn set_package_authors(&mut self, key: &str, names: &[String]) {
        let people = names.iter().filter_map(|name| read_package_author(name));
        self.set_natural_people(key, people.collect());
    }

    /// Takes creators whose names are as people write them.
    pub(in crate::interop) fn set_natural_people(&mut self, key: &str, people: Vec<Person>) {
        self.has_natural_names = true;
        self.set_people(Field::Creators, key, people);
    }

    /// Says that it is software, as what a package manager manages is.
    pub(in crate::interop) fn set_software(&mut self) {
        self.set_text(Field::UploadType, "", Some("software"));
    }

    /// Takes the texts of a list, or tells that it is none.
    pub(in crate::interop) fn set_list(&mut self, field: Field, key: &str, json: Option<&Json>) {
        match json {
            None | Some(Json::Null) => {}
            Some(Json::Array(items)) => {
                let texts = items.iter().filter_map(Json::as_str).map(str::to_owned).collect();
                self.set(field, key, Value::List(texts));
            }
            Some(other) => self.add_loss(key, &format!("{}, which is no list", summarize(other))),
        }
    }

    /// Takes a licence as the file spells it, or tells why it can't.
    pub(in crate::interop) fn set_license(&mut self, key: &str, text: Option<&str>) {
        let Some(text) = text else { return };
        match read_license_name(text) {
            Licensed::Known(id) => self.set(Field::License, key, Value::Text(id.to_owned())),
            Licensed::Several => {
                self.add_loss(key, &format!("`{text}`: a manifest has one licence"));
            }
            Licensed::Unknown => {
                self.add_loss(key, &format!("`{text}`: no licence that Zenodo knows by this name"));
            }
        }
    }

    /// Takes something that the record relates to; a file's own DOI of Zenodo is another thing.
    pub(in crate::interop) fn relate(
        &mut self,
        key: &str,
        relation: &str,
        identifier: Option<&str>,
    ) {
        let Some(identifier) = identifier.map(str::trim).filter(|text| !text.is_empty()) else {
            return;
        };
        let related = Related {
            identifier: identifier.to_owned(),
            relation: relation.to_owned(),
            ..Related::default()
        };
        self.related.push((related, key.to_owned()));
    }

    /// Takes the address of a repository in any spelling.
    pub(in crate::interop) fn relate_repository(&mut self, key: &str, address: Option<&str>) {
        let Some(text) = address.map(str::trim).filter(|text| !text.is_empty()) else { return };
        match find_public_address(text) {
            Some(address) => self.relate(key, "isSupplementTo", Some(&address)),
            None => self.add_loss(key, &format!("`{text}`: no public address")),
        }
    }

    /// Takes an identifier that the file gives itself: one of Zenodo leads to a record there, and
    /// any other is told, since it is not known to be this record's.
    pub(in crate::interop) fn add_identifier(&mut self, key: &str, text: Option<&str>) {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return };
        match parse_zenodo_doi(text) {
            Some(doi) => self.records.push((doi, key.to_owned())),
            None => self.add_loss(key, &format!("`{text}`")),
        }
    }

    /// Says that something is not carried over.
    pub(in crate::interop) fn add_loss(&mut self, key: &str, what: &str) {
        let what: String = what.chars().take(160).collect();
        self.unsupported.push(UnsupportedValue { place: key.to_owned(), what });
    }

    /// Tells all keys of a document that no reader knows.
    pub(in crate::interop) fn add_unknown_keys(
        &mut self,
        document: &Map<String, Json>,
        known: &[&str],
    ) {
        for (key, value) in document {
            let is_empty = value.is_null() || value.as_str() == Some("");
            if !known.contains(&key.as_str()) && !is_empty {
                self.add_loss(key, &summarize(value));
            }
        }
    }

    /// Leaves what a manifest may hold, in its spelling, and tells the rest.
    pub(in crate::interop) fn keep_manifest_values(mut self, today: Date) -> Self {
        let mut metadata = Metadata::default();
        for (field, (value, _)) in &self.values {
            metadata.set(*field, value.clone());
        }
        let related = self.related.iter().map(|(related, _)| related.clone()).collect();
        metadata.set(Field::RelatedIdentifiers, Value::Related(related));
        remove_bad_words(&mut metadata, today, &mut self.unsupported);
        let said = select_values(&metadata, true, Origin::Files, &mut self.unsupported);
        for (field, (value, key)) in std::mem::take(&mut self.values) {
            if let Some(said) = said.get(field) {
                self.values.insert(field, (said.clone(), key));
            } else if self.unsupported.iter().all(|loss| !loss.place.starts_with(field.name())) {
                self.add_loss(&key, &format!("`{}`", value.items().join("; ")));
            }
        }
        let kept = match said.get(Field::RelatedIdentifiers) {
            Some(Value::Related(items)) => items.as_slice(),
            Some(_) | None => &[],
        };
        for (related, _) in &mut self.related {
            related.scheme = None;
            related.identifier = related.identifier.trim().to_owned();
            let spelled = kept.iter().find(|item| {
                item.identifier == related.identifier
                    && item.relation.eq_ignore_ascii_case(&related.relation)
            });
            *related = spelled.cloned().unwrap_or_default();
        }
        self.related.retain(|(related, _)| !related.identifier.is_empty());
        self
    }
}

/// Takes out the words that `select_values` leaves to a person, where they can't stand.
fn remove_bad_words(metadata: &mut Metadata, today: Date, unsupported: &mut Vec<UnsupportedValue>) {
    let words: [(Field, Vec<&str>); 4] = [
        (Field::UploadType, vocab::upload_types()),
        (Field::PublicationType, vocab::publication_types()),
        (Field::ImageType, vocab::image_types()),
        (Field::AccessRight, vocab::access_rights()),
    ];
    let mut bad: Vec<Field> = Vec::new();
    for (field, words) in &words {
        bad.extend(metadata.text(*field).filter(|text| !words.contains(text)).map(|_| *field));
    }
    let is_short = |title: &&str| title.trim().chars().count() < MIN_TITLE;
    bad.extend(metadata.text(Field::Title).filter(is_short).map(|_| Field::Title));
    let is_foreign = |doi: &&str| Doi::parse(doi).is_ok_and(|doi| !is_of_zenodo(&doi));
    bad.extend(metadata.text(Field::Doi).filter(|doi| !is_foreign(doi)).map(|_| Field::Doi));
    let is_embargoed = metadata.text(Field::AccessRight) == Some("embargoed");
    let end = metadata.text(Field::EmbargoDate).and_then(|text| text.parse::<Date>().ok());
    if is_embargoed && end.is_none_or(|end| end <= today) {
        bad.extend([Field::AccessRight, Field::EmbargoDate]);
    }
    for field in bad {
        if let Some(Value::Text(text)) = metadata.remove(field) {
            unsupported.push(quote_unsupported(field.name(), &text));
        }
    }
}

/// Returns a plain text as HTML: its paragraphs, and nothing in it is a tag.
fn convert_plain_to_html(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let paragraphs = escaped
        .split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    let paragraphs: Vec<String> = paragraphs.filter(|text| !text.is_empty()).collect();
    let paragraphs = paragraphs.iter().map(|text| format!("<p>{text}</p>"));
    paragraphs.collect::<Vec<_>>().join("\n")
}

/// Returns the DOI of a record on Zenodo or its sandbox, also out of an address.
pub(in crate::interop) fn parse_zenodo_doi(text: &str) -> Option<Doi> {
    let doi = Doi::parse(text.trim()).ok()?;
    let (_, name) = doi.as_str().split_once('/')?;
    (is_of_zenodo(&doi) && name.to_lowercase().starts_with("zenodo.")).then_some(doi)
}

/// Tells whether only Zenodo or its sandbox makes such a DOI: no record may be given it.
fn is_of_zenodo(doi: &Doi) -> bool {
    ["zenodo", "sandbox"]
        .iter()
        .filter_map(|name| Server::built_in(name))
        .any(|server| server.doi_prefix.as_deref() == Some(doi.prefix()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_text_keeps_its_paragraphs_and_has_no_tags() {
        assert_eq!(
            convert_plain_to_html("a < b\nc\n\n<i>d</i>\n"),
            "<p>a &lt; b c</p>\n<p>&lt;i&gt;d&lt;/i&gt;</p>"
        );
    }
}
