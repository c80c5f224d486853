//! What a refresh looks for, and why it fails.

use std::collections::BTreeSet;

use crate::api::ApiError;
use crate::model::{Community, ConceptId, OpenDraft, RecordId, Sharing, VocabularyId};
use crate::observed::Observed;

/// What a refresh looks for.
#[derive(Debug, Clone, Default)]
pub struct RefreshRequest {
    /// The bound concept.
    pub concept: Option<ConceptId>,
    /// The version last applied.
    pub last: Option<RecordId>,
    /// The versions with the wanted label, according to the lock.
    pub labelled: Vec<RecordId>,
    /// The draft that lock, journal or a flag names.
    pub draft: Option<OpenDraft>,
    /// Ids in the metadata of vocabularies that only the server has.
    pub vocabulary_ids: BTreeSet<VocabularyId>,
    /// Who is to have access, where that is read.
    pub sharing: Option<Sharing>,
    /// The manifest's title, to find records with the same title.
    pub title: String,
    /// The manifest's description, to find a record that was renamed.
    pub description: String,
    /// Records and drafts whose DOIs are in the project's files, to find one when nothing is bound.
    pub named: Vec<RecordId>,
    /// The random id in the title of a create call that got no answer, to find its draft even when
    /// the manifest or the draft has changed.
    pub create_id: Option<String>,
    /// The manifest's communities.
    pub communities: Vec<Community>,
    /// The versions for which communities were asked, according to the lock.
    pub asked_about: BTreeSet<RecordId>,
    /// The manifest's grants.
    pub grants: Vec<String>,
}

/// Says whether what the records API shows of a published record is enough. It does not show an
/// open edit.
pub type IsEnough<'a> = dyn Fn(&Observed) -> bool + Sync + 'a;

/// An [`IsEnough`] for a caller that shows an open edit as well.
pub fn read_edits_too(_: &Observed) -> bool {
    false
}

/// Why a refresh fails.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The credentials are refused, for everything.
    #[error("the server refuses the credentials: {message}")]
    Credentials {
        /// In the server's own words.
        message: String,
    },
    /// The manifest or the lock names a version instead of a concept.
    #[error("{named} is a version of the record, and not its concept")]
    NotAConcept {
        /// What is named.
        named: ConceptId,
        /// The concept that it is a version of.
        concept: ConceptId,
    },
    /// The server shows other versions or a draft, and not the version that was applied last.
    #[error("record {0} was applied last, and the server does not show it")]
    Late(RecordId),
    /// A call failed.
    #[error(transparent)]
    Api(#[from] ApiError),
}
