//! Lists of the metadata other than people: keywords, grants, identifiers, subjects, places, dates.

use std::collections::BTreeSet;

use crate::model::{
    DateInterval, Finding, Identifier, Link, LinkedDoi, Location, Related, Subject, name_link,
};
use crate::vocab;

use super::codes;
use super::geometry;
use super::reader::{Entry, Section};
use super::types::Located;
use super::vocab_checks;

/// What would happen to an unknown key.
const DROPPED: &str = "Zenodo silently drops an unknown key";

/// Drops repeated texts, with a warning for each.
pub(super) fn drop_repetitions(
    path: &str,
    texts: Vec<Located<String>>,
    found: &mut Vec<Finding>,
) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for text in texts {
        if seen.insert(text.value.clone()) {
            kept.push(text.value);
        } else {
            let summary =
                format!("`{path}` holds `{}` twice", vocab_checks::shorten_and_escape(&text.value));
            found.push(
                Finding::warning(codes::REPETITION, summary)
                    .at(text.span, "given before")
                    .hint("take it away; it is sent once"),
            );
        }
    }
    kept
}

/// Reads `grants`: ids as texts, or as tables with an `id` as in Zenodo's API.
pub(super) fn read_grants(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<String> {
    let mut ids = Vec::new();
    for item in
        entry.list("a list such as `[{ id = \"10.13039/501100000780::101054344\" }]`", found)
    {
        // The API's own form is taken too, so that a list can be copied from an answer.
        if item.value.as_table().is_none() {
            ids.extend(item.text(found));
            continue;
        }
        let Some(mut section) = item.section("a table such as `{ id = \"…\" }`", found) else {
            continue;
        };
        ids.extend(section.require_text("id", found));
        section.finish(Some(DROPPED), found);
    }
    drop_repetitions(&entry.path, ids, found)
}

/// Reads `related_identifiers`.
pub(super) fn read_related(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<Related> {
    let shape = "{ identifier = \"10.1234/abc\", relation = \"isSupplementTo\" }";
    let mut list: Vec<Related> = Vec::new();
    let mut seen = BTreeSet::new();
    for section in entry.sections(shape, found) {
        let span = section.span;
        let Some(related) = read_related_item(section, found) else { continue };
        if seen.insert(related.clone()) {
            list.push(related);
        } else {
            let summary = format!(
                "`{}` holds `{}` twice",
                entry.path,
                vocab_checks::shorten_and_escape(&related.identifier)
            );
            found.push(
                Finding::warning(codes::REPETITION, summary)
                    .at(span, "given before")
                    .hint("take it away; it is sent once"),
            );
        }
    }
    list
}

/// Reads `identifiers`: other identifiers of the work itself, as texts or tables.
pub(super) fn read_alternates(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<Related> {
    let mut all = Vec::new();
    for item in entry.list("a list such as `[\"arXiv:2101.00001\"]`", found) {
        let text = if item.value.as_table().is_none() {
            item.text(found)
        } else {
            let Some(mut section) = item.section("a table with an `identifier`", found) else {
                continue;
            };
            let text = section.require_text("identifier", found);
            section.finish(Some("the server finds the scheme itself"), found);
            text
        };
        let identifier = text.and_then(|text| vocab_checks::validate_identifier(&text, found));
        all.extend(identifier.map(|identifier| Related {
            identifier,
            relation: "isAlternateIdentifier".to_owned(),
            ..Related::default()
        }));
    }
    all
}

/// Reads `languages`.
pub(super) fn read_languages(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<String> {
    let mut codes = Vec::new();
    for code in entry.texts(found) {
        if let Some(language) = vocab_checks::validate_language(&code, found) {
            let value = vocab::find_language_alpha3(&language).unwrap_or(&language).to_owned();
            codes.push(Located { value, span: code.span });
        }
    }
    drop_repetitions(&entry.path, codes, found)
}

fn read_related_item(mut section: Section<'_>, found: &mut Vec<Finding>) -> Option<Related> {
    let member = section.text("member", found);
    let identifier = if let Some(member) = &member {
        Some(read_member(member, &mut section, found))
    } else {
        let identifier = section.require_text("identifier", found);
        identifier.and_then(|text| vocab_checks::validate_identifier(&text, found))
    };
    // Without a relation the server answers 500.
    let relation = section.require_word("relation", found);
    let relation = relation.and_then(|text| {
        vocab_checks::validate_word(&text, "relation", &vocab::list_relations(), found)
    });
    let resource_type = section.word("resource_type", found);
    let resource_type = resource_type.and_then(|text| {
        vocab_checks::validate_word(&text, "resource type", &vocab::list_resource_types(), found)
    });
    section
        .finish(Some("Zenodo determines the rest itself, and drops what it does not know"), found);
    Some(Related { identifier: identifier?, relation: relation?, resource_type, scheme: None })
}

/// Reads a link to another member of the workspace.
fn read_member(
    member: &Located<String>,
    section: &mut Section<'_>,
    found: &mut Vec<Finding>,
) -> String {
    if let Some(identifier) = section.take("identifier") {
        found.push(
            Finding::error(codes::LINK, "a related record has `member` and `identifier`")
                .at(identifier.span, "one of the two")
                .hint("remove `identifier`: zrel knows the DOI of a member"),
        );
    }
    let doi = section.word("doi", found);
    let doi = doi.and_then(|doi| {
        vocab_checks::validate_word(&doi, "DOI of a member", &["concept", "version"], found)
    });
    let doi = match doi.as_deref() {
        Some("version") => LinkedDoi::Version,
        Some(_) | None => LinkedDoi::Concept,
    };
    name_link(&Link { key: member.value.trim_end_matches('/').to_owned(), doi })
}

/// Reads `subjects`.
pub(super) fn read_subjects(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<Subject> {
    let shape = "{ id = \"http://data.europa.eu/8mn/euroscivoc/…\" }";
    let sections = entry.sections(shape, found);
    sections.into_iter().filter_map(|section| read_subject(section, found)).collect()
}

fn read_subject(mut section: Section<'_>, found: &mut Vec<Finding>) -> Option<Subject> {
    // One that the server knows by its id: it has its own name for it.
    if section.has("id") {
        let id = section.require_text("id", found);
        let term = section.text("term", found).map(|term| term.value).unwrap_or_default();
        section.finish(Some("a subject has an `id`, or a `term` and an `identifier`"), found);
        return Some(Subject { term, identifier: id?.value, scheme: None, is_known: true });
    }
    let term = section.require_text("term", found);
    let identifier = section.require_text("identifier", found);
    let scheme = section.text("scheme", found).map(|scheme| scheme.value);
    section.finish(Some(DROPPED), found);
    Some(Subject { term: term?.value, identifier: identifier?.value, scheme, is_known: false })
}

/// Reads `locations`.
pub(super) fn read_locations(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<Location> {
    let sections = entry.sections("{ place = \"Geneva\", lat = 46.2, lon = 6.15 }", found);
    sections.into_iter().filter_map(|section| read_location(section, found)).collect()
}

fn read_location(mut section: Section<'_>, found: &mut Vec<Finding>) -> Option<Location> {
    let geometry = section.take("geometry");
    let geometry = geometry.and_then(|entry| geometry::read_geometry(&entry, found));
    let identifiers = read_place_identifiers(&mut section, found);
    // Without a place's name the deposit API answers 500; the records API takes a shape or an id.
    let place = if section.has("geometry") || section.has("identifiers") {
        let place = section.text("place", found);
        Some(place.unwrap_or(Located { value: String::new(), span: section.span }))
    } else {
        section.require_text("place", found)
    };
    // A faulty coordinate counts as given, so that it is not reported as half a point too.
    let has_both = section.has("lat") == section.has("lon");
    let lat = section.take("lat").and_then(|entry| read_degrees(&entry, 90, found));
    let lon = section.take("lon").and_then(|entry| read_degrees(&entry, 180, found));
    let description = section.text("description", found).map(|text| text.value);
    if !has_both {
        let given = if section.has("lat") { "lat" } else { "lon" };
        let summary = format!("`{}` has only `{given}` of `lat` and `lon`", section.path);
        found.push(
            Finding::error(codes::LOCATION, summary)
                .at(section.span, "half a point")
                .because("Zenodo silently drops half a point"),
        );
    }
    let is_twice = geometry.is_some() && (lat.is_some() || lon.is_some());
    // A point of two coordinates has one spelling, which both APIs read.
    let (geometry, lat, lon) = match geometry.as_ref().and_then(geometry::read_point) {
        Some((lon, lat)) => (None, Some(lat), Some(lon)),
        None => (geometry, lat, lon),
    };
    if is_twice {
        found.push(
            Finding::error(codes::TWO_SPELLINGS, format!("`{}` has two shapes", section.path))
                .at(section.span, "`geometry` beside `lat` and `lon`")
                .hint("keep one of the two"),
        );
    }
    section.finish(Some(DROPPED), found);
    Some(Location { place: place?.value, lat, lon, description, geometry, identifiers })
}

/// Returns whether a text is an id of Wikidata, `Q71`, or its address.
fn is_wikidata_id(text: &str) -> bool {
    let bare = text.rsplit_once('/').map_or(text, |(_, id)| id);
    let digits = bare.strip_prefix(['Q', 'q']).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads the ids of a place.
fn read_place_identifiers(section: &mut Section<'_>, found: &mut Vec<Finding>) -> Vec<Identifier> {
    let Some(entry) = section.take("identifiers") else { return Vec::new() };
    let shape = "{ scheme = \"geonames\", identifier = \"2660646\" }";
    let mut all = Vec::new();
    for mut item in entry.sections(shape, found) {
        let scheme = item.require_word("scheme", found);
        let schemes = ["geonames", "wikidata"];
        let scheme = scheme
            .and_then(|scheme| vocab_checks::validate_word(&scheme, "scheme", &schemes, found));
        let identifier = item.require_text("identifier", found);
        item.finish(Some(DROPPED), found);
        let wikidata = identifier.as_ref().filter(|_| scheme.as_deref() == Some("wikidata"));
        if let Some(id) = wikidata.filter(|id| !is_wikidata_id(&id.value)) {
            let shown = vocab_checks::shorten_and_escape(&id.value);
            let summary = format!("`{shown}` is not an id of Wikidata");
            found.push(
                Finding::error(codes::IDENTIFIER, summary)
                    .at(id.span, "not a `Q` and digits")
                    .because("Zenodo refuses it"),
            );
        }
        if let (Some(scheme), Some(identifier)) = (scheme, identifier) {
            all.push(Identifier { scheme, identifier: identifier.value });
        }
    }
    all
}

fn read_degrees(entry: &Entry<'_>, limit: i32, found: &mut Vec<Finding>) -> Option<f64> {
    let degrees = entry.number(found)?;
    if degrees.value == 0.0 {
        // Source: contract/scenarios/deposit-places.json, 2026-11-28.
        let summary = format!("`{}` is 0, which Zenodo takes for no value", entry.path);
        found.push(
            Finding::error(codes::LOCATION, summary)
                .at(degrees.span, "taken for nothing")
                .because("its deposit API drops both coordinates of a place where one is 0")
                .hint("write 0.000001, which is ten centimetres away"),
        );
        return None;
    }
    if degrees.value.abs() <= f64::from(limit) {
        return Some(degrees.value);
    }
    let summary = format!("`{}` is not between -{limit} and {limit} degrees", entry.path);
    let finding = Finding::error(codes::LOCATION, summary).at(degrees.span, "out of range");
    found.push(finding.hint("`lat` is degrees north, `lon` degrees east"));
    None
}

/// Reads `dates`.
pub(super) fn read_dates(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<DateInterval> {
    let shape = "{ start = \"2026-03-21\", end = \"2026-03-25\", type = \"Collected\" }";
    let sections = entry.sections(shape, found);
    sections.into_iter().filter_map(|section| read_date_interval(section, found)).collect()
}

fn read_date_interval(mut section: Section<'_>, found: &mut Vec<Finding>) -> Option<DateInterval> {
    let has_any = section.has("start") || section.has("end") || section.has("date");
    let whole = section.take("date").and_then(|entry| read_whole_date(&entry, found));
    let (mut start, mut end) = whole.unzip();
    if section.has("date")
        && let Some(other) = section.take("start").or_else(|| section.take("end"))
    {
        found.push(
            Finding::error(codes::TWO_SPELLINGS, format!("`{}` has two dates", section.path))
                .at(other.span, "beside `date`")
                .hint("keep `date`, or `start` and `end`"),
        );
    } else {
        start = start.or(read_interval_end(&mut section, "start", found));
        end = end.or(read_interval_end(&mut section, "end", found));
    }
    let kind = section.require_word("type", found);
    let kind = kind.and_then(|text| validate_date_type(&text, found));
    let description = section.text("description", found).map(|text| text.value);
    let path = section.path.clone();
    if !has_any {
        found.push(
            Finding::error(codes::INTERVAL, format!("`{path}` has neither `start` nor `end`"))
                .at(section.span, "no date")
                .because("Zenodo answers `Invalid date provided.`"),
        );
    }
    if let (Some(start), Some(end)) = (&start, &end)
        // Compared as an interval: `2026-06` to `2026` is in order, since the year ends later.
        && !section.has("date")
        && !vocab::is_edtf_level_0(&format!("{start}/{end}"))
    {
        found.push(
            Finding::error(codes::INTERVAL, format!("`{path}` ends before it begins"))
                .at(section.span, format!("from {start} to {end}"))
                .hint("exchange `start` and `end`"),
        );
    }
    if section.has("start") != section.has("end") {
        found.push(
            Finding::note(codes::ONE_END, format!("`{path}` has one end, which is sent as both"))
                .at(section.span, "one end")
                .because("Zenodo has no open interval: one end alone is that single date"),
        );
    }
    section.finish(Some(DROPPED), found);
    // The server stores one end, or two equal ones, as the same single date.
    let (start, end) = (start.clone().or_else(|| end.clone()), end.or(start));
    Some(DateInterval { start, end, kind: kind?, description })
}

/// Reads a date of EDTF level 0, an interval too, and with a time of the day: both ends.
fn read_whole_date(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<(String, String)> {
    let text = match entry.value.as_datetime() {
        Some(date) => Located { value: date.to_string(), span: entry.span },
        None => entry.text(found)?,
    };
    if vocab::is_edtf_level_0(&text.value) || vocab::is_edtf_time(&text.value) {
        let (start, end) = text.value.split_once('/').unwrap_or((&text.value, &text.value));
        return Some((start.to_owned(), end.to_owned()));
    }
    // It says what a date looks like.
    vocab_checks::validate_edtf(&text, found).map(|date| (date.clone(), date))
}

fn read_interval_end(
    section: &mut Section<'_>,
    key: &'static str,
    found: &mut Vec<Finding>,
) -> Option<String> {
    let text = section.take(key)?.date_text(found)?;
    vocab_checks::validate_point_in_time(&text, found)
}

/// Validates a date's type; in lower case too, as the server returns it.
fn validate_date_type(text: &Located<String>, found: &mut Vec<Finding>) -> Option<String> {
    let types = vocab::list_date_types();
    let returned = types.iter().find(|kind| kind.to_lowercase() == text.value);
    match returned {
        Some(kind) => Some((*kind).to_owned()),
        None => vocab_checks::validate_word(text, "date type", &types, found),
    }
}
