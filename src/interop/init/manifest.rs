//! Makes the manifest from all sources: which one wins, what is reported, and what stays open.

use std::collections::BTreeSet;

use crate::model::{Community, Field, FieldKind, Related, Value};
use crate::observed::UnsupportedValue;
use crate::vocab;

use super::files::fill_files;
use super::sources::{Candidate, Sources};
use super::types::{Found, Initiated, Kind, Missing, Place, SHOWN, Surroundings};
use crate::interop::formats::git::{GIT, Repository, read_tag_form};
use crate::interop::formats::zenodo_json;
use crate::interop::manifest_values::select_communities;
use crate::interop::new_manifest::{Annotated, ManifestValue};
use crate::interop::person_names::sort_name_words;

/// Fills the manifest, and reports where each value came from.
pub(in crate::interop) fn fill_manifest(
    sources: &Sources,
    surroundings: &Surroundings,
    kind: &dyn Fn(&str) -> Option<Kind>,
    out: &mut Initiated,
) {
    for field in Field::ALL {
        if *field == Field::Version {
            fill_version(sources, surroundings.git.as_ref(), out);
        } else {
            fill_field(*field, sources, out);
        }
    }
    fill_related(sources, out);
    // Values are dropped before the fields that are left open are listed.
    drop_subtypes(out);
    drop_old_date(out);
    list_missing_fields(kind, out);
    fill_files(sources, surroundings, kind, out);
    fill_communities(sources, out);
    add_comments(sources, out);
    write_head(sources, out);
}

fn fill_field(field: Field, sources: &Sources, out: &mut Initiated) {
    let Some((winner, others)) = sources.fields.get(&field).and_then(|all| all.split_first())
    else {
        return;
    };
    let mut found = make_found(winner.field, &winner.value, winner.place.clone());
    if field == Field::Creators {
        found.places.extend(sources.completed.iter().cloned());
    }
    let others = others.iter().filter(|other| !is_same(field, &winner.value, &other.value));
    found.others =
        others.map(|other| (other.place.clone(), summarize(other.field, &other.value))).collect();
    out.found.push(found);
    out.manifest.metadata.insert(winner.field, ManifestValue::Value(winner.value.clone()).into());
}

fn make_found(field: Field, value: &Value, place: Place) -> Found {
    Found::new(field.name(), summarize(field, value), place)
}

/// Returns whether two sources mean the same, whatever their spelling.
fn is_same(field: Field, one: &Value, other: &Value) -> bool {
    let words = |text: &str| -> String {
        let lower = text.to_lowercase();
        lower.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    match (one, other) {
        // Old and new ids may name one licence.
        (Value::Text(one), Value::Text(other)) if field == Field::License => {
            one == other
                || vocab::find_license_id(one)
                    .is_some_and(|id| Some(id) == vocab::find_license_id(other))
        }
        // One source may have plain text where another has HTML.
        (Value::Text(one), Value::Text(other)) if field.kind() == FieldKind::Html => {
            words(&strip_tags(one)) == words(&strip_tags(other))
        }
        (Value::Text(one), Value::Text(other)) => words(one) == words(other),
        // Keywords have no order that matters.
        (Value::List(one), Value::List(other)) => {
            let set = |items: &[String]| items.iter().map(|it| words(it)).collect::<BTreeSet<_>>();
            set(one) == set(other)
        }
        // Files write a name in natural order or family name first; only the words count.
        (Value::People(one), Value::People(other)) => {
            one.iter().map(sort_name_words).eq(other.iter().map(sort_name_words))
        }
        (one, other) => one == other,
    }
}

fn strip_tags(html: &str) -> String {
    let mut is_tag = false;
    let kept = html.chars().filter(|c| {
        let is_text = !is_tag && *c != '<';
        is_tag = if is_tag { *c != '>' } else { *c == '<' };
        is_text
    });
    kept.collect()
}

fn summarize(field: Field, value: &Value) -> String {
    let text = value.items().join("; ");
    let text = if field.kind() == FieldKind::Html { strip_tags(&text) } else { text };
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Takes the label of the record's own file; otherwise that of a tag, which is right for the next
/// release as well; otherwise that of another file.
fn fill_version(sources: &Sources, git: Option<&Repository>, out: &mut Initiated) {
    let said: &[Candidate] = sources.fields.get(&Field::Version).map_or(&[], Vec::as_slice);
    // `.zenodo.json` is written for the record, so its version is not replaced by a tag's.
    let is_own = said.first().is_some_and(|first| first.place.file == zenodo_json::FILE);
    let Some((strip, here)) = git.filter(|_| !is_own).and_then(read_tag_form) else {
        return fill_field(Field::Version, sources, out);
    };
    let value = match here {
        Some(label) => format!("{label}, of the tag {strip}{label}"),
        None => format!("the label of the release's tag, such as {strip}1.0"),
    };
    let place = Place { file: GIT.to_owned(), key: "tags".to_owned() };
    let others = said.iter().filter(|it| here.is_none_or(|here| it.value != make_text(here)));
    let others = others.map(|other| (other.place.clone(), summarize(Field::Version, &other.value)));
    let others = others.collect();
    out.found.push(Found { others, ..Found::new("version", value, place) });
    let line = Annotated::from(ManifestValue::GitTag(strip.to_owned()));
    out.manifest.metadata.insert(Field::Version, line.with_comment("or a label: \"1.0\""));
}

fn make_text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn fill_related(sources: &Sources, out: &mut Initiated) {
    let items: Vec<Related> = sources.related.iter().map(|(related, _)| related.clone()).collect();
    if items.is_empty() {
        return;
    }
    for (item, place) in &sources.related {
        let value = Value::Related(vec![item.clone()]);
        out.found.push(make_found(Field::RelatedIdentifiers, &value, place.clone()));
    }
    let value = ManifestValue::Value(Value::Related(items));
    out.manifest.metadata.insert(Field::RelatedIdentifiers, value.into());
}

/// Removes values that belong to a type or access right which did not win.
fn drop_subtypes(out: &mut Initiated) {
    for (field, owner, word) in [
        (Field::PublicationType, Field::UploadType, "publication"),
        (Field::ImageType, Field::UploadType, "image"),
        (Field::EmbargoDate, Field::AccessRight, "embargoed"),
    ] {
        if find_value(out, owner) != Some(word) {
            take_out(field, &format!("it goes with {owner} `{word}` only"), out);
        }
    }
}

/// Removes the date of an earlier release if the version comes from a tag.
fn drop_old_date(out: &mut Initiated) {
    let version = out.manifest.metadata.get(&Field::Version).map(|line| &line.value);
    // The date of the last release would be published with every later one.
    if let Some(ManifestValue::GitTag(_)) = version {
        let why = "a version that a tag names is dated by the day of its apply";
        take_out(Field::PublicationDate, why, out);
    }
}

/// Removes a value from the manifest, and reports why.
fn take_out(field: Field, why: &str, out: &mut Initiated) {
    if out.manifest.metadata.remove(&field).is_none() {
        return;
    }
    let at = out.found.iter().position(|found| found.name == field.name());
    let Some(Found { value, places, .. }) = at.map(|at| out.found.remove(at)) else { return };
    for Place { file, key } in places {
        out.unsupported
            .push((file, UnsupportedValue { place: key, what: format!("`{value}`: {why}") }));
    }
}

fn find_value(out: &Initiated, field: Field) -> Option<&str> {
    match out.manifest.metadata.get(&field).map(|line| &line.value) {
        Some(ManifestValue::Value(Value::Text(text))) => Some(text),
        _ => None,
    }
}

fn fill_communities(sources: &Sources, out: &mut Initiated) {
    for (slug, place) in &sources.communities {
        let mut unsupported = Vec::new();
        let kept = select_communities(std::slice::from_ref(slug), &mut unsupported);
        out.unsupported.extend(unsupported.into_iter().map(|loss| {
            (place.file.clone(), UnsupportedValue { place: place.key.clone(), ..loss })
        }));
        for line in kept {
            let Community(name) = &line.value;
            out.found.push(Found::new("communities", name.clone(), place.clone()));
            out.manifest.communities.push(line);
        }
    }
}

/// Lists fields that are needed or recommended and that no source has.
fn list_missing_fields(kind: &dyn Fn(&str) -> Option<Kind>, out: &mut Initiated) {
    let has_readme = kind("README.md") == Some(Kind::File);
    let description = if has_readme { "{ file = \"README.md\" }" } else { "\"…\"" };
    let upload_type = find_value(out, Field::UploadType).unwrap_or_default().to_owned();
    // The server sets no default licence on a record that is not open.
    let is_closed = matches!(find_value(out, Field::AccessRight), Some("restricted" | "closed"));
    let wanted = [
        (Field::Title, "\"…\"", "three characters or more", true),
        (Field::UploadType, "\"software\"", "or dataset, publication, …", true),
        (
            Field::PublicationType,
            "\"article\"",
            "or report, preprint, …",
            upload_type == "publication",
        ),
        (Field::ImageType, "\"figure\"", "or photo, plot, …", upload_type == "image"),
        (Field::Creators, "[{ name = \"Family, Given\" }]", "who made it", true),
        (Field::Description, description, "an abstract: HTML, or a Markdown file", true),
        (
            Field::License,
            "\"CC-BY-4.0\"",
            "one licence; without it Zenodo takes its default",
            !is_closed,
        ),
    ];
    for (field, example, what, is_wanted) in wanted {
        let is_open = out.manifest.metadata.keys().all(|named| named.narrower() != field);
        if is_wanted && is_open {
            let line =
                Annotated::from(ManifestValue::Missing(example.to_owned())).with_comment(what);
            out.manifest.metadata.insert(field, line);
            out.missing.push(Missing { name: field.name(), what: what.to_owned() });
        }
    }
}

/// Adds comments to values that the reader of the manifest should check.
fn add_comments(sources: &Sources, out: &mut Initiated) {
    if let Some(line) = out.manifest.metadata.get_mut(&Field::PublicationDate) {
        line.comment = Some("or \"today\": the day on which a version is made".to_owned());
    }
    let Some(line) = out.manifest.metadata.get_mut(&Field::Creators) else { return };
    let ManifestValue::Value(Value::People(people)) = &line.value else { return };
    let winner = sources.fields.get(&Field::Creators).and_then(|all| all.first());
    let is_natural = winner.is_some_and(|it| sources.natural_names.contains(&it.place.file));
    // A name of one word has no parts to put in order.
    let has_words = people.iter().any(|it| it.name.contains(' ') && !it.name.contains(','));
    if is_natural && has_words {
        line.comment = Some("Zenodo cites people as \"Family, Given\"".to_owned());
        out.notes.push(
            "creators: the names are as the source has them; Zenodo cites people as \
             \"Family, Given\""
                .to_owned(),
        );
    }
}

fn write_head(sources: &Sources, out: &mut Initiated) {
    let mut from: Vec<&str> = sources.read.iter().map(String::as_str).collect();
    let has_git = out.found.iter().flat_map(|found| &found.places).any(|place| place.file == GIT);
    from.extend(has_git.then_some(GIT));
    out.manifest.head.push(match from.as_slice() {
        [] => "Written by `zrel init`. What is commented out is to be named.".to_owned(),
        [one] => format!("Written by `zrel init` from {one}."),
        [first @ .., last] => {
            format!("Written by `zrel init` from {} and {last}.", first.join(", "))
        }
    });
    let server = Annotated::from("local".to_owned());
    let server = server.with_comment("a rehearsal on this machine; \"zenodo\" for the real one");
    out.manifest.server = Some(server);
}
