//! Related identifiers, subjects, places and dates as a manifest holds them.

use crate::manifest::takes_geometry;
use crate::model::{DateInterval, Identifier, Location, Related, Subject};
use crate::observed::UnsupportedValue;
use crate::vocab::{self, identifiers};

use super::kept_texts::{is_nothing, trim_filled};
use super::unsupported::quote_unsupported;

/// Returns the word of a list that equals a text without regard to case.
pub(super) fn find_word(text: &str, words: &[&str]) -> Option<String> {
    let word = words.iter().find(|word| word.eq_ignore_ascii_case(text));
    word.map(|word| (*word).to_owned())
}

pub(super) fn select_related(
    items: &[Related],
    unsupported: &mut Vec<UnsupportedValue>,
) -> Vec<Related> {
    let mut kept: Vec<Related> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let place = format!("related_identifiers[{at}]");
        let identifier = item.identifier.trim().to_owned();
        let relation = find_word(&item.relation, &vocab::list_relations());
        // The server refuses unknown relations and identifiers of no known scheme with a 400.
        let (Some(relation), Some(_)) = (relation, identifiers::find_scheme(&identifier)) else {
            unsupported.push(quote_unsupported(&place, &format!("{} {identifier}", item.relation)));
            continue;
        };
        let kind = trim_filled(item.resource_type.as_ref());
        let known = kind.clone().filter(|kind| vocab::is_resource_type(kind));
        // The relation is valid without its resource type, so only the type is lost.
        if let (Some(kind), None) = (&kind, &known) {
            unsupported.push(quote_unsupported(&format!("{place}.resource_type"), kind));
        }
        let item = Related { identifier, relation, resource_type: known, scheme: None };
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

pub(super) fn select_subjects(
    items: &[Subject],
    unsupported: &mut Vec<UnsupportedValue>,
) -> Vec<Subject> {
    let mut kept = Vec::new();
    for (at, Subject { term, identifier, scheme, is_known }) in items.iter().enumerate() {
        let (term, identifier) = (term.trim(), identifier.trim());
        if (is_nothing(term) && !is_known) || is_nothing(identifier) {
            unsupported.push(quote_unsupported(
                &format!("subjects[{at}]"),
                &format!("{term} {identifier}"),
            ));
            continue;
        }
        let (term, identifier) = (term.to_owned(), identifier.to_owned());
        let scheme = trim_filled(scheme.as_ref());
        kept.push(Subject { term, identifier, scheme, is_known: *is_known });
    }
    kept
}

pub(super) fn select_locations(
    items: &[Location],
    unsupported: &mut Vec<UnsupportedValue>,
) -> Vec<Location> {
    let mut kept = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let place = item.place.trim().to_owned();
        let geometry = item.geometry.clone().filter(takes_geometry);
        if let Some(other) = item.geometry.as_ref().filter(|_| geometry.is_none()) {
            let what = other.to_string();
            unsupported.push(quote_unsupported(&format!("locations[{at}].geometry"), &what));
        }
        let is_shown = geometry.is_some() || !item.identifiers.is_empty();
        if is_nothing(&place) && !is_shown {
            unsupported
                .push(quote_unsupported(&format!("locations[{at}]"), "a place without a name"));
            continue;
        }
        let within = |degrees: Option<f64>, limit: f64| degrees.filter(|it| it.abs() <= limit);
        let point = within(item.lat, 90.0).zip(within(item.lon, 180.0));
        if point.is_none() && (item.lat.is_some() || item.lon.is_some()) {
            unsupported.push(quote_unsupported(
                &format!("locations[{at}]"),
                "the point, which is not on earth",
            ));
        }
        // The deposit API drops both coordinates when one of them is zero.
        let is_zero = point.is_some_and(|(lat, lon)| lat == 0.0 || lon == 0.0);
        if is_zero {
            unsupported.push(quote_unsupported(
                &format!("locations[{at}]"),
                "the point, of which a coordinate is 0",
            ));
        }
        let point = point.filter(|_| !is_zero);
        // The place is valid without its point.
        let (lat, lon) = point.unzip();
        let (is_place_id, others): (Vec<&Identifier>, Vec<&Identifier>) =
            item.identifiers.iter().partition(|id| {
                matches!(id.scheme.as_str(), "geonames" | "wikidata") && !is_nothing(&id.identifier)
            });
        for other in others {
            let what = other.to_string();
            unsupported.push(quote_unsupported(&format!("locations[{at}].identifiers"), &what));
        }
        kept.push(Location {
            place,
            lat,
            lon,
            description: trim_filled(item.description.as_ref()),
            geometry,
            identifiers: is_place_id.into_iter().cloned().collect(),
        });
    }
    kept
}

/// Selects dates that have both ends, and reports the others.
pub(super) fn select_dates(
    items: &[DateInterval],
    unsupported: &mut Vec<UnsupportedValue>,
) -> Vec<DateInterval> {
    let mut kept = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let ends = item.start.clone().zip(item.end.clone());
        let is_date = |(start, end): &(String, String)| {
            vocab::is_edtf_level_0(&format!("{start}/{end}"))
                || (start == end && vocab::is_edtf_time(start))
        };
        let ends = ends.filter(is_date);
        let kind = find_word(&item.kind, &vocab::list_date_types());
        let (Some((start, end)), Some(kind)) = (ends, kind) else {
            unsupported.push(quote_unsupported(&format!("dates[{at}]"), &item.to_string()));
            continue;
        };
        let description = trim_filled(item.description.as_ref());
        kept.push(DateInterval { start: Some(start), end: Some(end), kind, description });
    }
    kept
}
