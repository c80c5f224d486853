//! Why an apply stopped, and how many steps were done.

use std::time::Duration;

use crate::api::ApiError;
use crate::lock::LockError;
use crate::model::{Doi, FileKey, RecordId};
use crate::observed::ReviewStatus;

use super::journal::JournalError;
use super::read_back::Mismatch;

/// Why an apply stopped.
#[derive(Debug, thiserror::Error)]
#[error("the apply stopped at step {} of {of}", .done + 1)]
pub struct ApplyError {
    /// How many steps were done.
    pub done: usize,
    /// How many there are.
    pub of: usize,
    /// The draft that is open on the server, if any.
    pub draft: Option<RecordId>,
    /// The record, when it was published.
    pub published: Option<RecordId>,
    /// What happened.
    #[source]
    pub kind: ApplyErrorKind,
}

impl ApplyError {
    /// Makes it the error of an apply that a person asked to stop while a call was failing. An
    /// error that says more than that stays.
    #[must_use]
    pub fn interrupted(self) -> Self {
        if matches!(self.kind, ApplyErrorKind::Api(_)) {
            Self { kind: ApplyErrorKind::Interrupted, ..self }
        } else {
            self
        }
    }
}

/// What stopped an apply.
#[derive(Debug, thiserror::Error)]
pub enum ApplyErrorKind {
    /// A call failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// Whether a secret link was made is not known.
    #[error("whether the secret link `{name}` was made is not known")]
    LinkUnknown {
        /// Its name.
        name: String,
        /// Why.
        source: ApiError,
    },
    /// Who has access is not as the plan saw it.
    #[error("who has access changed meanwhile: {0}")]
    AccessChanged(String),
    /// What the server holds is not what was planned.
    #[error("what the server holds is not what was planned: {}", join_mismatches(.0))]
    ReadBack(Vec<Mismatch>),
    /// Another client changed the draft meanwhile.
    #[error("another client changed the draft meanwhile")]
    DraftChanged,
    /// The record was published, and is not what was planned.
    #[error(
        "record {record} is published, and another client changed it meanwhile: {}",
        join_mismatches(.mismatches)
    )]
    ChangedAfterPublish {
        /// Which.
        record: RecordId,
        /// What differs.
        mismatches: Vec<Mismatch>,
    },
    /// Another client published or edited the record after the plan was made.
    #[error("record {0} is no longer as it was when the plan was made")]
    Superseded(RecordId),
    /// The record has an open draft that the plan does not know: its reading was late, or the draft
    /// was opened since.
    #[error("record {0} has an open draft that the server did not show when the plan was made")]
    DraftOpen(RecordId),
    /// What was to be opened is open already, and holds what the plan does not know: another client
    /// opened or changed it after the plan was made.
    #[error("draft {draft} is not a copy of what the plan is based on{}", list_foreign(.foreign))]
    ForeignContent {
        /// The draft; for an edit: the record.
        draft: RecordId,
        /// What is foreign in it, in words; empty when it is withheld ([`Readers::Everybody`]).
        ///
        /// [`Readers::Everybody`]: crate::plan::Readers::Everybody
        foreign: Vec<String>,
    },
    /// A local file is not what was hashed.
    #[error("`{0}` changed after it was planned")]
    FileChanged(FileKey),
    /// A local file can't be read.
    #[error("can't read `{shown}`")]
    FileUnreadable {
        /// How the manifest names it.
        shown: String,
        /// Why.
        source: std::io::Error,
    },
    /// What was sent is not what arrived.
    #[error("`{key}` arrived with MD5 {found}, and {sent} was sent")]
    DamagedUpload {
        /// Which.
        key: FileKey,
        /// MD5 of what was sent.
        sent: String,
        /// MD5 or lack of it, as the server says.
        found: String,
    },
    /// It is unknown whether the record was published.
    #[error(
        "it is not known whether record {0} was published: the answer was lost, and the server does not say"
    )]
    PublishUnknown(RecordId),
    /// The record was published, and does not answer yet.
    #[error("record {0} is published, and does not answer yet")]
    RecordUnread(RecordId),
    /// A community's request was refused; the record is published.
    #[error("the request to community `{community}` was refused: {message}")]
    CommunityRefused {
        /// Which.
        community: String,
        /// In the server's own words.
        message: String,
    },
    /// The server keeps the record in a community.
    #[error("the record can't leave community `{community}`: {message}")]
    LeavingRefused {
        /// Which.
        community: String,
        /// In the server's own words.
        message: String,
    },
    /// The review of the draft is not where it was when the plan was made.
    #[error("draft {draft} {}", describe_review(*status))]
    ReviewChanged {
        /// The draft.
        draft: RecordId,
        /// Where it is now.
        status: ReviewStatus,
    },
    /// The server reserved another DOI than the manifest's prefix says: files would carry a DOI that
    /// nothing has.
    #[error("the server reserved {doi} for draft {draft}, and the manifest expects {expected}")]
    OtherDoi {
        /// The draft.
        draft: RecordId,
        /// The DOI that it has.
        doi: Doi,
        /// The DOI that was expected, or its form.
        expected: String,
    },
    /// The draft has no DOI after it was reserved.
    #[error("the server reserved no DOI for draft {0}")]
    NoDoi(RecordId),
    /// The plan was made for another API than the one that would be written by.
    #[error("the plan was made for another API")]
    OtherApi,
    /// The plan is blocked.
    #[error("the plan is blocked")]
    Blocked,
    /// A person asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The run's time is over.
    #[error("the {} seconds of the run are over", .0.as_secs_f64())]
    OutOfTime(Duration),
    /// The journal can't be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The lock can't be written.
    #[error(transparent)]
    Lock(#[from] LockError),
}

impl ApplyErrorKind {
    /// Returns whether nothing failed: a person asked to stop, or the time is over.
    pub(super) fn is_stop(&self) -> bool {
        matches!(self, ApplyErrorKind::Interrupted | ApplyErrorKind::OutOfTime(_))
    }
}

fn describe_review(status: ReviewStatus) -> &'static str {
    match status {
        ReviewStatus::Chosen => "has to be reviewed by a community before it is published",
        ReviewStatus::Open => "is under review by a community since the plan was made",
        ReviewStatus::Declined => "was declined by a community since the plan was made",
    }
}

fn list_foreign(foreign: &[String]) -> String {
    if foreign.is_empty() {
        return String::new();
    }
    format!("; in it, and neither published nor planned: {}", foreign.join(", "))
}

fn join_mismatches(mismatches: &[Mismatch]) -> String {
    let lines: Vec<String> = mismatches.iter().map(ToString::to_string).collect();
    lines.join("; ")
}
