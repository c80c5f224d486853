//! What a draft holds that zrel has no field for and that is not published: it is not sent back.

use serde_json::Value as Json;

use crate::observed::{UnsupportedValue, list_foreign_extras};
use crate::wire::unsupported::unsupported;

/// Removes the values of a draft that no field of the metadata says, except those that are
/// published.
pub(super) fn remove_foreign_values(draft: &mut Json, published: &[UnsupportedValue]) {
    for extra in list_foreign_extras(&unsupported(draft), published) {
        remove_at(draft, &extra.place);
    }
}

/// Removes the value at a place.
fn remove_at(draft: &mut Json, place: &str) {
    if place == "access.record" {
        draft["access"]["record"] = Json::from("public");
        return;
    }
    let Some((path, name)) = place.rsplit_once('.') else {
        remove_key(&mut draft["metadata"], place);
        return;
    };
    let (list, at) = match path.strip_suffix(']').and_then(|path| path.split_once('[')) {
        Some((list, at)) => (list, at.parse::<usize>().ok()),
        None => (path, None),
    };
    let lists = &mut draft["metadata"];
    let found = if list == "locations" && at.is_some() {
        lists.pointer_mut("/locations/features")
    } else {
        lists.get_mut(list)
    };
    let entry = match (found, at) {
        (Some(found), Some(at)) => found.get_mut(at),
        (found, None) => found,
        (None, Some(_)) => None,
    };
    let Some(entry) = entry else { return };
    remove_key(entry, name);
    // Of a person the name has parts of its own.
    if let Some(who) = entry.get_mut("person_or_org") {
        remove_key(who, name);
    }
}

fn remove_key(json: &mut Json, key: &str) {
    if let Some(object) = json.as_object_mut() {
        object.remove(key);
    }
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
            },
        });
        assert_eq!(draft, kept);
    }
}
