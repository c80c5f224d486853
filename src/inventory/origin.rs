//! Reads a project that has no manifest yet: the remote and the tags of its repository, and the
//! kinds of paths in its folder. Like `git`, it uses a library: no program runs.

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
    /// The address of the remote `origin`, as the repository has it; it may contain credentials.
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

/// Reads the repository that a folder is in; returns `None` outside of one, and if it can't be
/// read.
pub fn read_origin(root: &Path) -> Option<Origin> {
    let root = fs::canonicalize(root).ok()?;
    let repository = git::open_around(&root)?;
    let remote = repository.config_snapshot().string("remote.origin.url");
    let mut tags = Vec::new();
    for reference in repository.references().ok()?.tags().ok()?.take(MAX_TAGS) {
        tags.extend(reference.ok().map(|reference| reference.name().shorten().to_string()));
    }
    tags.sort();
    let commit = repository.head().ok()?.try_into_peeled_id().ok().flatten();
    // Before the first commit there are no tags here, and the remote is still of use.
    let tags_here = commit.and_then(|id| git::list_tags_at(&repository, id.detach()).ok());
    Some(Origin {
        remote: remote.map(|address| address.to_string()),
        tags,
        tags_here: tags_here.unwrap_or_default(),
    })
}

/// Returns what a path of the folder leads to, through real folders only; `None` if it is missing
/// or outside of the folder.
pub fn find_path_kind(root: &Path, path: &str) -> Option<There> {
    // `.` is the folder itself, not a path in it.
    let parts = safe_path::split_parts(path).ok().filter(|parts| !parts.is_empty())?;
    let (_, metadata) = safe_path::find_safe_place(root, &parts).ok()?;
    if metadata.is_dir() {
        return Some(There::Folder);
    }
    disk::describe_other_kind(&metadata).is_none().then_some(There::File)
}
