//! Test only: compares the recordings of the real server with `compare`.
//!
//! Each step that sends metadata and gets a deposition back is a pair of sent and returned. The
//! JSON reader is small and only for this test; the real one is in `wire`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::model::{
    DateInterval, Field, FieldKind, Location, Metadata, Person, PersonDetails, Related, Subject,
    Value,
};

use super::{find_metadata_changes, is_equivalent_text, normalize_as_server};

const SCENARIOS: [(&str, &str); 10] = [
    ("access", include_str!("../../tests/contract/access.json")),
    ("communities", include_str!("../../tests/contract/communities-declined-and-versions.json")),
    ("create-with-metadata", include_str!("../../tests/contract/create-with-metadata.json")),
    ("edit-published", include_str!("../../tests/contract/edit-published.json")),
    (
        "deposit-texts-of-other-times",
        include_str!("../../tests/contract/deposit-texts-of-other-times.json"),
    ),
    ("html-cleaning", include_str!("../../tests/contract/html-cleaning.json")),
    ("licences-returned", include_str!("../../tests/contract/licences-returned.json")),
    ("lossy-put", include_str!("../../tests/contract/lossy-put.json")),
    ("metadata-full", include_str!("../../tests/contract/metadata-full.json")),
    ("metadata-invalid", include_str!("../../tests/contract/metadata-invalid.json")),
];

/// Texts cleaned by the libraries that the server uses: `[[sent, returned], …]`.
const MORE_TEXTS: &str = include_str!("../../tests/data/html-pairs.json");

/// A step that sent metadata and was answered with a deposition.
struct Step {
    name: String,
    sent: Json,
    returned: Json,
}

fn read_steps(scenario: &str) -> Vec<Step> {
    let text = SCENARIOS.iter().find(|(name, _)| *name == scenario).unwrap().1;
    let recording: Json = serde_json::from_str(text).unwrap();
    let steps = recording["steps"].as_array().unwrap().iter();
    steps
        .filter(|step| step["path"].as_str().unwrap().starts_with("/api/deposit/depositions"))
        .filter(|step| step["json"]["metadata"].is_object())
        .filter(|step| step["response"]["body"]["metadata"].is_object())
        .map(|step| Step {
            name: format!("{scenario}: {}", step["name"].as_str().unwrap()),
            sent: step["json"]["metadata"].clone(),
            returned: step["response"]["body"]["metadata"].clone(),
        })
        .collect()
}

fn list_changed_fields(step: &Step) -> Vec<Field> {
    let (sent, returned) = (parse_metadata(&step.sent), parse_metadata(&step.returned));
    let none = BTreeMap::new();
    let changes = find_metadata_changes(&sent, &returned, &BTreeMap::new(), &none);
    changes.iter().map(|change| change.field).collect()
}

fn parse_metadata(json: &Json) -> Metadata {
    let mut metadata = Metadata::default();
    for field in Field::ALL {
        let value = &json[field.name()];
        if !value.is_null() {
            metadata.set(*field, parse_value(*field, value));
        }
    }
    metadata
}

fn parse_value(field: Field, json: &Json) -> Value {
    match field.kind() {
        FieldKind::Text | FieldKind::Html => Value::Text(json.as_str().unwrap().to_owned()),
        FieldKind::List => Value::List(parse_texts(json)),
        FieldKind::People => Value::People(parse_each(json, parse_person).into()),
        FieldKind::Related => Value::Related(parse_each(json, |item| Related {
            identifier: read_text(item, "identifier"),
            relation: read_text(item, "relation"),
            resource_type: read_option(item, "resource_type"),
            scheme: read_option(item, "scheme"),
        })),
        FieldKind::Subjects => Value::Subjects(parse_each(json, |item| Subject {
            term: read_text(item, "term"),
            identifier: read_text(item, "identifier"),
            scheme: read_option(item, "scheme"),
            is_known: false,
        })),
        FieldKind::Locations => Value::Locations(parse_each(json, |item| Location {
            place: read_text(item, "place"),
            lat: item["lat"].as_f64(),
            lon: item["lon"].as_f64(),
            description: read_option(item, "description"),
            ..Location::default()
        })),
        FieldKind::Dates => Value::Dates(parse_each(json, |item| DateInterval {
            start: read_option(item, "start"),
            end: read_option(item, "end"),
            kind: read_text(item, "type"),
            description: read_option(item, "description"),
        })),
        FieldKind::TypedTexts | FieldKind::Licenses | FieldKind::Funding | FieldKind::Custom => {
            panic!("the deposit API has no `{field}`")
        }
    }
}

fn parse_person(item: &Json) -> Person {
    Person {
        name: read_text(item, "name"),
        affiliation: read_option(item, "affiliation"),
        orcid: read_option(item, "orcid"),
        gnd: read_option(item, "gnd"),
        role: read_option(item, "type"),
        details: PersonDetails::default(),
    }
}

fn parse_each<T>(json: &Json, read: impl Fn(&Json) -> T) -> Vec<T> {
    json.as_array().unwrap().iter().map(read).collect()
}

fn parse_texts(json: &Json) -> Vec<String> {
    // The server reads a text in place of a list as a list of letters.
    if let Some(one) = json.as_str() {
        return vec![one.to_owned()];
    }
    parse_each(json, |item| item.as_str().or(item["id"].as_str()).unwrap().to_owned())
}

fn read_text(item: &Json, key: &str) -> String {
    read_option(item, key).unwrap_or_default()
}

fn read_option(item: &Json, key: &str) -> Option<String> {
    item[key].as_str().map(str::to_owned)
}

#[test]
fn no_change_in_any_recorded_answer() {
    let mut n_steps = 0;
    for (scenario, _) in SCENARIOS.iter().filter(|(name, _)| *name != "metadata-invalid") {
        for step in read_steps(scenario) {
            assert_eq!(list_changed_fields(&step), [], "{}", step.name);
            n_steps += 1;
        }
    }
    assert_eq!(n_steps, 68);
}

#[test]
fn what_comes_back_is_foreseen_letter_by_letter() {
    for (scenario, _) in SCENARIOS.iter().filter(|(name, _)| *name != "metadata-invalid") {
        for step in read_steps(scenario) {
            let mut returned = parse_metadata(&step.returned);
            returned.remove(Field::Doi);
            let sent = parse_metadata(&step.sent);
            // The server uses its own day when no date is sent.
            if sent.get(Field::PublicationDate).is_none() {
                returned.remove(Field::PublicationDate);
            }
            assert_eq!(normalize_as_server(&sent), returned, "{}", step.name);
        }
    }
}

#[test]
fn what_the_server_dropped_is_seen() {
    let found: BTreeMap<String, Vec<Field>> = read_steps("metadata-invalid")
        .iter()
        .map(|step| (step.name.replace("metadata-invalid: ", ""), list_changed_fields(step)))
        .filter(|(_, fields)| !fields.is_empty())
        .collect();
    let expected = [
        ("a date that is none", vec![Field::PublicationDate]),
        ("a language that is not there", vec![Field::Language]),
        ("a two-letter title", vec![Field::Title]),
        ("an ORCID with a wrong check digit", vec![Field::Creators]),
        ("keywords as a string", vec![Field::Keywords]),
    ];
    let expected = expected.map(|(name, fields)| (name.to_owned(), fields));
    assert_eq!(found, BTreeMap::from(expected));
}

#[test]
fn every_recorded_rewrite_is_explained() {
    let mut n_pairs = 0;
    for step in read_steps("html-cleaning") {
        for field in [Field::Description, Field::Notes, Field::Method] {
            let sent = read_text(&step.sent, field.name());
            let returned = read_text(&step.returned, field.name());
            assert!(is_equivalent_text(field, &sent, &returned, None), "{}: {sent}", step.name);
            n_pairs += usize::from(field == Field::Notes && !sent.is_empty());
        }
    }
    assert_eq!(n_pairs, 45);
}

#[test]
fn no_recorded_text_is_taken_for_another() {
    let recorded = read_steps("html-cleaning");
    let returned: Vec<String> =
        recorded.iter().map(|step| read_text(&step.returned, "notes")).collect();
    for (at, step) in recorded.iter().enumerate() {
        for (other, elsewhere) in returned.iter().enumerate() {
            if returned[at] != *elsewhere {
                let sent = read_text(&step.sent, "notes");
                let same = is_equivalent_text(Field::Notes, &sent, elsewhere, None);
                assert!(!same, "{at} and {other}: {sent} and {elsewhere}");
            }
        }
    }
}

#[test]
fn texts_that_the_servers_libraries_cleaned_are_foreseen() {
    let pairs: Vec<(String, String)> = serde_json::from_str(MORE_TEXTS).unwrap();
    assert!(pairs.len() > 200);
    for (sent, returned) in pairs {
        let cleaned = super::html::clean_html(&sent).unwrap_or_default();
        assert_eq!(cleaned, returned, "{sent}");
        assert!(is_equivalent_text(Field::Notes, &sent, &returned, None), "{sent}");
    }
}
