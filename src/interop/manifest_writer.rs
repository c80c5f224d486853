//! Writes a manifest as text: keys in the order of a screen, quoted for TOML, with comments.
//!
//! A caller fills a [`NewManifest`]; [`write_manifest`] writes it, and `manifest::parse` reads the
//! same values from it. Values are not validated here: `manifest::parse` does that.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::model::{Community, Field, Value};
use crate::toml_text::{is_hidden, quote_key, quote_line};

use super::new_manifest::{Annotated, ManifestValue, NewFile, NewManifest, NewServer, NewSource};
use super::value_tables::{write_custom_field, write_table, write_tables, write_text};

/// The longest list that is written on one line. Characters.
const LINE: usize = 80;

/// Writes a manifest. Equal values give equal text; it ends with a line feed.
pub fn write_manifest(manifest: &NewManifest) -> String {
    let mut blocks = vec![
        write_top(manifest),
        write_record(manifest),
        write_concept(&manifest.concept),
        write_metadata(&manifest.metadata),
    ];
    blocks.extend(manifest.files.iter().map(write_file));
    // The comment replaces entries that a person still has to write.
    if manifest.files.is_empty() {
        let mut block = String::new();
        manifest.no_files.iter().for_each(|line| write_comment(&mut block, line));
        blocks.push(block);
    }
    blocks.extend(manifest.communities.iter().map(write_community));
    blocks.extend(manifest.servers.iter().map(write_server));
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n")
}

fn write_top(manifest: &NewManifest) -> String {
    let mut out = String::new();
    for line in &manifest.head {
        write_comment(&mut out, line);
    }
    if let Some(server) = &manifest.server {
        if !out.is_empty() {
            out.push('\n');
        }
        write_entry(&mut out, "server", &quote_line(&server.value), server);
    }
    out
}

fn write_record(manifest: &NewManifest) -> String {
    let Some(publish) = &manifest.publish else { return String::new() };
    let mut out = "[record]\n".to_owned();
    write_entry(&mut out, "publish", if publish.value { "true" } else { "false" }, publish);
    out
}

fn write_concept(concepts: &[Annotated<(String, String)>]) -> String {
    if concepts.is_empty() {
        return String::new();
    }
    let mut out = "[record.concept]\n".to_owned();
    for line in concepts {
        let (server, concept) = &line.value;
        write_entry(&mut out, server, &quote_line(concept), line);
    }
    out
}

fn write_metadata(fields: &BTreeMap<Field, Annotated<ManifestValue>>) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let mut out = "[metadata]\n".to_owned();
    for (field, line) in fields {
        let name = field.name();
        match &line.value {
            ManifestValue::Value(value) if value.is_empty() => {}
            ManifestValue::Value(Value::List(items)) => {
                write_list(&mut out, name, &quote_each(items), line);
            }
            ManifestValue::Value(Value::Text(text)) => {
                write_entry(&mut out, name, &write_text(*field, text), line);
            }
            // A table of its own, behind all other fields.
            ManifestValue::Value(Value::Custom(_)) => {}
            ManifestValue::Value(value) => {
                write_lines(&mut out, name, &write_tables(*field, value), line);
            }
            ManifestValue::File(path) => {
                write_entry(&mut out, name, &write_table(&[("file", Some(path))]), line);
            }
            ManifestValue::GitTag(strip) => {
                let strip = Some(strip).filter(|strip| !strip.is_empty());
                let pairs = [("from", Some(&"git-tag".to_owned())), ("strip", strip)];
                write_entry(&mut out, name, &write_table(&pairs), line);
            }
            // Commented out, so that the example can't be published by mistake.
            ManifestValue::Missing(example) => {
                write_entry(&mut out, &format!("# {name}"), &clean_comment(example), line);
            }
        }
    }
    if let Some(ManifestValue::Value(Value::Custom(fields))) =
        fields.get(&Field::Custom).map(|line| &line.value)
        && !fields.is_empty()
    {
        out.push_str("\n[metadata.custom]\n");
        for (name, value) in &fields.0 {
            let line = Annotated::from(());
            write_entry(&mut out, &quote_key(name), &write_custom_field(name, value), &line);
        }
    }
    out
}

fn write_file(line: &Annotated<NewFile>) -> String {
    let NewFile { source, as_name, exclude, allow } = &line.value;
    let mut out = "[[files]]\n".to_owned();
    let (key, value) = match source {
        NewSource::Path(path) => ("path", &escape_pattern(path)),
        NewSource::Glob(pattern) => ("path", pattern),
        NewSource::Archive(folder) => ("archive", folder),
        NewSource::Keep(pattern) => ("keep", pattern),
    };
    write_entry(&mut out, key, &quote_line(value), line);
    // The comments belong to the entry, so only its first key carries them.
    let plain = Annotated::from(());
    if let Some(name) = as_name {
        write_entry(&mut out, "as", &quote_line(name), &plain);
    }
    write_list(&mut out, "exclude", &quote_each(exclude), &plain);
    let kinds: Vec<String> = allow.iter().map(|kind| quote_line(kind.name())).collect();
    write_list(&mut out, "allow", &kinds, &plain);
    out
}

fn write_community(line: &Annotated<Community>) -> String {
    let mut out = "[[communities]]\n".to_owned();
    write_entry(&mut out, "id", &quote_line(&line.value.0), line);
    out
}

fn write_server(line: &Annotated<NewServer>) -> String {
    let NewServer { name, url, doi_prefix, mints_dois } = &line.value;
    let mut out = format!("[servers.{name}]\n");
    write_entry(&mut out, "url", &quote_line(url), line);
    if let Some(prefix) = doi_prefix {
        write_entry(&mut out, "doi_prefix", &quote_line(prefix), &Annotated::from(()));
    }
    if !mints_dois {
        write_entry(&mut out, "dois", "false", &Annotated::from(()));
    }
    out
}

/// Escapes a path so that it is not read as a pattern.
pub fn escape_pattern(path: &str) -> String {
    let mut out = String::new();
    for c in path.chars() {
        match c {
            // A class of one character matches just that character.
            '*' | '?' | '[' | '{' | '}' => {
                let _ = write!(out, "[{c}]");
            }
            _ => out.push(c),
        }
    }
    out
}

/// Writes `key = value` with its comments.
fn write_entry<T>(out: &mut String, key: &str, value: &str, line: &Annotated<T>) {
    for above in &line.above {
        write_comment(out, above);
    }
    let _ = writeln!(out, "{key} = {value}{}", write_comment_behind(line.comment.as_deref()));
}

/// Writes a list on one line where it fits; nothing when it is empty.
fn write_list<T>(out: &mut String, key: &str, items: &[String], line: &Annotated<T>) {
    if items.is_empty() {
        return;
    }
    let short = format!("[{}]", items.join(", "));
    if short.chars().count() <= LINE {
        write_entry(out, key, &short, line);
    } else {
        write_lines(out, key, items, line);
    }
}

/// Writes a list, a line an item.
fn write_lines<T>(out: &mut String, key: &str, items: &[String], line: &Annotated<T>) {
    for above in &line.above {
        write_comment(out, above);
    }
    let _ = writeln!(out, "{key} = [{}", write_comment_behind(line.comment.as_deref()));
    for item in items {
        let _ = writeln!(out, "    {item},");
    }
    out.push_str("]\n");
}

fn write_comment(out: &mut String, text: &str) {
    let text = clean_comment(text);
    // Editors find `#:schema` only without a blank.
    out.push_str(if text.starts_with(':') || text.is_empty() { "#" } else { "# " });
    out.push_str(&text);
    out.push('\n');
}

fn write_comment_behind(comment: Option<&str>) -> String {
    comment.map(|comment| format!("  # {}", clean_comment(comment))).unwrap_or_default()
}

/// Replaces hidden characters of a comment: a line feed would end it, and a change of the writing
/// direction would make it look like another.
fn clean_comment(comment: &str) -> String {
    let replace = |c: char| if is_hidden(c) { ' ' } else { c };
    comment.chars().map(replace).collect()
}

fn quote_each(items: &[String]) -> Vec<String> {
    items.iter().map(|item| quote_line(item)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::*;
    use crate::manifest::{self, EntrySource, TextSource, VersionSource};
    use crate::model::{Metadata, Person, Sensitive};

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    fn smallest() -> NewManifest {
        let mut new = NewManifest::default();
        let mut metadata = Metadata::default();
        metadata.set_text(Field::Title, "Forms");
        metadata.set_text(Field::UploadType, "dataset");
        metadata.set_text(Field::Description, "<p>All of them.</p>");
        metadata.set_text(Field::License, "cc0-1.0");
        let weiss = Person { name: "Weiss, Tobias".to_owned(), ..Person::default() };
        metadata.set(Field::Creators, Value::People(vec![weiss].into()));
        new.take_metadata(&metadata);
        new.files.push(
            NewFile { source: NewSource::Path("a.csv".to_owned()), ..NewFile::default() }.into(),
        );
        new
    }

    fn parsed(new: &NewManifest) -> manifest::Manifest {
        let text = write_manifest(new);
        let parsed = manifest::parse(&text, day(2026, 11, 23));
        parsed.manifest.unwrap_or_else(|| panic!("{text}\n{:?}", parsed.findings))
    }

    #[test]
    fn a_manifest_stands_in_the_order_of_a_screen_with_its_comments() {
        let mut new = smallest();
        new.head = texts(&[":schema ./.zrel/zenodo.schema.json", "From a record."]);
        new.server = Some(Annotated::from("zenodo".to_owned()).with_comment("the real one"));
        new.publish = Some(false.into());
        let concept = ("zenodo".to_owned(), "10.5281/zenodo.7".to_owned());
        new.concept.push(Annotated::from(concept).with_leading_comment("which record"));
        let version =
            Annotated::from(ManifestValue::GitTag("v".to_owned())).with_comment("v1.2 gives 1.2");
        new.metadata.insert(Field::Version, version);
        new.metadata.insert(Field::Notes, ManifestValue::Missing("\"…\"".to_owned()).into());
        let long = Value::List(vec!["number theory".repeat(3), "modular forms".repeat(4)]);
        new.metadata.insert(
            Field::Keywords,
            Annotated::from(ManifestValue::Value(long)).with_comment("from git"),
        );
        new.communities.push(Community("forms".to_owned()).into());
        let archive = NewFile {
            source: NewSource::Archive("data".to_owned()),
            as_name: Some("data.zip".to_owned()),
            exclude: texts(&["data/*.tmp"]),
            allow: vec![Sensitive::Token],
        };
        new.files.push(archive.into());
        let expected = r#"#:schema ./.zrel/zenodo.schema.json
# From a record.

server = "zenodo"  # the real one

[record]
publish = false

[record.concept]
# which record
zenodo = "10.5281/zenodo.7"

[metadata]
title = "Forms"
upload_type = "dataset"
version = { from = "git-tag", strip = "v" }  # v1.2 gives 1.2
creators = [
    { name = "Weiss, Tobias" },
]
description = "<p>All of them.</p>"
license = "cc0-1.0"
keywords = [  # from git
    "number theorynumber theorynumber theory",
    "modular formsmodular formsmodular formsmodular forms",
]
# notes = "…"

[[files]]
path = "a.csv"

[[files]]
archive = "data"
as = "data.zip"
exclude = ["data/*.tmp"]
allow = ["token"]

[[communities]]
id = "forms"
"#;
        assert_eq!(write_manifest(&new), expected);
        let read = parsed(&new);
        let version = read.metadata.version.unwrap().value;
        assert_eq!(version, VersionSource::GitTag { strip: "v".to_owned() });
    }

    #[test]
    fn every_kind_of_value_is_read_as_it_was_written() {
        let example = include_str!("../../zenodo.toml.example");
        let read = manifest::parse(example, day(2026, 11, 23)).manifest.unwrap();
        let mut new = smallest();
        new.take_metadata(&read.metadata.values);
        assert_eq!(parsed(&new).metadata.values, read.metadata.values);
    }

    #[test]
    fn a_licence_that_is_not_known_yet_is_allowed_by_name() {
        let mut new = smallest();
        let unknown = Value::Text("new-licence-2.0".to_owned());
        new.metadata.insert(Field::License, ManifestValue::Value(unknown).into());
        assert!(
            write_manifest(&new).contains(r#"license = { allow_unknown = "new-licence-2.0" }"#)
        );
        assert_eq!(parsed(&new).metadata.values.text(Field::License), Some("new-licence-2.0"));
    }

    #[test]
    fn a_path_with_the_signs_of_a_pattern_names_the_file_of_this_name_only() {
        let mut new = smallest();
        let source = NewSource::Path("a[1]*{b}?.csv".to_owned());
        new.files = vec![NewFile { source, ..NewFile::default() }.into()];
        let read = parsed(&new);
        let EntrySource::Paths { pattern, .. } = &read.files[0].source else { panic!() };
        assert_eq!(pattern.value, "a[[]1][*][{]b[}][?].csv");
        let glob = globset::Glob::new(&pattern.value).unwrap().compile_matcher();
        assert!(glob.is_match("a[1]*{b}?.csv") && !glob.is_match("a[1]xx{b}?.csv"));
    }

    #[test]
    fn nothing_that_a_server_sent_gets_out_of_its_quotes_or_its_comment() {
        let mut new = smallest();
        let hostile = "x\"\n[record]\npublish = true\u{202e}'''\"\"\" # \u{1b}[2J";
        new.head = vec![hostile.to_owned()];
        let line = Annotated::from(ManifestValue::Value(Value::Text(hostile.to_owned())));
        new.metadata.insert(Field::Title, line.with_comment(hostile).with_leading_comment(hostile));
        let text = write_manifest(&new);
        assert!(!text.contains(['\u{202e}', '\u{1b}']), "{text}");
        assert_eq!(parsed(&new).metadata.values.text(Field::Title), Some(hostile));
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_it_was_written(text in any::<String>(), lines in "[a-z<\"'\\\\\n ]{0,40}") {
            for text in [text, lines] {
                let wanted = format!("abc{text}xyz");
                let mut new = smallest();
                for field in [Field::Description, Field::Title] {
                    new.metadata.insert(field, ManifestValue::Value(Value::Text(wanted.clone())).into());
                }
                let name = Person { affiliation: Some(wanted.clone()), name: "A".to_owned(), ..Person::default() };
                new.metadata.insert(Field::Creators, ManifestValue::Value(Value::People(vec![name].into())).into());
                let read = parsed(&new);
                prop_assert_eq!(read.metadata.values.text(Field::Title), Some(wanted.as_str()));
                let description = read.metadata.texts[&Field::Description.into()].value.clone();
                prop_assert_eq!(description, TextSource::Inline(wanted.clone()));
                let Some(Value::People(people)) = read.metadata.values.get(Field::Creators) else { panic!() };
                prop_assert_eq!(people[0].affiliation.as_deref(), Some(wanted.as_str()));
            }
        }
    }
}
