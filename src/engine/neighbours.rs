//! The other members of a workspace, as one of them sees them.

use std::fs;
use std::path::Path;

use crate::lock::USUAL_MANIFEST;
use crate::model::{Binding, ConceptId, OtherManifest};

use super::EngineError;
use super::member_records::MemberRecord;
use super::project::{Project, ProjectOptions};
use super::workspace::{Member, Workspace};

/// Reads the manifest of another member.
pub(super) fn load_member(
    project: &Project,
    workspace: &Workspace,
    member: &Member,
) -> Result<Project, EngineError> {
    let (folder, name) = member.split();
    Project::load(ProjectOptions {
        manifest: name.into(),
        clock: project.clock.clone(),
        ..ProjectOptions::new(workspace.folder.join(folder))
    })
}

/// Returns the record that a project is bound to.
pub(super) fn read_binding(project: &Project) -> Result<Binding, EngineError> {
    let lock = project.lock()?;
    let in_manifest = project.manifest.record.concept.get(&project.server.name);
    Ok(project.binding(&lock, in_manifest.map(|concept| concept.value)))
}

/// Returns the concept that a project is bound to.
fn read_concept(project: &Project) -> Result<Option<ConceptId>, EngineError> {
    Ok(read_binding(project)?.concept.map(|(concept, _)| concept))
}

/// Returns whether two projects are of one manifest.
pub(super) fn is_same_manifest(one: &Project, other: &Project) -> bool {
    one.paths.root.canonicalize().ok() == other.paths.root.canonicalize().ok()
        && one.paths.name == other.paths.name
}

/// Returns the other members that are bound to the same record: a copied folder has the lock of
/// the one that it was copied from.
pub(super) fn find_twins(project: &Project, concept: ConceptId) -> Vec<OtherManifest> {
    let Some(root) = project.workspace_root() else { return Vec::new() };
    let today = project.clock.today();
    let Ok(Some(workspace)) = Workspace::load(root, USUAL_MANIFEST.as_ref(), today) else {
        return Vec::new();
    };
    let is_twin = |member: &&Member| {
        // Most members differ without reading more of them.
        names_record(&workspace.folder, member, concept)
            && load_member(project, &workspace, member).is_ok_and(|other| {
                !is_same_manifest(project, &other)
                    && other.server.url == project.server.url
                    && read_concept(&other).ok().flatten() == Some(concept)
            })
    };
    let twins = workspace.members.iter().filter(is_twin);
    twins
        .map(|member| OtherManifest {
            name: name_path(member),
            concept: Some(concept),
            is_gone: false,
        })
        .collect()
}

/// Returns the other members that have a record or a draft: a project that has none must not take
/// one of theirs for its own.
pub(super) fn find_bound_members(project: &Project) -> Vec<OtherManifest> {
    let Some(root) = project.workspace_root() else { return Vec::new() };
    let own = project.paths.root.join(&project.paths.name).canonicalize().ok();
    let read = || read_member_records(project, root);
    let records = match &project.member_records {
        Some(shared) => shared.get_or_read(read),
        None => &read(),
    };
    let others = records.iter().filter(|record| {
        record.server == project.server.url && Some(&record.manifest) != own.as_ref()
    });
    others
        .map(|record| OtherManifest {
            name: record.name.clone(),
            concept: Some(record.concept),
            is_gone: false,
        })
        .collect()
}

fn read_member_records(project: &Project, root: &Path) -> Vec<MemberRecord> {
    let today = project.clock.today();
    let Ok(Some(workspace)) = Workspace::load(root, USUAL_MANIFEST.as_ref(), today) else {
        return Vec::new();
    };
    let read = |member: &Member| {
        let other = load_member(project, &workspace, member).ok()?;
        Some(MemberRecord {
            manifest: other.root.join(&other.paths.name).canonicalize().ok()?,
            name: name_path(member),
            concept: read_concept(&other).ok()??,
            server: other.server.url,
        })
    };
    workspace.members.iter().filter_map(read).collect()
}

/// Returns the path of a member, which no name of a manifest in the same folder looks like.
fn name_path(member: &Member) -> String {
    if member.path.contains('/') { member.path.clone() } else { format!("./{}", member.path) }
}

/// Returns whether a member's manifest or lock has the number of a record.
fn names_record(root: &Path, member: &Member, concept: ConceptId) -> bool {
    let number = concept.0.to_string();
    let folder = root.join(member.split().0);
    let places =
        [root.join(&member.path), folder.join("zenodo.lock"), folder.join(".zrel/local.lock")];
    places.iter().any(|path| fs::read_to_string(path).is_ok_and(|text| text.contains(&number)))
}
