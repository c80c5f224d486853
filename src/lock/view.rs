//! The lock as one manifest sees it: its own entries to read and write, the others to read.
//!
//! Deliberately absent: writing one entry while others write theirs, see `save_entry`.

use std::collections::BTreeMap;
use std::path::Path;

use super::disk_file::{read_lock_file, write_lock_file};
use super::format;
use super::types::{Entry, Facts, Key, LockError, USUAL_MANIFEST};
use crate::disk;
use crate::model::{Server, ServerKind};

/// The lock as one manifest sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    pub(super) manifest: String,
    pub(super) facts: Facts,
}

impl Default for Lock {
    /// Returns the empty lock of the usual manifest.
    fn default() -> Self {
        Self::of(USUAL_MANIFEST)
    }
}

impl Lock {
    /// Makes the empty lock of a manifest.
    pub fn of(manifest: impl Into<String>) -> Self {
        Self { manifest: manifest.into(), facts: Facts::new() }
    }

    /// Reads the lock for a manifest; a missing file is an empty lock.
    ///
    /// # Errors
    /// [`LockError`] when it can't be read, has conflict markers, is damaged, or was written by a
    /// later zrel.
    pub fn load(path: &Path, manifest: impl Into<String>) -> Result<Self, LockError> {
        Ok(Self { manifest: manifest.into(), facts: read_lock_file(path)? })
    }

    /// Writes the whole lock atomically; does nothing when the file holds the same.
    ///
    /// # Errors
    /// [`LockError::Write`]; the existing file is then untouched.
    pub fn save(&self, path: &Path) -> Result<(), LockError> {
        write_lock_file(path, &format::print_lock(&self.facts))
    }

    /// Checks that a lock can be written at a place, and changes nothing there.
    ///
    /// # Errors
    /// [`LockError::Write`].
    pub fn check_place(path: &Path) -> Result<(), LockError> {
        let checked = disk::check_place(path);
        checked.map_err(|source| LockError::Write { path: path.to_owned(), source })
    }

    /// Returns the manifest whose lock it is.
    pub fn manifest(&self) -> &str {
        &self.manifest
    }

    /// Returns the facts of all manifests and servers.
    pub fn entries(&self) -> &BTreeMap<Key, Entry> {
        &self.facts
    }

    /// Returns the facts of this manifest on a server; none when another address was locked.
    pub fn entry(&self, server: &Server) -> Option<&Entry> {
        self.facts.get(&self.key(server)).filter(|entry| entry.url == find_locked_url(server))
    }

    /// Returns what other manifests have on a server.
    pub fn others<'a>(
        &'a self,
        server: &Server,
    ) -> impl Iterator<Item = (&'a str, &'a Entry)> + use<'a> {
        let (url, name) = (find_locked_url(server), server.name.clone());
        let entries = self.facts.iter().filter(move |(key, entry)| {
            key.manifest != self.manifest && key.server == name && entry.url == url
        });
        entries.map(|(key, entry)| (key.manifest.as_str(), entry))
    }

    /// Returns the address that was locked under a server's name, when it is another one.
    pub fn moved_from(&self, server: &Server) -> Option<&str> {
        let was = self.facts.get(&self.key(server))?.url.as_deref()?;
        (find_locked_url(server).as_deref() != Some(was)).then_some(was)
    }

    /// Returns the facts of this manifest on a server for writing.
    pub fn entry_mut(&mut self, server: &Server) -> &mut Entry {
        let url = find_locked_url(server);
        let entry = self.facts.entry(self.key(server)).or_default();
        // The same name at another address is another server, with other records.
        if entry.url != url {
            *entry = Entry { url, ..Entry::default() };
        }
        entry
    }

    pub(super) fn key(&self, server: &Server) -> Key {
        Key::new(&self.manifest, &server.name)
    }
}

/// Returns the address of a server that is not built in: its name alone does not say which it is.
pub(super) fn find_locked_url(server: &Server) -> Option<String> {
    (server.kind == ServerKind::Other).then(|| server.url.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ConceptId;

    fn server(name: &str) -> Server {
        Server::built_in(name).unwrap()
    }

    #[test]
    fn a_manifest_sees_its_own_entry_and_can_look_at_the_others() {
        let mut paper = Lock::of("paper.toml");
        paper.entry_mut(&server("zenodo")).bind(ConceptId(1.into()));
        let mut data = Lock { manifest: "data.toml".to_owned(), ..paper };
        assert_eq!(data.entry(&server("zenodo")), None);
        data.entry_mut(&server("zenodo")).bind(ConceptId(2.into()));
        data.entry_mut(&server("sandbox")).bind(ConceptId(3.into()));
        let others = data.others(&server("zenodo")).map(|(name, e)| (name, e.concept));
        let others: Vec<_> = others.collect();
        assert_eq!(others, [("paper.toml", Some(ConceptId(1.into())))]);
        assert_eq!(data.others(&server("sandbox")).count(), 0);
        assert_eq!(data.entry(&server("zenodo")).unwrap().concept, Some(ConceptId(2.into())));
    }
}
