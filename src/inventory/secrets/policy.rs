//! Compares the secrets in files and names with what the manifest allows, and makes findings.
//!
//! A finding names the file and the place, never the secret. Deliberately absent: the search
//! (`scan`), and the names that are never published (`names`).

use std::collections::BTreeMap;

use crate::manifest::{EntrySource, FileEntry, Manifest};
use crate::model::{Finding, Sensitive, Span};

use super::names;
use super::scan::{self, Hit, Look};
use crate::inventory::codes;
use crate::inventory::select::glob;
use crate::inventory::types::{Candidate, Content, Faults, HashRequest, HashResults};

/// How many files of an entry get a finding for each kind; the others are counted.
const MAX_NAMED: usize = 5;

/// Judges all files that were read, by their contents and their names.
pub(in crate::inventory) fn judge_contents(
    manifest: &Manifest,
    candidates: &[Candidate],
    digests: &HashResults,
    faults: &mut Faults,
) {
    let mut entries: BTreeMap<usize, Found> = BTreeMap::new();
    for candidate in candidates {
        let Some(entry) = manifest.files.get(candidate.entry) else { continue };
        let found = entries.entry(candidate.entry).or_insert_with(|| Found::at(candidate.span));
        for request in candidate.requests() {
            collect_by_content(request, digests, found);
            collect_by_name(entry, candidate, request, found);
        }
    }
    for (index, found) in entries {
        if let Some(entry) = manifest.files.get(index) {
            found.tell(index, entry, faults);
        }
    }
}

/// The secrets and leftovers in the files of an entry.
struct Found {
    span: Span,
    by_kind: BTreeMap<Sensitive, Vec<Spot>>,
}

/// A file, with what was found in it.
struct Spot {
    rel: String,
    hit: Option<Hit>,
}

impl Spot {
    /// Returns the path in backticks with the position, for a sentence.
    fn shown(&self) -> String {
        match &self.hit {
            Some(hit) => format!("`{}` {}", self.rel, describe_position(hit)),
            None => format!("`{}`", self.rel),
        }
    }
}

fn collect_by_content(request: &HashRequest, digests: &HashResults, found: &mut Found) {
    // A file that could not be hashed gets a finding of its own later.
    let Some(Ok(digests)) = digests.get(&request.rel) else { return };
    for hit in &digests.hits {
        let place = Spot { rel: request.rel.clone(), hit: Some(*hit) };
        found.by_kind.entry(hit.look.kind()).or_default().push(place);
    }
}

/// Judges a file by its name: whether a file that is spelled out had to be allowed, and whether one
/// that a pattern or folder includes is a backup file.
fn collect_by_name(
    entry: &FileEntry,
    candidate: &Candidate,
    request: &HashRequest,
    found: &mut Found,
) {
    let is_spelled = matches!(&entry.source, EntrySource::Paths { pattern, .. } if !glob::is_pattern(&pattern.value))
        && matches!(candidate.content, Content::File(_));
    // A pattern never takes a secret by name, and a file that is spelled out is never a backup.
    let kind = if is_spelled {
        names::check_name(&request.rel).and_then(|fault| fault.kind)
    } else {
        let name = request.rel.rsplit('/').next().unwrap_or_default();
        names::is_backup(name).then_some(Sensitive::Backup)
    };
    if let Some(kind) = kind {
        let place = Spot { rel: request.rel.clone(), hit: None };
        found.by_kind.entry(kind).or_default().push(place);
    }
}

impl Found {
    fn at(span: Span) -> Self {
        Self { span, by_kind: BTreeMap::new() }
    }

    fn tell(&self, index: usize, entry: &FileEntry, faults: &mut Faults) {
        for (kind, places) in &self.by_kind {
            if entry.allows(*kind) {
                continue;
            }
            // A backup is a nuisance and not a danger, so it does not block the entry.
            if *kind == Sensitive::Backup {
                faults.add(index, self.span, warn_leftovers(places));
                continue;
            }
            for place in places.iter().take(MAX_NAMED) {
                if let Some(hit) = &place.hit {
                    faults.add(index, self.span, refuse_file(&place.rel, hit));
                }
            }
            // A finding for each of a thousand files would bury all others.
            if let Some(more) = places.get(MAX_NAMED..).filter(|more| !more.is_empty()) {
                let summary = format!("{} more of this kind", more.len());
                faults.add(index, self.span, Finding::error(choose_code(*kind), summary));
            }
        }
        // A refused entry publishes nothing, so its `allow` does not matter yet.
        if !faults.is_good(index) {
            return;
        }
        for allowed in &entry.allow {
            let finding = match self.by_kind.get(&allowed.value) {
                Some(places) => note_allowed(allowed.value, places),
                None => warn_allows_nothing(allowed.value, entry),
            };
            faults.add(index, self.span, finding.at(allowed.span, ""));
        }
    }
}

fn choose_code(kind: Sensitive) -> &'static str {
    match kind {
        Sensitive::PrivateKey => codes::PRIVATE_KEY,
        Sensitive::Token => codes::TOKEN,
        Sensitive::LfsPointer => codes::LFS_POINTER,
        Sensitive::Dotenv => codes::NEVER_PUBLISHED,
        Sensitive::Backup => codes::BACKUP,
    }
}

/// Describes where a hit is.
fn describe_position(hit: &Hit) -> String {
    match hit.line {
        Some(line) => format!("(line {line})"),
        None => format!("(byte {})", hit.offset),
    }
}

fn describe_hit(rel: &str, hit: &Hit) -> Finding {
    match hit.look {
        Look::LfsPointer => Finding::error(
            codes::LFS_POINTER,
            format!("`{rel}` is a git-LFS pointer of {} bytes", hit.length),
        )
        .because("the content that it points to is missing")
        .hint("fetch the content with `git lfs pull`"),
        Look::Secret(form) => Finding::error(
            choose_code(form.kind),
            format!("`{rel}` holds what looks like {} {}", form.what, describe_position(hit)),
        )
        .because(explain_hit(form.kind, hit)),
    }
}

fn explain_hit(kind: Sensitive, hit: &Hit) -> String {
    match kind {
        Sensitive::Token => format!(
            "it has {} characters; what is published can't be taken back, so it must be revoked \
             if it is real",
            hit.length
        ),
        Sensitive::PrivateKey | Sensitive::LfsPointer | Sensitive::Dotenv | Sensitive::Backup => {
            "what is published can't be taken back".to_owned()
        }
    }
}

/// Refuses a file of the record.
fn refuse_file(rel: &str, hit: &Hit) -> Finding {
    let kind = hit.look.kind().name();
    describe_hit(rel, hit)
        .hint("remove it, or leave the file out with `exclude`")
        .hint(format!("if it is meant to be public, add `allow = [\"{kind}\"]` to this entry"))
}

/// Refuses a text of a metadata field, which can't be allowed.
pub(in crate::inventory) fn refuse_text(rel: &str, hit: &Hit) -> Finding {
    describe_hit(rel, hit).hint("remove it: it would become part of the record's page")
}

/// Judges the manifest's own text, whose values are published too. A finding has no span, since the
/// line that it would show contains the secret.
pub fn scan_manifest(path: &str, text: &str) -> Vec<Finding> {
    scan::scan_bytes(text.as_bytes()).iter().map(|hit| refuse_text(path, hit)).collect()
}

fn list_spots(places: &[Spot]) -> String {
    join_first(&places.iter().map(Spot::shown).collect::<Vec<_>>())
}

/// Joins the first three, and counts the others.
fn join_first(all: &[String]) -> String {
    const MAX: usize = 3;
    let first = all.iter().take(MAX).cloned().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(MAX) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

fn warn_leftovers(places: &[Spot]) -> Finding {
    let summary = format!("backups or leftovers would be published: {}", list_spots(places));
    Finding::warning(codes::BACKUP, summary)
        .hint("leave them out with `exclude`, or say that they are meant: `allow = [\"backup\"]`")
}

/// Notes what `allow` lets through, so that the plan shows it to its reviewer.
fn note_allowed(kind: Sensitive, places: &[Spot]) -> Finding {
    let summary = format!("`{}` is allowed: {}", kind.name(), list_spots(places));
    Finding::note(codes::ALLOWED, summary).because("the manifest says so, for this entry's files")
}

fn warn_allows_nothing(kind: Sensitive, entry: &FileEntry) -> Finding {
    let finding = Finding::warning(
        codes::ALLOWS_NOTHING,
        format!("`allow` names `{}`, and no file of this entry needs it", kind.name()),
    );
    let is_pattern = match &entry.source {
        EntrySource::Paths { pattern, .. } => glob::is_pattern(&pattern.value),
        EntrySource::Archive { .. } => true,
        EntrySource::Keep { .. } => false,
    };
    // The reader expects `allow` to bring the file in, which only its path does.
    if kind == Sensitive::Dotenv && is_pattern {
        return finding
            .because("patterns and archives never take dotenv files")
            .hint("name the file by its path, in an entry of its own");
    }
    finding.hint("take it away, so that it lets nothing through later")
}

/// Notes what a pattern or a folder leaves out because of its name.
pub(in crate::inventory) fn note_left_out(entry: &str, paths: &[String]) -> Option<Finding> {
    if paths.is_empty() {
        return None;
    }
    let shown: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
    Some(
        Finding::note(codes::LEFT_OUT, format!("`{entry}` leaves out {}", join_first(&shown)))
            .because("they are named as secrets, which patterns and archives never take"),
    )
}
