//! Keeps what zrel writes for reviewers out of the record.

use std::path::{Component, Path};

use crate::engine::Project;
use crate::inventory;
use crate::render::quote_word;
use crate::toml_text::quote_line;

use super::exit_code::ExitCode;
use super::failure::Failure;

/// Refuses to write a document where the manifest's record would include it: the plan would be
/// stale at once, and would be published. `flag` is the flag that names the file.
///
/// # Errors
/// A [`Failure`] that names the entry.
pub(super) fn refuse_published_path(
    project: &Project,
    flag: &str,
    path: &Path,
) -> Result<(), Failure> {
    let Some(taker) = inventory::find_taker(&project.manifest, &project.root, path) else {
        return Ok(());
    };
    let message = format!("`{}` would be published with {}", path.display(), taker.entry);
    let name = path.file_name().map_or(path, Path::new);
    // `parent` of `.` or `..` is not the folder above, so `..` is appended to those.
    let above = match project.root.components().next_back() {
        Some(Component::Normal(_)) => project.root.parent().map(Path::to_owned),
        _ => None,
    };
    let above = above.unwrap_or_else(|| project.root.join("..").components().collect());
    let above = above.strip_prefix(".").unwrap_or(&above).join(name);
    Err(Failure::new(ExitCode::Usage, message)
        .hint(format!("write it elsewhere: {flag} {}", quote_word(&above.to_string_lossy())))
        .hint(format!("or exclude it: exclude = [{}]", quote_line(&taker.exclude))))
}

/// Refuses to write a secret where the manifest names that very file.
///
/// # Errors
/// A [`Failure`] that names the file.
pub(super) fn refuse_spelled_path(
    project: &Project,
    flag: &str,
    path: &Path,
) -> Result<(), Failure> {
    if !inventory::is_spelled_out(&project.manifest, &project.root, path) {
        return Ok(());
    }
    let message = format!("`{}` would be published: the manifest names it", path.display());
    Err(Failure::new(ExitCode::Usage, message).hint(format!("write it elsewhere: {flag} FILE")))
}
