//! The DOIs of the members of a workspace that a record links to.

use std::collections::BTreeSet;
use std::fmt::Display;

use crate::desired::{DesiredVersion, LinkPatterns, LinkVersions, Links, describe_version};
use crate::interop::read_version_file;
use crate::inventory::{self, Inventory};
use crate::lock::USUAL_MANIFEST;
use crate::manifest::{VersionSource, codes};
use crate::model::{BoundRecord, Field, Finding, Link, LinkedDoi, OpenDraft, RecordId, Span};

use super::EngineError;
use super::neighbours::{is_same_manifest, load_member, read_binding};
use super::project::Project;
use super::workspace::{Member, Workspace};

/// What the links of a record lead to.
#[derive(Debug, Default)]
pub(super) struct FoundLinks {
    /// The DOI of each.
    pub(super) links: Links,
    /// The members that patterns mean.
    pub(super) patterns: LinkPatterns,
    /// The versions of members that are linked to by version.
    pub(super) versions: LinkVersions,
}

/// Finds the DOI of each member that a project's record links to, in the locks, and which members a
/// pattern means. The DOI of a version is that of the version which the member's manifest describes.
///
/// # Errors
/// [`EngineError::Invalid`] for a link that leads to no member, to the record itself, to a record on
/// another server, or to a version of one without versions.
pub(super) fn find_links(project: &Project) -> Result<FoundLinks, EngineError> {
    let wanted = project.manifest.list_links();
    let mut all = FoundLinks::default();
    if wanted.is_empty() {
        return Ok(all);
    }
    let workspace = match project.workspace_root() {
        Some(root) => Workspace::load(root, USUAL_MANIFEST.as_ref(), project.clock.today())?,
        None => None,
    };
    let mut faults = Vec::new();
    for link in wanted {
        let Link { key: named, doi } = link.value;
        let meant = find_meant(project, workspace.as_ref(), &named);
        if let Some(keys) = &meant {
            all.patterns.insert(named.clone(), keys.clone());
        }
        for key in meant.unwrap_or_else(|| vec![named]) {
            let one = Link { key, doi };
            if all.links.contains_key(&one) {
                continue;
            }
            match find_dois(project, workspace.as_ref(), &one) {
                Ok((doi, versions)) => {
                    if one.doi == LinkedDoi::Version {
                        all.versions.insert(one.key.clone(), versions);
                    }
                    all.links.insert(one, doi);
                }
                Err(why) => faults.push(report_link(&one, link.span, &why)),
            }
        }
    }
    if faults.is_empty() { Ok(all) } else { Err(project.invalid(faults)) }
}

/// Returns the keys that a pattern means, without that of the project itself; `None` for a key.
fn find_meant(
    project: &Project,
    workspace: Option<&Workspace>,
    pattern: &str,
) -> Option<Vec<String>> {
    let workspace = workspace?;
    if workspace.members.iter().any(|member| member.key == pattern) {
        return None;
    }
    let matched =
        workspace.members.iter().filter(|member| inventory::matches_key(pattern, &member.key));
    let is_other = |member: &&Member| {
        let path = workspace.folder.join(&member.path).canonicalize().ok();
        path.is_none() || path != project.paths.root.join(&project.paths.name).canonicalize().ok()
    };
    let keys: Vec<String> = matched.filter(is_other).map(|member| member.key.clone()).collect();
    // A pattern without a match is reported like a key that no member has.
    (!keys.is_empty()).then_some(keys)
}

/// Returns the DOI of a member, none before it is reserved, and those of its versions.
fn find_dois(
    project: &Project,
    workspace: Option<&Workspace>,
    link: &Link,
) -> Result<(Option<String>, BTreeSet<String>), String> {
    let workspace = workspace.ok_or("the manifest is no member of a workspace")?;
    let member = workspace.members.iter().find(|member| member.key == link.key);
    let member = member.ok_or_else(|| {
        let keys: Vec<&str> = workspace.members.iter().take(5).map(|it| it.key.as_str()).collect();
        format!("the workspace has no such member, but {}", keys.join(", "))
    })?;
    let other = load_member(project, workspace, member)
        .map_err(|error| format!("its manifest can't be read: {error}"))?;
    if is_same_manifest(project, &other) {
        return Err("it is the record itself".to_owned());
    }
    if other.server != project.server {
        return Err(format!("it is on {}, and this record on {}", other.server, project.server));
    }
    let name = &other.server.name;
    if other.server.doi_prefix.is_none() {
        return Err(format!("its DOI can't be known: [servers.{name}] has no `doi_prefix`"));
    }
    if other.manifest.metadata.values.text(Field::Doi).is_some() {
        return Err("it has a DOI of its own: name that one as `identifier`".to_owned());
    }
    let binding =
        read_binding(&other).map_err(|error| format!("its lock can't be read: {error}"))?;
    let number = match link.doi {
        LinkedDoi::Concept => binding.concept.map(|(concept, _)| concept.0),
        LinkedDoi::Version => {
            let label = read_label(&other)?;
            binding.record.as_ref().and_then(|record| find_version(record, label)).map(|id| id.0)
        }
    };
    let mint = |number| other.server.mint_doi(number).map(|doi| doi.to_string());
    let versions = binding.record.iter().flat_map(list_versions);
    Ok((number.and_then(mint), versions.filter_map(|id| mint(id.0)).collect()))
}

/// Returns the versions that a lock knows, and the draft that may be published by now.
fn list_versions(record: &BoundRecord) -> impl Iterator<Item = RecordId> {
    let draft = match record.draft {
        Some(OpenDraft::Version(id)) => Some(id),
        Some(OpenDraft::Edit(_)) | None => None,
    };
    record.versions.keys().copied().chain(draft)
}

/// Returns the label of the version that a member's manifest describes; none where it is known at
/// the tag.
fn read_label(member: &Project) -> Result<Option<String>, String> {
    let version = &member.manifest.metadata.version;
    let version = version
        .as_ref()
        .ok_or("it has no `version`, by which one of its versions is known from the others")?;
    if let VersionSource::Label(label) = &version.value {
        return Ok(Some(label.clone()));
    }
    let unread = |error: &dyn Display| format!("its version can't be read: {error}");
    let Inventory { texts, git, .. } = member.texts().map_err(|error| unread(&error))?;
    let read = read_version_file(&member.manifest, &texts);
    match describe_version(&member.manifest, git.as_ref(), read.as_ref()) {
        Ok(DesiredVersion::Label(label) | DesiredVersion::Tag(label)) => Ok(Some(label)),
        Ok(DesiredVersion::KnownAtTag | DesiredVersion::None) => Ok(None),
        Err(why) => Err(unread(&why)),
    }
}

/// Returns the version that has this label, or the draft that will have it.
fn find_version(record: &BoundRecord, label: Option<String>) -> Option<RecordId> {
    let reserved = record.reserved.as_ref().map(|reserved| reserved.label.clone());
    let label = label.or_else(|| reserved.clone().flatten());
    let is_same = |(_, known): &(&RecordId, &String)| Some(*known) == label.as_ref();
    let published: Vec<RecordId> =
        record.versions.iter().filter(is_same).map(|(id, _)| *id).collect();
    choose_newest(&published, record.last).or(match record.draft {
        // A draft that was not reserved for this label may be published as another version.
        Some(OpenDraft::Version(id)) if reserved.is_some_and(|reserved| reserved == label) => {
            Some(id)
        }
        Some(OpenDraft::Version(_) | OpenDraft::Edit(_)) | None => None,
    })
}

/// Returns the newest of several versions; none where that can't be told. Labels can be given twice
/// by other means than zrel.
fn choose_newest(versions: &[RecordId], last: Option<RecordId>) -> Option<RecordId> {
    let is_newest = |one: &&RecordId| {
        Some(**one) == last || versions.iter().all(|other| other.0.is_after(one.0) == Some(false))
    };
    versions.iter().find(is_newest).copied()
}

fn report_link(link: &Link, place: Span, why: &str) -> Finding {
    Finding::error(codes::LINK, format!("the link to member `{}` can't be followed", link.key))
        .at(place, "in here")
        .because(why)
}
