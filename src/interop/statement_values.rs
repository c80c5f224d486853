//! Converts what only the records API says to what a manifest takes.

use std::collections::BTreeMap;

use crate::manifest::{is_too_short, takes_custom_field};
use crate::model::{
    Affiliation, CustomFields, CustomValue, Field, Funding, License, Person, TypedText, Value,
};
use crate::observed::UnsupportedValue;
use crate::vocab::{self, identifiers};

use super::kept_texts::{is_nothing, trim_filled};
use super::unsupported::quote_unsupported;

/// Selects what only the records API says of a person: affiliations and ids that a manifest takes.
pub(in crate::interop) fn select_person_details(
    person: &Person,
    kept: &mut Person,
    place: &str,
    unsupported: &mut Vec<UnsupportedValue>,
) {
    let mut homes: Vec<Affiliation> = Vec::new();
    for home in person.list_affiliations() {
        let name = trim_filled(home.name.as_ref());
        let ror = home.ror.filter(|ror| {
            let is_good = identifiers::find_ror_fault(ror).is_none();
            if !is_good {
                unsupported.push(quote_unsupported(&format!("{place}.affiliations"), ror));
            }
            is_good
        });
        let home = Affiliation { name, ror };
        // The server refuses the same one twice.
        if home != Affiliation::default() && !homes.contains(&home) {
            homes.push(home);
        }
    }
    kept.set_affiliations(homes);
    kept.details.is_organization = person.details.is_organization;
    kept.details.names = person.details.names.clone().filter(|(family, _)| !is_nothing(family));
    for id in &person.details.identifiers {
        let is_good = match id.scheme.as_str() {
            "isni" => identifiers::find_isni_fault(&id.identifier).is_none(),
            "ror" => identifiers::find_ror_fault(&id.identifier).is_none(),
            _ => false,
        };
        if is_good {
            kept.details.identifiers.push(id.clone());
        } else {
            unsupported.push(quote_unsupported(&format!("{place}.identifiers"), &id.to_string()));
        }
    }
}

/// Selects the values of fields that only the records API has.
pub(in crate::interop) fn select_statements(
    field: Field,
    value: &Value,
    unsupported: &mut Vec<UnsupportedValue>,
) -> Value {
    match value {
        Value::TypedTexts(items) => {
            let select = |item: &TypedText| select_typed_text(field, item);
            Value::TypedTexts(select_each(field, items, select, unsupported))
        }
        Value::Licenses(items) => {
            Value::Licenses(select_each(field, items, select_license, unsupported))
        }
        Value::Funding(items) => {
            Value::Funding(select_each(field, items, select_funding, unsupported))
        }
        Value::Custom(fields) => Value::Custom(select_custom_fields(fields, unsupported)),
        Value::Text(_)
        | Value::List(_)
        | Value::People(_)
        | Value::Related(_)
        | Value::Subjects(_)
        | Value::Locations(_)
        | Value::Dates(_) => value.clone(),
    }
}

/// Selects the items that a manifest takes, each once, and reports the others.
fn select_each<T: Clone + PartialEq + ToString>(
    field: Field,
    items: &[T],
    select: impl Fn(&T) -> Option<T>,
    unsupported: &mut Vec<UnsupportedValue>,
) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        match select(item) {
            Some(item) if kept.contains(&item) => {}
            Some(item) => kept.push(item),
            None => {
                let place = format!("{field}[{at}]");
                unsupported.push(quote_unsupported(&place, &item.to_string()));
            }
        }
    }
    kept
}

fn select_typed_text(field: Field, item: &TypedText) -> Option<TypedText> {
    let kinds = if field == Field::Titles {
        vocab::list_title_types()
    } else {
        vocab::list_description_types()
    };
    let is_kind =
        kinds.contains(&item.kind.as_str()) || (item.kind.is_empty() && field == Field::Titles);
    let text = trim_filled(Some(&item.text))?;
    let is_long = !is_too_short(field, &text);
    let known = |code: &String| vocab::find_language_alpha3(code).is_some();
    let is_language = item.language.as_ref().is_none_or(known);
    (is_kind && is_long && is_language).then(|| TypedText { text, ..item.clone() })
}

fn select_license(license: &License) -> Option<License> {
    // A manifest names one by an id that it knows, or by its title.
    if let Some(id) = &license.id {
        let is_known = vocab::find_license_id(id) == Some(id.as_str());
        return is_known.then(|| License { id: Some(id.clone()), ..License::default() });
    }
    let link = trim_filled(license.link.as_ref());
    if link.as_deref().is_some_and(|link| !vocab::is_web_address(link)) {
        return None;
    }
    Some(License {
        id: None,
        title: Some(trim_filled(license.title.as_ref())?),
        description: trim_filled(license.description.as_ref()),
        link,
    })
}

fn select_funding(funding: &Funding) -> Option<Funding> {
    let trimmed = Funding {
        funder_ror: trim_filled(funding.funder_ror.as_ref()),
        funder_name: trim_filled(funding.funder_name.as_ref()),
        award_id: trim_filled(funding.award_id.as_ref()),
        number: trim_filled(funding.number.as_ref()),
        title: trim_filled(funding.title.as_ref()),
        url: trim_filled(funding.url.as_ref()),
    };
    let is_funder = |ror: &String| identifiers::find_ror_fault(ror).is_none();
    let is_named =
        trimmed.funder_ror.is_some() || trimmed.funder_name.is_some() || trimmed.award_id.is_some();
    let is_whole = trimmed.number.is_some() == trimmed.title.is_some()
        && (trimmed.url.is_none() || trimmed.title.is_some());
    let is_good = trimmed.funder_ror.as_ref().is_none_or(is_funder)
        && trimmed.url.as_deref().is_none_or(vocab::is_web_address);
    (is_named && is_whole && is_good).then_some(trimmed)
}

fn select_custom_fields(
    fields: &CustomFields,
    unsupported: &mut Vec<UnsupportedValue>,
) -> CustomFields {
    let mut kept = BTreeMap::new();
    for (name, value) in &fields.0 {
        match select_custom(value).filter(|value| takes_custom_field(name, value)) {
            Some(value) => {
                kept.insert(name.clone(), value);
            }
            None => {
                unsupported.push(quote_unsupported(&format!("custom.{name}"), &value.to_string()));
            }
        }
    }
    CustomFields(kept)
}

/// Returns a value without empty parts; `None` when nothing is left.
fn select_custom(value: &CustomValue) -> Option<CustomValue> {
    match value {
        CustomValue::Text(text) => trim_filled(Some(text)).map(CustomValue::Text),
        CustomValue::Number(_) | CustomValue::Flag(_) => Some(value.clone()),
        CustomValue::List(items) => {
            let items: Vec<CustomValue> = items.iter().filter_map(select_custom).collect();
            (!items.is_empty()).then_some(CustomValue::List(items))
        }
        CustomValue::Table(table) => {
            let pairs = table.iter();
            let table: BTreeMap<String, CustomValue> =
                pairs.filter_map(|(key, it)| Some((key.clone(), select_custom(it)?))).collect();
            (!table.is_empty()).then_some(CustomValue::Table(table))
        }
    }
}
