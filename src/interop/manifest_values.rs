//! Converts metadata to the manifest's spelling, without what the server fills in automatically and
//! without what a manifest can't hold.

use std::collections::BTreeSet;

use crate::manifest::is_too_short;
use crate::model::{Community, Field, FieldKind, Metadata, Value};
use crate::observed::UnsupportedValue;
use crate::vocab::{self, identifiers};

use super::entry_values::{select_dates, select_locations, select_related, select_subjects};
use super::kept_texts::is_nothing;
use super::new_manifest::Annotated;
use super::people_values::select_people;
use super::statement_values::select_statements;
use super::unsupported::quote_unsupported;

/// The publisher that the server sets when none is given (zenodo-facts.md, 2026-11-23).
const PUBLISHER: &str = "Zenodo";

/// Returns whether a field takes a text.
type Check = fn(&str) -> bool;

/// Fields that do not take every text in a manifest.
const CHECKED: &[(Field, Check)] = &[
    (Field::AccessConditions, |_| false),
    (Field::Language, |text| vocab::find_language_alpha3(text).is_some()),
    (Field::ImprintIsbn, |text| identifiers::find_isbn_fault(text).is_none()),
    (Field::ConferenceUrl, vocab::is_web_address),
    (Field::License, |text| vocab::find_license(text).is_some() || vocab::is_license_id(text)),
    (Field::PublicationDate, vocab::is_edtf_level_0),
];

/// Who wrote the metadata: an old licence id may mean one version to a person and another in a
/// server's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::interop) enum Origin {
    /// A person, in some file.
    Files,
    /// A server, in an answer.
    Server,
}

/// Returns the metadata that a manifest can hold, and adds the rest to `unsupported`.
///
/// Source: zenodo-facts.md and contract/scenarios/metadata-full.json, 2026-11-23.
pub(in crate::interop) fn select_values(
    metadata: &Metadata,
    has_external_doi: bool,
    origin: Origin,
    unsupported: &mut Vec<UnsupportedValue>,
) -> Metadata {
    let mut said = Metadata::default();
    for (field, value) in metadata.iter() {
        let value = match value {
            // A DOI that the server minted breaks the publication when it is sent back.
            Value::Text(_) if field == Field::Doi && !has_external_doi => continue,
            Value::Text(text) => Value::Text(select_text(field, text, origin, unsupported)),
            Value::List(items) if field == Field::Languages => {
                Value::List(select_languages(items, unsupported))
            }
            Value::List(items) => Value::List(drop_repeated(items)),
            Value::People(people) => {
                Value::People(select_people(field, people, unsupported).into())
            }
            Value::Related(items) => Value::Related(select_related(items, unsupported)),
            Value::Subjects(items) => Value::Subjects(select_subjects(items, unsupported)),
            Value::Locations(items) => Value::Locations(select_locations(items, unsupported)),
            Value::Dates(items) => Value::Dates(select_dates(items, unsupported)),
            Value::TypedTexts(_) | Value::Licenses(_) | Value::Funding(_) | Value::Custom(_) => {
                select_statements(field, value, unsupported)
            }
        };
        said.set(field, value);
    }
    // The server fills this in, so a manifest without it asks for the same record.
    if said.text(Field::ImprintPublisher) == Some(PUBLISHER) {
        said.remove(Field::ImprintPublisher);
    }
    // The server still returns the date of an embargo that has ended.
    if said.text(Field::AccessRight) != Some("embargoed") {
        said.remove(Field::EmbargoDate);
        said.remove(Field::EmbargoReason);
    }
    // Of two fields that say the same a manifest has one.
    for (field, other) in [
        (Field::Licenses, Field::License),
        (Field::Languages, Field::Language),
        (Field::Funding, Field::Grants),
    ] {
        if said.get(field).is_some() {
            said.remove(other);
        }
    }
    // A manifest refuses a subtype that does not belong to its upload type.
    for (subtype, owner) in [(Field::PublicationType, "publication"), (Field::ImageType, "image")] {
        if said.text(Field::UploadType) != Some(owner) {
            said.remove(subtype);
        }
    }
    said
}

/// Returns a text in the manifest's spelling, or an empty one if the field does not take it.
fn select_text(
    field: Field,
    text: &str,
    origin: Origin,
    unsupported: &mut Vec<UnsupportedValue>,
) -> String {
    let text = text.trim();
    let check = CHECKED.iter().find(|(owner, _)| *owner == field);
    // The server drops shorter texts of HTML fields only; others may have one character.
    let is_long = field.kind() != FieldKind::Html || !is_too_short(field, text);
    let is_good = is_long && check.is_none_or(|(_, is_good)| is_good(text));
    // The server would drop the text, so leaving it out is not a loss to report.
    if is_nothing(text) {
        return String::new();
    }
    if !is_good {
        unsupported.push(quote_unsupported(field.name(), text));
        return String::new();
    }
    if field == Field::License { spell_license(text, origin, unsupported) } else { text.to_owned() }
}

/// Returns the licence's own id, or an empty text if the server reads that id as another licence's,
/// so that a manifest can't express it.
fn spell_license(text: &str, origin: Origin, unsupported: &mut Vec<UnsupportedValue>) -> String {
    // A server's old id means its own version (`cc-by` is 1.0); a person's means the current one.
    let license = match origin {
        Origin::Files => None,
        Origin::Server => vocab::find_returned_license(text),
    };
    let Some(license) = license else {
        return vocab::find_license_id(text).unwrap_or(text).to_owned();
    };
    if vocab::find_license_id(&license.id) != Some(license.id.as_str()) {
        unsupported.push(quote_unsupported(Field::License.name(), &license.title));
        return String::new();
    }
    license.id.clone()
}

/// Selects the languages that a manifest takes.
fn select_languages(codes: &[String], unsupported: &mut Vec<UnsupportedValue>) -> Vec<String> {
    let (known, unknown): (Vec<String>, Vec<String>) = drop_repeated(codes)
        .into_iter()
        .partition(|code| vocab::find_language_alpha3(code).is_some());
    unsupported.extend(unknown.iter().map(|code| quote_unsupported("languages", code)));
    known
}

/// Removes empty texts and repetitions.
fn drop_repeated(items: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for item in items.iter().map(|item| item.trim()).filter(|item| !is_nothing(item)) {
        if kept.iter().all(|known| known != item) {
            kept.push(item.to_owned());
        }
    }
    kept
}

/// Returns the communities that a manifest can name, each once.
pub(in crate::interop) fn select_communities(
    given: &[Community],
    unsupported: &mut Vec<UnsupportedValue>,
) -> Vec<Annotated<Community>> {
    let is_slug = |slug: &&Community| Community::parse(&slug.0).is_ok();
    let (good, bad): (BTreeSet<&Community>, BTreeSet<&Community>) = given.iter().partition(is_slug);
    unsupported.extend(bad.into_iter().map(|slug| quote_unsupported("communities", &slug.0)));
    good.into_iter().map(|slug| slug.clone().into()).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;
    use proptest::prelude::{any, prop_assert, proptest};

    use super::*;
    use crate::interop::manifest_writer::write_manifest;
    use crate::interop::new_manifest::{NewFile, NewManifest, NewSource};
    use crate::manifest;
    use crate::model::{
        Affiliation, CustomFields, CustomValue, DateInterval, Funding, Identifier, License,
        Location, Person, PersonDetails, Related, Subject, TypedText,
    };

    fn of(field: Field, value: Value) -> (Option<Value>, Vec<String>) {
        let mut metadata = Metadata::default();
        metadata.set(field, value);
        let mut unsupported = Vec::new();
        let said =
            select_values(&metadata, false, Origin::Server, &mut unsupported).get(field).cloned();
        (said, unsupported.into_iter().map(|loss| loss.place).collect())
    }

    #[test]
    fn a_licence_goes_by_its_own_id_whichever_way_it_came() {
        for license in vocab::list_licenses() {
            for id in [&license.returned_as, &license.id] {
                let (said, unsupported) = of(Field::License, Value::Text(id.clone()));
                if id == "qtpl" {
                    // Zenodo takes this id for that of another licence.
                    assert_eq!((said, unsupported), (None, vec!["license".to_owned()]));
                    continue;
                }
                assert_eq!(said, Some(Value::Text(license.id.clone())), "{id}");
                assert!(unsupported.is_empty());
            }
        }
        for (text, origin, id) in [
            ("cc-by", Origin::Server, "cc-by-1.0"),
            ("cc-by", Origin::Files, "cc-by-4.0"),
            ("gfdl", Origin::Server, "gfdl-1.1-only"),
            ("gfdl", Origin::Files, "gfdl"),
        ] {
            assert_eq!(spell_license(text, origin, &mut Vec::new()), id, "{text}");
        }
    }

    #[test]
    fn what_the_server_fills_in_is_left_out_and_no_loss() {
        for (field, text) in [
            (Field::ImprintPublisher, "Zenodo"),
            (Field::EmbargoDate, "2020-01-01"),
            (Field::Doi, "10.5281/zenodo.1"),
        ] {
            assert_eq!(of(field, Value::Text(text.to_owned())), (None, Vec::new()));
        }
    }

    #[test]
    fn what_a_manifest_cannot_hold_is_reported_by_its_place() {
        for (field, text) in [
            (Field::Language, "tlh-old"),
            (Field::ImprintIsbn, "1-2-3"),
            (Field::ConferenceUrl, "javascript:alert(1)"),
            (Field::PublicationDate, "spring"),
            (Field::Notes, "ab"),
        ] {
            let expected = (None, vec![field.name().to_owned()]);
            assert_eq!(of(field, Value::Text(text.to_owned())), expected);
        }
        let odd = Person {
            name: "A".to_owned(),
            orcid: Some("0000-0002-1825-0098".to_owned()),
            role: Some("Wizard".to_owned()),
            ..Person::default()
        };
        let (said, unsupported) =
            of(Field::Contributors, Value::People(vec![odd, Person::default()].into()));
        let other =
            Person { name: "A".to_owned(), role: Some("Other".to_owned()), ..Person::default() };
        assert_eq!(said, Some(Value::People(vec![other].into())));
        assert_eq!(
            unsupported,
            ["contributors[0].type", "contributors[0].orcid", "contributors[1]"]
        );
    }

    #[test]
    fn a_collection_of_shapes_is_reported_and_its_place_stays() {
        let collection = [
            ("type".to_owned(), CustomValue::Text("GeometryCollection".to_owned())),
            ("geometries".to_owned(), CustomValue::List(Vec::new())),
        ];
        let geometry = Some(CustomValue::Table(collection.into()));
        let bonn = Location { place: "Bonn".to_owned(), ..Location::default() };
        let all = [Location { geometry, ..bonn.clone() }];
        let (said, unsupported) = of(Field::Locations, Value::Locations(all.to_vec()));
        assert_eq!(said, Some(Value::Locations(vec![bonn])));
        assert_eq!(unsupported, ["locations[0].geometry"]);
    }

    #[test]
    fn words_of_the_records_api_are_spelled_as_the_manifest_does() {
        let related = Related {
            identifier: "10.1234/foo".to_owned(),
            relation: "issupplementto".to_owned(),
            ..Related::default()
        };
        let (said, _) = of(Field::RelatedIdentifiers, Value::Related(vec![related.clone()]));
        let expected = Related { relation: "isSupplementTo".to_owned(), ..related };
        assert_eq!(said, Some(Value::Related(vec![expected])));
        let person = Person {
            name: "A".to_owned(),
            role: Some("datacurator".to_owned()),
            ..Person::default()
        };
        let (said, _) = of(Field::Contributors, Value::People(vec![person.clone()].into()));
        let expected = Person { role: Some("DataCurator".to_owned()), ..person };
        assert_eq!(said, Some(Value::People(vec![expected].into())));
    }

    /// Fields whose faults a person must settle, since they have no substitute.
    const NEEDED: [Field; 7] = [
        Field::Title,
        Field::UploadType,
        Field::PublicationType,
        Field::ImageType,
        Field::AccessRight,
        Field::EmbargoDate,
        Field::Doi,
    ];

    fn odd_organization(text: &str) -> Person {
        let (text, some) = (|| text.to_owned(), || Some(text.to_owned()));
        Person {
            name: text(),
            affiliation: some(),
            orcid: some(),
            gnd: some(),
            role: some(),
            details: PersonDetails {
                is_organization: true,
                names: None,
                affiliations: vec![Affiliation { name: some(), ror: some() }],
                identifiers: vec![Identifier { scheme: text(), identifier: text() }],
            },
        }
    }

    fn odd_value(field: Field, text: &str, number: f64) -> Value {
        let text = || text.to_owned();
        let some = || Some(text());
        match field.kind() {
            FieldKind::Text | FieldKind::Html => Value::Text(text()),
            FieldKind::List => Value::List(vec![text(), text()]),
            FieldKind::People => {
                let weiss = Person { name: "Weiss, Tobias".to_owned(), ..Person::default() };
                Value::People(vec![odd_organization(&text()), weiss].into())
            }
            FieldKind::Related => Value::Related(vec![
                Related {
                    identifier: text(),
                    relation: text(),
                    resource_type: some(),
                    scheme: some(),
                },
                Related {
                    identifier: format!("10.1234/{}", text()),
                    relation: "cites".to_owned(),
                    ..Related::default()
                },
            ]),
            FieldKind::Subjects => Value::Subjects(vec![
                Subject { term: text(), identifier: text(), scheme: some(), is_known: false },
                Subject { identifier: text(), is_known: true, ..Subject::default() },
            ]),
            FieldKind::Locations => Value::Locations(vec![Location {
                place: text(),
                lat: Some(number),
                lon: Some(-number),
                description: some(),
                ..Location::default()
            }]),
            FieldKind::Dates => Value::Dates(vec![
                DateInterval { start: some(), end: some(), kind: text(), description: some() },
                DateInterval {
                    start: Some("2026-01-01".to_owned()),
                    end: Some(format!("202{}", text())),
                    kind: "collected".to_owned(),
                    description: None,
                },
            ]),
            FieldKind::TypedTexts => {
                let (kind, language) = ("other".to_owned(), Some("eng".to_owned()));
                Value::TypedTexts(vec![TypedText { text: text(), kind, language }])
            }
            FieldKind::Licenses => Value::Licenses(vec![
                License { title: some(), description: some(), link: some(), id: None },
                License { id: some(), ..License::default() },
            ]),
            FieldKind::Funding => {
                let (funder_name, number, title) = (some(), some(), some());
                Value::Funding(vec![Funding { funder_name, number, title, ..Funding::default() }])
            }
            FieldKind::Custom => {
                let table = CustomValue::Table([(text(), CustomValue::Text(text()))].into());
                Value::Custom(CustomFields([(format!("code:{}", text()), table)].into()))
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_a_server_sends_makes_a_manifest_without_an_error(
            text in any::<String>(), short in "[ a-z0-9.\\-:/\n\u{202e}]{0,8}", number in any::<f64>()
        ) {
            // Two characters, of which one is two once it is tidied.
            for text in [text, short, "\u{a36}\u{1fdd}".to_owned()] {
                let mut metadata = Metadata::default();
                for field in Field::ALL.iter().filter(|field| !NEEDED.contains(field)) {
                    metadata.set(*field, odd_value(*field, &text, number));
                }
                metadata.set_text(Field::Title, "Forms");
                metadata.set_text(Field::UploadType, "dataset");
                let mut new = NewManifest::default();
                new.take_metadata(&select_values(&metadata, false, Origin::Server, &mut Vec::new()));
                let source = NewSource::Path("a.csv".to_owned());
                new.files.push(NewFile { source, ..NewFile::default() }.into());
                let written = write_manifest(&new);
                let parsed = manifest::parse(&written, day(2026, 11, 23));
                prop_assert!(parsed.manifest.is_some(), "{}\n{:#?}", written, parsed.findings);
            }
        }
    }
}
