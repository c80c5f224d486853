//! Links to other members of the workspace, and the DOIs that they become.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Doi, Field, Link, LinkedDoi, Metadata, Related, Value, find_link, name_link};

/// Links to members of the workspace, with the DOI of each; none while it is not known.
pub type Links = BTreeMap<Link, Option<String>>;

/// The members that patterns mean, by pattern.
pub type LinkPatterns = BTreeMap<String, Vec<String>>;

/// The DOIs of the versions of members that links to versions may have, by the keys of the members.
pub type LinkVersions = BTreeMap<String, BTreeSet<String>>;

/// Returns links with the DOIs of versions that the record was published with, by the keys of their
/// members.
pub(super) fn keep_versions(links: &Links, published: &BTreeMap<String, Doi>) -> Links {
    let mut kept = links.clone();
    let versions = kept.iter_mut().filter(|(link, _)| link.doi == LinkedDoi::Version);
    for (link, doi) in versions {
        // A link that was added since has none yet.
        if let Some(published) = published.get(&link.key) {
            *doi = Some(published.to_string());
        }
    }
    kept
}

/// Returns the related identifiers with a link for each member that a pattern means; empty where
/// none of them is a link.
pub(super) fn list_linked(metadata: &Metadata, patterns: &LinkPatterns) -> Vec<Related> {
    let Some(Value::Related(items)) = metadata.get(Field::RelatedIdentifiers) else {
        return Vec::new();
    };
    if items.iter().all(|item| find_link(&item.identifier).is_none()) {
        return Vec::new();
    }
    let mut linked: Vec<Related> = Vec::new();
    for item in items {
        let Some(link) = find_link(&item.identifier) else {
            linked.push(item.clone());
            continue;
        };
        let keys = patterns.get(&link.key).cloned().unwrap_or_else(|| vec![link.key]);
        linked.extend(keys.into_iter().map(|key| {
            let identifier = name_link(&Link { key, doi: link.doi });
            Related { identifier, ..item.clone() }
        }));
    }
    linked
}

/// Gives each link the DOI of its member, as far as it is known.
pub(super) fn set_related(metadata: &mut Metadata, linked: &[Related], links: &Links) {
    if linked.is_empty() {
        return;
    }
    let resolve = |item: &Related| {
        let link = find_link(&item.identifier);
        let doi = link.and_then(|link| links.get(&link).cloned().flatten());
        Related { identifier: doi.unwrap_or_else(|| item.identifier.clone()), ..item.clone() }
    };
    let mut resolved: Vec<Related> = linked.iter().map(resolve).collect();
    // The same member may be named, and meant by a pattern.
    let mut seen = BTreeSet::new();
    resolved.retain(|item| seen.insert(item.clone()));
    metadata.set(Field::RelatedIdentifiers, Value::Related(resolved));
}
