//! Resolves a path in the manifest to a place below its folder: nothing absolute, no `..`, and no
//! symbolic link on the way.
//!
//! Deliberately absent: patterns; `glob` walks below a place that this module finds.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::disk;
use crate::manifest::{Located, PathFault};
use crate::model::{Finding, Sensitive};

use crate::inventory::codes;
use crate::inventory::secrets::names;

/// Why a place can't be used. Paths are relative to the manifest's folder, with `/`.
#[derive(Debug)]
pub(in crate::inventory) enum Fault {
    /// It is absolute or has `..`.
    Outside(String),
    /// This part of the path is a symbolic link.
    Symlink(String),
    /// It does not exist.
    Missing(String),
    /// It is not a regular file, but of this kind.
    NotFile(String, &'static str),
    /// It is never published, for this reason.
    Secret(String, PathFault),
    /// The system refuses.
    Unreadable(String, io::Error),
}

impl Fault {
    /// Makes the finding, still without its place in the manifest.
    pub(in crate::inventory) fn finding(self) -> Finding {
        match self {
            Fault::Outside(path) => {
                Finding::error(codes::OUTSIDE, format!("`{path}` leaves the manifest's folder"))
                    .because("a manifest can only name files beside it or below")
                    .hint("copy the file below the manifest's folder and name it there")
            }
            Fault::Symlink(path) => {
                Finding::error(codes::SYMLINK, format!("`{path}` is a symbolic link"))
                    .because("its target may change, or be outside the manifest's folder")
                    .hint("name the file itself, or put a copy in its place")
            }
            Fault::Missing(path) => {
                Finding::error(codes::NO_MATCH, format!("there is no file `{path}`"))
                    .hint("check the spelling, or build the file first")
            }
            Fault::NotFile(path, what) => {
                let finding =
                    Finding::error(codes::NOT_A_FILE, format!("`{path}` is {what}, not a file"));
                if what == "a folder" {
                    finding
                        .hint(format!("for its files write `path = \"{path}/*\"`"))
                        .hint(format!("to publish it as one file write `archive = \"{path}\"`"))
                } else {
                    finding.hint("name a regular file")
                }
            }
            Fault::Secret(path, fault) => report_secret(&path, fault),
            Fault::Unreadable(path, error) => {
                Finding::error(codes::UNREADABLE, format!("can't read `{path}`"))
                    .because(error.to_string())
                    .hint("check who may read it")
            }
        }
    }
}

fn report_secret(path: &str, fault: PathFault) -> Finding {
    let finding = Finding::error(codes::NEVER_PUBLISHED, format!("`{path}` is never published"))
        .because(fault.why);
    finding.hint(match fault.kind {
        Some(kind) => format!(
            "remove the entry; if the file must be public, name it by its path, with \
             `allow = [\"{}\"]`",
            kind.name()
        ),
        None => {
            "remove the entry; if the file must be public, copy it under another name".to_owned()
        }
    })
}

/// A regular file below the manifest's folder.
#[derive(Debug)]
pub(in crate::inventory) struct SafePath {
    /// Relative to the manifest's folder, with `/`.
    pub(in crate::inventory) rel: String,
    /// Where it is.
    pub(in crate::inventory) path: PathBuf,
    /// What the system says of it.
    pub(in crate::inventory) metadata: Metadata,
}

/// Splits a path into its parts; `.` and empty parts are dropped.
///
/// # Errors
/// [`Fault::Outside`] for an absolute path and for `..`.
pub(in crate::inventory) fn split_parts(text: &str) -> Result<Vec<&str>, Fault> {
    let leaves = text.starts_with('/')
        || text.split('/').any(|part| part == "..")
        // Windows has more ways out of a folder: `C:\x`, `\\server\x`.
        || Path::new(text).components().any(|part| {
            matches!(part, Component::Prefix(_) | Component::RootDir | Component::ParentDir)
        });
    if leaves {
        return Err(Fault::Outside(text.to_owned()));
    }
    Ok(text.split('/').filter(|part| !part.is_empty() && *part != ".").collect())
}

/// Resolves these parts below `root`, through real folders only.
///
/// # Errors
/// [`Fault`] when a part is a symbolic link, is missing, or can't be looked at.
pub(in crate::inventory) fn find_safe_place(
    root: &Path,
    parts: &[&str],
) -> Result<(PathBuf, Metadata), Fault> {
    let mut path = root.to_owned();
    let mut metadata =
        fs::metadata(root).map_err(|error| Fault::Unreadable(".".to_owned(), error))?;
    for (index, part) in parts.iter().enumerate() {
        path.push(part);
        let shown = || parts[..=index].join("/");
        metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) => return Err(explain_absence(error, parts, shown())),
        };
        // A link anywhere on the way could lead out of the folder.
        if metadata.is_symlink() {
            return Err(Fault::Symlink(shown()));
        }
    }
    Ok((path, metadata))
}

fn explain_absence(error: io::Error, parts: &[&str], shown: String) -> Fault {
    // Below a file there is no path, so that is missing too.
    let missing = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    if missing { Fault::Missing(parts.join("/")) } else { Fault::Unreadable(shown, error) }
}

/// Finds a regular file that may be published, or is allowed by one of these kinds.
///
/// # Errors
/// [`Fault`], the first that holds.
pub(in crate::inventory) fn find_regular_file(
    root: &Path,
    text: &str,
    allow: &[Located<Sensitive>],
) -> Result<SafePath, Fault> {
    let parts = split_parts(text)?;
    let rel = parts.join("/");
    let is_allowed = |kind: Sensitive| allow.iter().any(|allowed| allowed.value == kind);
    // The name is judged first, so that a secret is refused whether or not it exists.
    match names::check_name(&rel) {
        Some(fault) if !fault.kind.is_some_and(is_allowed) => {
            return Err(Fault::Secret(rel, fault));
        }
        Some(_) | None => (),
    }
    let (path, metadata) = find_safe_place(root, &parts)?;
    if let Some(what) = disk::describe_other_kind(&metadata) {
        return Err(Fault::NotFile(if rel.is_empty() { ".".to_owned() } else { rel }, what));
    }
    Ok(SafePath { rel, path, metadata })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_the_folder() {
        for text in ["/etc/passwd", "../a", "a/../../b", "a/.."] {
            assert!(matches!(split_parts(text), Err(Fault::Outside(_))), "{text}");
        }
        assert_eq!(split_parts("./a//b/").unwrap(), ["a", "b"]);
    }

    #[test]
    fn each_fault_has_its_own_kind() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        fs::write(dir.path().join("sub/a.txt"), "a").unwrap();
        let find = |text: &str| find_regular_file(dir.path(), text, &[]);
        assert_eq!(find("sub/./a.txt").unwrap().rel, "sub/a.txt");
        assert!(matches!(find("sub"), Err(Fault::NotFile(..))));
        assert!(matches!(find("sub/b.txt"), Err(Fault::Missing(_))));
        assert!(matches!(find("sub/a.txt/b"), Err(Fault::Missing(_))));
        assert!(matches!(find(".env"), Err(Fault::Secret(..))));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_on_the_way_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("real")).unwrap();
        fs::write(dir.path().join("real/a.txt"), "a").unwrap();
        std::os::unix::fs::symlink("real", dir.path().join("link")).unwrap();
        let fault = find_regular_file(dir.path(), "link/a.txt", &[]).unwrap_err();
        assert!(matches!(fault, Fault::Symlink(part) if part == "link"));
    }
}
