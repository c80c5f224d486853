//! The lock's content, and why it can't be used.
//!
//! Deliberately absent: how it is written (`format`) and where it is stored (`disk_file`).

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use crate::model::{BoundRecord, ConceptId};

/// The manifest that is meant when none is named, and that owns the entries of format 1.
pub const USUAL_MANIFEST: &str = "zenodo.toml";

/// The name of the lock that is committed.
pub const COMMITTED_LOCK: &str = "zenodo.lock";

/// The format that this zrel writes; it also reads format 1.
pub(super) const FORMAT: &str = "2";

/// The manifest and the server that facts belong to.
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
pub(super) type Facts = BTreeMap<Key, Entry>;

/// The facts of one manifest on one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The server's address, when the name alone does not say it.
    pub url: Option<String>,
    /// The bound concept.
    pub concept: Option<ConceptId>,
    /// What was last applied.
    pub record: BoundRecord,
}

impl Entry {
    /// Binds the manifest to a concept, and forgets what was applied to another one.
    pub fn bind(&mut self, concept: ConceptId) {
        if self.concept.is_some_and(|bound| bound != concept) {
            // Versions and labels of the other concept must not be taken for this one's.
            self.record = BoundRecord::default();
        }
        self.concept = Some(concept);
    }

    /// Forgets the record: nothing of it was published, and its draft is gone.
    pub fn unbind(&mut self) {
        (self.concept, self.record) = (None, BoundRecord::default());
    }
}

/// Why the lock can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// It exists and can't be read.
    #[error("can't read `{}`", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Its content can't be trusted.
    #[error("`{}` can't be trusted", .path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: LockFault,
    },
    /// It can't be written; the existing file is untouched.
    #[error("can't write `{}`", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Why the content of the lock can't be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockFault {
    /// A merge was not finished.
    #[error("line {0} is a conflict marker of a merge")]
    Conflict(usize),
    /// It is not TOML.
    #[error("it is damaged in line {line}: {message}")]
    Toml {
        /// The line, from 1.
        line: usize,
        /// In the parser's words.
        message: String,
    },
    /// It was written by a later zrel.
    #[error("it is written in format {0}, and this zrel reads format {FORMAT}")]
    Future(String),
    /// A fact is missing or not understood.
    #[error("it is damaged in line {line}: `{key}` is not understood")]
    Fact {
        /// The line, from 1; when it is missing, the last.
        line: usize,
        /// What is not understood.
        key: String,
    },
    /// A line is not as zrel wrote it, or not where zrel wrote it.
    #[error(
        "line {line} was changed by hand, damaged or badly merged: the checksum of `{key}` does \
         not match"
    )]
    Sum {
        /// The line, from 1.
        line: usize,
        /// The fact in it.
        key: String,
    },
    /// An entry has versions or files, and does not say which version was the last.
    #[error("it is damaged: `{key}` is missing below line {line}")]
    Missing {
        /// The line with the entry's head, from 1.
        line: usize,
        /// What is missing.
        key: String,
    },
    /// Its last line is not the one that ends a lock.
    #[error("it is damaged: it ends after line {0}, and was cut short")]
    Cut(usize),
}
