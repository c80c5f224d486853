//! The files of a manifest that git does not track: what a build made.

use std::path::Path;

use crate::inventory::git;
use crate::inventory::select::gather::select_candidates;
use crate::inventory::types::{Candidate, Faults, Options};
use crate::manifest::Manifest;
use crate::model::{Finding, Severity};

/// Returns the paths of the files that a manifest names and that git does not track, relative to its
/// folder, sorted.
///
/// # Errors
/// The faults of what it names, such as a file that is missing.
pub fn list_built_files(
    manifest: &Manifest,
    options: &Options,
) -> Result<Vec<String>, Vec<Finding>> {
    let mut faults = Faults::default();
    let checkout = git::find_checkout(&options.root).map_err(|finding| vec![finding])?;
    let candidates = select_candidates(manifest, options, checkout.as_ref(), &mut faults);
    if faults.findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(faults.findings);
    }
    let is_tracked =
        |rel: &str| checkout.as_ref().is_some_and(|it| it.executable.contains_key(rel));
    let mut paths: Vec<String> = candidates
        .iter()
        .flat_map(Candidate::requests)
        .filter(|request| !is_tracked(&request.rel))
        .map(|request| request.rel.clone())
        .collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// Returns whether git tracks something below a folder, which is relative to another one.
pub fn is_tracked_below(root: &Path, folder: &str) -> bool {
    let checkout = git::find_checkout(root).ok().flatten();
    let lead = format!("{folder}/");
    checkout.is_some_and(|it| it.executable.keys().any(|path| path.starts_with(&lead)))
}
