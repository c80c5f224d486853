//! The observed state: everything that one refresh read from the server, as plain values.
//!
//! `refresh` makes it, `plan` compares it with `desired`. This module makes no decisions: a record
//! that is gone and a draft of another user are facts like the others.

mod sharing;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use sharing::{
    LinkSecret, ObservedLink, ObservedSharing, RecordAccess, SharedPlace, SharingState,
};

use crate::model::{
    Community, ConceptId, Doi, Field, FileKey, Md5, Metadata, OpenDraft, RecordId, RemoteFile,
    Sha256, Value, VocabularyId,
};

/// What a refresh read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// Whether it was read as the owner or without a token.
    pub view: View,
    /// The record, or why it is missing.
    pub record: RecordState,
    /// An open new-version draft, a draft never published, or an open edit.
    pub draft: Option<Draft>,
    /// Records and drafts of the token's owner with the manifest's title or description; read only
    /// when nothing is bound.
    pub possible_duplicates: Vec<Candidate>,
    /// Versions that the lock names for this record, and that belong to another one.
    pub astray: Vec<Astray>,
    /// The state of each community for the record, by slug: of those that were looked up, and of all
    /// that have the record.
    pub communities: BTreeMap<Community, CommunityState>,
    /// The version of the request to a community, when a request was found.
    pub asked_about: BTreeMap<Community, RecordId>,
    /// Communities that were looked up and that the server does not know.
    pub unknown_communities: Vec<Community>,
    /// Grants of the manifest that the server does not know; and for those that it knows, the id
    /// that it returns.
    pub grants: BTreeMap<String, GrantLookup>,
    /// What the server says of ids in the manifest, of vocabularies that only it has.
    pub lookups: Lookups,
    /// Who has access to the record beside its owner.
    pub sharing: SharingState,
    /// Whether drafts are read and written by the records API alone.
    pub is_of_records_api: bool,
}

impl Observed {
    /// Returns what a community says, if that is known.
    pub fn find_status(&self, community: &Community) -> Option<CommunityStatus> {
        self.communities.get(community).map(|state| state.status)
    }

    /// Returns where its access is read and changed; none where there is neither a record nor a draft.
    pub fn shared_place(&self) -> Option<SharedPlace> {
        match &self.record {
            RecordState::Published(record) => Some(SharedPlace::Record(record.id)),
            RecordState::Unpublished => {
                self.draft.as_ref().map(|draft| SharedPlace::Draft(draft.id))
            }
            RecordState::Unbound
            | RecordState::Gone { .. }
            | RecordState::NotPublic { .. }
            | RecordState::NotOurs { .. } => None,
        }
    }

    /// Returns the published record, if there is one.
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

/// What a server says of ids of vocabularies that only it has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookups {
    /// Those that it does not know.
    pub unknown: Vec<VocabularyId>,
    /// Those that were not looked up, in words.
    pub left: Vec<String>,
    /// Why the first of them could not be looked up; none where there were too many.
    pub failure: Option<String>,
}

/// A version that was expected to belong to the bound record, and belongs to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Astray {
    /// The version.
    pub version: RecordId,
    /// The concept that it belongs to.
    pub concept: ConceptId,
}

/// With which rights the server is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// As the record's owner, who sees everything.
    #[default]
    Owner,
    /// Without a token: no drafts, no open edits, no requests to communities.
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
    /// It was removed (410), or never existed (404).
    Gone {
        /// In the server's own words.
        message: String,
        /// 404 or 410.
        status: u16,
    },
    /// Not public, with [`View::Public`]: it is restricted, was never published, is gone, or its
    /// files are restricted and the lock does not know them.
    NotPublic {
        /// What is hidden, and why.
        message: String,
    },
    /// The credentials are good, and the record is another user's (403).
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

/// A record as the records API shows it: what the deposit API can't express.
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
    /// Whether it was read as its owner.
    pub is_own: bool,
    /// Whether a newer draft is open; only its owner sees it.
    pub has_newer_draft: bool,
    /// Whether it is published; also true for an edit of a published record.
    pub is_published: bool,
    /// Which one of the versions it is, from 1.
    pub index: u64,
    /// Whether its DOI was assigned elsewhere.
    pub has_external_doi: bool,
    /// Whether its DOI is an empty text: it can't be published with that, and a PUT does not change
    /// it.
    pub has_empty_doi: bool,
    /// Of a draft: where its review stands; none when it has no review.
    pub review: Option<ReviewStatus>,
    /// The communities that have it.
    pub communities: Vec<Community>,
    /// What a PUT by the deposit API would lose.
    pub unsupported: Vec<UnsupportedValue>,
    /// Numbers of awards that are free text. The deposit API shows each as a grant, and accepts
    /// none of them in a PUT (contract/scenarios/native-rich-metadata.json, 2026-11-28).
    pub free_awards: Vec<String>,
    /// Digest of its metadata, the same for every reader of the record.
    pub fingerprint: Sha256,
}

impl RecordFacts {
    /// Removes the grants that are free text: they are reported as unsupported values.
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
    /// Its DOI; `None` on a server that gives none.
    pub doi: Option<Doi>,
    /// The DOI that resolves to the latest version; `None` for an external DOI.
    pub concept_doi: Option<Doi>,
    /// Whether its DOI was assigned elsewhere: then it can't have a new version.
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
    /// The address of its web page.
    pub html: String,
    /// What the deposit API can't express and its PUT would lose, for display.
    pub unsupported: Vec<UnsupportedValue>,
    /// [`RecordFacts::fingerprint`]; `None` for a record that only its owner can read.
    pub fingerprint: Option<Sha256>,
    /// Entries of the answer that can't be read.
    pub unread: Vec<Unread>,
}

/// An entry of an answer that can't be read.
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

/// A value of a record that the deposit API can't express.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnsupportedValue {
    /// Where: `creators[1].affiliations[1]`.
    pub place: String,
    /// What would be lost, for display.
    pub what: String,
}

impl UnsupportedValue {
    /// Returns whether a field of the metadata says it, as the records API writes it.
    pub fn is_said(&self) -> bool {
        let (list, rest) = self.place.split_once('[').unwrap_or((&self.place, ""));
        let part = rest.split_once(']').map_or("", |(_, part)| part);
        match list {
            "creators" | "contributors" => {
                matches!(part, "" | ".role" | ".identifiers") || part.starts_with(".affiliations")
            }
            "additional_descriptions" => matches!(part, "" | ".lang"),
            "additional_titles" | "rights" | "languages" | "subjects" | "funding" => {
                part.is_empty()
            }
            "locations" => matches!(part, "" | ".geometry" | ".identifiers"),
            "dates" => part == ".date",
            "related_identifiers" => part == ".relation",
            "sizes" | "formats" | "copyright" | "access.embargo.reason" => true,
            other => other.starts_with("custom_fields."),
        }
    }

    /// Returns whether it is the same value in the same part, if perhaps of an entry at another
    /// number.
    pub fn is_same_as(&self, other: &UnsupportedValue) -> bool {
        let bare = |place: &str| place.replace(|it: char| it.is_ascii_digit(), "");
        self.what == other.what && bare(&self.place) == bare(&other.place)
    }
}

/// Returns what a draft holds that no field of the metadata says and that is not published: another
/// client put it there. An entry may be at another number.
pub fn list_foreign_extras(
    draft: &[UnsupportedValue],
    published: &[UnsupportedValue],
) -> Vec<UnsupportedValue> {
    // First the few that count: of a record with thousands of creators each may say something.
    list_those_unpublished(draft.iter().filter(|extra| !extra.is_said()), published)
}

/// Returns what a draft holds that the deposit API can't say and that is not published. An entry may
/// be at another number.
pub fn list_unpublished(
    draft: &[UnsupportedValue],
    published: &[UnsupportedValue],
) -> Vec<UnsupportedValue> {
    list_those_unpublished(draft.iter(), published)
}

fn list_those_unpublished<'a>(
    extras: impl Iterator<Item = &'a UnsupportedValue>,
    published: &[UnsupportedValue],
) -> Vec<UnsupportedValue> {
    let is_published =
        |extra: &UnsupportedValue| published.iter().any(|known| known.is_same_as(extra));
    extras.filter(|extra| !is_published(extra)).cloned().collect()
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
    /// The DOI of the record that is being edited; `None` for an unpublished draft.
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
    /// Files that were registered and whose upload never completed, sorted by key: they block
    /// publishing, and the deposit API does not show them.
    pub pending: Vec<FileKey>,
    /// [`RecordFacts::has_empty_doi`].
    pub has_empty_doi: bool,
    /// Whether its DOI was assigned elsewhere, where that is known.
    pub has_external_doi: bool,
    /// Its review by a community, before publication.
    pub review: Option<DraftReview>,
    /// What the deposit API can't express, for display.
    pub unsupported: Vec<UnsupportedValue>,
    /// Whether it shows grants that are free text, which only a PUT removes.
    pub has_free_awards: bool,
    /// Communities named in its deposit metadata.
    pub communities: Vec<Community>,
    /// The address of its web page.
    pub html: String,
    /// Entries of the answer that can't be read.
    pub unread: Vec<Unread>,
}

impl Draft {
    /// Returns the name of the draft in lock and journal.
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
    /// Whether its upload completed; otherwise it is registered, and its content may be sent.
    pub is_committed: bool,
    /// MD5 that the server computed; `None` before the upload completed.
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

/// A record or a draft of the token's owner, as a listing shows it.
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
    /// When it was made, as the server says it; empty when it does not.
    pub created: String,
}

impl Candidate {
    /// Takes what a deposition shows; it does not say when it was made.
    pub fn of(deposition: &Deposition) -> Self {
        let (id, concept) = (deposition.id(), deposition.concept());
        let (metadata, doi, is_published) = match deposition {
            Deposition::Published(record) => (&record.metadata, record.doi.as_ref(), true),
            Deposition::Open(draft) => (&draft.metadata, draft.doi.as_ref(), draft.doi.is_some()),
        };
        let text = |field| metadata.text(field).unwrap_or_default().to_owned();
        Self {
            id,
            concept,
            title: text(Field::Title),
            description: text(Field::Description),
            doi: doi.cloned(),
            is_published,
            created: String::new(),
        }
    }

    /// Returns whether it is the draft of a create call, by the random id in its title.
    pub fn is_made_by(&self, create_id: &str) -> bool {
        // Anywhere in the title: the user may have changed the text around the id.
        !self.is_published && self.title.contains(&format!("[zrel {create_id}]"))
    }
}

/// Where the review of a draft by a community stands.
///
/// Source: contract/scenarios/native-community-review.json, 2026-11-28.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewStatus {
    /// The community was chosen, and the draft is not submitted: it can't be published.
    Chosen,
    /// It was submitted: it can't be published, and the community's acceptance publishes it.
    Open,
    /// The community declined it, or let the request expire.
    Declined,
}

/// The review of a draft by a community.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftReview {
    /// Where it stands.
    pub status: ReviewStatus,
    /// The community; none when the server does not say which.
    pub community: Option<Community>,
    /// When it was last changed: when it was submitted, or declined.
    pub since: Option<Timestamp>,
}

/// What a community says about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommunityState {
    /// The status.
    pub status: CommunityStatus,
    /// When it was asked; none where that is not known.
    pub since: Option<Timestamp>,
}

impl From<CommunityStatus> for CommunityState {
    fn from(status: CommunityStatus) -> Self {
        Self { status, since: None }
    }
}

/// The status of a community for a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommunityStatus {
    /// The record is in it.
    Joined,
    /// It was asked, and has not answered.
    Pending,
    /// It declined; asked again only on demand.
    Declined,
    /// It accepted the record, which is in it no more; asked again only on demand.
    Left,
    /// The request was cancelled or expired.
    Withdrawn,
    /// It accepts records from its members only, and the token's owner is not a member.
    Closed,
}

/// One version in the history of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its id.
    pub id: RecordId,
    /// Which one, from 1.
    pub index: u64,
    /// Its label, if it has one.
    pub label: Option<String>,
    /// Its DOI.
    pub doi: Option<Doi>,
    /// When it was published, by the server's clock.
    pub published: Option<Timestamp>,
    /// Its publication date, which its authors set.
    pub date: Option<String>,
    /// Its files, sorted by key; `None` when they are hidden, or one can't be read.
    pub files: Option<Vec<RemoteFile>>,
}

/// A whole record or draft, read by the records API.
///
/// Its metadata are those of the deposit API as far as both APIs express them, with vocabulary
/// words by their ids (`issupplementto`) and without grants.
#[derive(Debug, Clone, PartialEq)]
pub struct FullRecord {
    /// What only the records API has of it.
    pub facts: RecordFacts,
    /// Its DOI; `None` for a draft without one.
    pub doi: Option<Doi>,
    /// The DOI that resolves to the latest version; `None` for an external DOI.
    pub concept_doi: Option<Doi>,
    /// Its metadata.
    pub metadata: Metadata,
    /// The ids of its awards in the server's list, where its funding is nothing else: the deposit
    /// API shows each as a grant, under another id.
    pub awards: Vec<String>,
    /// Its files, sorted by key; `None` when they are hidden.
    pub files: Option<Vec<RemoteFile>>,
    /// Its revision.
    pub revision: Option<u64>,
    /// When it was created: of a published version, when it was published.
    pub created: Option<Timestamp>,
    /// The address of its web page.
    pub html: String,
    /// Entries of the answer that can't be read.
    pub unread: Vec<Unread>,
}

impl FullRecord {
    /// Takes awards as grants under their own ids: no other API shows them.
    pub fn take_awards_as_grants(&mut self) {
        if !self.awards.is_empty() {
            self.metadata.set(Field::Grants, Value::List(std::mem::take(&mut self.awards)));
        }
    }

    /// Makes a record of it, with metadata and files as the deposit API has them.
    pub fn to_record(
        &self,
        doi: Option<Doi>,
        metadata: Metadata,
        files: Vec<RemoteFile>,
    ) -> Record {
        let facts = &self.facts;
        Record {
            id: facts.id,
            concept: facts.concept,
            doi,
            concept_doi: self.concept_doi.clone(),
            has_external_doi: facts.has_external_doi,
            metadata,
            files,
            revision: self.revision,
            index: facts.index,
            has_newer_draft: facts.has_newer_draft,
            html: self.html.clone(),
            unsupported: facts.unsupported.clone(),
            fingerprint: Some(facts.fingerprint),
            unread: self.unread.clone(),
        }
    }

    /// Makes a draft of it, with metadata as the deposit API has them.
    pub fn to_draft(&self, mut metadata: Metadata) -> Draft {
        let facts = &self.facts;
        if let Some(doi) = &self.doi {
            metadata.set_text(Field::Doi, doi.as_str());
        }
        let kind = match (facts.is_published, facts.index) {
            (true, _) => DraftKind::Edit,
            (false, 0 | 1) => DraftKind::NewRecord,
            (false, _) => DraftKind::NewVersion,
        };
        Draft {
            id: facts.id,
            concept: facts.concept,
            kind,
            doi: self.doi.clone(),
            concept_doi: self.concept_doi.clone(),
            metadata,
            // A draft is its owner's, from whom no files are hidden: it has none.
            files: self.files.clone().unwrap_or_default(),
            bucket: String::new(),
            revision: self.revision,
            pending: Vec::new(),
            has_empty_doi: facts.has_empty_doi,
            has_external_doi: facts.has_external_doi,
            review: None,
            unsupported: facts.unsupported.clone(),
            has_free_awards: false,
            communities: Vec::new(),
            html: self.html.clone(),
            unread: self.unread.clone(),
        }
    }

    /// Returns whether the answer has all that the deposit API shows: every entry was read, each
    /// file has a checksum, and there are no grants, whose ids are in the deposition alone.
    pub fn is_whole(&self) -> bool {
        let has_checksums = |files: &Vec<RemoteFile>| files.iter().all(|file| file.md5.is_some());
        self.unread.is_empty()
            && self.awards.is_empty()
            && self.files.as_ref().is_some_and(has_checksums)
    }
}
