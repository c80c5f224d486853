//! Files that are not in git, such as the assets of a release, laid over the files of a tag.

use std::fs;
use std::io;
use std::path::Path;

use crate::disk::{describe_other_kind, make_folder};
use crate::inventory::codes;
use crate::model::Finding;

/// Copies the files of a folder into another, at the same paths, and returns these, sorted. None
/// replaces a file that is there.
///
/// # Errors
/// A finding for a file that is there, for what is no file, and for what is git's or zrel's own.
pub fn lay_over(from: &Path, to: &Path) -> Result<Vec<String>, Finding> {
    // A link to a folder could bring anything of this machine.
    let is_folder = fs::symlink_metadata(from).is_ok_and(|metadata| metadata.is_dir());
    if !is_folder {
        return Err(report(from, "it is not a folder".to_owned()));
    }
    let mut paths = Vec::new();
    lay_folder_over((from, to), "", &mut paths)?;
    paths.sort();
    Ok(paths)
}

fn report(path: &Path, why: String) -> Finding {
    Finding::error(codes::UNREADABLE, format!("can't use `{}`", path.display())).because(why)
}

fn lay_folder_over(
    (from, to): (&Path, &Path),
    below: &str,
    paths: &mut Vec<String>,
) -> Result<(), Finding> {
    let entries = fs::read_dir(from).map_err(|error| report(from, error.to_string()))?;
    for entry in entries {
        let entry = entry.map_err(|error| report(from, error.to_string()))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let name = entry.file_name().to_string_lossy().into_owned();
        if [".git", ".zrel"].iter().any(|own| name.eq_ignore_ascii_case(own)) {
            return Err(report(
                &path,
                "it is git's or zrel's own, and no file of a release".to_owned(),
            ));
        }
        let shown = if below.is_empty() { name } else { format!("{below}/{name}") };
        let metadata =
            fs::symlink_metadata(&path).map_err(|error| report(&path, error.to_string()))?;
        if metadata.is_dir() {
            make_folder(&target).map_err(|error| report(&path, error.to_string()))?;
            lay_folder_over((&path, &target), &shown, paths)?;
        } else if let Some(what) = describe_other_kind(&metadata) {
            return Err(report(&path, format!("it is {what}, not a file")));
        } else {
            copy_new(&path, &target).map_err(|error| {
                let is_there = error.kind() == io::ErrorKind::AlreadyExists;
                let why = "the tag or the build has a file at this path";
                report(&path, if is_there { why.to_owned() } else { error.to_string() })
            })?;
            paths.push(shown);
        }
    }
    Ok(())
}

/// Copies a file to a path where there is none. Where the disk can, the two share their bytes.
fn copy_new(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists));
    }
    fs::copy(from, to).map(|_| ())
}
