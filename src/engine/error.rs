//! Why the engine could not do what was asked.

use std::io;
use std::path::PathBuf;

use crate::api::ApiError;
use crate::apply::{ApplyError, JournalError};
use crate::check::Invocation;
use crate::http::HttpError;
use crate::inventory::{CODES, ReadError};
use crate::local::LocalError;
use crate::lock::LockError;
use crate::model::{ConceptId, Finding, Metadata, RecordId, Severity};
use crate::refresh::RefreshError;

/// Why the engine could not do what was asked. Nothing was lost: the remote and the local state are
/// as they were, or as [`EngineError::Apply`] says.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The manifest's path names no file, or is not UTF-8.
    #[error("`{}` is not the name of a manifest", .0.display())]
    ManifestName(PathBuf),
    /// The manifest can't be read.
    #[error(transparent)]
    ManifestUnread(ReadError),
    /// The manifest, or what it names, has faults.
    #[error(transparent)]
    Invalid(Box<Faults>),
    /// The manifest asks for the deposit API of a server that has none.
    #[error("{0} has no deposit API")]
    NoDepositApi(String),
    /// zrel's own folder beside the manifest can't be made.
    #[error(transparent)]
    Folder(ReadError),
    /// The lock can't be read, trusted or written.
    #[error("{source}")]
    Lock {
        /// Why.
        source: LockError,
        /// How the program was called, for the commands in hints.
        invocation: Box<Invocation>,
    },
    /// The journal can't be read or trusted.
    #[error(transparent)]
    Journal(JournalError),
    /// The journal can't be written.
    #[error(transparent)]
    JournalUnwritten(JournalError),
    /// The lock that allows one run at a time can't be taken.
    #[error("can't lock `{}`", .path.display())]
    RunLock {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another run holds the lock that allows one run at a time.
    #[error("another zrel is applying `{}`", .0.display())]
    Busy(PathBuf),
    /// The server's address is not valid.
    #[error("`{0}` is not the address of a server")]
    Address(String),
    /// The server is not built in, and was not allowed.
    #[error("the plan is for `{0}`, which is not built in")]
    NotAllowed(String),
    /// The server's address, or its token, can't be used.
    #[error(transparent)]
    Client(HttpError),
    /// The local server can't start.
    #[error(transparent)]
    Local(LocalError),
    /// A call failed.
    #[error(transparent)]
    Api(ApiError),
    /// The server can't be read.
    #[error(transparent)]
    Refresh(RefreshError),
    /// The plan that was reviewed is not the one that an apply would carry out now.
    #[error("the plan is no longer the reviewed one; nothing was sent")]
    Changed,
    /// Another client changed a draft that was to be discarded.
    #[error("another client changed draft {0} meanwhile; it was left as it is")]
    DraftChanged(RecordId),
    /// The server shows no draft where one was opened.
    #[error("the server shows no draft")]
    NoDraft,
    /// An apply stopped.
    #[error("{source}")]
    Apply {
        /// Where and why.
        source: Box<ApplyError>,
        /// The metadata that it was to write.
        sent: Box<Metadata>,
    },
    /// The record belongs to another manifest of the folder.
    #[error("record {concept} belongs to `{name}`; nothing was written")]
    Shared {
        /// The record.
        concept: ConceptId,
        /// The manifest that has it.
        name: String,
        /// The manifest that was to be bound to it.
        manifest: String,
        /// Whether the file of the other manifest is missing.
        is_gone: bool,
    },
}

/// The faults of a manifest, or of what it names, with the text that they point into.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message())]
pub struct Faults {
    /// All findings, warnings too.
    pub findings: Vec<Finding>,
    /// The manifest, as the user named it.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Faults {
    /// Returns how many faults there are, and of what.
    fn message(&self) -> String {
        let errors = self.findings.iter().filter(|it| it.severity == Severity::Error);
        let is_of_file = |code| CODES.iter().any(|(of_file, _)| *of_file == code);
        // A file that changed while it was read is no fault of the manifest, and editing it does
        // not help.
        if errors.clone().all(|error| error.code.starts_with("ZR06")) {
            return format!("the past releases of `{}` can't be used; nothing was sent", self.path);
        }
        let whose = if errors.clone().all(|error| is_of_file(error.code)) {
            format!("what `{}` names", self.path)
        } else {
            format!("`{}`", self.path)
        };
        match errors.count() {
            1 => format!("{whose} has a fault; nothing was sent"),
            n => format!("{whose} has {n} faults; nothing was sent"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changes_is_no_fault_of_the_manifest() {
        let of_file = Finding::error("ZR0214", "`a.csv` changed while it was read");
        let of_manifest = Finding::error("ZR0101", "no such key");
        let message = |findings: &[Finding]| {
            let (path, text) = ("zenodo.toml".to_owned(), String::new());
            Faults { findings: findings.to_vec(), path, text }.to_string()
        };
        assert_eq!(
            message(std::slice::from_ref(&of_file)),
            "what `zenodo.toml` names has a fault; nothing was sent"
        );
        assert_eq!(
            message(&[of_file, of_manifest]),
            "`zenodo.toml` has 2 faults; nothing was sent"
        );
    }
}
