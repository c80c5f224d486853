//! Metadata of the deposit API, both ways, where its JSON differs from `metadata_json`.
//!
//! Source: contract/scenarios/metadata-full.json, 2026-11-23.

use serde_json::{Value as Json, json};

use crate::metadata_json::{value_from_server, value_to_json};
use crate::model::{Field, Metadata, Related, Value};
use crate::observed::Unread;

/// Returns metadata as the deposit API accepts them. A `doi` is sent only when it is in the map:
/// one that the server made must not be (zenodo-facts.md, 2026-11-23).
pub fn metadata_to_json(metadata: &Metadata) -> Json {
    let fields = metadata
        .iter()
        .filter(|(field, _)| !field.is_native())
        .map(|(field, value)| (field.name().to_owned(), field_to_json(field, value)));
    Json::Object(fields.collect())
}

fn field_to_json(field: Field, value: &Value) -> Json {
    match (field, value) {
        (Field::Grants, Value::List(ids)) => ids.iter().map(|id| json!({"id": id})).collect(),
        // The server finds the scheme itself, so it is not sent.
        (_, Value::Related(items)) => {
            let without_scheme = |item: &Related| Related { scheme: None, ..item.clone() };
            value_to_json(&Value::Related(items.iter().map(without_scheme).collect()))
        }
        _ => value_to_json(value),
    }
}

/// Reads the metadata of a deposition.
pub fn metadata_from_json(json: &Json) -> Metadata {
    read_metadata(json).0
}

/// Reads the metadata of a deposition, and lists the entries that can't be read.
pub(super) fn read_metadata(json: &Json) -> (Metadata, Vec<Unread>) {
    let (mut metadata, mut unreadable) = (Metadata::default(), Vec::new());
    for field in Field::ALL.iter().filter(|field| !field.is_native()) {
        // The server writes null for some missing fields: there is nothing to report.
        let Some(json) = json.get(field.name()).filter(|json| !json.is_null()) else { continue };
        let mut unread = Vec::new();
        match value_from_server(*field, json, &mut unread) {
            Some(value) => metadata.set(*field, value),
            None => unreadable.push(make_unread(field.name().to_owned(), json)),
        }
        unreadable.extend(unread.iter().map(|at| make_unread(format!("{field}[{at}]"), &json[at])));
    }
    (metadata, unreadable)
}

/// How much of an unreadable entry is shown. Characters.
const SHOWN: usize = 120;

/// Makes the report of an entry that can't be read.
pub(super) fn make_unread(place: String, json: &Json) -> Unread {
    Unread { place, text: json.to_string().chars().take(SHOWN).collect() }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option::of;
    use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};

    use super::*;
    use crate::model::{DateInterval, FieldKind, Location, Person, PersonDetails, Subject};

    fn words() -> impl Strategy<Value = String> {
        any::<String>().prop_filter("an empty text is no value", |text| !text.is_empty())
    }

    /// Degrees with five digits, as maps give them.
    fn degrees() -> impl Strategy<Value = Option<f64>> {
        of((-18_000_000_i32..18_000_000).prop_map(|number| f64::from(number) / 100_000.0))
    }

    fn people() -> impl Strategy<Value = Value> {
        let person = (words(), of(words()), of(words()), of(words()), of(words()));
        let person = person.prop_map(|(name, affiliation, orcid, gnd, role)| Person {
            name,
            affiliation,
            orcid,
            gnd,
            role,
            details: PersonDetails::default(),
        });
        vec(person, 1..4).prop_map(|people| Value::People(people.into()))
    }

    fn places() -> impl Strategy<Value = Value> {
        let place = (words(), degrees(), degrees(), of(words()));
        let place = place.prop_map(|(place, lat, lon, description)| Location {
            place,
            lat,
            lon,
            description,
            ..Location::default()
        });
        vec(place, 1..4).prop_map(Value::Locations)
    }

    fn dates() -> impl Strategy<Value = Value> {
        let date = (of(words()), of(words()), words(), of(words()));
        let date = date.prop_map(|(start, end, kind, description)| DateInterval {
            start,
            end,
            kind,
            description,
        });
        vec(date, 1..4).prop_map(Value::Dates)
    }

    fn related_and_subjects() -> impl Strategy<Value = (Value, Value)> {
        let related =
            (words(), words(), of(words())).prop_map(|(identifier, relation, resource_type)| {
                Related { identifier, relation, resource_type, scheme: None }
            });
        let subject = (words(), words(), of(words())).prop_map(|(term, identifier, scheme)| {
            Subject { term, identifier, scheme, is_known: false }
        });
        (vec(related, 1..4).prop_map(Value::Related), vec(subject, 1..4).prop_map(Value::Subjects))
    }

    proptest! {
        #[test]
        fn metadata_survive_a_round_trip_through_json(
            text in words(),
            list in vec(words(), 1..4),
            people in people(),
            places in places(),
            dates in dates(),
            (related, subjects) in related_and_subjects(),
        ) {
            let mut metadata = Metadata::default();
            for field in Field::ALL.iter().filter(|field| !field.is_native()) {
                metadata.set(*field, match field.kind() {
                    FieldKind::Text | FieldKind::Html => Value::Text(text.clone()),
                    FieldKind::List => Value::List(list.clone()),
                    FieldKind::People => people.clone(),
                    FieldKind::Related => related.clone(),
                    FieldKind::Subjects => subjects.clone(),
                    FieldKind::Locations => places.clone(),
                    FieldKind::Dates => dates.clone(),
                    FieldKind::TypedTexts
                    | FieldKind::Licenses
                    | FieldKind::Funding
                    | FieldKind::Custom => continue,
                });
            }
            let sent = metadata_to_json(&metadata).to_string();
            let read: Json = serde_json::from_str(&sent).unwrap();
            prop_assert_eq!(metadata_from_json(&read), metadata);
        }
    }

    #[test]
    fn values_of_unexpected_types_are_treated_as_missing() {
        let odd = json!({
            "title": {"en": "Forms"}, "creators": "Weiss", "keywords": [1, null, "forms"],
            "locations": [{"place": "Bonn", "lat": "50.7"}, 7], "dates": [[]], "unheard_of": 1,
        });
        let mut expected = Metadata::default();
        expected.set(Field::Keywords, Value::List(vec!["1".to_owned(), "forms".to_owned()]));
        let bonn = Location { place: "Bonn".to_owned(), ..Location::default() };
        expected.set(Field::Locations, Value::Locations(vec![bonn]));
        assert_eq!(metadata_from_json(&odd), expected);
        assert_eq!(metadata_from_json(&json!([])), Metadata::default());
    }
}
