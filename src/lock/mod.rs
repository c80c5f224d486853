//! `zenodo.lock`: which record a manifest stands for on which server, and what was last applied.
//!
//! Written by zrel and committed. It is TOML with one fact a line, sorted, so that branches
//! merge; each line ends with its checksum. It is a hint, never the truth: the server is always
//! asked which version is the latest. One file holds the facts of all manifests of its folder, and
//! a [`Lock`] is that file as one of them sees it: it reads and writes its own entries, and can
//! only look at the others. May name `model` and `disk`. What a line means is decided in `plan`.

mod format;
mod guard;
mod read_entry;
mod remains;
mod rename;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::{BoundRecord, ConceptId, Server, ServerKind};

use crate::disk;

pub use format::LockFault;
pub use remains::{Lost, Remains};
pub use rename::{RenameError, check_rename, remove, rename};

/// The manifest that is meant where none is named, and whose entries those of format 1 are.
pub const USUAL_MANIFEST: &str = "zenodo.toml";

/// Whose facts they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The manifest: its path relative to the lock, with `/` between folders.
    pub manifest: String,
    /// The server, by its name.
    pub server: String,
}

impl Key {
    /// Makes a key.
    pub fn new(manifest: impl Into<String>, server: impl Into<String>) -> Self {
        Self { manifest: manifest.into(), server: server.into() }
    }
}

/// The facts of all manifests and servers.
type Facts = BTreeMap<Key, Entry>;

/// The lock as one manifest sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    manifest: String,
    facts: Facts,
}

impl Default for Lock {
    /// The lock of the usual manifest, without a fact.
    fn default() -> Self {
        Self::of(USUAL_MANIFEST)
    }
}

/// The facts of one manifest on one server.
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
    /// Binds the manifest to a concept; what was applied to another one is forgotten, so that its
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
    /// Makes the lock of a manifest, without a fact.
    pub fn of(manifest: impl Into<String>) -> Self {
        Self { manifest: manifest.into(), facts: Facts::new() }
    }

    /// Reads the lock for a manifest; a file that is not there is an empty lock.
    ///
    /// # Errors
    /// [`LockError`] when it can't be read, holds conflict markers, is damaged, or was written by
    /// a later zrel.
    pub fn load(path: &Path, manifest: impl Into<String>) -> Result<Self, LockError> {
        Ok(Self { manifest: manifest.into(), facts: load(path)? })
    }

    /// Writes the whole lock atomically; does nothing when the file holds the same.
    ///
    /// # Errors
    /// [`LockError::Write`]; the file that was there is then untouched.
    pub fn save(&self, path: &Path) -> Result<(), LockError> {
        write(path, &format::print(&self.facts))
    }

    /// Writes the facts of this manifest on one server; all others it takes from the file as it is
    /// by now: another manifest's apply may have written since it was read. Nobody else writes
    /// meanwhile. A file that can't be trusted is replaced by what is known and what can be read of
    /// it.
    ///
    /// # Errors
    /// [`LockError::Write`], and [`LockError::Fault`] for a file of a later zrel; the file that was
    /// there is then untouched.
    pub fn save_entry(&mut self, path: &Path, server: &Server) -> Result<(), LockError> {
        let _nobody_else = guard::hold(path)?;
        let key = self.key(server);
        let own = self.facts.remove(&key);
        match load(path) {
            Ok(there) if path.exists() => self.facts = there,
            Ok(_) => {}
            Err(error @ LockError::Fault { source: LockFault::Future(_), .. }) => {
                return Err(error);
            }
            Err(_) => {
                let remains = Remains::of(path, self.manifest.as_str());
                self.facts.extend(remains.map(|it| it.lock().facts).unwrap_or_default());
            }
        }
        self.facts.remove(&key);
        self.facts.extend(own.map(|entry| (key, entry)));
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

    /// Returns the manifest whose lock it is.
    pub fn manifest(&self) -> &str {
        &self.manifest
    }

    /// Returns the facts of all manifests and servers.
    pub fn entries(&self) -> &BTreeMap<Key, Entry> {
        &self.facts
    }

    /// Returns the facts of this manifest on a server; none when its address is another one than
    /// was locked.
    pub fn entry(&self, server: &Server) -> Option<&Entry> {
        self.facts.get(&self.key(server)).filter(|entry| entry.url == locked_url(server))
    }

    /// Returns what other manifests have on a server.
    pub fn others<'a>(
        &'a self,
        server: &Server,
    ) -> impl Iterator<Item = (&'a str, &'a Entry)> + use<'a> {
        let (url, name) = (locked_url(server), server.name.clone());
        let entries = self.facts.iter().filter(move |(key, entry)| {
            key.manifest != self.manifest && key.server == name && entry.url == url
        });
        entries.map(|(key, entry)| (key.manifest.as_str(), entry))
    }

    /// Returns the address that was locked under a server's name, when it is another one.
    pub fn moved_from(&self, server: &Server) -> Option<&str> {
        let was = self.facts.get(&self.key(server))?.url.as_deref()?;
        (locked_url(server).as_deref() != Some(was)).then_some(was)
    }

    /// Returns the facts of this manifest on a server for writing; those of another address are
    /// dropped.
    pub fn entry_mut(&mut self, server: &Server) -> &mut Entry {
        let url = locked_url(server);
        let entry = self.facts.entry(self.key(server)).or_default();
        if entry.url != url {
            *entry = Entry { url, ..Entry::default() };
        }
        entry
    }

    fn key(&self, server: &Server) -> Key {
        Key::new(&self.manifest, &server.name)
    }
}

/// The address of a server that is not built in: its name alone does not say which it is.
fn locked_url(server: &Server) -> Option<String> {
    (server.kind == ServerKind::Other).then(|| server.url.clone())
}

/// Reads the facts of all manifests; a file that is not there holds none.
fn load(path: &Path) -> Result<Facts, LockError> {
    let text = match disk::read_text(path, MAX_SIZE) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Facts::new()),
        Err(source) => return Err(LockError::Read { path: path.to_owned(), source }),
        Ok(text) => text,
    };
    format::parse(&text).map_err(|source| LockError::Fault { path: path.to_owned(), source })
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

    fn server(name: &str) -> Server {
        Server::built_in(name).unwrap()
    }

    #[test]
    fn what_somebody_writes_of_another_server_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zenodo.lock");
        let load = || Lock::load(&path, USUAL_MANIFEST).unwrap();
        let concept_of = |name| load().entry(&server(name)).unwrap().concept;
        let mut ours = load();
        ours.entry_mut(&server("sandbox")).bind(ConceptId(1));
        ours.save_entry(&path, &server("sandbox")).unwrap();

        let mut theirs = load();
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

    #[test]
    fn what_can_be_read_of_a_damaged_lock_stays_and_that_of_a_later_zrel_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zenodo.lock");
        let mut ours = Lock::load(&path, "a.toml").unwrap();
        let mut theirs = Lock::load(&path, "b.toml").unwrap();
        theirs.entry_mut(&server("zenodo")).bind(ConceptId(7));
        theirs.save_entry(&path, &server("zenodo")).unwrap();
        let good = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, good.replace("[manifest", "[manifest.x.y]\nlast = 1\n\n[manifest"))
            .unwrap();
        ours.entry_mut(&server("zenodo")).bind(ConceptId(1));
        ours.save_entry(&path, &server("zenodo")).unwrap();
        let lock = Lock::load(&path, "b.toml").unwrap();
        assert_eq!(lock.entry(&server("zenodo")).unwrap().concept, Some(ConceptId(7)));
        assert_eq!(lock.entries().len(), 2);
        std::fs::write(&path, "format = 3\n").unwrap();
        let error = ours.save_entry(&path, &server("zenodo")).unwrap_err();
        assert!(matches!(error, LockError::Fault { source: LockFault::Future(_), .. }), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "format = 3\n");
    }

    #[test]
    fn manifests_that_write_at_the_same_moment_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".zrel")).unwrap();
        let path = folder.path().join("zenodo.lock");
        let all_at_once = std::sync::Barrier::new(6);
        std::thread::scope(|scope| {
            for number in 0..6_u64 {
                let (path, all_at_once) = (&path, &all_at_once);
                scope.spawn(move || {
                    let mut lock = Lock::load(path, format!("{number}.toml")).unwrap();
                    all_at_once.wait();
                    for round in 0..20 {
                        let entry = lock.entry_mut(&server("zenodo"));
                        entry.bind(ConceptId(number * 100 + round));
                        lock.save_entry(path, &server("zenodo")).unwrap();
                    }
                });
            }
        });
        let lock = Lock::load(&path, USUAL_MANIFEST).unwrap();
        let concepts: Vec<_> = lock.entries().values().filter_map(|e| e.concept).collect();
        assert_eq!(concepts, [19, 119, 219, 319, 419, 519].map(ConceptId));
    }

    #[test]
    fn a_manifest_sees_its_own_entry_and_can_look_at_the_others() {
        let mut paper = Lock::of("paper.toml");
        paper.entry_mut(&server("zenodo")).bind(ConceptId(1));
        let mut data = Lock { manifest: "data.toml".to_owned(), ..paper };
        assert_eq!(data.entry(&server("zenodo")), None);
        data.entry_mut(&server("zenodo")).bind(ConceptId(2));
        data.entry_mut(&server("sandbox")).bind(ConceptId(3));
        let others = data.others(&server("zenodo")).map(|(name, e)| (name, e.concept));
        let others: Vec<_> = others.collect();
        assert_eq!(others, [("paper.toml", Some(ConceptId(1)))]);
        assert_eq!(data.others(&server("sandbox")).count(), 0);
        assert_eq!(data.entry(&server("zenodo")).unwrap().concept, Some(ConceptId(2)));
    }
}
