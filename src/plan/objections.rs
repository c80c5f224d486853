//! What stands in the way of a plan whatever its operation is: the binding, the lock, the server's
//! vocabularies. Obstacles of one operation stand in `decide`.

use crate::desired::DesiredVersion;
use crate::model::{Binding, Community, Field, OtherManifest};
use crate::observed::{Astray, GrantLookup, Standing};

use super::basis::published;
use super::decide::Inputs;
use super::{Basis, Obstacle, Operation, Target, keep, kinship};

impl Inputs<'_> {
    /// Adds the obstacles that do not depend on the operation; none where nothing is done. Returns
    /// those that stand in the way, and those that a person's word has settled.
    pub(super) fn all_obstacles(
        self,
        (operation, mut obstacles): (Operation, Vec<Obstacle>),
        (target, basis): (&Target, &Basis),
        steps: &[super::Step],
    ) -> (Vec<Obstacle>, Vec<Obstacle>) {
        obstacles.extend(keep::obstacles(self.desired, self.observed, operation));
        let is_tag_unknown = self.desired.version == DesiredVersion::KnownAtTag;
        if is_tag_unknown && !steps.is_empty() && !obstacles.contains(&Obstacle::LabelUnknown) {
            obstacles.push(Obstacle::LabelUnknown);
        }
        obstacles.extend(self.shared_record(basis));
        if steps.is_empty() {
            return (obstacles, Vec::new());
        }
        obstacles.extend(self.renamed());
        obstacles.extend(self.lock_astray(basis));
        let words = [
            self.binding_changed(basis),
            self.not_last_applied(operation, basis),
            self.another_work(operation, target),
        ];
        let (settled, open): (Vec<_>, Vec<_>) =
            words.into_iter().flatten().partition(|word| self.is_settled(word));
        obstacles.extend(open);
        obstacles.extend(
            self.observed.unknown_communities.iter().cloned().map(Obstacle::UnknownCommunity),
        );
        if self.publishes() {
            let of =
                |slug: &&Community| self.observed.communities.get(slug) == Some(&Standing::Closed);
            let closed = self.desired.communities.iter().filter(of);
            obstacles.extend(closed.cloned().map(Obstacle::ClosedCommunity));
        }
        let unknown = self.observed.grants.iter().filter(|(_, l)| **l == GrantLookup::Unknown);
        obstacles.extend(unknown.map(|(grant, _)| Obstacle::UnknownGrant(grant.clone())));
        obstacles.extend(target.lost_texts().map(Obstacle::TextLost));
        (obstacles, settled)
    }

    /// Tells whether a flag or a person has said the word that an obstacle wants.
    fn is_settled(self, obstacle: &Obstacle) -> bool {
        if let Obstacle::BindingChanged { manifest, .. } = obstacle {
            self.policy.rebind == Some(*manifest)
        } else if let Obstacle::NotLastApplied { latest, .. } = obstacle {
            self.policy.over == Some(*latest)
        } else if let Obstacle::AnotherWork { version, .. } = obstacle {
            // Nobody is asked twice: what an apply of this manifest opened was let through then.
            let unfinished = self.policy.unfinished.as_ref();
            let opened = unfinished.and_then(|unfinished| unfinished.opening);
            self.policy.over == Some(*version) || opened == Some(*version)
        } else {
            false
        }
    }

    /// A record belongs to one manifest, also where nothing is to be done right now.
    fn shared_record(self, basis: &Basis) -> Vec<Obstacle> {
        let Binding { manifest, others, .. } = self.binding;
        let Some(concept) = basis.concept else { return Vec::new() };
        let sharing = others.iter().filter(|other| other.concept == Some(concept));
        let obstacle = |other: &OtherManifest| {
            let (manifest, other) = (manifest.clone(), other.clone());
            Obstacle::SharedRecord { concept, manifest, other }
        };
        sharing.map(obstacle).collect()
    }

    /// Another manifest's entry never binds; one whose manifest is gone may be this one's, and only a
    /// person knows.
    fn renamed(self) -> Option<Obstacle> {
        let Binding { concept, record, manifest, others, .. } = self.binding;
        if concept.is_some() || record.is_some() {
            return None;
        }
        let gone: Vec<_> = others.iter().filter(|other| other.is_gone).cloned().collect();
        (!gone.is_empty()).then(|| Obstacle::Renamed { manifest: manifest.clone(), gone })
    }

    fn binding_changed(self, basis: &Basis) -> Option<Obstacle> {
        let lock = self.binding.concept_in_lock?;
        let manifest = basis.concept?;
        (lock != manifest).then_some(Obstacle::BindingChanged { lock, manifest })
    }

    /// The server knows better than the lock whose version it is.
    fn lock_astray(self, basis: &Basis) -> Vec<Obstacle> {
        let Some((bound, concept)) = self.binding.record.as_ref().zip(basis.concept) else {
            return Vec::new();
        };
        let is_in_lock = |astray: &&Astray| {
            bound.last == Some(astray.version) || bound.versions.contains_key(&astray.version)
        };
        let astray = self.observed.astray.iter().filter(is_in_lock);
        let obstacle = |astray: &Astray| {
            let manifest = self.binding.manifest.clone();
            Obstacle::LockAstray { astray: *astray, concept, manifest }
        };
        astray.map(obstacle).collect()
    }

    /// Asks a person where nothing speaks for the record being this work.
    fn another_work(self, operation: Operation, target: &Target) -> Option<Obstacle> {
        let record = published(self.observed)?;
        if !operation.writes_over()
            || kinship::is_applied(record, self.binding)
            || !kinship::is_another_work(&target.metadata, record, &self.found_files(record))
        {
            return None;
        }
        Some(Obstacle::AnotherWork {
            version: record.id,
            title: record.metadata.text(Field::Title).unwrap_or_default().to_owned(),
            creators: kinship::creators(&record.metadata),
        })
    }

    fn not_last_applied(self, operation: Operation, basis: &Basis) -> Option<Obstacle> {
        let (last, latest) = (basis.last_applied?, basis.version?);
        // What this apply itself published is not somebody else's version.
        let ours = self.policy.unfinished.as_ref().and_then(|unfinished| unfinished.draft);
        let is_astray = self.observed.astray.iter().any(|one| one.version == last);
        let is_ours = last == latest || ours == Some(crate::model::OpenDraft::Version(latest));
        let reverts = operation.writes_over() && !is_ours && !is_astray;
        reverts.then_some(Obstacle::NotLastApplied { last, latest })
    }
}
