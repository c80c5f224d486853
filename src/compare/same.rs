//! Compares single items of metadata: the sent one comes first, the returned one second.

use crate::model::{DateInterval, Location, Person, Related, Subject};
use crate::vocab::identifiers::is_same_identifier;
use crate::vocab::{find_license, find_license_kept_as_text, find_license_text};

use super::server_normalization::normalize_person;
use super::text::is_equivalent_plain;

/// Returns whether items are the same pairwise, in their order.
pub(super) fn is_same_pairwise<T, U>(
    sent: &[T],
    returned: &[U],
    same: impl Fn(&T, &U) -> bool,
) -> bool {
    sent.len() == returned.len() && sent.iter().zip(returned).all(|(one, other)| same(one, other))
}

/// Returns whether optional texts are the same; an empty text counts as missing.
fn is_same_option(sent: Option<&String>, returned: Option<&String>) -> bool {
    let text = |side: Option<&String>| side.map_or("", String::as_str).to_owned();
    is_equivalent_plain(&text(sent), &text(returned))
}

/// Returns whether the server has the licence that was sent, under either of its ids.
pub(super) fn is_same_license(sent: &str, returned: &str) -> bool {
    // The deposit API returns no id for such a licence; without any licence an open record would
    // have the default.
    if find_license_kept_as_text(sent).is_some() {
        return returned.is_empty();
    }
    find_license(sent)
        .is_some_and(|license| license.returned_as == returned || license.id == returned)
}

/// Returns whether the server keeps a sent licence as this text, without an id.
pub fn is_license_text(sent: &str, text: &str) -> bool {
    find_license_kept_as_text(sent).and_then(find_license_text) == Some(text)
}

/// Returns whether two people are the same; ids and roles in any spelling.
pub(super) fn is_same_person(sent: &Person, returned: &Person) -> bool {
    let (kept, held) = (normalize_person(sent), normalize_person(returned));
    // The returned name is not tidied again: a server may also keep a name as it was sent.
    (kept.name == returned.name || sent.name == returned.name)
        && is_same_option(sent.affiliation.as_ref(), returned.affiliation.as_ref())
        && (kept.orcid, kept.gnd, kept.role) == (held.orcid, held.gnd, held.role)
}

/// Returns whether two related identifiers in the server's spelling are the same; the server
/// determines the scheme itself.
pub(super) fn is_same_related(sent: &Related, returned: &Related) -> bool {
    // The same number means different things in different schemes.
    let is_same = sent.identifier == returned.identifier
        || is_same_identifier(&sent.identifier, &returned.identifier)
            && (returned.scheme.is_none() || sent.scheme == returned.scheme);
    is_same && sent.relation == returned.relation && sent.resource_type == returned.resource_type
}

/// Returns whether two subjects are the same.
pub(super) fn is_same_subject(sent: &Subject, returned: &Subject) -> bool {
    is_equivalent_plain(&sent.term, &returned.term)
        && is_equivalent_plain(&sent.identifier, &returned.identifier)
        && is_same_option(sent.scheme.as_ref(), returned.scheme.as_ref())
}

/// Returns whether two places are the same; coordinates as numbers.
pub(super) fn is_same_location(sent: &Location, returned: &Location) -> bool {
    is_equivalent_plain(&sent.place, &returned.place)
        && sent.lat == returned.lat
        && sent.lon == returned.lon
        && is_same_option(sent.description.as_ref(), returned.description.as_ref())
}

/// Returns whether two dates are the same; their type in any case.
pub(super) fn is_same_date(sent: &DateInterval, returned: &DateInterval) -> bool {
    sent.start == returned.start
        && sent.end == returned.end
        && sent.kind.eq_ignore_ascii_case(&returned.kind)
        && is_same_option(sent.description.as_ref(), returned.description.as_ref())
}
