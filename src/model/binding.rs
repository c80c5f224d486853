//! The record on a server that a manifest is bound to, and what was last applied to it.

use std::collections::BTreeMap;

use super::{
    Community, ConceptId, Doi, Field, FileKey, Grantee, LinkTerms, Md5, Permission, RecordId,
    Sha256,
};

/// Where the concept comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConceptSource {
    /// `[record.concept]` of the manifest.
    Manifest,
    /// The lock.
    Lock,
    /// Both, and they agree.
    Both,
}

/// What is known locally about the record on one server. A hint: the server decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binding {
    /// The bound concept; `None` before the first publication.
    pub concept: Option<(ConceptId, ConceptSource)>,
    /// The concept that the lock names when the manifest names another one.
    pub concept_in_lock: Option<ConceptId>,
    /// The lock's entry for this manifest and server.
    pub record: Option<BoundRecord>,
    /// The manifest, as a person names it.
    pub manifest: String,
    /// The other manifests that the lock binds on this server, sorted.
    pub others: Vec<OtherManifest>,
}

/// Another manifest of the same folder, and its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherManifest {
    /// The manifest, as a person names it.
    pub name: String,
    /// Its concept on the same server.
    pub concept: Option<ConceptId>,
    /// Whether the file is gone: it was renamed or deleted.
    pub is_gone: bool,
}

/// What the lock remembers of one record on one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoundRecord {
    /// Versions that zrel published or saw, by record id, with their labels (empty: none).
    pub versions: BTreeMap<RecordId, String>,
    /// The version last applied.
    pub last: Option<RecordId>,
    /// The open draft or edit, if a run left one.
    pub draft: Option<OpenDraft>,
    /// What was fixed when the draft's DOI was reserved; only with a draft.
    pub reserved: Option<Reservation>,
    /// What was last applied, by file.
    pub files: BTreeMap<FileKey, AppliedFile>,
    /// The communities that were asked, and the version of each request: requests are not public,
    /// and are listed with that version only.
    pub asked: BTreeMap<Community, Option<RecordId>>,
    /// To whom an apply gave access, and what each may do.
    pub granted: BTreeMap<Grantee, Permission>,
    /// The secret links that an apply made, by name.
    pub shared_links: BTreeMap<String, LinkTerms>,
    /// Texts that the server rewrote, by field.
    pub rewrites: BTreeMap<Field, Rewrite>,
    /// The DOIs of versions that the last version links to, by the keys of their members.
    pub links: BTreeMap<String, Doi>,
}

impl BoundRecord {
    /// Notes the open draft. What was reserved belongs to one draft alone.
    pub fn open_draft(&mut self, draft: OpenDraft) {
        if self.draft != Some(draft) {
            self.reserved = None;
        }
        self.draft = Some(draft);
    }

    /// Notes the version that was published last, and the DOIs of versions that it links to.
    pub fn note_last(&mut self, id: RecordId, label: String, links: BTreeMap<String, Doi>) {
        self.last = Some(id);
        self.versions.insert(id, label);
        self.links = links;
    }

    /// Notes that no draft is open.
    pub fn close_draft(&mut self) {
        (self.draft, self.reserved) = (None, None);
    }
}

/// What was fixed when a draft's DOI was reserved, and may be in the files of the release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reservation {
    /// The publication date, `YYYY-MM-DD` unless the manifest has another.
    pub date: String,
    /// The version label; none for a record without labels.
    pub label: Option<String>,
}

/// A draft or an edit that a run opened and did not publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenDraft {
    /// A draft of a new record or a new version.
    Version(RecordId),
    /// A published record that is being edited.
    Edit(RecordId),
}

impl OpenDraft {
    /// Returns the draft's id; for an edit, the record's.
    pub fn id(self) -> RecordId {
        match self {
            OpenDraft::Version(id) | OpenDraft::Edit(id) => id,
        }
    }
}

/// A file as it was last applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedFile {
    /// MD5 of what was sent.
    pub md5: Md5,
    /// For an archive: the digest of its content, which no encoder changes.
    pub content: Option<Sha256>,
}

/// A text that the server returned in another form than it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewrite {
    /// SHA-256 of the text that was sent.
    pub sent: Sha256,
    /// SHA-256 of the text that came back.
    pub returned: Sha256,
}
