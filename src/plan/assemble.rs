//! Puts a plan together: the decision, its steps, and what a reader sees of both.

use crate::compare;
use crate::desired::{Desired, DesiredDate, DesiredVersion};
use crate::model::{
    ApiChoice, Binding, Community, Field, FieldChange, Metadata, RecordId, ServerKind,
};
use crate::observed::{Draft, Observed, UnsupportedValue, list_foreign_extras};

use super::base::{build_basis, find_contents, find_published};
use super::decide::Decision;
use super::inputs::Inputs;
use super::kept_links::keep_links;
use super::lost_parts::list_lost_parts;
use super::metadata_api::{choose_metadata_api, view_by_choice};
use super::reservation::{find_reservation, resolve_label};
use super::steps::{Outline, Surroundings, list_known_grants, plan_steps};
use super::verify::find_stray_draft;
use super::{
    Action, Base, Blocker, CommunityPlan, CommunityWork, MetadataApi, Operation, Plan, PlanFlags,
    Policy, Readers, Reason, Step, Unresolved, unsupported,
};

/// Compares what should be with what is, and returns what to do.
///
/// Pure: equal inputs give equal plans.
pub fn plan(desired: &Desired, observed: &Observed, binding: &Binding, policy: &Policy) -> Plan {
    let observed = &*view_by_choice(observed, desired.api);
    let reserved = find_reservation(binding, observed);
    let desired = &*resolve_label(desired, reserved);
    let kept = keep_links(desired, observed, binding);
    let inputs = Inputs { desired, observed, binding, policy, reserved };
    let (basis_metadata, basis_files) = find_contents(observed);
    let base = build_basis(observed, binding);
    let (inputs, mut decision) = inputs.decide_links(kept.as_ref());
    let unwritten = inputs.unwritten(decision.operation, (&decision.target, &base));
    // A file that is still to be written is planned as what it will be: another one than now.
    let masked = unwritten.as_ref().map(|unwritten| inputs.mask_unwritten_files(unwritten));
    let inputs = Inputs { desired: masked.as_ref().unwrap_or(inputs.desired), ..inputs };
    if let Some(unwritten) = unwritten {
        decision = inputs.decide();
        decision.blockers.push(unwritten);
    }
    let rewrites = inputs.rewrites();
    let around = inputs.plan_surroundings(decision.operation);
    let steps = plan_steps(&Outline {
        operation: decision.operation,
        opened_because: decision.reason,
        target: &decision.target,
        observed,
        mints_dois: desired.server.mints_dois,
        api: desired.api,
        around: &around,
        aim: policy.aim,
        rewrites: &rewrites,
    });
    let metadata_api = inputs.choose_metadata_api(&decision, &steps);
    let lost = inputs.unsupported(&decision, &steps);
    // After the steps: a plan without steps has fewer blockers.
    let (blockers, settled) = inputs.all_blockers(
        (decision.operation, decision.blockers),
        (&decision.target, &base),
        (&steps, &around),
    );
    Plan {
        server: desired.server.clone(),
        view: observed.view,
        stray_draft: find_stray_draft(decision.operation, &base),
        base: drop_idle_last_applied(base, decision.operation),
        operation: decision.operation,
        files: inputs.file_changes(basis_files),
        metadata: inputs.list_shown_changes(&decision.target.metadata, &basis_metadata),
        links: inputs.desired.links.clone(),
        metadata_origins: inputs.desired.origins.clone(),
        unresolved: inputs.unresolved(decision.operation),
        metadata_api,
        unsupported: lost,
        blockers,
        flags: inputs.effective_decisions(
            (decision.operation, decision.reason),
            (&settled, &around.communities),
        ),
        communities: around.communities,
        sharing: around.sharing,
        settled,
        noted: Vec::new(),
        target: decision.target,
        steps,
    }
}

/// Drops which version was applied last from a plan that can revert none: it decides nothing there, and
/// would be a claim that nothing is checked against.
fn drop_idle_last_applied(base: Base, operation: Operation) -> Base {
    Base { last_applied: base.last_applied.filter(|_| !operation.is_idle()), ..base }
}

impl Inputs<'_> {
    /// Returns how the plan ends, and what it does about communities and access.
    fn plan_surroundings(self, operation: Operation) -> Surroundings {
        let ending = self.choose_ending(operation);
        Surroundings {
            communities: self.list_communities(operation, &ending),
            sharing: self.plan_sharing(operation, &ending),
            ending,
        }
    }

    /// Returns what changes in the metadata, without a label that is known only at the tag: it is
    /// still open, not removed.
    fn list_shown_changes(self, target: &Metadata, basis: &Metadata) -> Vec<FieldChange> {
        let grants = list_known_grants(&self.observed.grants);
        let mut changes = compare::find_metadata_changes(target, basis, &self.rewrites(), &grants);
        if self.desired.version == DesiredVersion::KnownAtTag {
            changes.retain(|change| change.field != Field::Version);
        }
        compare::show_changes(changes)
    }

    fn unresolved(self, operation: Operation) -> Vec<Unresolved> {
        let mut unresolved = Vec::new();
        // An edit keeps the date under which the version was published.
        if operation.makes_version() && !matches!(self.desired.date, DesiredDate::Fixed(_)) {
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

    /// Chooses the API that replaces the metadata.
    fn choose_metadata_api(self, decision: &Decision, steps: &[Step]) -> MetadataApi {
        let makes = matches!(decision.operation, Operation::NewRecord { .. })
            || decision.operation.writes_over();
        if !makes || steps.is_empty() {
            return MetadataApi::Deposit;
        }
        let record = find_published(self.observed);
        let choice = (self.desired.api, self.observed);
        let draft = self.observed.draft.as_ref();
        let draft = draft.filter(|draft| decision.operation.draft() == Some(draft.id));
        let is_continued = draft.is_some_and(|draft| self.writes_by_records(draft));
        choose_metadata_api(choice, &decision.target.metadata, record, is_continued)
    }

    /// Returns whether an unfinished apply wrote this draft by the records API.
    fn writes_by_records(self, draft: &Draft) -> bool {
        let unfinished = self.policy.unfinished.as_ref();
        unfinished.is_some_and(|unfinished| {
            unfinished.writes_by_records && unfinished.draft == Some(draft.named())
        })
    }

    fn unsupported(self, decision: &Decision, steps: &[Step]) -> Vec<UnsupportedValue> {
        // Only a PUT of metadata loses what the deposit API can't express.
        if !decision.operation.writes_over() || steps.is_empty() {
            return Vec::new();
        }
        let writes = steps.iter().any(|step| step.action == Action::ReplaceMetadata);
        let draft = self.observed.draft.as_ref();
        let draft = draft.filter(|draft| decision.operation.draft() == Some(draft.id));
        let target = &decision.target.metadata;
        let record = find_published(self.observed);
        let all = if self.desired.api == ApiChoice::Deposit {
            unsupported::find_losses(record, draft, writes, target)
        } else {
            // That API is chosen with which nothing is lost that the manifest can say and that is
            // published; what another client put into the draft goes.
            let published = record.map_or(&[][..], |record| &record.unsupported);
            let held = draft.filter(|_| writes).map_or(&[][..], |draft| &draft.unsupported);
            let mut all = list_foreign_extras(held, published);
            all.extend(
                record
                    .into_iter()
                    .flat_map(|record| list_lost_parts(record, draft, writes, target)),
            );
            all
        };
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
        let given = &self.policy.flags;
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
        let asks_again = |slug: &&Community| {
            communities.iter().any(|one| one.community == **slug && one.is_asked_again())
        };
        let leaves = |slug: &&Community| {
            communities
                .iter()
                .any(|one| one.community == **slug && one.work == CommunityWork::Leave)
        };
        let is_declined = |id: &RecordId| {
            settled
                .iter()
                .any(|word| matches!(word, Blocker::ReviewDeclined { draft, .. } if draft == id))
        };
        PlanFlags {
            no_publish: given.no_publish && self.desired.publish,
            initial: given.initial && creates,
            same_title: given.same_title && creates,
            adopt_draft: given.adopt_draft.filter(|_| reason == Reason::Adopted),
            over: given.over.filter(is_over),
            ask_again: given.ask_again.iter().filter(asks_again).cloned().collect(),
            leave: given.leave.iter().filter(leaves).cloned().collect(),
            publish_declined: given.publish_declined.filter(is_declined),
        }
    }
}
