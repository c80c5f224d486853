//! Blockers that do not depend on the operation: the binding, the lock, the server's vocabularies.
//! The blockers of one operation are in `decide`.

use crate::desired::DesiredVersion;
use crate::model::{Binding, Field, Link, OtherManifest};
use crate::observed::{Astray, CommunityStatus, GrantLookup};

use super::base::find_published;
use super::communities::find_community_blockers;
use super::inputs::Inputs;
use super::reservation::{find_lost_draft, is_reserved_release};
use super::share_steps::find_sharing_blockers;
use super::steps::Surroundings;
use super::{Aim, Base, Blocker, CommunityPlan, Operation, Target, keep, kinship};

impl Inputs<'_> {
    /// Adds the blockers that do not depend on the operation; most of them only when there are
    /// steps. Returns the open ones, and those that a flag or a person has settled.
    pub(super) fn all_blockers(
        self,
        (operation, mut blockers): (Operation, Vec<Blocker>),
        (target, base): (&Target, &Base),
        (steps, around): (&[super::Step], &Surroundings),
    ) -> (Vec<Blocker>, Vec<Blocker>) {
        blockers.extend(keep::find_keep_blockers(self.desired, self.observed, operation));
        let is_tag_unknown = self.desired.version == DesiredVersion::KnownAtTag;
        // `decide` adds it for a new version only; any other plan with steps waits for the tag too.
        if is_tag_unknown && !steps.is_empty() && !blockers.contains(&Blocker::LabelUnknown) {
            blockers.push(Blocker::LabelUnknown);
        }
        blockers.extend(self.shared_record(base));
        let of_communities =
            find_community_blockers(&around.communities, (operation, &self.policy.allowed));
        // A plan without steps writes nothing, so none of the following can do harm.
        if steps.is_empty() {
            blockers.extend(of_communities.into_iter().map(|(blocker, _)| blocker));
            return (blockers, Vec::new());
        }
        if self.policy.aim == Aim::Release {
            let lost = find_lost_draft(self.binding, self.observed);
            blockers.extend(lost.map(Blocker::ReservationLost));
            blockers.extend(self.links_unknown());
        }
        blockers.extend(self.renamed());
        blockers.extend(self.lock_astray(base));
        // A settled blocker stays in the plan, so that a reviewer still sees it.
        let words = [
            self.binding_changed(base),
            self.not_last_applied(operation, base),
            self.another_work(operation, target),
        ];
        let (mut settled, open): (Vec<_>, Vec<_>) =
            words.into_iter().flatten().partition(|word| self.is_settled(word));
        blockers.extend(open);
        self.move_settled_review(&mut blockers, &mut settled);
        for (blocker, is_settled) in of_communities {
            if is_settled { settled.push(blocker) } else { blockers.push(blocker) }
        }
        let wanted = self.desired.list_communities();
        let unknown = &self.observed.unknown_communities;
        let unknown = unknown.iter().filter(|slug| wanted.contains(slug)).cloned();
        blockers.extend(unknown.map(Blocker::UnknownCommunity));
        let unknown_ids = self.observed.lookups.unknown.iter();
        let unknown_ids = unknown_ids.filter(|id| id.vocabulary.is_certain()).cloned();
        blockers.extend(unknown_ids.map(Blocker::UnknownId));
        blockers.extend(find_sharing_blockers(&around.sharing, &self.observed.sharing));
        // A plan that stops at a draft asks no community.
        if self.publishes() {
            let of = |one: &&CommunityPlan| one.status == Some(CommunityStatus::Closed);
            let closed = around.communities.iter().filter(of).map(|one| one.community.clone());
            blockers.extend(closed.map(Blocker::ClosedCommunity));
        }
        let unknown = self.observed.grants.iter().filter(|(_, l)| **l == GrantLookup::Unknown);
        blockers.extend(unknown.map(|(grant, _)| Blocker::UnknownGrant(grant.clone())));
        blockers.extend(target.lost_texts().map(Blocker::TextLost));
        (blockers, settled)
    }

    /// Moves a draft that a community declined and a person publishes all the same to what is settled.
    fn move_settled_review(self, blockers: &mut Vec<Blocker>, settled: &mut Vec<Blocker>) {
        let allowed = self.policy.allowed.publish_declined;
        let is_settled = |blocker: &Blocker| {
            matches!(blocker, Blocker::ReviewDeclined { draft, is_wanted: false, .. }
                if Some(*draft) == allowed)
        };
        settled.extend(blockers.iter().filter(|blocker| is_settled(blocker)).cloned());
        blockers.retain(|blocker| !is_settled(blocker));
    }

    /// Finds the links whose DOI is not known yet.
    fn links_unknown(self) -> Option<Blocker> {
        let links = self.desired.links.iter().filter(|(_, doi)| doi.is_none());
        let links: Vec<Link> = links.map(|(link, _)| link.clone()).collect();
        (!links.is_empty()).then_some(Blocker::LinksUnknown(links))
    }

    /// Returns whether a flag or a person has settled a blocker.
    fn is_settled(self, blocker: &Blocker) -> bool {
        if let Blocker::BindingChanged { manifest, .. } = blocker {
            self.policy.rebind == Some(*manifest)
        } else if let Blocker::NotLastApplied { latest, .. } = blocker {
            self.policy.allowed.over == Some(*latest)
        } else if let Blocker::AnotherWork { version, .. } = blocker {
            // Nobody is asked twice: the apply that opened a draft of this version was let through
            // then.
            let unfinished = self.policy.unfinished.as_ref();
            let opened = unfinished.and_then(|unfinished| unfinished.opening);
            self.policy.allowed.over == Some(*version) || opened == Some(*version)
        } else {
            false
        }
    }

    /// Returns the other manifests that are bound to the same record, also when the plan does
    /// nothing: a record belongs to one manifest.
    fn shared_record(self, base: &Base) -> Vec<Blocker> {
        let Binding { manifest, others, .. } = self.binding;
        let Some(concept) = base.concept else { return Vec::new() };
        let sharing = others.iter().filter(|other| other.concept == Some(concept));
        let blocker = |other: &OtherManifest| {
            let (manifest, other) = (manifest.clone(), other.clone());
            Blocker::SharedRecord { concept, manifest, other }
        };
        sharing.map(blocker).collect()
    }

    /// Returns the entries of manifests that are gone, when this one is not bound: it may be one of
    /// them under another name, and only a person knows. Another manifest's entry never binds.
    fn renamed(self) -> Option<Blocker> {
        let Binding { concept, record, manifest, others, .. } = self.binding;
        if concept.is_some() || record.is_some() {
            return None;
        }
        let gone: Vec<_> = others.iter().filter(|other| other.is_gone).cloned().collect();
        (!gone.is_empty()).then(|| Blocker::Renamed { manifest: manifest.clone(), gone })
    }

    fn binding_changed(self, base: &Base) -> Option<Blocker> {
        let lock = self.binding.concept_in_lock?;
        let manifest = base.concept?;
        (lock != manifest).then_some(Blocker::BindingChanged { lock, manifest })
    }

    /// Returns the versions in the lock that the server says belong to another record.
    fn lock_astray(self, base: &Base) -> Vec<Blocker> {
        let Some((bound, concept)) = self.binding.record.as_ref().zip(base.concept) else {
            return Vec::new();
        };
        let is_in_lock = |astray: &&Astray| {
            bound.last == Some(astray.version) || bound.versions.contains_key(&astray.version)
        };
        let astray = self.observed.astray.iter().filter(is_in_lock);
        let blocker = |astray: &Astray| {
            let manifest = self.binding.manifest.clone();
            Blocker::LockAstray { astray: *astray, concept, manifest }
        };
        astray.map(blocker).collect()
    }

    /// Returns a blocker when nothing shows that the record is this work.
    fn another_work(self, operation: Operation, target: &Target) -> Option<Blocker> {
        let record = find_published(self.observed)?;
        // A lock that proves an earlier apply needs no likeness: title, creators and files may all
        // change at once.
        if !operation.writes_over()
            || kinship::is_applied(record, self.binding)
            || !kinship::is_another_work(&target.metadata, record, &self.found_files(record))
        {
            return None;
        }
        Some(Blocker::AnotherWork {
            version: record.id,
            title: record.metadata.text(Field::Title).unwrap_or_default().to_owned(),
            creators: kinship::list_creators(&record.metadata),
        })
    }

    fn not_last_applied(self, operation: Operation, base: &Base) -> Option<Blocker> {
        let (last, latest) = (base.last_applied?, base.version?);
        // A version that this apply published is not another client's.
        let ours = self.policy.unfinished.as_ref().and_then(|unfinished| unfinished.draft);
        // A version of another record can't be reverted here; `lock_astray` reports it.
        let is_astray = self.observed.astray.iter().any(|one| one.version == last);
        let is_ours = last == latest
            || ours == Some(crate::model::OpenDraft::Version(latest))
            || is_reserved_release(self.binding, self.observed);
        let reverts = operation.writes_over() && !is_ours && !is_astray;
        reverts.then_some(Blocker::NotLastApplied { last, latest })
    }
}
