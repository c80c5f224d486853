//! Compares single items of metadata: the sent one comes first, the returned one second.

use crate::model::{
    Affiliation, DateInterval, Field, Funding, Identifier, License, Location, Person, Related,
    Subject, TypedText,
};
use crate::vocab::identifiers::is_same_identifier;
use crate::vocab::{find_license, find_license_kept_as_text, find_license_text};

use super::server_normalization::{is_same_grant, normalize_person};
use super::text::{is_equivalent_html, is_equivalent_plain};

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
    let [sent, returned] = [sent, returned].map(|side| side.map_or("", String::as_str));
    is_equivalent_plain(sent, returned)
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
    // A record may have thousands of people, and most stay as they are.
    if sent == returned {
        return true;
    }
    let (kept, held) = (normalize_person(sent), normalize_person(returned));
    // The returned name is not tidied again: a server may also keep a name as it was sent.
    (kept.name == returned.name || sent.name == returned.name)
        && is_same_option(sent.affiliation.as_ref(), returned.affiliation.as_ref())
        && (kept.orcid, kept.gnd, kept.role) == (held.orcid, held.gnd, held.role)
        && kept.details.is_organization == held.details.is_organization
        && kept.details.names == held.details.names
        && is_same_pairwise(
            &kept.details.affiliations,
            &held.details.affiliations,
            is_same_affiliation,
        )
        && is_same_pairwise(
            &kept.details.identifiers,
            &held.details.identifiers,
            is_same_person_identifier,
        )
}

/// Returns whether two affiliations are the same: the name of one with an id is the server's own.
fn is_same_affiliation(sent: &Affiliation, returned: &Affiliation) -> bool {
    sent.ror == returned.ror
        && (sent.ror.is_some() || is_same_option(sent.name.as_ref(), returned.name.as_ref()))
}

/// Returns whether two ids are the same; an ISNI with blanks or without.
fn is_same_person_identifier(sent: &Identifier, returned: &Identifier) -> bool {
    let bare = |id: &Identifier| id.identifier.replace([' ', '-'], "");
    sent.scheme == returned.scheme && bare(sent) == bare(returned)
}

/// Returns whether two further titles or descriptions are the same.
pub(super) fn is_same_typed_text(field: Field, sent: &TypedText, returned: &TypedText) -> bool {
    let is_same_text = if field == Field::Descriptions {
        is_equivalent_html(&sent.text, &returned.text)
    } else {
        is_equivalent_plain(&sent.text, &returned.text)
    };
    is_same_text && sent.kind == returned.kind && sent.language == returned.language
}

/// Returns whether two licences are the same; one that has an id by it.
pub(super) fn is_same_license_entry(sent: &License, returned: &License) -> bool {
    match (&sent.id, &returned.id) {
        (Some(sent), Some(returned)) => is_same_license(sent, returned),
        (None, None) => {
            is_same_option(sent.title.as_ref(), returned.title.as_ref())
                && is_same_option(sent.description.as_ref(), returned.description.as_ref())
                && sent.link == returned.link
        }
        // The server keeps some as texts.
        (Some(sent), None) => {
            returned.title.as_deref().is_some_and(|title| is_license_text(sent, title))
        }
        (None, Some(_)) => false,
    }
}

/// Returns whether two fundings are the same: the name of a funder with an id is the server's own.
pub(super) fn is_same_funding(sent: &Funding, returned: &Funding) -> bool {
    let is_same_award = match (&sent.award_id, &returned.award_id) {
        // The award says who its funder is.
        (Some(sent), Some(returned)) => return is_same_grant(sent, returned),
        (None, None) => {
            is_same_option(sent.number.as_ref(), returned.number.as_ref())
                && is_same_option(sent.title.as_ref(), returned.title.as_ref())
                && sent.url == returned.url
        }
        (Some(_), None) | (None, Some(_)) => false,
    };
    is_same_award
        && sent.funder_ror == returned.funder_ror
        && (sent.funder_ror.is_some()
            || is_same_option(sent.funder_name.as_ref(), returned.funder_name.as_ref()))
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
    if sent.is_known || returned.is_known {
        // Its name is the server's own.
        return sent.is_known == returned.is_known && sent.identifier == returned.identifier;
    }
    is_equivalent_plain(&sent.term, &returned.term)
        && is_equivalent_plain(&sent.identifier, &returned.identifier)
        && is_same_option(sent.scheme.as_ref(), returned.scheme.as_ref())
}

/// Returns whether two places are the same; coordinates as numbers.
pub(super) fn is_same_location(sent: &Location, returned: &Location) -> bool {
    is_equivalent_plain(&sent.place, &returned.place)
        && sent.lat == returned.lat
        && sent.lon == returned.lon
        && sent.geometry == returned.geometry
        && sent.identifiers == returned.identifiers
        && is_same_option(sent.description.as_ref(), returned.description.as_ref())
}

/// Returns whether two dates are the same; their type in any case.
pub(super) fn is_same_date(sent: &DateInterval, returned: &DateInterval) -> bool {
    sent.start == returned.start
        && sent.end == returned.end
        && sent.kind.eq_ignore_ascii_case(&returned.kind)
        && is_same_option(sent.description.as_ref(), returned.description.as_ref())
}
