//! The differences between the observed and the desired state, one field or file at a time.

use super::{Field, FileKey, Md5, Value};

/// Before and after of one metadata field, both as the server would return them.
///
/// At least one side has a value, and the two differ.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// Which field.
    pub field: Field,
    /// What the server holds.
    pub before: Option<Value>,
    /// What it will hold.
    pub after: Option<Value>,
}

/// Size and MD5 of a file's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Bytes.
    pub size: u64,
    /// MD5 of the bytes.
    pub md5: Md5,
}

/// What happens to one file of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Its name in the record.
    pub key: FileKey,
    /// What happens.
    pub kind: FileChangeKind,
    /// Its other name, when only its name changes: for a file that is deleted, the added file with
    /// the same bytes; for that one, the deleted file. The server has no rename, so the bytes are
    /// sent again.
    pub renamed: Option<FileKey>,
}

impl FileChange {
    /// Returns whether the file stays as it is.
    pub fn is_kept(&self) -> bool {
        matches!(self.kind, FileChangeKind::Kept(_))
    }
}

/// What happens to a file; a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileChangeKind {
    /// The server does not have it: it is sent.
    Added(Content),
    /// The server has other bytes under its name: it is sent, and replaces them.
    Replaced {
        /// What the server has; no MD5 when it has computed none.
        was: (u64, Option<Md5>),
        /// What is sent.
        now: Content,
    },
    /// The manifest does not name it: it is deleted from the draft. Size in bytes.
    Deleted(u64),
    /// Same bytes: carried over by the server, never sent.
    Kept(Content),
}
