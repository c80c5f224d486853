//! Loads a past release as a project, and says where the files of past releases are.

use std::path::{Path, PathBuf};

use crate::disk::make_folder;
use crate::engine::EngineError;
use crate::engine::past::Past;
use crate::engine::project::{Project, ProjectOptions};
use crate::inventory::{PastFiles, ReadError, prepare_zrel_dir, read_manifest, remove_leftovers};
use crate::model::Finding;

use super::codes;
use super::releases::PastRelease;

/// Loads a past release, whose files are there, as a project.
pub(super) fn load_past(
    now: &Project,
    options: &ProjectOptions,
    release: &PastRelease,
    (files, own_manifest): (&PastFiles, bool),
) -> Result<Project, EngineError> {
    let own = own_manifest.then(|| read_own_manifest(now, release, files));
    let manifest = own.transpose().map_err(|finding| now.invalid(vec![finding]))?;
    let failed = |source| {
        let path = files.root.clone();
        EngineError::Folder(ReadError::Unwritable { path, source })
    };
    let past = Past {
        files: files.root.clone(),
        beside: files.make_beside().map_err(failed)?,
        manifest,
        now: Box::new(now.manifest.clone()),
        label: release.label.clone(),
        date: release.date.clone(),
    };
    Project::load(ProjectOptions { past: Some(past), ..options.clone() })
}

/// Makes the folder in which past releases are checked out.
pub(super) fn prepare_folder(now: &Project) -> Result<PathBuf, EngineError> {
    let zrel_dir = prepare_zrel_dir(&now.paths.root).map_err(EngineError::Folder)?;
    let folder = make_own_folder(&zrel_dir.join("backfill"))?;
    remove_leftovers(&folder);
    Ok(folder)
}

/// Makes a folder of zrel's own. What is there must be one, and no link to elsewhere.
pub(super) fn make_own_folder(path: &Path) -> Result<PathBuf, EngineError> {
    let made = make_folder(path).map(|()| path.to_owned());
    made.map_err(|source| {
        EngineError::Folder(ReadError::Unwritable { path: path.to_owned(), source })
    })
}

/// Returns the manifest that a tag has, and how messages name it.
fn read_own_manifest(
    now: &Project,
    release: &PastRelease,
    files: &PastFiles,
) -> Result<(String, String), Finding> {
    let shown = format!("{} at {}", now.shown, release.tag.name);
    let text = read_manifest(&files.root.join(&now.paths.name));
    text.map(|text| (shown, text)).map_err(|error| {
        let summary = format!("the tag `{}` has no manifest of its own", release.tag.name);
        Finding::error(codes::MANIFEST, summary).because(describe_unread(&error)).hint(format!(
            "leave it out with `--skip {}`, or leave out --own-manifest: each release then has the \
                 present manifest's metadata",
            release.tag.name
        ))
    })
}

/// Says why a manifest can't be read: its path is that of a folder which is gone soon.
fn describe_unread(error: &ReadError) -> String {
    let ReadError::Unreadable { source, .. } = error else { return error.to_string() };
    source.to_string()
}
