//! The root of the workspace that a manifest is a member of.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::inventory;
use crate::lock::USUAL_MANIFEST;
use crate::manifest;

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
/// up to the top of the git repository.
pub(super) fn find_root(manifest: &Path, today: Date) -> Option<Root> {
    let folder = manifest.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let own = fs::canonicalize(folder).ok()?;
    let top = own.ancestors().find(|above| above.join(".git").exists()).unwrap_or(&own);
    let mut shown = PathBuf::new();
    for (depth, above) in own.ancestors().take_while(|above| above.starts_with(top)).enumerate() {
        if depth > 0 {
            shown.push("..");
        }
        let Ok(text) = inventory::read_manifest(&above.join(USUAL_MANIFEST)) else { continue };
        let (workspace, _, _) = manifest::parse_root(&text, today);
        let Some(workspace) = workspace else { continue };
        let name = manifest.file_name()?.to_str()?;
        let rel = own.strip_prefix(above).ok()?.join(name);
        let rel = rel.to_str()?.replace('\\', "/");
        let is_root = rel == USUAL_MANIFEST;
        let is_in = is_root || inventory::is_member(&rel, &workspace);
        let shown = shown.join(USUAL_MANIFEST).display().to_string();
        return is_in.then(|| Root { folder: above.to_owned(), text, shown });
    }
    None
}
