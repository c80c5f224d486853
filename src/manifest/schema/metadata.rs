//! `[metadata]` of the schema: every field, under Zenodo's names.

use schemars::JsonSchema;
use serde_json::json;

use super::scalars::{
    AccessRight, ContributorType, DateType, Grant, Html, ImageType, Latitude, License, Longitude,
    PublicationType, Relation, ResourceType, Text, Title, UploadType, Version,
};

/// The metadata, under Zenodo's names.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Metadata {
    /// The title; three characters or more.
    title: Title,
    /// What is published.
    upload_type: UploadType,
    /// The kind of publication; needed with `upload_type = "publication"`, and only then.
    publication_type: Option<PublicationType>,
    /// The kind of image; needed with `upload_type = "image"`, and only then.
    image_type: Option<ImageType>,
    /// `today`, or when it was published: `2026-06-01`, `2026-06`, `2026`, or an interval
    /// `2026-06-01/2026-06-30`. Default: `today`, which is decided when a version is created.
    publication_date: Option<Text>,
    /// The version label, or `{ from = "git-tag", strip = "v" }` to take it from the tag on the
    /// commit.
    version: Option<Version>,
    /// Who made it, in the order of citation.
    #[schemars(length(min = 1))]
    creators: Vec<Person>,
    /// Who else helped, each with a role.
    contributors: Option<Vec<Contributor>>,
    /// The abstract: HTML, or a Markdown or HTML file.
    description: Option<Html>,
    /// Who may have the files. Default: `open`. Zenodo makes `closed` into `restricted`.
    access_right: Option<AccessRight>,
    /// The licence's id, such as `CC-BY-4.0` (SPDX). Without one, Zenodo gives CC-BY-4.0, or
    /// CC0-1.0 to a dataset. `{ allow_unknown = "…" }` names one that zrel does not know yet.
    license: Option<License>,
    /// Until when the files are closed, a day after today; needed with
    /// `access_right = "embargoed"`, and only then.
    embargo_date: Option<Text>,
    /// Under what conditions files are given. Zenodo drops it, so zrel does not send it.
    access_conditions: Option<Html>,
    /// A DOI that somebody else made. Never one of the server's own.
    doi: Option<Text>,
    /// Keywords, one an entry.
    keywords: Option<Vec<Text>>,
    /// Additional notes: HTML, or a Markdown or HTML file.
    notes: Option<Html>,
    /// How it was made: HTML, or a Markdown or HTML file.
    method: Option<Html>,
    /// What this record relates to.
    related_identifiers: Option<Vec<Related>>,
    /// Cited works, as texts.
    references: Option<Vec<Text>>,
    /// Grant ids: `{ id = "10.13039/501100000780::101054344" }` or the id itself.
    grants: Option<Vec<Grant>>,
    /// Subjects of a vocabulary.
    subjects: Option<Vec<Subject>>,
    /// The main language, ISO 639: `en` or `eng`.
    language: Option<Text>,
    /// Places.
    locations: Option<Vec<Location>>,
    /// Dates and intervals, each with a type.
    dates: Option<Vec<DateInterval>>,
    /// The journal in which it appeared.
    journal_title: Option<Text>,
    /// The journal's volume, in quotes.
    journal_volume: Option<Text>,
    /// The journal's issue, in quotes.
    journal_issue: Option<Text>,
    /// The pages in the journal.
    journal_pages: Option<Text>,
    /// The conference.
    conference_title: Option<Text>,
    /// The conference's acronym.
    conference_acronym: Option<Text>,
    /// The conference's dates, as text.
    conference_dates: Option<Text>,
    /// The conference's place.
    conference_place: Option<Text>,
    /// The conference's web page.
    conference_url: Option<Text>,
    /// The session.
    conference_session: Option<Text>,
    /// The part of the session.
    conference_session_part: Option<Text>,
    /// The publisher. Default: Zenodo.
    imprint_publisher: Option<Text>,
    /// The ISBN.
    imprint_isbn: Option<Text>,
    /// The publisher's place.
    imprint_place: Option<Text>,
    /// The book that this is a part of.
    partof_title: Option<Text>,
    /// The pages within that book.
    partof_pages: Option<Text>,
    /// The university that awarded the degree.
    thesis_university: Option<Text>,
    /// Who supervised the thesis.
    thesis_supervisors: Option<Vec<Person>>,
}

/// A person or an organisation.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Person {
    /// `Family, Given`, or an organisation's name.
    name: Text,
    /// One affiliation.
    affiliation: Option<Text>,
    /// The ORCID: `0000-0002-1825-0097`.
    orcid: Option<Text>,
    /// The GND id.
    gnd: Option<Text>,
}

/// A person or an organisation, with a role.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Contributor {
    /// `Family, Given`, or an organisation's name.
    name: Text,
    /// What they did.
    #[schemars(rename = "type")]
    role: ContributorType,
    /// One affiliation.
    affiliation: Option<Text>,
    /// The ORCID: `0000-0002-1825-0097`.
    orcid: Option<Text>,
    /// The GND id.
    gnd: Option<Text>,
}

/// Something that this record relates to.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Related {
    /// A DOI, an address, an arXiv id, an ISBN, …
    identifier: Text,
    /// How this record relates to it, such as `isSupplementTo`.
    relation: Relation,
    /// What it is, such as `publication-article`.
    resource_type: Option<ResourceType>,
}

/// A subject of a vocabulary.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Subject {
    /// Its name.
    term: Text,
    /// Its id in the vocabulary, often an address.
    identifier: Text,
    /// The id's scheme, such as `url`.
    scheme: Option<Text>,
}

/// A place.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("dependencies" = json!({ "lat": ["lon"], "lon": ["lat"] }))
)]
struct Location {
    /// Its name.
    place: Text,
    /// Degrees north.
    lat: Option<Latitude>,
    /// Degrees east.
    lon: Option<Longitude>,
    /// What it is to the record.
    description: Option<Text>,
}

/// A date or an interval.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("anyOf" = json!([{ "required": ["start"] }, { "required": ["end"] }]))
)]
struct DateInterval {
    /// The first day: `2026-03-21`.
    start: Option<Text>,
    /// The last day.
    end: Option<Text>,
    /// What the date says.
    #[schemars(rename = "type")]
    kind: DateType,
    /// More about it.
    description: Option<Text>,
}
