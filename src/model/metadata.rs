//! Metadata as a map from field to value.
//!
//! A map keeps every rule that holds for all fields (compare, show, send) one loop over
//! [`Field::ALL`] instead of forty lines that can forget one.

use std::collections::BTreeMap;
use std::fmt;

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
    People(Vec<Person>),
    /// For kind `Related`.
    Related(Vec<Related>),
    /// For kind `Subjects`.
    Subjects(Vec<Subject>),
    /// For kind `Locations`.
    Locations(Vec<Location>),
    /// For kind `Dates`.
    Dates(Vec<DateInterval>),
}

/// A creator, contributor or supervisor.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// `Family, Given`, or a name as it is.
    pub name: String,
    /// One affiliation: the deposit API knows no second.
    pub affiliation: Option<String>,
    /// ORCID, bare: `0000-0002-1825-0097`.
    pub orcid: Option<String>,
    /// GND id.
    pub gnd: Option<String>,
    /// A contributor's role, `type` in the API; none for creators and supervisors.
    pub role: Option<String>,
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
    /// Its name.
    pub term: String,
    /// Its id.
    pub identifier: String,
    /// The id's scheme.
    pub scheme: Option<String>,
}

/// A place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Location {
    /// Its name.
    pub place: String,
    /// Degrees north.
    pub lat: Option<f64>,
    /// Degrees east.
    pub lon: Option<f64>,
    /// How it relates to the record.
    pub description: Option<String>,
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

/// Writes `head (a, b)`, leaving out missing details.
fn with_details(f: &mut fmt::Formatter<'_>, head: &str, details: &[Option<String>]) -> fmt::Result {
    f.write_str(head)?;
    let details: Vec<&str> = details.iter().flatten().map(String::as_str).collect();
    if details.is_empty() { Ok(()) } else { write!(f, " ({})", details.join(", ")) }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Person { name, affiliation, orcid, gnd, role } = self;
        let orcid = orcid.as_ref().map(|id| format!("ORCID {id}"));
        let gnd = gnd.as_ref().map(|id| format!("GND {id}"));
        with_details(f, name, &[role.clone(), affiliation.clone(), orcid, gnd])
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
        let Subject { term, identifier, scheme } = self;
        with_details(f, term, &[Some(identifier.clone()), scheme.clone()])
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Location { place, lat, lon, description } = self;
        let lat = lat.map(|degrees| format!("lat {degrees}"));
        let lon = lon.map(|degrees| format!("lon {degrees}"));
        with_details(f, place, &[lat, lon, description.clone()])
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
