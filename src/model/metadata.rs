//! Metadata as a map from field to value.
//!
//! A map keeps every rule that holds for all fields (compare, show, send) one loop over
//! [`Field::ALL`] instead of forty lines that can forget one.

use std::collections::BTreeMap;
use std::fmt;

use super::people::{Identifier, People, with_details};
use super::statements::{CustomFields, CustomValue, Funding, License, TypedText};
use super::{Community, Field};

/// The metadata of a record. A field that is absent or empty is not in the map.
///
/// Each value's variant fits its field's [`kind`](Field::kind).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    values: BTreeMap<Field, Value>,
}

/// The fields to which communities contributed, with these communities in the manifest's order.
pub type MetadataOrigins = BTreeMap<Field, Vec<Community>>;

/// The value of one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// For kinds `Text` and `Html`.
    Text(String),
    /// For kind `List`.
    List(Vec<String>),
    /// For kind `People`.
    People(People),
    /// For kind `Related`.
    Related(Vec<Related>),
    /// For kind `Subjects`.
    Subjects(Vec<Subject>),
    /// For kind `Locations`.
    Locations(Vec<Location>),
    /// For kind `Dates`.
    Dates(Vec<DateInterval>),
    /// For kind `TypedTexts`.
    TypedTexts(Vec<TypedText>),
    /// For kind `Licenses`.
    Licenses(Vec<License>),
    /// For kind `Funding`.
    Funding(Vec<Funding>),
    /// For kind `Custom`.
    Custom(CustomFields),
}

/// A related identifier.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Related {
    /// DOI, URL, arXiv id, …
    pub identifier: String,
    /// How this record relates to it, such as `isSupplementTo`.
    pub relation: String,
    /// What it is, such as `publication-article`.
    pub resource_type: Option<String>,
    /// The kind of identifier; the server finds it.
    pub scheme: Option<String>,
}

/// A subject of a vocabulary.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Its name; of one that the server knows by its id, it may be empty.
    pub term: String,
    /// Its id.
    pub identifier: String,
    /// The id's scheme.
    pub scheme: Option<String>,
    /// Whether the server knows it by its id, as it does those of EuroSciVoc and MeSH; the deposit
    /// API has no such subjects.
    pub is_known: bool,
}

/// A place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Location {
    /// Its name; empty for none, which only the records API says.
    pub place: String,
    /// Degrees north.
    pub lat: Option<f64>,
    /// Degrees east.
    pub lon: Option<f64>,
    /// How it relates to the record.
    pub description: Option<String>,
    /// A shape that is not a point of two coordinates, as GeoJSON, which only the records API says.
    pub geometry: Option<CustomValue>,
    /// Its ids, such as of Wikidata, which only the records API says.
    pub identifiers: Vec<Identifier>,
}

/// A date or an interval with at least one end.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateInterval {
    /// First day, ISO.
    pub start: Option<String>,
    /// Last day, ISO.
    pub end: Option<String>,
    /// The meaning of the date, such as `Collected`; `type` in the API.
    pub kind: String,
    /// More about it.
    pub description: Option<String>,
}

impl Value {
    /// Returns whether it is empty.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Text(text) => text.is_empty(),
            Value::List(items) => items.is_empty(),
            Value::People(items) => items.is_empty(),
            Value::Related(items) => items.is_empty(),
            Value::Subjects(items) => items.is_empty(),
            Value::Locations(items) => items.is_empty(),
            Value::Dates(items) => items.is_empty(),
            Value::TypedTexts(items) => items.is_empty(),
            Value::Licenses(items) => items.is_empty(),
            Value::Funding(items) => items.is_empty(),
            Value::Custom(fields) => fields.is_empty(),
        }
    }

    /// Returns one line an item, for display; a text is one item.
    pub fn items(&self) -> Vec<String> {
        fn lines<T: fmt::Display>(items: &[T]) -> Vec<String> {
            items.iter().map(ToString::to_string).collect()
        }
        match self {
            Value::Text(text) => vec![text.clone()],
            Value::List(items) => items.clone(),
            Value::People(items) => lines(items),
            Value::Related(items) => lines(items),
            Value::Subjects(items) => lines(items),
            Value::Locations(items) => lines(items),
            Value::Dates(items) => lines(items),
            Value::TypedTexts(items) => lines(items),
            Value::Licenses(items) => lines(items),
            Value::Funding(items) => lines(items),
            Value::Custom(fields) => fields.lines(),
        }
    }
}

impl Metadata {
    /// Returns a field's value, if there is one.
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.values.get(&field)
    }

    /// Returns a text field's value, if there is one.
    pub fn text(&self, field: Field) -> Option<&str> {
        match self.values.get(&field) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Sets a field; an empty value removes it.
    pub fn set(&mut self, field: Field, value: Value) {
        // Metadata must compare equal whether a field is missing or empty.
        if value.is_empty() {
            self.values.remove(&field);
        } else {
            self.values.insert(field, value);
        }
    }

    /// Sets a text field; an empty text removes it.
    pub fn set_text(&mut self, field: Field, text: impl Into<String>) {
        self.set(field, Value::Text(text.into()));
    }

    /// Removes a field and returns what it held.
    pub fn remove(&mut self, field: Field) -> Option<Value> {
        self.values.remove(&field)
    }

    /// Walks the fields that hold something, in the order of a screen.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &Value)> {
        self.values.iter().map(|(field, value)| (*field, value))
    }

    /// Returns how many fields hold something.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Returns whether no field holds anything.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl fmt::Display for Related {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Related { identifier, relation, resource_type, scheme: _ } = self;
        with_details(f, &format!("{relation} {identifier}"), std::slice::from_ref(resource_type))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Subject { term, identifier, scheme, is_known: _ } = self;
        if term.is_empty() {
            return f.write_str(identifier);
        }
        with_details(f, term, &[Some(identifier.clone()), scheme.clone()])
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Location { place, lat, lon, description, geometry, identifiers } = self;
        let lat = lat.map(|degrees| format!("lat {degrees}"));
        let lon = lon.map(|degrees| format!("lon {degrees}"));
        let mut details =
            vec![lat, lon, geometry.as_ref().map(ToString::to_string), description.clone()];
        details.extend(identifiers.iter().map(|identifier| Some(identifier.to_string())));
        with_details(f, if place.is_empty() { "(no name)" } else { place }, &details)
    }
}

impl fmt::Display for DateInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DateInterval { start, end, kind, description } = self;
        let days = match (start, end) {
            (Some(start), Some(end)) if start == end => start.clone(),
            (start, end) => {
                format!("{}/{}", start.as_deref().unwrap_or(".."), end.as_deref().unwrap_or(".."))
            }
        };
        with_details(f, &format!("{kind} {days}"), std::slice::from_ref(description))
    }
}
