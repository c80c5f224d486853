//! Metadata between the two APIs: the vocabulary words of each.

use std::collections::BTreeMap;

use crate::model::{
    Field, FieldKind, Funding, License, Metadata, Person, Related, TypedText, Value,
};
use crate::vocab::{
    find_funder_ror, find_language_alpha3, find_license, find_license_kept_as_text,
    find_license_text, is_license_text, list_contributor_types, list_relations, tidy,
};

use super::one_form::unify_fields;
use super::server_normalization::{
    drop_what_does_not_apply, match_spelling, normalize_date, normalize_funding, normalize_grant,
    normalize_location, normalize_person, normalize_related_item, normalize_subject,
};

/// The publisher that the deposit API sets.
const PUBLISHER: &str = "Zenodo";

/// Returns metadata that the records API shows with the vocabulary words as the deposit API spells
/// them: the ids of licences, roles and relations. Texts stay, which the server has cleaned already.
pub fn respell_words(held: &Metadata) -> Metadata {
    let mut shown = Metadata::default();
    for (field, value) in held.iter() {
        if !is_kept_as_text(value) {
            shown.set(field, respell_value(field, value));
        }
    }
    // An award without a funder is a grant that the deposit API does not show.
    unify_fields(&shown)
}

/// Returns whether it is the licence that the deposit API keeps as a text: a manifest names it by
/// its id.
fn is_kept_as_text(value: &Value) -> bool {
    let Value::Licenses(licenses) = value else { return false };
    let [License { id: None, title: Some(title), .. }] = licenses.as_slice() else { return false };
    is_license_text(title)
}

fn respell_value(field: Field, value: &Value) -> Value {
    if let Value::Text(id) = value
        && field == Field::License
    {
        let known = find_license(id);
        return Value::Text(known.map_or(id.clone(), |license| license.returned_as.clone()));
    }
    if let Value::People(people) = value {
        let roles = list_contributor_types();
        let respell = |person: &Person| Person {
            role: person.role.as_deref().map(|role| match_spelling(role, &roles)),
            ..person.clone()
        };
        return Value::People(people.iter().map(respell).collect());
    }
    let Value::Related(items) = value else { return value.clone() };
    let relations = list_relations();
    let respell = |item: &Related| Related {
        relation: match_spelling(&item.relation, &relations),
        ..item.clone()
    };
    Value::Related(items.iter().map(respell).collect())
}

/// Returns metadata as the records API takes them: with its own vocabulary words, and with what the
/// deposit API adds by itself.
pub fn spell_for_records_api(metadata: &Metadata) -> Metadata {
    let mut spelled = Metadata::default();
    for (field, value) in metadata.iter() {
        // The server drops them, and a plan knows that.
        if field != Field::AccessConditions {
            spell_value(field, value, &mut spelled);
        }
    }
    drop_what_does_not_apply(&mut spelled);
    if spelled.text(Field::ImprintPublisher).is_none() {
        spelled.set_text(Field::ImprintPublisher, PUBLISHER);
    }
    if spelled.text(Field::AccessRight) == Some("closed") {
        spelled.set_text(Field::AccessRight, "restricted");
    }
    spelled
}

fn spell_value(field: Field, value: &Value, spelled: &mut Metadata) {
    let value = match value {
        Value::Text(id) if field == Field::License => match find_license(id) {
            Some(license) => Value::Text(license.id.clone()),
            None => return spell_license_text(id, spelled),
        },
        Value::Text(code) if field == Field::Language => Value::Text(spell_language(code)),
        Value::List(codes) if field == Field::Languages => {
            Value::List(codes.iter().map(|code| spell_language(code)).collect())
        }
        Value::List(grants) if field == Field::Grants => {
            Value::List(grants.iter().map(|id| spell_award(id)).collect())
        }
        Value::People(people) => Value::People(people.iter().map(spell_person).collect()),
        Value::Related(items) => Value::Related(items.iter().map(spell_related).collect()),
        Value::Dates(dates) => Value::Dates(dates.iter().map(normalize_date).collect()),
        Value::TypedTexts(items) => {
            let spell = |item: &TypedText| TypedText {
                language: item.language.as_deref().map(spell_language),
                text: if field == Field::Titles { tidy(&item.text) } else { item.text.clone() },
                ..item.clone()
            };
            Value::TypedTexts(items.iter().map(spell).collect())
        }
        Value::Licenses(licenses) => Value::Licenses(licenses.iter().map(spell_license).collect()),
        // Plain texts as the deposit API keeps them, so that both APIs write the same record.
        Value::Text(text) if field.kind() != FieldKind::Html => Value::Text(tidy(text)),
        Value::List(items) => Value::List(items.iter().map(|item| tidy(item)).collect()),
        Value::Subjects(items) => Value::Subjects(items.iter().map(normalize_subject).collect()),
        Value::Locations(items) => Value::Locations(items.iter().map(normalize_location).collect()),
        Value::Funding(items) => Value::Funding(items.iter().map(spell_funding).collect()),
        Value::Text(_) | Value::Custom(_) => value.clone(),
    };
    spelled.set(field, value);
}

/// Spells a licence by its id in the server's vocabulary, or as the text under which the deposit API
/// keeps it.
fn spell_license(license: &License) -> License {
    let Some(id) = license.id.as_deref() else { return license.clone() };
    if let Some(known) = find_license(id) {
        return License { id: Some(known.id.clone()), ..license.clone() };
    }
    match find_license_kept_as_text(id).and_then(find_license_text) {
        Some(text) => License { title: Some(text.to_owned()), ..License::default() },
        None => license.clone(),
    }
}

/// Spells a licence that no vocabulary of the server has: the deposit API keeps some as texts.
fn spell_license_text(id: &str, spelled: &mut Metadata) {
    let license = License { id: Some(id.to_owned()), ..License::default() };
    let license = spell_license(&license);
    match license.id {
        Some(id) => spelled.set_text(Field::License, id),
        None => spelled.set(Field::Licenses, Value::Licenses(vec![license])),
    }
}

fn spell_language(code: &str) -> String {
    find_language_alpha3(code).unwrap_or(code).to_owned()
}

/// Returns the id of an award: the funder by its ROR id, then the number.
fn spell_award(grant: &str) -> String {
    let id = normalize_grant(grant, &BTreeMap::new());
    match id.split_once("::") {
        Some((funder, number)) => {
            format!("{}::{number}", find_funder_ror(funder).unwrap_or(funder))
        }
        None => id,
    }
}

fn spell_person(person: &Person) -> Person {
    let mut spelled = normalize_person(person);
    spelled.role = spelled.role.map(|role| role.to_lowercase());
    spelled.drop_known_names();
    spelled
}

fn spell_funding(funding: &Funding) -> Funding {
    let mut spelled = normalize_funding(funding);
    spelled.drop_known_name();
    spelled
}

fn spell_related(item: &Related) -> Related {
    let item = normalize_related_item(item);
    // The one that the deposit API has of an alternate identifier is no relation here.
    let is_alternate = item.relation.eq_ignore_ascii_case("isAlternateIdentifier");
    let relation = if is_alternate { item.relation } else { item.relation.to_lowercase() };
    Related { relation, ..item }
}
