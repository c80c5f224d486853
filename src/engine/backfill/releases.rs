//! Which past releases are meant: the tags, each with its label and date.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::engine::{EngineError, Project};
use crate::inventory::{GitTag, list_tags, matches_tag};
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

/// Finds the tags that the patterns match and that are not skipped, the oldest first.
///
/// # Errors
/// [`EngineError::Invalid`] where git can't be read, a pattern matches no tag, a tag names no version,
/// or two tags have the same label.
pub fn list_releases(
    project: &Project,
    patterns: &[String],
    skipped: &[String],
) -> Result<Vec<PastRelease>, EngineError> {
    let (tags, names) = list_tags(&project.paths.root, patterns, skipped)
        .map_err(|finding| project.invalid(vec![finding]))?;
    let mut faults = find_unmatched(&names, patterns, skipped);
    if faults.is_empty() && tags.is_empty() {
        faults.push(Finding::error(codes::TAGS, "every tag is skipped"));
    }
    let strip = find_strip(project);
    let releases: Vec<PastRelease> = tags.into_iter().map(|tag| describe(tag, strip)).collect();
    faults.extend(find_without_version(&releases, patterns));
    faults.extend(find_same_labels(&releases));
    if faults.is_empty() { Ok(releases) } else { Err(project.invalid(faults)) }
}

/// Reports patterns that match no tag: a misspelt one would leave releases out.
fn find_unmatched(names: &[String], patterns: &[String], skipped: &[String]) -> Vec<Finding> {
    let is_unmatched = |pattern: &&String| !names.iter().any(|name| matches_tag(pattern, name));
    let of_tags = patterns.iter().filter(is_unmatched).map(|pattern| {
        Finding::error(codes::TAGS, format!("no tag matches `{pattern}`")).hint(
            "`git tag` lists the tags; in a shallow clone `git fetch --unshallow --tags` gets them",
        )
    });
    let of_skipped = skipped.iter().filter(is_unmatched).map(|pattern| {
        Finding::error(codes::TAGS, format!("`--skip {pattern}` matches no selected tag"))
    });
    of_tags.chain(of_skipped).collect()
}

/// Reports tags that name no version, unless they are named themselves.
fn find_without_version(releases: &[PastRelease], patterns: &[String]) -> Vec<Finding> {
    let is_meant = |release: &&PastRelease| {
        release.label.starts_with(|c: char| c.is_ascii_digit())
            || patterns.contains(&release.tag.name)
    };
    let without = releases.iter().filter(|release| !is_meant(release));
    without
        .map(|release| {
            let tag = &release.tag.name;
            Finding::error(codes::TAGS, format!("the tag `{tag}` is not a version"))
                .because("its label does not begin with a digit")
                .hint(format!(
                    "say what comes before the digits with `version = {{ from = \"git-tag\", strip = \
                     \"…\" }}`, leave the tag out with `--skip {tag}`, or name it itself with `--tags \
                     {tag}`"
                ))
        })
        .collect()
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
    let leads = strip.into_iter().chain(["v"]);
    let mut labels = leads.filter_map(|lead| tag.strip_prefix(lead));
    labels.find(|label| label.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(tag)
}

/// Reports tags that have the same label: their versions could not be told apart.
fn find_same_labels(releases: &[PastRelease]) -> Vec<Finding> {
    let mut by_label: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for release in releases {
        by_label.entry(&release.label).or_default().push(release.tag.name.clone());
    }
    let same = by_label.into_iter().filter(|(_, tags)| tags.len() > 1);
    same.map(|(label, tags)| {
        let summary = format!("{} have the same label, `{label}`", quote_all(&tags));
        Finding::error(codes::TAGS, summary).hint("leave out all but one with `--skip TAG`")
    })
    .collect()
}

/// Returns names in backticks.
pub(super) fn quote_all(names: &[String]) -> String {
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
            ("v2.1", Some("data-"), "2.1"),
            ("data-vault", Some("data-"), "data-vault"),
        ] {
            assert_eq!(choose_label(tag, strip), label, "{tag}");
        }
    }
}
