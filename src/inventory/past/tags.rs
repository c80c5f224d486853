//! The tags of a repository, with the time of each.

use std::fs;
use std::path::Path;

use gix::object::Kind;
use globset::GlobBuilder;
use jiff::Timestamp;

use crate::inventory::codes;
use crate::inventory::git::{Fallible, open_around};
use crate::model::Finding;

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitTag {
    /// Its name, without `refs/tags/`.
    pub name: String,
    /// The commit that it is on, in hexadecimal digits.
    pub commit: String,
    /// When it was made; for a tag without a message, the time of its commit.
    pub time: Timestamp,
    /// When its commit was made.
    pub committed: Timestamp,
}

/// Returns the tags of the repository around a folder that one of the patterns matches and none of the
/// others leaves out, the oldest first, and the names of all tags that the patterns match. As in `git
/// tag --list`, `*` matches slashes too.
///
/// # Errors
/// A finding when there is no repository, or a tag in it can't be read.
pub fn list_tags(
    root: &Path,
    patterns: &[String],
    skipped: &[String],
) -> Result<(Vec<GitTag>, Vec<String>), Finding> {
    let failed = |why: String| {
        Finding::error(codes::GIT_UNREADABLE, "can't read the tags of the git repository")
            .because(why)
            .hint("see what `git tag` and `git fsck` say, or leave it out with `--skip TAG`")
    };
    let root = fs::canonicalize(root).map_err(|error| failed(error.to_string()))?;
    let repository =
        open_around(&root).ok_or_else(|| failed("there is no git repository".to_owned()))?;
    let is_skipped = |name: &str| skipped.iter().any(|pattern| matches_tag(pattern, name));
    let (mut tags, names) =
        read_tags(&repository, patterns, is_skipped).map_err(|error| failed(error.to_string()))?;
    tags.sort_by(|one, other| {
        let times = |tag: &GitTag| (tag.time, tag.committed);
        // Tags that a script made may all have one time.
        times(one).cmp(&times(other)).then_with(|| compare_names(&one.name, &other.name))
    });
    Ok((tags, names))
}

/// Compares names by their texts and numbers: `v1.9` is before `v1.10`.
fn compare_names(one: &str, other: &str) -> std::cmp::Ordering {
    let parts = |name: &str| -> Vec<(String, u64)> {
        let mut parts = Vec::new();
        let mut rest = name;
        while !rest.is_empty() {
            let text = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            let (lead, behind) = rest.split_at(text);
            let digits = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
            parts.push((lead.to_owned(), behind[..digits].parse().unwrap_or_default()));
            rest = &behind[digits..];
        }
        parts
    };
    parts(one).cmp(&parts(other)).then_with(|| one.cmp(other))
}

fn read_tags(
    repository: &gix::Repository,
    patterns: &[String],
    is_skipped: impl Fn(&str) -> bool,
) -> Fallible<(Vec<GitTag>, Vec<String>)> {
    let (mut tags, mut names) = (Vec::new(), Vec::new());
    for reference in repository.references()?.tags()? {
        let reference = reference?;
        let name = reference.name().shorten().to_string();
        if !patterns.iter().any(|pattern| matches_tag(pattern, &name)) {
            continue;
        }
        if !is_skipped(&name) {
            tags.push(read_tag(&name, reference).map_err(|error| format!("`{name}`: {error}"))?);
        }
        names.push(name);
    }
    Ok((tags, names))
}

/// Returns whether a pattern matches a tag.
pub fn matches_tag(pattern: &str, tag: &str) -> bool {
    let glob = GlobBuilder::new(pattern).literal_separator(false).backslash_escape(true).build();
    pattern == tag || glob.is_ok_and(|glob| glob.compile_matcher().is_match(tag))
}

fn read_tag(name: &str, reference: gix::Reference<'_>) -> Fallible<GitTag> {
    let repository = reference.repo;
    let named = reference.target().try_id().map(ToOwned::to_owned);
    let commit = reference.into_fully_peeled_id()?.object()?.try_into_commit()?;
    let own = match named.map(|id| repository.find_object(id)).transpose()? {
        // Only a tag with a message has a time of its own.
        Some(object) if object.kind == Kind::Tag => {
            let tag = object.into_tag();
            let tagger = tag.tagger()?;
            tagger.map(|tagger| tagger.time()).transpose()?
        }
        Some(_) | None => None,
    };
    let committed = commit.time()?;
    Ok(GitTag {
        name: name.to_owned(),
        commit: commit.id.to_string(),
        time: Timestamp::from_second(own.unwrap_or(committed).seconds)?,
        committed: Timestamp::from_second(committed.seconds)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_one_time_are_in_the_order_of_their_numbers() {
        let mut names = ["v1.10", "v2", "v1.9", "v1.0-rc2", "v1.0-rc10", "a"];
        names.sort_by(|one, other| compare_names(one, other));
        assert_eq!(names, ["a", "v1.0-rc2", "v1.0-rc10", "v1.9", "v1.10", "v2"]);
    }

    #[test]
    fn a_star_matches_slashes_and_a_name_matches_itself() {
        for (pattern, tag, is_match) in [
            ("v*", "v1.0", true),
            ("*", "release/1.2", true),
            ("v[1", "v[1", true),
            ("v1", "v1.0", false),
        ] {
            assert_eq!(matches_tag(pattern, tag), is_match, "{pattern} {tag}");
        }
    }
}
