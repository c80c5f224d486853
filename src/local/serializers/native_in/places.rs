//! `locations` in a request of the records API.
//!
//! Source: invenio-rdm-records 1f23bb9, `services/schemas/metadata.py`, and marshmallow-utils 2981478,
//! `schemas/geojson.py`, 2026-12-01. Deliberately absent: checks of coordinates.

use serde_json::Value;

use super::remarks::{MISSING, Remark, Remarks};
use super::rows::is_empty;
use crate::local::state::kept_values;

/// The shapes that are taken.
const SHAPES: [&str; 3] = ["Point", "MultiPoint", "Polygon"];

/// Reads `locations`; a shape of another kind is dropped, and its place is kept.
pub(super) fn read_locations(given: Option<&Value>, remarks: &mut Remarks) -> Option<Value> {
    let mut locations = given.filter(|given| !is_empty(given))?.clone();
    let features = locations.get_mut("features").and_then(Value::as_array_mut);
    for (at, feature) in features.into_iter().flatten().enumerate() {
        let place = format!("metadata.locations.features.{at}");
        if let Some(fault) = find_shape_fault(feature.get("geometry")) {
            remarks.push(Remark::new(format!("{place}.geometry.type"), &fault));
            if let Some(feature) = feature.as_object_mut() {
                feature.remove("geometry");
            }
        } else if kept_values::is_empty_place(feature) {
            remarks.push(Remark::new(format!("{place}.locations"), kept_values::EMPTY_PLACE));
        }
    }
    Some(locations)
}

fn find_shape_fault(geometry: Option<&Value>) -> Option<String> {
    let kind = geometry?.get("type").unwrap_or(&Value::Null);
    match kind.as_str() {
        None => Some(MISSING.to_owned()),
        Some(kind) if SHAPES.contains(&kind) => None,
        Some(kind) => Some(format!("Unsupported value: {kind}")),
    }
}
