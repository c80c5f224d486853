//! `zenodo.lock`: which record on which server, and what was last applied to it.
//!
//! Written by zrel and committed. It is TOML with one fact a line, sorted, so that branches
//! merge. It is a hint, never the truth: the server is always asked which version is the latest.
//! May name `model` and `disk`. What a line means is decided in `plan`.

mod format;
mod remains;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::{BoundRecord, ConceptId, Server, ServerKind};

use crate::disk;

pub use format::LockFault;
pub use remains::Remains;

/// The facts of all servers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    servers: BTreeMap<String, Entry>,
}

/// The facts of one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The server's address, where the name alone does not say it.
    pub url: Option<String>,
    /// The bound concept.
    pub concept: Option<ConceptId>,
    /// What was last applied.
    pub record: BoundRecord,
}

impl Entry {
    /// Binds the server to a concept; what was applied to another one is forgotten, so that its
    /// versions and labels are not taken for this one's.
    pub fn bind(&mut self, concept: ConceptId) {
        if self.concept.is_some_and(|bound| bound != concept) {
            self.record = BoundRecord::default();
        }
        self.concept = Some(concept);
    }
}

/// Says why the lock can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// It is there and can't be read.
    #[error("can't read `{}`", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is in it can't be trusted.
    #[error("`{}` can't be trusted", .path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: LockFault,
    },
    /// It can't be written; what was there is still there.
    #[error("can't write `{}`", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A lock larger than this is no lock that zrel wrote. Bytes.
const MAX_SIZE: u64 = 16 * 1024 * 1024;

impl Lock {
    /// Reads the lock; a file that is not there is an empty lock.
    ///
    /// # Errors
    /// [`LockError`] when it can't be read, holds conflict markers, is damaged, or was written by
    /// a later zrel.
    pub fn load(path: &Path) -> Result<Self, LockError> {
        let text = match disk::read_text(path, MAX_SIZE) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(LockError::Read { path: path.to_owned(), source }),
            Ok(text) => text,
        };
        format::parse(&text).map_err(|source| LockError::Fault { path: path.to_owned(), source })
    }

    /// Writes the lock atomically; does nothing when the file holds the same.
    ///
    /// # Errors
    /// [`LockError::Write`]; the file that was there is then untouched.
    pub fn save(&self, path: &Path) -> Result<(), LockError> {
        let text = format::print(self);
        write(path, &text)
    }

    /// Writes the facts of one server; of the others it takes what the file says by now, which
    /// somebody may have written since it was read. A file that can't be trusted is replaced.
    ///
    /// # Errors
    /// [`LockError::Write`]; the file that was there is then untouched.
    pub fn save_entry(&mut self, path: &Path, server: &Server) -> Result<(), LockError> {
        if let Some(there) = Self::load(path).ok().filter(|_| path.exists()) {
            let own = self.servers.remove(&server.name);
            self.servers = there.servers;
            self.servers.remove(&server.name);
            self.servers.extend(own.map(|entry| (server.name.clone(), entry)));
        }
        self.save(path)
    }

    /// Makes sure that a lock can be written at a place, and leaves what is there.
    ///
    /// # Errors
    /// [`LockError::Write`].
    pub fn check_place(path: &Path) -> Result<(), LockError> {
        let checked = disk::check_place(path);
        checked.map_err(|source| LockError::Write { path: path.to_owned(), source })
    }

    /// Returns the facts of all servers, by name.
    pub fn entries(&self) -> &BTreeMap<String, Entry> {
        &self.servers
    }

    /// Returns the facts of a server; none when its address is another one than was locked.
    pub fn entry(&self, server: &Server) -> Option<&Entry> {
        self.servers.get(&server.name).filter(|entry| entry.url == locked_url(server))
    }

    /// Returns the address that was locked under a server's name, when it is another one.
    pub fn moved_from(&self, server: &Server) -> Option<&str> {
        let was = self.servers.get(&server.name)?.url.as_deref()?;
        (locked_url(server).as_deref() != Some(was)).then_some(was)
    }

    /// Returns the facts of a server for writing; those of another address are dropped.
    pub fn entry_mut(&mut self, server: &Server) -> &mut Entry {
        let url = locked_url(server);
        let entry = self.servers.entry(server.name.clone()).or_default();
        if entry.url != url {
            *entry = Entry { url, ..Entry::default() };
        }
        entry
    }
}

/// The address of a server that is not built in: its name alone does not say which it is.
fn locked_url(server: &Server) -> Option<String> {
    (server.kind == ServerKind::Other).then(|| server.url.clone())
}

fn write(path: &Path, text: &str) -> Result<(), LockError> {
    if disk::read_text(path, MAX_SIZE).is_ok_and(|there| there == text) {
        return Ok(());
    }
    disk::write_atomically(path, text.as_bytes())
        .map_err(|source| LockError::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_writes_of_another_server_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zenodo.lock");
        let server = |name| Server::built_in(name).unwrap();
        let concept_of = |name| Lock::load(&path).unwrap().entry(&server(name)).unwrap().concept;
        let mut ours = Lock::load(&path).unwrap();
        ours.entry_mut(&server("sandbox")).bind(ConceptId(1));
        ours.save_entry(&path, &server("sandbox")).unwrap();

        let mut theirs = Lock::load(&path).unwrap();
        theirs.entry_mut(&server("zenodo")).bind(ConceptId(7));
        theirs.entry_mut(&server("sandbox")).bind(ConceptId(8));
        theirs.save(&path).unwrap();
        ours.entry_mut(&server("sandbox")).bind(ConceptId(2));
        ours.save_entry(&path, &server("sandbox")).unwrap();
        assert_eq!(concept_of("zenodo"), Some(ConceptId(7)));
        assert_eq!(concept_of("sandbox"), Some(ConceptId(2)));

        // What can't be trusted is replaced by what is known, and so is a file that is gone.
        for there in [Some("rubbish"), None] {
            match there {
                Some(text) => std::fs::write(&path, text).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
            ours.save_entry(&path, &server("sandbox")).unwrap();
            assert_eq!(concept_of("zenodo"), Some(ConceptId(7)));
        }
    }
}
