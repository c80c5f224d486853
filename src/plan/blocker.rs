//! What keeps a plan from being applied: a closed set.

use jiff::Timestamp;

use crate::model::{
    Community, ConceptId, Doi, Field, FileKey, Grantee, Link, OtherManifest, RecordId, VocabularyId,
};
use crate::observed::{Astray, Candidate};

/// A blocker: what keeps a plan from being applied.
#[derive(Debug, Clone, PartialEq)]
pub enum Blocker {
    /// The record does not exist (404) or was deleted (410).
    Gone {
        /// HTTP status.
        status: u16,
        /// In the server's own words.
        message: String,
    },
    /// The record belongs to another account.
    NotOurs {
        /// In the server's own words.
        message: String,
    },
    /// The record, or its files, are not public.
    NotPublic {
        /// What can't be seen, and why.
        message: String,
    },
    /// A community reviews the draft.
    UnderReview {
        /// The draft.
        draft: RecordId,
        /// The community; none when the server does not say which.
        community: Option<Community>,
        /// When it was submitted, where that is known.
        since: Option<Timestamp>,
    },
    /// A review was chosen for the draft, and the manifest does not want one.
    ReviewChosen {
        /// The draft.
        draft: RecordId,
        /// The community; none when the server does not say which.
        community: Option<Community>,
    },
    /// A community declined the draft. The server would publish it all the same.
    ReviewDeclined {
        /// The draft.
        draft: RecordId,
        /// The community; none when the server does not say which.
        community: Option<Community>,
        /// Whether the manifest still wants a review: then no person can settle it.
        is_wanted: bool,
    },
    /// The plan needs the draft, and it is not known to be ours. Holds what is foreign in it.
    ForeignDraft {
        /// The draft; for an edit: the record.
        draft: RecordId,
        /// Whether it is an edit of a published record.
        is_edit: bool,
        /// What is in it that is neither the latest version's nor the plan's, in words; empty when
        /// it is withheld ([`Everybody`](super::Readers::Everybody)).
        foreign: Vec<String>,
    },
    /// The draft would be published under a DOI that nobody planned.
    ForeignDoi {
        /// The draft; for an edit: the record.
        draft: RecordId,
        /// Whether it is an edit of a published record.
        is_edit: bool,
        /// The DOI.
        doi: Doi,
    },
    /// The server says that a newer draft is open, and does not list it yet.
    UnseenDraft,
    /// Files differ and the record's DOI was made elsewhere: it can have no new version.
    ExternalDoi(Doi),
    /// Files differ and the label is that of a published version.
    LabelTaken {
        /// The label.
        label: String,
        /// The version that has it.
        version: RecordId,
    },
    /// The label comes from a git tag and the commit has none.
    LabelUnknown,
    /// A DOI was reserved for another label than the wanted one.
    ReservedForAnother {
        /// The draft with that DOI.
        draft: RecordId,
        /// The label that was reserved.
        reserved: Option<String>,
        /// The wanted one.
        wanted: Option<String>,
    },
    /// Files of `[[write]]` do not have the DOI, the version and the date of the release.
    Unwritten {
        /// The DOI that they are to have; none: it is not reserved yet.
        doi: Option<Doi>,
        /// Their paths, in the order of the manifest.
        files: Vec<String>,
    },
    /// Links to members of the workspace whose DOI is not known yet, sorted.
    LinksUnknown(Vec<Link>),
    /// The draft whose DOI was reserved is gone.
    ReservationLost(RecordId),
    /// Creating a record needs a confirmation.
    FirstRecord,
    /// The account has records or drafts with the same title or description.
    Alike(Vec<Candidate>),
    /// The latest version is not the one last applied.
    NotLastApplied {
        /// What was last applied.
        last: RecordId,
        /// The latest version now.
        latest: RecordId,
    },
    /// The manifest names another concept than the lock.
    BindingChanged {
        /// The concept in the lock.
        lock: ConceptId,
        /// The concept in the manifest.
        manifest: ConceptId,
    },
    /// The lock binds another manifest to the record.
    SharedRecord {
        /// The concept.
        concept: ConceptId,
        /// The manifest that is planned.
        manifest: String,
        /// The other one.
        other: OtherManifest,
    },
    /// A record would be created, and the lock has entries of manifests that are gone: this one may
    /// be one of them under another name.
    Renamed {
        /// The manifest that is planned.
        manifest: String,
        /// Those that are gone.
        gone: Vec<OtherManifest>,
    },
    /// What is published under the concept has nothing in common with the manifest.
    AnotherWork {
        /// The latest version.
        version: RecordId,
        /// Its title.
        title: String,
        /// The names of its creators.
        creators: Vec<String>,
    },
    /// A version in the lock is one of another record than the bound one.
    LockAstray {
        /// The version, and the concept that it belongs to.
        astray: Astray,
        /// The bound concept.
        concept: ConceptId,
        /// The manifest whose entry it is.
        manifest: String,
    },
    /// The server does not know the community.
    UnknownCommunity(Community),
    /// The server does not know an id of one of its vocabularies.
    UnknownId(VocabularyId),
    /// The manifest gives somebody access whom the server does not know, or does not show to others.
    UnknownGrantee(Grantee),
    /// The community takes only its members' records, and the account is not a member.
    ClosedCommunity(Community),
    /// The record leaves a community that an apply of this manifest asked.
    LeavesCommunity(Community),
    /// A community that the manifest requires declined the record.
    RequiredDeclined(Community),
    /// The server does not know the grant.
    UnknownGrant(String),
    /// The server's clean-up leaves nothing of a text in the manifest.
    TextLost(Field),
    /// `keep` names no file of what is published.
    KeepsNothing(String),
    /// A file is to be kept, and can't be.
    NotKept {
        /// Its name.
        key: FileKey,
        /// The open draft that lacks it or has other bytes; none: the server has no checksum of it.
        draft: Option<RecordId>,
    },
}

impl Blocker {
    /// Returns whether a person can settle it: at a terminal, by a flag, or by approving the plan.
    pub fn wants_a_word(&self) -> bool {
        matches!(
            self,
            Blocker::FirstRecord
                | Blocker::NotLastApplied { .. }
                | Blocker::BindingChanged { .. }
                | Blocker::AnotherWork { .. }
                | Blocker::LeavesCommunity(_)
                | Blocker::ReviewDeclined { is_wanted: false, .. }
        )
    }
}
