//! Metadata of the deposit API, both ways.
//!
//! Source: contract/scenarios/metadata-full.json, 2026-11-23.

use serde_json::{Map, Value as Json, json};

use crate::model::{
    DateInterval, Field, FieldKind, Location, Metadata, Person, Related, Subject, Value,
};
use crate::observed::Unread;

/// Returns metadata as the deposit API takes them. A `doi` is sent only where it is in the map:
/// one that the server made must not be (zenodo-facts.md, 2026-11-23).
pub fn metadata_to_json(metadata: &Metadata) -> Json {
    let fields = metadata
        .iter()
        .map(|(field, value)| (field.name().to_owned(), field_to_json(field, value)));
    Json::Object(fields.collect())
}

fn field_to_json(field: Field, value: &Value) -> Json {
    match (field, value) {
        (Field::Grants, Value::List(ids)) => ids.iter().map(|id| json!({"id": id})).collect(),
        (_, Value::Text(text)) => json!(text),
        (_, Value::List(items)) => json!(items),
        (_, Value::People(people)) => people.iter().map(person).collect(),
        (_, Value::Related(items)) => items.iter().map(related).collect(),
        (_, Value::Subjects(items)) => items.iter().map(subject).collect(),
        (_, Value::Locations(items)) => items.iter().map(location).collect(),
        (_, Value::Dates(items)) => items.iter().map(date).collect(),
    }
}

fn object(pairs: Vec<(&str, Option<Json>)>) -> Json {
    let there = pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Json::Object(there.collect::<Map<_, _>>())
}

fn text(value: Option<&String>) -> Option<Json> {
    value.map(|text| json!(text))
}

fn person(person: &Person) -> Json {
    let Person { name, affiliation, orcid, gnd, role } = person;
    object(vec![
        ("name", Some(json!(name))),
        ("affiliation", text(affiliation.as_ref())),
        ("orcid", text(orcid.as_ref())),
        ("gnd", text(gnd.as_ref())),
        ("type", text(role.as_ref())),
    ])
}

/// The scheme is the server's to find out: it is not sent.
fn related(related: &Related) -> Json {
    let Related { identifier, relation, resource_type, scheme: _ } = related;
    object(vec![
        ("identifier", Some(json!(identifier))),
        ("relation", Some(json!(relation))),
        ("resource_type", text(resource_type.as_ref())),
    ])
}

fn subject(subject: &Subject) -> Json {
    let Subject { term, identifier, scheme } = subject;
    object(vec![
        ("term", Some(json!(term))),
        ("identifier", Some(json!(identifier))),
        ("scheme", text(scheme.as_ref())),
    ])
}

fn location(location: &Location) -> Json {
    let Location { place, lat, lon, description } = location;
    object(vec![
        ("place", Some(json!(place))),
        ("lat", lat.map(|degrees| json!(degrees))),
        ("lon", lon.map(|degrees| json!(degrees))),
        ("description", text(description.as_ref())),
    ])
}

fn date(date: &DateInterval) -> Json {
    let DateInterval { start, end, kind, description } = date;
    object(vec![
        ("start", text(start.as_ref())),
        ("end", text(end.as_ref())),
        ("type", Some(json!(kind))),
        ("description", text(description.as_ref())),
    ])
}

/// Reads the metadata of a deposition.
pub fn metadata_from_json(json: &Json) -> Metadata {
    read_metadata(json).0
}

/// Reads the metadata of a deposition, and tells what of them can't be read.
pub(super) fn read_metadata(json: &Json) -> (Metadata, Vec<Unread>) {
    let (mut metadata, mut unreadable) = (Metadata::default(), Vec::new());
    for field in Field::ALL {
        let Some(json) = json.get(field.name()).filter(|json| !json.is_null()) else { continue };
        match field_from_json(*field, json, &mut unreadable) {
            Some(value) => metadata.set(*field, value),
            None => unreadable.push(unread(field.name().to_owned(), json)),
        }
    }
    (metadata, unreadable)
}

/// How much of an entry is shown that can't be read. Characters.
const SHOWN: usize = 120;

/// Makes an entry of what can't be read.
pub(super) fn unread(place: String, json: &Json) -> Unread {
    Unread { place, text: json.to_string().chars().take(SHOWN).collect() }
}

fn field_from_json(field: Field, json: &Json, unreadable: &mut Vec<Unread>) -> Option<Value> {
    let mut list = Entries { field, json, unreadable };
    Some(match field.kind() {
        FieldKind::Text | FieldKind::Html => Value::Text(scalar(json)?),
        FieldKind::List if field == Field::Grants => {
            Value::List(list.each(|item| read(item, "id").or_else(|| scalar(item)))?)
        }
        FieldKind::List => Value::List(list.each(scalar)?),
        FieldKind::People => Value::People(list.each(read_person)?),
        FieldKind::Related => Value::Related(list.each(read_related)?),
        FieldKind::Subjects => Value::Subjects(list.each(read_subject)?),
        FieldKind::Locations => Value::Locations(list.each(read_location)?),
        FieldKind::Dates => Value::Dates(list.each(read_date)?),
    })
}

/// The entries of a field.
struct Entries<'a> {
    field: Field,
    json: &'a Json,
    unreadable: &'a mut Vec<Unread>,
}

impl Entries<'_> {
    /// Reads each; none where it is no list. An entry that can't be read is left out, and told.
    fn each<T>(&mut self, read: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
        let mut all = Vec::new();
        for (at, item) in self.json.as_array()?.iter().enumerate() {
            match read(item) {
                Some(value) => all.push(value),
                None if item.is_null() => {}
                None => self.unreadable.push(unread(format!("{}[{at}]", self.field), item)),
            }
        }
        Some(all)
    }
}

/// Reads a text, or an object with an id as licences have in some answers.
fn scalar(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Object(_) => read(json, "id"),
        Json::Null | Json::Bool(_) | Json::Array(_) => None,
    }
}

fn read(json: &Json, key: &str) -> Option<String> {
    json.get(key)?.as_str().map(str::to_owned)
}

fn read_person(json: &Json) -> Option<Person> {
    json.as_object()?;
    Some(Person {
        name: read(json, "name").unwrap_or_default(),
        affiliation: read(json, "affiliation"),
        orcid: read(json, "orcid"),
        gnd: read(json, "gnd"),
        role: read(json, "type"),
    })
}

fn read_related(json: &Json) -> Option<Related> {
    Some(Related {
        identifier: read(json, "identifier")?,
        relation: read(json, "relation").unwrap_or_default(),
        resource_type: read(json, "resource_type"),
        scheme: read(json, "scheme"),
    })
}

fn read_subject(json: &Json) -> Option<Subject> {
    Some(Subject {
        term: read(json, "term")?,
        identifier: read(json, "identifier").unwrap_or_default(),
        scheme: read(json, "scheme"),
    })
}

fn read_location(json: &Json) -> Option<Location> {
    Some(Location {
        place: read(json, "place")?,
        lat: json.get("lat").and_then(Json::as_f64),
        lon: json.get("lon").and_then(Json::as_f64),
        description: read(json, "description"),
    })
}

fn read_date(json: &Json) -> Option<DateInterval> {
    json.as_object()?;
    Some(DateInterval {
        start: read(json, "start"),
        end: read(json, "end"),
        kind: read(json, "type").unwrap_or_default(),
        description: read(json, "description"),
    })
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option::of;
    use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};

    use super::*;

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
        });
        vec(person, 1..4).prop_map(Value::People)
    }

    fn places() -> impl Strategy<Value = Value> {
        let place = (words(), degrees(), degrees(), of(words()));
        let place = place.prop_map(|(place, lat, lon, description)| Location {
            place,
            lat,
            lon,
            description,
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
        let subject = (words(), words(), of(words()))
            .prop_map(|(term, identifier, scheme)| Subject { term, identifier, scheme });
        (vec(related, 1..4).prop_map(Value::Related), vec(subject, 1..4).prop_map(Value::Subjects))
    }

    proptest! {
        #[test]
        fn metadata_come_back_from_json_as_they_went(
            text in words(),
            list in vec(words(), 1..4),
            people in people(),
            places in places(),
            dates in dates(),
            (related, subjects) in related_and_subjects(),
        ) {
            let mut metadata = Metadata::default();
            for field in Field::ALL {
                metadata.set(*field, match field.kind() {
                    FieldKind::Text | FieldKind::Html => Value::Text(text.clone()),
                    FieldKind::List => Value::List(list.clone()),
                    FieldKind::People => people.clone(),
                    FieldKind::Related => related.clone(),
                    FieldKind::Subjects => subjects.clone(),
                    FieldKind::Locations => places.clone(),
                    FieldKind::Dates => dates.clone(),
                });
            }
            let sent = metadata_to_json(&metadata).to_string();
            let read: Json = serde_json::from_str(&sent).unwrap();
            prop_assert_eq!(metadata_from_json(&read), metadata);
        }
    }

    #[test]
    fn odd_types_are_as_if_they_were_not_there() {
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
