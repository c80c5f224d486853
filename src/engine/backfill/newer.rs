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
    let last_published = releases
        .clone()
        .filter(|(_, found)| matches!(found, Match::Published(_)))
        .map(|(release, _)| release.tag.time)
        .last();
    let is_older = |release: &PastRelease| {
        last_published.is_some_and(|time| release.tag.time < time)
            || is_dated_after(latest, release)
    };
    let older: Vec<&PastRelease> = releases
        .filter(|(release, found)| matches!(found, Match::Missing) && is_older(release))
        .map(|(release, _)| release)
        .collect();
    let last = older.last()?;
    let tags: Vec<String> = older.iter().map(|release| format!("`{}`", release.tag.name)).collect();
    let summary = format!("{} would be newer than what is published", tags.join(", "));
    let label = latest.metadata.text(Field::Version).unwrap_or("without a label");
    let why = format!(
        "the latest version is {label} ({}), and whoever follows the DOI of the record would get {}",
        latest.doi, last.label
    );
    Some(if is_allowed {
        Finding { severity: Severity::Warning, ..Finding::error(codes::NEWER, summary) }
            .because(why)
    } else {
        Finding::error(codes::NEWER, summary)
            .because(why)
            .hint("leave them out with `--skip TAG`; to publish them all the same: --after-latest")
    })
}

/// Returns whether the latest version has a later date than a release. A date may be a year or a
/// month.
fn is_dated_after(latest: &Record, release: &PastRelease) -> bool {
    let Some(date) = latest.metadata.text(Field::PublicationDate) else { return false };
    let known = date.len().min(release.date.len());
    date.get(..known) > release.date.get(..known)
}
