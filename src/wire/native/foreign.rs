//! What a draft holds that zrel has no field for and that is not published: it is not sent back.

use std::cmp::Reverse;

use serde_json::Value as Json;

use crate::observed::{UnsupportedValue, list_foreign_extras};
use crate::wire::unsupported::unsupported;

/// Removes the values of a draft that no field of the metadata says, except those that are
/// published.
pub(super) fn remove_foreign_values(draft: &mut Json, published: &[UnsupportedValue]) {
    let mut extras = list_foreign_extras(&unsupported(draft), published);
    // From the last entry of a list on: the numbers of those before it stay as they are.
    extras.sort_by_key(|extra| Reverse(split_number(&extra.place).map(|(_, at)| at)));
    for extra in extras {
        remove_at(draft, &extra.place);
    }
}

/// Removes the value at a place: `references[1].scheme`, `funding[0].award.identifiers[1]`.
fn remove_at(draft: &mut Json, place: &str) {
    if place == "access.record" {
        draft["access"]["record"] = Json::from("public");
        return;
    }
    let (path, name) = place.rsplit_once('.').unwrap_or(("", place));
    let mut steps = path.split('.').filter(|step| !step.is_empty());
    let parent = steps.try_fold(&mut draft["metadata"], find_in);
    let Some(parent) = parent else { return };
    remove_from(parent, name);
    // Of a person the name has parts of its own.
    if let Some(who) = parent.get_mut("person_or_org") {
        remove_from(who, name);
    }
}

/// Returns a part of a value by its name, or an entry of a list by name and number: `award`,
/// `references[1]`.
fn find_in<'a>(parent: &'a mut Json, step: &str) -> Option<&'a mut Json> {
    let Some((name, at)) = split_number(step) else { return parent.get_mut(step) };
    let list = parent.get_mut(name)?;
    // Places are in a list of their own.
    let list = if name == "locations" { list.get_mut("features")? } else { list };
    list.get_mut(at)
}

fn remove_from(parent: &mut Json, name: &str) {
    if let Some((name, at)) = split_number(name) {
        let Some(list) = parent.get_mut(name).and_then(Json::as_array_mut) else { return };
        if at < list.len() {
            list.remove(at);
        }
        if list.is_empty() {
            remove_from(parent, name);
        }
    } else if let Some(object) = parent.as_object_mut() {
        object.remove(name);
    }
}

/// Splits the name of a list and the number of an entry.
fn split_number(step: &str) -> Option<(&str, usize)> {
    let (name, at) = step.strip_suffix(']')?.rsplit_once('[')?;
    Some((name, at.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_published_is_removed_wherever_it_is() {
        let mut draft = json!({
            "access": {"record": "restricted"},
            "metadata": {
                "resource_type": {"id": "software-computationalnotebook"},
                "creators": [{"person_or_org": {"family_name": "A", "motto": "m"}, "note": "n"}],
                "references": [
                    {"reference": "A", "identifier": "10.1/published"},
                    {"reference": "B", "identifier": "10.1/foreign"},
                ],
                "locations": {"features": [{"place": "Bonn", "height": 60}], "crs": "x"},
                "rights": [{"title": {"en": "Own", "de": "Eigene"}}],
                "funding": [{"funder": {"name": "F"}, "award": {
                    "title": {"de": "Eis", "fr": "Glace"}, "acronym": "ICE",
                    "identifiers": [
                        {"scheme": "doi", "identifier": "10.1/award"},
                        {"scheme": "url", "identifier": "https://award.example"},
                        {"scheme": "url", "identifier": "https://more.example"},
                    ]}}],
                "tombstones": ["new field"],
            },
        });
        let published = unsupported(&json!({"metadata": {"references": [
            {"reference": "0"}, {"reference": "A", "identifier": "10.1/published"},
        ]}}));
        remove_foreign_values(&mut draft, &published);
        let kept = json!({
            "access": {"record": "public"},
            "metadata": {
                "creators": [{"person_or_org": {"family_name": "A"}}],
                "references": [
                    {"reference": "A", "identifier": "10.1/published"}, {"reference": "B"},
                ],
                "locations": {"features": [{"place": "Bonn"}]},
                "rights": [{"title": {"en": "Own"}}],
                "funding": [{"funder": {"name": "F"}, "award": {
                    "title": {"de": "Eis"},
                    "identifiers": [{"scheme": "url", "identifier": "https://award.example"}],
                }}],
            },
        });
        assert_eq!(draft, kept);
        assert!(list_foreign_extras(&unsupported(&draft), &published).is_empty());
    }
}
