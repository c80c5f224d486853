//! Finds submodules that are not checked out: content that the commit names and the disk does not
//! have.
//!
//! A plain clone, as CI makes it, has an empty folder in the place of each. Deliberately absent:
//! fetching them; no program runs here.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use gix::index::entry::Mode;

use crate::model::Finding;

use super::select::glob::{self, Excludes};
use super::{codes, git};

/// How deep submodules may be nested.
const MAX_DEPTH: usize = 16;

/// How many are looked for.
const MAX_FOUND: usize = 1_000;

/// How many are named in a finding.
const NAMED: usize = 3;

/// A submodule that is not checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Absent {
    /// Its folder, relative to the manifest's, with `/`.
    rel: String,
    /// The checked-out submodule that contains it; `None` if no other does.
    outer: Option<String>,
    /// What is in its folder.
    holds: Holds,
}

/// What is in the folder of a submodule that is not checked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    /// Its `.git` alone.
    OnlyGit,
    /// Files that git did not check out.
    OtherFiles,
}

/// Finds those below the manifest's folder, sorted; returns none outside of a repository.
///
/// A repository that can't be read has none: it is reported where a label or an archive needs it.
pub(super) fn find_absent(root: &Path) -> Vec<Absent> {
    let mut found = Vec::new();
    if let Ok(root) = fs::canonicalize(root)
        && let Some(top) = git::find_top(&root)
    {
        search(top, &root, None, 0, &mut found);
    }
    found.sort_by(|a, b| a.rel.cmp(&b.rel));
    found
}

fn search(top: &Path, root: &Path, outer: Option<&str>, depth: usize, found: &mut Vec<Absent>) {
    let Ok(repository) = git::open(top) else { return };
    let work_dir = repository.workdir().and_then(|folder| fs::canonicalize(folder).ok());
    let (Some(work_dir), Ok(index)) = (work_dir, repository.index_or_empty()) else { return };
    for entry in index.entries().iter().filter(|entry| entry.mode == Mode::COMMIT) {
        let Ok(path) = gix::path::from_bstr(entry.path(&index)) else { continue };
        let folder = work_dir.join(path);
        let rel = folder.strip_prefix(root).ok().and_then(glob::join_slashes);
        // One that is elsewhere in the repository is not part of any entry.
        let Some(rel) = rel.filter(|rel| !rel.is_empty()) else { continue };
        // A hostile index could list any number of them.
        if found.len() >= MAX_FOUND {
            return;
        }
        match read_contents(&folder) {
            Some(holds) => {
                found.push(Absent { rel, outer: outer.map(str::to_owned), holds });
            }
            // A checked-out submodule may have submodules that are missing.
            None if depth < MAX_DEPTH => {
                search(&folder, root, Some(outer.unwrap_or(&rel)), depth + 1, found);
            }
            None => {}
        }
    }
}

/// Returns what is in the folder of a submodule; `None` if it is checked out.
fn read_contents(folder: &Path) -> Option<Holds> {
    // A link in its place is refused when an entry reaches it.
    if folder.is_symlink() {
        return None;
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let has_files = entries.map(|entry| entry.file_name()).any(|name| name != OsStr::new(".git"));
    match (git::is_repository(folder), has_files) {
        (true, true) => None,
        // A commit without files is checked out with nothing but `.git`.
        (true, false) if has_no_files(folder) => None,
        (true, false) => Some(Holds::OnlyGit),
        (false, true) => Some(Holds::OtherFiles),
        (false, false) => Some(Holds::Nothing),
    }
}

/// Returns whether the commit of a submodule has no files.
fn has_no_files(folder: &Path) -> bool {
    let is_empty = |repository: gix::Repository| {
        let tree = repository.head_tree_id().ok()?.detach();
        Some(tree == gix::ObjectId::empty_tree(repository.object_hash()))
    };
    git::open(folder).ok().and_then(is_empty) == Some(true)
}

/// Returns those in a folder, and the one that contains the folder.
pub(super) fn list_absent_about<'a>(
    all: &'a [Absent],
    path: &str,
    excludes: &Excludes,
) -> Vec<&'a Absent> {
    let is_in = |inner: &str, outer: &str| {
        let rest = inner.strip_prefix(outer);
        outer.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let path = if path == "." { "" } else { path };
    let is_about = |absent: &&Absent| is_in(&absent.rel, path) || is_in(path, &absent.rel);
    all.iter().filter(is_about).filter(|absent| !is_left_out(absent, excludes)).collect()
}

/// Returns those in which a pattern could match.
pub(super) fn list_absent_matched<'a>(
    all: &'a [Absent],
    text: &str,
    excludes: &Excludes,
) -> Vec<&'a Absent> {
    let may_hold = |absent: &&Absent| glob::may_hold(text, Path::new(&absent.rel));
    all.iter().filter(may_hold).filter(|absent| !is_left_out(absent, excludes)).collect()
}

fn is_left_out(absent: &Absent, excludes: &Excludes) -> bool {
    excludes.leave_out(Path::new(&absent.rel))
}

/// Makes the finding of an entry: an error if files are missing, a warning if each folder has other
/// files.
pub(super) fn report_absent(entry: &str, absent: &[&Absent]) -> Option<Finding> {
    let first = absent.first()?;
    let summary = match absent {
        [one] => format!("`{entry}` takes in the submodule `{}`, not checked out", one.rel),
        all => {
            format!("`{entry}` takes in submodules that are not checked out: {}", join_names(all))
        }
    };
    let finding = if absent.iter().all(|absent| absent.holds == Holds::OtherFiles) {
        Finding::warning(codes::SUBMODULE, summary)
            .because("other files lie in its folder, and are published in its place")
    } else {
        Finding::error(codes::SUBMODULE, summary).because("the record would lack its files")
    };
    let finding = finding
        .hint(build_checkout_command(first, absent))
        .hint("in GitHub Actions, give `actions/checkout` the line `submodules: recursive`");
    Some(finding.hint(match absent {
        [one] => format!("to publish without it, add `exclude = [\"{}\"]`", one.rel),
        _ => "to publish without one, name it in `exclude`".to_owned(),
    }))
}

fn join_names(absent: &[&Absent]) -> String {
    let shown = absent.iter().take(NAMED).map(|absent| format!("`{}`", absent.rel));
    let shown: Vec<String> = shown.collect();
    let more = absent.len() - shown.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", shown.join(", "))
}

/// Returns the command that checks them out.
fn build_checkout_command(first: &Absent, all: &[&Absent]) -> String {
    // With only its `.git`, git takes the submodule for checked out and its files for deleted.
    let force = if all.iter().any(|it| it.holds == Holds::OnlyGit) { " --force" } else { "" };
    // The command of the outer repository can name only its own submodules.
    let (recursive, path) = match (all, &first.outer) {
        ([_], None) => ("", Some(&first.rel)),
        ([_], Some(outer)) => (" --recursive", Some(outer)),
        _ => (" --recursive", None),
    };
    let path = path.map(|path| format!(" {}", quote_for_shell(path))).unwrap_or_default();
    format!("check out: git submodule update --init{recursive}{force}{path}")
}

fn quote_for_shell(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+".contains(c);
    if path.chars().all(is_plain) && !path.starts_with('-') {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', "'\\''"))
}
