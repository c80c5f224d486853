//! A past release of a project, and the manifest that it has.

use std::path::{Path, PathBuf};

use crate::inventory;
use crate::manifest::Manifest;

use super::EngineError;

/// A past release of a project: other files, and another label and date. Where zrel keeps what it
/// knows of the record is that of the project.
#[derive(Debug, Clone)]
pub struct Past {
    /// The folder with its files, in the place of the manifest's.
    pub files: PathBuf,
    /// The folder in which archives of its files are made.
    pub beside: PathBuf,
    /// The manifest as it was then, with how messages name it; none for the manifest as it is now.
    pub manifest: Option<(String, String)>,
    /// The manifest as it is now: it says which record is meant.
    pub now: Box<Manifest>,
    /// The version label.
    pub label: String,
    /// The publication date, `YYYY-MM-DD`.
    pub date: String,
}

impl Past {
    /// Makes a manifest that of the release.
    pub(super) fn describe(&self, manifest: &mut Manifest) {
        manifest.describe_past(&self.now, &self.label, &self.date);
    }
}

/// Returns how messages name a manifest, and its text: that of the release, or what the path has.
pub(super) fn read_manifest(
    past: Option<&Past>,
    path: &Path,
) -> Result<(String, String), EngineError> {
    if let Some(then) = past.and_then(|past| past.manifest.clone()) {
        return Ok(then);
    }
    let text = inventory::read_manifest(path).map_err(EngineError::ManifestUnread)?;
    Ok((path.display().to_string(), text))
}
