//! The manifests of a workspace: found by the patterns of its root.

use std::collections::BTreeMap;
use std::path::Path;

use crate::manifest::{Located, Workspace, codes};
use crate::model::{Finding, Severity, Span};

use super::select::glob::{self, Excludes};
use super::select::safe_path;

/// The manifest of a folder that is named as a member.
const USUAL: &str = "zenodo.toml";

/// How many members a workspace may have.
const MAX_MEMBERS: usize = 5000;

/// Finds the manifests of a workspace, relative to the root's folder, sorted.
///
/// # Errors
/// The findings, each at its pattern.
pub fn find_members(root: &Path, workspace: &Workspace) -> Result<Vec<String>, Vec<Finding>> {
    let excludes = Excludes::parse(&workspace.exclude)?;
    let mut found: BTreeMap<String, Span> = BTreeMap::new();
    let mut findings = Vec::new();
    for pattern in &workspace.members {
        match expand(root, pattern, &excludes) {
            Ok(manifests) => {
                for manifest in manifests {
                    if found.insert(manifest.clone(), pattern.span).is_some() {
                        findings.push(report_twice(&manifest, pattern));
                    }
                }
            }
            Err(own) => findings.extend(own.into_iter().map(|one| one.at(pattern.span, ""))),
        }
        if found.len() > MAX_MEMBERS {
            let summary = format!("the workspace has more than {MAX_MEMBERS} members");
            return Err(vec![Finding::error(codes::MEMBERS, summary).at(pattern.span, "")]);
        }
    }
    if findings.is_empty() { Ok(found.into_keys().collect()) } else { Err(findings) }
}

/// Returns whether a manifest, relative to the root's folder, is a member.
pub fn is_member(manifest: &str, workspace: &Workspace) -> bool {
    let rel = Path::new(manifest);
    let is_left_out = Excludes::parse(&workspace.exclude).is_ok_and(|it| it.leave_out(rel));
    let is_named = workspace.members.iter().any(|pattern| {
        let wanted = name_manifests(&pattern.value);
        wanted == manifest || glob::is_match(&wanted, rel)
    });
    is_named && !is_left_out
}

/// Returns whether a text is a pattern that a member's key matches.
pub fn matches_key(pattern: &str, key: &str) -> bool {
    glob::is_pattern(pattern) && glob::is_match(pattern, Path::new(key))
}

/// Returns the manifests that a pattern means: a folder stands for the one in it.
fn name_manifests(pattern: &str) -> String {
    let ending = pattern.rsplit('.').next();
    match pattern {
        "." => USUAL.to_owned(),
        _ if ending == Some("toml") => pattern.to_owned(),
        _ => format!("{pattern}/{USUAL}"),
    }
}

fn expand(
    root: &Path,
    pattern: &Located<String>,
    excludes: &Excludes,
) -> Result<Vec<String>, Vec<Finding>> {
    let wanted = name_manifests(&pattern.value);
    if glob::is_pattern(&wanted) {
        let found = glob::expand(root, &wanted, excludes);
        // A link that is not followed is no member, and no fault of the others.
        let faults: Vec<Finding> =
            found.findings.into_iter().filter(|one| one.severity == Severity::Error).collect();
        if faults.is_empty() {
            return Ok(found.files.into_iter().map(|file| file.rel).collect());
        }
        return Err(faults);
    }
    match safe_path::find_regular_file(root, &wanted, &[]) {
        Ok(place) if excludes.leave_out(place.rel.as_ref()) => Ok(Vec::new()),
        Ok(place) => Ok(vec![place.rel]),
        Err(fault) => Err(vec![fault.finding()]),
    }
}

fn report_twice(manifest: &str, pattern: &Located<String>) -> Finding {
    Finding::error(codes::MEMBERS, format!("`{manifest}` is a member twice"))
        .at(pattern.span, "named before")
        .hint("remove one of the two entries, or leave it out with `exclude`")
}
