//! Fills the views of the pages from the state.
//!
//! Decides which facts a page shows and words them for people. Deliberately absent: markup, see
//! `pages`.

use serde_json::Value;

use super::deposit_out::{self, list_rows};
use super::vocabulary::{self, Vocabulary, find_entry};
use super::{View, links};
use crate::local::pages::{
    Access, FactView, FileView, HomeView, PersonView, RecordCard, RecordState, RecordView,
    RelatedView, VersionView,
};
use crate::local::state::types::{FileEntry, Version};
use crate::local::state::{Found, files, requests};

/// Fills the page of a record or draft.
pub(crate) fn build_record_view(view: View<'_>, found: Found<'_>) -> RecordView {
    let version = found.version();
    let communities = deposit_out::list_communities(view, version);
    RecordView {
        title: read_text_field(version, "title"),
        creators: list_rows(version, "creators").map(build_person_view).collect(),
        contributors: list_rows(version, "contributors").map(build_person_view).collect(),
        doi: version.doi().map(|doi| doi.identifier.clone()),
        concept_doi: links::find_concept_doi(view, version).map(str::to_owned),
        version: read_optional_field(version, "version"),
        publication_date: read_optional_field(version, "publication_date"),
        resource_type: describe_resource_type(version),
        licenses: list_rows(version, "rights").filter_map(describe_licence).collect(),
        access: choose_access(view, found),
        state: choose_state(view, found),
        review: find_review(view, version),
        description_html: read_text_field(version, "description"),
        method_html: find_additional_description(version, "methods"),
        notes_html: find_additional_description(version, "other"),
        keywords: list_rows(version, "subjects")
            .filter_map(|row| row.get("subject")?.as_str().map(str::to_owned))
            .collect(),
        communities,
        related: build_related_views(version),
        further: list_further_facts(version),
        files: version.files.iter().map(|file| build_file_view(view, found, file)).collect(),
        versions: build_version_views(view, version),
    }
}

/// Returns who reviews a draft, and the address that cancels the review.
fn find_review(view: View<'_>, version: &Version) -> Option<(String, String)> {
    let review = requests::find_open_review(view.state, version.concept)?;
    let community = view.state.communities.get(review.community.as_ref()?)?;
    let address = format!("{}/api/requests/{}/actions/cancel", view.base, review.id);
    (review.topic == version.id).then(|| (community.slug.clone(), address))
}

/// Fills the home page with what this user may see, newest first.
pub(crate) fn build_home_view(view: View<'_>, hits: &[Found<'_>]) -> HomeView {
    HomeView {
        api_url: Some(format!("{}/api", view.base)),
        records: hits.iter().map(|hit| build_record_card(view, *hit)).collect(),
    }
}

fn build_record_card(view: View<'_>, found: Found<'_>) -> RecordCard {
    let version = found.version();
    // A draft has a page of its own address, which only its owner can open.
    let place = if found.is_draft() { "uploads" } else { "records" };
    let names = list_rows(version, "creators").map(build_person_view).map(|person| person.name);
    RecordCard {
        title: read_text_field(version, "title"),
        creators: names.collect(),
        doi: version.doi().map(|doi| doi.identifier.clone()),
        version: read_optional_field(version, "version"),
        publication_date: read_optional_field(version, "publication_date"),
        resource_type: describe_resource_type(version),
        access: choose_access(view, found),
        state: choose_state(view, found),
        path: format!("/{place}/{}", version.id),
    }
}

fn read_optional_field(version: &Version, field: &str) -> Option<String> {
    version.metadata.get(field).and_then(Value::as_str).map(str::to_owned)
}

fn read_text_field(version: &Version, field: &str) -> String {
    read_optional_field(version, field).unwrap_or_default()
}

fn read_text_at(row: &Value, pointer: &str) -> Option<String> {
    row.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}

fn find_title(vocabulary: Vocabulary, id: Option<String>) -> Option<String> {
    let id = id?;
    Some(find_entry(vocabulary, &id).map_or(id, |found| found.title.clone()))
}

fn describe_resource_type(version: &Version) -> Option<String> {
    let kind = version.metadata.get("resource_type")?;
    find_title(Vocabulary::ResourceTypes, read_text_at(kind, "/id"))
}

fn describe_licence(row: &Value) -> Option<String> {
    let id = read_text_at(row, "/id");
    let known =
        id.as_deref().and_then(vocabulary::find_licence).map(|licence| licence.title.clone());
    // A custom licence has no id, and shows the title it was sent with.
    known.or(id).or_else(|| read_text_at(row, "/title/en"))
}

fn build_person_view(row: &Value) -> PersonView {
    let identifiers = row.pointer("/person_or_org/identifiers").and_then(Value::as_array);
    let mut orcids = identifiers
        .into_iter()
        .flatten()
        .filter(|identifier| read_text_at(identifier, "/scheme").as_deref() == Some("orcid"));
    let affiliations = row.get("affiliations").and_then(Value::as_array);
    PersonView {
        name: read_text_at(row, "/person_or_org/name").unwrap_or_default(),
        affiliations: affiliations
            .into_iter()
            .flatten()
            .filter_map(|affiliation| read_text_at(affiliation, "/name"))
            .collect(),
        orcid: orcids.next().and_then(|orcid| read_text_at(orcid, "/identifier")),
        role: find_title(Vocabulary::Roles, read_text_at(row, "/role/id")),
    }
}

fn choose_access(view: View<'_>, found: Found<'_>) -> Access {
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

fn choose_state(view: View<'_>, found: Found<'_>) -> RecordState {
    match (found.is_draft(), view.state.is_published(found.version().id)) {
        // A record is shown as published while its owner edits it: the edit has a page of its own.
        (false, _) => RecordState::Published,
        (true, true) => RecordState::Edit,
        (true, false) => RecordState::Draft,
    }
}

fn find_additional_description(version: &Version, kind: &str) -> Option<String> {
    let mut described = list_rows(version, "additional_descriptions");
    let found = described.find(|row| read_text_at(row, "/type/id").as_deref() == Some(kind))?;
    read_text_at(found, "/description")
}

fn build_related_views(version: &Version) -> Vec<RelatedView> {
    let related = list_rows(version, "related_identifiers").map(|row| {
        let relation = find_title(Vocabulary::Relations, read_text_at(row, "/relation_type/id"));
        (relation.unwrap_or_default(), row)
    });
    let alternate =
        list_rows(version, "identifiers").map(|row| ("Alternate identifier".to_owned(), row));
    related
        .chain(alternate)
        .map(|(relation, row)| {
            let identifier = read_text_at(row, "/identifier").unwrap_or_default();
            let scheme = read_text_at(row, "/scheme");
            // The page links only schemes with a resolver; the others are plain text.
            let href = make_href(scheme.as_deref(), &identifier);
            RelatedView { relation, identifier, scheme, href }
        })
        .collect()
}

fn make_href(scheme: Option<&str>, identifier: &str) -> Option<String> {
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
fn list_further_facts(version: &Version) -> Vec<FactView> {
    let mut facts = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.push(FactView { name: name.to_owned(), value });
        }
    };
    add("Publisher", read_optional_field(version, "publisher"));
    add(
        "Language",
        list_rows(version, "languages").next().and_then(|row| read_text_at(row, "/id")),
    );
    let custom = |field: &str, parts: &[&str]| {
        let object = version.custom.get(field)?;
        let known: Vec<String> =
            parts.iter().filter_map(|part| read_text_at(object, &format!("/{part}"))).collect();
        Some(known.join(", "))
    };
    add("Journal", custom("journal:journal", &["title", "volume", "issue", "pages"]));
    let meeting = ["title", "acronym", "dates", "place", "session", "session_part", "url"];
    add("Conference", custom("meeting:meeting", &meeting));
    add("Imprint", custom("imprint:imprint", &["title", "pages", "place", "isbn"]));
    let university = version.custom.get("thesis:university").and_then(Value::as_str);
    add("University", university.map(str::to_owned));
    for grant in deposit_out::list_grants(version) {
        add("Grant", Some(grant));
    }
    for row in list_rows(version, "dates") {
        let kind = find_title(Vocabulary::Dates, read_text_at(row, "/type/id"));
        add(kind.as_deref().unwrap_or("Date"), read_text_at(row, "/date"));
    }
    for reference in list_rows(version, "references") {
        add("Reference", read_text_at(reference, "/reference"));
    }
    facts
}

fn build_file_view(view: View<'_>, found: Found<'_>, file: &FileEntry) -> FileView {
    let content = file.content();
    let may_download = match found {
        // Only the token of its owner can read the bytes of a draft.
        Found::Draft(_) => false,
        Found::Record(record) => files::are_visible(view.state, view.visitor(), record, view.today),
    };
    let id = found.version().id;
    let path = format!("/api/records/{id}/files/{}/content", links::escape_key(&file.key));
    FileView {
        name: file.key.clone(),
        size_bytes: content.map_or(0, |content| content.size_bytes),
        md5: content.map(|content| content.md5.clone()),
        download_path: Some(path).filter(|_| may_download && content.is_some()),
    }
}

fn build_version_views(view: View<'_>, version: &Version) -> Vec<VersionView> {
    let Some(concept) = view.state.concepts.get(&version.concept) else { return Vec::new() };
    let known = concept.versions.iter().rev().filter_map(|id| view.state.records.get(id));
    known
        // A deleted version answers 410, so a link to it would be dead.
        .filter(|record| !record.deleted)
        .map(|record| VersionView {
            index: record.version.index,
            label: read_optional_field(&record.version, "version"),
            doi: record.version.doi().map(|doi| doi.identifier.clone()),
            date: read_text_field(&record.version, "publication_date"),
            path: format!("/records/{}", record.version.id),
            current: record.version.id == version.id,
            latest: view.state.is_latest(&record.version),
        })
        .collect()
}
