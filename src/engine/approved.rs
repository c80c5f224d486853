//! Which plans of a workspace were approved, for a run that continues after some were applied.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::disk::write_atomically;
use crate::inventory::{ReadError, prepare_zrel_dir};
use crate::model::{Link, Sha256, find_link, name_link};

/// The plans of a workspace that a person approved together. What is read from the disk needs no
/// trust: it counts only where its digests are those of the digest that a person gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Approved {
    /// The links whose DOIs were not known.
    pub unknown: BTreeSet<Link>,
    /// The digests of the plans, by the key of the member.
    pub digests: BTreeMap<String, Sha256>,
}

impl Approved {
    /// Reads what was approved last in the workspace of a root's folder; what can't be read was not
    /// approved.
    pub fn load(root: &Path) -> Option<Self> {
        let text = fs::read_to_string(name_file(&root.join(".zrel"))).ok()?;
        let json: Json = serde_json::from_str(&text).ok()?;
        let read = |(key, digest): (&String, &Json)| {
            Some((key.clone(), Sha256::parse(digest.as_str()?).ok()?))
        };
        let unknown = json["unknown"].as_array()?.iter();
        Some(Self {
            unknown: unknown.map(|link| find_link(link.as_str()?)).collect::<Option<_>>()?,
            digests: json["digests"].as_object()?.iter().map(read).collect::<Option<_>>()?,
        })
    }

    /// Writes it, for a run that continues.
    ///
    /// # Errors
    /// [`ReadError`] when `.zrel` or the file in it can't be written.
    pub fn save(&self, root: &Path) -> Result<(), ReadError> {
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        let path = name_file(&prepare_zrel_dir(root)?);
        let digests: BTreeMap<&str, String> =
            self.digests.iter().map(|(key, digest)| (key.as_str(), digest.to_string())).collect();
        let unknown: Vec<String> = self.unknown.iter().map(name_link).collect();
        let json = json!({ "format_version": "1.0", "unknown": unknown, "digests": digests });
        write_atomically(&path, json.to_string().as_bytes())
            .map_err(|source| ReadError::Unwritable { path, source })
    }
}

fn name_file(zrel_dir: &Path) -> PathBuf {
    zrel_dir.join("approved.json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LinkedDoi;

    #[test]
    fn what_is_written_is_read_and_anything_else_was_not_approved() {
        let folder = tempfile::tempdir().unwrap();
        let approved = Approved {
            unknown: [LinkedDoi::Concept, LinkedDoi::Version]
                .map(|doi| Link { key: "a".to_owned(), doi })
                .into(),
            digests: BTreeMap::from([("a".to_owned(), Sha256([7; 32]))]),
        };
        assert_eq!(Approved::load(folder.path()), None);
        approved.save(folder.path()).unwrap();
        assert_eq!(Approved::load(folder.path()), Some(approved));
        for text in ["", "[]", "{\"unknown\": [1], \"digests\": {}}", "{\"unknown\": []}"] {
            fs::write(folder.path().join(".zrel/approved.json"), text).unwrap();
            assert_eq!(Approved::load(folder.path()), None, "{text}");
        }
    }
}
