//! Past releases that would become the latest version although a newer one is published.

use crate::model::{Field, Finding, Severity};
use crate::observed::Record;

use super::codes;
use super::matching::Match;
use super::releases::PastRelease;

/// Reports missing releases that are older than what is published: whoever follows the DOI of the
/// record gets the latest version, which would be one of them. `releases` are sorted by their time.
pub fn find_newer<'a>(
    releases: impl Iterator<Item = (&'a PastRelease, &'a Match)> + Clone,
    latest: Option<&Record>,
    is_allowed: bool,
) -> Option<Finding> {
    let latest = latest?;
    let mut published = releases.clone().filter_map(|(release, found)| match found {
        Match::Published(entry) => Some((release, entry)),
        Match::Missing | Match::Unclear(_) => None,
    });
    let of_latest =
        published.clone().find(|(_, entry)| entry.id == latest.id).map(|(release, _)| release);
    let last_tag = published.by_ref().map(|(release, _)| release.tag.time).last();
    let is_older = |release: &PastRelease| {
        last_tag.is_some_and(|time| release.tag.time < time)
            // The date of a version that is a tag's may be that of its publication.
            || of_latest.is_none() && is_dated_after(latest, release)
    };
    let older: Vec<&PastRelease> = releases
        .filter(|(release, found)| matches!(found, Match::Missing) && is_older(release))
        .map(|(release, _)| release)
        .collect();
    let first = older.first()?;
    let date = match of_latest {
        Some(release) => release.date.as_str(),
        None => latest.metadata.text(Field::PublicationDate).unwrap_or("without a date"),
    };
    let label = latest.metadata.text(Field::Version).unwrap_or("without a label");
    let tags: Vec<String> =
        older.iter().map(|it| format!("`{}` ({})", it.tag.name, it.date)).collect();
    let (is, would) = match older.len() {
        1 => ("is", "it would take its place"),
        _ => ("are", "they would take its place"),
    };
    let summary =
        format!("{} {is} older than the latest version, {label} ({date})", tags.join(", "));
    let why = format!("{would}: the DOI of the record leads to the version that is published last");
    Some(if is_allowed {
        Finding { severity: Severity::Warning, ..Finding::error(codes::NEWER, summary) }
            .because(why)
    } else {
        Finding::error(codes::NEWER, summary).because(why).hint(format!(
            "leave out what is older with `--skip {}`, or publish it all the same: --after-latest",
            first.tag.name
        ))
    })
}

/// Returns whether the latest version has a later date than a release. A date may be a year or a
/// month.
fn is_dated_after(latest: &Record, release: &PastRelease) -> bool {
    let Some(date) = latest.metadata.text(Field::PublicationDate) else { return false };
    let known = date.len().min(release.date.len());
    date.get(..known) > release.date.get(..known)
}
