//! Which published version is the release of a tag.

use std::collections::BTreeMap;

use crate::engine::{EngineError, Project};
use crate::model::{Finding, LocalFile};
use crate::observed::HistoryEntry;

use super::codes;
use super::files::Gathered;
use super::releases::PastRelease;

/// What the record has of a release.
#[derive(Debug, Clone, PartialEq)]
pub enum Match {
    /// Nothing: it is to be published.
    Missing,
    /// This version is the release.
    Published(HistoryEntry),
    /// A version may be the release, and only a person knows.
    Unclear(Finding),
}

/// Finds the version that zrel published as a release: the lock has it under the release's label.
/// Its files need not be those that the tag has now.
///
/// # Errors
/// [`EngineError::Lock`] when the lock can't be trusted.
pub fn find_own(
    now: &Project,
    release: &PastRelease,
    history: &[HistoryEntry],
) -> Result<Option<HistoryEntry>, EngineError> {
    let lock = now.lock()?;
    let concept = now.manifest.record.concept.get(&now.server.name);
    let binding = now.binding(&lock, concept.map(|concept| concept.value));
    let versions = binding.record.map(|record| record.versions).unwrap_or_default();
    let named: Vec<&HistoryEntry> =
        history.iter().filter(|entry| is_named(entry, release)).collect();
    let [one] = named.as_slice() else { return Ok(None) };
    let is_own = versions.get(&one.id).is_some_and(|label| *label == release.label);
    Ok(is_own.then(|| (*one).clone()))
}

/// Finds the version of each other release: by its label and by the MD5s of its files. One that has
/// the label of another of `all` releases is that one.
pub fn match_releases(
    gathered: Vec<Gathered>,
    all: &[PastRelease],
    history: &[HistoryEntry],
) -> Vec<(Gathered, Match)> {
    let is_free = |entry: &&HistoryEntry| !all.iter().any(|release| is_named(entry, release));
    let free: Vec<&HistoryEntry> = history.iter().filter(is_free).collect();
    let find = |one: &Gathered| {
        let named: Vec<&HistoryEntry> =
            history.iter().filter(|entry| is_named(entry, &one.release)).collect();
        match_release(one, &named, &free)
    };
    let found: Vec<Match> = gathered.iter().map(find).collect();
    gathered.into_iter().zip(found).collect()
}

fn match_release(one: &Gathered, named: &[&HistoryEntry], free: &[&HistoryEntry]) -> Match {
    let Gathered { release, inputs, .. } = one;
    let files = inputs.desired.files.as_slice();
    match named {
        [] => match free.iter().find(|entry| has_files(entry, files)) {
            Some(entry) => Match::Unclear(report(release, entry, "it has these files")),
            None => Match::Missing,
        },
        [one] if has_files(one, files) => Match::Published((*one).clone()),
        [one] if one.files.is_none() => {
            Match::Unclear(report(release, one, "it has the label, and its files can't be read"))
        }
        [one] => Match::Unclear(report(release, one, "it has the label, and other files")),
        [one, ..] => Match::Unclear(report(release, one, "several versions have the label")),
    }
}

/// Returns whether a version has the label of a release, or its tag as the label.
fn is_named(entry: &HistoryEntry, release: &PastRelease) -> bool {
    let label = entry.label.as_deref();
    label.is_some_and(|label| label == release.label || label == release.tag.name)
}

/// Returns whether a version has exactly these files.
fn has_files(entry: &HistoryEntry, files: &[LocalFile]) -> bool {
    let Some(remote) = &entry.files else { return false };
    let remote: BTreeMap<&str, _> = remote.iter().map(|it| (it.key.as_str(), it.md5)).collect();
    let local = files.iter().map(|file| (file.key.as_str(), Some(file.md5)));
    !files.is_empty() && remote == local.collect()
}

fn report(release: &PastRelease, entry: &HistoryEntry, why: &str) -> Finding {
    let doi = entry.doi.as_ref().map_or_else(|| entry.id.to_string(), ToString::to_string);
    let label = entry.label.as_ref();
    let label = label.map_or_else(|| "without a label".to_owned(), |label| format!("`{label}`"));
    let summary = format!("`{}` may be published already", release.tag.name);
    Finding::error(codes::AMBIGUOUS, summary)
        .because(format!("version {label} is {doi}: {why}"))
        .hint(format!(
            "if it is the release of this tag, leave it out with `--skip {}`",
            release.tag.name
        ))
}
