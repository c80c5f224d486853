//! A plan, and what it was made from.

use std::collections::BTreeSet;

use crate::desired::Links;
use crate::model::{
    Community, ConceptId, Doi, FieldChange, FileChange, MetadataOrigins, RecordId, Server,
    Severity, Sha256,
};
use crate::observed::{UnsupportedValue, View};

use super::Target;
use super::blocker::Blocker;
use super::community_plan::CommunityPlan;
use super::metadata_api::MetadataApi;
use super::operation::Operation;
use super::sharing_plan::SharingPlan;
use super::step::{Action, ShareAction, Step};

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
    /// Who has access to the record beside its owner.
    pub sharing: SharingPlan,
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
    /// Which API replaces the metadata; the deposit API where none does.
    pub metadata_api: MetadataApi,
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

    /// Returns whether it makes a secret link, whose address somebody needs.
    pub fn makes_links(&self) -> bool {
        let is_new =
            |step: &Step| matches!(step.action, Action::Share(ShareAction::CreateLink { .. }));
        self.steps.iter().any(is_new)
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

/// What is decided only when a plan is applied, and so is not part of its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// The publication date: that of the reservation; none: the day (UTC) of the apply.
    Day(Option<String>),
    /// The version label is that of a git tag; none: the commit has no tag yet.
    Tag(Option<String>),
}
