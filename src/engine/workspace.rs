//! A workspace: the manifests that its root names, each a project of its own.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::inventory;
use crate::lock::USUAL_MANIFEST;
use crate::manifest::codes;
use crate::model::Finding;

use super::EngineError;
use super::faults::make_invalid_error;
use super::workspace_root::read_workspace;

/// A workspace.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The root's folder, as the user named it.
    pub folder: PathBuf,
    /// The root's manifest, as the user named it.
    pub shown: String,
    /// Its members, sorted by key.
    pub members: Vec<Member>,
}

/// A manifest of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What it is called: its folder relative to the root's, and behind a colon its name without
    /// `.toml` where that is not the usual one.
    pub key: String,
    /// Its path, relative to the root's folder.
    pub path: String,
}

impl Member {
    fn of(path: String) -> Self {
        let (folder, name) = path.rsplit_once('/').unwrap_or((".", &path));
        let stem = name.strip_suffix(".toml").unwrap_or(name);
        let key = match name {
            USUAL_MANIFEST => folder.to_owned(),
            _ => format!("{folder}:{stem}"),
        };
        Self { key, path }
    }

    /// Returns its folder and its name there.
    pub fn split(&self) -> (&str, &str) {
        self.path.rsplit_once('/').unwrap_or((".", &self.path))
    }
}

impl Workspace {
    /// Reads the workspace of a root; `None` for a manifest that is no root.
    ///
    /// # Errors
    /// [`EngineError::ManifestUnread`], and [`EngineError::Invalid`] with the faults of the root and
    /// of its members' names.
    pub fn load(folder: &Path, manifest: &Path, today: Date) -> Result<Option<Self>, EngineError> {
        let path = folder.join(manifest);
        let text = inventory::read_manifest(&path).map_err(EngineError::ManifestUnread)?;
        let shown = path.display().to_string();
        let Some((workspace, is_record)) = read_workspace(&text, &shown, today)? else {
            return Ok(None);
        };
        let root = path.parent().map(Path::to_owned).unwrap_or_default();
        let place = if root.as_os_str().is_empty() { Path::new(".") } else { &root };
        let mut paths = inventory::find_members(place, &workspace)
            .map_err(|findings| make_invalid_error(findings, &shown, &text))?;
        let own = path.file_name().map(|name| name.to_string_lossy().into_owned());
        if let Some(own) = own {
            // A pattern may match the root, which is a member only as a record.
            paths.retain(|path| *path != own);
            paths.extend(is_record.then_some(own));
        }
        let mut members: Vec<Member> = paths.into_iter().map(Member::of).collect();
        members.sort_by(|one, other| one.key.cmp(&other.key));
        let faults = find_bad_keys(&members);
        if !faults.is_empty() {
            return Err(make_invalid_error(faults, &shown, &text));
        }
        Ok(Some(Self { folder: root, shown, members }))
    }

    /// Returns the name of the root's manifest in its folder.
    pub fn root_name(&self) -> String {
        let name = Path::new(&self.shown).file_name();
        name.map_or_else(|| USUAL_MANIFEST.to_owned(), |name| name.to_string_lossy().into_owned())
    }

    /// Returns the members of these keys, in the order of the workspace.
    ///
    /// # Errors
    /// The first key that no member has.
    pub fn select(&self, keys: &[String]) -> Result<Vec<Member>, String> {
        let is_of = |key: &str, wanted: &str| key == wanted.trim_end_matches('/');
        let unknown =
            keys.iter().find(|wanted| !self.members.iter().any(|it| is_of(&it.key, wanted)));
        if let Some(unknown) = unknown {
            return Err(unknown.clone());
        }
        let is_wanted =
            |member: &&Member| keys.is_empty() || keys.iter().any(|key| is_of(&member.key, key));
        Ok(self.members.iter().filter(is_wanted).cloned().collect())
    }
}

/// Finds members that can't be told by their keys.
fn find_bad_keys(members: &[Member]) -> Vec<Finding> {
    let twice = members.windows(2).filter(|two| two[0].key == two[1].key).map(|two| {
        let summary = format!("`{}` and `{}` have the same key", two[0].path, two[1].path);
        Finding::error(codes::MEMBERS, summary).hint("rename one of them, or leave it out")
    });
    let unreadable = members.iter().filter(|member| member.key.chars().any(char::is_control));
    let unreadable = unreadable.map(|member| {
        let summary = format!("the path `{}` has a control character", member.path);
        Finding::error(codes::MEMBERS, summary).hint("rename it, or leave it out with `exclude`")
    });
    twice.chain(unreadable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_folder_and_the_name_of_an_unusual_manifest() {
        for (path, key, split) in [
            ("deposits/a/zenodo.toml", "deposits/a", ("deposits/a", "zenodo.toml")),
            ("deposits/a/data.toml", "deposits/a:data", ("deposits/a", "data.toml")),
            ("zenodo.toml", ".", (".", "zenodo.toml")),
            ("data.toml", ".:data", (".", "data.toml")),
        ] {
            let member = Member::of(path.to_owned());
            assert_eq!((member.key.as_str(), member.split()), (key, split));
        }
    }
}
