//! The fields that differ by meaning between the manifest and the server.

use std::collections::BTreeMap;

use crate::model::{Field, FieldChange, Metadata, Rewrite, Value};
use crate::vocab::find_returned_license;

use super::comparison::{Comparison, read_text_value};
use super::server_normalization::normalize_with_grants;
use super::supervisors::settle_supervisors;

/// Returns the fields of `desired` (from the manifest) that differ from `observed` (from the
/// server), in the order of a screen; empty when both mean the same.
///
/// Each change holds both sides as the server would return them, licences by their own ids.
/// `rewrites` are texts that the lock remembers as rewritten; `grants` maps the ids of grants that
/// were looked up to the ids under which they come back. A `doi` or `publication_date` missing in
/// `desired` is not a difference. Lists are compared in their order, which the server keeps.
pub fn find_metadata_changes(
    desired: &Metadata,
    observed: &Metadata,
    rewrites: &BTreeMap<Field, Rewrite>,
    grants: &BTreeMap<String, String>,
) -> Vec<FieldChange> {
    let comparison = Comparison { desired, observed, rewrites, grants };
    let after = normalize_with_grants(desired, grants);
    let change = |field: &Field| FieldChange {
        field: *field,
        before: observed.get(*field).map(|value| resolve_returned_value(*field, value)),
        after: match (field, desired.get(*field)) {
            // Its returned id may be that of another licence, as for `gfdl`.
            (Field::License, Some(wanted)) => Some(wanted.clone()),
            _ => after.get(*field).map(|value| resolve_returned_value(*field, value)),
        },
    };
    let differs = |field: &&Field| !comparison.is_same(**field, after.get(**field));
    let mut changes: Vec<FieldChange> = Field::ALL.iter().filter(differs).map(change).collect();
    // After all fields: one difference may show in two fields, and only both together explain it.
    settle_supervisors(desired, observed, &mut changes);
    changes
}

/// Returns a server's value as a manifest would write it: a licence that comes back as `cc-by` is
/// CC-BY-1.0, while `cc-by` in a manifest means CC-BY-4.0.
pub fn resolve_returned_value(field: Field, value: &Value) -> Value {
    let returned = if field == Field::License { read_text_value(Some(value)) } else { "" };
    match find_returned_license(returned) {
        Some(license) => Value::Text(license.id.clone()),
        None => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{hash_text, normalize_as_server};
    use crate::model::{DateInterval, Location, Person, Related};

    fn changed(desired: &Metadata, observed: &Metadata) -> Vec<Field> {
        let changes = find_metadata_changes(desired, observed, &BTreeMap::new(), &BTreeMap::new());
        for change in &changes {
            assert_ne!(change.before, change.after, "{}", change.field);
        }
        changes.iter().map(|change| change.field).collect()
    }

    /// Compares `desired` with `observed`, each given as the value of one field.
    fn one(field: Field, desired: Value, observed: Value) -> Vec<Field> {
        let (mut wanted, mut held) = universe();
        wanted.set(field, desired);
        held.set(field, observed);
        changed(&wanted, &held)
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| (*item).to_owned()).collect())
    }

    fn person(name: &str) -> Person {
        Person { name: name.to_owned(), ..Person::default() }
    }

    fn related(identifier: &str, relation: &str) -> Related {
        Related {
            identifier: identifier.to_owned(),
            relation: relation.to_owned(),
            ..Related::default()
        }
    }

    /// Metadata of a manifest, and the server's answer to them.
    fn universe() -> (Metadata, Metadata) {
        let mut sent = Metadata::default();
        sent.set_text(Field::Title, "Modular forms preprint");
        sent.set_text(Field::UploadType, "publication");
        sent.set_text(Field::PublicationType, "preprint");
        sent.set_text(Field::PublicationDate, "2026-06-01");
        sent.set_text(Field::Description, "<p>Tables of Hecke traces.</p>");
        sent.set(
            Field::Creators,
            Value::People(vec![person("Weiss, Tobias"), person("Doe, Jane")].into()),
        );
        let mut returned = sent.clone();
        returned.set_text(Field::AccessRight, "open");
        returned.set_text(Field::License, "cc-by-4.0");
        returned.set_text(Field::ImprintPublisher, "Zenodo");
        (sent, returned)
    }

    #[test]
    fn no_change_of_defaults() {
        let (sent, returned) = universe();
        assert_eq!(changed(&sent, &returned), []);
        assert_eq!(normalize_as_server(&sent), returned);
    }

    #[test]
    fn no_change_of_a_dataset_under_the_default_licence() {
        let (mut sent, mut returned) = universe();
        for metadata in [&mut sent, &mut returned] {
            metadata.set_text(Field::UploadType, "dataset");
            metadata.remove(Field::PublicationType);
        }
        returned.set_text(Field::License, "cc-zero");
        assert_eq!(changed(&sent, &returned), []);
        returned.set_text(Field::License, "cc-by-4.0");
        assert_eq!(changed(&sent, &returned), [Field::License]);
    }

    #[test]
    fn no_change_of_a_licence_in_another_spelling() {
        for (sent, returned) in [
            ("MIT", "mit-license"),
            ("MIT", "mit"),
            ("Apache-2.0", "apache2.0"),
            ("apache", "apache2.0"),
            ("CC0-1.0", "cc-zero"),
            ("CC-BY-4.0", "cc-by-4.0"),
            ("Apache-1.0", "apache"),
        ] {
            assert_eq!(one(Field::License, text(sent), text(returned)), [], "{sent}");
        }
        assert_eq!(one(Field::License, text("apache"), text("apache")), [Field::License]);
        assert_eq!(one(Field::License, text("MIT"), text("apache2.0")), [Field::License]);
        assert_eq!(one(Field::License, text("no-such"), text("cc-by-4.0")), [Field::License]);
    }

    #[test]
    fn no_change_of_closed_access() {
        let (mut sent, mut returned) = universe();
        sent.set_text(Field::AccessRight, "closed");
        sent.set_text(Field::AccessConditions, "<p>Ask.</p>");
        returned.set_text(Field::AccessRight, "restricted");
        returned.remove(Field::License);
        assert_eq!(changed(&sent, &returned), []);
        sent.set_text(Field::AccessRight, "open");
        assert_eq!(changed(&sent, &returned), [Field::AccessRight, Field::License]);
    }

    #[test]
    fn no_change_of_an_embargo_that_has_ended() {
        let (mut sent, mut returned) = universe();
        sent.set_text(Field::AccessRight, "embargoed");
        sent.set_text(Field::EmbargoDate, "2026-01-01");
        returned.set_text(Field::EmbargoDate, "2026-01-01");
        assert_eq!(changed(&sent, &returned), []);
        returned.set_text(Field::EmbargoDate, "2027-01-01");
        assert_eq!(changed(&sent, &returned), [Field::AccessRight, Field::EmbargoDate]);
    }

    #[test]
    fn no_change_of_a_doi_or_date_that_the_server_made() {
        let (mut sent, mut returned) = universe();
        returned.set_text(Field::Doi, "10.5281/zenodo.1");
        sent.remove(Field::PublicationDate);
        assert_eq!(changed(&sent, &returned), []);
        sent.set_text(Field::Doi, "10.1234/foo");
        assert_eq!(changed(&sent, &returned), [Field::Doi]);
        sent.set_text(Field::PublicationDate, "2026-06-02");
        assert_eq!(changed(&sent, &returned), [Field::PublicationDate, Field::Doi]);
    }

    #[test]
    fn no_change_of_a_language_by_two_letters() {
        assert_eq!(one(Field::Language, text("en"), text("eng")), []);
        assert_eq!(one(Field::Language, text("en"), text("fra")), [Field::Language]);
    }

    #[test]
    fn no_change_of_typographic_quotes() {
        for returned in ["“Quoted” ﬁeld", "\"Quoted\" field"] {
            assert_eq!(one(Field::Title, text("“Quoted” ﬁeld"), text(returned)), [], "{returned}");
            let keywords = one(Field::Keywords, list(&["“Quoted” ﬁeld"]), list(&[returned]));
            assert_eq!(keywords, [], "{returned}");
        }
        let other = one(Field::Title, text("“Quoted” fields"), text("\"Quoted\" field"));
        assert_eq!(other, [Field::Title]);
    }

    #[test]
    fn no_change_of_a_subtype_that_does_not_apply() {
        let (mut sent, returned) = universe();
        sent.set_text(Field::ImageType, "figure");
        sent.set_text(Field::EmbargoDate, "2030-01-01");
        assert_eq!(changed(&sent, &returned), []);
    }

    #[test]
    fn no_change_of_people_in_another_spelling() {
        let sent = Person {
            affiliation: Some(String::new()),
            orcid: Some("https://orcid.org/0000-0002-1825-0097".to_owned()),
            gnd: Some("gnd:118540238".to_owned()),
            role: Some("datacurator".to_owned()),
            ..person("Weiss ,Tobias")
        };
        let returned = Person {
            affiliation: None,
            orcid: Some("0000-0002-1825-0097".to_owned()),
            gnd: Some("118540238".to_owned()),
            role: Some("DataCurator".to_owned()),
            ..person("Weiss, Tobias")
        };
        let people = |person: &Person| Value::People(vec![person.clone()].into());
        assert_eq!(one(Field::Contributors, people(&sent), people(&returned)), []);
        for other in [
            Person { orcid: None, ..returned.clone() },
            Person { gnd: None, ..returned.clone() },
            Person { role: Some("Editor".to_owned()), ..returned.clone() },
            Person { affiliation: Some("CERN".to_owned()), ..returned.clone() },
            person("Weiss, T."),
        ] {
            let found = one(Field::Contributors, people(&sent), people(&other));
            assert_eq!(found, [Field::Contributors], "{other}");
        }
    }

    #[test]
    fn no_change_of_names_with_no_comma_or_two() {
        for name in ["CERN", "Doe, Jane, Dr", "University of Oxford"] {
            let people = Value::People(vec![person(name)].into());
            assert_eq!(one(Field::Creators, people.clone(), people), [], "{name}");
        }
    }

    #[test]
    fn the_order_of_people_is_a_difference() {
        let (sent, mut returned) = universe();
        returned.set(
            Field::Creators,
            Value::People(vec![person("Doe, Jane"), person("Weiss, Tobias")].into()),
        );
        assert_eq!(changed(&sent, &returned), [Field::Creators]);
    }

    #[test]
    fn no_change_of_supervisors_told_as_contributors() {
        let (mut sent, mut returned) = universe();
        let role = |name: &str, role: &str| Person { role: Some(role.to_owned()), ..person(name) };
        sent.set(Field::Contributors, Value::People(vec![role("Doe, Jane", "Editor")].into()));
        sent.set(Field::ThesisSupervisors, Value::People(vec![person("Noether, Emmy")].into()));
        let told = vec![role("Noether, Emmy", "Supervisor"), role("Doe, Jane", "Editor")];
        returned.set(Field::Contributors, Value::People(told.into()));
        assert_eq!(changed(&sent, &returned), []);
        sent.set(Field::ThesisSupervisors, Value::People(vec![person("Hilbert, David")].into()));
        assert_eq!(changed(&sent, &returned), [Field::ThesisSupervisors]);
        sent.set(Field::ThesisSupervisors, Value::People(vec![person("Noether, Emmy")].into()));
        sent.set(Field::Contributors, Value::People(vec![role("Doe, Jane", "Producer")].into()));
        assert_eq!(changed(&sent, &returned), [Field::Contributors]);
    }

    #[test]
    fn no_change_of_related_identifiers_with_scheme_and_alternates_last() {
        let sent = vec![
            related("arXiv:2101.00001", "isAlternateIdentifier"),
            related("https://doi.org/10.1234/foo", "issupplementto"),
            related("3-16-148410-X", "cites"),
        ];
        let scheme = |name: &str, item: Related| Related { scheme: Some(name.to_owned()), ..item };
        let returned = vec![
            scheme("doi", related("10.1234/foo", "isSupplementTo")),
            scheme("isbn", related("978-3-16-148410-0", "cites")),
            scheme("arxiv", related("arXiv:2101.00001", "isAlternateIdentifier")),
        ];
        let found = |sent: &[Related], returned: &[Related]| {
            let (sent, returned) = (sent.to_vec(), returned.to_vec());
            one(Field::RelatedIdentifiers, Value::Related(sent), Value::Related(returned))
        };
        assert_eq!(found(&sent, &returned), []);
        for at in 0..3 {
            let mut edited = sent.clone();
            edited[at].identifier.push('0');
            assert_eq!(found(&edited, &returned), [Field::RelatedIdentifiers], "{at}");
            let mut edited = sent.clone();
            edited[at].relation = "references".to_owned();
            assert_eq!(found(&edited, &returned), [Field::RelatedIdentifiers], "{at}");
        }
        let mut edited = sent.clone();
        edited[1].resource_type = Some("dataset".to_owned());
        assert_eq!(found(&edited, &returned), [Field::RelatedIdentifiers]);
    }

    #[test]
    fn no_change_of_grants_under_the_id_that_they_come_back_as() {
        let known = BTreeMap::from([("ERC-1".to_owned(), "10.13039/1::ERC-1".to_owned())]);
        let (mut sent, mut returned) = universe();
        sent.set(Field::Grants, list(&["283595", "ERC-1", "10.13039/2::x"]));
        returned.set(
            Field::Grants,
            list(&["10.13039/501100000780::283595", "10.13039/1::ERC-1", "10.13039/2::x"]),
        );
        assert_eq!(find_metadata_changes(&sent, &returned, &BTreeMap::new(), &known), []);
        returned.set(Field::Grants, list(&["283595", "10.13039/1::ERC-1", "10.13039/2::x"]));
        assert_eq!(find_metadata_changes(&sent, &returned, &BTreeMap::new(), &known), []);
        sent.set(Field::Grants, list(&["283596", "ERC-1", "10.13039/2::x"]));
        assert_eq!(find_metadata_changes(&sent, &returned, &BTreeMap::new(), &known).len(), 1);
    }

    #[test]
    fn no_change_of_a_rewrite_that_the_lock_remembers() {
        let (mut sent, mut returned) = universe();
        sent.set_text(Field::Notes, "<p>Ã©</p>");
        returned.set_text(Field::Notes, "<p>é</p>");
        let pair = Rewrite { sent: hash_text("<p>Ã©</p>"), returned: hash_text("<p>é</p>") };
        let lock = BTreeMap::from([(Field::Notes, pair)]);
        assert_eq!(find_metadata_changes(&sent, &returned, &lock, &BTreeMap::new()), []);
        assert_eq!(changed(&sent, &returned), [Field::Notes]);
        sent.set_text(Field::Notes, "<p>Ãª</p>");
        assert_eq!(find_metadata_changes(&sent, &returned, &lock, &BTreeMap::new()).len(), 1);
    }

    #[test]
    fn no_change_of_dates_and_places_in_another_spelling() {
        let date = |kind: &str| DateInterval {
            start: Some("2018-03-21".to_owned()),
            end: Some("2018-03-25".to_owned()),
            kind: kind.to_owned(),
            description: None,
        };
        let dates = |kind: &str| Value::Dates(vec![date(kind)]);
        assert_eq!(one(Field::Dates, dates("Collected"), dates("collected")), []);
        assert_eq!(one(Field::Dates, dates("Valid"), dates("collected")), [Field::Dates]);
        let place = |lat: f64| {
            let (lat, lon) = (Some(lat), Some(-118.7804));
            let place = "Los Angeles".to_owned();
            Value::Locations(vec![Location { place, lat, lon, ..Location::default() }])
        };
        assert_eq!(one(Field::Locations, place(34.0), place(34.0)), []);
        assert_eq!(one(Field::Locations, place(34.0), place(34.000_001)), [Field::Locations]);
    }

    #[test]
    fn an_added_removed_or_moved_keyword_is_one_change() {
        let held = list(&["modular forms", "number theory"]);
        for wanted in [
            list(&["modular forms"]),
            list(&["modular forms", "number theory", "traces"]),
            list(&["number theory", "modular forms"]),
            list(&[]),
        ] {
            assert_eq!(one(Field::Keywords, wanted, held.clone()), [Field::Keywords]);
        }
    }

    #[test]
    fn a_version_that_is_there_on_one_side_is_a_change() {
        let (mut sent, mut returned) = universe();
        returned.set_text(Field::Version, "1.0");
        assert_eq!(changed(&sent, &returned), [Field::Version]);
        sent.set_text(Field::Version, "1.0");
        assert_eq!(changed(&sent, &returned), []);
        returned.remove(Field::Version);
        assert_eq!(changed(&sent, &returned), [Field::Version]);
    }

    #[test]
    fn a_change_holds_both_sides_as_the_server_returns_them() {
        let (mut sent, returned) = universe();
        sent.set_text(Field::License, "MIT");
        sent.set_text(Field::Description, "<p>New “words”");
        let changes = find_metadata_changes(&sent, &returned, &BTreeMap::new(), &BTreeMap::new());
        let expected = [
            FieldChange {
                field: Field::Description,
                before: Some(text("<p>Tables of Hecke traces.</p>")),
                after: Some(text("<p>New \"words\"</p>")),
            },
            FieldChange {
                field: Field::License,
                before: Some(text("cc-by-4.0")),
                after: Some(text("MIT")),
            },
        ];
        assert_eq!(changes, expected);
    }
}
