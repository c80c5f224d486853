//! Files as they are in the commit that is checked out.

use std::fs;
use std::path::Path;

use super::git;
use super::select::glob;

/// Returns the content of a file, named relative to a folder, in the commit that is checked out; the
/// inner value is none where the commit does not have it, and the outer one outside of git and where the
/// repository can't be read.
pub fn read_committed_file(root: &Path, path: &str) -> Option<Option<Vec<u8>>> {
    let root = fs::canonicalize(root).ok()?;
    let repository = git::open_around(&root)?;
    let work_dir = fs::canonicalize(repository.workdir()?).ok()?;
    let whole = glob::show_path(&root.strip_prefix(&work_dir).ok()?.join(path));
    // Before the first commit, nothing is committed.
    let Ok(commit) = repository.head_commit() else { return Some(None) };
    let entry = commit.tree().ok()?.lookup_entry_by_path(&whole).ok()?;
    let Some(entry) = entry else { return Some(None) };
    Some(Some(entry.object().ok()?.data.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_of_git_nothing_is_said_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read_committed_file(folder.path(), "a.md"), None);
    }
}
