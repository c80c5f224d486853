//! Metadata between the two APIs: the vocabulary words of each, and the one form of values that both
//! have.

use std::collections::BTreeMap;

use crate::model::{
    Affiliation, DateInterval, Field, FieldKind, Funding, License, Location, Metadata, Person,
    PersonDetails, Related, Subject, TypedText, Value,
};
use crate::vocab::{
    find_funder_ror, find_language_alpha3, find_license, find_license_kept_as_text,
    find_license_text, is_deposit_relation, is_deposit_role, is_license_text,
    list_contributor_types, list_relations, tidy,
};

use super::server_normalization::{
    drop_what_does_not_apply, match_spelling, normalize_date, normalize_funding, normalize_grant,
    normalize_location, normalize_person, normalize_related_item, normalize_subject,
};

/// The publisher that the deposit API sets.
const PUBLISHER: &str = "Zenodo";

/// Descriptions that have a field of their own: the field, the kind that is written, and those that
/// are read.
const OWN_DESCRIPTIONS: [(Field, &str, &[&str]); 2] =
    [(Field::Notes, "other", &["other", "notes"]), (Field::Method, "methods", &["methods"])];

/// Returns metadata in the one form that they are read in: a value that the deposit API's field says
/// is there, and any other whole in the field of the records API's own.
pub fn unify_fields(metadata: &Metadata) -> Metadata {
    let mut unified = metadata.clone();
    if let Some(Value::List(all)) = unified.get(Field::Languages)
        && let [only] = all.as_slice()
    {
        let only = only.clone();
        unified.remove(Field::Languages);
        unified.set_text(Field::Language, only);
    }
    if let Some(Value::Licenses(all)) = unified.get(Field::Licenses)
        && let [License { id: Some(id), .. }] = all.as_slice()
    {
        let id = id.clone();
        unified.remove(Field::Licenses);
        unified.set_text(Field::License, id);
    }
    if let Some(Value::Funding(all)) = unified.get(Field::Funding)
        && let Some(ids) = all.iter().map(|one| one.award_id.clone()).collect::<Option<Vec<_>>>()
    {
        unified.remove(Field::Funding);
        unified.set(Field::Grants, Value::List(ids));
    }
    // The server has the two kinds of subjects in two lists.
    if let Some(Value::Subjects(all)) = unified.get(Field::Subjects) {
        let (known, own): (Vec<Subject>, Vec<Subject>) =
            all.iter().cloned().partition(|subject| subject.is_known);
        unified.set(Field::Subjects, Value::Subjects(own.into_iter().chain(known).collect()));
    }
    for (field, kind, kinds) in OWN_DESCRIPTIONS {
        unify_descriptions(&mut unified, field, (kind, kinds));
    }
    unified
}

/// Keeps the only description of some kinds in its field, and several in the list.
fn unify_descriptions(metadata: &mut Metadata, field: Field, (kind, kinds): (&str, &[&str])) {
    let Some(Value::TypedTexts(listed)) = metadata.get(Field::Descriptions) else { return };
    let is_of = |item: &TypedText| kinds.contains(&item.kind.as_str());
    let mut listed = listed.clone();
    match metadata.text(field) {
        Some(text) if listed.iter().any(is_of) => {
            let item = TypedText { text: text.to_owned(), kind: kind.to_owned(), language: None };
            listed.insert(0, item);
            metadata.remove(field);
        }
        None if listed.iter().filter(|item| is_of(item)).count() == 1 => {
            let at = listed.iter().position(|item| is_of(item) && item.language.is_none());
            let Some(at) = at else { return };
            metadata.set_text(field, listed.remove(at).text);
        }
        Some(_) | None => return,
    }
    metadata.set(Field::Descriptions, Value::TypedTexts(listed));
}

/// Returns what the deposit API can say of metadata: its PUT would lose the rest.
///
/// Source: records-api-facts.md section 10, 2026-11-28.
pub fn select_deposit_fields(metadata: &Metadata) -> Metadata {
    let mut said = Metadata::default();
    for (field, value) in metadata.iter() {
        if !field.is_native() {
            said.set(field, select_deposit_value(field, value));
        }
    }
    select_first_values(metadata, &mut said);
    said
}

fn select_deposit_value(field: Field, value: &Value) -> Value {
    match value {
        Value::People(people) => {
            let keep = |person: &Person| select_deposit_person(field, person);
            Value::People(people.iter().map(keep).collect())
        }
        Value::Subjects(subjects) => {
            Value::Subjects(subjects.iter().filter(|subject| !subject.is_known).cloned().collect())
        }
        Value::Locations(places) => {
            let named = places.iter().filter(|place| !place.place.is_empty()).cloned();
            let plain =
                named.map(|place| Location { geometry: None, identifiers: Vec::new(), ..place });
            Value::Locations(plain.collect())
        }
        Value::Dates(dates) => {
            Value::Dates(dates.iter().filter(|date| !has_time(date)).cloned().collect())
        }
        Value::Related(items) => {
            let plain = items.iter().filter(|item| is_deposit_relation(&item.relation));
            Value::Related(plain.cloned().collect())
        }
        Value::Text(_)
        | Value::List(_)
        | Value::TypedTexts(_)
        | Value::Licenses(_)
        | Value::Funding(_)
        | Value::Custom(_) => value.clone(),
    }
}

/// Returns the fields of which the deposit API would lose something.
pub fn list_native_fields(metadata: &Metadata) -> Vec<Field> {
    let said = select_deposit_fields(metadata);
    metadata
        .iter()
        .filter(|(field, value)| said.get(*field) != Some(value))
        .map(|(field, _)| field)
        .collect()
}

/// Adds the one value that the deposit API shows of several.
fn select_first_values(metadata: &Metadata, said: &mut Metadata) {
    if let Some(Value::List(all)) = metadata.get(Field::Languages)
        && let Some(first) = all.first()
    {
        said.set_text(Field::Language, first);
    }
    if let Some(Value::Licenses(all)) = metadata.get(Field::Licenses)
        && let Some(License { id: Some(id), .. }) = all.first()
    {
        said.set_text(Field::License, id);
    }
    if let Some(Value::Funding(all)) = metadata.get(Field::Funding) {
        let ids = all.iter().filter_map(|one: &Funding| one.award_id.clone());
        said.set(Field::Grants, Value::List(ids.collect()));
    }
    if let Some(Value::TypedTexts(all)) = metadata.get(Field::Descriptions) {
        for (field, _, kinds) in OWN_DESCRIPTIONS {
            if let Some(last) = all.iter().rfind(|item| kinds.contains(&item.kind.as_str())) {
                said.set_text(field, &last.text);
            }
        }
    }
}

fn select_deposit_person(field: Field, person: &Person) -> Person {
    let first = person.list_affiliations().into_iter().next();
    Person {
        affiliation: first.and_then(|home| home.name),
        role: person
            .role
            .clone()
            .filter(|role| field == Field::Contributors && is_deposit_role(role)),
        details: PersonDetails::default(),
        ..person.clone()
    }
}

/// Returns whether a date has a time of the day, which the deposit API does not take.
fn has_time(date: &DateInterval) -> bool {
    [&date.start, &date.end].into_iter().flatten().any(|end| end.contains('T'))
}

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
    match value {
        Value::Text(id) if field == Field::License => {
            let known = find_license(id);
            Value::Text(known.map_or(id.clone(), |license| license.returned_as.clone()))
        }
        Value::People(people) => {
            let roles = list_contributor_types();
            let respell = |person: &Person| Person {
                role: person.role.as_deref().map(|role| match_spelling(role, &roles)),
                ..person.clone()
            };
            Value::People(people.iter().map(respell).collect())
        }
        Value::Related(items) => {
            let relations = list_relations();
            let respell = |item: &Related| Related {
                relation: match_spelling(&item.relation, &relations),
                ..item.clone()
            };
            Value::Related(items.iter().map(respell).collect())
        }
        Value::Text(_)
        | Value::List(_)
        | Value::Subjects(_)
        | Value::Locations(_)
        | Value::Dates(_)
        | Value::TypedTexts(_)
        | Value::Licenses(_)
        | Value::Funding(_)
        | Value::Custom(_) => value.clone(),
    }
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
        Value::Funding(items) => Value::Funding(items.iter().map(normalize_funding).collect()),
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
    spelled.set_affiliations(
        person
            .list_affiliations()
            .into_iter()
            // The server has the name of one that it knows.
            .map(|home| Affiliation { name: home.name.filter(|_| home.ror.is_none()), ..home })
            .collect(),
    );
    spelled
}

fn spell_related(item: &Related) -> Related {
    let item = normalize_related_item(item);
    // The one that the deposit API has of an alternate identifier is no relation here.
    let is_alternate = item.relation.eq_ignore_ascii_case("isAlternateIdentifier");
    let relation = if is_alternate { item.relation } else { item.relation.to_lowercase() };
    Related { relation, ..item }
}
