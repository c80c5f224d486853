//! The decision table: what is observed and what is wanted give one operation.
//!
//! The rows are those of the design's table, top to bottom; the first that matches counts.

use std::collections::BTreeMap;

use crate::compare;
use crate::desired::{Desired, DesiredDate, DesiredVersion};
use crate::model::{
    Binding, Community, Field, FieldChange, FileChange, RecordId, RemoteFile, Reservation, Rewrite,
    ServerKind,
};
use crate::observed::{
    Candidate, CommunityStatus, Draft, DraftKind, Observed, Record, RecordState, UnsupportedValue,
};

use super::base::{build_basis, find_contents, find_published};
use super::ownership::{Owner, find_owner};
use super::reservation::{find_other_label, find_reservation, resolve_label};
use super::steps::{Outline, list_known_grants, plan_steps};
use super::target::{self, OpenDate};
use super::verify::find_stray_draft;
use super::{
    Aim, Blocker, CommunityPlan, Operation, Plan, PlanFlags, Policy, Readers, Reason, Target,
    Unresolved, files, keep, unsupported,
};

/// Compares what should be with what is, and returns what to do.
///
/// Pure: equal inputs give equal plans.
pub fn plan(desired: &Desired, observed: &Observed, binding: &Binding, policy: &Policy) -> Plan {
    let reserved = find_reservation(binding, observed);
    let desired = &*resolve_label(desired, reserved);
    let inputs = Inputs { desired, observed, binding, policy, reserved };
    let (basis_metadata, basis_files) = find_contents(observed);
    let base = build_basis(observed, binding);
    let mut decision = inputs.decide();
    let unwritten = inputs.unwritten(decision.operation, (&decision.target, &base));
    // A file that is still to be written is planned as what it will be: another one than now.
    let masked = unwritten.as_ref().map(|unwritten| inputs.mask_unwritten_files(unwritten));
    let inputs = Inputs { desired: masked.as_ref().unwrap_or(desired), ..inputs };
    if let Some(unwritten) = unwritten {
        decision = inputs.decide();
        decision.blockers.push(unwritten);
    }
    let rewrites = inputs.rewrites();
    let grants = list_known_grants(&observed.grants);
    let communities = inputs.communities();
    let steps = plan_steps(&Outline {
        operation: decision.operation,
        opened_because: decision.reason,
        target: &decision.target,
        observed,
        communities: &communities,
        publish: inputs.publishes(),
        aim: policy.aim,
        rewrites: &rewrites,
        grants: &grants,
    });
    let lost = inputs.unsupported(&decision, &steps);
    // After the steps: a plan without steps has fewer blockers.
    let (blockers, settled) = inputs.all_blockers(
        (decision.operation, decision.blockers),
        (&decision.target, &base),
        &steps,
    );
    Plan {
        server: desired.server.clone(),
        view: observed.view,
        stray_draft: find_stray_draft(decision.operation, &base),
        base,
        operation: decision.operation,
        files: inputs.file_changes(basis_files),
        metadata: inputs.shown_changes(compare::find_metadata_changes(
            &decision.target.metadata,
            &basis_metadata,
            &rewrites,
            &grants,
        )),
        links: desired.links.clone(),
        unresolved: inputs.unresolved(decision.operation),
        unsupported: lost,
        blockers,
        flags: inputs
            .effective_decisions((decision.operation, decision.reason), (&settled, &communities)),
        communities,
        settled,
        noted: Vec::new(),
        target: decision.target,
        steps,
    }
}

/// Returns whether the published record has the wanted metadata, apart from the version label: then
/// no row of the table edits it in place, and an open edit changes nothing in the plan.
pub fn has_wanted_metadata(
    desired: &Desired,
    observed: &Observed,
    binding: &Binding,
    policy: &Policy,
) -> bool {
    let inputs = Inputs { desired, observed, binding, policy, reserved: None };
    find_published(observed).is_some_and(|record| {
        let date = OpenDate::Keep(record.metadata.text(Field::PublicationDate));
        !inputs.differences(record, &inputs.target(&date)).metadata
    })
}

/// What the decision table says.
struct Decision {
    operation: Operation,
    reason: Reason,
    target: Target,
    blockers: Vec<Blocker>,
}

/// The values that a plan is made from.
#[derive(Clone, Copy)]
pub(super) struct Inputs<'a> {
    pub(super) desired: &'a Desired,
    pub(super) observed: &'a Observed,
    pub(super) binding: &'a Binding,
    pub(super) policy: &'a Policy,
    /// What was fixed when the DOI of the open draft was reserved.
    pub(super) reserved: Option<&'a Reservation>,
}

/// What differs between the manifest and the latest published version.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and none implies another"
)]
struct Differences {
    files: bool,
    label: bool,
    metadata: bool,
    communities: bool,
}

impl<'a> Inputs<'a> {
    fn decide(self) -> Decision {
        match &self.observed.record {
            // What can't be read can't be compared; the server's own words say why.
            RecordState::Gone { status, message } => {
                self.impossible(Blocker::Gone { status: *status, message: message.clone() })
            }
            RecordState::NotPublic { message } => {
                self.impossible(Blocker::NotPublic { message: message.clone() })
            }
            RecordState::NotOurs { message } => {
                self.impossible(Blocker::NotOurs { message: message.clone() })
            }
            RecordState::Unbound => self.first_record(),
            RecordState::Unpublished => self.unpublished(),
            RecordState::Published(record) => self.published_record(record),
        }
    }

    fn impossible(self, blocker: Blocker) -> Decision {
        Decision {
            operation: Operation::Impossible,
            reason: Reason::NothingBound,
            target: self.target(&OpenDate::Day(&self.policy.today)),
            blockers: vec![blocker],
        }
    }

    /// Plans a new record, or continues the draft of a create call whose answer was lost.
    fn first_record(self) -> Decision {
        // A create call may have been done although its answer was lost: creating again would make
        // a second record. `--adopt-draft` counts only for a draft that the server showed.
        let draft = self.own_create().or(self.policy.allowed.adopt_draft.filter(|id| {
            self.observed.possible_duplicates.iter().any(|candidate| candidate.id == *id)
                || self.observed.draft.as_ref().is_some_and(|draft| draft.id == *id)
        }));
        let reason = match draft {
            None => Reason::NothingBound,
            Some(id) if self.policy.allowed.adopt_draft == Some(id) => Reason::Adopted,
            Some(_) => Reason::LeftOpen,
        };
        Decision {
            operation: Operation::NewRecord { draft },
            reason,
            target: self.target(&OpenDate::Day(
                self.reserved.map_or(&self.policy.today, |reserved| &reserved.date),
            )),
            blockers: if draft.is_some() { Vec::new() } else { self.first_record_blockers() },
        }
    }

    /// Finds the draft of an earlier create call by the random id in its title.
    fn own_create(self) -> Option<RecordId> {
        let unfinished = self.policy.unfinished.as_ref()?;
        let mut candidates = self.observed.possible_duplicates.iter();
        candidates.find(|candidate| unfinished.made(candidate)).map(|candidate| candidate.id)
    }

    fn first_record_blockers(self) -> Vec<Blocker> {
        // The local server is a rehearsal: a record there needs no confirmation.
        if self.desired.server.kind == ServerKind::Local {
            return Vec::new();
        }
        let mut blockers = Vec::new();
        // Without a binding, for example on another machine, a record of the same title may be the
        // one that is meant.
        let alike = self.list_alike();
        if !alike.is_empty() && !self.policy.allowed.same_title {
            blockers.push(Blocker::Alike(alike));
        }
        if !self.policy.allowed.initial {
            blockers.push(Blocker::FirstRecord);
        }
        blockers
    }

    /// Returns the records that may be the one that is meant: not those of other manifests.
    fn list_alike(self) -> Vec<Candidate> {
        let is_others = |candidate: &&Candidate| {
            let mut others = self.binding.others.iter();
            others.any(|other| !other.is_gone && other.concept == Some(candidate.concept))
        };
        let found = self.observed.possible_duplicates.iter();
        found.filter(|candidate| !is_others(candidate)).cloned().collect()
    }

    /// Continues a draft that was never published.
    fn unpublished(self) -> Decision {
        let Some(draft) = &self.observed.draft else {
            return self.impossible(Blocker::Gone {
                status: 404,
                message: "no draft and no record of this concept is to be found".to_owned(),
            });
        };
        Decision {
            operation: Operation::NewRecord { draft: Some(draft.id) },
            reason: if self.policy.allowed.adopt_draft == Some(draft.id) {
                Reason::Adopted
            } else if self.reserved.is_some() {
                Reason::Reserved
            } else {
                Reason::LeftOpen
            },
            target: self.target(&self.open_date(draft)),
            blockers: self.draft_blockers(draft),
        }
    }

    /// Finds what keeps an open draft from being published.
    fn draft_blockers(self, draft: &Draft) -> Vec<Blocker> {
        let mut blockers = find_review_blocker(draft);
        // A second reservation fixes the label anew.
        if self.policy.aim == Aim::Release {
            blockers.extend(find_other_label(draft.id, self.reserved, self.label()));
        }
        blockers
    }

    /// Returns the date for an open draft: what was reserved, the day of the apply, or the draft's own date when it is
    /// not to be published, so that tomorrow's plan is empty too.
    fn open_date(self, draft: &'a Draft) -> OpenDate<'a> {
        // It may be in the files of the release already.
        if let Some(reserved) = self.reserved {
            return OpenDate::Day(&reserved.date);
        }
        if self.policy.aim == Aim::Reserve {
            return OpenDate::Day(&self.policy.today);
        }
        match draft.metadata.text(Field::PublicationDate) {
            Some(date) if !self.publishes() => OpenDate::Keep(Some(date)),
            Some(_) | None => OpenDate::Day(&self.policy.today),
        }
    }

    fn published_record(self, record: &'a Record) -> Decision {
        let date = OpenDate::Keep(record.metadata.text(Field::PublicationDate));
        let in_place = self.target(&date);
        let differ = self.differences(record, &in_place);
        let is_reserved =
            self.reserved.is_some_and(|reserved| reserved.label.as_deref() == self.label());
        if self.policy.aim == Aim::Reserve || is_reserved {
            return self.new_version(record, &differ);
        }
        let wants_version =
            differ.files || differ.label || (differ.metadata && self.has_own_version(record));
        // When the label comes with the tag, changed metadata belong to that version and are not an
        // edit.
        if wants_version || (differ.metadata && self.desired.version == DesiredVersion::KnownAtTag)
        {
            return self.new_version(record, &differ);
        }
        // Metadata alone need no new DOI: they are edited in place.
        if differ.metadata {
            return self.edit(record, in_place);
        }
        let operation = if differ.communities {
            Operation::Communities { record: record.id }
        } else {
            Operation::Nothing
        };
        let reason = Reason::InManifest;
        Decision { operation, reason, target: in_place, blockers: Vec::new() }
    }

    /// Returns whether the lock names an open draft of a new version that may be published under
    /// the wanted label: an edit in place would leave it open, and put into the published version
    /// what was meant for the next.
    fn has_own_version(self, record: &Record) -> bool {
        let named = self.binding.record.as_ref().and_then(|bound| bound.draft);
        self.open_draft(DraftKind::NewVersion).is_some_and(|draft| Some(draft.named()) == named)
            && self.label_taken(record).is_none()
    }

    fn new_version(self, record: &'a Record, differ: &Differences) -> Decision {
        let open = self.open_draft(DraftKind::NewVersion);
        let date = match (open, self.reserved) {
            (Some(draft), _) => self.open_date(draft),
            // Nobody but its owner sees the draft.
            (None, Some(reserved)) => OpenDate::Day(&reserved.date),
            (None, None) => OpenDate::Day(&self.policy.today),
        };
        let target = self.target(&date);
        let mut blockers = self.version_blockers(record, differ);
        let mut reason = match self.policy.aim {
            // No files were read, and a person asked for it.
            Aim::Reserve => Reason::InManifest,
            Aim::Release if differ.files => Reason::FilesDiffer,
            Aim::Release => Reason::LabelDiffers,
        };
        if let Some(draft) = open {
            blockers.extend(self.draft_blockers(draft));
            // What is in another client's draft is overwritten only with `--adopt-draft`.
            match self.owner(draft, record, &target) {
                Owner::Ours(why) => reason = why,
                Owner::Foreign(foreign) => blockers.push(self.foreign_draft(draft, foreign)),
            }
            blockers.extend(keep::find_lost_kept_files(draft, &target));
        } else if record.has_newer_draft {
            // The record says that a newer draft is open and the search index does not list it yet:
            // the server would refuse to open another.
            blockers.push(Blocker::UnseenDraft);
        }
        let draft = open.map(|draft| draft.id);
        Decision {
            operation: Operation::NewVersion { from: record.id, draft },
            reason,
            target,
            blockers,
        }
    }

    fn version_blockers(self, record: &Record, differ: &Differences) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        // The server refuses a new version of a record whose DOI was made elsewhere (403).
        if differ.files && record.has_external_doi {
            blockers.push(Blocker::ExternalDoi(record.doi.clone()));
        }
        if self.desired.version == DesiredVersion::KnownAtTag {
            blockers.push(Blocker::LabelUnknown);
        }
        blockers.extend(self.label_taken(record));
        blockers
    }

    /// Finds the published version that has the wanted label already.
    fn label_taken(self, record: &Record) -> Option<Blocker> {
        let label = self.label()?;
        if record.metadata.text(Field::Version) == Some(label) {
            return Some(Blocker::LabelTaken { label: label.to_owned(), version: record.id });
        }
        // The record shows only its own label; those of earlier versions are in the lock.
        let versions = &self.binding.record.as_ref()?.versions;
        // The label of a version that belongs to another record is free here.
        let is_astray =
            |version: &RecordId| self.observed.astray.iter().any(|one| one.version == *version);
        let (version, _) = versions.iter().find(|(id, known)| *known == label && !is_astray(id))?;
        Some(Blocker::LabelTaken { label: label.to_owned(), version: *version })
    }

    fn edit(self, record: &Record, target: Target) -> Decision {
        let open = self.open_draft(DraftKind::Edit);
        let mut blockers = Vec::new();
        let mut reason = Reason::MetadataDiffer;
        if let Some(draft) = open {
            blockers.extend(find_review_blocker(draft));
            // The server shows an open edit of another client as if it were this one's.
            match self.owner(draft, record, &target) {
                Owner::Ours(why) => reason = why,
                Owner::Foreign(foreign) => blockers.push(self.foreign_draft(draft, foreign)),
            }
        }
        let operation = Operation::Edit { record: record.id, resumed: open.is_some() };
        Decision { operation, reason, target, blockers }
    }

    fn owner(self, draft: &Draft, record: &Record, target: &Target) -> Owner {
        find_owner(draft, record, target, self.binding, self.policy)
    }

    fn differences(self, record: &Record, in_place: &Target) -> Differences {
        let changes = self.field_changes(record, in_place);
        let label = match self.desired.version {
            // A label that is not known yet differs from nothing.
            DesiredVersion::KnownAtTag => false,
            DesiredVersion::None | DesiredVersion::Label(_) | DesiredVersion::Tag(_) => {
                changes.iter().any(|change| change.field == Field::Version)
            }
        };
        Differences {
            files: self.file_changes(&record.files).iter().any(|change| !change.is_kept()),
            label,
            metadata: changes.iter().any(|change| change.field != Field::Version),
            communities: self.communities().iter().any(|community| community.ask),
        }
    }

    fn field_changes(self, record: &Record, target: &Target) -> Vec<FieldChange> {
        let grants = list_known_grants(&self.observed.grants);
        compare::find_metadata_changes(
            &target.metadata,
            &record.metadata,
            &self.rewrites(),
            &grants,
        )
    }

    /// Leaves out a label that is known only at the tag: it is still open, not removed.
    fn shown_changes(self, mut changes: Vec<FieldChange>) -> Vec<FieldChange> {
        if self.desired.version == DesiredVersion::KnownAtTag {
            changes.retain(|change| change.field != Field::Version);
        }
        changes
    }

    fn file_changes(self, base: &[RemoteFile]) -> Vec<FileChange> {
        let none = BTreeMap::new();
        let applied = self.binding.record.as_ref().map_or(&none, |record| &record.files);
        let kept = keep::list_kept_files(self.desired, self.observed);
        files::compare_with_version(&self.desired.files, &kept, base, applied)
    }

    /// Compares the files on the disk with a version. What `keep` names is left out: any record may
    /// have it.
    pub(super) fn found_files(self, record: &Record) -> Vec<FileChange> {
        let none = BTreeMap::new();
        let applied = self.binding.record.as_ref().map_or(&none, |record| &record.files);
        files::compare_with_version(&self.desired.files, &[], &record.files, applied)
    }

    fn target(self, date: &OpenDate<'_>) -> Target {
        let there = find_contents(self.observed).1;
        let applied = self.binding.record.as_ref().map(|record| &record.files);
        // An archive of the same content keeps its published bytes: a rebuilt one may differ in
        // bytes alone.
        let kept = |file: &crate::model::LocalFile| {
            let remote = there.iter().find(|remote| remote.key == file.key)?;
            files::find_unchanged(file, remote, applied.and_then(|files| files.get(&file.key)))
        };
        let mut files = target::build_target_files(&self.desired.files, kept);
        files.extend(keep::list_kept_files(self.desired, self.observed));
        files.sort_by(|one, other| one.key.cmp(&other.key));
        let mut metadata = target::build_target_metadata(self.desired, date);
        // The draft of a reservation gets no link that leads nowhere.
        if self.policy.aim == Aim::Reserve {
            target::drop_unknown_links(&mut metadata);
        }
        Target { metadata, files }
    }

    fn communities(self) -> Vec<CommunityPlan> {
        let wanted = self.desired.communities.iter();
        wanted.map(|community| self.community(community)).collect()
    }

    fn community(self, community: &Community) -> CommunityPlan {
        let status = self.observed.communities.get(community).copied();
        let known = !self.observed.unknown_communities.contains(community);
        // Only a published record can be taken: a plan that stops at a draft asks no community.
        let ask = known
            && self.publishes()
            && match status {
                None | Some(CommunityStatus::Withdrawn) => true,
                // The server takes another request after a decline; only `--ask-again` sends one.
                Some(CommunityStatus::Declined) => self.policy.allowed.ask_again,
                Some(
                    // Asking twice is an error, and a closed community takes only its members'
                    // records.
                    CommunityStatus::Joined | CommunityStatus::Pending | CommunityStatus::Closed,
                ) => false,
            };
        CommunityPlan { community: community.clone(), status, ask }
    }

    fn rewrites(self) -> BTreeMap<Field, Rewrite> {
        self.binding.record.as_ref().map(|record| record.rewrites.clone()).unwrap_or_default()
    }

    fn open_draft(self, kind: DraftKind) -> Option<&'a Draft> {
        self.observed.draft.as_ref().filter(|draft| draft.kind == kind)
    }

    pub(super) fn publishes(self) -> bool {
        self.desired.publish && !self.policy.allowed.no_publish
    }

    fn label(self) -> Option<&'a str> {
        match &self.desired.version {
            DesiredVersion::Label(label) | DesiredVersion::Tag(label) => Some(label),
            DesiredVersion::None | DesiredVersion::KnownAtTag => None,
        }
    }

    fn unresolved(self, operation: Operation) -> Vec<Unresolved> {
        let makes_version =
            matches!(operation, Operation::NewRecord { .. } | Operation::NewVersion { .. });
        let mut unresolved = Vec::new();
        // An edit keeps the date under which the version was published.
        if makes_version && !matches!(self.desired.date, DesiredDate::Fixed(_)) {
            let reserved = self.reserved.map(|reserved| reserved.date.clone());
            unresolved.push(Unresolved::Day(reserved));
        }
        match &self.desired.version {
            DesiredVersion::Tag(label) => unresolved.push(Unresolved::Tag(Some(label.clone()))),
            DesiredVersion::KnownAtTag => unresolved.push(Unresolved::Tag(None)),
            DesiredVersion::None | DesiredVersion::Label(_) => {}
        }
        unresolved
    }

    fn unsupported(self, decision: &Decision, steps: &[super::Step]) -> Vec<UnsupportedValue> {
        // Only a PUT of metadata loses what the deposit API can't express.
        if !decision.operation.writes_over() || steps.is_empty() {
            return Vec::new();
        }
        let writes = steps.iter().any(|step| step.action == super::Action::ReplaceMetadata);
        let draft = self.observed.draft.as_ref();
        let draft = draft.filter(|draft| decision.operation.draft() == Some(draft.id));
        let target = &decision.target.metadata;
        let record = find_published(self.observed);
        let all = unsupported::find_losses(record, draft, writes, target);
        match self.policy.readers {
            Readers::Owner => all,
            Readers::Everybody => unsupported::hide_draft_losses(all, record),
        }
    }

    /// Returns the flags that change what the plan does; the others are left out.
    fn effective_decisions(
        self,
        (operation, reason): (Operation, Reason),
        (settled, communities): (&[Blocker], &[CommunityPlan]),
    ) -> PlanFlags {
        let given = self.policy.flags;
        // A flag that changes nothing is left out: the digest is the same with it and without it.
        let creates = matches!(operation, Operation::NewRecord { .. })
            && self.desired.server.kind != ServerKind::Local;
        let is_over = |version: &RecordId| {
            let over = |word: &Blocker| {
                matches!(word, Blocker::NotLastApplied { latest: over, .. }
                    | Blocker::AnotherWork { version: over, .. } if over == version)
            };
            settled.iter().any(over)
        };
        let asks_again = |community: &CommunityPlan| {
            community.ask && community.status == Some(CommunityStatus::Declined)
        };
        PlanFlags {
            no_publish: given.no_publish && self.desired.publish,
            initial: given.initial && creates,
            same_title: given.same_title && creates,
            adopt_draft: given.adopt_draft.filter(|_| reason == Reason::Adopted),
            over: given.over.filter(is_over),
            ask_again: given.ask_again && communities.iter().any(asks_again),
        }
    }

    fn foreign_draft(self, draft: &Draft, foreign: Vec<String>) -> Blocker {
        let foreign = match self.policy.readers {
            Readers::Owner => foreign,
            // What is in it may be secret and the log public; that it blocks is still reported.
            Readers::Everybody => Vec::new(),
        };
        Blocker::ForeignDraft { draft: draft.id, is_edit: draft.kind == DraftKind::Edit, foreign }
    }
}

fn find_review_blocker(draft: &Draft) -> Vec<Blocker> {
    if draft.under_review { vec![Blocker::UnderReview(draft.id)] } else { Vec::new() }
}
