//! Links to versions of other members: those that were published stay until the record itself has a
//! new version.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::Desired;
use crate::model::{Binding, Doi, Field, LinkedDoi, Metadata, Value};
use crate::observed::Observed;

use super::Plan;
use super::decide::Decision;
use super::inputs::Inputs;

impl Plan {
    /// Returns the DOIs of the versions that the record links to, by the keys of their members.
    pub fn list_version_dois(&self) -> BTreeMap<String, Doi> {
        let versions = self.links.iter().filter(|(link, _)| link.doi == LinkedDoi::Version);
        let known = |doi: &Option<String>| Doi::parse(doi.as_deref()?).ok();
        versions.filter_map(|(link, doi)| Some((link.key.clone(), known(doi)?))).collect()
    }
}

/// Returns the desired state with the links of the latest version; none where they are the same.
pub(super) fn keep_links(
    desired: &Desired,
    observed: &Observed,
    binding: &Binding,
) -> Option<Desired> {
    let published = observed.published()?;
    let mut kept = find_published_links(desired, &published.metadata);
    // What the lock says of an earlier version is not what the latest one was published with.
    let record = binding.record.as_ref().filter(|record| record.last == Some(published.id));
    kept.extend(record.map(|record| record.links.clone()).unwrap_or_default());
    desired.keep_links(&kept)
}

/// Returns the versions of members that the latest version links to, as it is published: where an apply
/// elsewhere published it, its lock may not have got here.
fn find_published_links(desired: &Desired, published: &Metadata) -> BTreeMap<String, Doi> {
    let Some(Value::Related(items)) = published.get(Field::RelatedIdentifiers) else {
        return BTreeMap::new();
    };
    // What the manifest itself names is no link.
    let is_named = |identifier: &str| desired.linked.iter().any(|it| it.identifier == identifier);
    let find = |(key, versions): (&String, &BTreeSet<String>)| {
        let identifiers = items.iter().map(|item| &item.identifier);
        let found: BTreeSet<&String> = identifiers
            .filter(|identifier| versions.contains(*identifier) && !is_named(identifier))
            .collect();
        // Of two, nothing tells which one is meant.
        let one = found.first().filter(|_| found.len() == 1)?;
        Some((key.clone(), Doi::parse(one).ok()?))
    };
    desired.link_versions.iter().filter_map(find).collect()
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
