//! What of metadata the deposit API can say.

use crate::model::{
    DateInterval, Field, Funding, License, Location, Metadata, Person, PersonDetails, Value,
};
use crate::vocab::{is_deposit_relation, is_deposit_role};

use super::one_form::list_own_descriptions;

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
        for (field, kinds) in list_own_descriptions() {
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
