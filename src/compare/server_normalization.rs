//! Predicts what the server returns for sent metadata: defaults filled, ids as they come back.

use std::collections::BTreeMap;

use crate::model::{
    DateInterval, Field, FieldKind, Funding, License, Location, Metadata, Person, Related, Subject,
    TypedText, Value, find_link,
};
use crate::vocab::identifiers::{find_scheme, normalize_identifier, strip_gnd, strip_orcid};
use crate::vocab::{
    find_funder_doi, find_funder_ror, find_language_alpha3, find_license, list_contributor_types,
    list_relations, tidy,
};

use super::html::clean_html;

/// The funder of a grant that is a bare number: the European Commission.
///
/// Source: zenodo-facts.md and zenodo-notes.md section 4, 2026-11-23.
const FP7_FUNDER: &str = "10.13039/501100000780";

/// The relation of alternate identifiers, which come back after all others.
const ALTERNATE: &str = "isAlternateIdentifier";

/// Returns what the server holds after it received `sent`.
///
/// Keeps the order of fields and items, except that alternate identifiers come last. Does not fill
/// in the publication date: the server uses its own day. Normalizes grants as far as their ids
/// allow; [`find_metadata_changes`](super::find_metadata_changes) also uses the grants that were looked up.
///
/// A second run changes nothing, except for the few licences that come back under an id which means
/// another one when sent (see
/// [`License::returned_as`](crate::vocab::License::returned_as)).
///
/// Source: contract/scenarios/metadata-full.json, metadata-invalid.json, access.json,
/// licences-returned.json, html-cleaning.json, 2026-11-23.
pub fn normalize_as_server(sent: &Metadata) -> Metadata {
    normalize_with_grants(sent, &BTreeMap::new())
}

/// Does the same with known grants: id sent to id returned.
pub(super) fn normalize_with_grants(
    sent: &Metadata,
    grants: &BTreeMap<String, String>,
) -> Metadata {
    let mut returned = Metadata::default();
    for (field, value) in sent.iter() {
        if let Some(value) = normalize_value(field, value, grants) {
            returned.set(field, value);
        }
    }
    drop_what_does_not_apply(&mut returned);
    fill_defaults(&mut returned);
    returned
}

fn normalize_value(
    field: Field,
    value: &Value,
    grants: &BTreeMap<String, String>,
) -> Option<Value> {
    Some(match value {
        Value::Text(text) => Value::Text(normalize_text(field, text)?),
        Value::List(items) if field == Field::Grants => {
            Value::List(items.iter().map(|id| normalize_grant(id, grants)).collect())
        }
        Value::List(items) => Value::List(items.iter().map(|item| tidy(item)).collect()),
        Value::People(people) => Value::People(people.iter().map(normalize_person).collect()),
        Value::Related(items) => Value::Related(normalize_related(items)),
        Value::Subjects(items) => Value::Subjects(items.iter().map(normalize_subject).collect()),
        Value::Locations(items) => Value::Locations(items.iter().map(normalize_location).collect()),
        Value::Dates(items) => Value::Dates(items.iter().map(normalize_date).collect()),
        Value::TypedTexts(items) => Value::TypedTexts(normalize_typed_texts(field, items)),
        Value::Licenses(items) => Value::Licenses(items.iter().map(normalize_license).collect()),
        Value::Funding(items) => Value::Funding(items.iter().map(normalize_funding).collect()),
        Value::Custom(_) => value.clone(),
    })
}

/// Returns further titles or descriptions as they come back.
fn normalize_typed_texts(field: Field, items: &[TypedText]) -> Vec<TypedText> {
    let normalize = |item: &TypedText| {
        let is_html = field == Field::Descriptions;
        let text = if is_html { clean_html(&item.text)? } else { tidy(&item.text) };
        let code = item.language.as_deref();
        let language = code.map(|code| find_language_alpha3(code).unwrap_or(code).to_owned());
        Some(TypedText { text, kind: item.kind.to_lowercase(), language })
    };
    items.iter().filter_map(normalize).collect()
}

fn normalize_license(license: &License) -> License {
    let License { id, title, description, link } = license;
    License {
        id: id.as_deref().map(|id| find_license(id).map_or(id, |known| &known.id).to_owned()),
        title: normalize_option(title.as_deref()),
        description: normalize_option(description.as_deref()),
        link: link.clone(),
    }
}

pub(super) fn normalize_funding(funding: &Funding) -> Funding {
    Funding {
        funder_name: normalize_option(funding.funder_name.as_deref()),
        title: normalize_option(funding.title.as_deref()),
        ..funding.clone()
    }
}

/// Returns a text field as it comes back; `None` when the server drops it.
fn normalize_text(field: Field, text: &str) -> Option<String> {
    // The deposit API accepts it and never returns it.
    if field == Field::AccessConditions {
        return None;
    }
    if field.kind() == FieldKind::Html {
        return clean_html(text);
    }
    let text = tidy(text);
    Some(if field == Field::License {
        find_license(&text).map_or(text, |license| license.returned_as.clone())
    } else if field == Field::Language {
        find_language_alpha3(&text).map_or(text, str::to_owned)
    } else if field == Field::AccessRight && text == "closed" {
        "restricted".to_owned()
    } else if field == Field::Doi {
        normalize_identifier(&text)
    } else {
        text
    })
}

/// Drops subtypes of another upload type, and an embargo date without an embargo.
pub(super) fn drop_what_does_not_apply(returned: &mut Metadata) {
    let upload_type = returned.text(Field::UploadType).map(str::to_owned);
    for (field, wanted) in [(Field::PublicationType, "publication"), (Field::ImageType, "image")] {
        if upload_type.as_deref() != Some(wanted) {
            returned.remove(field);
        }
    }
    if returned.text(Field::AccessRight) != Some("embargoed") {
        returned.remove(Field::EmbargoDate);
        returned.remove(Field::EmbargoReason);
    }
}

fn fill_defaults(returned: &mut Metadata) {
    let mut fill = |field, text: &str| {
        if returned.get(field).is_none() {
            returned.set_text(field, text);
        }
    };
    fill(Field::AccessRight, "open");
    fill(Field::ImprintPublisher, "Zenodo");
    let upload_type = returned.text(Field::UploadType);
    let is_restricted = returned.text(Field::AccessRight) == Some("restricted");
    let default_license = match upload_type {
        // The server sets no licence on restricted files, or before it knows the upload type.
        _ if is_restricted => return,
        None => return,
        Some("dataset") => "cc-zero",
        Some(_) => "cc-by-4.0",
    };
    if returned.get(Field::License).is_none() && returned.get(Field::Licenses).is_none() {
        returned.set_text(Field::License, default_license);
    }
}

/// Returns the id under which a grant comes back, as far as it is known: with the funder's DOI when
/// it was sent with the funder's ROR id or as a bare number.
///
/// Source: contract/scenarios/deposit-texts-of-other-times.json, 2026-11-28.
pub(super) fn normalize_grant(id: &str, grants: &BTreeMap<String, String>) -> String {
    // The server's own answer goes first: an id without a funder can't be completed from here.
    if let Some(known) = grants.get(id) {
        return known.clone();
    }
    let (funder, number) = split_grant(id);
    match (find_funder_doi(funder), funder) {
        (Some(doi), _) => format!("{doi}::{number}"),
        (None, "") => id.to_owned(),
        (None, funder) => format!("{funder}::{number}"),
    }
}

/// Returns whether two ids name the same grant; a funder may be named by a DOI or a ROR id.
pub(super) fn is_same_grant(one: &str, other: &str) -> bool {
    let meaning = |id: &str| {
        let (funder, number) = split_grant(id);
        // By the ROR id: a funder may have several DOIs.
        (find_funder_ror(funder).unwrap_or(funder).to_owned(), number.to_owned())
    };
    meaning(one) == meaning(other)
}

/// Splits a grant's id into funder and number; the funder is empty when the id has none.
fn split_grant(id: &str) -> (&str, &str) {
    let is_bare = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    if is_bare { (FP7_FUNDER, id) } else { id.split_once("::").unwrap_or(("", id)) }
}

/// Returns a person as the server does: the name split at its only comma and joined again, ids
/// bare, the role in the server's spelling.
pub(super) fn normalize_person(person: &Person) -> Person {
    let Person { name, affiliation, orcid, gnd, role, details } = person;
    Person {
        name: if details.names.is_some() { tidy(name) } else { normalize_name(name) },
        affiliation: normalize_option(affiliation.as_deref()),
        details: details.clone(),
        orcid: orcid.as_deref().filter(|id| !id.is_empty()).map(strip_orcid),
        gnd: gnd.as_deref().filter(|id| !id.is_empty()).map(|id| strip_gnd(id).to_owned()),
        role: role.as_deref().map(|role| match_spelling(role, &list_contributor_types())),
    }
}

/// Returns a name as the server does.
///
/// Source: zenodo-notes.md section 4, 2026-11-23: a name with two commas stays one.
fn normalize_name(name: &str) -> String {
    let name = tidy(name);
    let parts: Vec<&str> = name.split(',').map(str::trim).collect();
    match parts.as_slice() {
        [family, given] if !family.is_empty() && !given.is_empty() => format!("{family}, {given}"),
        [one, ""] | ["", one] => (*one).to_owned(),
        // The server splits only at a single comma: `Doe, Jane, Dr` is one family name there.
        _ => name,
    }
}

/// Returns related identifiers with their schemes, alternate ones last.
pub(super) fn normalize_related(items: &[Related]) -> Vec<Related> {
    sort_alternates_last(items).into_iter().map(normalize_related_item).collect()
}

/// Returns related identifiers in the order in which they come back.
pub(super) fn sort_alternates_last(items: &[Related]) -> Vec<&Related> {
    let (alternates, others): (Vec<&Related>, Vec<&Related>) =
        items.iter().partition(|item| is_alternate(item));
    others.into_iter().chain(alternates).collect()
}

fn is_alternate(item: &Related) -> bool {
    item.relation.eq_ignore_ascii_case(ALTERNATE)
}

pub(super) fn normalize_related_item(item: &Related) -> Related {
    let Related { identifier, relation, resource_type, scheme } = item;
    // A link to a member becomes the member's DOI.
    let found = find_link(identifier).map_or_else(|| find_scheme(identifier), |_| Some("doi"));
    let found = found.map(str::to_owned);
    Related {
        identifier: normalize_identifier(identifier),
        relation: match_spelling(relation, &list_relations()),
        // An alternate identifier is the work itself, and has no type of its own.
        resource_type: resource_type.clone().filter(|kind| !kind.is_empty() && !is_alternate(item)),
        // The server determines the scheme itself and ignores a sent one.
        scheme: found.or_else(|| scheme.clone()),
    }
}

pub(super) fn normalize_subject(subject: &Subject) -> Subject {
    let Subject { term, identifier, scheme, is_known } = subject;
    Subject {
        is_known: *is_known,
        term: tidy(term),
        identifier: tidy(identifier),
        scheme: normalize_option(scheme.as_deref()),
    }
}

pub(super) fn normalize_location(location: &Location) -> Location {
    let description = normalize_option(location.description.as_deref());
    Location { place: tidy(&location.place), description, ..location.clone() }
}

pub(super) fn normalize_date(date: &DateInterval) -> DateInterval {
    let DateInterval { start, end, kind, description } = date;
    DateInterval {
        start: start.clone(),
        end: end.clone(),
        kind: kind.to_lowercase(),
        description: normalize_option(description.as_deref()),
    }
}

/// Tidies an optional text; an empty one becomes `None`.
fn normalize_option(text: Option<&str>) -> Option<String> {
    text.map(tidy).filter(|text| !text.is_empty())
}

/// Returns the word of a list that equals a text in any case; else the text.
pub(super) fn match_spelling(text: &str, words: &[&str]) -> String {
    let known = words.iter().find(|word| word.eq_ignore_ascii_case(text));
    known.map_or_else(|| text.to_owned(), |word| (*word).to_owned())
}
