//! Which past releases are meant: the tags, each with its label and date.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::engine::{EngineError, Project};
use crate::inventory::{GitTag, list_tags};
use crate::manifest::VersionSource;
use crate::model::Finding;

use super::codes;

/// A past release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRelease {
    /// Its tag.
    pub tag: GitTag,
    /// Its version label.
    pub label: String,
    /// Its publication date, `YYYY-MM-DD`: the day of the tag (UTC).
    pub date: String,
}

/// Finds the tags that the patterns mean and that are not skipped, the oldest first.
///
/// # Errors
/// [`EngineError::Invalid`] where git can't be read, no tag is left, or two have one label.
pub fn list_releases(
    project: &Project,
    patterns: &[String],
    skipped: &[String],
) -> Result<Vec<PastRelease>, EngineError> {
    let mut tags = list_tags(&project.paths.root, patterns)
        .map_err(|finding| project.invalid(vec![finding]))?;
    let is_unknown = |name: &&String| !tags.iter().any(|tag| tag.name == **name);
    if let Some(unknown) = skipped.iter().find(is_unknown) {
        let summary = format!("no tag `{unknown}` is among those that are meant");
        return Err(project.invalid(vec![Finding::error(codes::TAGS, summary)]));
    }
    tags.retain(|tag| !skipped.contains(&tag.name));
    if tags.is_empty() {
        let summary = format!("no tag is meant by {}", quote_all(patterns));
        let finding = Finding::error(codes::TAGS, summary).hint("`git tag` lists the tags");
        return Err(project.invalid(vec![finding]));
    }
    let strip = find_strip(project);
    let releases: Vec<PastRelease> = tags.into_iter().map(|tag| describe(tag, strip)).collect();
    let faults = find_same_labels(&releases);
    if faults.is_empty() { Ok(releases) } else { Err(project.invalid(faults)) }
}

/// Returns what the manifest removes from the start of a tag.
fn find_strip(project: &Project) -> Option<&str> {
    match &project.manifest.metadata.version.as_ref()?.value {
        VersionSource::GitTag { strip } => Some(strip.as_str()).filter(|strip| !strip.is_empty()),
        VersionSource::Label(_) | VersionSource::File { .. } => None,
    }
}

fn describe(tag: GitTag, strip: Option<&str>) -> PastRelease {
    let label = choose_label(&tag.name, strip).to_owned();
    let date = tag.time.to_zoned(TimeZone::UTC).date().to_string();
    PastRelease { tag, label, date }
}

/// Returns the label of a tag: without what the manifest strips, or a `v`, where a digit follows.
fn choose_label<'a>(tag: &'a str, strip: Option<&str>) -> &'a str {
    let label = tag.strip_prefix(strip.unwrap_or("v"));
    label.filter(|label| label.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(tag)
}

/// Reports tags that have one label: their versions could not be told apart.
fn find_same_labels(releases: &[PastRelease]) -> Vec<Finding> {
    let mut by_label: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for release in releases {
        by_label.entry(&release.label).or_default().push(release.tag.name.clone());
    }
    let same = by_label.into_iter().filter(|(_, tags)| tags.len() > 1);
    same.map(|(label, tags)| {
        let summary = format!("{} have one label, `{label}`", quote_all(&tags));
        Finding::error(codes::TAGS, summary).hint("leave out all but one with `--skip TAG`")
    })
    .collect()
}

fn quote_all(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_a_tag_without_what_comes_before_its_digits() {
        for (tag, strip, label) in [
            ("v1.0", None, "1.0"),
            ("1.0", None, "1.0"),
            ("vault", None, "vault"),
            ("data-2.1", Some("data-"), "2.1"),
            ("v2.1", Some("data-"), "v2.1"),
        ] {
            assert_eq!(choose_label(tag, strip), label, "{tag}");
        }
    }
}
