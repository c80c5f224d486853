//! Fills the views of the pages from the state.
//!
//! Decides which facts a page shows and words them for people. Deliberately absent: markup, see
//! `pages`.

use serde_json::Value;

use super::deposit_out::{self, rows};
use super::vocabulary::{self, Vocabulary, entry};
use super::{View, links};
use crate::local::pages::{
    Access, FactView, FileView, HomeView, PersonView, RecordCard, RecordState, RecordView,
    RelatedView, VersionView,
};
use crate::local::state::types::{FileEntry, Version};
use crate::local::state::{Found, files};

/// Fills the page of a record or draft.
pub(crate) fn record(view: View<'_>, found: Found<'_>) -> RecordView {
    let version = found.version();
    let communities = deposit_out::communities(view, version);
    RecordView {
        title: text(version, "title"),
        creators: rows(version, "creators").map(person).collect(),
        contributors: rows(version, "contributors").map(person).collect(),
        doi: version.doi().map(|doi| doi.identifier.clone()),
        concept_doi: links::concept_doi(view, version).map(str::to_owned),
        version: optional(version, "version"),
        publication_date: optional(version, "publication_date"),
        resource_type: resource_type(version),
        licenses: rows(version, "rights").filter_map(licence).collect(),
        access: access(view, found),
        state: state(view, found),
        description_html: text(version, "description"),
        method_html: additional(version, "methods"),
        notes_html: additional(version, "other"),
        keywords: rows(version, "subjects")
            .filter_map(|row| row.get("subject")?.as_str().map(str::to_owned))
            .collect(),
        communities,
        related: related(version),
        further: further(version),
        files: version.files.iter().map(|file| file_view(view, found, file)).collect(),
        versions: versions(view, version),
    }
}

/// Fills the home page with what this user may see, newest first.
pub(crate) fn home(view: View<'_>, hits: &[Found<'_>]) -> HomeView {
    HomeView {
        api_url: Some(format!("{}/api", view.base)),
        records: hits.iter().map(|hit| card(view, *hit)).collect(),
    }
}

fn card(view: View<'_>, found: Found<'_>) -> RecordCard {
    let version = found.version();
    // A draft has a page of its own address, which only its owner can open.
    let place = if found.is_draft() { "uploads" } else { "records" };
    let names = rows(version, "creators").map(person).map(|person| person.name);
    RecordCard {
        title: text(version, "title"),
        creators: names.collect(),
        doi: version.doi().map(|doi| doi.identifier.clone()),
        version: optional(version, "version"),
        publication_date: optional(version, "publication_date"),
        resource_type: resource_type(version),
        access: access(view, found),
        state: state(view, found),
        path: format!("/{place}/{}", version.id),
    }
}

fn optional(version: &Version, field: &str) -> Option<String> {
    version.metadata.get(field).and_then(Value::as_str).map(str::to_owned)
}

fn text(version: &Version, field: &str) -> String {
    optional(version, field).unwrap_or_default()
}

fn at(row: &Value, pointer: &str) -> Option<String> {
    row.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}

fn titled(vocabulary: Vocabulary, id: Option<String>) -> Option<String> {
    let id = id?;
    Some(entry(vocabulary, &id).map_or(id, |found| found.title.clone()))
}

fn resource_type(version: &Version) -> Option<String> {
    let kind = version.metadata.get("resource_type")?;
    titled(Vocabulary::ResourceTypes, at(kind, "/id"))
}

fn licence(row: &Value) -> Option<String> {
    let id = at(row, "/id");
    let known = id.as_deref().and_then(vocabulary::licence).map(|licence| licence.title.clone());
    // A custom licence has no id, and shows the title it was sent with.
    known.or(id).or_else(|| at(row, "/title/en"))
}

fn person(row: &Value) -> PersonView {
    let identifiers = row.pointer("/person_or_org/identifiers").and_then(Value::as_array);
    let mut orcids = identifiers
        .into_iter()
        .flatten()
        .filter(|identifier| at(identifier, "/scheme").as_deref() == Some("orcid"));
    let affiliations = row.get("affiliations").and_then(Value::as_array);
    PersonView {
        name: at(row, "/person_or_org/name").unwrap_or_default(),
        affiliations: affiliations
            .into_iter()
            .flatten()
            .filter_map(|affiliation| at(affiliation, "/name"))
            .collect(),
        orcid: orcids.next().and_then(|orcid| at(orcid, "/identifier")),
        role: titled(Vocabulary::Roles, at(row, "/role/id")),
    }
}

fn access(view: View<'_>, found: Found<'_>) -> Access {
    let access = &found.version().access;
    match &access.embargo_until {
        Some(until) if access.is_embargoed(view.today) => {
            Access::Embargoed { until: until.clone() }
        }
        // An embargo that is over leaves its date behind, so the date alone does not close the
        // files.
        Some(_) | None if access.files_are_open(view.today) => Access::Open,
        Some(_) | None => Access::Restricted,
    }
}

fn state(view: View<'_>, found: Found<'_>) -> RecordState {
    match (found.is_draft(), view.state.is_published(found.version().id)) {
        // A record is shown as published while its owner edits it: the edit has a page of its own.
        (false, _) => RecordState::Published,
        (true, true) => RecordState::Edit,
        (true, false) => RecordState::Draft,
    }
}

fn additional(version: &Version, kind: &str) -> Option<String> {
    let mut described = rows(version, "additional_descriptions");
    let found = described.find(|row| at(row, "/type/id").as_deref() == Some(kind))?;
    at(found, "/description")
}

fn related(version: &Version) -> Vec<RelatedView> {
    let related = rows(version, "related_identifiers").map(|row| {
        let relation = titled(Vocabulary::Relations, at(row, "/relation_type/id"));
        (relation.unwrap_or_default(), row)
    });
    let alternate =
        rows(version, "identifiers").map(|row| ("Alternate identifier".to_owned(), row));
    related
        .chain(alternate)
        .map(|(relation, row)| {
            let identifier = at(row, "/identifier").unwrap_or_default();
            let scheme = at(row, "/scheme");
            // The page links only schemes with a resolver; the others are plain text.
            let href = href(scheme.as_deref(), &identifier);
            RelatedView { relation, identifier, scheme, href }
        })
        .collect()
}

fn href(scheme: Option<&str>, identifier: &str) -> Option<String> {
    match scheme? {
        "url" | "purl" => Some(identifier.to_owned()),
        "doi" => Some(format!("https://doi.org/{identifier}")),
        "handle" => Some(format!("https://hdl.handle.net/{identifier}")),
        // The kept identifier has a prefix that is not part of the address.
        "arxiv" => {
            Some(format!("https://arxiv.org/abs/{}", identifier.trim_start_matches("arXiv:")))
        }
        "orcid" => Some(format!("https://orcid.org/{identifier}")),
        _ => None,
    }
}

/// Returns the further facts of the metadata, in words.
fn further(version: &Version) -> Vec<FactView> {
    let mut facts = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.push(FactView { name: name.to_owned(), value });
        }
    };
    add("Publisher", optional(version, "publisher"));
    add("Language", rows(version, "languages").next().and_then(|row| at(row, "/id")));
    let custom = |field: &str, parts: &[&str]| {
        let object = version.custom.get(field)?;
        let known: Vec<String> =
            parts.iter().filter_map(|part| at(object, &format!("/{part}"))).collect();
        Some(known.join(", "))
    };
    add("Journal", custom("journal:journal", &["title", "volume", "issue", "pages"]));
    let meeting = ["title", "acronym", "dates", "place", "session", "session_part", "url"];
    add("Conference", custom("meeting:meeting", &meeting));
    add("Imprint", custom("imprint:imprint", &["title", "pages", "place", "isbn"]));
    let university = version.custom.get("thesis:university").and_then(Value::as_str);
    add("University", university.map(str::to_owned));
    for grant in deposit_out::grants(version) {
        add("Grant", Some(grant));
    }
    for row in rows(version, "dates") {
        let kind = titled(Vocabulary::Dates, at(row, "/type/id"));
        add(kind.as_deref().unwrap_or("Date"), at(row, "/date"));
    }
    for reference in rows(version, "references") {
        add("Reference", at(reference, "/reference"));
    }
    facts
}

fn file_view(view: View<'_>, found: Found<'_>, file: &FileEntry) -> FileView {
    let content = file.content();
    let may_download = match found {
        // Only the token of its owner can read the bytes of a draft.
        Found::Draft(_) => false,
        Found::Record(record) => files::are_visible(view.state, view.user, record, view.today),
    };
    let id = found.version().id;
    let path = format!("/api/records/{id}/files/{}/content", links::key(&file.key));
    FileView {
        name: file.key.clone(),
        size_bytes: content.map_or(0, |content| content.size_bytes),
        md5: content.map(|content| content.md5.clone()),
        download_path: Some(path).filter(|_| may_download && content.is_some()),
    }
}

fn versions(view: View<'_>, version: &Version) -> Vec<VersionView> {
    let Some(concept) = view.state.concepts.get(&version.concept) else { return Vec::new() };
    let known = concept.versions.iter().rev().filter_map(|id| view.state.records.get(id));
    known
        // A deleted version answers 410, so a link to it would be dead.
        .filter(|record| !record.deleted)
        .map(|record| VersionView {
            index: record.version.index,
            label: optional(&record.version, "version"),
            doi: record.version.doi().map(|doi| doi.identifier.clone()),
            date: text(&record.version, "publication_date"),
            path: format!("/records/{}", record.version.id),
            current: record.version.id == version.id,
            latest: view.state.is_latest(&record.version),
        })
        .collect()
}
