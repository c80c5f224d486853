//! The metadata that checks send.

use serde_json::{Value as Json, json};
use zrel::metadata_json::metadata_from_json;
use zrel::model::{Field, FieldKind, Metadata, Person, Value};

/// A grant that a server with a list of grants knows: one of the European Commission.
///
/// Source: contract/scenarios/deposit-texts-of-other-times.json, 2026-11-28.
pub(super) const GRANT: &str = "10.13039/501100000780::283595";

/// The description of all drafts of the suite.
pub(super) const DESCRIPTION: &str = "<p>A test of the calls that zrel makes, without content.</p>";

/// Returns a title with the random id of a run, as a create call of zrel has it.
pub(super) fn make_title(about: &str, mark: &str) -> String {
    format!("{about} of a conformance test [zrel {mark}]")
}

/// Returns metadata that can be published.
pub(super) fn make_small(about: &str, mark: &str) -> Metadata {
    let mut metadata = Metadata::default();
    metadata.set_text(Field::Title, make_title(about, mark));
    metadata.set_text(Field::UploadType, "dataset");
    metadata.set_text(Field::Description, DESCRIPTION);
    metadata.set_text(Field::PublicationDate, "2026-06-01");
    metadata.set_text(Field::Version, "1.0");
    metadata.set_text(Field::License, "CC0-1.0");
    let creator = Person { name: "Conformance, Test".to_owned(), ..Person::default() };
    metadata.set(Field::Creators, Value::People(vec![creator].into()));
    metadata.set(Field::Keywords, Value::List(vec!["conformance test".to_owned()]));
    metadata
}

/// Adds the grant.
pub(super) fn add_grant(metadata: &mut Metadata) {
    metadata.set(Field::Grants, Value::List(vec![GRANT.to_owned()]));
}

/// Returns metadata that have each field of the deposit API at least once, but for grants, which a
/// server may not know.
///
/// # Errors
/// When a sample can't be read, or a field is in none.
pub(super) fn make_samples(mark: &str) -> Result<Vec<Metadata>, String> {
    let samples = [make_preprint(mark), make_thesis(mark), make_image(mark)];
    let read = |json: &Json| metadata_from_json(json).ok_or("a sample has a field of another form");
    let mut samples: Vec<Metadata> = samples.iter().map(read).collect::<Result<_, _>>()?;
    let missing = list_missing(&samples);
    // Any words are a value of a text field, so a new one needs no sample of its own.
    for field in missing.into_iter().filter(|field| field.kind() == FieldKind::Text) {
        samples[0].set_text(field, "Some words");
    }
    match list_missing(&samples).first() {
        None => Ok(samples),
        Some(field) => Err(format!("no sample has the field `{field}`")),
    }
}

/// Returns metadata that have each field that only the records API has.
///
/// # Errors
/// When the sample can't be read, or a field is not in it.
pub(super) fn make_native_sample(mark: &str) -> Result<Metadata, String> {
    let sample = metadata_from_json(&make_native(mark));
    let sample = sample.ok_or("the sample of the records API has a field of another form")?;
    let missing =
        Field::ALL.iter().filter(|field| field.is_native() && sample.get(**field).is_none());
    match missing.collect::<Vec<_>>().first() {
        None => Ok(sample),
        Some(field) => Err(format!("no sample has the field `{field}`")),
    }
}

/// As in contract/scenarios/{native-rich-metadata,native-custom-fields}.json, 2026-11-28, without
/// what a server may not know: organisations, awards, subjects.
fn make_native(mark: &str) -> Json {
    json!({
        "title": make_title("Rich", mark), "upload_type": "dataset",
        "publication_date": "2026-06-01", "description": "<p>Some words.</p>",
        "creators": [
            {"name": "Weiss, Tobias", "type": "Researcher", "affiliations": [{"name": "One"}, {"name": "Two"}],
                "identifiers": [{"scheme": "isni", "identifier": "000000012156142X"}]},
            {"name": "CERN", "kind": "organization"},
            {"name": "Cruz, Jr., Ana", "family_name": "Cruz, Jr.", "given_name": "Ana"}],
        "contributors": [{"name": "Doe, Jane", "type": "Translator"}],
        "titles": [{"text": "A “subtitle”", "kind": "subtitle", "language": "eng"}, {"text": "Another"}],
        "descriptions": [{"text": "<p>How <b>it</b> works", "kind": "technical-info", "language": "deu"}],
        "access_right": "embargoed", "embargo_date": "2099-12-31", "embargo_reason": "A patent",
        "licenses": [{"id": "mit"}, {"title": "Own terms", "link": "https://example.org/terms"}],
        "copyright": "© 2026", "languages": ["eng", "deu"], "sizes": ["12 pages"],
        "formats": ["text/csv"],
        "funding": [{"funder": {"name": "A fund"}, "award": {"number": "1", "title": "Forms"}}],
        "related_identifiers": [{"identifier": "10.1234/foo", "relation": "isTranslationOf"}],
        "locations": [{"place": "The lake", "geometry": {"type": "MultiPoint",
            "coordinates": [[6.1, 46.2], [6.8, 46]]},
            "identifiers": [{"scheme": "geonames", "identifier": "2660646"}]}],
        "dates": [{"start": "2026-03-21T12:00:00", "end": "2026-03-21T12:00:00", "type": "Collected"}],
        "custom": {"code:codeRepository": "https://example.org/forms",
            "code:programmingLanguage": [{"id": "rust"}], "journal:journal": {"issn": "0317-8471"}},
        "journal_title": "Journal",
    })
}

/// Lists the fields that no sample has, but for grants and what only the records API has.
fn list_missing(samples: &[Metadata]) -> Vec<Field> {
    let has = |field: Field| samples.iter().any(|sample| sample.get(field).is_some());
    let is_expected = |field: &Field| *field != Field::Grants && !field.is_native();
    Field::ALL.iter().copied().filter(|field| is_expected(field) && !has(*field)).collect()
}

/// As in contract/scenarios/metadata-full.json, 2026-11-23, with spellings that the server changes.
fn make_preprint(mark: &str) -> Json {
    json!({
        "title": make_title("Preprint", mark), "upload_type": "publication",
        "publication_type": "preprint", "publication_date": "2026-06-01", "version": "1.0.0",
        "creators": [{"name": "Weiss,Tobias", "affiliation": "Independent",
            "orcid": "https://orcid.org/0000-0002-1825-0097"}, {"name": "CERN"}],
        "contributors": [{"name": "Doe, Jane", "type": "DataCurator", "affiliation": "CERN"}],
        "description": "<p>“Tables” of <b>traces</b> &amp; more", "access_right": "open",
        "license": "CC-BY-4.0", "keywords": ["modular forms", "“traces”"], "language": "en",
        "notes": "<p>Note.</p>", "method": "<p>Method.</p>",
        "related_identifiers": [
            {"identifier": "arXiv:2101.00001", "relation": "isAlternateIdentifier"},
            {"identifier": "https://doi.org/10.1234/foo", "relation": "isSupplementTo",
                "resource_type": "publication-article"},
            {"identifier": "https://example.org/code", "relation": "isDerivedFrom"}],
        "references": ["Doe J (2014). Title. Publisher. DOI"],
        "subjects": [{"term": "Astronomy", "scheme": "url",
            "identifier": "http://id.loc.gov/authorities/subjects/sh85009003"}],
        "locations": [{"place": "Los Angeles", "lat": 34.02577, "lon": -118.7804}],
        "dates": [{"start": "2018-03-21", "end": "2018-03-25", "type": "Collected",
            "description": "Field work"}],
        "journal_title": "Journal", "journal_volume": "1", "journal_issue": "2",
        "journal_pages": "3-4", "conference_title": "Conf", "conference_acronym": "C'26",
        "conference_dates": "1 May 2026", "conference_place": "Geneva",
        "conference_url": "https://example.org", "conference_session": "VI",
        "conference_session_part": "1", "imprint_publisher": "Publisher",
        "imprint_isbn": "978-3-16-148410-0", "imprint_place": "Berlin", "partof_title": "Book",
        "partof_pages": "1-2",
    })
}

/// Closed files, people of a thesis, and a date that is no interval, which only the records API
/// returns.
fn make_thesis(mark: &str) -> Json {
    json!({
        "title": make_title("Thesis", mark), "upload_type": "publication",
        "publication_type": "dissertation", "publication_date": "2026-06",
        "creators": [{"name": "Doe, Jane"}], "description": "<p>Some words.</p>",
        "access_right": "closed", "access_conditions": "<p>Ask.</p>",
        "thesis_university": "University of Oxford",
        "thesis_supervisors": [{"name": "Noether, Emmy"}],
        "dates": [{"start": "2025-03-21", "end": "2025-03-21", "type": "Collected"}],
    })
}

/// An embargo, and a DOI that was made elsewhere.
fn make_image(mark: &str) -> Json {
    json!({
        "title": make_title("Image", mark), "upload_type": "image", "image_type": "figure",
        "publication_date": "2026-06-01", "creators": [{"name": "Doe, Jane"}],
        "description": "<p>Some words.</p>", "access_right": "embargoed",
        "embargo_date": "2099-12-31", "license": "MIT", "doi": format!("10.1234/zrel.{mark}"),
    })
}
