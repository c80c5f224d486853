//! Finds what the record or the draft holds that the plan would lose, because the deposit API can't
//! express it.

use crate::compare;
use crate::model::{Field, Metadata, Value};
use crate::observed::{Draft, Record, UnsupportedValue, list_unpublished};

/// Compares the published record, and the draft that is continued, with the target.
///
/// Returns what is lost, except what the manifest writes all the same.
pub(super) fn find_losses(
    record: Option<&Record>,
    draft: Option<&Draft>,
    writes_metadata: bool,
    target: &Metadata,
) -> Vec<UnsupportedValue> {
    let of_record = record.map_or(&[][..], |record| &record.unsupported);
    let of_draft = draft.map_or(&[][..], |draft| &draft.unsupported);
    let mut unsupported: Vec<UnsupportedValue> = of_record.to_vec();
    // A PUT replaces all metadata, so all that it can't express is lost.
    if writes_metadata {
        unsupported.extend(of_draft.iter().filter(|loss| !of_record.contains(loss)).cloned());
    } else if draft.is_some() {
        // The draft has the metadata already, and what an earlier write to it lost stays lost.
        unsupported.retain(|loss| !of_draft.contains(loss));
    } else {
        unsupported.clear();
    }
    unsupported.retain(|loss| !is_written(loss, target));
    unsupported
}

/// Returns what a draft holds, and neither the manifest nor the published record says, although the
/// deposit API does not show it. Its PUT removes it.
pub(crate) fn list_hidden_values(
    draft: &[UnsupportedValue],
    published: &[UnsupportedValue],
    target: &Metadata,
) -> Vec<UnsupportedValue> {
    let mut hidden = list_unpublished(draft, published);
    hidden.retain(|loss| !is_written(loss, target));
    hidden
}

/// Hides the values that only a draft holds: nobody but its owner has seen them.
pub(super) fn hide_draft_losses(
    unsupported: Vec<UnsupportedValue>,
    record: Option<&Record>,
) -> Vec<UnsupportedValue> {
    let is_published =
        |loss: &UnsupportedValue| record.is_some_and(|record| record.unsupported.contains(loss));
    let hidden = |loss: UnsupportedValue| {
        if is_published(&loss) {
            return loss;
        }
        UnsupportedValue {
            what: "what the draft holds, and everybody may read this".to_owned(),
            ..loss
        }
    };
    unsupported.into_iter().map(hidden).collect()
}

/// Returns whether the deposit API writes what the manifest says although it does not return it: a
/// translator, and a licence that is kept as a text
/// (contract/scenarios/native-deposit-round-trip.json, 2026-11-28).
pub(super) fn is_written(loss: &UnsupportedValue, target: &Metadata) -> bool {
    if loss.place == "rights[0]" {
        let license = target.text(Field::License).unwrap_or_default();
        // The loss names the text between backticks; the manifest has the id of the same licence.
        let mut texts = loss.what.split('`').skip(1).step_by(2);
        return texts.any(|text| compare::is_license_text(license, text));
    }
    if loss.place.starts_with("contributors[") && loss.place.ends_with("].role") {
        let Some(Value::People(people)) = target.get(Field::Contributors) else { return false };
        let mut roles = people.iter().filter_map(|person| person.role.as_deref());
        return roles.any(|role| role.eq_ignore_ascii_case("translator"));
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::model::Person;

    use super::*;

    #[test]
    fn what_the_manifest_writes_all_the_same_is_no_loss() {
        let loss =
            |place: &str, what: &str| UnsupportedValue { place: place.into(), what: what.into() };
        let translator = loss("contributors[0].role", "the role `translator`");
        let mut target = Metadata::default();
        assert!(!is_written(&translator, &target));
        let person = Person { role: Some("Translator".into()), ..Person::default() };
        target.set(Field::Contributors, Value::People(vec![person].into()));
        assert!(is_written(&translator, &target));
        let license = loss("rights[0]", "the licence `GNU Free Documentation License`");
        assert!(!is_written(&license, &target));
        for (id, is_kept) in [("gfdl", true), ("fal", false), ("mit", false)] {
            target.set_text(Field::License, id);
            assert_eq!(is_written(&license, &target), is_kept, "{id}");
        }
    }
}
