//! Links to other members of the workspace, and the DOIs that they become.

use std::collections::BTreeMap;

use crate::model::{Field, Metadata, Value, find_link};

/// Members of the workspace by key, with the DOI of each; none while it is not known.
pub type Links = BTreeMap<String, Option<String>>;

/// Gives each link to a member that member's DOI, as far as it is known.
pub(super) fn resolve_links(metadata: &mut Metadata, links: &Links) {
    let Some(Value::Related(items)) = metadata.get(Field::RelatedIdentifiers) else { return };
    let mut items = items.clone();
    for item in &mut items {
        let doi = find_link(&item.identifier).and_then(|key| links.get(key)?.clone());
        if let Some(doi) = doi {
            item.identifier = doi;
        }
    }
    metadata.set(Field::RelatedIdentifiers, Value::Related(items));
}
