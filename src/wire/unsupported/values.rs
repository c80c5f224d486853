//! What of types, licences, identifiers, dates, places and funding the deposit API can't say.

use serde_json::Value as Json;

use super::lost::{Lost, shown};
use crate::wire::parts::{cut, items};

/// Relations that the deposit API has no name for: it shows such an identifier without one.
const NEW_RELATIONS: [&str; 5] =
    ["collects", "iscollectedby", "hastranslation", "istranslationof", "other"];

/// Of the kinds, publications and images have a second word in the deposit API.
pub(super) fn resource_type(json: &Json, lost: &mut Lost) {
    let id = json["id"].as_str().unwrap_or_default();
    if let Some((kind, subtype)) = id.split_once('-')
        && !matches!(kind, "publication" | "image")
    {
        lost.add("resource_type", format!("that it is a `{}`", cut(subtype)));
    }
}

/// Of a list of words the first is carried.
pub(super) fn only_first(name: &str, json: &Json, lost: &mut Lost) {
    for (at, item) in items(json).enumerate().skip(1) {
        lost.add(&format!("{name}[{at}]"), shown(&item["id"]));
    }
}

/// Of licences the first is carried, if it is one of the server's list.
pub(super) fn rights(json: &Json, lost: &mut Lost) {
    for (at, item) in items(json).enumerate() {
        let id = item["id"].as_str();
        if at > 0 || id.is_none() {
            let title = item["title"]["en"].as_str().or(item["link"].as_str());
            let name = id.or(title).unwrap_or("(no title)");
            lost.add(&format!("rights[{at}]"), format!("the licence `{}`", cut(name)));
        }
    }
}

/// A word of a vocabulary is no keyword.
pub(super) fn subject(place: &str, json: &Json, lost: &mut Lost) {
    match json["id"].as_str() {
        Some(id) => {
            let name = json["subject"].as_str().unwrap_or(id);
            lost.add(place, format!("the subject `{}`", cut(name)));
        }
        None => lost.others(place, json, &["subject"]),
    }
}

pub(super) fn related(place: &str, json: &Json, lost: &mut Lost) {
    if let Some(relation) = json["relation_type"]["id"].as_str()
        && NEW_RELATIONS.contains(&relation)
    {
        lost.add(&format!("{place}.relation"), format!("the relation `{relation}`"));
    }
    lost.others(place, json, &["identifier", "scheme", "relation_type", "resource_type"]);
}

/// The deposit API takes intervals and single days, months and years, and nothing with a time.
/// That it shows no date of the latter is made up for by the records API.
pub(super) fn date(place: &str, json: &Json, lost: &mut Lost) {
    if let Some(date) = json["date"].as_str()
        && !date.split('/').all(is_day_month_or_year)
    {
        lost.add(&format!("{place}.date"), format!("the date `{}`", cut(date)));
    }
    lost.others(place, json, &["date", "type", "description"]);
}

fn is_day_month_or_year(date: &str) -> bool {
    matches!(date.len(), 4 | 7 | 10) && date.bytes().all(|it| it.is_ascii_digit() || it == b'-')
}

/// The deposit API carries a named point; a coordinate that is zero makes it drop both
/// (contract/scenarios/deposit-places.json, 2026-11-28).
pub(super) fn location(place: &str, json: &Json, lost: &mut Lost) {
    let geometry = &json["geometry"];
    let coordinates: Vec<f64> = items(&geometry["coordinates"]).filter_map(Json::as_f64).collect();
    if let Some(kind) = geometry["type"].as_str()
        && kind != "Point"
    {
        lost.add(&format!("{place}.geometry"), format!("the {}", cut(kind)));
    } else if coordinates.len() > 2 || coordinates.contains(&0.0) {
        let point = geometry["coordinates"].to_string();
        lost.add(&format!("{place}.geometry"), format!("the point `{}`", cut(&point)));
    }
    if json["place"].is_null() {
        lost.add(place, "a place without a name".to_owned());
    }
    lost.others(place, json, &["place", "description", "geometry"]);
}

/// Funding without an award of the server's list is free text, which a deposit can't hold. What
/// the server says of a known award is not the record's.
pub(super) fn funding(place: &str, json: &Json, lost: &mut Lost) {
    let award = &json["award"];
    if award["id"].is_string() {
        return;
    }
    let funder = json["funder"]["name"].as_str().or(json["funder"]["id"].as_str());
    let title = award["title"]["en"].as_str().or(award["number"].as_str());
    let title = title.map(|title| format!(", award `{}`", cut(title))).unwrap_or_default();
    lost.add(place, format!("funding by `{}`{title}", cut(funder.unwrap_or("(no name)"))));
}
