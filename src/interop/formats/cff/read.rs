//! Reads a CITATION.cff.
//!
//! Source of the keys: schema of CFF 1.2.0; of their mapping: Zenodo's GitHub integration and
//! codemeta's crosswalk, 2026-11-23.

use serde_json::{Map, Value as Json};

use crate::model::{Affiliation, Field, Identifier, Person};
use crate::observed::UnsupportedValue;

use crate::interop::json::{read_ror, summarize};
use crate::interop::person_names::{join_name, read_orcid};
use crate::interop::source_metadata::SourceMetadata;
use crate::interop::yaml::parse_mapping;

/// Keys that are read, or that a record has no place for.
const KNOWN: &[&str] = &[
    "abstract",
    "authors",
    "cff-version",
    "contact",
    "date-released",
    "doi",
    "identifiers",
    "keywords",
    "license",
    "license-url",
    "message",
    "preferred-citation",
    "references",
    "repository",
    "repository-artifact",
    "repository-code",
    "title",
    "type",
    "url",
    "version",
];

/// Reads the file.
///
/// # Errors
/// Why it is not YAML.
pub(in crate::interop) fn read_cff(text: &str) -> Result<SourceMetadata, String> {
    let cff = parse_mapping(text)?;
    let mut out = SourceMetadata::default();
    let text = |key: &str| cff.get(key).and_then(Json::as_str);
    out.set_text(Field::Title, "title", text("title"));
    out.set_plain_text(Field::Description, "abstract", text("abstract"));
    out.set_text(Field::Version, "version", text("version"));
    out.set_text(Field::PublicationDate, "date-released", text("date-released"));
    out.set_text(Field::UploadType, "type", text("type"));
    // The schema's default, where the file gives no type.
    out.set_text(Field::UploadType, "", Some("software"));
    out.set_list(Field::Keywords, "keywords", cff.get("keywords"));
    let authors = read_people(&cff, "authors", &mut out);
    out.set_people(Field::Creators, "authors", authors);
    let mut contacts = read_people(&cff, "contact", &mut out);
    for person in &mut contacts {
        person.role = Some("ContactPerson".to_owned());
    }
    out.set_people(Field::Contributors, "contact", contacts);
    read_license(&cff, &mut out);
    out.relate_repository("repository-code", text("repository-code"));
    out.relate("repository-artifact", "isIdenticalTo", text("repository-artifact"));
    for key in ["url", "repository"] {
        out.relate(key, "isDocumentedBy", text(key));
    }
    out.add_identifier("doi", text("doi"));
    read_identifiers(&cff, &mut out);
    read_references(&cff, &mut out);
    read_preferred(&cff, &mut out);
    out.add_unknown_keys(&cff, KNOWN);
    Ok(out)
}

fn read_people(cff: &Map<String, Json>, key: &str, out: &mut SourceMetadata) -> Vec<Person> {
    let Some(items) = cff.get(key).and_then(Json::as_array) else { return Vec::new() };
    let mut people = Vec::new();
    for (at, item) in items.iter().enumerate() {
        match read_person(item) {
            Some(person) => people.push(person),
            None => out.add_loss(&format!("{key}[{at}]"), "it has no name"),
        }
        // A wrong ORCID would make the server drop the person's name.
        if let (Some(text), None) =
            (find_text(item, "orcid"), find_text(item, "orcid").and_then(read_orcid))
        {
            out.add_loss(&format!("{key}[{at}].orcid"), &format!("`{text}`"));
        }
    }
    people
}

fn find_text<'a>(item: &'a Json, key: &str) -> Option<&'a str> {
    item.get(key).and_then(Json::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// Reads a person or an entity.
fn read_person(item: &Json) -> Option<Person> {
    // Zenodo has family and given names only: particle and suffix stay with the family name.
    let parts = ["name-particle", "family-names", "name-suffix"];
    let family: Vec<&str> = parts.iter().filter_map(|key| find_text(item, key)).collect();
    let own = join_name(&family.join(" "), find_text(item, "given-names").unwrap_or_default());
    let name = [find_text(item, "name"), Some(own.as_str()), find_text(item, "alias")];
    let name = name.into_iter().flatten().find(|name| !name.is_empty())?.to_owned();
    let mut person =
        Person { name, orcid: find_text(item, "orcid").and_then(read_orcid), ..Person::default() };
    if let Some(home) = find_text(item, "affiliation") {
        let (name, ror) = match read_ror(home) {
            Some(ror) => (None, Some(ror)),
            None => (Some(home.to_owned()), None),
        };
        person.set_affiliations(vec![Affiliation { name, ror }]);
    }
    // An entity has a name, and a person the parts of one.
    person.details.is_organization = own.is_empty() && find_text(item, "name").is_some();
    let ror = ["ror", "website"].iter().find_map(|key| read_ror(find_text(item, key)?));
    if let Some(identifier) = ror.filter(|_| person.details.is_organization) {
        person.details.identifiers.push(Identifier { scheme: "ror".to_owned(), identifier });
    }
    Some(person)
}

fn read_license(cff: &Map<String, Json>, out: &mut SourceMetadata) {
    match cff.get("license") {
        Some(Json::String(text)) => out.set_license("license", Some(text)),
        Some(Json::Array(items)) => {
            // Joined, as SPDX writes a list of which one may be chosen.
            let ids: Vec<&str> = items.iter().filter_map(Json::as_str).collect();
            out.set_license("license", Some(&ids.join(" OR ")));
        }
        // CFF has the page for licences that are not in SPDX's list.
        _ => out.set_license("license-url", cff.get("license-url").and_then(Json::as_str)),
    }
}

fn read_identifiers(cff: &Map<String, Json>, out: &mut SourceMetadata) {
    let Some(items) = cff.get("identifiers").and_then(Json::as_array) else { return };
    for (at, item) in items.iter().enumerate() {
        out.add_identifier(&format!("identifiers[{at}].value"), find_text(item, "value"));
    }
}

/// Adds cited works.
fn read_references(cff: &Map<String, Json>, out: &mut SourceMetadata) {
    let Some(items) = cff.get("references").and_then(Json::as_array) else { return };
    for (at, item) in items.iter().enumerate() {
        let key = format!("references[{at}]");
        // A work without DOI and page has no identifier that could be sent.
        match find_text(item, "doi").or_else(|| find_text(item, "url")) {
            Some(identifier) => out.relate(&key, "cites", Some(identifier)),
            None => out.add_loss(&key, &summarize(item.get("title").unwrap_or(item))),
        }
    }
}

/// Reports the work that is to be cited instead.
fn read_preferred(cff: &Map<String, Json>, out: &mut SourceMetadata) {
    let Some(cited) = cff.get("preferred-citation") else { return };
    let title = cited.get("title").map(summarize).unwrap_or_default();
    // It may describe this work or be this work: only a person knows the relation.
    let what = match find_text(cited, "doi") {
        Some(doi) => format!(
            "{title}: its relation to this record is unknown; if it describes the record, add \
             {{ identifier = \"{doi}\", relation = \"isDescribedBy\" }} to related_identifiers"
        ),
        None => title,
    };
    out.unsupported.push(UnsupportedValue { place: "preferred-citation".to_owned(), what });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_kinds_lose_no_part() {
        let text = "authors:\n  - {family-names: Vries, name-particle: de, name-suffix: Jr., given-names: Jan}\n  - {name: Polar Lab}\n  - {alias: icebear}\n  - {email: a@example.org}\n";
        let read = read_cff(text).unwrap();
        let (value, key) = &read.values[&Field::Creators];
        assert_eq!(value.items(), ["de Vries Jr., Jan", "Polar Lab (organisation)", "icebear"]);
        assert_eq!(key, "authors");
        assert!(read.unsupported.iter().any(|loss| loss.place == "authors[3]"));
    }

    #[test]
    fn a_doi_of_zenodo_leads_to_a_record_and_any_other_is_reported() {
        let text = "doi: 10.5281/zenodo.7\nidentifiers:\n  - {type: doi, value: 10.1234/x}\npreferred-citation: {title: Paper, doi: 10.1234/y}\n";
        let read = read_cff(text).unwrap();
        assert_eq!(read.records[0].0.as_str(), "10.5281/zenodo.7");
        let told: Vec<&str> = read.unsupported.iter().map(|loss| loss.place.as_str()).collect();
        assert_eq!(told, ["identifiers[0].value", "preferred-citation"]);
        assert!(read.related.is_empty());
    }
}
