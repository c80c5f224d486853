//! Metadata as JSON under the names of the deposit API, both ways.
//!
//! The one place that knows the keys of people, related identifiers, subjects, locations and dates.
//! What only the records API says has the keys of the manifest, and is in a plan file alone.
//! A plan file is read exactly: a value that does not fit is an error. A server's answer is read
//! leniently: entries that can't be read are left out and reported, and the rest counts. What only
//! the API has, such as objects for grants, is in `wire`.
//!
//! Source: contract/scenarios/metadata-full.json, 2026-11-23.

mod parts;
mod people;
mod statements;

use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use crate::model::{DateInterval, Field, FieldKind, Location, Metadata, Related, Subject, Value};

use parts::{Strictness, make_object, read_key, text_to_json};
use people::{PersonJson, identifiers_to_json, read_identifiers};
pub use statements::{custom_from_json, custom_to_json};

/// Returns a value as JSON: a string, or a list of strings or objects.
pub fn value_to_json(value: &Value) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::List(items) => json!(items),
        // A value of JSON can always be made of one.
        Value::People(_) => serde_json::to_value(ValueJson(value)).unwrap_or_default(),
        Value::Related(items) => items.iter().map(related_to_json).collect(),
        Value::Subjects(items) => items.iter().map(subject_to_json).collect(),
        Value::Locations(items) => items.iter().map(location_to_json).collect(),
        Value::Dates(items) => items.iter().map(date_to_json).collect(),
        Value::TypedTexts(items) => items.iter().map(statements::typed_text_to_json).collect(),
        Value::Licenses(items) => items.iter().map(statements::license_to_json).collect(),
        Value::Funding(items) => items.iter().map(statements::funding_to_json).collect(),
        Value::Custom(fields) => statements::custom_fields_to_json(fields),
    }
}

/// A value that is written as [`value_to_json`] returns it, and takes less memory.
#[derive(Debug)]
pub struct ValueJson<'a>(pub &'a Value);

impl Serialize for ValueJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Value::People(items) = self.0 {
            return serializer.collect_seq(items.iter().map(PersonJson));
        }
        value_to_json(self.0).serialize(serializer)
    }
}

/// Returns metadata as an object.
pub fn metadata_to_json(metadata: &Metadata) -> Json {
    metadata.iter().map(|(field, value)| (field.name().to_owned(), value_to_json(value))).collect()
}

/// Reads an object of metadata exactly; `None` when a field or its value is not understood.
pub fn metadata_from_json(json: &Json) -> Option<Metadata> {
    let mut metadata = Metadata::default();
    for (name, value) in json.as_object()? {
        let field = Field::from_name(name)?;
        metadata.set(field, value_from_json(field, value)?);
    }
    Some(metadata)
}

/// Reads the value of a field exactly; `None` when it does not fit the field's kind.
pub fn value_from_json(field: Field, json: &Json) -> Option<Value> {
    let mut unread = Vec::new();
    let value =
        Reader { strictness: Strictness::Exact, unread: &mut unread }.read_value(field, json);
    // A plan file that lost an entry would apply other metadata than were reviewed.
    value.filter(|_| unread.is_empty())
}

/// Reads the value of a field as a server wrote it; `None` when nothing fits the field's kind.
/// `unread` gets the index of each entry that can't be read; a null entry is skipped.
pub fn value_from_server(field: Field, json: &Json, unread: &mut Vec<usize>) -> Option<Value> {
    Reader { strictness: Strictness::Lenient, unread }.read_value(field, json)
}

/// Reads values, and lists the entries that it can't read.
struct Reader<'a> {
    strictness: Strictness,
    unread: &'a mut Vec<usize>,
}

impl Reader<'_> {
    fn read_value(mut self, field: Field, json: &Json) -> Option<Value> {
        Some(match field.kind() {
            FieldKind::Text | FieldKind::Html => Value::Text(self.strictness.read_text(json)?),
            FieldKind::List => Value::List(self.read_each(json, Strictness::read_text)?),
            FieldKind::People => {
                Value::People(self.read_each(json, Strictness::read_person)?.into())
            }
            FieldKind::Related => Value::Related(self.read_each(json, Strictness::read_related)?),
            FieldKind::Subjects => Value::Subjects(self.read_each(json, Strictness::read_subject)?),
            FieldKind::Locations => {
                Value::Locations(self.read_each(json, |_, item| read_location(item))?)
            }
            FieldKind::Dates => Value::Dates(self.read_each(json, Strictness::read_date)?),
            FieldKind::TypedTexts => Value::TypedTexts(
                self.read_each(json, |_, item| statements::read_typed_text(item))?,
            ),
            FieldKind::Licenses => {
                Value::Licenses(self.read_each(json, |_, item| statements::read_license(item))?)
            }
            FieldKind::Funding => {
                Value::Funding(self.read_each(json, |_, item| statements::read_funding(item))?)
            }
            FieldKind::Custom => Value::Custom(statements::read_custom_fields(json)?),
        })
    }

    fn read_each<T>(
        &mut self,
        json: &Json,
        read: impl Fn(Strictness, &Json) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut all = Vec::new();
        for (at, item) in json.as_array()?.iter().enumerate() {
            match read(self.strictness, item) {
                Some(value) => all.push(value),
                // A server writes null for an entry that it lost; there is nothing to report.
                None if item.is_null() && self.strictness == Strictness::Lenient => {}
                None => self.unread.push(at),
            }
        }
        Some(all)
    }
}

impl Strictness {
    fn read_related(self, json: &Json) -> Option<Related> {
        Some(Related {
            identifier: read_key(json, "identifier")?,
            // The server leaves it out for relations that the deposit API has no name for.
            relation: self.read_needed(json, "relation")?,
            resource_type: read_key(json, "resource_type"),
            scheme: read_key(json, "scheme"),
        })
    }

    fn read_subject(self, json: &Json) -> Option<Subject> {
        Some(Subject {
            term: read_key(json, "term")?,
            identifier: self.read_needed(json, "identifier")?,
            scheme: read_key(json, "scheme"),
            is_known: json.get("is_known").and_then(Json::as_bool).unwrap_or_default(),
        })
    }

    fn read_date(self, json: &Json) -> Option<DateInterval> {
        json.as_object()?;
        Some(DateInterval {
            start: read_key(json, "start"),
            end: read_key(json, "end"),
            kind: self.read_needed(json, "type")?,
            description: read_key(json, "description"),
        })
    }
}

fn read_location(json: &Json) -> Option<Location> {
    Some(Location {
        place: read_key(json, "place")?,
        lat: json.get("lat").and_then(Json::as_f64),
        lon: json.get("lon").and_then(Json::as_f64),
        description: read_key(json, "description"),
        geometry: json.get("geometry").and_then(custom_from_json),
        identifiers: read_identifiers(json),
    })
}

fn related_to_json(related: &Related) -> Json {
    let Related { identifier, relation, resource_type, scheme } = related;
    make_object([
        ("identifier", Some(json!(identifier))),
        ("relation", Some(json!(relation))),
        ("resource_type", text_to_json(resource_type.as_ref())),
        ("scheme", text_to_json(scheme.as_ref())),
    ])
}

fn subject_to_json(subject: &Subject) -> Json {
    let Subject { term, identifier, scheme, is_known } = subject;
    make_object([
        ("term", Some(json!(term))),
        ("identifier", Some(json!(identifier))),
        ("scheme", text_to_json(scheme.as_ref())),
        ("is_known", is_known.then(|| json!(true))),
    ])
}

fn location_to_json(location: &Location) -> Json {
    let Location { place, lat, lon, description, geometry, identifiers } = location;
    make_object([
        ("place", Some(json!(place))),
        ("lat", lat.map(|degrees| json!(degrees))),
        ("lon", lon.map(|degrees| json!(degrees))),
        ("description", text_to_json(description.as_ref())),
        ("geometry", geometry.as_ref().map(custom_to_json)),
        ("identifiers", identifiers_to_json(identifiers)),
    ])
}

fn date_to_json(date: &DateInterval) -> Json {
    let DateInterval { start, end, kind, description } = date;
    make_object([
        ("type", Some(json!(kind))),
        ("start", text_to_json(start.as_ref())),
        ("end", text_to_json(end.as_ref())),
        ("description", text_to_json(description.as_ref())),
    ])
}
