//! What is: everything that one refresh read from the server, as plain values.
//!
//! `refresh` makes it, `plan` compares it with `desired`. Nothing here is decided: a record that
//! is gone, a draft that is somebody else's are facts like the others.

use std::collections::BTreeMap;

use crate::model::{
    Community, ConceptId, Doi, Field, FileKey, Md5, Metadata, OpenDraft, RecordId, RemoteFile,
    Sha256, Value,
};

/// What a refresh saw.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// As whom it was looked.
    pub view: View,
    /// The record, or why there is none to be seen.
    pub record: RecordState,
    /// An open new-version draft, a draft never published, or an open edit.
    pub draft: Option<Draft>,
    /// One's own records and drafts with the manifest's title or description; read only when nothing
    /// is bound.
    pub possible_duplicates: Vec<Candidate>,
    /// Versions that were named as the record's, and are another record's.
    pub astray: Vec<Astray>,
    /// How communities stand to the record, by slug.
    pub communities: BTreeMap<Community, CommunityStatus>,
    /// The version that a community was asked about, where a request was seen.
    pub asked_about: BTreeMap<Community, RecordId>,
    /// Communities of the manifest that the server does not know; looked up when to be asked.
    pub unknown_communities: Vec<Community>,
    /// Grants of the manifest that the server does not know, and of those it does: which ids
    /// they come back under.
    pub grants: BTreeMap<String, GrantLookup>,
}

impl Observed {
    /// Returns the published record, where one is seen.
    pub fn published(&self) -> Option<&Record> {
        match &self.record {
            RecordState::Published(record) => Some(record),
            RecordState::Unbound
            | RecordState::Unpublished
            | RecordState::Gone { .. }
            | RecordState::NotPublic { .. }
            | RecordState::NotOurs { .. } => None,
        }
    }
}

/// A version that was looked up as one of the bound record, and is one of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Astray {
    /// The version.
    pub version: RecordId,
    /// The concept that it belongs to.
    pub concept: ConceptId,
}

/// As whom one looks at a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// As the record's owner, who sees everything.
    #[default]
    Owner,
    /// As anybody: no drafts, no open edits, no requests to communities.
    Public,
}

/// The result of looking up a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantLookup {
    /// The server knows it and returns it under this id.
    Known(String),
    /// The server does not know it.
    Unknown,
}

/// Whether there is a published record.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum RecordState {
    /// Nothing is bound.
    #[default]
    Unbound,
    /// Bound to a concept of which no version is published yet.
    Unpublished,
    /// Published: the latest version.
    Published(Box<Record>),
    /// It was removed (410), or was never there (404).
    Gone {
        /// In the server's own words.
        message: String,
        /// 404 or 410.
        status: u16,
    },
    /// Not for everybody to see, by [`View::Public`]: it is restricted, was never published, is
    /// gone, or its files are restricted and the lock does not know them.
    NotPublic {
        /// What can't be seen, and why.
        message: String,
    },
    /// The credentials are good, and the record is somebody else's (403).
    NotOurs {
        /// In the server's own words.
        message: String,
    },
}

/// A deposition as its owner reads it.
#[derive(Debug, Clone, PartialEq)]
pub enum Deposition {
    /// Published, and not being edited.
    Published(Box<Record>),
    /// A draft, or a published record that is being edited.
    Open(Box<Draft>),
}

impl Deposition {
    /// Returns its id.
    pub fn id(&self) -> RecordId {
        match self {
            Deposition::Published(record) => record.id,
            Deposition::Open(draft) => draft.id,
        }
    }

    /// Returns its concept.
    pub fn concept(&self) -> ConceptId {
        match self {
            Deposition::Published(record) => record.concept,
            Deposition::Open(draft) => draft.concept,
        }
    }
}

/// A record as the records API shows it: what the deposit API can't say.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and none implies another"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFacts {
    /// Its id.
    pub id: RecordId,
    /// Its concept.
    pub concept: ConceptId,
    /// Whether it is the latest version.
    pub is_latest: bool,
    /// Whether a newer draft is open; only its owner sees it.
    pub has_newer_draft: bool,
    /// Which one of the versions it is, from 1.
    pub index: u64,
    /// Whether its DOI was made elsewhere.
    pub has_external_doi: bool,
    /// Whether it has a DOI that is an empty text: it can't be published so, and a PUT leaves it.
    pub has_empty_doi: bool,
    /// Whether a community reviews it.
    pub under_review: bool,
    /// The communities that have it.
    pub communities: Vec<Community>,
    /// What a PUT by the deposit API would lose.
    pub unsupported: Vec<UnsupportedValue>,
    /// Numbers of awards that are free text. The deposit API shows each as a grant, and takes none
    /// back (contract/scenarios/native-rich-metadata.json, 2026-11-28).
    pub free_awards: Vec<String>,
    /// Digest of its metadata, the same for whoever may read the record.
    pub fingerprint: Sha256,
}

impl RecordFacts {
    /// Takes away the grants that are free text: they are told as losses.
    pub fn without_free_awards(&self, metadata: &mut Metadata) {
        let Some(Value::List(grants)) = metadata.get(Field::Grants) else { return };
        let is_free = |grant: &&String| {
            let number = grant.rsplit("::").next().unwrap_or_default();
            self.free_awards.iter().any(|free| free == number)
        };
        let known: Vec<String> = grants.iter().filter(|it| !is_free(it)).cloned().collect();
        metadata.set(Field::Grants, Value::List(known));
    }
}

/// The latest published version of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// Its concept.
    pub concept: ConceptId,
    /// Its DOI.
    pub doi: Doi,
    /// The DOI that resolves to the latest version; none for an external DOI.
    pub concept_doi: Option<Doi>,
    /// Whether its DOI was made elsewhere: then it can have no new version.
    pub has_external_doi: bool,
    /// Its metadata as published, also while an edit is open.
    pub metadata: Metadata,
    /// Its files, sorted by key.
    pub files: Vec<RemoteFile>,
    /// Its revision, for `If-Match`.
    pub revision: Option<u64>,
    /// Which one of the versions it is, from 1; 0 when unknown.
    pub index: u64,
    /// Whether a newer draft is open, as its owner sees it.
    pub has_newer_draft: bool,
    /// The page a person looks at.
    pub html: String,
    /// What the deposit API can't say of it and its PUT would lose, in words.
    pub unsupported: Vec<UnsupportedValue>,
    /// [`RecordFacts::fingerprint`]; none for a record that only its owner can read.
    pub fingerprint: Option<Sha256>,
    /// What the answer lists that can't be read.
    pub unread: Vec<Unread>,
}

/// An entry of an answer that can't be read: what is in it is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where: `files[2]`, `creators[0]`.
    pub place: String,
    /// The entry, in the server's own words.
    pub text: String,
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` can't be read: `{}`", self.place, self.text)
    }
}

/// Something that the record holds and the deposit API can't say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnsupportedValue {
    /// Where: `creators[1].affiliations[1]`.
    pub place: String,
    /// What would be lost, for a person.
    pub what: String,
}

/// A draft on the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its id; for an edit: the record's.
    pub id: RecordId,
    /// Its concept.
    pub concept: ConceptId,
    /// What it is a draft of.
    pub kind: DraftKind,
    /// The DOI of the record that is being edited; none for what is not published.
    pub doi: Option<Doi>,
    /// The concept's DOI, when a version is published.
    pub concept_doi: Option<Doi>,
    /// Its metadata.
    pub metadata: Metadata,
    /// Its files, sorted by key.
    pub files: Vec<RemoteFile>,
    /// Where files are put: an absolute address on the server, or its path.
    pub bucket: String,
    /// Its revision, for `If-Match`.
    pub revision: Option<u64>,
    /// Files that were registered and never came whole, sorted by key: they block publishing, and
    /// the deposit API does not show them.
    pub pending: Vec<FileKey>,
    /// [`RecordFacts::has_empty_doi`].
    pub has_empty_doi: bool,
    /// Whether a community reviews it: nothing can be published then.
    pub under_review: bool,
    /// What the deposit API can't say of it, in words.
    pub unsupported: Vec<UnsupportedValue>,
    /// Whether it shows grants that are free text, which only a PUT takes away.
    pub has_free_awards: bool,
    /// Communities named in its deposit metadata.
    pub communities: Vec<Community>,
    /// The page a person looks at.
    pub html: String,
    /// What the answer lists that can't be read.
    pub unread: Vec<Unread>,
}

impl Draft {
    /// Returns how lock and journal name it.
    pub fn named(&self) -> OpenDraft {
        match self.kind {
            DraftKind::Edit => OpenDraft::Edit(self.id),
            DraftKind::NewRecord | DraftKind::NewVersion => OpenDraft::Version(self.id),
        }
    }
}

/// A file of a draft as the records API lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftFile {
    /// Its name.
    pub key: FileKey,
    /// Whether it came whole; else it is registered, and its content may have been sent.
    pub is_committed: bool,
    /// MD5 that the server computed; none before it came whole.
    pub md5: Option<Md5>,
}

/// What a draft is a draft of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftKind {
    /// A record that was never published.
    NewRecord,
    /// A new version of a published record.
    NewVersion,
    /// New metadata of a published record.
    Edit,
}

/// One of one's own records or drafts, as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: RecordId,
    /// Its concept.
    pub concept: ConceptId,
    /// Its title.
    pub title: String,
    /// Its description, HTML; may be empty.
    pub description: String,
    /// Its DOI, when published.
    pub doi: Option<Doi>,
    /// Whether it was ever published.
    pub is_published: bool,
    /// When it was made, as the server says it.
    pub created: String,
}

impl Candidate {
    /// Tells whether it is the draft of a create call, by the random id in its title. A person may
    /// have changed what stands around that.
    pub fn is_made_by(&self, create_id: &str) -> bool {
        !self.is_published && self.title.contains(&format!("[zrel {create_id}]"))
    }
}

/// How a community stands to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommunityStatus {
    /// The record is in it.
    Joined,
    /// It was asked, and has not answered.
    Pending,
    /// It said no; asked again only when told.
    Declined,
    /// The request was cancelled or expired.
    Withdrawn,
    /// It takes records of its members only, and one is no member.
    Closed,
}

/// One version in the history of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its id.
    pub id: RecordId,
    /// Which one, from 1.
    pub index: u64,
    /// Its label; none when it has none.
    pub label: Option<String>,
    /// Its DOI.
    pub doi: Option<Doi>,
    /// Its publication date.
    pub date: Option<String>,
    /// How many files it has; none where files are not visible.
    pub n_files: Option<u64>,
    /// Their bytes; none where files are not visible.
    pub size_bytes: Option<u64>,
}

/// A record or a draft by the records API, as whoever may see it reads it.
///
/// Its metadata are those of the deposit API as far as the two say the same, with words of
/// vocabularies by their ids (`issupplementto`) and without grants.
#[derive(Debug, Clone, PartialEq)]
pub struct FullRecord {
    /// What else is known of it.
    pub facts: RecordFacts,
    /// Its DOI; none for a draft without one.
    pub doi: Option<Doi>,
    /// The DOI that resolves to the latest version; none for an external DOI.
    pub concept_doi: Option<Doi>,
    /// Its metadata.
    pub metadata: Metadata,
    /// Whether it has grants.
    pub has_grants: bool,
    /// Its files, sorted by key; none where they are not to be seen.
    pub files: Option<Vec<RemoteFile>>,
}
