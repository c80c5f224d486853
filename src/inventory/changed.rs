//! Which folders of a repository differ from a revision.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gix::ObjectId;

use crate::model::Finding;

use super::codes;
use super::git;
use super::select::glob;

/// Returns those of the paths below a folder that differ from a revision, committed or not. Each is
/// a file or a folder with all that is in it. Files that git does not track do not count.
///
/// # Errors
/// A finding when there is no repository, or it does not have the revision.
pub fn list_changed_since(
    root: &Path,
    revision: &str,
    paths: &[String],
) -> Result<BTreeSet<String>, Finding> {
    let failed = |why: String| {
        let shown = revision.escape_debug();
        Finding::error(codes::GIT_UNREADABLE, format!("can't compare with `{shown}`")).because(why)
    };
    let checkout = git::find_checkout(root)?;
    let checkout = checkout.ok_or_else(|| failed("there is no git repository".to_owned()))?;
    let is_dirty = |path: &str| {
        let is_in =
            |dirty: &String| path == "." || dirty == path || dirty.starts_with(&format!("{path}/"));
        checkout.dirty.iter().any(is_in)
    };
    let committed =
        compare_trees(root, revision, paths).map_err(|error| failed(error.to_string()))?;
    let all = paths.iter().filter(|path| committed.contains(*path) || is_dirty(path));
    Ok(all.cloned().collect())
}

/// Returns the paths that are another file or folder in the commit that is checked out.
fn compare_trees(root: &Path, revision: &str, paths: &[String]) -> git::Fallible<BTreeSet<String>> {
    let root = fs::canonicalize(root)?;
    let repository = git::open_around(&root).ok_or("it can't be opened")?;
    let work_dir = fs::canonicalize(repository.workdir().ok_or("it has no files")?)?;
    let below = root.strip_prefix(&work_dir)?;
    let then = repository.rev_parse_single(revision)?.object()?.peel_to_commit()?.tree()?;
    let now = repository.head_commit()?.tree()?;
    let find = |tree: &gix::Tree<'_>, path: &str| -> git::Fallible<Option<ObjectId>> {
        let whole = glob::show_path(&below.join(path));
        let whole = whole.trim_end_matches("/.").trim_start_matches("./");
        if whole.is_empty() || whole == "." {
            return Ok(Some(tree.id));
        }
        Ok(tree.lookup_entry_by_path(whole)?.map(|entry| entry.object_id()))
    };
    let mut changed = BTreeSet::new();
    for path in paths {
        if find(&then, path)? != find(&now, path)? {
            changed.insert(path.clone());
        }
    }
    Ok(changed)
}
