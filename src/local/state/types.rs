//! The rows of the state: users, communities, concepts, drafts, records, requests.
//!
//! Deliberately absent: the rules between them; see the operations in the other files.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The number of a record, its draft, or a concept.
pub(crate) use super::recid::Recid;
use super::sharing_rows::Sharing;

/// The number of a user.
pub(crate) type UserId = u64;

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    /// Its number; 1 is the first.
    pub(crate) id: UserId,
    /// The address that it logs in with.
    pub(crate) email: String,
    /// SHA-256 of the password, in hexadecimal digits; `None` cannot log in.
    pub(crate) password: Option<String>,
    /// The bearer token.
    pub(crate) token: String,
}

/// Who may submit records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Submission {
    /// Everyone.
    Open,
    /// Members only.
    Members,
}

/// What a curator of the community may do without a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Review {
    /// Nothing: everything is a request.
    Closed,
    /// Include records directly.
    Open,
}

/// A community; its owner is its only member.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Community {
    /// A UUID.
    pub(crate) id: String,
    /// Its name in URLs.
    pub(crate) slug: String,
    /// Its name.
    pub(crate) title: String,
    /// Who decides.
    pub(crate) owner: UserId,
    /// Who may submit.
    pub(crate) submission: Submission,
    /// What needs a review.
    pub(crate) review: Review,
    /// Whether it reviews each version of the records that it was the first to take in.
    #[serde(default)]
    pub(crate) reviews_versions: bool,
    /// When it was created.
    #[serde(with = "super::time_text")]
    pub(crate) created: Timestamp,
}

/// What all versions of a record share.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Concept {
    /// The number behind `conceptrecid`.
    pub(crate) id: Recid,
    /// Who may change it.
    pub(crate) owner: UserId,
    /// The concept DOI, set by the first publication with a DOI of this server.
    pub(crate) doi: Option<String>,
    /// Ids of the communities it is in, in the order of joining.
    pub(crate) communities: Vec<String>,
    /// The published versions, oldest first.
    pub(crate) versions: Vec<Recid>,
    /// The draft of a version that was never published.
    pub(crate) next_draft: Option<Recid>,
    /// The review before publication, if one was chosen.
    pub(crate) review: Option<String>,
    /// Who has access beside its owner.
    #[serde(default, skip_serializing_if = "Sharing::is_default")]
    pub(crate) sharing: Sharing,
    /// How many bytes a version may hold, where its owner has raised that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) quota_bytes: Option<u64>,
}

/// Who can see a record or its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Visibility {
    /// Everyone.
    Public,
    /// The owner.
    Restricted,
}

/// Access to the record and its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Access {
    /// The record itself.
    pub(crate) record: Visibility,
    /// Its files.
    pub(crate) files: Visibility,
    /// The day (`2030-01-01`) on which the files become public, while there is an embargo.
    pub(crate) embargo_until: Option<String>,
    /// Why there is an embargo.
    pub(crate) embargo_reason: Option<String>,
    /// Whether the embargo was over already when it was sent; such a draft can't be published.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_past_embargo: bool,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            record: Visibility::Public,
            files: Visibility::Public,
            embargo_until: None,
            embargo_reason: None,
            is_past_embargo: false,
        }
    }
}

impl Access {
    /// Returns whether an embargo is in force on this day.
    pub(crate) fn is_embargoed(&self, today: Date) -> bool {
        let until = self.embargo_until.as_deref().and_then(|until| until.parse::<Date>().ok());
        let is_future = until.is_some_and(|until| until > today);
        self.files == Visibility::Restricted && (is_future || self.is_past_embargo)
    }

    /// Returns whether everyone can see the files on this day.
    pub(crate) fn files_are_open(&self, today: Date) -> bool {
        // An embargo ends automatically: nothing changes the stored visibility on that day.
        let was_embargoed = self.embargo_until.is_some();
        self.files == Visibility::Public || (was_embargoed && !self.is_embargoed(today))
    }
}

/// A persistent identifier as the records API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pid {
    /// `10.5072/zenodo.12345678`.
    pub(crate) identifier: String,
    /// `datacite` for DOIs of the server, `external` for others, `oai`.
    pub(crate) provider: String,
    /// `datacite`, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
}

/// The stored bytes behind a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Content {
    /// A UUID: the file's id, the same in every version that has the file.
    pub(crate) id: String,
    /// Changes with each upload.
    pub(crate) version_id: String,
    /// Length in bytes.
    pub(crate) size_bytes: u64,
    /// MD5 in 32 hexadecimal digits.
    pub(crate) md5: String,
}

/// The progress of the upload of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Transfer {
    /// Registered by the records API; perhaps sent, but not committed.
    Pending(Option<Content>),
    /// Registered to be sent in parts, which no user may do.
    Parts(Parts),
    /// Complete.
    Completed(Content),
}

/// A file that is registered to be sent in parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parts {
    /// A UUID: the file's id.
    pub(crate) id: String,
    /// A UUID.
    pub(crate) version_id: String,
    /// How it is cut.
    pub(crate) cut: Cut,
}

/// How a file is cut into parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cut {
    /// How many parts.
    pub(crate) count: u64,
    /// Length of a part in bytes, where the client gave it.
    pub(crate) size_bytes: Option<u64>,
}

/// What a client says of a file when it registers it. The server keeps it and compares nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Announced {
    /// Its length in bytes.
    pub(crate) size_bytes: Option<u64>,
    /// `md5:…`.
    pub(crate) checksum: Option<String>,
    /// Any object.
    pub(crate) metadata: Option<Value>,
    /// Whether pages leave it out.
    #[serde(default)]
    pub(crate) is_hidden: bool,
}

/// A file of a draft or a record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FileEntry {
    /// Its name.
    pub(crate) key: String,
    /// Its bytes.
    pub(crate) transfer: Transfer,
    /// What its client says of it.
    #[serde(default)]
    pub(crate) announced: Announced,
    /// When it was first registered.
    #[serde(with = "super::time_text")]
    pub(crate) created: Timestamp,
    /// When it last changed.
    #[serde(with = "super::time_text")]
    pub(crate) updated: Timestamp,
}

impl FileEntry {
    /// Returns the content of a completed file.
    pub(crate) fn content(&self) -> Option<&Content> {
        match &self.transfer {
            Transfer::Completed(content) => Some(content),
            Transfer::Pending(_) | Transfer::Parts(_) => None,
        }
    }

    /// Returns the content that is stored for it, committed or not.
    pub(crate) fn stored(&self) -> Option<&Content> {
        match &self.transfer {
            Transfer::Completed(content) => Some(content),
            Transfer::Pending(content) => content.as_ref(),
            Transfer::Parts(_) => None,
        }
    }
}

/// What a draft and a record have in common.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Version {
    /// Its number.
    pub(crate) id: Recid,
    /// The concept's number.
    pub(crate) concept: Recid,
    /// 1 for the first version.
    pub(crate) index: u64,
    /// The UUID in the bucket's URL.
    pub(crate) bucket: String,
    /// When it was created.
    #[serde(with = "super::time_text")]
    pub(crate) created: Timestamp,
    /// When it last changed.
    #[serde(with = "super::time_text")]
    pub(crate) updated: Timestamp,
    /// The number in `ETag`, compared with `If-Match`.
    pub(crate) revision: u64,
    /// The metadata, as the records API spells them.
    pub(crate) metadata: Map<String, Value>,
    /// The custom fields, as the records API spells them.
    pub(crate) custom: Map<String, Value>,
    /// Who can see it.
    pub(crate) access: Access,
    /// Its identifiers by scheme.
    pub(crate) pids: BTreeMap<String, Pid>,
    /// Its files in the order of their registration.
    pub(crate) files: Vec<FileEntry>,
}

impl Version {
    /// Returns the file with this name.
    pub(crate) fn file(&self, key: &str) -> Option<&FileEntry> {
        self.files.iter().find(|file| file.key == key)
    }

    /// Returns its DOI.
    pub(crate) fn doi(&self) -> Option<&Pid> {
        self.pids.get("doi")
    }
}

/// A draft: of a new record, of a new version, or the edit of a published one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Draft {
    /// What it has in common with a record.
    pub(crate) version: Version,
    /// Files deleted from it: id and name. The server names them when they are deleted again.
    pub(crate) deleted_files: Vec<(String, String)>,
    /// The DOI that is reserved for it behind the API, and is missing from its `pids`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) held_doi: Option<Pid>,
    /// Whether the deposit API created it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_of_deposit: bool,
    /// Whether a DOI was ever reserved for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) was_reserved: bool,
    /// Whether it is an edit whose files may change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_unlocked: bool,
}

impl Draft {
    /// Makes a draft of which nothing but its version is known.
    pub(crate) fn of(version: Version) -> Self {
        Self {
            version,
            deleted_files: Vec::new(),
            held_doi: None,
            is_of_deposit: false,
            was_reserved: false,
            is_unlocked: false,
        }
    }
}

/// A published version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    /// What it has in common with a draft.
    pub(crate) version: Version,
    /// The last revision of its draft; an edit continues from there.
    pub(crate) draft_revision: u64,
    /// Whether it was deleted at its owner's request.
    pub(crate) deleted: bool,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RequestKind {
    /// To include a published record in a community.
    CommunityInclusion,
    /// To review a draft, publish it and include it.
    CommunitySubmission,
    /// To delete a record.
    RecordDeletion,
    /// To let a draft hold more.
    QuotaIncrease,
}

/// The status of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RequestStatus {
    /// A review that was chosen and not yet submitted.
    Created,
    /// Waiting for the community's decision.
    Submitted,
    /// The community accepted it.
    Accepted,
    /// The community declined it.
    Declined,
    /// Its creator withdrew it.
    Cancelled,
}

impl RequestStatus {
    /// Returns whether it waits for a decision.
    pub(crate) fn is_open(self) -> bool {
        self == Self::Submitted
    }

    /// Returns whether it is decided.
    pub(crate) fn is_closed(self) -> bool {
        match self {
            Self::Created | Self::Submitted => false,
            Self::Accepted | Self::Declined | Self::Cancelled => true,
        }
    }
}

/// A request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    /// A UUID.
    pub(crate) id: String,
    /// What it asks for.
    pub(crate) kind: RequestKind,
    /// The record or draft that it is about.
    pub(crate) topic: Recid,
    /// The id of the community that it asks.
    pub(crate) community: Option<String>,
    /// Who created it.
    pub(crate) creator: UserId,
    /// Its status.
    pub(crate) status: RequestStatus,
    /// The record's title when it was submitted.
    pub(crate) title: String,
    /// When it was created.
    #[serde(with = "super::time_text")]
    pub(crate) created: Timestamp,
    /// When it last changed.
    #[serde(with = "super::time_text")]
    pub(crate) updated: Timestamp,
    /// The number in `ETag`.
    pub(crate) revision: u64,
    /// Additional data, such as the reason of a deletion.
    pub(crate) payload: Option<Value>,
    /// What its creator wrote to the community, as HTML.
    #[serde(default)]
    pub(crate) comment: Option<String>,
}
