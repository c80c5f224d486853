//! Files: the remote name, the local file, and the file on the server.

use std::fmt;
use std::path::PathBuf;

use super::{Md5, Sha256};

/// Why a text is not a file name that the server keeps unchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` can't be a file's name on the server: {why}", .name.escape_debug())]
pub struct InvalidFileKey {
    /// The name that was given.
    pub name: String,
    /// Why not.
    pub why: &'static str,
}

/// A file's name within a record: usually one flat name. A slash separates folders, as in the names
/// that Zenodo's GitHub integration makes: `owner/repo-v1.0.zip`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey(String);

impl FileKey {
    /// Accepts a name that the server keeps unchanged.
    ///
    /// # Errors
    /// [`InvalidFileKey`] for an empty name, one over 255 bytes, a backslash, a control character,
    /// or a blank at either end, and for a part between slashes that is empty, `.` or `..`.
    ///
    /// Source: contract/scenarios/upload-bucket.json, 2026-11-23, and for slashes
    /// native-file-in-folder, 2026-11-28.
    pub fn parse(name: &str) -> Result<Self, InvalidFileKey> {
        let why = if name.is_empty() {
            "it is empty"
        } else if name.len() > 255 {
            "it is longer than 255 bytes"
        } else if name == "." || name == ".." {
            "it names a folder"
        } else if name.contains('\\') {
            "it holds a backslash"
        } else if name.split('/').any(|part| matches!(part, "" | "." | "..")) {
            "each part between slashes must be a name"
        } else if name.chars().any(char::is_control) {
            "it holds a control character"
        } else if name.trim() != name {
            "it begins or ends with a blank"
        } else {
            return Ok(Self(name.to_owned()));
        };
        Err(InvalidFileKey { name: name.to_owned(), why })
    }

    /// Accepts a name that a server sent, whatever it holds.
    pub fn from_server(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether it is in a folder: the records API accepts such a name, and the deposit
    /// API's bucket answers 404 (native-file-in-folder, 2026-11-28).
    pub fn is_in_folder(&self) -> bool {
        self.0.contains('/')
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a local file's bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileSource {
    /// A file named by the manifest.
    Path,
    /// A reproducible archive of a folder.
    Archive {
        /// The folder, relative to the manifest's.
        folder: String,
        /// How many files are in it.
        n_files: usize,
        /// Digest of names, modes and contents, which no encoder changes.
        content: Sha256,
        /// How many bytes its files have, unpacked.
        content_bytes: u64,
    },
}

/// A file that the manifest names, hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile {
    /// Its name in the record.
    pub key: FileKey,
    /// Where its bytes are now: the file itself, or the archive made of the folder.
    pub path: PathBuf,
    /// How the manifest names it, relative to the manifest's folder, for messages.
    pub shown: String,
    /// Where it comes from.
    pub source: FileSource,
    /// Bytes; never 0, since the server refuses empty files.
    pub size: u64,
    /// MD5 of the bytes.
    pub md5: Md5,
    /// Digest of its content with the written values masked; `None` when nothing in it is written.
    pub masked: Option<Sha256>,
}

/// A file of a draft or a record on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteFile {
    /// Its name.
    pub key: FileKey,
    /// The server's id for it, needed to delete it; `None` from the records API.
    pub id: Option<String>,
    /// Bytes.
    pub size: u64,
    /// MD5 that the server computed; `None` while it has no checksum, or one of another kind.
    pub md5: Option<Md5>,
}
