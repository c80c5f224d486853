//! Values of types, licences, identifiers, dates, places and funding that the deposit API can't
//! express.

use serde_json::Value as Json;

use super::lost::{Lost, shown};
use crate::wire::native::find_language;
use crate::wire::parts::{cut, items};

/// Relations that the deposit API has no name for: it shows such an identifier without one.
const NEW_RELATIONS: [&str; 5] =
    ["collects", "iscollectedby", "hastranslation", "istranslationof", "other"];

/// Adds a subtype that is lost: in the deposit API only publications and images have one.
pub(super) fn resource_type(json: &Json, lost: &mut Lost) {
    let id = json["id"].as_str().unwrap_or_default();
    if let Some((kind, subtype)) = id.split_once('-')
        && !matches!(kind, "publication" | "image")
    {
        lost.add("resource_type", format!("that it is a `{}`", cut(subtype)));
    }
}

/// Adds all words of a list except the first, which is carried.
pub(super) fn only_first(name: &str, json: &Json, lost: &mut Lost) {
    for (at, item) in items(json).enumerate().skip(1) {
        lost.add(&format!("{name}[{at}]"), shown(&item["id"]));
    }
}

/// Adds all licences except the first, which is carried if it is in the server's list.
pub(super) fn rights(json: &Json, lost: &mut Lost) {
    for (at, item) in items(json).enumerate() {
        let id = item["id"].as_str();
        if at > 0 || id.is_none() {
            let title = item["title"]["en"].as_str().or(item["link"].as_str());
            let name = id.or(title).unwrap_or("(no title)");
            lost.add(&format!("rights[{at}]"), format!("the licence `{}`", cut(name)));
        }
        // What no field of a manifest says: a text has one language there.
        if id.is_none() {
            for part in ["title", "description"] {
                other_languages(&format!("rights[{at}].{part}"), &item[part], lost);
            }
        }
    }
}

/// Adds a vocabulary subject: the deposit API carries only keywords.
pub(super) fn subject(place: &str, json: &Json, lost: &mut Lost) {
    match json["id"].as_str() {
        Some(id) => {
            let name = json["subject"].as_str().unwrap_or(id);
            lost.add(place, format!("the subject `{}`", cut(name)));
        }
        None => lost.others(place, json, &["subject"]),
    }
}

/// Lists what is lost of a related identifier.
pub(super) fn related(place: &str, json: &Json, lost: &mut Lost) {
    if let Some(relation) = json["relation_type"]["id"].as_str()
        && NEW_RELATIONS.contains(&relation)
    {
        lost.add(&format!("{place}.relation"), format!("the relation `{relation}`"));
    }
    lost.others(place, json, &["identifier", "scheme", "relation_type", "resource_type"]);
}

/// Adds a date with a time: the deposit API accepts intervals, days, months and years.
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

/// Lists what is lost of a place: the deposit API carries a named point.
pub(super) fn location(place: &str, json: &Json, lost: &mut Lost) {
    // A coordinate that is zero makes the deposit API drop both
    // (contract/scenarios/deposit-places.json, 2026-11-28).
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

/// Adds funding that is free text: a deposit holds only awards of the server's list.
pub(super) fn funding(place: &str, json: &Json, lost: &mut Lost) {
    let award = &json["award"];
    // The other parts of a known award belong to the server's list, not to the record.
    if award["id"].is_string() {
        return;
    }
    let funder = json["funder"]["name"].as_str().or(json["funder"]["id"].as_str());
    let title = award["title"]["en"].as_str().or(award["number"].as_str());
    let title = title.map(|title| format!(", award `{}`", cut(title))).unwrap_or_default();
    lost.add(place, format!("funding by `{}`{title}", cut(funder.unwrap_or("(no name)"))));
    // What no field of a manifest says: it has one address and one title.
    let mut has_address = false;
    for (at, id) in items(&award["identifiers"]).enumerate() {
        let is_said = id["scheme"].as_str() == Some("url") && !has_address;
        has_address |= is_said;
        if !is_said {
            lost.unless_empty(&format!("{place}.award.identifiers[{at}]"), &id["identifier"]);
        }
    }
    other_languages(&format!("{place}.award.title"), &award["title"], lost);
    lost.others(&format!("{place}.award"), award, &["number", "title", "identifiers"]);
}

/// Adds a text in all languages except the one that is read.
fn other_languages(place: &str, text: &Json, lost: &mut Lost) {
    let read = find_language(text);
    for (language, text) in text.as_object().into_iter().flatten() {
        if Some(language.as_str()) != read {
            lost.unless_empty(&format!("{place}.{}", cut(language)), text);
        }
    }
}
