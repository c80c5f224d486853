//! `[workspace]`: which manifests belong together, and what they inherit.
//!
//! What a member inherits is put into its document before that is read, so that a default is checked
//! as if the member had it. Deliberately absent: where the members are on the disk.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::model::{Field, FieldKind, Finding, Span};

use super::channels;
use super::codes;
use super::communities;
use super::community_metadata::find_fault_of_key;
use super::files::validate_path;
use super::metadata::{self, Context};
use super::reader::{Entry, Section, make_span};
use super::servers;
use super::sharing;
use super::types::{Located, Workspace};

/// What only a whole `[metadata]` must have: a workspace gives some of it.
const OF_A_WHOLE_RECORD: &[&str] =
    &[codes::MISSING, codes::NO_DESCRIPTION, codes::DEFAULT_LICENSE, codes::SUBTYPE];

/// Reads `[workspace]`.
pub(super) fn read_workspace(
    mut section: Section<'_>,
    context: &Context,
    defined: &[String],
    found: &mut Vec<Finding>,
) -> Workspace {
    let members = read_paths(section.take("members"), found);
    if members.is_empty() {
        found.push(
            Finding::error(codes::MEMBERS, "the workspace names no member")
                .at(section.span, "has no `members`")
                .hint("add `members = [\"deposits/*\"]`: folders with a zenodo.toml, or manifests"),
        );
    }
    let exclude = read_paths(section.take("exclude"), found);
    let server = section.text("server", found);
    let server = server.and_then(|name| servers::validate_server_name(name, defined, found));
    if let Some(entry) = section.take("metadata") {
        check_defaults(&entry, context, found);
    }
    let communities = section.take("communities");
    if let Some(entry) = communities {
        communities::read_communities(&entry, found);
        check_community_metadata(&entry, context, found);
    }
    if let Some(entry) = section.take("access") {
        check_access(&entry, found);
    }
    channels::read_channels(section.take("notify"), found);
    section.finish(None, found);
    Workspace { members, exclude, server }
}

fn read_paths(entry: Option<Entry<'_>>, found: &mut Vec<Finding>) -> Vec<Located<String>> {
    let texts = entry.map(|entry| entry.texts(found)).unwrap_or_default();
    texts.iter().filter_map(|text| validate_path(text, found)).collect()
}

/// Checks the values of `[workspace.metadata]`; which of them a record needs is known for a member
/// only.
fn check_defaults(entry: &Entry<'_>, context: &Context, found: &mut Vec<Finding>) {
    let Some(section) = entry.section("a table: `[workspace.metadata]`", found) else { return };
    for field in [Field::Doi, Field::Title] {
        if section.has(field.name()) {
            let summary = format!("`{field}` belongs to one record, and is no default");
            found.push(
                Finding::error(codes::DEFAULT, summary)
                    .at(entry.span, "for all members")
                    .hint("move it into the manifest of the record"),
            );
        }
    }
    for (key, value) in section.iter() {
        let is_file = value.get_ref().as_table().is_some_and(|table| table.contains_key("file"));
        let is_text = Field::from_name(key).is_some_and(|field| field.kind() == FieldKind::Html);
        if is_file && (is_text || key == Field::Version.name()) {
            let summary = format!("`{key}` from a file is no default");
            found.push(
                Finding::error(codes::DEFAULT, summary)
                    .at(make_span(&value.span()), "relative to which folder?")
                    .hint("write it in the manifest of each record"),
            );
        }
    }
    check_part(section, context, found);
}

/// Checks who has access to the records of all members.
fn check_access(entry: &Entry<'_>, found: &mut Vec<Finding>) {
    let Some(mut section) = entry.section("a table: `[workspace.access]`", found) else { return };
    sharing::read_sharing(&mut section, found);
    let why = "`files` and `embargo` are `access_right` and `embargo_date` of [workspace.metadata]";
    section.finish(Some(why), found);
}

/// Checks some values of a record, and leaves out what only all of them together can be.
fn check_part(section: Section<'_>, context: &Context, found: &mut Vec<Finding>) {
    let mut own = Vec::new();
    metadata::read_metadata(section, None, context, &mut own);
    found.extend(own.into_iter().filter(|one| !OF_A_WHOLE_RECORD.contains(&one.code)));
}

/// Checks what the communities of all members ask for.
fn check_community_metadata(entry: &Entry<'_>, context: &Context, found: &mut Vec<Finding>) {
    // A value of another type is reported where the communities are read.
    let mut reported = Vec::new();
    for mut community in entry.sections("", &mut reported) {
        let Some(entry) = community.take("metadata") else { continue };
        let Some(section) = entry.section("", &mut reported) else { continue };
        let faults = section.iter().filter_map(|(key, value)| {
            find_fault_of_key(key, value.get_ref(), make_span(&value.span()))
        });
        found.extend(faults);
        check_part(section, context, found);
    }
}

/// Puts into a member's document what its workspace gives it, and returns the names of the fields
/// and tables that it got.
pub(super) fn inherit<'t>(member: &mut DeTable<'t>, root: &DeTable<'t>) -> Vec<String> {
    let mut names = Vec::new();
    let Some(workspace) = find_table(root, "workspace") else { return names };
    let start = 0..0;
    // What communities ask for becomes metadata, and is reported there.
    let header = member.get("metadata").map_or(start.clone(), Spanned::span);
    for key in ["server", "communities", "notify"] {
        if let Some(value) = workspace.get(key)
            && !member.contains_key(key)
        {
            let place = if key == "communities" { &header } else { &start };
            insert(member, key, value, place);
            names.push(key.to_owned());
        }
    }
    // A server that a member names is defined where the others are.
    if let Some(servers) = find_table(root, "servers") {
        merge(member, "servers", servers, &start);
    }
    if let Some(api) = find_table(root, "api") {
        merge(member, "api", api, &start);
    }
    if let Some(access) = find_table(workspace, "access") {
        let added = merge(member, "access", access, &start);
        names.extend(added.into_iter().map(|key| format!("access.{key}")));
    }
    let says_access = |access: &DeTable<'_>| OWN_ACCESS.iter().any(|key| access.contains_key(*key));
    let has_access = find_table(member, "access").is_some_and(says_access);
    if let Some(metadata) = find_table(workspace, "metadata") {
        let mut metadata = metadata.clone();
        if has_access {
            // They would say again what the member says in `[access]`.
            for field in ACCESS {
                metadata.remove(field);
            }
        }
        names.extend(merge(member, "metadata", &metadata, &start));
    }
    names
}

fn find_table<'a, 't>(table: &'a DeTable<'t>, key: &str) -> Option<&'a DeTable<'t>> {
    table.get(key)?.get_ref().as_table()
}

/// Adds to a table of a member the keys that it does not have, and returns them. Each gets the place
/// of the table's header: it has none of its own in the member's text.
fn merge<'t>(
    member: &mut DeTable<'t>,
    name: &str,
    defaults: &DeTable<'t>,
    start: &Range<usize>,
) -> Vec<String> {
    if !member.contains_key(name) {
        insert_value(member, name, DeValue::Table(DeTable::new()), start);
    }
    let mut added = Vec::new();
    let Some(table) = member.get_mut(name) else { return added };
    let place = table.span();
    // A value of another type is reported when it is read.
    let DeValue::Table(table) = table.get_mut() else { return added };
    for (key, value) in defaults {
        let key = key.get_ref().as_ref();
        if !table.contains_key(key) && !says_the_same(table, key) {
            insert(table, key, value, &place);
            added.push(key.to_owned());
        }
    }
    added
}

/// What `[access]` says of the record itself.
const OWN_ACCESS: [&str; 3] = ["record", "files", "embargo"];

/// Fields that say what `[access]` says.
const ACCESS: [&str; 3] = ["access_right", "embargo_date", "embargo_reason"];

/// Fields of which a record has one.
const SAME: [[&str; 2]; 4] = [
    ["license", "licenses"],
    ["language", "languages"],
    ["grants", "funding"],
    ["imprint_publisher", "publisher"],
];

/// Returns whether a member says in another field what a default would say.
fn says_the_same(table: &DeTable<'_>, key: &str) -> bool {
    SAME.iter().any(|[one, other]| {
        (key == *one && table.contains_key(*other)) || (key == *other && table.contains_key(*one))
    })
}

fn insert<'t>(
    table: &mut DeTable<'t>,
    key: &str,
    value: &Spanned<DeValue<'t>>,
    place: &Range<usize>,
) {
    insert_value(table, key, place_value(value.get_ref(), place), place);
}

fn insert_value<'t>(table: &mut DeTable<'t>, key: &str, value: DeValue<'t>, place: &Range<usize>) {
    let key = Spanned::new(place.clone(), key.to_owned().into());
    table.insert(key, Spanned::new(place.clone(), value));
}

/// Returns a value of which each part has this place.
fn place_value<'t>(value: &DeValue<'t>, place: &Range<usize>) -> DeValue<'t> {
    match value {
        DeValue::Array(items) => {
            let mut placed = DeArray::new();
            for item in items {
                placed.push(Spanned::new(place.clone(), place_value(item.get_ref(), place)));
            }
            DeValue::Array(placed)
        }
        DeValue::Table(table) => {
            let mut placed = DeTable::new();
            for (key, value) in table {
                insert(&mut placed, key.get_ref(), value, place);
            }
            DeValue::Table(placed)
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => value.clone(),
    }
}

/// Makes the note that says what a manifest inherits; none when that is nothing.
pub(super) fn note_inherited(names: &[String], root: &str, span: Span) -> Option<Finding> {
    if names.is_empty() {
        return None;
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let verb = if names.len() == 1 { "comes" } else { "come" };
    let summary = format!("{} {verb} from the workspace", quoted.join(", "));
    Some(Finding::note(codes::INHERITED, summary).at(span, format!("and from `{root}`")))
}

#[cfg(test)]
mod tests {
    use crate::manifest::{Root, parse_member};
    use crate::model::Field;

    #[test]
    fn a_member_inherits_nothing_that_it_says_in_another_way() {
        let root = "[workspace]\nmembers = [\"a\"]\n[workspace.metadata]\nlicense = \"MIT\"\n\
                    language = \"en\"\naccess_right = \"restricted\"\npublisher = \"A press\"\n\
                    [api]\nsandbox = \"deposit\"\n";
        let member = "[metadata]\ntitle = \"A title\"\nupload_type = \"dataset\"\n\
                      description = \"What it is.\"\ncreators = [{ name = \"CERN\" }]\n\
                      licenses = [\"CC-BY-4.0\", \"MIT\"]\nimprint_publisher = \"Ours\"\n\
                      [access]\nfiles = \"public\"\n[[files]]\npath = \"a.csv\"\n";
        let root = Some(Root { text: root, shown: "zenodo.toml" });
        let parsed = parse_member(member, root, jiff::civil::date(2026, 11, 30));
        let manifest = parsed.manifest.unwrap_or_else(|| panic!("{:#?}", parsed.findings));
        let values = &manifest.metadata.values;
        assert_eq!(values.text(Field::License), None);
        assert_eq!(values.text(Field::Language), Some("eng"));
        assert_eq!(values.text(Field::AccessRight), Some("open"));
        assert_eq!(values.text(Field::ImprintPublisher), Some("Ours"));
        assert_eq!(manifest.api.len(), 1);
    }
}
