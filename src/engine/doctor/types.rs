//! The drafts of a record, and what is wrong with each.

use crate::api::ApiError;
use crate::model::FileKey;
use crate::observed::Draft;

/// What is wrong with a draft or an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Files were registered and never committed: the server publishes no draft that has one.
    UncommittedFiles(Vec<FileKey>),
    /// Its DOI is an empty text: the server publishes no draft with that, and a PUT leaves it.
    EmptyDoi,
    /// The lock has a DOI that was reserved for it, and the draft has none. A server may hold the
    /// reservation all the same: it then neither reserves it again nor publishes the draft
    /// (invenio-rdm-records issue 1757, read 2026-11-23).
    LostDoi,
    /// It has a DOI of the server's own as one that was made elsewhere: the server does not publish
    /// that, also after a PUT without it (contract/scenarios/edit-with-doi-echoed.json,
    /// 2026-11-23).
    PoisonedDoi,
    /// A community reviews it.
    UnderReview,
}

/// An open draft or edit, and what is wrong with it.
#[derive(Debug)]
pub struct Examined {
    /// The draft.
    pub draft: Draft,
    /// What is wrong with it; empty when nothing is.
    pub troubles: Vec<Trouble>,
}

/// What was found of a record's drafts.
#[derive(Debug, Default)]
pub struct Examination {
    /// Those that could be read.
    pub drafts: Vec<Examined>,
    /// What could not be read, and why.
    pub unread: Vec<ApiError>,
}
