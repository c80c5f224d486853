//! `[[write]]`: the files of the project that get the DOI, the version and the date of a release;
//! nothing on the disk is read.

use crate::model::{Field, Finding};
use crate::write_back::{Format, Kind, Slot};

use super::codes;
use super::files::is_glob;
use super::paths::{find_path_fault, normalize_path};
use super::reader::{Entry, Section};
use super::types::{
    DateSource, Located, Manifest, ManifestMetadata, NamedServer, TextSource, VersionSource,
    WriteEntry,
};
use super::vocab_checks::{self, shorten_and_escape};

/// Folders and files that say what CI or a hook runs, in lower case, beside those that begin with
/// `.git`.
const FORGE_NAMES: &[&str] = &[
    ".appveyor.yml",
    ".build.yml",
    ".buildkite",
    ".builds",
    ".circleci",
    ".cirrus.yml",
    ".config",
    ".drone.yml",
    ".forgejo",
    ".gitea",
    ".husky",
    ".pre-commit-config.yaml",
    ".semaphore",
    ".travis.yml",
    ".woodpecker",
    ".woodpecker.yaml",
    ".woodpecker.yml",
    "action.yaml",
    "action.yml",
    "appveyor.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "jenkinsfile",
];

/// How many files are written: each takes time to read.
const MAX_ENTRIES: usize = 100;

/// Reads `[[write]]`.
pub(super) fn read_writes(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<WriteEntry> {
    let mut entries: Vec<WriteEntry> = Vec::new();
    for section in entry.sections("{ path = \"CITATION.cff\" }", found) {
        let Some(entry) = read_write_entry(section, found) else { continue };
        if entries.iter().any(|known| known.path.value == entry.path.value) {
            let summary = format!("`{}` is written twice", shorten_and_escape(&entry.path.value));
            found.push(
                Finding::error(codes::FILE_TWICE, summary)
                    .at(entry.path.span, "given before")
                    .hint("remove one of the two entries"),
            );
            continue;
        }
        if entries.len() >= MAX_ENTRIES {
            let summary = format!("more than {MAX_ENTRIES} files are to be written");
            found.push(Finding::error(codes::WRITE, summary).at(entry.span, "one too many"));
            break;
        }
        entries.push(entry);
    }
    entries
}

fn read_write_entry(mut section: Section<'_>, found: &mut Vec<Finding>) -> Option<WriteEntry> {
    let span = section.span;
    let path = section.require_text("path", found);
    let format = section.word("format", found);
    let placeholders = section.take("placeholder");
    let has_placeholders = placeholders.is_some();
    let placeholders = placeholders.map(|entry| read_placeholders(&entry, found));
    let placeholders = placeholders.unwrap_or_default();
    section.finish(None, found);
    let format = match format {
        Some(word) => Some(validate_format(&word, found)?),
        None => None,
    };
    let path = validate_place(&path?, found)?;
    // What is wrong with the placeholder is said already.
    if has_placeholders && placeholders.is_empty() {
        return None;
    }
    if let Some(why) = find_place_fault(&path.value) {
        let summary = format!("`{}` can't be written: {why}", shorten_and_escape(&path.value));
        found.push(Finding::error(codes::WRITE, summary).at(path.span, "not written"));
        return None;
    }
    let kind = choose_kind(&path, format, &placeholders, found)?;
    Some(WriteEntry { span, path, kind })
}

/// Reads a placeholder, or a list of them.
fn read_placeholders(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<Located<String>> {
    if entry.value.as_array().is_some() {
        return entry.texts(found);
    }
    entry.text(found).into_iter().collect()
}

/// Validates a path, which stays in the manifest's folder and names nothing private.
fn validate_place(text: &Located<String>, found: &mut Vec<Finding>) -> Option<Located<String>> {
    if let Some(fault) = find_path_fault(&text.value) {
        let shown = shorten_and_escape(&text.value);
        let summary = format!("`{shown}` can't be written: {}", fault.why);
        found.push(Finding::error(codes::UNSAFE_PATH, summary).at(text.span, "not written"));
        return None;
    }
    Some(Located { value: normalize_path(&text.value), span: text.span })
}

fn validate_format(word: &Located<String>, found: &mut Vec<Finding>) -> Option<Format> {
    let words: Vec<&str> = Format::ALL.iter().map(|format| format.word()).collect();
    let word = vocab_checks::validate_word(word, "format of a file to write", &words, found)?;
    Format::ALL.iter().copied().find(|format| format.word() == word)
}

/// Returns why zrel writes nothing into a file of this path.
fn find_place_fault(path: &str) -> Option<&'static str> {
    if is_glob(path) {
        return Some("it is a pattern, and each file is named by its path");
    }
    if path == "." {
        return Some("it is a folder");
    }
    let lower = path.to_lowercase();
    let is_forges = |part: &str| part.starts_with(".git") || FORGE_NAMES.contains(&part);
    if lower.split('/').any(is_forges) {
        return Some("it is git's, or says what CI or a hook runs");
    }
    let name = lower.rsplit('/').next().unwrap_or_default();
    if name == "zenodo.toml" {
        return Some("it is a manifest");
    }
    let ending = name.rsplit('.').next();
    (ending == Some("lock")).then_some("it is a lock")
}

/// Reports a file that is both written and a text of the metadata: the DOI would get into the record
/// with the text, and each release would have another one.
pub(super) fn check_texts(
    writes: &[WriteEntry],
    metadata: &ManifestMetadata,
    found: &mut Vec<Finding>,
) {
    for (field, text) in &metadata.texts {
        let TextSource::File(path) = &text.value else { continue };
        if let Some(entry) = writes.iter().find(|entry| entry.path.value == path.value) {
            let shown = shorten_and_escape(&path.value);
            let summary = format!("`{shown}` can't be written: it is the text of `{field}`");
            found.push(
                Finding::error(codes::WRITE, summary)
                    .at(entry.path.span, "not written")
                    .hint("put the text into a file of its own"),
            );
        }
    }
}

/// Reports entries that have no DOI to write: the server gives none, and the manifest names none.
pub(super) fn check_server(
    writes: &[WriteEntry],
    metadata: &ManifestMetadata,
    server: Option<(&str, &NamedServer)>,
    found: &mut Vec<Finding>,
) {
    let Some((name, _)) = server.filter(|(_, server)| !server.dois) else { return };
    if metadata.spans.contains_key(&Field::Doi) {
        return;
    }
    if let Some(entry) = writes.first() {
        let summary = format!("`[[write]]` writes a DOI, and `{name}` gives none");
        found.push(
            Finding::error(codes::WRITE, summary)
                .at(entry.span, "of which DOI")
                .hint(format!("remove the entry, or `dois = false` under [servers.{name}]")),
        );
    }
}

/// Returns how a file is written: as the entry says, or by the file's name.
fn choose_kind(
    path: &Located<String>,
    format: Option<Format>,
    placeholders: &[Located<String>],
    found: &mut Vec<Finding>,
) -> Option<Kind> {
    // A file with a placeholder is a text, whatever its name.
    let guessed = match placeholders {
        [] => Format::guess(&path.value),
        [_, ..] => Some(Format::Text),
    };
    let Some(format) = format.or(guessed) else {
        let summary = format!("how to write `{}` is not said", shorten_and_escape(&path.value));
        found.push(
            Finding::error(codes::WRITE, summary)
                .at(path.span, "of no format that zrel knows by its name")
                .hint("add `placeholder = 'doi = \"{doi}\"'`, as the line in the file has it")
                .hint("or `format`, such as `format = \"markdown\"`"),
        );
        return None;
    };
    let texts = placeholders.iter().map(|text| text.value.clone()).collect();
    let kind = Kind::new(format, texts);
    let span = placeholders.first().map_or(path.span, |text| text.span);
    let finding = |why| Finding::error(codes::WRITE, why).at(span, "");
    kind.map_err(|why| found.push(finding(why))).ok()
}

impl Manifest {
    /// Returns the values that a file gets. They are the same before and after a DOI is reserved.
    pub fn list_slots(&self, entry: &WriteEntry) -> Vec<Slot> {
        let metadata = &self.metadata;
        let mut slots = vec![Slot::Doi];
        // A DOI that was made elsewhere has none of all versions beside it.
        if metadata.values.text(Field::Doi).is_none() {
            slots.push(Slot::ConceptDoi);
        }
        match metadata.version.as_ref().map(|version| &version.value) {
            None => {}
            // The file says the version itself.
            Some(VersionSource::File { path, .. }) if path.value == entry.path.value => {}
            Some(_) => slots.push(Slot::Version),
        }
        let date = metadata.publication_date.as_ref().map(|date| &date.value);
        if date.is_none_or(is_whole_day) {
            slots.push(Slot::Date);
        }
        slots
    }
}

/// Returns whether a date is a day: a citation file takes no year alone, and no interval.
fn is_whole_day(date: &DateSource) -> bool {
    match date {
        DateSource::Today => true,
        DateSource::Fixed(text) => text.parse::<jiff::civil::Date>().is_ok(),
    }
}
