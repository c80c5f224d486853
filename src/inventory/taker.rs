//! Finds the entry of the manifest that would include a file which is still to be written, so that
//! no file of zrel is published by accident.
//!
//! An entry that spells the file out intends it, and is asked about alone.

use std::fs;
use std::path::{Path, PathBuf};

use ignore::gitignore::Gitignore;

use crate::manifest::{EntrySource, Manifest};

use super::select::glob::{self, Excludes};
use super::select::safe_path;
use super::{git, secrets};

/// An entry that would include a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taker {
    /// What it is, for a message.
    pub entry: String,
    /// The glob that excludes just this file from it.
    pub exclude: String,
}

/// Returns the first archive or pattern of a manifest that would include a file with this path. The
/// file need not exist; the manifest is in the folder `root`.
pub fn find_taker(manifest: &Manifest, root: &Path, path: &Path) -> Option<Taker> {
    let root = fs::canonicalize(root).ok()?;
    let path = complete_path(path)?;
    let rel = path.strip_prefix(&root).ok()?;
    let text = glob::join_slashes(rel)?;
    // No pattern and no archive takes a file with such a name.
    if secrets::names::check_name(&text).is_some() {
        return None;
    }
    let exclude = globset::escape(&text);
    manifest.files.iter().find_map(|entry| match &entry.source {
        EntrySource::Paths { pattern, exclude: left_out } => {
            let pattern = &pattern.value;
            let excludes = Excludes::parse(left_out).ok()?;
            let is_taken = glob::is_pattern(pattern)
                && glob::is_match(pattern, rel)
                && !excludes.leave_out(rel);
            let entry = format!("`{pattern}`");
            is_taken.then(|| Taker { entry, exclude: exclude.clone() })
        }
        EntrySource::Archive { folder, exclude: left_out } => {
            let excludes = Excludes::parse(left_out).ok()?;
            let below: PathBuf = safe_path::split_parts(&folder.value).ok()?.iter().collect();
            let is_taken = rel.starts_with(&below)
                && !excludes.leave_out(rel)
                && !is_ignored(&root, &root.join(below), &path);
            let entry = format!("the archive of `{}`", folder.value);
            is_taken.then(|| Taker { entry, exclude: exclude.clone() })
        }
        EntrySource::Keep { .. } => None,
    })
}

/// Returns whether a manifest in the folder `root` spells a file out as one to publish. The file
/// need not exist.
pub fn is_spelled_out(manifest: &Manifest, root: &Path, path: &Path) -> bool {
    let find = || {
        let root = fs::canonicalize(root).ok()?;
        glob::join_slashes(complete_path(path)?.strip_prefix(&root).ok()?)
    };
    find().is_some_and(|text| {
        manifest.files.iter().any(|entry| match &entry.source {
            EntrySource::Paths { pattern, exclude: _ } => pattern.value == text,
            EntrySource::Archive { .. } | EntrySource::Keep { .. } => false,
        })
    })
}

/// Makes a path canonical; `None` where its folder is not there. The file may not exist yet.
pub fn complete_path(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
    Some(folder.join(path.file_name()?))
}

/// Returns whether the `.gitignore` files that an archive of the folder obeys ignore the path, or a
/// folder on the way to it.
fn is_ignored(root: &Path, folder: &Path, path: &Path) -> bool {
    // Outside of a repository, rules above the folder do not count.
    let top = git::find_top(root).unwrap_or(folder);
    let mut on_the_way = path.ancestors().take_while(|part| *part != folder);
    on_the_way.any(|part| {
        let folders = part.ancestors().skip(1);
        let n_folders = folders.clone().take_while(|folder| *folder != top).count() + 1;
        // As in git, the nearest file with a matching rule decides.
        let mut said = folders.take(n_folders).filter_map(|folder| {
            let (rules, _none) = Gitignore::new(folder.join(".gitignore"));
            let said = rules.matched(part, part != path);
            (!said.is_none()).then(|| said.is_ignore())
        });
        said.next() == Some(true)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;

    /// Whether each of these would be taken in by these entries, from a folder with these files.
    fn taken(entries: &str, files: &[(&str, &str)], paths: &[&str]) -> Vec<bool> {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("project");
        for (name, content) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let head = "server = \"local\"\n[metadata]\ntitle = \"Tables\"\nupload_type = \"dataset\"\n\
            description = \"<p>A</p>\"\ncreators = [{ name = \"B, C\" }]\nlicense = \"cc-by-4.0\"\n";
        let today = jiff::civil::date(2026, 11, 28);
        let manifest = manifest::parse(&format!("{head}{entries}"), today).manifest.unwrap();
        paths.iter().map(|path| find_taker(&manifest, &root, &root.join(path)).is_some()).collect()
    }

    #[test]
    fn archives_take_in_what_no_exclude_and_no_gitignore_names() {
        let entries =
            "[[files]]\narchive = \".\"\nas = \"a.zip\"\nexclude = [\"out\", \"*.plan\"]\n";
        let files = [
            ("a.csv", "1"),
            ("out/a", "1"),
            ("sub/deep/a", "1"),
            (".gitignore", "*.tmp\nsub/deep/\n!kept.tmp\n"),
            ("sub/.gitignore", "!b.tmp\n*.json\n"),
        ];
        let paths = [
            ("a.json", true),
            ("a.plan", false),
            ("sub/a.plan", true),
            ("out/a.json", false),
            ("a.tmp", false),
            ("kept.tmp", true),
            ("sub/a.tmp", false),
            ("sub/b.tmp", true),
            ("sub/a.json", false),
            ("sub/deep/b.tmp", false),
            ("../a.json", false),
            ("nowhere/a.json", false),
            ("zenodo.lock", false),
            (".env", false),
        ];
        let found = taken(entries, &files, &paths.map(|(path, _)| path));
        let found: Vec<_> = paths.iter().map(|(path, _)| *path).zip(found).collect();
        assert_eq!(found, paths);
    }

    #[test]
    fn rules_above_a_folder_count_in_a_repository_only() {
        let entries = "[[files]]\narchive = \"sub\"\n";
        let files = [(".gitignore", "*.json\n"), ("sub/a.csv", "1")];
        assert_eq!(taken(entries, &files, &["sub/a.json", "a.json"]), [true, false]);
        let files = [&files[..], &[(".git/HEAD", "ref: refs/heads/main\n")]].concat();
        assert_eq!(taken(entries, &files, &["sub/a.json", "a.json"]), [false, false]);
    }

    #[test]
    fn patterns_take_in_what_they_match_and_a_path_is_meant() {
        let entries = "[[files]]\npath = \"a.json\"\n[[files]]\npath = \"out/**/*.json\"\n\
            exclude = [\"out/b.json\"]\n";
        let files = [("a.json", "1"), ("out/sub/a.json", "1")];
        let paths =
            ["a.json", "out/a.json", "out/sub/c.json", "out/b.json", "out/a.plan", "out/.a.json"];
        assert_eq!(taken(entries, &files, &paths), [false, true, true, false, false, false]);
    }
}
