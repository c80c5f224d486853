//! A past release as a project: the files of its tag in a folder of their own, and beside them what
//! was built for it and the assets of the release.

use std::path::PathBuf;

use crate::engine::project::{Project, ProjectOptions};
use crate::engine::{EngineError, PlanInputs};
use crate::inventory::{PastFiles, check_out, lay_over};

use super::built::lay_built_over;
use super::load::{load_past, prepare_folder};
use super::releases::PastRelease;

/// Where the files and the metadata of past releases come from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// A folder with the assets of each release, in a folder by the name of its tag.
    pub assets: Option<PathBuf>,
    /// Whether each tag's own manifest is used, and not the present one.
    pub own_manifest: bool,
}

/// A past release with its files, which are removed when this is dropped.
#[derive(Debug)]
pub struct OpenRelease {
    /// The release as a project.
    pub project: Project,
    /// Its files.
    _files: PastFiles,
}

/// A past release, and what its plan is made from.
#[derive(Debug)]
pub struct Gathered {
    /// Which.
    pub release: PastRelease,
    /// As a project; its files need not be there any more.
    pub project: Project,
    /// What was gathered of it.
    pub inputs: PlanInputs,
}

/// Writes the files of a past release into a folder below `.zrel`, and loads the release as a
/// project. `options` are those of `now`.
///
/// # Errors
/// [`EngineError::Invalid`] for files that can't be written, a tag without the manifest that it is
/// to have, and one whose manifest has faults.
pub fn open_release(
    now: &Project,
    options: &ProjectOptions,
    release: &PastRelease,
    sources: &Sources,
) -> Result<OpenRelease, EngineError> {
    let invalid = |finding| now.invalid(vec![finding]);
    let below = prepare_folder(now)?;
    let files = check_out(&now.paths.root, &release.tag, &below, false).map_err(invalid)?;
    lay_built_over(now, release, &files.root).map_err(invalid)?;
    if let Some(assets) = sources.assets.as_ref().map(|assets| assets.join(&release.tag.name))
        && assets.symlink_metadata().is_ok()
    {
        lay_over(&assets, &files.root).map_err(invalid)?;
    }
    let project = load_past(now, options, release, (&files, sources.own_manifest))?;
    Ok(OpenRelease { project, _files: files })
}
