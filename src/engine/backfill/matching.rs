//! Which published version is the release of a tag.

use std::collections::BTreeMap;

use crate::engine::PlanInputs;
use crate::model::{Finding, LocalFile, RecordId};
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

/// Finds the version of each release: by its label and by the MD5s of its files. A version that zrel
/// published under the label is the release, whatever its files are: the lock says so. One that has
/// the label of another release is that one.
pub fn match_releases(releases: Vec<Gathered>, history: &[HistoryEntry]) -> Vec<(Gathered, Match)> {
    let is_free = |entry: &&HistoryEntry| !releases.iter().any(|one| is_named(entry, &one.release));
    let free: Vec<&HistoryEntry> = history.iter().filter(is_free).collect();
    let find = |one: &Gathered| {
        let named: Vec<&HistoryEntry> =
            history.iter().filter(|entry| is_named(entry, &one.release)).collect();
        match_release(one, &named, &free)
    };
    let found: Vec<Match> = releases.iter().map(find).collect();
    releases.into_iter().zip(found).collect()
}

fn match_release(one: &Gathered, named: &[&HistoryEntry], free: &[&HistoryEntry]) -> Match {
    let Gathered { release, inputs, .. } = one;
    let files = inputs.desired.files.as_slice();
    match named {
        [] => match free.iter().find(|entry| has_files(entry, files)) {
            Some(entry) => Match::Unclear(report(release, entry, "it has these files")),
            None => Match::Missing,
        },
        [one] if has_files(one, files) || is_own(inputs, one.id, release) => {
            Match::Published((*one).clone())
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

/// Returns whether the lock has a version under the label of a release.
fn is_own(inputs: &PlanInputs, id: RecordId, release: &PastRelease) -> bool {
    let known = inputs.binding.record.as_ref().and_then(|record| record.versions.get(&id));
    known.is_some_and(|label| *label == release.label)
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
