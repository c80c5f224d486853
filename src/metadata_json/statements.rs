//! Values that only the records API has, as JSON under the manifest's keys.

use std::collections::BTreeMap;

use serde_json::{Number, Value as Json, json};

use crate::model::{CustomFields, CustomValue, Funding, License, TypedText};

use super::parts::{make_object, read_key, text_to_json};

pub(super) fn typed_text_to_json(item: &TypedText) -> Json {
    let TypedText { text, kind, language } = item;
    make_object([
        ("text", Some(json!(text))),
        ("kind", Some(kind).filter(|kind| !kind.is_empty()).map(|kind| json!(kind))),
        ("language", text_to_json(language.as_ref())),
    ])
}

pub(super) fn read_typed_text(json: &Json) -> Option<TypedText> {
    Some(TypedText {
        text: read_key(json, "text")?,
        kind: read_key(json, "kind").unwrap_or_default(),
        language: read_key(json, "language"),
    })
}

pub(super) fn license_to_json(license: &License) -> Json {
    let License { id, title, description, link } = license;
    make_object([
        ("id", text_to_json(id.as_ref())),
        ("title", text_to_json(title.as_ref())),
        ("description", text_to_json(description.as_ref())),
        ("link", text_to_json(link.as_ref())),
    ])
}

pub(super) fn read_license(json: &Json) -> Option<License> {
    json.as_object()?;
    Some(License {
        id: read_key(json, "id"),
        title: read_key(json, "title"),
        description: read_key(json, "description"),
        link: read_key(json, "link"),
    })
}

pub(super) fn funding_to_json(funding: &Funding) -> Json {
    let Funding { funder_ror, funder_name, award_id, number, title, url } = funding;
    let funder = make_object([
        ("ror", text_to_json(funder_ror.as_ref())),
        ("name", text_to_json(funder_name.as_ref())),
    ]);
    let award = make_object([
        ("id", text_to_json(award_id.as_ref())),
        ("number", text_to_json(number.as_ref())),
        ("title", text_to_json(title.as_ref())),
        ("url", text_to_json(url.as_ref())),
    ]);
    let filled = |part: Json| Some(part).filter(|part| part != &json!({}));
    make_object([("funder", filled(funder)), ("award", filled(award))])
}

pub(super) fn read_funding(json: &Json) -> Option<Funding> {
    json.as_object()?;
    let (funder, award) = (&json["funder"], &json["award"]);
    Some(Funding {
        funder_ror: read_key(funder, "ror"),
        funder_name: read_key(funder, "name"),
        award_id: read_key(award, "id"),
        number: read_key(award, "number"),
        title: read_key(award, "title"),
        url: read_key(award, "url"),
    })
}

pub(super) fn custom_fields_to_json(fields: &CustomFields) -> Json {
    Json::Object(
        fields.0.iter().map(|(name, value)| (name.clone(), custom_to_json(value))).collect(),
    )
}

/// Returns the value of a custom field as JSON.
pub fn custom_to_json(value: &CustomValue) -> Json {
    match value {
        CustomValue::Text(text) => json!(text),
        // It was read from a number.
        CustomValue::Number(text) => text.parse::<Number>().map_or(json!(text), Json::Number),
        CustomValue::Flag(flag) => json!(flag),
        CustomValue::List(items) => items.iter().map(custom_to_json).collect(),
        CustomValue::Table(table) => Json::Object(
            table.iter().map(|(key, value)| (key.clone(), custom_to_json(value))).collect(),
        ),
    }
}

pub(super) fn read_custom_fields(json: &Json) -> Option<CustomFields> {
    let fields = json.as_object()?.iter();
    let read = fields.map(|(name, value)| Some((name.clone(), custom_from_json(value)?)));
    Some(CustomFields(read.collect::<Option<BTreeMap<_, _>>>()?))
}

/// Reads the value of a custom field; `None` for null, which says nothing.
pub fn custom_from_json(json: &Json) -> Option<CustomValue> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(flag) => CustomValue::Flag(*flag),
        Json::Number(number) => CustomValue::spell_number(&number.to_string()),
        Json::String(text) => CustomValue::Text(text.clone()),
        Json::Array(items) => {
            CustomValue::List(items.iter().filter_map(custom_from_json).collect())
        }
        Json::Object(object) => {
            let pairs = object.iter();
            CustomValue::Table(
                pairs.filter_map(|(key, it)| Some((key.clone(), custom_from_json(it)?))).collect(),
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::option::of;
    use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};

    use crate::metadata_json::{metadata_from_json, metadata_to_json};
    use crate::model::{Affiliation, Field, Identifier, Metadata, Person, Value};

    use super::*;

    fn words() -> impl Strategy<Value = String> {
        any::<String>().prop_filter("an empty text is no value", |text| !text.is_empty())
    }

    proptest! {
        #[test]
        fn what_only_the_records_api_says_survives_a_plan_file(
            (text, more) in (words(), of(words())),
            number in any::<f64>().prop_filter("JSON has no other", |number| number.is_finite()),
        ) {
            let mut metadata = Metadata::default();
            let item = TypedText { text: text.clone(), kind: "other".to_owned(), language: more.clone() };
            metadata.set(Field::Titles, Value::TypedTexts(vec![item]));
            let license = License { title: Some(text.clone()), link: more.clone(), ..License::default() };
            metadata.set(Field::Licenses, Value::Licenses(vec![license]));
            let funding = Funding { funder_name: Some(text.clone()), number: more.clone(), ..Funding::default() };
            metadata.set(Field::Funding, Value::Funding(vec![funding]));
            let mut person = Person { name: text.clone(), ..Person::default() };
            person.details.is_organization = more.is_some();
            person.details.names = more.clone().map(|given| (text.clone(), given));
            person.details.affiliations = vec![Affiliation { name: more.clone(), ror: Some(text.clone()) }];
            person.details.identifiers =
                vec![Identifier { scheme: "ror".to_owned(), identifier: text.clone() }];
            metadata.set(Field::Creators, Value::People(vec![person].into()));
            let table = BTreeMap::from([(text.clone(), CustomValue::Flag(more.is_some()))]);
            let list = vec![CustomValue::spell_number(&number.to_string()), CustomValue::Table(table)];
            let fields = BTreeMap::from([(text, CustomValue::List(list))]);
            metadata.set(Field::Custom, Value::Custom(CustomFields(fields)));
            let read: Json = serde_json::from_str(&metadata_to_json(&metadata).to_string()).unwrap();
            prop_assert_eq!(metadata_from_json(&read), Some(metadata));
        }
    }
}
