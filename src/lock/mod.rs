//! `zenodo.lock`: which record on which server, and what was last applied to it.
//!
//! Written by zrel and committed. It is TOML with one fact a line, sorted, so that branches
//! merge. It is a hint, never the truth: the server is always asked which version is the latest.
//! May name `model`. What a line means is decided in `plan`.

mod format;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::model::{BoundRecord, ConceptId, Server, ServerKind};

pub use format::LockFault;

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
        let failed = |source| LockError::Read { path: path.to_owned(), source };
        let size = match std::fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(failed(error)),
            Ok(facts) if !facts.is_file() => {
                return Err(failed(io::Error::other("it is not a regular file")));
            }
            Ok(facts) => facts.len(),
        };
        if size > MAX_SIZE {
            return Err(failed(io::Error::other("it is too large")));
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        format::parse(&text).map_err(|source| LockError::Fault { path: path.to_owned(), source })
    }

    /// Writes the lock atomically; does nothing when the file holds the same.
    ///
    /// # Errors
    /// [`LockError::Write`]; the file that was there is then untouched.
    pub fn save(&self, path: &Path) -> Result<(), LockError> {
        let text = format::print(self);
        if std::fs::read_to_string(path).is_ok_and(|there| there == text) {
            return Ok(());
        }
        write_atomically(path, text.as_bytes())
            .map_err(|source| LockError::Write { path: path.to_owned(), source })
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

/// Writes a file beside its place, syncs it, and puts it there in one move.
///
/// # Errors
/// Those of the file system; what was there is then untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".zrel-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    make_readable(&file)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A temporary file is its owner's alone; the lock is a file of the project like any other.
#[cfg(unix)]
fn make_readable(file: &tempfile::NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &tempfile::NamedTempFile) -> io::Result<()> {
    Ok(())
}
