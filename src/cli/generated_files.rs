//! What commands check before they write a file for another program: the name of the manifest in it,
//! and the folder in which it works.

use std::path::Path;

use super::exit_code::ExitCode;
use super::failure::Failure;

/// Returns the name of a manifest for a file that a shell, YAML or another program reads.
///
/// # Errors
/// A [`Failure`] for a name that one of them could read as something else.
pub(super) fn check_manifest_name(manifest: &Path, file: &str) -> Result<String, Failure> {
    let name = manifest.to_string_lossy().into_owned();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    // A leading `-` would be read as a flag.
    if !name.chars().all(is_plain) || name.starts_with('-') {
        let message = format!("`{name}` can't be used in a {file}");
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("give the manifest a name of letters, digits, `.`, `_`, `-` and `/`"));
    }
    Ok(name)
}

/// Refuses a folder that is not the root of a repository, where no forge looks for workflows.
///
/// # Errors
/// A [`Failure`] with the hint.
pub(super) fn refuse_elsewhere(root: &Path, hint: &str) -> Result<(), Failure> {
    // In a worktree `.git` is a file, which counts as well.
    if root.join(".git").exists() {
        return Ok(());
    }
    let message = format!("`{}` is not the root of a git repository", root.display());
    Err(Failure::new(ExitCode::Usage, message).hint(hint))
}
