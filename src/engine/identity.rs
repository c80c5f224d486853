//! Where zrel keeps what it knows of a manifest: beside it, and separate for each manifest.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256 as Hasher};

use super::EngineError;
use crate::apply::{Journal, UnfinishedRun};
use crate::check::Invocation;
use crate::disk;
use crate::inventory;
use crate::lock::{COMMITTED_LOCK, Entry, LockError, USUAL_MANIFEST};
use crate::model::{ConceptId, OtherManifest, Server, ServerKind, Sha256};
use crate::render::quote_word;

/// The place of a manifest: its folder, and its name there.
#[derive(Debug, Clone)]
pub struct ProjectPaths {
    /// The folder.
    pub root: PathBuf,
    /// The manifest's path relative to the lock: its name.
    pub name: String,
    /// The folder as the user named it; empty for the one in which zrel works.
    prefix: PathBuf,
    /// The folder that was named with -C.
    folder: PathBuf,
}

impl ProjectPaths {
    /// Returns the place of the manifest `named`, relative to a folder.
    ///
    /// # Errors
    /// An [`EngineError`] for a path that names no file, and for a name that is not UTF-8.
    pub fn of(folder: &Path, named: &Path) -> Result<Self, EngineError> {
        let path = folder.join(named);
        let root = path.parent().map(Path::to_owned).unwrap_or_default();
        let root = if root.as_os_str().is_empty() { PathBuf::from(".") } else { root };
        let given = path.file_name().map(Path::new);
        // Some systems find a file by several spellings, and the lock must have one entry for it.
        let own = fs::canonicalize(&path).ok();
        // A link to another folder keeps the name that it has here.
        let is_here = |own: &&PathBuf| {
            let folder = fs::canonicalize(&root).ok();
            folder.is_some() && own.parent() == folder.as_deref()
        };
        let name = own.as_ref().filter(is_here).and_then(|own| own.file_name()).map(Path::new);
        let name = name
            .or(given)
            .and_then(Path::to_str)
            .ok_or_else(|| EngineError::ManifestName(path.clone()))?;
        let prefix = named.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { root, name: name.to_owned(), prefix, folder: folder.to_owned() })
    }

    /// Returns the path of a manifest of this folder as the user would write it.
    pub fn shown(&self, name: &str) -> String {
        self.prefix.join(name).display().to_string()
    }

    /// Returns whether the folder has a file of exactly this name.
    pub fn has(&self, name: &str) -> bool {
        let Ok(entries) = fs::read_dir(&self.root) else {
            // A folder that can't be listed may still be entered.
            return self.root.join(name).symlink_metadata().is_ok();
        };
        // Listed and not opened: a system that ignores case would find `Data.toml` as `data.toml`.
        let mut names = entries.flatten().map(|entry| entry.file_name());
        names.any(|there| there == name)
    }

    /// Returns what the lock says about other manifests, by the names that the user would write.
    pub fn others<'a>(
        &self,
        others: impl Iterator<Item = (&'a str, &'a Entry)>,
    ) -> Vec<OtherManifest> {
        let other = |(name, entry): (&str, &Entry)| OtherManifest {
            name: self.shown(name),
            concept: entry.concept,
            is_gone: !self.has(name),
        };
        others.map(other).collect()
    }

    /// Refuses to bind the manifest to a record that belongs to another manifest.
    ///
    /// # Errors
    /// [`EngineError::Shared`], which names the other manifest.
    pub fn refuse_shared<'a>(
        &self,
        concept: ConceptId,
        others: impl Iterator<Item = (&'a str, &'a Entry)>,
    ) -> Result<(), EngineError> {
        let others = self.others(others);
        let Some(other) = others.into_iter().find(|other| other.concept == Some(concept)) else {
            return Ok(());
        };
        let (name, manifest, is_gone) = (other.name, self.shown(&self.name), other.is_gone);
        Err(EngineError::Shared { concept, name, manifest, is_gone })
    }

    /// Creates `.zrel`, and returns its path.
    ///
    /// # Errors
    /// An [`EngineError`] when it can't be created.
    pub fn zrel_dir(&self) -> Result<PathBuf, EngineError> {
        inventory::prepare_zrel_dir(&self.root).map_err(EngineError::Folder)
    }

    /// Returns the locks of the folder: the one that is committed, and that of the local server.
    pub fn locks(&self) -> [PathBuf; 2] {
        [self.root.join(COMMITTED_LOCK), self.root.join(".zrel").join("local.lock")]
    }

    /// Returns the path of a server's lock, which all manifests of the folder share. That of the
    /// local server is not committed.
    pub fn lock(&self, server: &Server) -> PathBuf {
        let [committed, local] = self.locks();
        match server.kind {
            // The records of the local server exist on this machine only.
            ServerKind::Local => local,
            ServerKind::Sandbox | ServerKind::Zenodo | ServerKind::Other => committed,
        }
    }

    /// Returns the journal of the manifest for a server.
    pub fn journal(&self, server: &Server) -> Journal {
        Journal::at(self.file_of(server, "journal"))
    }

    /// Returns where the notes of the messages are that were sent about an apply to a server.
    pub fn sent_notes(&self, server: &Server) -> PathBuf {
        self.file_of(server, "notified")
    }

    fn file_of(&self, server: &Server, what: &str) -> PathBuf {
        let name = match server.kind {
            ServerKind::Local | ServerKind::Sandbox | ServerKind::Zenodo => server.name.clone(),
            // Another address under the same name is another server, where an id means another
            // draft.
            ServerKind::Other => make_short_digest(&server.url),
        };
        self.root.join(".zrel").join(format!("{what}-{name}{}", self.suffix()))
    }

    /// Returns the existing journals of the manifest, by the part of their names that stands for
    /// the server.
    pub fn journals(&self) -> Vec<String> {
        let folder = self.root.join(".zrel");
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let suffix = self.suffix();
        let mut servers: Vec<String> = names
            .filter_map(|name| Some(name.strip_prefix("journal-")?.to_owned()))
            .filter_map(|name| Some(name.strip_suffix(&suffix)?.to_owned()))
            // The usual manifest has no suffix, so the names of other manifests' journals fit as
            // well.
            .filter(|server| !server.contains('-'))
            .collect();
        servers.sort();
        servers
    }

    /// Returns the journal for the server of this part of its name.
    pub fn journal_file(&self, server: &str) -> PathBuf {
        self.root.join(".zrel").join(format!("journal-{server}{}", self.suffix()))
    }

    /// Takes the lock that allows one run of the manifest at a time; it ends with the process.
    ///
    /// # Errors
    /// An [`EngineError`] when another run has it.
    pub fn run_lock(&self) -> Result<File, EngineError> {
        let path = self.zrel_dir()?.join(format!("run{}.lock", self.suffix()));
        let failed = |source| EngineError::RunLock { path: path.clone(), source };
        let file = disk::open_to_append(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => {
                let manifest = self.root.join(&self.name);
                let manifest = manifest.strip_prefix(".").unwrap_or(&manifest);
                Err(EngineError::Busy(manifest.to_owned()))
            }
            Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Returns the command line up to the verb, for this manifest.
    pub fn zrel(&self) -> String {
        self.invocation().with_manifest
    }

    /// Returns how the program is called in this folder and for this manifest.
    pub fn invocation(&self) -> Invocation {
        make_invocation(&self.folder, &self.prefix.join(&self.name))
    }

    /// Returns the error for a lock that can't be used.
    pub fn lock_error(&self, source: LockError) -> EngineError {
        EngineError::Lock { source, invocation: Box::new(self.invocation()) }
    }

    /// Returns the end of the names of a manifest's files.
    fn suffix(&self) -> String {
        // An older zrel had one manifest and no suffix, and what it left must be continued.
        if self.name == USUAL_MANIFEST {
            return String::new();
        }
        format!("-{}", make_short_digest(&self.name))
    }
}

/// Reads a journal.
///
/// # Errors
/// An [`EngineError`] when it can't be trusted.
pub fn read_unfinished_run(journal: &Journal) -> Result<Option<UnfinishedRun>, EngineError> {
    journal.unfinished_run().map_err(EngineError::Journal)
}

/// Returns how the program is called in a folder and for a manifest.
pub fn make_invocation(folder: &Path, manifest: &Path) -> Invocation {
    let in_folder = if folder.as_os_str().is_empty() {
        "zrel".to_owned()
    } else {
        format!("zrel -C {}", quote_word(&folder.to_string_lossy()))
    };
    let with_manifest = if manifest == Path::new(USUAL_MANIFEST) {
        in_folder.clone()
    } else {
        format!("{in_folder} -m {}", quote_word(&manifest.to_string_lossy()))
    };
    Invocation::new(in_folder, with_manifest)
}

/// Returns a digest of a text, short enough for the name of a file.
fn make_short_digest(text: &str) -> String {
    Sha256(Hasher::digest(text.as_bytes()).into()).to_string().chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_manifest_has_files_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let of = |name: &str| ProjectPaths::of(dir.path(), Path::new(name)).unwrap();
        let zenodo = Server::built_in("zenodo").unwrap();
        let (usual, other) = (of("zenodo.toml"), of("data.toml"));
        assert_eq!(usual.lock(&zenodo), other.lock(&zenodo));
        let _run = usual.run_lock().unwrap();
        let _other_run = other.run_lock().unwrap();
        assert!(matches!(usual.run_lock(), Err(EngineError::Busy(_))));
        for paths in [&usual, &other] {
            assert_eq!(paths.journals(), [""; 0]);
            paths
                .journal(&zenodo)
                .begin(Sha256([0; 32]), "0a1b2c3d", crate::api::Backend::Deposit)
                .unwrap();
            assert_eq!(paths.journals(), ["zenodo"]);
            assert!(paths.journal_file("zenodo").exists());
        }
        // As an older zrel named them.
        assert!(dir.path().join(".zrel/run.lock").exists());
        assert!(dir.path().join(".zrel/journal-zenodo").exists());
    }

    #[test]
    fn commands_name_the_folder_and_the_manifest_that_were_named() {
        let of = |folder: &str, manifest: &str| {
            let Invocation { in_folder, with_manifest, .. } =
                make_invocation(Path::new(folder), Path::new(manifest));
            (in_folder, with_manifest)
        };
        let texts = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        assert_eq!(of("", "zenodo.toml"), texts("zrel", "zrel"));
        assert_eq!(of("", "a/b.toml"), texts("zrel", "zrel -m a/b.toml"));
        assert_eq!(of("a b", "zenodo.toml"), texts("zrel -C 'a b'", "zrel -C 'a b'"));
        assert_eq!(of("a", "it's"), texts("zrel -C a", "zrel -C a -m 'it'\\''s'"));
    }

    #[test]
    fn a_manifest_is_known_by_its_name_in_its_folder() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        fs::write(dir.path().join("sub/data.toml"), "").unwrap();
        let paths = ProjectPaths::of(dir.path(), Path::new("sub/../sub/data.toml")).unwrap();
        assert_eq!((paths.name.as_str(), paths.has("data.toml")), ("data.toml", true));
        assert!(!paths.has("Data.toml") && !paths.has("gone.toml"));
        assert_eq!(paths.shown("a.toml"), "sub/../sub/a.toml");
        assert!(ProjectPaths::of(dir.path(), Path::new("..")).is_err());
    }
}
