//! Places, dates, subjects and related identifiers.

use serde_json::{Value as Json, json};

use crate::metadata_json::{custom_from_json, custom_to_json};
use crate::model::{DateInterval, Location, Related, Subject};
use crate::wire::parts::items;

use super::people::{read_identifier, write_identifier};
use super::{id_at, text_at, without_nulls};

/// The relation under which the deposit API has alternate identifiers.
pub(super) const ALTERNATE: &str = "isAlternateIdentifier";

/// Reads a place.
pub(super) fn read_location(json: &Json) -> Location {
    let geometry = &json["geometry"];
    let point = read_point(geometry);
    Location {
        place: text_at(json, "place").unwrap_or_default(),
        lat: point.map(|(_, lat)| lat),
        lon: point.map(|(lon, _)| lon),
        description: text_at(json, "description"),
        geometry: custom_from_json(geometry).filter(|_| point.is_none()),
        identifiers: items(&json["identifiers"]).map(read_identifier).collect(),
    }
}

/// Reads the longitude and latitude of a point that the deposit API keeps too: one with a zero is
/// dropped there (contract/scenarios/deposit-places.json, 2026-11-28).
fn read_point(geometry: &Json) -> Option<(f64, f64)> {
    let coordinates: Vec<f64> = items(&geometry["coordinates"]).filter_map(Json::as_f64).collect();
    match coordinates[..] {
        [lon, lat] if geometry["type"] == "Point" && lon != 0.0 && lat != 0.0 => Some((lon, lat)),
        _ => None,
    }
}

pub(super) fn write_location(location: &Location) -> Json {
    let Location { place, lat, lon, description, geometry, identifiers } = location;
    let point = lat.zip(*lon).map(|(lat, lon)| json!({"type": "Point", "coordinates": [lon, lat]}));
    let ids: Vec<Json> = identifiers.iter().map(write_identifier).collect();
    without_nulls(json!({
        "place": Some(place).filter(|place| !place.is_empty()),
        "description": description,
        "geometry": geometry.as_ref().map(custom_to_json).or(point),
        "identifiers": Some(ids).filter(|ids| !ids.is_empty()),
    }))
}

/// Reads a date; one that is not an interval becomes both ends, as it is sent.
pub(super) fn read_date(json: &Json) -> DateInterval {
    let ends = json["date"].as_str().map(|date| date.split_once('/').unwrap_or((date, date)));
    DateInterval {
        start: ends.map(|(start, _)| start.to_owned()),
        end: ends.map(|(_, end)| end.to_owned()),
        kind: id_at(json, "type").unwrap_or_default(),
        description: text_at(json, "description"),
    }
}

pub(super) fn write_date(date: &DateInterval) -> Json {
    let DateInterval { start, end, kind, description } = date;
    let day = match (start, end) {
        (Some(start), Some(end)) if start != end => Some(format!("{start}/{end}")),
        (start, end) => start.clone().or_else(|| end.clone()),
    };
    without_nulls(json!({"date": day, "type": {"id": kind}, "description": description}))
}

/// Reads a subject that the server knows by its id.
pub(super) fn read_known_subject(json: &Json) -> Option<Subject> {
    Some(Subject {
        term: text_at(json, "subject").unwrap_or_default(),
        identifier: text_at(json, "id")?,
        scheme: None,
        is_known: true,
    })
}

/// Reads a subject that the deposit API wrote.
pub(super) fn read_own_subject(json: &Json) -> Option<Subject> {
    Some(Subject {
        term: text_at(json, "term").unwrap_or_default(),
        identifier: text_at(json, "identifier")?,
        scheme: text_at(json, "scheme"),
        is_known: false,
    })
}

pub(super) fn write_own_subject(subject: &Subject) -> Json {
    let Subject { term, identifier, scheme, is_known: _ } = subject;
    without_nulls(json!({"term": term, "identifier": identifier, "scheme": scheme}))
}

pub(super) fn read_related(json: &Json) -> Option<Related> {
    Some(Related {
        identifier: text_at(json, "identifier")?,
        relation: id_at(json, "relation_type").unwrap_or_default(),
        resource_type: id_at(json, "resource_type"),
        scheme: text_at(json, "scheme"),
    })
}

/// Reads an alternate identifier, which is the work itself.
pub(super) fn read_alternate(json: &Json) -> Option<Related> {
    let relation = ALTERNATE.to_owned();
    Some(Related { relation, resource_type: None, ..read_related(json)? })
}

pub(super) fn write_related(related: &Related) -> Json {
    let Related { identifier, relation, resource_type, scheme } = related;
    without_nulls(json!({
        "identifier": identifier,
        "scheme": scheme,
        "relation_type": {"id": relation},
        "resource_type": resource_type.as_ref().map(|kind| json!({"id": kind})),
    }))
}

pub(super) fn write_alternate(related: &Related) -> Json {
    without_nulls(json!({"identifier": related.identifier, "scheme": related.scheme}))
}
