//! Links to versions of other members: those that were published stay until the record itself has a
//! new version.

use crate::desired::Desired;
use crate::model::{Binding, Doi, LinkedDoi};
use crate::observed::Observed;

use super::Plan;
use super::decide::Decision;
use super::inputs::Inputs;

use std::collections::BTreeMap;

impl Plan {
    /// Returns the DOIs of the versions that the record links to, by the keys of their members.
    pub fn list_version_dois(&self) -> BTreeMap<String, Doi> {
        let versions = self.links.iter().filter(|(link, _)| link.doi == LinkedDoi::Version);
        let known = |doi: &Option<String>| Doi::parse(doi.as_deref()?).ok();
        versions.filter_map(|(link, doi)| Some((link.key.clone(), known(doi)?))).collect()
    }
}

/// Returns the desired state with the links of the latest version; none where they are the same, or
/// where the lock does not know that version.
pub(super) fn keep_links(
    desired: &Desired,
    observed: &Observed,
    binding: &Binding,
) -> Option<Desired> {
    let record = binding.record.as_ref()?;
    // What the lock says of an earlier version is not what the latest one was published with.
    observed.published().filter(|published| record.last == Some(published.id))?;
    desired.keep_links(&record.links)
}

impl<'a> Inputs<'a> {
    /// Decides with the links that the latest version has, and for a new version with those to what
    /// the members' manifests describe now.
    pub(super) fn decide_links(self, kept: Option<&'a Desired>) -> (Self, Decision) {
        let Some(kept) = kept else { return (self, self.decide()) };
        // Another release of a member is no change of this record. By the operation and not by the
        // label: that of a git tag is not known before the tag, and the plan is to have the same
        // digest at the tag.
        let unchanged = Inputs { desired: kept, ..self };
        let decision = unchanged.decide();
        if decision.operation.makes_version() {
            (self, self.decide())
        } else {
            (unchanged, decision)
        }
    }
}
