//! Metadata values as JSON, both ways, under the API's names.

use serde_json::{Map, Value as Json, json};

use crate::model::{
    DateInterval, Field, FieldKind, Location, Metadata, Person, Related, Subject, Value,
};

/// Returns a value as JSON: a string, or a list of strings or objects.
pub fn value_to_json(value: &Value) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::List(items) => json!(items),
        Value::People(items) => items.iter().map(person).collect(),
        Value::Related(items) => items.iter().map(related).collect(),
        Value::Subjects(items) => items.iter().map(subject).collect(),
        Value::Locations(items) => items.iter().map(location).collect(),
        Value::Dates(items) => items.iter().map(date).collect(),
    }
}

/// Returns metadata as an object.
pub fn metadata_to_json(metadata: &Metadata) -> Json {
    metadata.iter().map(|(field, value)| (field.name().to_owned(), value_to_json(value))).collect()
}

/// Reads an object of metadata; none when a field or its value is not understood.
pub(super) fn metadata_from_json(json: &Json) -> Option<Metadata> {
    let mut metadata = Metadata::default();
    for (name, value) in json.as_object()? {
        let field = Field::from_name(name)?;
        metadata.set(field, value_from_json(field, value)?);
    }
    Some(metadata)
}

/// Reads the value of a field; none when it does not fit the field's kind.
pub(super) fn value_from_json(field: Field, json: &Json) -> Option<Value> {
    Some(match field.kind() {
        FieldKind::Text | FieldKind::Html => Value::Text(json.as_str()?.to_owned()),
        FieldKind::List => Value::List(each(json, |item| Some(item.as_str()?.to_owned()))?),
        FieldKind::People => Value::People(each(json, read_person)?),
        FieldKind::Related => Value::Related(each(json, read_related)?),
        FieldKind::Subjects => Value::Subjects(each(json, read_subject)?),
        FieldKind::Locations => Value::Locations(each(json, read_location)?),
        FieldKind::Dates => Value::Dates(each(json, read_date)?),
    })
}

fn each<T>(json: &Json, read: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    json.as_array()?.iter().map(read).collect()
}

/// Makes an object of the pairs that hold something.
fn object(pairs: &[(&str, Option<Json>)]) -> Json {
    let there = pairs.iter().filter_map(|(key, value)| Some(((*key).to_owned(), value.clone()?)));
    Json::Object(there.collect::<Map<_, _>>())
}

fn text(value: Option<&String>) -> Option<Json> {
    value.map(|text| json!(text))
}

fn read(json: &Json, key: &str) -> Option<String> {
    json.get(key)?.as_str().map(str::to_owned)
}

fn person(person: &Person) -> Json {
    let Person { name, affiliation, orcid, gnd, role } = person;
    object(&[
        ("name", Some(json!(name))),
        ("affiliation", text(affiliation.as_ref())),
        ("orcid", text(orcid.as_ref())),
        ("gnd", text(gnd.as_ref())),
        ("type", text(role.as_ref())),
    ])
}

fn read_person(json: &Json) -> Option<Person> {
    Some(Person {
        name: read(json, "name")?,
        affiliation: read(json, "affiliation"),
        orcid: read(json, "orcid"),
        gnd: read(json, "gnd"),
        role: read(json, "type"),
    })
}

fn related(related: &Related) -> Json {
    let Related { identifier, relation, resource_type, scheme } = related;
    object(&[
        ("identifier", Some(json!(identifier))),
        ("relation", Some(json!(relation))),
        ("resource_type", text(resource_type.as_ref())),
        ("scheme", text(scheme.as_ref())),
    ])
}

fn read_related(json: &Json) -> Option<Related> {
    Some(Related {
        identifier: read(json, "identifier")?,
        relation: read(json, "relation")?,
        resource_type: read(json, "resource_type"),
        scheme: read(json, "scheme"),
    })
}

fn subject(subject: &Subject) -> Json {
    let Subject { term, identifier, scheme } = subject;
    object(&[
        ("term", Some(json!(term))),
        ("identifier", Some(json!(identifier))),
        ("scheme", text(scheme.as_ref())),
    ])
}

fn read_subject(json: &Json) -> Option<Subject> {
    Some(Subject {
        term: read(json, "term")?,
        identifier: read(json, "identifier")?,
        scheme: read(json, "scheme"),
    })
}

fn location(location: &Location) -> Json {
    let Location { place, lat, lon, description } = location;
    object(&[
        ("place", Some(json!(place))),
        ("lat", lat.map(|degrees| json!(degrees))),
        ("lon", lon.map(|degrees| json!(degrees))),
        ("description", text(description.as_ref())),
    ])
}

fn read_location(json: &Json) -> Option<Location> {
    Some(Location {
        place: read(json, "place")?,
        lat: json.get("lat").and_then(Json::as_f64),
        lon: json.get("lon").and_then(Json::as_f64),
        description: read(json, "description"),
    })
}

fn date(date: &DateInterval) -> Json {
    let DateInterval { start, end, kind, description } = date;
    object(&[
        ("type", Some(json!(kind))),
        ("start", text(start.as_ref())),
        ("end", text(end.as_ref())),
        ("description", text(description.as_ref())),
    ])
}

fn read_date(json: &Json) -> Option<DateInterval> {
    Some(DateInterval {
        start: read(json, "start"),
        end: read(json, "end"),
        kind: read(json, "type")?,
        description: read(json, "description"),
    })
}
