//! `[[files]]`: the entries that name the files of a record; nothing on the disk is read.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};

use globset::GlobBuilder;

use crate::model::{FileKey, Finding, Sensitive, Span};

use super::codes;
use super::paths::{find_path_fault_unless, normalize_path};
use super::reader::{Entry, Section};
use super::types::{EntrySource, FileEntry, Located};
use super::vocab_checks::{self, shorten_and_escape};

/// Reads `[[files]]`.
pub(super) fn read_files(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<FileEntry> {
    let mut entries: Vec<FileEntry> = Vec::new();
    let mut named = Named::default();
    for section in entry.sections("{ path = \"paper.pdf\" }", found) {
        let Some(entry) = read_file_entry(section, found) else { continue };
        found.extend(named.collision(&entry));
        entries.push(entry);
    }
    entries
}

/// Validates a path, which stays in the manifest's folder, and normalizes it.
pub(super) fn validate_path(
    text: &Located<String>,
    found: &mut Vec<Finding>,
) -> Option<Located<String>> {
    validate_path_unless(text, &[]).map_err(|refused| found.push(refused.fault)).ok()
}

/// A refused path, and the kind under which it could be allowed.
struct Refused {
    fault: Finding,
    kind: Option<Sensitive>,
}

fn validate_path_unless(
    text: &Located<String>,
    allowed: &[Sensitive],
) -> Result<Located<String>, Refused> {
    if let Some(fault) = find_path_fault_unless(&text.value, allowed) {
        let summary =
            format!("`{}` can't be published: {}", shorten_and_escape(&text.value), fault.why);
        let finding = Finding::error(codes::UNSAFE_PATH, summary).at(text.span, "not taken");
        return Err(Refused { fault: finding, kind: fault.kind });
    }
    Ok(Located { value: normalize_path(&text.value), span: text.span })
}

/// Validates the path of a file to publish: a path that is no glob may be of an allowed kind.
fn validate_published_path(
    text: &Located<String>,
    allow: &[Located<Sensitive>],
    found: &mut Vec<Finding>,
) -> Option<Located<String>> {
    // `allow` covers one known file; a glob could later match another key or password.
    if is_glob(&text.value) {
        return validate_path(text, found);
    }
    let allowed: Vec<Sensitive> = allow.iter().map(|kind| kind.value).collect();
    match validate_path_unless(text, &allowed) {
        Ok(path) => Some(path),
        // No kind can allow this path, such as one that leaves the folder.
        Err(Refused { fault, kind: None }) => {
            found.push(fault);
            None
        }
        Err(Refused { fault, kind: Some(kind) }) => {
            let hint = format!("if it must be public, add `allow = [\"{}\"]`", kind.name());
            found.push(fault.hint(hint));
            None
        }
    }
}

/// Returns whether a path is a pattern, which may match several files or none.
pub fn is_glob(path: &str) -> bool {
    path.contains(['*', '?', '[', '{'])
}

fn read_file_entry(mut section: Section<'_>, found: &mut Vec<Finding>) -> Option<FileEntry> {
    let span = section.span;
    // All keys are taken before the fault: `finish` reports the others as unknown.
    let path = section.take("path");
    let archive = section.take("archive");
    let keep = section.take("keep");
    let exclude = read_excludes(&mut section, found);
    let as_name = section.text("as", found);
    let allow = read_allowed(&mut section, found);
    let source = match (&path, &archive, &keep) {
        (Some(path), None, None) => read_paths(path, exclude, as_name.as_ref(), &allow, found),
        (None, Some(archive), None) => read_archive(archive, exclude, as_name.as_ref(), found),
        (None, None, Some(keep)) => {
            found.extend(check_disk_only(as_name.as_ref(), &allow));
            read_keep(keep, exclude, found)
        }
        (None, None, None) => {
            let what = "neither `path` nor `archive` nor `keep`";
            found.push(describe_entry_fault(&section, span, what));
            None
        }
        (_, Some(second), _) | (_, _, Some(second)) => {
            let what = "more than one of `path`, `archive` and `keep`";
            found.push(describe_entry_fault(&section, second.span, what));
            None
        }
    };
    section.finish(None, found);
    let as_name = as_name.and_then(|name| validate_file_name(name, found));
    Some(FileEntry { span, source: source?, as_name, allow })
}

fn describe_entry_fault(section: &Section<'_>, span: Span, what: &str) -> Finding {
    Finding::error(codes::ENTRY, format!("`{}` has {what}", section.path))
        .at(span, what)
        .hint("write `path = \"paper.pdf\"`, or `archive = \"folder\"` with `as = \"folder.zip\"`")
        .hint("for a file that stays as it is on the server, write `keep = \"paper.pdf\"`")
}

/// Reports keys about files on the disk that are next to `keep`.
fn check_disk_only(
    as_name: Option<&Located<String>>,
    allow: &[Located<Sensitive>],
) -> impl Iterator<Item = Finding> {
    let named = as_name.map(|name| ("as", name.span));
    let allowed = allow.first().map(|kind| ("allow", kind.span));
    named.into_iter().chain(allowed).map(|(key, span)| {
        Finding::error(codes::ENTRY, format!("`{key}` does not go with `keep`"))
            .at(span, "has no effect")
            .because("a file that is kept stays on the server as it is, with its name")
            .hint(format!("remove `{key}`"))
    })
}

/// Reads the names of files to keep: any name that a server may hold.
fn read_keep(
    keep: &Entry<'_>,
    exclude: Vec<Located<String>>,
    found: &mut Vec<Finding>,
) -> Option<EntrySource> {
    // No path check: these names are on the server, and no file of the disk is read.
    let pattern = keep.text(found)?;
    Some(EntrySource::Keep { pattern: validate_glob(&pattern, found)?, exclude })
}

fn read_excludes(section: &mut Section<'_>, found: &mut Vec<Finding>) -> Vec<Located<String>> {
    let Some(entry) = section.take("exclude") else { return Vec::new() };
    let texts = entry.texts(found);
    texts.iter().filter_map(|text| validate_glob(&validate_exclude(text, found)?, found)).collect()
}

/// Reads the kinds that the entry allows.
fn read_allowed(section: &mut Section<'_>, found: &mut Vec<Finding>) -> Vec<Located<Sensitive>> {
    let Some(entry) = section.take("allow") else { return Vec::new() };
    let names = Sensitive::ALL.map(Sensitive::name);
    let items = entry.list("a list such as `[\"token\"]`", found);
    let kinds = items.iter().filter_map(|item| {
        let text = item.word(found)?;
        let word = vocab_checks::validate_word(&text, "kind that can be allowed", &names, found)?;
        Some(Located { value: Sensitive::from_name(&word)?, span: text.span })
    });
    kinds.collect()
}

/// Validates a pattern of files to leave out: it may name private files, but not leave the folder.
fn validate_exclude(text: &Located<String>, found: &mut Vec<Finding>) -> Option<Located<String>> {
    // Leaving out `.env` or a key is the purpose, so names of private files are not refused.
    let leaves = text.value.split('/').any(|part| part == "..");
    if leaves || text.value.starts_with('/') || text.value.contains('\\') {
        return validate_path(text, found);
    }
    Some(Located { value: normalize_path(&text.value), span: text.span })
}

fn read_paths(
    path: &Entry<'_>,
    exclude: Vec<Located<String>>,
    as_name: Option<&Located<String>>,
    allow: &[Located<Sensitive>],
    found: &mut Vec<Finding>,
) -> Option<EntrySource> {
    let pattern = validate_published_path(&path.text(found)?, allow, found)?;
    if let Some(as_name) = as_name.filter(|_| is_glob(&pattern.value)) {
        found.push(
            Finding::error(codes::ENTRY, "`as` names one file, and `path` may match several")
                .at(as_name.span, "one name")
                .hint("remove `as`, or name one file by its path"),
        );
    }
    // Of folders only `.` is known without the disk; `inventory` reports the others.
    if pattern.value == "." {
        let summary = format!("`{}` names a folder", path.path);
        let finding = Finding::error(codes::ENTRY, summary).at(pattern.span, "a folder");
        found.push(finding.hint("write `archive = \".\"` with `as`, or a pattern such as `*.csv`"));
        return None;
    }
    Some(EntrySource::Paths { pattern: validate_glob(&pattern, found)?, exclude })
}

fn read_archive(
    archive: &Entry<'_>,
    exclude: Vec<Located<String>>,
    as_name: Option<&Located<String>>,
    found: &mut Vec<Finding>,
) -> Option<EntrySource> {
    let folder = validate_path(&archive.text(found)?, found)?;
    let is_zip = |name: &Located<String>| name.value.to_lowercase().ends_with(".zip");
    if let Some(name) = as_name.filter(|name| !is_zip(name)) {
        let summary = format!("`{}` is not a zip's name", shorten_and_escape(&name.value));
        let finding = Finding::error(codes::ENTRY, summary).at(name.span, "no `.zip`");
        found.push(finding.because("a folder is published as a zip").hint("let it end in `.zip`"));
    }
    // The manifest does not know the name of its own folder, so the zip has no default name.
    if as_name.is_none() && folder.value == "." {
        found.push(
            Finding::error(codes::ENTRY, "`as` is missing")
                .at(archive.span, "what is the zip called?")
                .hint("add `as = \"NAME.zip\"`"),
        );
    }
    Some(EntrySource::Archive { folder, exclude })
}

/// Validates the syntax of a pattern.
fn validate_glob(pattern: &Located<String>, found: &mut Vec<Finding>) -> Option<Located<String>> {
    if let Err(error) = GlobBuilder::new(&pattern.value).literal_separator(true).build() {
        let summary =
            format!("`{}` is not a pattern: {}", shorten_and_escape(&pattern.value), error.kind());
        found.push(
            Finding::error(codes::GLOB, summary)
                .at(pattern.span, "can't be read")
                .hint("to match such a character, put it in brackets: `[[]`, `[*]`, `[?]`, `[{]`"),
        );
        return None;
    }
    Some(pattern.clone())
}

fn validate_file_name(name: Located<String>, found: &mut Vec<Finding>) -> Option<Located<String>> {
    if let Err(error) = FileKey::parse(&name.value) {
        let finding = Finding::error(codes::FILE_NAME, error.to_string());
        found.push(finding.at(name.span, "not a file's name"));
        return None;
    }
    Some(name)
}

/// What the entries above have named. A set, since a manifest may have thousands of entries.
#[derive(Default)]
struct Named {
    /// Paths, patterns and folders, each with the kind of its entry.
    whats: HashSet<(u8, String)>,
    /// Names in the record, with whether each is kept.
    keys: HashMap<String, bool>,
}

impl Named {
    /// Reports an entry for the same files as an earlier one, or with the same name in the record.
    fn collision(&mut self, entry: &FileEntry) -> Option<Finding> {
        let (kind, is_kept) = match entry.source {
            EntrySource::Paths { .. } => (0, false),
            EntrySource::Archive { .. } => (1, false),
            EntrySource::Keep { .. } => (2, true),
        };
        let what = get_entry_pattern(entry);
        let key = find_record_name(entry);
        let before = key.as_ref().and_then(|key| match self.keys.entry(key.value.clone()) {
            Slot::Occupied(before) => Some(*before.get()),
            Slot::Vacant(free) => {
                free.insert(is_kept);
                None
            }
        });
        // Two equal entries also have equal names; the repetition is the better explanation.
        if !self.whats.insert((kind, what.value.clone())) {
            let summary = format!("two entries for `{}`", shorten_and_escape(&what.value));
            let finding = Finding::error(codes::FILE_TWICE, summary).at(what.span, "named before");
            return Some(finding.hint("remove one of them"));
        }
        let key = key.filter(|_| before.is_some())?;
        if is_kept || before == Some(true) {
            return Some(describe_kept_and_sent(&key));
        }
        let summary =
            format!("two files would be called `{}` in the record", shorten_and_escape(&key.value));
        let finding = Finding::error(codes::FILE_TWICE, summary).at(key.span, "called so before");
        let finding = finding.because("a record has no folders");
        Some(finding.hint("give one of them another name with `as`"))
    }
}

fn describe_kept_and_sent(key: &Located<String>) -> Finding {
    let summary = format!("`{}` is kept, and comes from the disk", shorten_and_escape(&key.value));
    let finding = Finding::error(codes::FILE_TWICE, summary).at(key.span, "named before");
    finding
        .because("`keep` leaves the file on the server as it is")
        .hint("to replace it, remove `keep`; to leave it, remove the other entry")
}

fn get_entry_pattern(entry: &FileEntry) -> &Located<String> {
    match &entry.source {
        EntrySource::Paths { pattern, .. } | EntrySource::Keep { pattern, .. } => pattern,
        EntrySource::Archive { folder, .. } => folder,
    }
}

/// Returns the name in the record, if the manifest alone determines it.
fn find_record_name(entry: &FileEntry) -> Option<Located<String>> {
    if let Some(name) = &entry.as_name {
        return Some(name.clone());
    }
    let what = get_entry_pattern(entry);
    let last = what.value.rsplit('/').next()?;
    let value = match &entry.source {
        EntrySource::Paths { .. } | EntrySource::Keep { .. } if is_glob(&what.value) => {
            return None;
        }
        // A kept name may hold slashes: GitHub's integration makes `owner/repo-v1.zip`.
        EntrySource::Keep { .. } => what.value.clone(),
        EntrySource::Paths { .. } => last.to_owned(),
        EntrySource::Archive { .. } => format!("{last}.zip"),
    };
    Some(Located { value, span: what.span })
}
