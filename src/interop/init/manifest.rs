//! From what all sources say to the manifest: who wins, what is told, and what stays open.

use std::collections::BTreeSet;

use crate::manifest::path_fault;
use crate::model::{Community, Field, FieldKind, FileKey, Related, Value};
use crate::observed::Loss;
use crate::vocab;

use super::{
    Candidate, Found, GIT, Initiated, Kind, Missing, Place, Repository, Sources, Surroundings,
    name_key,
};
use crate::interop::from_record;
use crate::interop::manifest_writer::{Line, NewFile, NewSource, Said};
use crate::interop::source_metadata::repository_address;

/// How many files a record has at most.
const MAX_FILES: usize = 100;

/// How much of a value is shown. Characters.
const SHOWN: usize = 72;

/// Writes the manifest, and tells what came from where.
pub(in crate::interop) fn write(
    sources: &Sources,
    surroundings: &Surroundings,
    kind: &dyn Fn(&str) -> Option<Kind>,
    out: &mut Initiated,
) {
    for field in Field::ALL {
        if *field == Field::Version {
            version(sources, surroundings.git.as_ref(), out);
        } else {
            plain_field(*field, sources, out);
        }
    }
    related(sources, out);
    drop_subtypes(out);
    drop_old_date(out);
    missing(kind, out);
    files(sources, surroundings, kind, out);
    communities(sources, out);
    comments(sources, out);
    head(sources, out);
}

fn plain_field(field: Field, sources: &Sources, out: &mut Initiated) {
    let Some((winner, others)) = sources.fields.get(&field).and_then(|all| all.split_first())
    else {
        return;
    };
    let mut found = found(field, &winner.value, winner.place.clone());
    if field == Field::Creators {
        found.places.extend(sources.completed.iter().cloned());
    }
    let others = others.iter().filter(|other| !is_same(field, &winner.value, &other.value));
    found.others =
        others.map(|other| (other.place.clone(), in_short(field, &other.value))).collect();
    out.found.push(found);
    out.manifest.metadata.insert(field, Said::Value(winner.value.clone()).into());
}

fn found(field: Field, value: &Value, place: Place) -> Found {
    said_by(field.name(), in_short(field, value), place)
}

fn said_by(name: &str, value: String, place: Place) -> Found {
    Found { name: name.to_owned(), value, places: vec![place], others: Vec::new() }
}

/// Tells whether two sources mean the same, however they spell it.
fn is_same(field: Field, one: &Value, other: &Value) -> bool {
    let words = |text: &str| -> String {
        let lower = text.to_lowercase();
        lower.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    match (one, other) {
        (Value::Text(one), Value::Text(other)) if field == Field::License => {
            one == other
                || vocab::license_id(one).is_some_and(|id| Some(id) == vocab::license_id(other))
        }
        (Value::Text(one), Value::Text(other)) if field.kind() == FieldKind::Html => {
            words(&without_tags(one)) == words(&without_tags(other))
        }
        (Value::Text(one), Value::Text(other)) => words(one) == words(other),
        (Value::List(one), Value::List(other)) => {
            let set = |items: &[String]| items.iter().map(|it| words(it)).collect::<BTreeSet<_>>();
            set(one) == set(other)
        }
        (Value::People(one), Value::People(other)) => {
            one.iter().map(name_key).eq(other.iter().map(name_key))
        }
        (one, other) => one == other,
    }
}

fn without_tags(html: &str) -> String {
    let mut is_tag = false;
    let kept = html.chars().filter(|c| {
        let is_text = !is_tag && *c != '<';
        is_tag = if is_tag { *c != '>' } else { *c == '<' };
        is_text
    });
    kept.collect()
}

fn in_short(field: Field, value: &Value) -> String {
    let text = value.items().join("; ");
    let text = if field.kind() == FieldKind::Html { without_tags(&text) } else { text };
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The label is the one that the record's own file says; else that of a tag, which is right for the
/// next release as well; else the one that a file says now.
fn version(sources: &Sources, git: Option<&Repository>, out: &mut Initiated) {
    let said: &[Candidate] = sources.fields.get(&Field::Version).map_or(&[], Vec::as_slice);
    let is_own = said.first().is_some_and(|first| first.place.file == ".zenodo.json");
    let Some((strip, here)) = git.filter(|_| !is_own).and_then(tag_form) else {
        return plain_field(Field::Version, sources, out);
    };
    let value = match here {
        Some(label) => format!("{label}, of the tag {strip}{label}"),
        None => format!("the label of the release's tag, such as {strip}1.0"),
    };
    let place = Place { file: GIT.to_owned(), key: "tags".to_owned() };
    let others = said.iter().filter(|it| here.is_none_or(|here| it.value != text(here)));
    let others = others.map(|other| (other.place.clone(), in_short(Field::Version, &other.value)));
    let others = others.collect();
    out.found.push(Found { others, ..said_by("version", value, place) });
    let line = Line::from(Said::GitTag(strip.to_owned()));
    out.manifest.metadata.insert(Field::Version, line.saying("or a label: \"1.0\""));
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Returns what stands before the labels in the tags, and the label of the commit if it has one;
/// none where tags are no versions, or a commit has several.
fn tag_form(git: &Repository) -> Option<(&'static str, Option<&str>)> {
    let labels = |strip: &str, tags: &'_ [String]| -> Vec<usize> {
        let is_label = |tag: &String| {
            let label = tag.strip_prefix(strip);
            label.is_some_and(|label| label.starts_with(|c: char| c.is_ascii_digit()))
        };
        tags.iter().enumerate().filter(|(_, tag)| is_label(tag)).map(|(at, _)| at).collect()
    };
    let forms = ["v", ""]
        .into_iter()
        .map(|strip| (strip, labels(strip, &git.tags_here), labels(strip, &git.tags).len()));
    let forms = forms.filter(|(_, here, all)| *all > 0 && here.len() <= 1);
    let best = forms.max_by_key(|(strip, here, all)| (here.len(), *all, strip.len()))?;
    let (strip, here, _) = best;
    let here = here.first().and_then(|at| git.tags_here.get(*at));
    Some((strip, here.and_then(|tag| tag.strip_prefix(strip))))
}

fn related(sources: &Sources, out: &mut Initiated) {
    let items: Vec<Related> = sources.related.iter().map(|(related, _)| related.clone()).collect();
    if items.is_empty() {
        return;
    }
    for (item, place) in &sources.related {
        let value = Value::Related(vec![item.clone()]);
        out.found.push(found(Field::RelatedIdentifiers, &value, place.clone()));
    }
    let value = Said::Value(Value::Related(items));
    out.manifest.metadata.insert(Field::RelatedIdentifiers, value.into());
}

/// Takes out what goes with a word that another source won with.
fn drop_subtypes(out: &mut Initiated) {
    for (field, owner, word) in [
        (Field::PublicationType, Field::UploadType, "publication"),
        (Field::ImageType, Field::UploadType, "image"),
        (Field::EmbargoDate, Field::AccessRight, "embargoed"),
    ] {
        if value_of(out, owner) != Some(word) {
            take_out(field, &format!("it goes with {owner} `{word}` only"), out);
        }
    }
}

/// Takes out the date of some release where each release has its own label: the next one would be
/// dated like the last.
fn drop_old_date(out: &mut Initiated) {
    let version = out.manifest.metadata.get(&Field::Version).map(|line| &line.value);
    if let Some(Said::GitTag(_)) = version {
        let why = "a version that a tag names is dated by the day of its apply";
        take_out(Field::PublicationDate, why, out);
    }
}

/// Takes a value out again, and tells why.
fn take_out(field: Field, why: &str, out: &mut Initiated) {
    if out.manifest.metadata.remove(&field).is_none() {
        return;
    }
    let at = out.found.iter().position(|found| found.name == field.name());
    let Some(Found { value, places, .. }) = at.map(|at| out.found.remove(at)) else { return };
    for Place { file, key } in places {
        out.losses.push((file, Loss { place: key, what: format!("`{value}`: {why}") }));
    }
}

fn value_of(out: &Initiated, field: Field) -> Option<&str> {
    match out.manifest.metadata.get(&field).map(|line| &line.value) {
        Some(Said::Value(Value::Text(text))) => Some(text),
        _ => None,
    }
}

/// The files are those that a source names; else, in a repository, the source itself, as Zenodo's
/// GitHub integration has it.
fn files(
    sources: &Sources,
    surroundings: &Surroundings,
    kind: &dyn Fn(&str) -> Option<Kind>,
    out: &mut Initiated,
) {
    let named = named_files(sources, kind, out);
    let keys: BTreeSet<String> = named.iter().map(|(file, _)| record_name(file)).collect();
    if !named.is_empty() && keys.len() == named.len() && named.len() <= MAX_FILES {
        for (file, place) in named {
            out.found.push(said_by("files", shown(&file), place));
            out.manifest.files.push(NewFile { source: file, ..NewFile::default() }.into());
        }
        return;
    }
    let place = match named.first() {
        Some((_, place)) => {
            out.notes.push(format!(
                "files: a record has no folders and at most {MAX_FILES} files, so the {} files \
                 go into one zip",
                named.len()
            ));
            place.clone()
        }
        None if surroundings.git.is_some() => Place { file: GIT.to_owned(), key: String::new() },
        None => return no_files(out),
    };
    let as_name = format!("{}.zip", own_name(surroundings));
    let value = format!("the folder as {as_name}, without what .gitignore names");
    out.found.push(said_by("files", value, place));
    let file = NewFile {
        source: NewSource::Archive(".".to_owned()),
        as_name: Some(as_name),
        exclude: surroundings.own_files.clone(),
        ..NewFile::default()
    };
    let line = Line::from(file).saying("the whole folder, without what .gitignore names");
    out.manifest.files.push(line);
}

fn no_files(out: &mut Initiated) {
    out.missing.push(Missing {
        name: "files",
        what: "which files are to be published: no source says".to_owned(),
    });
    out.manifest.no_files = [
        "Which files? No source says. One entry each, such as:",
        "[[files]]",
        "path = \"data/*.csv\"",
    ]
    .map(str::to_owned)
    .to_vec();
}

/// Returns the files and folders that a source names and that are there; tells the others.
fn named_files(
    sources: &Sources,
    kind: &dyn Fn(&str) -> Option<Kind>,
    out: &mut Initiated,
) -> Vec<(NewSource, Place)> {
    let mut named: Vec<(NewSource, Place)> = Vec::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let is_folder = |path: &str| kind(path) == Some(Kind::Folder);
    let paths = sources.files.iter().map(|(path, _)| path.as_str());
    let folders: Vec<String> =
        paths.filter(|path| is_folder(path)).map(|path| format!("{path}/")).collect();
    for (path, place) in &sources.files {
        let is_within = folders.iter().any(|folder| path.starts_with(folder.as_str()));
        if !known.insert(path) || is_within {
            continue;
        }
        let is_publishable = path_fault(path).is_none()
            && path.rsplit('/').next().is_some_and(|name| FileKey::parse(name).is_ok());
        let source = match kind(path).filter(|_| is_publishable) {
            Some(Kind::File) => NewSource::Path(path.clone()),
            Some(Kind::Folder) => NewSource::Archive(path.clone()),
            None => {
                let what: String = path.chars().take(SHOWN).collect();
                let what = format!("`{what}`: no file of the folder that can be published");
                out.losses.push((place.file.clone(), Loss { place: place.key.clone(), what }));
                continue;
            }
        };
        named.push((source, place.clone()));
    }
    // The description alone is no data.
    let is_description = |(source, place): &(NewSource, Place)| shown(source) == place.file;
    if named.iter().all(is_description) { Vec::new() } else { named }
}

fn shown(source: &NewSource) -> String {
    match source {
        NewSource::Path(path) | NewSource::Glob(path) | NewSource::Keep(path) => path.clone(),
        NewSource::Archive(folder) => format!("{folder}/ as a zip"),
    }
}

/// Returns the name that a file has in the record.
fn record_name(source: &NewSource) -> String {
    let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    match source {
        NewSource::Path(path) | NewSource::Glob(path) | NewSource::Keep(path) => last(path),
        NewSource::Archive(folder) => format!("{}.zip", last(folder)),
    }
}

/// Returns the repository's name, or the folder's.
fn own_name(surroundings: &Surroundings) -> String {
    let remote = surroundings.git.as_ref().and_then(|git| git.remote.as_deref());
    let address = remote.and_then(repository_address);
    let last = address.as_deref().and_then(|address| address.rsplit('/').next());
    let is_good = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let names = [last.unwrap_or_default(), &surroundings.folder].map(|name| {
        let name: String = name.chars().filter(is_good).take(100).collect();
        name.trim_matches('.').to_owned()
    });
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "source".to_owned())
}

fn communities(sources: &Sources, out: &mut Initiated) {
    for (slug, place) in &sources.communities {
        let mut losses = Vec::new();
        let kept = from_record::communities(std::slice::from_ref(slug), &mut losses);
        out.losses.extend(
            losses
                .into_iter()
                .map(|loss| (place.file.clone(), Loss { place: place.key.clone(), ..loss })),
        );
        for line in kept {
            let Community(name) = &line.value;
            out.found.push(said_by("communities", name.clone(), place.clone()));
            out.manifest.communities.push(line);
        }
    }
}

/// Names what is needed, or what a person would want to say, and no source has.
fn missing(kind: &dyn Fn(&str) -> Option<Kind>, out: &mut Initiated) {
    let has_readme = kind("README.md") == Some(Kind::File);
    let description = if has_readme { "{ file = \"README.md\" }" } else { "\"…\"" };
    let upload_type = value_of(out, Field::UploadType).unwrap_or_default().to_owned();
    let is_closed = matches!(value_of(out, Field::AccessRight), Some("restricted" | "closed"));
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
        if is_wanted && !out.manifest.metadata.contains_key(&field) {
            let line = Line::from(Said::Missing(example.to_owned())).saying(what);
            out.manifest.metadata.insert(field, line);
            out.missing.push(Missing { name: field.name(), what: what.to_owned() });
        }
    }
}

/// Says of a value what a person should know who reads the manifest.
fn comments(sources: &Sources, out: &mut Initiated) {
    if let Some(line) = out.manifest.metadata.get_mut(&Field::PublicationDate) {
        line.comment = Some("or \"today\": the day on which a version is made".to_owned());
    }
    let Some(line) = out.manifest.metadata.get_mut(&Field::Creators) else { return };
    let Said::Value(Value::People(people)) = &line.value else { return };
    let winner = sources.fields.get(&Field::Creators).and_then(|all| all.first());
    let is_natural = winner.is_some_and(|it| sources.natural_names.contains(&it.place.file));
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

fn head(sources: &Sources, out: &mut Initiated) {
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
    let server = Line::from("local".to_owned());
    let server = server.saying("a rehearsal on this machine; \"zenodo\" for the real one");
    out.manifest.server = Some(server);
}
