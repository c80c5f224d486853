//! When single items of metadata are the same: what was sent first, what came back second.

use crate::model::{DateInterval, Location, Person, Related, Subject};
use crate::vocab::identifiers::same_identifier;
use crate::vocab::{find_license, license_kept_as_text, text_of_license};

use super::server_normalization::returned_person;
use super::text::same_plain;

/// Compares items pairwise, in their order.
pub(super) fn all_same<T, U>(sent: &[T], returned: &[U], same: impl Fn(&T, &U) -> bool) -> bool {
    sent.len() == returned.len() && sent.iter().zip(returned).all(|(one, other)| same(one, other))
}

/// Compares texts that may be absent; an empty one is.
fn same_option(sent: Option<&String>, returned: Option<&String>) -> bool {
    let text = |side: Option<&String>| side.map_or("", String::as_str).to_owned();
    same_plain(&text(sent), &text(returned))
}

/// Tells whether the server holds the licence that was sent, under either of its ids.
///
/// One that it keeps as a text has no id in an answer of the deposit API, and an open record without
/// a licence is otherwise given the default.
pub(super) fn same_license(sent: &str, returned: &str) -> bool {
    if license_kept_as_text(sent).is_some() {
        return returned.is_empty();
    }
    find_license(sent)
        .is_some_and(|license| license.returned_as == returned || license.id == returned)
}

/// Tells whether a licence that is sent is what the server keeps as this text, without an id.
pub fn is_license_text(sent: &str, text: &str) -> bool {
    license_kept_as_text(sent).and_then(text_of_license) == Some(text)
}

/// Compares people; ids and roles in any spelling.
pub(super) fn same_person(sent: &Person, returned: &Person) -> bool {
    let (kept, held) = (returned_person(sent), returned_person(returned));
    // The name is not tidied a second time: a server may also keep it as it was sent.
    (kept.name == returned.name || sent.name == returned.name)
        && same_option(sent.affiliation.as_ref(), returned.affiliation.as_ref())
        && (kept.orcid, kept.gnd, kept.role) == (held.orcid, held.gnd, held.role)
}

/// Compares related identifiers that are spelled as the server does; it finds the scheme itself.
pub(super) fn same_related(sent: &Related, returned: &Related) -> bool {
    // A number may be one thing in one scheme and another in the next.
    let is_same = sent.identifier == returned.identifier
        || same_identifier(&sent.identifier, &returned.identifier)
            && (returned.scheme.is_none() || sent.scheme == returned.scheme);
    is_same && sent.relation == returned.relation && sent.resource_type == returned.resource_type
}

/// Compares subjects.
pub(super) fn same_subject(sent: &Subject, returned: &Subject) -> bool {
    same_plain(&sent.term, &returned.term)
        && same_plain(&sent.identifier, &returned.identifier)
        && same_option(sent.scheme.as_ref(), returned.scheme.as_ref())
}

/// Compares places; coordinates as numbers.
pub(super) fn same_location(sent: &Location, returned: &Location) -> bool {
    same_plain(&sent.place, &returned.place)
        && sent.lat == returned.lat
        && sent.lon == returned.lon
        && same_option(sent.description.as_ref(), returned.description.as_ref())
}

/// Compares dates; their type in any case.
pub(super) fn same_date(sent: &DateInterval, returned: &DateInterval) -> bool {
    sent.start == returned.start
        && sent.end == returned.end
        && sent.kind.eq_ignore_ascii_case(&returned.kind)
        && same_option(sent.description.as_ref(), returned.description.as_ref())
}
