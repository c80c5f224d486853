//! Writes a manifest as text: keys in the order of a screen, quoted for TOML, with comments.
//!
//! A caller fills a [`NewManifest`]; [`write_manifest`] writes it, and `manifest::parse` reads the
//! same values from it. Values are not validated here: `manifest::parse` does that.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::model::{
    Affiliation, Community, CustomValue, DateInterval, Field, Funding, Identifier, License,
    Location, Metadata, Person, PersonDetails, Related, Sensitive, Subject, TypedText, Value,
};
use crate::toml_text::{is_hidden, quote_key, quote_line, quote_lines};
use crate::vocab;

/// The longest list that is written on one line. Characters.
const LINE: usize = 80;

/// The contents of a manifest, without quotes. Empty values are not written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewManifest {
    /// Comment lines at the top, without `#`.
    pub head: Vec<String>,
    /// `server`.
    pub server: Option<Annotated<String>>,
    /// `publish` under `[record]`.
    pub publish: Option<Annotated<bool>>,
    /// `[record.concept]`: a server's name, and the concept's DOI or number.
    pub concept: Vec<Annotated<(String, String)>>,
    /// `[metadata]`, written in the order of [`Field::ALL`].
    pub metadata: BTreeMap<Field, Annotated<ManifestValue>>,
    /// `[[files]]`.
    pub files: Vec<Annotated<NewFile>>,
    /// Comment lines in the place of `[[files]]`, without `#`; not written beside entries.
    pub no_files: Vec<String>,
    /// `[[communities]]`.
    pub communities: Vec<Annotated<Community>>,
    /// `[servers.NAME]`.
    pub servers: Vec<Annotated<NewServer>>,
}

/// A value to write, with its comments.
///
/// `Annotated::from(value)` has no comment; `.with_comment("from CITATION.cff")` adds one behind
/// the value, `.with_leading_comment("…")` a comment line above it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annotated<T> {
    /// What is written.
    pub value: T,
    /// Comment lines above it, without `#`.
    pub above: Vec<String>,
    /// A comment behind it, without `#`; behind the opening bracket of a long list.
    pub comment: Option<String>,
}

impl<T> From<T> for Annotated<T> {
    fn from(value: T) -> Self {
        Self { value, above: Vec::new(), comment: None }
    }
}

impl<T> Annotated<T> {
    /// Adds the comment behind it.
    #[must_use]
    pub fn with_comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Adds a comment line above it.
    #[must_use]
    pub fn with_leading_comment(mut self, comment: impl Into<String>) -> Self {
        self.above.push(comment.into());
        self
    }
}

/// The value of a field of `[metadata]`.
#[derive(Debug, Clone, PartialEq)]
pub enum ManifestValue {
    /// The value itself. A licence that the vocabulary does not know is written as
    /// `{ allow_unknown = "…" }`.
    Value(Value),
    /// `{ file = "ABSTRACT.md" }`, for a field of kind `Html`.
    File(String),
    /// `{ from = "git-tag", strip = "v" }`, for `version`; no `strip` when it is empty.
    GitTag(String),
    /// Nothing yet: `# title = "…"`, as a comment, with this TOML as the example.
    Missing(String),
}

/// One `[[files]]` entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewFile {
    /// Which files.
    pub source: NewSource,
    /// `as`. The manifest refuses it together with a pattern or a path that contains one of
    /// `*?[{}`.
    pub as_name: Option<String>,
    /// `exclude`.
    pub exclude: Vec<String>,
    /// `allow`.
    pub allow: Vec<Sensitive>,
}

/// The files that an entry selects, relative to the manifest's folder, with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewSource {
    /// One file; characters that would make it a pattern are escaped.
    Path(String),
    /// A pattern, as it is.
    Glob(String),
    /// A folder as one zip.
    Archive(String),
    /// Files on the server that stay as they are, by a name or a glob.
    Keep(String),
}

impl Default for NewSource {
    fn default() -> Self {
        Self::Path(String::new())
    }
}

/// One `[servers.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewServer {
    /// Its name: letters, digits, `-` and `_`.
    pub name: String,
    /// Its address.
    pub url: String,
    /// The DOI prefix that it mints under, if known.
    pub doi_prefix: Option<String>,
}

impl NewManifest {
    /// Takes all values of some metadata, each without a comment.
    pub fn take_metadata(&mut self, metadata: &Metadata) {
        for (field, value) in metadata.iter() {
            self.metadata.insert(field, ManifestValue::Value(value.clone()).into());
        }
    }
}

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

fn write_text(field: Field, text: &str) -> String {
    // The manifest accepts an unknown licence only if it is allowed explicitly.
    if field == Field::License && vocab::find_license_id(text).is_none() {
        return write_table(&[("allow_unknown", Some(&text.to_owned()))]);
    }
    quote_lines(text)
}

/// Returns each item of a list of tables as one line.
fn write_tables(field: Field, value: &Value) -> Vec<String> {
    match value {
        Value::Text(_) | Value::List(_) | Value::Custom(_) => Vec::new(),
        Value::People(people) => people.iter().map(|person| write_person(field, person)).collect(),
        Value::Related(items) => items.iter().map(write_related).collect(),
        Value::Subjects(items) => items.iter().map(write_subject).collect(),
        Value::Locations(items) => items.iter().map(write_location).collect(),
        Value::Dates(items) => items.iter().map(write_date).collect(),
        Value::TypedTexts(items) => items.iter().map(|item| write_typed(field, item)).collect(),
        Value::Licenses(items) => items.iter().map(write_license).collect(),
        Value::Funding(items) => items.iter().map(write_funding).collect(),
    }
}

fn write_person(field: Field, person: &Person) -> String {
    let Person { name, affiliation, orcid, gnd, role, details } = person;
    let PersonDetails { is_organization, names, affiliations, identifiers } = details;
    let text = |text: &String| quote_line(text);
    // A contributor's role is its `type`.
    let (kind, own) =
        if field == Field::Contributors { (role.as_ref(), None) } else { (None, role.as_ref()) };
    join_table(vec![
        ("name", Some(quote_line(name)).filter(|_| names.is_none())),
        ("family_name", names.as_ref().map(|(family, _)| quote_line(family))),
        (
            "given_name",
            names.as_ref().filter(|(_, given)| !given.is_empty()).map(|(_, given)| text(given)),
        ),
        ("kind", is_organization.then(|| quote_line("organization"))),
        ("type", kind.map(text)),
        ("role", own.map(text)),
        ("affiliation", affiliation.as_ref().map(text)),
        (
            "affiliations",
            (!affiliations.is_empty())
                .then(|| join_items(affiliations.iter().map(write_affiliation))),
        ),
        ("orcid", orcid.as_ref().map(text)),
        ("gnd", gnd.as_ref().map(text)),
        ("identifiers", write_identifiers(identifiers)),
    ])
}

fn join_items(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// Writes an affiliation; of one with an id the name is the server's own.
fn write_affiliation(home: &Affiliation) -> String {
    match (&home.name, &home.ror) {
        (Some(name), None) => quote_line(name),
        (name, ror) => write_table(&[("ror", ror.as_ref()), ("name", name.as_ref())]),
    }
}

fn write_identifiers(identifiers: &[Identifier]) -> Option<String> {
    let one = |id: &Identifier| {
        write_table(&[("scheme", Some(&id.scheme)), ("identifier", Some(&id.identifier))])
    };
    (!identifiers.is_empty()).then(|| join_items(identifiers.iter().map(one)))
}

fn write_typed(field: Field, item: &TypedText) -> String {
    let TypedText { text, kind, language } = item;
    let key = if field == Field::Titles { "title" } else { "description" };
    let kind = Some(kind).filter(|kind| !kind.is_empty());
    write_table(&[(key, Some(text)), ("kind", kind), ("language", language.as_ref())])
}

fn write_license(license: &License) -> String {
    let License { id, title, description, link } = license;
    match id {
        Some(id) => quote_line(id),
        None => write_table(&[
            ("title", title.as_ref()),
            ("description", description.as_ref()),
            ("link", link.as_ref()),
        ]),
    }
}

fn write_funding(funding: &Funding) -> String {
    let Funding { funder_ror, funder_name, award_id, number, title, url } = funding;
    let has_funder = funder_ror.is_some() || funder_name.is_some();
    let funder = has_funder
        .then(|| write_table(&[("ror", funder_ror.as_ref()), ("name", funder_name.as_ref())]));
    let has_award = award_id.is_some() || number.is_some() || title.is_some();
    let award = has_award.then(|| {
        write_table(&[
            ("id", award_id.as_ref()),
            ("number", number.as_ref()),
            ("title", title.as_ref()),
            ("url", url.as_ref()),
        ])
    });
    join_table(vec![("funder", funder), ("award", award)])
}

/// Writes a custom field; words of vocabularies that a manifest knows by their ids alone.
fn write_custom_field(name: &str, value: &CustomValue) -> String {
    let word = |value: &CustomValue| match value {
        CustomValue::Table(table) => table.get("id").map_or_else(String::new, write_custom),
        CustomValue::Text(_)
        | CustomValue::Number(_)
        | CustomValue::Flag(_)
        | CustomValue::List(_) => write_custom(value),
    };
    match (name, value) {
        ("code:programmingLanguage", CustomValue::List(items)) => {
            join_items(items.iter().map(word))
        }
        ("code:developmentStatus", value) => word(value),
        _ => write_custom(value),
    }
}

/// Writes the value of a custom field.
fn write_custom(value: &CustomValue) -> String {
    match value {
        CustomValue::Text(text) => quote_line(text),
        CustomValue::Number(number) => number.clone(),
        CustomValue::Flag(flag) => flag.to_string(),
        CustomValue::List(items) => join_items(items.iter().map(write_custom)),
        CustomValue::Table(table) => {
            let pairs = table.iter();
            let pairs: Vec<String> = pairs
                .map(|(key, it)| format!("{} = {}", quote_key(key), write_custom(it)))
                .collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}

/// Writes a related identifier without its scheme: the server detects it, and a manifest has no key
/// for it.
fn write_related(related: &Related) -> String {
    let Related { identifier, relation, resource_type, scheme: _ } = related;
    write_table(&[
        ("identifier", Some(identifier)),
        ("relation", Some(relation)),
        ("resource_type", resource_type.as_ref()),
    ])
}

fn write_subject(subject: &Subject) -> String {
    let Subject { term, identifier, scheme, is_known } = subject;
    if *is_known {
        let term = Some(term).filter(|term| !term.is_empty());
        return write_table(&[("id", Some(identifier)), ("term", term)]);
    }
    write_table(&[
        ("term", Some(term)),
        ("identifier", Some(identifier)),
        ("scheme", scheme.as_ref()),
    ])
}

fn write_location(location: &Location) -> String {
    let Location { place, lat, lon, description, geometry, identifiers } = location;
    let degrees = |degrees: f64| toml::Value::Float(degrees).to_string();
    join_table(vec![
        ("place", Some(place).filter(|place| !place.is_empty()).map(|place| quote_line(place))),
        ("lat", lat.map(degrees)),
        ("lon", lon.map(degrees)),
        ("geometry", geometry.as_ref().map(write_custom)),
        ("identifiers", write_identifiers(identifiers)),
        ("description", description.as_deref().map(quote_line)),
    ])
}

fn write_date(date: &DateInterval) -> String {
    let DateInterval { start, end, kind, description } = date;
    // One with a time of the day is no interval.
    if let (Some(date), Some(end)) = (start, end)
        && date == end
        && date.contains('T')
    {
        return write_table(&[
            ("date", Some(date)),
            ("type", Some(kind)),
            ("description", description.as_ref()),
        ]);
    }
    write_table(&[
        ("start", start.as_ref()),
        ("end", end.as_ref()),
        ("type", Some(kind)),
        ("description", description.as_ref()),
    ])
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
    let NewServer { name, url, doi_prefix } = &line.value;
    let mut out = format!("[servers.{name}]\n");
    write_entry(&mut out, "url", &quote_line(url), line);
    if let Some(prefix) = doi_prefix {
        write_entry(&mut out, "doi_prefix", &quote_line(prefix), &Annotated::from(()));
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

fn write_table(pairs: &[(&str, Option<&String>)]) -> String {
    let pairs = pairs.iter().map(|(key, value)| (*key, value.map(|text| quote_line(text))));
    join_table(pairs.collect())
}

fn join_table(pairs: Vec<(&str, Option<String>)>) -> String {
    let pairs = pairs.into_iter().filter_map(|(key, value)| Some(format!("{key} = {}", value?)));
    format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
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
        metadata.set(Field::Creators, Value::People(vec![weiss]));
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
                new.metadata.insert(Field::Creators, ManifestValue::Value(Value::People(vec![name])).into());
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
