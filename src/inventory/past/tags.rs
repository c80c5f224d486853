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
}

/// Returns the tags of the repository around a folder that one of the patterns matches, the oldest
/// first. As in `git tag --list`, `*` matches slashes too.
///
/// # Errors
/// A finding when there is no repository, or a tag in it can't be read.
pub fn list_tags(root: &Path, patterns: &[String]) -> Result<Vec<GitTag>, Finding> {
    let failed = |why: String| {
        Finding::error(codes::GIT_UNREADABLE, "can't read the tags of the git repository")
            .because(why)
            .hint("see what `git tag` and `git fsck` say")
    };
    let root = fs::canonicalize(root).map_err(|error| failed(error.to_string()))?;
    let repository =
        open_around(&root).ok_or_else(|| failed("there is no git repository".to_owned()))?;
    let mut tags = read_tags(&repository, patterns).map_err(|error| failed(error.to_string()))?;
    tags.sort_by(|one, other| (one.time, &one.name).cmp(&(other.time, &other.name)));
    Ok(tags)
}

fn read_tags(repository: &gix::Repository, patterns: &[String]) -> Fallible<Vec<GitTag>> {
    let mut tags = Vec::new();
    for reference in repository.references()?.tags()? {
        let reference = reference?;
        let name = reference.name().shorten().to_string();
        if patterns.iter().any(|pattern| matches_tag(pattern, &name)) {
            tags.push(read_tag(&name, reference).map_err(|error| format!("`{name}`: {error}"))?);
        }
    }
    Ok(tags)
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
    let time = match own {
        Some(time) => time,
        None => commit.time()?,
    };
    Ok(GitTag {
        name: name.to_owned(),
        commit: commit.id.to_string(),
        time: Timestamp::from_second(time.seconds)?,
    })
}
