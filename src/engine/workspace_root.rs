//! The root of the workspace that a manifest is a member of.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::inventory;
use crate::lock::USUAL_MANIFEST;
use crate::manifest::{self, Workspace};

use super::EngineError;
use super::faults::{has_errors, make_invalid_error};

/// The root of a workspace that a manifest is a member of.
#[derive(Debug)]
pub(super) struct Root {
    /// Its folder.
    pub(super) folder: PathBuf,
    /// Its text.
    pub(super) text: String,
    /// Its path, as messages name it.
    pub(super) shown: String,
}

/// Finds the root of the workspace that a manifest is a member of: in its folder or in one above it,
/// up to the top of the git repository, or outside of one as long as the folders have one owner.
///
/// # Errors
/// [`EngineError::ManifestUnread`] and [`EngineError::Invalid`] for a root that can't be followed:
/// a member must not be published without what it inherits.
pub(super) fn find_root(manifest: &Path, today: Date) -> Result<Option<Root>, EngineError> {
    let folder = manifest.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Ok(own) = fs::canonicalize(folder.unwrap_or(Path::new("."))) else { return Ok(None) };
    let mut shown = PathBuf::new();
    for (depth, above) in own.ancestors().take_while(|above| is_searched(above, &own)).enumerate() {
        if depth > 0 {
            shown.push("..");
        }
        let path = above.join(USUAL_MANIFEST);
        if !path.is_file() {
            continue;
        }
        // A stranger could put a root above a shared folder.
        let owner = inventory::read_owner(&own);
        if [above, &path].iter().any(|it| inventory::read_owner(it) != owner) {
            return Ok(None);
        }
        let shown = shown.join(USUAL_MANIFEST).display().to_string();
        let text = inventory::read_manifest(&path).map_err(EngineError::ManifestUnread)?;
        let Some((workspace, _)) = read_workspace(&text, &shown, today)? else { continue };
        let is_in = name_below(manifest, &own, above)
            .is_some_and(|rel| rel == USUAL_MANIFEST || inventory::is_member(&rel, &workspace));
        return Ok(is_in.then(|| Root { folder: above.to_owned(), text, shown }));
    }
    Ok(None)
}

/// Returns the workspace that a manifest is the root of, and whether it is a record as well.
///
/// # Errors
/// [`EngineError::Invalid`] with the faults of a root.
pub(super) fn read_workspace(
    text: &str,
    shown: &str,
    today: Date,
) -> Result<Option<(Workspace, bool)>, EngineError> {
    // Most manifests have none, and a long one takes time to parse. A key may be written with escapes.
    if !text.contains("workspace") && !text.contains('\\') {
        return Ok(None);
    }
    let parsed = manifest::parse_root(text, today);
    if let Some(workspace) = parsed.workspace {
        return Ok(Some((workspace, parsed.is_record)));
    }
    // A manifest without a workspace has its own faults reported when it is read.
    if parsed.is_root && has_errors(&parsed.findings) {
        return Err(make_invalid_error(parsed.findings, shown, text));
    }
    Ok(None)
}

/// Returns whether a folder above a manifest's own is searched.
fn is_searched(above: &Path, own: &Path) -> bool {
    match own.ancestors().find(|folder| folder.join(".git").exists()) {
        Some(top) => above.starts_with(top),
        None => true,
    }
}

fn name_below(manifest: &Path, own: &Path, above: &Path) -> Option<String> {
    let rel = own.strip_prefix(above).ok()?.join(manifest.file_name()?.to_str()?);
    Some(rel.to_str()?.replace('\\', "/"))
}
