//! What of `[access]` a server does not take.

use crate::manifest::{Manifest, codes};
use crate::model::{Finding, Grantee, Server, ServerKind};

/// Reports grants to groups where there are none.
///
/// Source: zenodo-rdm, `USERS_RESOURCES_GROUPS_ENABLED = False` in invenio.cfg, 2026-11-30.
pub(super) fn refuse_groups(manifest: &Manifest, server: &Server) -> Vec<Finding> {
    let has_groups = match server.kind {
        ServerKind::Zenodo | ServerKind::Sandbox | ServerKind::Local => false,
        ServerKind::Other => true,
    };
    if has_groups {
        return Vec::new();
    }
    let is_group = |grantee: &Grantee| matches!(grantee, Grantee::Group(_));
    let groups = manifest.sharing.grantees.iter().filter(|grantee| is_group(&grantee.value));
    groups
        .map(|grantee| {
            Finding::error(codes::SHARING, format!("{} has no groups", server.name))
                .at(grantee.span, "a group")
                .hint("name each `user` in an entry of its own")
        })
        .collect()
}
