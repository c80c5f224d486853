//! A past release as a project: the files of its tag in a folder of their own, and beside them what
//! was built for it and the assets of the release.

use std::fs;
use std::path::{Path, PathBuf};

use crate::engine::project::{Project, ProjectOptions};
use crate::engine::{EngineError, PlanInputs};
use crate::inventory::{Extent, PastFiles, check_out, lay_over};

use crate::model::Finding;

use super::built::{lay_built_over, list_built};
use super::codes;
use super::load::{load_past, prepare_folder};
use super::releases::{PastRelease, quote_all};

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
    /// Its files that are not of the tag.
    pub added: Vec<AddedFile>,
    /// Its files.
    pub(super) files: PastFiles,
}

/// A file that is not of the tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedFile {
    /// Its path, relative to the manifest's folder.
    pub path: String,
    /// Where it comes from.
    pub origin: AddedFrom,
}

/// Where a file comes from that is not of the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedFrom {
    /// From `zrel backfill build`.
    Build,
    /// From the folder of assets.
    Assets,
}

impl AddedFrom {
    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Build => "built",
            Self::Assets => "assets",
        }
    }
}

impl OpenRelease {
    /// Returns whether all files are there that the manifest names.
    pub fn has_all_files(&self) -> bool {
        let beside = self.files.make_beside();
        beside.is_ok_and(|beside| list_built(&self.project, &beside).is_ok())
    }
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
    /// Its files that are not of the tag.
    pub added: Vec<AddedFile>,
}

/// Reports what is odd about a folder of assets: a release without a folder, and a folder without a
/// release.
///
/// # Errors
/// [`EngineError::Invalid`] for a folder that is not there.
pub fn find_odd_assets(
    now: &Project,
    assets: &Path,
    releases: &[PastRelease],
) -> Result<Vec<Finding>, EngineError> {
    let entries = fs::read_dir(assets).map_err(|error| {
        let summary = format!("can't use the folder of assets `{}`", assets.display());
        now.invalid(vec![Finding::error(codes::ASSETS, summary).because(error.to_string())])
    })?;
    let without = releases.iter().filter(|release| !assets.join(&release.tag.name).is_dir());
    let without: Vec<String> = without.map(|release| release.tag.name.clone()).collect();
    // A tag with slashes is a folder in a folder.
    let is_of_tag = |name: &str| {
        let mut tags = releases.iter().map(|release| release.tag.name.as_str());
        tags.any(|tag| tag.split('/').next() == Some(name))
    };
    let mut odd: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !is_of_tag(name))
        .collect();
    odd.sort();
    let shown = assets.display();
    let mut findings = Vec::new();
    if !without.is_empty() {
        let summary = format!("no folder in `{shown}` for {}", quote_all(&without));
        findings.push(Finding::warning(codes::ASSETS, summary));
    }
    if !odd.is_empty() {
        let summary = format!("no selected tag for {} in `{shown}`", quote_all(&odd));
        findings.push(Finding::warning(codes::ASSETS, summary));
    }
    Ok(findings)
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
    let files =
        check_out(&now.paths.root, &release.tag, &below, Extent::Folder).map_err(invalid)?;
    let from = |origin| move |path| AddedFile { path, origin };
    let built = lay_built_over(now, release, &files.root).map_err(invalid)?;
    let mut added: Vec<AddedFile> = built.into_iter().map(from(AddedFrom::Build)).collect();
    if let Some(assets) = sources.assets.as_ref().map(|assets| assets.join(&release.tag.name))
        && assets.symlink_metadata().is_ok()
    {
        let laid = lay_over(&assets, &files.root).map_err(invalid)?;
        added.extend(laid.into_iter().map(from(AddedFrom::Assets)));
    }
    let project = load_past(now, options, release, (&files, sources.own_manifest))?;
    Ok(OpenRelease { project, added, files })
}
