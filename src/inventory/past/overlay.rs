//! Files that are not in git, such as the assets of a release, laid over the files of a tag.

use std::fs;
use std::io;
use std::path::Path;

use crate::disk::describe_other_kind;
use crate::inventory::codes;
use crate::model::Finding;

/// Copies the files of a folder into another, at the same paths. None replaces a file that is there.
///
/// # Errors
/// A finding for a file that is there, and for what is no file.
pub fn lay_over(from: &Path, to: &Path) -> Result<(), Finding> {
    let failed = |path: &Path, why: String| {
        let summary = format!("can't use `{}`", path.display());
        Finding::error(codes::UNREADABLE, summary).because(why)
    };
    let entries = fs::read_dir(from).map_err(|error| failed(from, error.to_string()))?;
    for entry in entries {
        let entry = entry.map_err(|error| failed(from, error.to_string()))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let metadata =
            fs::symlink_metadata(&path).map_err(|error| failed(&path, error.to_string()))?;
        if metadata.is_dir() {
            make_folder(&target).map_err(|error| failed(&path, error.to_string()))?;
            lay_over(&path, &target)?;
        } else if let Some(what) = describe_other_kind(&metadata) {
            return Err(failed(&path, format!("it is {what}, not a file")));
        } else {
            copy_new(&path, &target).map_err(|error| {
                let is_there = error.kind() == io::ErrorKind::AlreadyExists;
                let why = "there is a file of this path, of the tag or of a build";
                failed(&path, if is_there { why.to_owned() } else { error.to_string() })
            })?;
        }
    }
    Ok(())
}

/// Makes a folder unless it is there. A link to a folder is none: nothing is written through it.
fn make_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let is_folder = fs::symlink_metadata(path)?.is_dir();
            if is_folder { Ok(()) } else { Err(error) }
        }
        made => made,
    }
}

/// Copies a file to a path where there is none. Where the disk can, the two share their bytes.
fn copy_new(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists));
    }
    fs::copy(from, to).map(|_| ())
}
