//! Links to other members of the workspace, and the DOIs that they become.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Field, Metadata, Related, Value, find_link, name_link};

/// Members of the workspace by key, with the DOI of each; none while it is not known.
pub type Links = BTreeMap<String, Option<String>>;

/// The members that patterns mean, by pattern.
pub type LinkPatterns = BTreeMap<String, Vec<String>>;

/// Gives each link to a member that member's DOI, as far as it is known; a pattern is a link to each
/// member that it means.
pub(super) fn resolve_links(metadata: &mut Metadata, links: &Links, patterns: &LinkPatterns) {
    let Some(Value::Related(items)) = metadata.get(Field::RelatedIdentifiers) else { return };
    let mut resolved: Vec<Related> = Vec::new();
    for item in items {
        let Some(named) = find_link(&item.identifier) else {
            resolved.push(item.clone());
            continue;
        };
        let keys = patterns.get(named).cloned().unwrap_or_else(|| vec![named.to_owned()]);
        for key in keys {
            let doi = links.get(&key).cloned().flatten();
            let identifier = doi.unwrap_or_else(|| name_link(&key));
            resolved.push(Related { identifier, ..item.clone() });
        }
    }
    // The same member may be named, and meant by a pattern.
    let mut seen = BTreeSet::new();
    resolved.retain(|item| seen.insert(item.clone()));
    metadata.set(Field::RelatedIdentifiers, Value::Related(resolved));
}
