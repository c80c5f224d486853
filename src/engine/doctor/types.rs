//! The drafts of a record, and what is wrong with each.

use crate::api::ApiError;
use crate::model::{Doi, FileKey};
use crate::observed::Draft;

/// What is wrong with a draft or an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Files were registered and never committed: the server publishes no draft that has one.
    UncommittedFiles(Vec<FileKey>),
    /// Its DOI is an empty text: the server publishes no draft with that, and a PUT leaves it.
    EmptyDoi,
    /// It has no DOI, and should have, or may have to. A server that holds a reservation for it
    /// neither reserves the DOI again nor publishes the draft (invenio-rdm-records issue 1757, read
    /// 2026-11-23).
    LostDoi(LostDoi),
    /// It has a DOI of the server's own as one that was made elsewhere: the server does not publish
    /// that, also after a PUT without it (contract/scenarios/edit-with-doi-echoed.json,
    /// 2026-11-23).
    PoisonedDoi,
    /// It is an edit whose files were changed, and too late for that: the server publishes no such
    /// edit any more. Holds what is in it and not published.
    ExpiredFiles(Vec<String>),
    /// A community reviews it.
    UnderReview,
    /// A community declined it.
    Declined,
}

/// A DOI that a draft does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostDoi {
    /// The DOI; `None` on a server whose DOIs are not known before it makes them.
    pub doi: Option<Doi>,
    /// What shows that the draft should have it.
    pub sign: LostDoiSign,
}

/// What shows that a draft should have a DOI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostDoiSign {
    /// zrel reserved it on the server, as the lock says.
    Reserved,
    /// The lock says that it was reserved, on a server where zrel makes no call for that: a draft
    /// without a DOI is whole there, unless the server holds a reservation of another client's.
    Announced,
    /// An apply asked the server to publish the draft, which it did not do.
    Unpublished,
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
