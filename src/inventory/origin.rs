//! What a repository says of a project before there is a manifest: where it came from and which
//! versions it has; and what is in the folder. Read by a library, as in `git`: no program runs.

use std::fs;
use std::path::Path;

use crate::disk;

use super::git;
use super::select::safe_path;

/// How many tags are read.
const MAX_TAGS: usize = 10_000;

/// What git says of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address of the remote `origin`, as the repository has it: credentials may be in it.
    pub remote: Option<String>,
    /// All tags, sorted.
    pub tags: Vec<String>,
    /// Those at the commit that is checked out.
    pub tags_here: Vec<String>,
}

/// What a path in the folder leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum There {
    /// A regular file.
    File,
    /// A folder.
    Folder,
}

/// Reads the repository that a folder is in; none outside of one, and none when it can't be read.
pub fn origin(root: &Path) -> Option<Origin> {
    let root = fs::canonicalize(root).ok()?;
    let repository = git::around(&root)?;
    let remote = repository.config_snapshot().string("remote.origin.url");
    let mut tags = Vec::new();
    for reference in repository.references().ok()?.tags().ok()?.take(MAX_TAGS) {
        tags.extend(reference.ok().map(|reference| reference.name().shorten().to_string()));
    }
    tags.sort();
    let commit = repository.head().ok()?.try_into_peeled_id().ok().flatten();
    let tags_here = commit.and_then(|id| git::tags_at(&repository, id.detach()).ok());
    Some(Origin {
        remote: remote.map(|address| address.to_string()),
        tags,
        tags_here: tags_here.unwrap_or_default(),
    })
}

/// Tells what a path of the folder leads to, through real folders only; none for what is not
/// there, is never published, or lies elsewhere.
pub fn there(root: &Path, path: &str) -> Option<There> {
    let parts = safe_path::split_parts(path).ok().filter(|parts| !parts.is_empty())?;
    let (_, metadata) = safe_path::find(root, &parts).ok()?;
    if metadata.is_dir() {
        return Some(There::Folder);
    }
    disk::kind_but_file(&metadata).is_none().then_some(There::File)
}
