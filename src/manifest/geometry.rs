//! Shapes of places, as GeoJSON.

use std::collections::BTreeMap;

use crate::model::{CustomValue, Finding};

use super::codes;
use super::custom_fields::read_any;
use super::reader::Entry;
use super::vocab_checks;

/// The shapes of GeoJSON that have coordinates.
///
/// Source: RFC 7946, section 1.4.
const SHAPES: [&str; 6] =
    ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"];

/// The shape that holds other shapes.
const COLLECTION: &str = "GeometryCollection";

/// The shapes that a server takes.
///
/// Source: marshmallow-utils 2981478, `schemas/geojson.py`, 2026-12-01.
const TAKEN: [&str; 3] = ["Point", "MultiPoint", "Polygon"];

/// Reads a shape of GeoJSON, and warns of one that a server does not take.
pub(super) fn read_geometry(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<CustomValue> {
    let (kind, shape) = read_shape(entry, found)?;
    if !TAKEN.contains(&kind.as_str()) {
        found.push(
            Finding::warning(codes::OTHER_SHAPE, format!("the server does not take a {kind}"))
                .at(entry.span, "refused, as far as zrel knows")
                .because("it takes a Point, a MultiPoint and a Polygon (marshmallow-utils, 2026)")
                .hint("write the positions as a MultiPoint, or the area as a Polygon"),
        );
    }
    Some(shape)
}

/// Reads a shape: its type, and as many nested lists of numbers as it has, or the shapes of a
/// collection.
fn read_shape(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<(String, CustomValue)> {
    let mut section = entry.section(
        "a shape such as `{ type = \"Polygon\", coordinates = [[[6.1, 46.2], …]] }`",
        found,
    )?;
    let kind = section.require_word("type", found);
    let is_collection = kind.as_ref().is_some_and(|kind| kind.value == COLLECTION);
    let key = if is_collection { "geometries" } else { "coordinates" };
    let inner = section.take(key);
    if inner.is_none() {
        found.push(section.missing(key));
    }
    section.finish(Some("GeoJSON has no other key here"), found);
    let known: Vec<&str> = SHAPES.into_iter().chain([COLLECTION]).collect();
    let kind = vocab_checks::validate_word(&kind?, "shape", &known, found)?;
    let inner = inner?;
    let read = if is_collection {
        read_collection(&inner, found)?
    } else {
        read_coordinates(&kind, &inner, found)?
    };
    let shape = BTreeMap::from([
        (key.to_owned(), read),
        ("type".to_owned(), CustomValue::Text(kind.clone())),
    ]);
    Some((kind, CustomValue::Table(shape)))
}

/// Reads the shapes of a collection, which are no collections themselves.
///
/// Source: RFC 7946, section 3.1.8.
fn read_collection(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<CustomValue> {
    let items = entry.list("a list of shapes such as `[{ type = \"Point\", … }]`", found);
    let shapes: Vec<(String, CustomValue)> =
        items.iter().filter_map(|item| read_shape(item, found)).collect();
    let fault = if shapes.is_empty() {
        "holds no shape"
    } else if shapes.iter().any(|(kind, _)| kind == COLLECTION) {
        "holds another collection"
    } else {
        return Some(CustomValue::List(shapes.into_iter().map(|(_, shape)| shape).collect()));
    };
    // What is wrong with the shapes themselves was reported.
    if shapes.len() == items.len() {
        let summary = format!("this is no {COLLECTION}");
        found.push(Finding::error(codes::GEOMETRY, summary).at(entry.span, fault));
    }
    None
}

fn read_coordinates(
    kind: &str,
    entry: &Entry<'_>,
    found: &mut Vec<Finding>,
) -> Option<CustomValue> {
    let read = read_any(entry, found)?;
    let Some(fault) = find_shape_fault(kind, &read) else { return Some(read) };
    found.push(
        Finding::error(codes::GEOMETRY, format!("these are no coordinates of a {kind}"))
            .at(entry.span, fault)
            .hint(format!("write them as `{}`", give_example(count_nesting(kind)))),
    );
    None
}

/// Returns whether a manifest takes a shape: one of GeoJSON.
pub fn takes_geometry(geometry: &CustomValue) -> bool {
    let CustomValue::Table(shape) = geometry else { return false };
    let Some(CustomValue::Text(kind)) = shape.get("type") else { return false };
    let is_whole = match (shape.get("coordinates"), shape.get("geometries")) {
        (Some(coordinates), None) => {
            SHAPES.contains(&kind.as_str()) && find_shape_fault(kind, coordinates).is_none()
        }
        (None, Some(CustomValue::List(shapes))) => {
            let is_simple = |shape: &CustomValue| {
                let CustomValue::Table(table) = shape else { return false };
                !table.contains_key("geometries") && takes_geometry(shape)
            };
            kind == COLLECTION && !shapes.is_empty() && shapes.iter().all(is_simple)
        }
        (_, _) => false,
    };
    shape.len() == 2 && is_whole
}

/// Returns how deep the coordinates of a shape are nested.
fn count_nesting(kind: &str) -> usize {
    match kind {
        "Point" => 1,
        "MultiPoint" | "LineString" => 2,
        "MultiLineString" | "Polygon" => 3,
        _ => 4,
    }
}

/// Returns coordinates that are nested this deep.
fn give_example(depth: usize) -> &'static str {
    match depth {
        1 => "[6.1, 46.2]",
        2 => "[[6.1, 46.2], [6.8, 46.4]]",
        3 => "[[[6.1, 46.2], [6.2, 46.2], [6.2, 46.3], [6.1, 46.2]]]",
        _ => "[[[[6.1, 46.2], [6.2, 46.2], [6.2, 46.3], [6.1, 46.2]]]]",
    }
}

/// Returns what is wrong with the coordinates of a shape.
///
/// Source: RFC 7946, sections 3.1.6 and 4.
fn find_shape_fault(kind: &str, coordinates: &CustomValue) -> Option<&'static str> {
    let depth = count_nesting(kind);
    if !is_nested(coordinates, depth) {
        return Some("not lists of numbers that are nested so");
    }
    let mut positions = Vec::new();
    list_positions(coordinates, &mut positions);
    let is_on_earth = |position: &&[CustomValue]| {
        let number = |at: usize| read_number(position.get(at));
        number(0).is_some_and(|east| east.abs() <= 180.0)
            && number(1).is_some_and(|north| north.abs() <= 90.0)
    };
    if !positions.iter().all(is_on_earth) {
        return Some("a position is not on earth: it is degrees east, then degrees north");
    }
    let is_line = |line: &[CustomValue]| line.len() >= 2;
    if kind.ends_with("LineString") && !holds_for_lines(coordinates, depth, is_line) {
        return Some("a line has two positions or more");
    }
    let is_closed = |ring: &[CustomValue]| ring.len() >= 4 && ring.first() == ring.last();
    (kind.ends_with("Polygon") && !holds_for_lines(coordinates, depth, is_closed))
        .then_some("a ring has four positions or more, and ends where it begins")
}

fn read_number(value: Option<&CustomValue>) -> Option<f64> {
    match value? {
        CustomValue::Number(text) => text.parse().ok(),
        CustomValue::Text(_)
        | CustomValue::Flag(_)
        | CustomValue::List(_)
        | CustomValue::Table(_) => None,
    }
}

fn list_positions<'a>(value: &'a CustomValue, positions: &mut Vec<&'a [CustomValue]>) {
    let CustomValue::List(items) = value else { return };
    if matches!(items.first(), Some(CustomValue::Number(_))) {
        positions.push(items);
    } else {
        for item in items {
            list_positions(item, positions);
        }
    }
}

/// Returns whether this holds for the positions of each line or ring, which is two levels above its
/// numbers.
fn holds_for_lines(value: &CustomValue, depth: usize, is_good: fn(&[CustomValue]) -> bool) -> bool {
    let CustomValue::List(items) = value else { return false };
    if depth > 2 {
        return items.iter().all(|item| holds_for_lines(item, depth - 1, is_good));
    }
    is_good(items)
}

/// Returns the degrees east and north of a point that both APIs take: one with a zero is dropped by
/// the deposit API (contract/scenarios/deposit-places.json, 2026-11-28).
pub(super) fn read_point(geometry: &CustomValue) -> Option<(f64, f64)> {
    let CustomValue::Table(shape) = geometry else { return None };
    let is_point = matches!(shape.get("type"), Some(CustomValue::Text(kind)) if kind == "Point");
    let Some(CustomValue::List(position)) = shape.get("coordinates").filter(|_| is_point) else {
        return None;
    };
    let (east, north) = (read_number(position.first())?, read_number(position.get(1))?);
    (position.len() == 2 && east != 0.0 && north != 0.0).then_some((east, north))
}

/// Returns whether a value is lists of this depth, the innermost of two or three numbers.
fn is_nested(value: &CustomValue, depth: usize) -> bool {
    let CustomValue::List(items) = value else { return false };
    if depth > 1 {
        return !items.is_empty() && items.iter().all(|item| is_nested(item, depth - 1));
    }
    matches!(items.len(), 2 | 3) && items.iter().all(|item| matches!(item, CustomValue::Number(_)))
}
