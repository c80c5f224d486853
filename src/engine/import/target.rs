//! Writes what an import makes: the lock's entry and the manifest, never over another's.

use std::fs;
use std::path::{Path, PathBuf};

use crate::disk;
use crate::engine::{EngineError, ProjectPaths, read_unfinished_run};
use crate::interop::from_record::ImportedFile;
use crate::lock::{Key, Lock};
use crate::model::{AppliedFile, ConceptId, Server};

use super::{ImportError, Read};

/// Where a record is imported to.
#[derive(Debug)]
pub struct Target {
    /// The manifest's place.
    pub paths: ProjectPaths,
    /// The manifest's path.
    pub manifest: PathBuf,
    /// The lock's path.
    pub lock: PathBuf,
    /// The server that has the record.
    pub server: Server,
}

impl Target {
    /// Refuses to overwrite a manifest or an entry of the lock, unless that is wanted, and to
    /// forget an apply that is unfinished.
    ///
    /// # Errors
    /// [`ImportError::NotAFile`], [`ImportError::Exists`], [`ImportError::Unfinished`], or
    /// [`ImportError::Engine`] for a journal that can't be read.
    pub fn refuse_to_overwrite(&self, force: bool) -> Result<(), ImportError> {
        for path in [&self.manifest, &self.lock] {
            let Ok(found) = fs::symlink_metadata(path) else { continue };
            if !found.is_file() {
                return Err(ImportError::NotAFile(path.clone()));
            }
            if !force && !self.keeps(path) {
                return Err(ImportError::Exists(path.clone()));
            }
        }
        let journal = self.paths.journal(&self.server);
        // The journal names a draft on the server, which the new entry would not know.
        if read_unfinished_run(&journal).map_err(ImportError::from)?.is_some() {
            return Err(ImportError::Unfinished(self.server.name.clone()));
        }
        Ok(())
    }

    /// Returns whether the file keeps all that it has: a lock without an entry of this manifest and
    /// server, to which one is added.
    fn keeps(&self, path: &Path) -> bool {
        let key = Key::new(&self.paths.name, &self.server.name);
        path == self.lock
            && Lock::load(path, &self.paths.name)
                .is_ok_and(|lock| !lock.entries().contains_key(&key))
    }

    /// Refuses a record that belongs to another manifest of the folder.
    ///
    /// # Errors
    /// [`EngineError::Shared`], or one for a lock that can't be read, in [`ImportError::Engine`].
    pub fn refuse_shared(&self, concept: ConceptId) -> Result<(), ImportError> {
        let lock = self.load_lock()?;
        Ok(self.paths.refuse_shared(concept, lock.others(&self.server))?)
    }

    /// Writes the lock, then the manifest: without the manifest, nothing is bound.
    ///
    /// # Errors
    /// [`ImportError::Engine`] for the lock, [`ImportError::Disk`] for the manifest.
    pub fn write(
        &self,
        read: &Read,
        files: &[ImportedFile],
        text: &str,
    ) -> Result<(), ImportError> {
        let mut lock = self.load_lock()?;
        let entry = lock.entry_mut(&self.server);
        entry.concept = Some(read.found.concept);
        entry.record = read.bound.clone();
        // The files of a draft were never published, so they do not count as applied.
        if entry.record.last == Some(read.id) {
            let applied = files.iter().filter_map(|file| {
                Some((file.key.clone(), AppliedFile { md5: file.md5?, content: None }))
            });
            entry.record.files = applied.collect();
        }
        let saved = lock.save_entry(&self.lock, &self.server);
        saved.map_err(|error| self.paths.lock_error(error))?;
        disk::write_atomically(&self.manifest, text.as_bytes()).map_err(|source| {
            ImportError::Disk { doing: "write", path: self.manifest.clone(), source }
        })
    }

    fn load_lock(&self) -> Result<Lock, EngineError> {
        Lock::load(&self.lock, &self.paths.name).map_err(|error| self.paths.lock_error(error))
    }
}
