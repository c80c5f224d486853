//! Finds the parts of published entries that the records API loses.
//!
//! It writes an entry that changes anew, and sends one that stays back as it is, with the parts that
//! no field of a manifest says: a reference's identifier, an award's.

use crate::compare;
use crate::model::{Field, Funding, Metadata, Person, Value};
use crate::observed::{Draft, Record, UnsupportedValue};

/// The lists of a record whose entries have such parts, and the field that is read from each.
const LISTS: [(&str, Field); 8] = [
    ("creators", Field::Creators),
    ("contributors", Field::Contributors),
    ("rights", Field::Licenses),
    ("related_identifiers", Field::RelatedIdentifiers),
    ("references", Field::References),
    ("locations", Field::Locations),
    ("dates", Field::Dates),
    ("funding", Field::Funding),
];

/// Returns the published parts that are not in the draft once it is written.
pub(super) fn list_lost_parts(
    record: &Record,
    draft: Option<&Draft>,
    writes_metadata: bool,
    target: &Metadata,
) -> Vec<UnsupportedValue> {
    let parts: Vec<&UnsupportedValue> =
        record.unsupported.iter().filter(|part| can_be_lost(part)).collect();
    if parts.is_empty() {
        return Vec::new();
    }
    let spelled = compare::spell_for_records_api(target);
    // A draft that is only now opened is a copy of the record.
    let (held, metadata) = draft.map_or((&record.unsupported, &record.metadata), |draft| {
        (&draft.unsupported, &draft.metadata)
    });
    // Two entries may have equal parts, such as the scheme of an identifier.
    let is_of_equal = |held: &UnsupportedValue, part: &UnsupportedValue| {
        let equal = find_equal_entries(&part.place, &record.metadata, metadata);
        find_entry(&held.place).is_some_and(|(_, at)| equal.contains(&at))
    };
    let stays = |part: &UnsupportedValue| {
        let mut same = held.iter().filter(|held| held.is_same_as(part) && is_of_equal(held, part));
        same.any(|part| !writes_metadata || is_entry_sent_back(&part.place, metadata, &spelled))
    };
    parts.into_iter().filter(|part| !stays(part)).cloned().collect()
}

/// Returns whether a plan of the records API can lose such a value: a part of an entry, which no
/// field says.
pub(super) fn can_be_lost(loss: &UnsupportedValue) -> bool {
    !loss.is_said() && find_entry(&loss.place).is_some()
}

/// Returns the field and the number of the entry that a place is part of.
fn find_entry(place: &str) -> Option<(Field, usize)> {
    let (list, rest) = place.split_once('[')?;
    let (_, field) = LISTS.iter().find(|(name, _)| *name == list)?;
    Some((*field, rest.split_once(']')?.0.parse().ok()?))
}

/// Returns whether the entry that a place is part of is among those that are written: of equal ones
/// each is sent back once.
fn is_entry_sent_back(place: &str, held: &Metadata, spelled: &Metadata) -> bool {
    let equal = find_equal_entries(place, held, held);
    let at = find_entry(place).map(|(_, at)| at);
    let rank = equal.iter().position(|other| Some(*other) == at);
    let n_sent = find_equal_entries(place, held, spelled).len();
    rank.is_some_and(|rank| rank < n_sent)
}

/// Returns the numbers of the entries of `among` that are equal to the one that a place of `held` is
/// part of. Names that belong to the server do not count.
fn find_equal_entries(place: &str, held: &Metadata, among: &Metadata) -> Vec<usize> {
    let Some((field, at)) = find_entry(place) else { return Vec::new() };
    match (held.get(field), among.get(field)) {
        (Some(Value::People(held)), Some(Value::People(among))) => {
            find_equal(held, at, among, Person::drop_known_names)
        }
        (Some(Value::Funding(held)), Some(Value::Funding(among))) => {
            find_equal(held, at, among, Funding::drop_known_name)
        }
        (Some(Value::Licenses(held)), Some(Value::Licenses(among))) => {
            find_equal(held, at, among, |_| {})
        }
        (Some(Value::Related(held)), Some(Value::Related(among))) => {
            find_equal(held, at, among, |_| {})
        }
        (Some(Value::List(held)), Some(Value::List(among))) => find_equal(held, at, among, |_| {}),
        (Some(Value::Locations(held)), Some(Value::Locations(among))) => {
            find_equal(held, at, among, |_| {})
        }
        (Some(Value::Dates(held)), Some(Value::Dates(among))) => {
            find_equal(held, at, among, |_| {})
        }
        (Some(_) | None, Some(_) | None) => Vec::new(),
    }
}

fn find_equal<T: PartialEq + Clone>(
    held: &[T],
    at: usize,
    among: &[T],
    strip: fn(&mut T),
) -> Vec<usize> {
    let stripped = |entry: &T| {
        let mut entry = entry.clone();
        strip(&mut entry);
        entry
    };
    let Some(wanted) = held.get(at).map(stripped) else { return Vec::new() };
    let equal = among.iter().enumerate().filter(|(_, entry)| stripped(entry) == wanted);
    equal.map(|(at, _)| at).collect()
}
