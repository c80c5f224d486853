//! The decision table: what is observed and what is wanted give one operation.
//!
//! The rows are those of the design's table, top to bottom; the first that fits counts.

use std::collections::BTreeMap;

use crate::compare;
use crate::desired::{Desired, DesiredDate, DesiredVersion};
use crate::model::{
    Binding, Community, Field, FieldChange, FileChange, RecordId, RemoteFile, Rewrite, ServerKind,
};
use crate::observed::{Draft, DraftKind, Loss, Observed, Presence, Record, Standing};

use super::basis::{basis, contents, published};
use super::ownership::{Owner, owner};
use super::steps::{Outline, known_grants, steps};
use super::target::{self, OpenDate};
use super::verify::find_stray_draft;
use super::{
    CommunityPlan, Decisions, Obstacle, Operation, Plan, Policy, Readers, Reason, Target,
    Unresolved, files, keep, losses,
};

/// Compares what should be with what is, and returns what to do.
///
/// Pure: equal inputs give equal plans.
pub fn plan(desired: &Desired, observed: &Observed, binding: &Binding, policy: &Policy) -> Plan {
    let inputs = Inputs { desired, observed, binding, policy };
    let (basis_metadata, basis_files) = contents(observed);
    let decision = inputs.decide();
    let rewrites = inputs.rewrites();
    let grants = known_grants(&observed.grants);
    let communities = inputs.communities();
    let basis = basis(observed, binding);
    let steps = steps(&Outline {
        operation: decision.operation,
        opened_because: decision.reason,
        target: &decision.target,
        observed,
        communities: &communities,
        publish: inputs.publishes(),
        rewrites: &rewrites,
        grants: &grants,
    });
    let lost = inputs.losses(&decision, &steps);
    let (obstacles, settled) = inputs.all_obstacles(
        (decision.operation, decision.obstacles),
        (&decision.target, &basis),
        &steps,
    );
    Plan {
        server: desired.server.clone(),
        view: observed.view,
        stray_draft: find_stray_draft(decision.operation, &basis),
        basis,
        operation: decision.operation,
        files: inputs.file_changes(basis_files),
        metadata: inputs.shown_changes(compare::metadata_changes(
            &decision.target.metadata,
            &basis_metadata,
            &rewrites,
            &grants,
        )),
        unresolved: inputs.unresolved(decision.operation),
        losses: lost,
        obstacles,
        decisions: inputs
            .effective_decisions((decision.operation, decision.reason), (&settled, &communities)),
        communities,
        settled,
        noted: Vec::new(),
        target: decision.target,
        steps,
    }
}

/// What the decision table says.
struct Decision {
    operation: Operation,
    reason: Reason,
    target: Target,
    obstacles: Vec<Obstacle>,
}

/// The four values that a plan is made from.
#[derive(Clone, Copy)]
pub(super) struct Inputs<'a> {
    pub(super) desired: &'a Desired,
    pub(super) observed: &'a Observed,
    pub(super) binding: &'a Binding,
    pub(super) policy: &'a Policy,
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
            Presence::Gone { status, message } => {
                self.impossible(Obstacle::Gone { status: *status, message: message.clone() })
            }
            Presence::NotPublic { message } => {
                self.impossible(Obstacle::NotPublic { message: message.clone() })
            }
            Presence::NotOurs { message } => {
                self.impossible(Obstacle::NotOurs { message: message.clone() })
            }
            Presence::Unbound => self.first_record(),
            Presence::Unpublished => self.unpublished(),
            Presence::Published(record) => self.published_record(record),
        }
    }

    fn impossible(self, obstacle: Obstacle) -> Decision {
        Decision {
            operation: Operation::Impossible,
            reason: Reason::NothingBound,
            target: self.target(&OpenDate::Day(&self.policy.today)),
            obstacles: vec![obstacle],
        }
    }

    /// Nothing is bound: a new record, or the draft of a create call whose answer was lost.
    fn first_record(self) -> Decision {
        let draft = self.own_create().or(self.policy.adopt_draft.filter(|id| {
            self.observed.alike.iter().any(|candidate| candidate.id == *id)
                || self.observed.draft.as_ref().is_some_and(|draft| draft.id == *id)
        }));
        let reason = match draft {
            None => Reason::NothingBound,
            Some(id) if self.policy.adopt_draft == Some(id) => Reason::Adopted,
            Some(_) => Reason::LeftOpen,
        };
        Decision {
            operation: Operation::NewRecord { draft },
            reason,
            target: self.target(&OpenDate::Day(&self.policy.today)),
            obstacles: if draft.is_some() { Vec::new() } else { self.first_record_obstacles() },
        }
    }

    /// Finds the draft of one's own create call by the id in its title.
    fn own_create(self) -> Option<RecordId> {
        let unfinished = self.policy.unfinished.as_ref()?;
        let mut candidates = self.observed.alike.iter();
        candidates.find(|candidate| unfinished.made(candidate)).map(|candidate| candidate.id)
    }

    fn first_record_obstacles(self) -> Vec<Obstacle> {
        if self.desired.server.kind == ServerKind::Local {
            return Vec::new();
        }
        let mut obstacles = Vec::new();
        if !self.observed.alike.is_empty() && !self.policy.same_title {
            obstacles.push(Obstacle::Alike(self.observed.alike.clone()));
        }
        if !self.policy.initial {
            obstacles.push(Obstacle::FirstRecord);
        }
        obstacles
    }

    /// A draft that was never published is brought to the manifest.
    fn unpublished(self) -> Decision {
        let Some(draft) = &self.observed.draft else {
            return self.impossible(Obstacle::Gone {
                status: 404,
                message: "no draft and no record of this concept is to be found".to_owned(),
            });
        };
        Decision {
            operation: Operation::NewRecord { draft: Some(draft.id) },
            reason: if self.policy.adopt_draft == Some(draft.id) {
                Reason::Adopted
            } else {
                Reason::LeftOpen
            },
            target: self.target(&self.open_date(draft)),
            obstacles: review_obstacle(draft),
        }
    }

    /// The date of a draft that was left open: the day it is published; where it is not to be
    /// published, the one it has, so that tomorrow's plan is empty too.
    fn open_date(self, draft: &'a Draft) -> OpenDate<'a> {
        match draft.metadata.text(Field::PublicationDate) {
            Some(date) if !self.publishes() => OpenDate::Keep(Some(date)),
            Some(_) | None => OpenDate::Day(&self.policy.today),
        }
    }

    fn published_record(self, record: &'a Record) -> Decision {
        let date = OpenDate::Keep(record.metadata.text(Field::PublicationDate));
        let in_place = self.target(&date);
        let differ = self.differences(record, &in_place);
        let wants_version =
            differ.files || differ.label || (differ.metadata && self.has_own_version(record));
        if wants_version || (differ.metadata && self.desired.version == DesiredVersion::KnownAtTag)
        {
            return self.new_version(record, &differ);
        }
        if differ.metadata {
            return self.edit(record, in_place);
        }
        let operation = if differ.communities {
            Operation::Communities { record: record.id }
        } else {
            Operation::Nothing
        };
        let reason = Reason::InManifest;
        Decision { operation, reason, target: in_place, obstacles: Vec::new() }
    }

    /// Tells whether the lock names a draft of a new version that is open, and that may be published
    /// under the label that is wanted: an edit in place would leave it, and put into the published
    /// version what was meant for the next.
    fn has_own_version(self, record: &Record) -> bool {
        let named = self.binding.record.as_ref().and_then(|bound| bound.draft);
        self.open_draft(DraftKind::NewVersion).is_some_and(|draft| Some(draft.named()) == named)
            && self.label_taken(record).is_none()
    }

    fn new_version(self, record: &'a Record, differ: &Differences) -> Decision {
        let open = self.open_draft(DraftKind::NewVersion);
        let date = open.map_or(OpenDate::Day(&self.policy.today), |draft| self.open_date(draft));
        let target = self.target(&date);
        let mut obstacles = self.version_obstacles(record, differ);
        let mut reason = if differ.files { Reason::FilesDiffer } else { Reason::LabelDiffers };
        if let Some(draft) = open {
            obstacles.extend(review_obstacle(draft));
            match self.owner(draft, record, &target) {
                Owner::Ours(why) => reason = why,
                Owner::Foreign(foreign) => obstacles.push(self.foreign_draft(draft, foreign)),
            }
            obstacles.extend(keep::gone_from(draft, &target));
        } else if record.has_newer_draft {
            obstacles.push(Obstacle::UnseenDraft);
        }
        let draft = open.map(|draft| draft.id);
        Decision {
            operation: Operation::NewVersion { from: record.id, draft },
            reason,
            target,
            obstacles,
        }
    }

    fn version_obstacles(self, record: &Record, differ: &Differences) -> Vec<Obstacle> {
        let mut obstacles = Vec::new();
        if differ.files && record.has_external_doi {
            obstacles.push(Obstacle::ExternalDoi(record.doi.clone()));
        }
        if self.desired.version == DesiredVersion::KnownAtTag {
            obstacles.push(Obstacle::LabelUnknown);
        }
        obstacles.extend(self.label_taken(record));
        obstacles
    }

    /// Finds the published version that has the wanted label already.
    fn label_taken(self, record: &Record) -> Option<Obstacle> {
        let label = self.label()?;
        if record.metadata.text(Field::Version) == Some(label) {
            return Some(Obstacle::LabelTaken { label: label.to_owned(), version: record.id });
        }
        let versions = &self.binding.record.as_ref()?.versions;
        let is_astray =
            |version: &RecordId| self.observed.astray.iter().any(|one| one.version == *version);
        let (version, _) = versions.iter().find(|(id, known)| *known == label && !is_astray(id))?;
        Some(Obstacle::LabelTaken { label: label.to_owned(), version: *version })
    }

    fn edit(self, record: &Record, target: Target) -> Decision {
        let open = self.open_draft(DraftKind::Edit);
        let mut obstacles = Vec::new();
        let mut reason = Reason::MetadataDiffer;
        if let Some(draft) = open {
            obstacles.extend(review_obstacle(draft));
            match self.owner(draft, record, &target) {
                Owner::Ours(why) => reason = why,
                Owner::Foreign(foreign) => obstacles.push(self.foreign_draft(draft, foreign)),
            }
        }
        let operation = Operation::Edit { record: record.id, resumed: open.is_some() };
        Decision { operation, reason, target, obstacles }
    }

    fn owner(self, draft: &Draft, record: &Record, target: &Target) -> Owner {
        owner(draft, record, target, self.binding, self.policy)
    }

    fn differences(self, record: &Record, in_place: &Target) -> Differences {
        let changes = self.field_changes(record, in_place);
        let label = match self.desired.version {
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
        let grants = known_grants(&self.observed.grants);
        compare::metadata_changes(&target.metadata, &record.metadata, &self.rewrites(), &grants)
    }

    /// Leaves out the label that is known at the tag: it is not removed, but still open.
    fn shown_changes(self, mut changes: Vec<FieldChange>) -> Vec<FieldChange> {
        if self.desired.version == DesiredVersion::KnownAtTag {
            changes.retain(|change| change.field != Field::Version);
        }
        changes
    }

    fn file_changes(self, basis: &[RemoteFile]) -> Vec<FileChange> {
        let none = BTreeMap::new();
        let applied = self.binding.record.as_ref().map_or(&none, |record| &record.files);
        let kept = keep::kept(self.desired, self.observed);
        files::changes(&self.desired.files, &kept, basis, applied)
    }

    /// Compares what is on the disk with a version. What `keep` names is any record's.
    pub(super) fn found_files(self, record: &Record) -> Vec<FileChange> {
        let none = BTreeMap::new();
        let applied = self.binding.record.as_ref().map_or(&none, |record| &record.files);
        files::changes(&self.desired.files, &[], &record.files, applied)
    }

    fn target(self, date: &OpenDate<'_>) -> Target {
        let there = contents(self.observed).1;
        let applied = self.binding.record.as_ref().map(|record| &record.files);
        let kept = |file: &crate::model::LocalFile| {
            let remote = there.iter().find(|remote| remote.key == file.key)?;
            files::unchanged(file, remote, applied.and_then(|files| files.get(&file.key)))
        };
        let mut files = target::files(&self.desired.files, kept);
        files.extend(keep::kept(self.desired, self.observed));
        files.sort_by(|one, other| one.key.cmp(&other.key));
        Target { metadata: target::metadata(self.desired, date), files }
    }

    fn communities(self) -> Vec<CommunityPlan> {
        let wanted = self.desired.communities.iter();
        wanted.map(|community| self.community(community)).collect()
    }

    fn community(self, community: &Community) -> CommunityPlan {
        let standing = self.observed.communities.get(community).copied();
        let known = !self.observed.unknown_communities.contains(community);
        // Only a published record can be taken: a plan that stops at a draft asks nobody.
        let ask = known
            && self.publishes()
            && match standing {
                None | Some(Standing::Withdrawn) => true,
                Some(Standing::Declined) => self.policy.ask_again,
                Some(Standing::Joined | Standing::Pending | Standing::Closed) => false,
            };
        CommunityPlan { community: community.clone(), standing, ask }
    }

    fn rewrites(self) -> BTreeMap<Field, Rewrite> {
        self.binding.record.as_ref().map(|record| record.rewrites.clone()).unwrap_or_default()
    }

    fn open_draft(self, kind: DraftKind) -> Option<&'a Draft> {
        self.observed.draft.as_ref().filter(|draft| draft.kind == kind)
    }

    pub(super) fn publishes(self) -> bool {
        self.desired.publish && !self.policy.no_publish
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
        if makes_version && !matches!(self.desired.date, DesiredDate::Fixed(_)) {
            unresolved.push(Unresolved::Today);
        }
        match &self.desired.version {
            DesiredVersion::Tag(label) => unresolved.push(Unresolved::Tag(Some(label.clone()))),
            DesiredVersion::KnownAtTag => unresolved.push(Unresolved::Tag(None)),
            DesiredVersion::None | DesiredVersion::Label(_) => {}
        }
        unresolved
    }

    fn losses(self, decision: &Decision, steps: &[super::Step]) -> Vec<Loss> {
        if !decision.operation.writes_over() || steps.is_empty() {
            return Vec::new();
        }
        let writes = steps.iter().any(|step| step.action == super::Action::ReplaceMetadata);
        let draft = self.observed.draft.as_ref();
        let draft = draft.filter(|draft| decision.operation.draft() == Some(draft.id));
        let target = &decision.target.metadata;
        let record = published(self.observed);
        let all = losses::losses(record, draft, writes, target);
        match self.policy.readers {
            Readers::Owner => all,
            Readers::Everybody => losses::for_everybody(all, record),
        }
    }

    /// Returns the flags that change what the plan does; the others are left out.
    fn effective_decisions(
        self,
        (operation, reason): (Operation, Reason),
        (settled, communities): (&[Obstacle], &[CommunityPlan]),
    ) -> Decisions {
        let given = self.policy.decisions;
        let creates = matches!(operation, Operation::NewRecord { .. })
            && self.desired.server.kind != ServerKind::Local;
        let is_over = |version: &RecordId| {
            let over = |word: &Obstacle| {
                matches!(word, Obstacle::NotLastApplied { latest: over, .. }
                    | Obstacle::AnotherWork { version: over, .. } if over == version)
            };
            settled.iter().any(over)
        };
        let asks_again = |community: &CommunityPlan| {
            community.ask && community.standing == Some(Standing::Declined)
        };
        Decisions {
            no_publish: given.no_publish && self.desired.publish,
            initial: given.initial && creates,
            same_title: given.same_title && creates,
            adopt_draft: given.adopt_draft.filter(|_| reason == Reason::Adopted),
            over: given.over.filter(is_over),
            ask_again: given.ask_again && communities.iter().any(asks_again),
        }
    }

    fn foreign_draft(self, draft: &Draft, foreign: Vec<String>) -> Obstacle {
        let foreign = match self.policy.readers {
            Readers::Owner => foreign,
            // That the draft stands in the way is still said.
            Readers::Everybody => Vec::new(),
        };
        Obstacle::ForeignDraft { draft: draft.id, is_edit: draft.kind == DraftKind::Edit, foreign }
    }
}

fn review_obstacle(draft: &Draft) -> Vec<Obstacle> {
    if draft.under_review { vec![Obstacle::UnderReview(draft.id)] } else { Vec::new() }
}
