//! Chooses the files that the manifest publishes: those that a source names, or the whole folder.

use std::collections::BTreeSet;

use crate::manifest::find_path_fault;
use crate::model::FileKey;
use crate::observed::UnsupportedValue;

use super::sources::Sources;
use super::types::{Found, Initiated, Kind, Missing, Place, SHOWN, Surroundings};
use crate::interop::formats::git::GIT;
use crate::interop::new_manifest::{Annotated, NewFile, NewSource};
use crate::interop::repository_address::find_public_address;

/// The most files that a record has.
const MAX_FILES: usize = 100;

/// Adds the files that a source names; otherwise, in a repository, the whole folder as one zip, as
/// Zenodo's GitHub integration does.
pub(in crate::interop) fn fill_files(
    sources: &Sources,
    surroundings: &Surroundings,
    kind: &dyn Fn(&str) -> Option<Kind>,
    out: &mut Initiated,
) {
    let named = find_named_files(sources, kind, out);
    let keys: BTreeSet<String> = named.iter().map(|(file, _)| find_record_name(file)).collect();
    // A record has no folders: files with the same name can't be published one by one.
    if !named.is_empty() && keys.len() == named.len() && named.len() <= MAX_FILES {
        for (file, place) in named {
            out.found.push(Found::new("files", describe_file(&file), place));
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
        // In a repository the commit says what belongs to the work; elsewhere only a person knows.
        None if surroundings.git.is_some() => Place { file: GIT.to_owned(), key: String::new() },
        None => return report_missing_files(out),
    };
    let as_name = format!("{}.zip", choose_archive_name(surroundings));
    let value = format!("the folder as {as_name}, without what .gitignore names");
    out.found.push(Found::new("files", value, place));
    let file = NewFile {
        source: NewSource::Archive(".".to_owned()),
        as_name: Some(as_name),
        exclude: surroundings.own_files.clone(),
        ..NewFile::default()
    };
    let line =
        Annotated::from(file).with_comment("the whole folder, without what .gitignore names");
    out.manifest.files.push(line);
}

fn report_missing_files(out: &mut Initiated) {
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

/// Returns the files and folders that a source names and that exist; reports the others.
fn find_named_files(
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
        // A folder is packed whole, so its files must not be published a second time.
        let is_within = folders.iter().any(|folder| path.starts_with(folder.as_str()));
        if !known.insert(path) || is_within {
            continue;
        }
        let is_publishable = find_path_fault(path).is_none()
            && path.rsplit('/').next().is_some_and(|name| FileKey::parse(name).is_ok());
        let source = match kind(path).filter(|_| is_publishable) {
            Some(Kind::File) => NewSource::Path(path.clone()),
            Some(Kind::Folder) => NewSource::Archive(path.clone()),
            None => {
                let what: String = path.chars().take(SHOWN).collect();
                let what = format!("`{what}`: no file of the folder that can be published");
                out.unsupported.push((
                    place.file.clone(),
                    UnsupportedValue { place: place.key.clone(), what },
                ));
                continue;
            }
        };
        named.push((source, place.clone()));
    }
    // A record must have more than the file that describes it.
    let is_description = |(source, place): &(NewSource, Place)| describe_file(source) == place.file;
    if named.iter().all(is_description) { Vec::new() } else { named }
}

fn describe_file(source: &NewSource) -> String {
    match source {
        NewSource::Path(path) | NewSource::Glob(path) | NewSource::Keep(path) => path.clone(),
        NewSource::Archive(folder) => format!("{folder}/ as a zip"),
    }
}

/// Returns the name that a file has in the record.
fn find_record_name(source: &NewSource) -> String {
    let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    match source {
        NewSource::Path(path) | NewSource::Glob(path) | NewSource::Keep(path) => last(path),
        NewSource::Archive(folder) => format!("{}.zip", last(folder)),
    }
}

/// Returns the repository's name, or the folder's.
fn choose_archive_name(surroundings: &Surroundings) -> String {
    // The folder of a clone may have any name, so the remote's name comes first.
    let remote = surroundings.git.as_ref().and_then(|git| git.remote.as_deref());
    let address = remote.and_then(find_public_address);
    let last = address.as_deref().and_then(|address| address.rsplit('/').next());
    let is_good = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let names = [last.unwrap_or_default(), &surroundings.folder].map(|name| {
        let name: String = name.chars().filter(is_good).take(100).collect();
        name.trim_matches('.').to_owned()
    });
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "source".to_owned())
}
