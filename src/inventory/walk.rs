//! Walks a folder of the project: through real folders only, up to a limit, and by those
//! `.gitignore` files that count.
//!
//! Patterns and archives differ in which folders they enter and whose rules they obey; they say so
//! in the call. Deliberately absent: which of the files are taken.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ignore::WalkBuilder;

/// How many files and folders a walk looks at.
pub(super) const WALK_LIMIT: usize = 100_000;

/// The `.gitignore` files that count.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rules<'a> {
    /// None.
    None,
    /// Those in the folder and below.
    InFolder,
    /// Those from this folder, the repository's top in its canonical form, and below.
    InRepository(&'a Path),
}

/// Why a walk found less than there is.
#[derive(Debug)]
pub(super) enum WalkFault {
    /// There are more files and folders than the limit; the walk ends.
    TooLong,
    /// This path, relative to the root where it is below, can't be read or understood.
    Unreadable(PathBuf, io::Error),
}

/// A walk: the files, links and other things that are no folders, relative to the root.
#[derive(Debug)]
pub(super) struct Walk {
    root: PathBuf,
    entries: Entries,
    faults: std::vec::IntoIter<WalkFault>,
    seen: Arc<AtomicUsize>,
    limit: usize,
}

/// Names the type of the crate, which has no `Debug`.
struct Entries(ignore::Walk);

impl std::fmt::Debug for Entries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entries").finish_non_exhaustive()
    }
}

/// Walks `folder`, relative to `root`. `enters` is asked of each folder below it, relative to the
/// root too.
pub(super) fn walk_folder(
    root: &Path,
    folder: &Path,
    rules: Rules<'_>,
    limit: usize,
    enters: impl Fn(&Path) -> bool + Send + Sync + 'static,
) -> Walk {
    let mut root = root.to_owned();
    // The rules of other folders are found by their canonical paths.
    if let Rules::InRepository(_) = rules
        && let Ok(canonical) = fs::canonicalize(&root)
    {
        root = canonical;
    }
    let folder = root.join(folder);
    let mut builder = WalkBuilder::new(&folder);
    // Neither hidden files nor any rules: `.gitignore` is added where it counts.
    builder.standard_filters(false).require_git(false).follow_links(false);
    builder.git_ignore(!matches!(rules, Rules::None));
    let mut faults = Vec::new();
    if let Rules::InRepository(top) = rules {
        faults = add_rules_above(&mut builder, &root, &folder, top);
    }
    let seen = Arc::new(AtomicUsize::new(0));
    let (counter, base) = (Arc::clone(&seen), root.clone());
    builder.filter_entry(move |entry| {
        // One too many is let through, so that the walk comes back and can end.
        let is_too_many = counter.fetch_add(1, Ordering::Relaxed) >= limit;
        is_too_many || !is_folder(entry) || enters(make_relative(&base, entry.path()))
    });
    let entries = Entries(builder.build());
    Walk { root, entries, faults: faults.into_iter(), seen, limit }
}

/// Adds the `.gitignore` files from the top to the folder, without its own; returns the faulty ones.
///
/// The crate's `parents` would read those above the top too, which git does not.
fn add_rules_above(
    builder: &mut WalkBuilder,
    root: &Path,
    folder: &Path,
    top: &Path,
) -> Vec<WalkFault> {
    let above = folder.ancestors().skip(1).take_while(|above| above.starts_with(top));
    let mut above: Vec<&Path> = above.collect();
    // The crate lets the last one decide, and the nearest one must.
    above.reverse();
    let mut faults = Vec::new();
    for place in above {
        let file = place.join(".gitignore");
        // The patterns of the next file are relative to this folder.
        builder.current_dir(place);
        let fault = builder.add_ignore(&file).filter(|error| !error.is_io());
        faults.extend(fault.map(|error| {
            let why = io::Error::other(error.to_string());
            WalkFault::Unreadable(make_relative(root, &file).to_owned(), why)
        }));
    }
    faults
}

impl Iterator for Walk {
    type Item = Result<PathBuf, WalkFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(fault) = self.faults.next() {
            return Some(Err(fault));
        }
        loop {
            let entry = self.entries.0.next()?;
            if self.seen.load(Ordering::Relaxed) > self.limit {
                return Some(Err(WalkFault::TooLong));
            }
            match entry {
                Ok(entry) if is_folder(&entry) => {}
                Ok(entry) => return Some(Ok(make_relative(&self.root, entry.path()).to_owned())),
                // A rule: one above the top, which does not count, or one that `add_rules_above`
                // told of.
                Err(error) if !error.is_io() => {}
                Err(error) => return Some(Err(describe_error(&self.root, error))),
            }
        }
    }
}

fn is_folder(entry: &ignore::DirEntry) -> bool {
    entry.file_type().is_none_or(|kind| kind.is_dir())
}

fn make_relative<'a>(root: &Path, path: &'a Path) -> &'a Path {
    path.strip_prefix(root).unwrap_or(path)
}

/// Takes the path and the system's own error out of the crate's.
fn describe_error(root: &Path, error: ignore::Error) -> WalkFault {
    let rel = find_path(&error).map_or_else(PathBuf::new, |path| make_relative(root, path).into());
    let outer = error.into_io_error().unwrap_or_else(|| io::Error::other("it can't be read"));
    let inner = outer.get_ref().and_then(|inner| inner.source()?.downcast_ref::<io::Error>());
    let code = inner.and_then(io::Error::raw_os_error);
    WalkFault::Unreadable(rel, code.map_or(outer, io::Error::from_raw_os_error))
}

fn find_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            find_path(err)
        }
        ignore::Error::Partial(errors) => errors.first().and_then(find_path),
        ignore::Error::Loop { child, .. } => Some(child),
        ignore::Error::Io(_)
        | ignore::Error::Glob { .. }
        | ignore::Error::UnrecognizedFileType(_)
        | ignore::Error::InvalidDefinition => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_read_is_named_from_the_root_with_the_systems_own_words() {
        let dir = tempfile::tempdir().unwrap();
        let mut walk = walk_folder(dir.path(), Path::new("a/b"), Rules::InFolder, 9, |_| true);
        let Some(Err(WalkFault::Unreadable(rel, error))) = walk.next() else { panic!() };
        assert_eq!(rel, Path::new("a/b"));
        assert_eq!(error.to_string(), fs::read_dir(dir.path().join("a")).unwrap_err().to_string());
    }

    #[test]
    fn no_folder_is_entered_that_the_caller_refuses_and_all_is_counted() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["in", "out"] {
            fs::create_dir(dir.path().join(name)).unwrap();
            fs::write(dir.path().join(name).join(".gitignore"), "*").unwrap();
        }
        let found = |rules, limit| {
            let enters = |rel: &Path| rel != Path::new("out");
            let walk = walk_folder(dir.path(), Path::new(""), rules, limit, enters);
            walk.collect::<Result<Vec<_>, _>>().ok()
        };
        assert_eq!(found(Rules::None, 3), Some(vec![Path::new("in").join(".gitignore")]));
        assert_eq!(found(Rules::InFolder, 3), Some(vec![]));
        assert_eq!(found(Rules::None, 2), None);
    }
}
