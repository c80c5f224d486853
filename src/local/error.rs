//! Why the embedded server cannot start.

use std::path::PathBuf;

/// Why the embedded server cannot start or be joined.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError {
    /// The data folder or a file in it cannot be used.
    #[error("could not {action} {}", path.display())]
    Folder {
        /// What was being done.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The stored state is damaged.
    #[error("the local server's state {} is damaged: {how}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        how: String,
    },
    /// Another process holds the data folder.
    #[error("another zrel uses {}", path.display())]
    InUse {
        /// The data folder.
        path: PathBuf,
    },
    /// The stored state is intact, but this zrel does not know what it says.
    #[error("could not open the local server's state {}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The port is taken.
    #[error("could not listen on 127.0.0.1:{port}")]
    Port {
        /// The port; 0 stands for any.
        port: u16,
        /// Why not.
        source: std::io::Error,
    },
    /// Another process holds the data folder and does not answer.
    #[error("another process uses {} and does not answer", path.display())]
    Unanswered {
        /// The data folder.
        path: PathBuf,
    },
    /// The seed is not valid.
    #[error("the seed of the local server is not valid")]
    Seed {
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The state refused what the options ask for.
    #[error("the local server could not be set up: {0}")]
    Setup(String),
}
