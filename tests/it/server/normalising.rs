//! Valid metadata that the server rewrites, drops or refuses: each value is published and has an
//! empty second plan, or `validate` refuses it.

use std::fmt::Write;

use zrel::model::Field;

use crate::support::rehearsal::Rehearsal;

/// What a manifest needs beside the tested field.
const BESIDE: &str = "title = \"Forms\"\nupload_type = \"dataset\"\nlicense = \"cc0-1.0\"\n\
                      description = \"<p>Some.</p>\"\ncreators = [{ name = \"Weiss, Tobias\" }]\n";

/// Texts, the scheme under which the server takes each, and how it keeps it; two nulls where it
/// refuses it. Made with the libraries that the server uses.
const IDENTIFIERS: &str = include_str!("../../data/identifiers.json");

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn with(field: Field, value: &str) -> String {
    format!("{BESIDE}{field} = {value}\n")
}

#[test]
fn every_identifier_that_the_server_takes_is_published_and_the_others_are_refused() {
    let rows: serde_json::Value = serde_json::from_str(IDENTIFIERS).unwrap();
    let rehearsal = Rehearsal::new();
    let (mut taken, mut refused) = (Vec::new(), 0);
    for row in rows.as_array().unwrap() {
        let text = row[0].as_str().unwrap();
        let entry = format!("{{ identifier = {}, relation = \"cites\" }}", quoted(text));
        let manifest = with(Field::RelatedIdentifiers, &format!("[{entry}]"));
        if row[1].is_null() {
            assert_eq!(rehearsal.faults(&manifest), ["ZR0118"], "{text:?}");
            refused += 1;
        } else {
            assert_eq!(rehearsal.faults(&manifest), [""; 0], "{text:?}");
            taken.push(entry);
        }
    }
    assert!(taken.len() > 100 && refused > 40, "{} and {refused}", taken.len());
    for entries in taken.chunks(25) {
        let list = format!("[\n{},\n]", entries.join(",\n"));
        rehearsal.apply(&rehearsal.project(&with(Field::RelatedIdentifiers, &list)));
    }
}

#[test]
fn a_similar_identifier_is_seen_as_another() {
    let rehearsal = Rehearsal::new();
    for (one, other) in [
        ("ISBN 978-3-16-148410-0", "978-0-306-40615-7"),
        ("wikidata:Q42", "Q43"),
        ("https://example.org/?q=\u{201c}x\u{201d}", "https://example.org/?q=x"),
        ("https://arxiv.org/abs/2101.00001", "arXiv:2101.00001"),
        ("0000-0001-2103-2683", "0000-0002-1825-0097"),
        ("pmid:03178471", "0317-8471"),
    ] {
        let entry = |text: &str| {
            let entry = format!("[{{ identifier = {}, relation = \"cites\" }}]", quoted(text));
            with(Field::RelatedIdentifiers, &entry)
        };
        let mut project = rehearsal.project(&entry(one));
        let record = rehearsal.apply(&project);
        project.set(&entry(other));
        assert_eq!(rehearsal.changed(&project), [Field::RelatedIdentifiers], "{one} and {other}");
        assert_eq!(rehearsal.apply(&project), record);
    }
}

#[test]
fn a_date_of_one_day_month_or_year_comes_back_and_a_change_of_it_is_seen() {
    let rehearsal = Rehearsal::new();
    let other = with(Field::Dates, "[{ type = \"Collected\", start = \"2024-12-31\" }]");
    for date in [
        "start = \"2025-03-21\"",
        "end = \"2025-03-21\"",
        "start = \"2025-03-21\", end = \"2025-03-21\"",
        "start = \"2025-03\", end = \"2025-03\"",
        "start = \"2025\", description = \"then\"",
    ] {
        let entry = format!("{{ type = \"Collected\", {date} }}");
        let interval = "{ type = \"Valid\", start = \"2025\", end = \"2026\" }";
        let given = with(Field::Dates, &format!("[{interval}, {entry}]"));
        let mut project = rehearsal.project(&given);
        let record = rehearsal.apply(&project);
        project.set(&other);
        assert_eq!(rehearsal.changed(&project), [Field::Dates], "{date} changed in the manifest");
        assert_eq!(rehearsal.apply(&project), record);
        rehearsal.change_behind(record, &given);
        assert_eq!(rehearsal.changed(&project), [Field::Dates], "{date} changed on the server");
    }
}

#[test]
fn a_grant_may_name_its_funder_either_way() {
    let rehearsal = Rehearsal::new();
    for grant in ["00k4n6c32::283595", "10.13039/501100000780::283595", "283595"] {
        let mut project = rehearsal.project(&with(Field::Grants, &format!("[\"{grant}\"]")));
        let record = rehearsal.apply(&project);
        project.set(&with(Field::Grants, "[\"00k4n6c32::283596\"]"));
        assert_eq!(rehearsal.changed(&project), [Field::Grants], "{grant}");
        assert_eq!(rehearsal.apply(&project), record);
    }
}

#[test]
fn every_control_of_windows_comes_back_as_the_character_it_was() {
    let rehearsal = Rehearsal::new();
    let mut manifest = String::new();
    let all = ('\u{80}'..='\u{9f}').chain(['\u{149}']);
    let all: String = all.flat_map(|c| ['x', c, ' ']).collect();
    let text = quoted(&all);
    writeln!(manifest, "title = {text}\nversion = {text}\nkeywords = [{text}]").unwrap();
    writeln!(manifest, "creators = [{{ name = {text}, affiliation = {text} }}]").unwrap();
    writeln!(manifest, "references = [{text}]\njournal_title = {text}\nnotes = {text}").unwrap();
    writeln!(manifest, "locations = [{{ place = {text}, description = {text} }}]").unwrap();
    let html = quoted(&format!("<p>{all}</p>"));
    writeln!(manifest, "description = {html}\nmethod = {html}").unwrap();
    writeln!(manifest, "upload_type = \"dataset\"\nlicense = \"cc0-1.0\"").unwrap();
    rehearsal.apply(&rehearsal.project(&manifest));
}

#[test]
fn what_the_server_would_drop_or_change_is_refused_before_sending() {
    let rehearsal = Rehearsal::new();
    for (field, value, code) in [
        (Field::Locations, "[{ place = \"Equator\", lat = 0, lon = 6.5 }]", "ZR0119"),
        (Field::Locations, "[{ place = \"Greenwich\", lat = 51.48, lon = 0 }]", "ZR0119"),
        (Field::ConferenceUrl, "\"https://example.org/a b\"", "ZR0139"),
        (Field::ConferenceUrl, "\"https://host/\"", "ZR0139"),
        (Field::ImprintIsbn, "\"978-3-16-148410-1\"", "ZR0111"),
    ] {
        assert_eq!(rehearsal.faults(&with(field, value)), [code], "{field} = {value}");
    }
    let address = "{ allow_unknown = \"https://creativecommons.org/licenses/by/4.0/\" }";
    let manifest = BESIDE.replace("\"cc0-1.0\"", address);
    assert_eq!(rehearsal.faults(&manifest), ["ZR0107"]);
}
