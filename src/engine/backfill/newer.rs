//! Past releases that would become the latest version although a newer one is published.

use crate::model::{Field, Finding, Severity};
use crate::observed::Record;

use super::codes;
use super::matching::Match;
use super::releases::PastRelease;

/// Reports missing releases that are older than what is published: whoever follows the DOI of the
/// record gets the latest version, which would be one of them. `releases` are sorted by their time.
pub(super) fn find_newer<'a>(
    releases: impl Iterator<Item = (&'a PastRelease, &'a Match)> + Clone,
    latest: Option<&Record>,
    is_allowed: bool,
) -> Option<Finding> {
    let latest = latest?;
    let of_latest = releases
        .clone()
        .find(|(_, found)| matches!(found, Match::Published(entry) if entry.id == latest.id))
        .map(|(release, _)| release);
    let last = releases
        .clone()
        .enumerate()
        .filter_map(|(at, (_, found))| matches!(found, Match::Published(_)).then_some(at));
    let last = last.max();
    let is_older = |at: usize, release: &PastRelease| {
        last.is_some_and(|last| at < last)
            // The date of a version that is a tag's may be that of its publication.
            || of_latest.is_none() && !is_dated_before(latest, release)
    };
    let older: Vec<&PastRelease> = releases
        .enumerate()
        .filter(|(at, (release, found))| matches!(found, Match::Missing) && is_older(*at, release))
        .map(|(_, (release, _))| release)
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
        format!("{} {is} not newer than the latest version, {label} ({date})", tags.join(", "));
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

/// Returns whether the latest version has an earlier date than a release: of one day, nobody knows which
/// was first. A date may be a year or a month; one without a date says nothing.
fn is_dated_before(latest: &Record, release: &PastRelease) -> bool {
    let Some(date) = latest.metadata.text(Field::PublicationDate) else { return true };
    let known = date.len().min(release.date.len());
    date.get(..known) < release.date.get(..known)
}
