//! The metadata of one file: each value with its key, and what a manifest can't hold.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value as Json};

use crate::desired::convert_markdown_to_html;
use crate::manifest::is_too_short;
use crate::model::{
    Affiliation, Community, Doi, Field, Funding, License, Metadata, Person, Related, Server, Value,
};
use crate::observed::UnsupportedValue;
use crate::vocab;
use crate::wire::convert_plain_to_html;

use super::json::{read_organization, summarize};
use super::license_names::{Licensed, read_license_name};
use super::manifest_values::{Origin, select_values};
use super::person_names::read_package_author;
use super::repository_address::find_public_address;
use super::unsupported::quote_unsupported;

/// The metadata of one file.
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
    /// What a manifest can't express, by the key.
    pub(in crate::interop) unsupported: Vec<UnsupportedValue>,
    /// Zenodo DOIs that the file names as its own.
    pub(in crate::interop) records: Vec<(Doi, String)>,
    /// Whether names are in natural order, and not `Family, Given`.
    pub(in crate::interop) has_natural_names: bool,
}

impl SourceMetadata {
    /// Sets a value, unless an earlier key has set it.
    pub(in crate::interop) fn set(&mut self, field: Field, key: &str, value: Value) {
        if !value.is_empty() {
            // Readers ask for the preferred key first, so the first value stays.
            self.values.entry(field).or_insert((value, key.to_owned()));
        }
    }

    /// Sets a text, joined into one line.
    pub(in crate::interop) fn set_text(&mut self, field: Field, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            let text: Vec<&str> = text.split_whitespace().collect();
            self.set(field, key, Value::Text(text.join(" ")));
        }
    }

    /// Sets an HTML field from a plain text.
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

    /// Sets an HTML field from Markdown.
    pub(in crate::interop) fn set_markdown(&mut self, field: Field, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.set(field, key, Value::Text(convert_markdown_to_html(text.trim())));
        }
    }

    /// Sets people, unless there are none.
    pub(in crate::interop) fn set_people(&mut self, field: Field, key: &str, people: Vec<Person>) {
        self.set(field, key, Value::People(people.into()));
    }

    /// Sets authors from names as package managers write them.
    pub(in crate::interop) fn set_package_authors(&mut self, key: &str, names: &[String]) {
        let people = names.iter().filter_map(|name| read_package_author(name));
        self.set_natural_people(key, people.collect());
    }

    /// Sets creators whose names are in natural order.
    pub(in crate::interop) fn set_natural_people(&mut self, key: &str, people: Vec<Person>) {
        self.has_natural_names = true;
        self.set_people(Field::Creators, key, people);
    }

    /// Sets the upload type to software, since package managers manage software.
    pub(in crate::interop) fn set_software(&mut self) {
        self.set_text(Field::UploadType, "", Some("software"));
    }

    /// Sets the texts of a list, or reports that the value is not a list.
    pub(in crate::interop) fn set_list(&mut self, field: Field, key: &str, json: Option<&Json>) {
        match json {
            None | Some(Json::Null) => {}
            Some(Json::Array(items)) => {
                let texts = items.iter().filter_map(Json::as_str).map(str::to_owned).collect();
                self.set(field, key, Value::List(texts));
            }
            Some(other) => {
                self.add_loss(key, &format!("{}, which is not a list", summarize(other)));
            }
        }
    }

    /// Sets the licence as the file spells it, or several, unless an earlier key has; or reports why
    /// it can't.
    pub(in crate::interop) fn set_license(&mut self, key: &str, text: Option<&str>) {
        let is_said = self.values.keys().any(|field| field.narrower() == Field::License);
        // Once the licence is known, a vaguer word for it must not be reported as a loss.
        let Some(text) = text.filter(|_| !is_said) else { return };
        match read_license_name(text) {
            Licensed::Known(id) => self.set(Field::License, key, Value::Text(id.to_owned())),
            Licensed::Several(ids) => {
                let named = |id: &str| License { id: Some(id.to_owned()), ..License::default() };
                let licenses = ids.into_iter().map(named).collect();
                self.set(Field::Licenses, key, Value::Licenses(licenses));
            }
            // Choosing one of its licences would change the terms of the work.
            Licensed::Expression => {
                let why = "an expression that no list of Zenodo's licences says";
                self.add_loss(key, &format!("`{text}`: {why}"));
            }
            Licensed::Unknown => {
                self.add_loss(key, &format!("`{text}`: Zenodo knows no licence by this name"));
            }
        }
    }

    /// Sets who paid, by name or ROR id: the formats have awards as words.
    pub(in crate::interop) fn set_funders(&mut self, items: Vec<&Json>) {
        let mut all = Vec::new();
        for (at, item) in items.into_iter().enumerate() {
            let Some(Affiliation { name, ror }) = read_organization(item) else {
                let what = format!("{} has no name", summarize(item));
                self.add_loss(&format!("funder[{at}]"), &what);
                continue;
            };
            all.push(Funding { funder_name: name, funder_ror: ror, ..Funding::default() });
        }
        self.set(Field::Funding, "funder", Value::Funding(all));
    }

    /// Adds a related identifier. For a Zenodo DOI of the file itself, see
    /// [`add_identifier`](Self::add_identifier).
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

    /// Adds the address of a repository, in any spelling.
    pub(in crate::interop) fn relate_repository(&mut self, key: &str, address: Option<&str>) {
        let Some(text) = address.map(str::trim).filter(|text| !text.is_empty()) else { return };
        match find_public_address(text) {
            Some(address) => self.relate(key, "isSupplementTo", Some(&address)),
            None => self.add_loss(key, &format!("`{text}`: no public address")),
        }
    }

    /// Adds an identifier that the file gives itself: a Zenodo DOI leads to a record, and any other
    /// is reported, since it may not be this record's.
    pub(in crate::interop) fn add_identifier(&mut self, key: &str, text: Option<&str>) {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return };
        match parse_zenodo_doi(text) {
            Some(doi) => self.records.push((doi, key.to_owned())),
            None => self.add_loss(key, &format!("`{text}`")),
        }
    }

    /// Reports that something is not carried over.
    pub(in crate::interop) fn add_loss(&mut self, key: &str, what: &str) {
        let what: String = what.chars().take(160).collect();
        self.unsupported.push(UnsupportedValue { place: key.to_owned(), what });
    }

    /// Reports all keys of a document that its reader does not know.
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

    /// Keeps what a manifest can hold, in its spelling, and reports the rest.
    pub(in crate::interop) fn keep_manifest_values(mut self, today: Date) -> Self {
        let mut metadata = Metadata::default();
        for (field, (value, _)) in &self.values {
            metadata.set(*field, value.clone());
        }
        let related = self.related.iter().map(|(related, _)| related.clone()).collect();
        metadata.set(Field::RelatedIdentifiers, Value::Related(related));
        remove_bad_words(&mut metadata, today, &mut self.unsupported);
        // A DOI that is left at this point was minted elsewhere, and a manifest may hold it.
        let said = select_values(&metadata, true, Origin::Files, &mut self.unsupported);
        for (field, (value, key)) in std::mem::take(&mut self.values) {
            if let Some(said) = said.get(field) {
                self.values.insert(field, (said.clone(), key));
            } else if self.unsupported.iter().all(|loss| !loss.place.starts_with(field.name())) {
                // `select_values` drops silently what a server fills in; in a file a person wrote
                // it.
                self.add_loss(&key, &format!("`{}`", value.items().join("; ")));
            }
        }
        let kept = match said.get(Field::RelatedIdentifiers) {
            Some(Value::Related(items)) => items.as_slice(),
            Some(_) | None => &[],
        };
        for (related, _) in &mut self.related {
            // A manifest has no key for the scheme.
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

/// Removes invalid values of the fields that `select_values` does not check.
fn remove_bad_words(metadata: &mut Metadata, today: Date, unsupported: &mut Vec<UnsupportedValue>) {
    let words: [(Field, Vec<&str>); 4] = [
        (Field::UploadType, vocab::list_upload_types()),
        (Field::PublicationType, vocab::list_publication_types()),
        (Field::ImageType, vocab::list_image_types()),
        (Field::AccessRight, vocab::list_access_rights()),
    ];
    let mut bad: Vec<Field> = Vec::new();
    for (field, words) in &words {
        bad.extend(metadata.text(*field).filter(|text| !words.contains(text)).map(|_| *field));
    }
    let is_short = |title: &&str| is_too_short(Field::Title, title);
    bad.extend(metadata.text(Field::Title).filter(is_short).map(|_| Field::Title));
    // Only Zenodo mints DOIs under its prefixes, so a record can't be given one.
    let is_foreign = |doi: &&str| Doi::parse(doi).is_ok_and(|doi| !is_of_zenodo(&doi));
    bad.extend(metadata.text(Field::Doi).filter(|doi| !is_foreign(doi)).map(|_| Field::Doi));
    let is_embargoed = metadata.text(Field::AccessRight) == Some("embargoed");
    let end = metadata.text(Field::EmbargoDate).and_then(|text| text.parse::<Date>().ok());
    // Without an end in the future there is no embargo, and another access right is a person's
    // choice.
    if is_embargoed && end.is_none_or(|end| end <= today) {
        bad.extend([Field::AccessRight, Field::EmbargoDate]);
    }
    for field in bad {
        if let Some(Value::Text(text)) = metadata.remove(field) {
            unsupported.push(quote_unsupported(field.name(), &text));
        }
    }
}

/// Returns the DOI of a record on Zenodo or its sandbox, also from an address.
pub(in crate::interop) fn parse_zenodo_doi(text: &str) -> Option<Doi> {
    let doi = Doi::parse(text.trim()).ok()?;
    let (_, name) = doi.as_str().split_once('/')?;
    (is_of_zenodo(&doi) && name.to_lowercase().starts_with("zenodo.")).then_some(doi)
}

/// Returns whether only Zenodo or its sandbox mints DOIs with this prefix.
fn is_of_zenodo(doi: &Doi) -> bool {
    ["zenodo", "sandbox"]
        .iter()
        .filter_map(|name| Server::built_in(name))
        .any(|server| server.doi_prefix.as_deref() == Some(doi.prefix()))
}
