//! Writes a CITATION.cff of version 1.2.0. Values are double-quoted in YAML, so that they can't be
//! read as anything but text.

use std::fmt::Write;

use crate::model::{Field, Person};
use crate::observed::UnsupportedValue;

use crate::interop::license_names::{NO_NAME, find_spdx_id_or_page};
use crate::interop::person_names::find_names;
use crate::interop::repository_address::is_at_forge;
use crate::interop::unsupported::{
    find_lost_role, list_lost_ids_of, list_unsupported, make_unsupported,
};
use crate::interop::work::Work;
use crate::toml_text::escape_hidden;

/// Fields that the format has a place for, at the top or in `preferred-citation`.
const CARRIED: &[Field] = &[
    Field::Title,
    Field::UploadType,
    Field::PublicationType,
    Field::PublicationDate,
    Field::Version,
    Field::Creators,
    Field::Description,
    Field::License,
    Field::Licenses,
    Field::Keywords,
    Field::Doi,
    Field::RelatedIdentifiers,
];

/// Relations with their own key for an address, as `init` reads them.
const PAGES: &[(&str, &str)] = &[
    ("isSupplementTo", "repository-code"),
    ("isIdenticalTo", "repository-artifact"),
    ("isDocumentedBy", "url"),
];

/// Fields of works other than software and data, in `preferred-citation`.
const CITED: &[(Field, &str)] = &[
    (Field::JournalTitle, "journal"),
    (Field::JournalVolume, "volume"),
    (Field::JournalIssue, "issue"),
    (Field::ImprintIsbn, "isbn"),
];

/// Writes the file.
pub(in crate::interop) fn write_cff(work: &Work) -> (String, Vec<UnsupportedValue>) {
    let kind = work.metadata.text(Field::UploadType);
    // At the top CFF has types for software and data only.
    let own_type = kind.filter(|kind| matches!(*kind, "software" | "dataset"));
    let cited = own_type.is_none();
    let mut carried = CARRIED.to_vec();
    if cited {
        carried.extend(CITED.iter().map(|(field, _)| *field));
    }
    let mut unsupported = list_unsupported(work, &carried);
    let mut out = String::from("cff-version: 1.2.0\n");
    write_entry(&mut out, "message", "If you use this work, please cite it by the metadata below.");
    if let Some(kind) = own_type {
        let _ = writeln!(out, "type: {kind}");
    }
    write_entry(&mut out, "title", work.metadata.text(Field::Title).unwrap_or_default());
    write_authors(&mut out, "", work.people(Field::Creators), &mut unsupported);
    write_details(&mut out, work, &mut unsupported);
    if cited {
        write_preferred(&mut out, work, kind.unwrap_or_default(), &mut unsupported);
    }
    (out, unsupported)
}

fn write_details(out: &mut String, work: &Work, unsupported: &mut Vec<UnsupportedValue>) {
    if let Some((text, is_marked)) = work.plain_text(Field::Description) {
        write_entry(out, "abstract", &text);
        if is_marked {
            unsupported
                .push(make_unsupported("description", "its formatting: an abstract is plain text"));
        }
    }
    if let Some(version) = work.metadata.text(Field::Version) {
        write_entry(out, "version", version);
    }
    match work.date_parts() {
        Some(date) if date.day.is_some() => {
            write_entry(out, "date-released", date.day.unwrap_or_default());
        }
        Some(_) => {
            unsupported.push(make_unsupported("publication_date", "CFF takes a whole day only"));
        }
        None => {}
    }
    write_licenses(out, work, unsupported);
    write_related(out, work, unsupported);
    // The schema of CFF refuses repeated keywords.
    let mut once: Vec<&str> = Vec::new();
    for keyword in work.list(Field::Keywords) {
        if !once.contains(&keyword.as_str()) {
            once.push(keyword);
        }
    }
    if !once.is_empty() {
        write_list(out, "keywords", &once);
    }
    if let Some(doi) = work.best_doi() {
        write_entry(out, "doi", doi.as_str());
    }
    // Without a version's DOI the concept's is under `doi` already.
    if let (Some(_), Some(concept)) = (&work.doi, &work.concept_doi) {
        out.push_str("identifiers:\n  - type: doi\n");
        let _ = writeln!(out, "    value: {}", escape_hidden(concept.as_str()));
        out.push_str("    description: \"All versions\"\n");
    }
}

/// Writes the licences of SPDX's list, and the page of one that is not in it.
fn write_licenses(out: &mut String, work: &Work, unsupported: &mut Vec<UnsupportedValue>) {
    let licenses = work.list_licenses();
    let mut ids = Vec::new();
    let mut page = None;
    for (place, license) in &licenses {
        let why = match find_spdx_id_or_page(license) {
            Ok(id) => {
                ids.push(id);
                continue;
            }
            Err(Some(url)) if page.is_none() => {
                page = Some(url);
                continue;
            }
            Err(Some(_)) => "CFF has the page of one licence",
            Err(None) => NO_NAME,
        };
        unsupported.push(make_unsupported(place, &format!("`{license}`: {why}")));
    }
    match ids[..] {
        [] => {}
        [id] => write_entry(out, "license", id),
        _ => write_list(out, "license", &ids),
    }
    if let Some(page) = page {
        write_entry(out, "license-url", page);
    }
}

/// Writes the addresses that have a key, each key once.
fn write_related(out: &mut String, work: &Work, unsupported: &mut Vec<UnsupportedValue>) {
    let is_software = work.metadata.text(Field::UploadType) == Some("software");
    let mut written: Vec<&str> = Vec::new();
    for (at, item) in work.related().iter().enumerate() {
        let address = item.identifier.as_str();
        let key = PAGES.iter().find(|(relation, _)| *relation == item.relation);
        let key = key.map(|(_, key)| *key).filter(|key| {
            // What data are a supplement to is mostly an article, unless it is at a forge.
            let is_repository = is_software || is_at_forge(address);
            address.starts_with("https://")
                && !written.contains(key)
                && (*key != "repository-code" || is_repository)
        });
        if let Some(key) = key {
            write_entry(out, key, address);
            written.push(key);
        } else {
            let place = format!("related_identifiers[{at}]");
            unsupported.push(make_unsupported(&place, &format!("{} {address}", item.relation)));
        }
    }
}

/// Writes the citation of a work that CFF has no type for at the top.
fn write_preferred(
    out: &mut String,
    work: &Work,
    kind: &str,
    unsupported: &mut Vec<UnsupportedValue>,
) {
    out.push_str("preferred-citation:\n");
    let subtype = work.metadata.text(Field::PublicationType).unwrap_or_default();
    let cited = choose_cited_type(kind, subtype);
    if cited == "generic" {
        let what = format!("that it is a `{kind}`");
        unsupported.push(make_unsupported("upload_type", &what));
    }
    let _ = writeln!(out, "  type: {cited}");
    let mut put = |key: &str, value: &str| {
        let _ = writeln!(out, "  {key}: {}", escape_hidden(value));
    };
    put("title", work.metadata.text(Field::Title).unwrap_or_default());
    for (field, key) in CITED {
        if let Some(value) = work.metadata.text(*field) {
            put(key, value);
        }
    }
    if let Some(doi) = work.best_doi() {
        put("doi", doi.as_str());
    }
    if let Some(date) = work.date_parts() {
        let _ = writeln!(out, "  year: {}", date.year.trim_start_matches('0'));
        if let Some(month) = date.month {
            let _ = writeln!(out, "  month: {}", month.trim_start_matches('0'));
        }
    }
    // The losses were reported for the authors at the top.
    write_authors(out, "  ", work.people(Field::Creators), &mut Vec::new());
}

fn choose_cited_type(kind: &str, subtype: &str) -> &'static str {
    match (kind, subtype) {
        ("publication", "article" | "preprint") => "article",
        ("publication", "book") => "book",
        ("publication", "conferencepaper") => "conference-paper",
        ("publication", "conferenceproceeding") => "proceedings",
        ("publication", "report" | "deliverable" | "milestone" | "technicalnote") => "report",
        ("publication", "dissertation") => "thesis",
        ("publication", "patent") => "patent",
        ("publication", "standard") => "standard",
        ("publication", "workingpaper") => "unpublished",
        ("presentation", _) => "slides",
        ("video", _) => "video",
        ("image", _) => "art",
        _ => "generic",
    }
}

fn write_authors(
    out: &mut String,
    indent: &str,
    people: &[Person],
    unsupported: &mut Vec<UnsupportedValue>,
) {
    let _ = writeln!(out, "{indent}authors:");
    let mut once: Vec<&Person> = Vec::new();
    for (at, person) in people.iter().enumerate() {
        // The schema of CFF refuses repeated authors.
        if once.contains(&person) {
            continue;
        }
        once.push(person);
        write_author(out, indent, person);
        let place = format!("creators[{at}]");
        unsupported.extend(list_lost_ids_of(&place, person));
        unsupported.extend(find_lost_role(&place, person));
        let what = find_affiliation_loss(person);
        unsupported
            .extend(what.map(|what| make_unsupported(&format!("{place}.affiliations"), what)));
    }
}

/// Returns what CFF does not say of a person's affiliations.
fn find_affiliation_loss(person: &Person) -> Option<&'static str> {
    let homes = person.list_affiliations();
    match homes.as_slice() {
        [] => None,
        _ if find_names(person).is_none() => Some("in CFF an entity has no affiliation"),
        [only] => only.ror.as_ref().map(|_| "CFF has no ROR id of an affiliation"),
        _ => Some("CFF has one affiliation"),
    }
}

fn write_author(out: &mut String, indent: &str, person: &Person) {
    let mut lead = "- ";
    let mut put = |key: &str, value: &str| {
        let _ = writeln!(out, "{indent}  {lead}{key}: {}", escape_hidden(value));
        lead = "  ";
    };
    let names = find_names(person);
    match &names {
        Some((family, given)) => {
            put("family-names", family);
            if !given.is_empty() {
                put("given-names", given);
            }
        }
        None => put("name", &person.name),
    }
    let homes = person.list_affiliations();
    let home = homes.iter().find_map(|home| home.name.as_ref());
    // An entity has no affiliation in CFF, and a person has one.
    if let Some(affiliation) = home.filter(|_| names.is_some()) {
        put("affiliation", affiliation);
    }
    if let Some(ror) = person.details.identifiers.iter().find(|id| id.scheme == "ror") {
        put("website", &format!("https://ror.org/{}", ror.identifier));
    }
    if let Some(orcid) = &person.orcid {
        put("orcid", &format!("https://orcid.org/{orcid}"));
    }
}

fn write_list(out: &mut String, key: &str, values: &[&str]) {
    let _ = writeln!(out, "{key}:");
    for value in values {
        let _ = writeln!(out, "  - {}", escape_hidden(value));
    }
}

fn write_entry(out: &mut String, key: &str, value: &str) {
    let _ = writeln!(out, "{key}: {}", escape_hidden(value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Affiliation, Doi, Identifier, License, Metadata, Related, Value};

    fn work(kind: &str) -> Work {
        let mut metadata = Metadata::default();
        metadata.set_text(Field::Title, "A \"b\": # c\n\u{202e}\u{85}");
        metadata.set_text(Field::UploadType, kind);
        metadata.set_text(Field::PublicationDate, "2026-06-01");
        metadata.set_text(Field::License, "apache-2.0");
        metadata.set_text(Field::Description, "<p>One <b>&amp;</b> two</p>");
        let weiss = Person {
            name: "Weiss, Tobias".to_owned(),
            orcid: Some("0000-0002-1825-0097".to_owned()),
            ..Person::default()
        };
        let cern = Person { name: "CERN".to_owned(), ..Person::default() };
        metadata.set(Field::Creators, Value::People(vec![weiss.clone(), cern, weiss].into()));
        let doi = |id: &str| Doi::parse(&format!("10.5281/zenodo.{id}")).ok();
        Work { metadata, doi: doi("2"), concept_doi: doi("1"), ..Work::default() }
    }

    #[test]
    fn software_is_cited_at_the_top_with_the_version_s_doi_and_that_of_all_versions() {
        let (text, unsupported) = write_cff(&work("software"));
        let expected = r#"cff-version: 1.2.0
message: "If you use this work, please cite it by the metadata below."
type: software
title: "A \"b\": # c\n\u202E\u0085"
authors:
  - family-names: "Weiss"
    given-names: "Tobias"
    orcid: "https://orcid.org/0000-0002-1825-0097"
  - name: "CERN"
abstract: "One & two"
date-released: "2026-06-01"
license: "Apache-2.0"
doi: "10.5281/zenodo.2"
identifiers:
  - type: doi
    value: "10.5281/zenodo.1"
    description: "All versions"
"#;
        assert_eq!(text, expected);
        let places: Vec<&str> = unsupported.iter().map(|loss| loss.place.as_str()).collect();
        assert_eq!(places, ["description"]);
    }

    #[test]
    fn what_cff_does_not_say_of_an_author_is_named() {
        let mut work = work("software");
        let ror = || Affiliation { name: None, ror: Some("02feahw73".to_owned()) };
        let mut weiss = Person { name: "Weiss, Tobias".to_owned(), ..Person::default() };
        weiss.role = Some("editor".to_owned());
        weiss.set_affiliations(vec![ror()]);
        let mut lab = Person { name: "A Lab".to_owned(), ..Person::default() };
        lab.details.identifiers =
            vec![Identifier { scheme: "isni".to_owned(), identifier: "0000".to_owned() }];
        lab.set_affiliations(vec![ror()]);
        work.metadata.set(Field::Creators, Value::People(vec![weiss, lab].into()));
        let (_, unsupported) = write_cff(&work);
        let places: Vec<&str> = unsupported.iter().map(|loss| loss.place.as_str()).collect();
        let expected = [
            "creators[0].role",
            "creators[0].affiliations",
            "creators[1].identifiers",
            "creators[1].affiliations",
            "description",
        ];
        assert_eq!(places, expected);
    }

    #[test]
    fn several_licences_are_a_list_and_one_of_your_own_a_page() {
        let mut work = work("software");
        work.metadata.remove(Field::License);
        let id = |id: &str| License { id: Some(id.to_owned()), ..License::default() };
        let own = |link: Option<&str>| License {
            title: Some("Our terms".to_owned()),
            link: link.map(str::to_owned),
            ..License::default()
        };
        let page = "https://example.org/terms";
        let all = vec![id("mit"), own(Some(page)), id("isc"), own(Some(page)), own(None)];
        work.metadata.set(Field::Licenses, Value::Licenses(all));
        let (text, unsupported) = write_cff(&work);
        let licences = format!("license:\n  - \"MIT\"\n  - \"ISC\"\nlicense-url: \"{page}\"\n");
        assert!(text.contains(&licences), "{text}");
        let places: Vec<&str> = unsupported.iter().map(|loss| loss.place.as_str()).collect();
        assert_eq!(places, ["description", "licenses[3]", "licenses[4]"]);
        // A list of one is what a file with one licence has.
        work.metadata.set(Field::Licenses, Value::Licenses(vec![id("mit")]));
        assert!(write_cff(&work).0.contains("\nlicense: \"MIT\"\n"));
    }

    #[test]
    fn addresses_with_a_key_are_written_and_the_others_told() {
        let related = |relation: &str, identifier: &str| Related {
            identifier: identifier.to_owned(),
            relation: relation.to_owned(),
            ..Related::default()
        };
        let items = vec![
            related("isSupplementTo", "https://example.org/code"),
            related("isSupplementTo", "https://github.com/example/other"),
            related("isDocumentedBy", "https://example.org/docs"),
            related("isIdenticalTo", "https://example.org/code.tar.gz"),
            related("cites", "10.1234/foo"),
        ];
        let keys = ["repository-code", "repository-artifact", "url"];
        for (kind, repository, told) in [
            ("software", "https://example.org/code", [1, 4]),
            ("dataset", "https://github.com/example/other", [0, 4]),
        ] {
            let mut work = work(kind);
            work.metadata.set(Field::RelatedIdentifiers, Value::Related(items.clone()));
            let (written, unsupported) = write_cff(&work);
            let values =
                [repository, "https://example.org/code.tar.gz", "https://example.org/docs"];
            for (key, value) in keys.iter().zip(values) {
                let line = format!("\n{key}: \"{value}\"\n");
                assert_eq!(written.matches(&line).count(), 1, "{kind}: {written}");
                assert_eq!(written.matches(&format!("\n{key}:")).count(), 1);
            }
            let places = unsupported.iter().map(|loss| loss.place.as_str());
            let places: Vec<&str> = places.filter(|place| place.contains('[')).collect();
            assert_eq!(places, told.map(|at| format!("related_identifiers[{at}]")), "{kind}");
        }
    }

    #[test]
    fn what_is_neither_software_nor_data_has_a_preferred_citation() {
        let (written, unsupported) = write_cff(&work("presentation"));
        assert!(!written.contains("\ntype:"), "{written}");
        assert!(written.contains("preferred-citation:\n  type: slides\n"), "{written}");
        assert!(written.contains("  year: 2026\n  month: 6\n  authors:\n"), "{written}");
        assert!(unsupported.iter().all(|loss| loss.place != "upload_type"));
        let (_, unsupported) = write_cff(&work("poster"));
        assert!(unsupported.iter().any(|loss| loss.place == "upload_type"));
    }
}
