//! Why a record can't be imported.

use std::io;
use std::path::PathBuf;

use crate::api::ApiError;
use crate::engine::EngineError;
use crate::model::{FileKey, Md5, RecordId};

/// Why a record can't be imported. No existing file is overwritten.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A call failed.
    #[error(transparent)]
    Api(ApiError),
    /// The record can't be seen.
    #[error("{source}")]
    Unseen {
        /// The record.
        id: RecordId,
        /// The server, by its name.
        server: String,
        /// Whether the server was asked with a token.
        has_token: bool,
        /// In the server's words.
        source: Box<ApiError>,
    },
    /// The record's files are not public.
    #[error("the files of record {0} are restricted")]
    RestrictedFiles(RecordId),
    /// A file's name leads out of the folder, or is not a name.
    #[error("`{0}` is not the name of a file in the folder")]
    Name(String),
    /// The path exists, and is not a file.
    #[error("`{}` exists, and is not a file: it is not overwritten", .0.display())]
    NotAFile(PathBuf),
    /// The path exists, and is not a folder.
    #[error("`{}` exists, and is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The file exists, and has other content.
    #[error("`{}` exists, and has other content than the record's file", .0.display())]
    OtherContent(PathBuf),
    /// A manifest or an entry of the lock exists, and overwriting it is not wanted.
    #[error("`{}` already exists", .0.strip_prefix(".").unwrap_or(.0).display())]
    Exists(PathBuf),
    /// An apply to this server, by its name, is unfinished.
    #[error("an apply to server `{0}` is unfinished in this folder")]
    Unfinished(String),
    /// The lock or a journal can't be used.
    #[error(transparent)]
    Engine(Box<EngineError>),
    /// An operation on the disk failed.
    #[error("can't {doing} `{}`", .path.display())]
    Disk {
        /// What was being done: a verb.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A part of a file can't be kept.
    #[error("can't write `{}` for `{key}`", .part.display())]
    Part {
        /// Where it is kept.
        part: PathBuf,
        /// The file.
        key: FileKey,
        /// Why.
        source: io::Error,
    },
    /// The server gives no MD5 of a file, so that it can't be checked.
    #[error("the server gives no MD5 of `{0}`")]
    NoMd5(FileKey),
    /// A download ended early.
    #[error(transparent)]
    Download(ApiError),
    /// A file did not arrive whole.
    #[error("`{key}` did not arrive as the server announced it")]
    Damaged {
        /// The file.
        key: FileKey,
        /// The MD5 that was announced.
        md5: Md5,
        /// The size that was announced, in bytes.
        size: u64,
    },
}

impl From<EngineError> for ImportError {
    fn from(error: EngineError) -> Self {
        Self::Engine(Box::new(error))
    }
}
