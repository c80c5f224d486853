//! The plan's types: closed sets of operations, actions, reasons and blockers.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::model::{
    Binding, Community, ConceptId, Doi, Field, FieldChange, FileChange, FileKey, Link, Md5,
    MetadataOrigins, OpenDraft, OtherManifest, RecordId, Server, Severity, Sha256,
};
use crate::observed::{Astray, Candidate, GrantLookup, Observed, UnsupportedValue, View};

use crate::desired::Links;

use super::community_plan::CommunityPlan;
use super::{PlannedFile, Target};

/// What an apply will do. Equal inputs give equal plans.
///
/// `files` and `metadata` compare with the published version that the plan is based on, and are
/// for showing; `steps` are what is executed, and leave out what an unfinished run did already.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Which server.
    pub server: Server,
    /// With which rights the server was read. Not part of the digest: what an apply does is the
    /// same.
    pub view: View,
    /// What the plan was made from.
    pub base: Base,
    /// What kind of change it is.
    pub operation: Operation,
    /// What is executed, in this order; empty when there is nothing to do.
    pub steps: Vec<Step>,
    /// What happens to each file of the record, sorted by key.
    pub files: Vec<FileChange>,
    /// What changes in the metadata, in the order of the screen.
    pub metadata: Vec<FieldChange>,
    /// The communities: those of the manifest first, each group sorted.
    pub communities: Vec<CommunityPlan>,
    /// What the record will be.
    pub target: Target,
    /// The links to members of the workspace, with the DOI of each; none while it is not known.
    pub links: Links,
    /// To which fields of the metadata communities contributed.
    pub metadata_origins: MetadataOrigins,
    /// What is decided only when the plan is applied.
    pub unresolved: Vec<Unresolved>,
    /// Blockers; an apply is refused while there is one that a flag or a person has not settled.
    pub blockers: Vec<Blocker>,
    /// Blockers that a flag or a person has settled: still worth a reviewer's look.
    pub settled: Vec<Blocker>,
    /// The flags that the plan was made with.
    pub flags: PlanFlags,
    /// The findings of the checks of the manifest and its files, in their order.
    pub noted: Vec<Noted>,
    /// What the records API knows and the deposit API's PUT would lose.
    pub unsupported: Vec<UnsupportedValue>,
    /// An open draft that the plan does not need.
    pub stray_draft: Option<RecordId>,
}

impl Plan {
    /// Returns whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.blockers.is_empty()
    }

    /// Returns whether it ends with something that can't be undone: the publication, or the
    /// submission to a community whose acceptance publishes.
    pub fn publishes(&self) -> bool {
        self.steps.iter().any(|step| step.action.is_irreversible())
    }

    /// Returns the plan without the names that its files had or will have. The digest does not
    /// cover them, so of a stranger's plan they are only a claim.
    #[must_use]
    pub fn without_renames(&self) -> Self {
        let mut plan = self.clone();
        plan.files.iter_mut().for_each(|file| file.renamed = None);
        plan
    }

    /// Returns the command that reserves the DOI of the version, without the program's name.
    pub fn reserve_command(&self) -> &'static str {
        if self.unresolved.contains(&Unresolved::Tag(None)) {
            "reserve --label LABEL"
        } else {
            "reserve"
        }
    }

    /// Returns how many bytes will be sent as files.
    pub fn upload_bytes(&self) -> u64 {
        let sizes = self.steps.iter().filter_map(|step| step.action.upload_size());
        sizes.fold(0, u64::saturating_add)
    }
}

/// The flags that decide what a plan may do; those that change its outcome are in its digest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanFlags {
    /// `--no-publish`
    pub no_publish: bool,
    /// `--initial`
    pub initial: bool,
    /// `--same-title`
    pub same_title: bool,
    /// `--adopt-draft`
    pub adopt_draft: Option<RecordId>,
    /// `--over`
    pub over: Option<RecordId>,
    /// `--ask-again`: the communities that are asked although they declined.
    pub ask_again: BTreeSet<Community>,
    /// `--leave`: the communities that the record may leave.
    pub leave: BTreeSet<Community>,
    /// `--publish-declined`: the draft that is published although a community declined it.
    pub publish_declined: Option<RecordId>,
}

impl PlanFlags {
    /// Returns these flags and others: those of a run over several records, of which each plan keeps
    /// the ones that decide something about it.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.ask_again.extend(other.ask_again);
        self.leave.extend(other.leave);
        Self {
            no_publish: self.no_publish || other.no_publish,
            initial: self.initial || other.initial,
            same_title: self.same_title || other.same_title,
            adopt_draft: self.adopt_draft.or(other.adopt_draft),
            over: self.over.or(other.over),
            publish_declined: self.publish_declined.or(other.publish_declined),
            ..self
        }
    }
}

/// A finding about the manifest or its files, with its place resolved to lines, so that it can be
/// saved and read without the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// How bad it is.
    pub severity: Severity,
    /// Its code.
    pub code: String,
    /// What is wrong.
    pub summary: String,
    /// Where; none when it has no place in the manifest.
    pub place: Option<NotedPlace>,
    /// Why it is a problem.
    pub why: Option<String>,
    /// What to do next.
    pub hints: Vec<String>,
}

/// A place in the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedPlace {
    /// The manifest, as the user named it.
    pub file: String,
    /// Where it starts.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// A few words on it; may be empty.
    pub text: String,
}

/// A position in a text: line and column from 1, in characters; the byte from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// The byte.
    pub byte: usize,
}

/// What a plan was made from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Base {
    /// The concept, when there is one.
    pub concept: Option<ConceptId>,
    /// Its DOI.
    pub concept_doi: Option<Doi>,
    /// The latest published version.
    pub version: Option<RecordId>,
    /// Its DOI.
    pub doi: Option<Doi>,
    /// Its label.
    pub label: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its revision on the server: shows a saved plan that something was edited since. Not part of
    /// the digest, since an unfinished apply moves it too.
    pub revision: Option<u64>,
    /// Digest of its files and of its metadata but for label, date and DOI: a draft of a new
    /// version opens with just these. Not part of the plan's digest.
    pub contents: Option<Sha256>,
    /// Digest of its metadata, the same for everybody who may read it: shows an approved new
    /// version that its basis was edited.
    pub fingerprint: Option<Sha256>,
    /// The draft or edit that is open: shows a saved plan that it was changed since. Not part of
    /// the digest.
    pub draft: Option<DraftRevision>,
    /// The version last applied according to the lock.
    pub last_applied: Option<RecordId>,
}

/// An open draft or edit as it was when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftRevision {
    /// Which.
    pub id: RecordId,
    /// Its revision on the server.
    pub revision: Option<u64>,
}

/// What kind of change a plan makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The server is as the manifest says.
    Nothing,
    /// A new record: new concept, new DOI.
    NewRecord {
        /// The draft to continue; none: one is created.
        draft: Option<RecordId>,
    },
    /// A new version: new DOI, same concept.
    NewVersion {
        /// The latest version.
        from: RecordId,
        /// The draft to continue; none: one is opened.
        draft: Option<RecordId>,
    },
    /// New metadata of the latest version: same DOI.
    Edit {
        /// The latest version.
        record: RecordId,
        /// Whether the edit is open already.
        resumed: bool,
    },
    /// Only communities are asked.
    Communities {
        /// The latest version.
        record: RecordId,
    },
    /// Nothing can be planned from what is on the server; the blockers say why.
    Impossible,
}

impl Operation {
    /// Returns whether it may revert what is published. To ask a community reverts nothing.
    pub fn writes_over(self) -> bool {
        match self {
            Operation::NewRecord { .. } | Operation::NewVersion { .. } | Operation::Edit { .. } => {
                true
            }
            Operation::Nothing | Operation::Communities { .. } | Operation::Impossible => false,
        }
    }

    /// Returns whether it makes a version, with a DOI of its own.
    pub fn makes_version(self) -> bool {
        match self {
            Operation::NewRecord { .. } | Operation::NewVersion { .. } => true,
            Operation::Nothing
            | Operation::Edit { .. }
            | Operation::Communities { .. }
            | Operation::Impossible => false,
        }
    }

    /// Returns whether it leaves the record's versions as they are. Where nothing can be planned, why
    /// depends on what was applied last.
    pub fn is_idle(self) -> bool {
        !self.writes_over() && self != Operation::Impossible
    }

    /// Returns the draft, or the record of the edit, that it continues if that is open.
    pub fn draft(self) -> Option<RecordId> {
        match self {
            Operation::NewRecord { draft } | Operation::NewVersion { draft, .. } => draft,
            Operation::Edit { record, .. } => Some(record),
            Operation::Nothing | Operation::Communities { .. } | Operation::Impossible => None,
        }
    }
}

/// One step, numbered from 1 in the order of execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its number.
    pub number: usize,
    /// What is done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
}

/// A file that a step sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFile {
    /// Its name.
    pub key: FileKey,
    /// Bytes.
    pub size: u64,
    /// What the server must say it got.
    pub md5: Md5,
}

impl From<PlannedFile> for SentFile {
    fn from(PlannedFile { key, size, md5, .. }: PlannedFile) -> Self {
        Self { key, size, md5 }
    }
}

/// What a step does; a closed set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Creates a deposition.
    CreateDraft,
    /// Opens a draft of a new version.
    OpenVersion {
        /// The latest version.
        from: RecordId,
    },
    /// Opens a published record for new metadata.
    OpenEdit {
        /// The latest version.
        record: RecordId,
    },
    /// Continues a draft or an edit that is open.
    Resume {
        /// The draft; for an edit: the record.
        draft: RecordId,
    },
    /// Reserves the DOI that the server mints, in place of an empty one.
    ReserveDoi,
    /// Replaces all metadata of the draft.
    ReplaceMetadata,
    /// Deletes a file that was registered in the draft and never arrived whole.
    DropFile {
        /// Its name.
        key: FileKey,
    },
    /// Deletes a file from the draft.
    DeleteFile {
        /// Its name.
        key: FileKey,
    },
    /// Sends a file that the draft does not have.
    UploadFile(SentFile),
    /// Sends several files that the draft does not have, some at a time: two or more, sorted by
    /// name.
    UploadFiles(Vec<SentFile>),
    /// Sends a file in place of the one that the draft has under its name.
    ReplaceFile(SentFile),
    /// Reads the draft back and compares every file and every field.
    ReadBack,
    /// Publishes the draft. Can't be undone.
    Publish,
    /// Waits until the record answers, and compares it once more.
    ReadRecord,
    /// Submits the draft to a community for review. Its acceptance publishes the draft, so that this
    /// can't be undone either.
    SubmitReview {
        /// Which.
        community: Community,
    },
    /// Asks a community to take the record.
    AskCommunity {
        /// Which.
        community: Community,
    },
    /// Takes the record out of a community.
    LeaveCommunity {
        /// Which.
        community: Community,
    },
}

impl Action {
    /// Returns whether it can't be undone.
    pub fn is_irreversible(&self) -> bool {
        matches!(self, Action::Publish | Action::SubmitReview { .. })
    }

    /// Returns the symbol before it on every screen.
    pub fn symbol(&self) -> char {
        match self {
            Action::CreateDraft
            | Action::OpenVersion { .. }
            | Action::UploadFile(_)
            | Action::UploadFiles(_) => '+',
            Action::OpenEdit { .. }
            | Action::ReserveDoi
            | Action::ReplaceMetadata
            | Action::ReplaceFile(_) => '~',
            Action::DropFile { .. } | Action::DeleteFile { .. } | Action::LeaveCommunity { .. } => {
                '-'
            }
            Action::Resume { .. } | Action::ReadBack | Action::ReadRecord => '=',
            Action::Publish | Action::SubmitReview { .. } => '!',
            Action::AskCommunity { .. } => '>',
        }
    }

    /// Returns the bytes that it sends as files; none when it sends no file. A plan that was read
    /// may name any sizes.
    pub fn upload_size(&self) -> Option<u64> {
        let files = self.sent_files();
        let sum = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
        (!files.is_empty()).then_some(sum)
    }

    /// Returns the files that it sends.
    pub fn sent_files(&self) -> &[SentFile] {
        match self {
            Action::UploadFile(file) | Action::ReplaceFile(file) => std::slice::from_ref(file),
            Action::UploadFiles(files) => files,
            Action::CreateDraft
            | Action::OpenVersion { .. }
            | Action::OpenEdit { .. }
            | Action::Resume { .. }
            | Action::ReserveDoi
            | Action::ReplaceMetadata
            | Action::DropFile { .. }
            | Action::DeleteFile { .. }
            | Action::ReadBack
            | Action::Publish
            | Action::ReadRecord
            | Action::SubmitReview { .. }
            | Action::AskCommunity { .. }
            | Action::LeaveCommunity { .. } => &[],
        }
    }
}

/// Why a step is there; a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Nothing is bound yet.
    NothingBound,
    /// Files differ from the latest version.
    FilesDiffer,
    /// The version label differs from the latest version's.
    LabelDiffers,
    /// Only metadata differ.
    MetadataDiffer,
    /// An earlier run left it open: lock or journal name it.
    LeftOpen,
    /// Its DOI was reserved.
    Reserved,
    /// It holds nothing but what is published or planned.
    NothingForeign,
    /// `--adopt-draft` names it.
    Adopted,
    /// The manifest names the file, and the draft does not have it.
    NotOnServer,
    /// The draft has other bytes under its name.
    OtherBytes,
    /// The manifest does not name it.
    NotInManifest,
    /// It never came whole, and blocks publishing.
    NeverWhole,
    /// The draft's DOI is an empty text, and blocks publishing.
    EmptyDoi,
    /// The draft's metadata are not those of the manifest.
    MetadataOfDraftDiffer,
    /// Nothing is published that was not compared.
    BeforePublish,
    /// The manifest wants it published.
    ManifestPublishes,
    /// Another client could have changed it in between.
    AfterPublish,
    /// The manifest names the community.
    InManifest,
}

/// What is decided only when a plan is applied, and so is not part of its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// The publication date: that of the reservation; none: the day (UTC) of the apply.
    Day(Option<String>),
    /// The version label is that of a git tag; none: the commit has no tag yet.
    Tag(Option<String>),
}

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
        /// it is withheld ([`Readers::Everybody`]).
        foreign: Vec<String>,
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

/// What a flag or a person has settled, and the day.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The day in UTC, `YYYY-MM-DD`.
    pub today: String,
    /// The flags as they were given, for the plan to show.
    pub flags: PlanFlags,
    /// What is allowed: the flags, and what a person confirmed at the terminal.
    pub allowed: PlanFlags,
    /// The concept that may be written to although the lock names another one.
    pub rebind: Option<ConceptId>,
    /// Texts whose rewrite by the server is accepted.
    pub accept_rewrite: Vec<Field>,
    /// An apply that did not end.
    pub unfinished: Option<UnfinishedApply>,
    /// Who may read the plan.
    pub readers: Readers,
    /// How far the plan goes.
    pub aim: Aim,
}

/// How far a plan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// To what the manifest says.
    Release,
    /// To an open draft of the next version, whose DOI is known then.
    Reserve,
}

/// Who may read what a run prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// The record's owner, at a terminal.
    Owner,
    /// Everybody, as for the log of a pull request's check: what another client's draft holds is
    /// withheld.
    Everybody,
}

impl Policy {
    /// Approves what only a person can decide, for a plan that is compared with an expected digest:
    /// that covers the version that is written over, and the communities that are left. What a
    /// community declined has a flag of its own, which a plan shows.
    pub fn approve_expected(&mut self, observed: &Observed, binding: &Binding) {
        let allowed = &mut self.allowed;
        allowed.over = allowed.over.or_else(|| observed.published().map(|record| record.id));
        let asked = binding.record.iter().flat_map(|record| record.asked.keys());
        allowed.leave.extend(asked.cloned());
    }

    /// Approves what a saved plan shows, and so was decided when it was saved. What a community
    /// declined needs the flag.
    pub fn approve_saved(&mut self, saved: &Plan) {
        let allowed = &mut self.allowed;
        allowed.initial = true;
        allowed.over = allowed.over.or(saved.base.version);
        for blocker in &saved.blockers {
            if let Blocker::LeavesCommunity(community) = blocker {
                allowed.leave.insert(community.clone());
            }
        }
    }

    /// Returns the policy of a run without flags.
    pub fn on(today: impl Into<String>) -> Self {
        Self {
            today: today.into(),
            flags: PlanFlags::default(),
            allowed: PlanFlags::default(),
            rebind: None,
            accept_rewrite: Vec::new(),
            unfinished: None,
            readers: Readers::Owner,
            aim: Aim::Release,
        }
    }
}

/// What the journal says of an apply that did not end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedApply {
    /// The digest of its plan.
    pub digest: Sha256,
    /// The random id in the title of its create call.
    pub create_id: Option<String>,
    /// Whether its create call was made and no answer arrived.
    pub creating: bool,
    /// The draft or edit that it opened, when the answer arrived.
    pub draft: Option<OpenDraft>,
    /// The version of which it asked for a new one or an edit, when no answer arrived.
    pub opening: Option<RecordId>,
}

impl UnfinishedApply {
    /// Returns whether a draft is that of its create call, by the id in the title.
    pub fn made(&self, candidate: &Candidate) -> bool {
        self.create_id.as_ref().is_some_and(|id| candidate.is_made_by(id))
    }
}

/// The server's answers about grants, by the id in the manifest.
pub(super) type Grants = std::collections::BTreeMap<String, GrantLookup>;
