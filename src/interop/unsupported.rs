//! Reports what is not carried over.

use crate::model::{Field, Person};
use crate::observed::UnsupportedValue;

use super::work::Work;

/// The reason for most losses.
const NO_PLACE: &str = "the format has no place for it";

/// How much of a text is shown. Characters.
const SHOWN: usize = 120;

/// Makes a loss out of its place and what it is.
pub(in crate::interop) fn make_unsupported(place: &str, what: &str) -> UnsupportedValue {
    UnsupportedValue { place: place.to_owned(), what: what.to_owned() }
}

/// Makes a loss of a text that a manifest can't hold, quoted and shortened.
pub(in crate::interop) fn quote_unsupported(place: &str, text: &str) -> UnsupportedValue {
    let text: String = text.chars().take(SHOWN).collect();
    UnsupportedValue { place: place.to_owned(), what: format!("`{text}`") }
}

/// Lists the ids of a person or an organisation that a format for citations does not say: all but an
/// ORCID and a ROR id.
pub(in crate::interop) fn list_lost_ids_of(place: &str, person: &Person) -> Vec<UnsupportedValue> {
    let has_others = person.details.identifiers.iter().any(|id| id.scheme != "ror");
    let lost = [("gnd", person.gnd.is_some()), ("identifiers", has_others)].into_iter();
    lost.filter(|(_, is_lost)| *is_lost)
        .map(|(key, _)| {
            make_unsupported(&format!("{place}.{key}"), "only ORCIDs and ROR ids are written")
        })
        .collect()
}

/// Reports the role of an author, which no format for citations has.
pub(in crate::interop) fn find_lost_role(place: &str, author: &Person) -> Option<UnsupportedValue> {
    let place = format!("{place}.role");
    author.role.as_ref().map(|_| make_unsupported(&place, "an author has no role"))
}

/// Lists the fields of a work that a format has no place for; it has one for those in `carried`.
pub(in crate::interop) fn list_unsupported(
    work: &Work,
    carried: &[Field],
) -> Vec<UnsupportedValue> {
    let fields = work.metadata.iter().filter(|(field, _)| !carried.contains(field));
    let mut unsupported: Vec<UnsupportedValue> =
        fields.map(|(field, _)| make_unsupported(field.name(), NO_PLACE)).collect();
    // Communities are kept apart from the fields, and no format that calls this has them.
    if !work.communities.is_empty() {
        unsupported.push(make_unsupported("communities", NO_PLACE));
    }
    unsupported
}
