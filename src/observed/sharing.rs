//! Who has access to a record beside its owner, as its server says it.

use crate::model::{AccessRequests, Grantee, LinkTerms, Permission, RecordId};

/// What is known of who has access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SharingState {
    /// Grants and links were not read: the plan does not need them, there is no record yet, or only its
    /// managers see them. Who may ask everybody sees.
    Unread(AccessRequests),
    /// The credentials are not those of somebody who manages the record.
    Refused {
        /// In the server's own words.
        message: String,
    },
    /// What the server says.
    Read(Box<ObservedSharing>),
}

impl Default for SharingState {
    fn default() -> Self {
        Self::Unread(AccessRequests::default())
    }
}

/// Where access is read and changed. It is the same for all versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedPlace {
    /// The latest version.
    Record(RecordId),
    /// A draft that was never published.
    Draft(RecordId),
}

impl SharedPlace {
    /// Returns the id of the record or the draft.
    pub fn id(self) -> RecordId {
        match self {
            Self::Record(id) | Self::Draft(id) => id,
        }
    }
}

/// Who has access, as the record's managers see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObservedSharing {
    /// The grants, in the server's order.
    pub grants: Vec<(Grantee, Permission)>,
    /// The secret links, in the server's order.
    pub links: Vec<ObservedLink>,
    /// Who may ask for access.
    pub requests: AccessRequests,
    /// Of the grantees that are wanted and have no grant: those that the server does not know, or does
    /// not show to others. It gives them none.
    pub unknown: Vec<Grantee>,
}

/// A secret link, without the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedLink {
    /// Its id, which is no secret.
    pub id: String,
    /// Its description; of one that a manifest declares: the name.
    pub name: String,
    /// What it gives.
    pub terms: LinkTerms,
}

/// A secret link with its secret, which belongs into no log, plan or document.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkSecret {
    /// The link.
    pub link: ObservedLink,
    /// The secret part of its address; none when the server does not show it.
    pub token: Option<String>,
}

impl std::fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkSecret").field("link", &self.link).finish_non_exhaustive()
    }
}

/// Who has access to a record beside its owner.
#[derive(Debug, Clone)]
pub struct RecordAccess {
    /// The latest version, or the draft that was never published.
    pub id: RecordId,
    /// The open draft of a new version, if there is one.
    pub draft: Option<RecordId>,
    /// The server's address, without a slash at the end.
    pub site: String,
    /// The grants.
    pub grants: Vec<(Grantee, Permission)>,
    /// The secret links, with their secrets.
    pub links: Vec<LinkSecret>,
    /// Who may ask for access.
    pub requests: AccessRequests,
}

impl RecordAccess {
    /// Returns the addresses of a secret link, which are secrets: of the open draft of a new version,
    /// if the link shows drafts, then of the record. None when the server does not show them.
    ///
    /// Source: invenio-app-rdm, ShareOptions/AccessLinks/LinksSearchItem.js, 2026-11-30.
    pub fn find_addresses(&self, secret: &LinkSecret) -> Vec<(RecordId, String)> {
        let Some(token) = &secret.token else { return Vec::new() };
        let site = &self.site;
        let permission = secret.link.terms.permission;
        let draft = self.draft.filter(|_| permission != Permission::View);
        let ids = draft.into_iter().chain([self.id]);
        let address = |id: RecordId| match permission {
            Permission::View => format!("{site}/records/{id}?token={token}"),
            Permission::Preview => format!("{site}/records/{id}?preview=1&token={token}"),
            Permission::Edit | Permission::Manage => format!("{site}/uploads/{id}?token={token}"),
        };
        ids.map(|id| (id, address(id))).collect()
    }
}
