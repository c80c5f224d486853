//! What carries the DOI of a draft that is about to be discarded: the DOI would lead nowhere there, for
//! good.

use std::path::Path;

use crate::disk;
use crate::inventory;
use crate::lock::{Lock, USUAL_MANIFEST};
use crate::model::{Doi, Field, Metadata, RecordId};
use crate::observed::{Draft, DraftKind, Observed};
use crate::write_back::MAX_SIZE;

use super::EngineError;
use super::identity::ProjectPaths;
use super::neighbours::{is_same_manifest, load_member, read_binding};
use super::project::Project;
use super::session::Session;
use super::workspace::{Member, Workspace};

/// What carries a DOI that leads nowhere once its draft is discarded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carriers {
    /// The files of `[[write]]` that are committed, or outside of git on the disk, with it.
    pub files: Vec<String>,
    /// The published members of the workspace that link to it, by key, with the DOI of each.
    pub members: Vec<(String, Doi)>,
}

impl Carriers {
    /// Returns whether nothing carries it.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.members.is_empty()
    }
}

/// Returns the DOI that a draft has; none for an edit, whose DOI is that of its record, and on a server
/// whose DOIs are not known.
pub fn find_draft_doi(project: &Project, draft: &Draft) -> Option<Doi> {
    match draft.kind {
        DraftKind::Edit => None,
        DraftKind::NewRecord | DraftKind::NewVersion => project.server.mint_doi(draft.id.0),
    }
}

/// Finds what carries the DOI of a draft, or that of its concept where nothing of it was published.
/// Asks the server about members that link to this record alone.
///
/// # Errors
/// [`EngineError::Api`] when the server can't be asked, and those of the workspace: nobody knows then what would lead nowhere.
pub async fn find_carriers(
    project: &Project,
    session: &Session,
    observed: &Observed,
    draft: &Draft,
) -> Result<Carriers, EngineError> {
    let Some(doi) = find_draft_doi(project, draft) else { return Ok(Carriers::default()) };
    let concept = project.server.mint_doi(draft.concept.0);
    // The concept of a published version leads to that one.
    let concept = concept.filter(|_| observed.published().is_none());
    let dois: Vec<Doi> = std::iter::once(doi).chain(concept).collect();
    let mut carriers = Carriers { files: find_files(project, &dois), members: Vec::new() };
    let Some(workspace) = load_workspace(project)? else { return Ok(carriers) };
    let pinned = list_pinned_members(project, &workspace, &dois);
    for (key, last) in list_linking_members(project, &workspace) {
        if pinned.iter().any(|(known, _)| *known == key) {
            continue;
        }
        match session.read().record(last).await {
            Ok(full) if has_any(&full.metadata, &dois) => {
                let doi = full.doi.or_else(|| project.server.mint_doi(last.0));
                carriers.members.extend(doi.map(|doi| (key, doi)));
            }
            Ok(_) => {}
            // A record that was removed links to nothing.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(EngineError::Api(error)),
        }
    }
    carriers.members.extend(pinned);
    Ok(carriers)
}

fn load_workspace(project: &Project) -> Result<Option<Workspace>, EngineError> {
    let Some(root) = project.workspace_root() else { return Ok(None) };
    Workspace::load(root, USUAL_MANIFEST.as_ref(), project.clock.today())
}

/// Returns the files of `[[write]]` that have one of the DOIs.
fn find_files(project: &Project, dois: &[Doi]) -> Vec<String> {
    let paths = project.manifest.writes.iter().map(|entry| &entry.path.value);
    let has_doi = |path: &&String| {
        let text = read_kept_text(&project.root, path);
        text.is_some_and(|text| dois.iter().any(|doi| has_doi(&text, doi)))
    };
    paths.filter(has_doi).cloned().collect()
}

/// Returns the text that is committed: what is only on the disk, others have not got. Outside of git
/// that is all there is.
fn read_kept_text(root: &Path, path: &str) -> Option<String> {
    let bytes = match inventory::read_committed_file(root, path) {
        Some(committed) => committed?,
        None => disk::read_regular_file(&root.join(path), MAX_SIZE).ok()?,
    };
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns the other members on the same server whose manifests link to this one, with the version that
/// each lock knows as the last.
fn list_linking_members(project: &Project, workspace: &Workspace) -> Vec<(String, RecordId)> {
    // A manifest with a fault says nothing of what it links to.
    let loaded = workspace.members.iter().filter_map(|member| {
        Some((member.key.clone(), load_member(project, workspace, member).ok()?))
    });
    let (own, others): (Vec<_>, Vec<_>) =
        loaded.partition(|(_, other)| is_same_manifest(project, other));
    let Some((own, _)) = own.into_iter().next() else { return Vec::new() };
    let is_linking = |other: &Project| {
        let links = other.manifest.list_links();
        let mut keys = links.iter().map(|link| &link.value.key);
        keys.any(|key| *key == own || inventory::matches_key(key, &own))
    };
    others
        .into_iter()
        .filter(|(_, other)| other.server == project.server && is_linking(other))
        .filter_map(|(key, other)| Some((key, read_binding(&other).ok()?.record?.last?)))
        .collect()
}

/// Returns the members whose locks say that their latest version was published with one of the DOIs.
/// What their manifests say now, and whether they can be read, does not matter.
fn list_pinned_members(
    project: &Project,
    workspace: &Workspace,
    dois: &[Doi],
) -> Vec<(String, Doi)> {
    let server = &project.server;
    let find = |member: &Member| {
        let (folder, name) = member.split();
        let paths = ProjectPaths::of(&workspace.folder.join(folder), name.as_ref()).ok()?;
        let lock = Lock::load(&paths.lock(server), name).ok()?;
        let record = &lock.entry(server)?.record;
        record.links.values().find(|doi| dois.contains(doi))?;
        Some((member.key.clone(), server.mint_doi(record.last?.0)?))
    };
    workspace.members.iter().filter_map(find).collect()
}

fn has_any(metadata: &Metadata, dois: &[Doi]) -> bool {
    let related = metadata.get(Field::RelatedIdentifiers);
    let items = related.map(crate::model::Value::items).unwrap_or_default();
    items.iter().any(|item| dois.iter().any(|doi| has_doi(item, doi)))
}

/// Returns whether a text has a DOI, and not only the beginning of a longer one.
fn has_doi(text: &str, doi: &Doi) -> bool {
    let (text, doi) = (text.to_ascii_lowercase(), doi.as_str().to_ascii_lowercase());
    let ends = |(at, found): (usize, &str)| {
        !text[at + found.len()..].starts_with(|c: char| c.is_ascii_digit())
    };
    text.match_indices(&doi).any(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doi_is_found_whole() {
        let doi = Doi::parse("10.5072/zenodo.12").unwrap();
        for text in ["doi: 10.5072/zenodo.12", "(10.5072/ZENODO.12).", "10.5072/zenodo.12\n"] {
            assert!(has_doi(text, &doi), "{text}");
        }
        for text in ["10.5072/zenodo.123", "10.5072/zenodo.1", ""] {
            assert!(!has_doi(text, &doi), "{text}");
        }
    }
}
