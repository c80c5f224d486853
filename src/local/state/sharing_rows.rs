//! The rows of who has access to a record beside its owner. They belong to the concept, and count for
//! all its versions; `sharing` has the rules.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What somebody may do; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// See restricted files.
    View,
    /// See drafts.
    Preview,
    /// Change drafts, open versions and publish.
    Edit,
    /// Share.
    Manage,
}

impl Level {
    /// Returns the level of a word of the API.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "view" => Some(Self::View),
            "preview" => Some(Self::Preview),
            "edit" => Some(Self::Edit),
            "manage" => Some(Self::Manage),
            _ => None,
        }
    }
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// `user`; the others have no entities here.
    pub(crate) kind: String,
    /// The number of the user.
    pub(crate) id: String,
    /// What it allows. The server keeps any word.
    pub(crate) permission: String,
    /// Where it comes from.
    pub(crate) origin: Option<String>,
}

/// A secret link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecretLink {
    /// A UUID.
    pub(crate) id: String,
    /// The secret.
    pub(crate) token: String,
    /// What it allows.
    pub(crate) level: Level,
    /// The day (`2030-01-01`, UTC) from which on it allows nothing.
    pub(crate) expires_on: Option<String>,
    /// What it is for.
    pub(crate) description: String,
    /// When it was made.
    #[serde(with = "super::time_text")]
    pub(crate) created_at: Timestamp,
}

/// The access settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Whether users may ask for access.
    pub(crate) allow_user_requests: bool,
    /// Whether guests may.
    pub(crate) allow_guest_requests: bool,
    /// What is shown to them.
    pub(crate) accept_conditions_text: Option<String>,
    /// For how many days their links work.
    pub(crate) secret_link_expiration: u64,
}

/// Who has access to a concept beside its owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sharing {
    /// The grants, in the order in which they were given.
    pub(crate) grants: Vec<Grant>,
    /// The secret links, in the order in which they were made.
    pub(crate) links: Vec<SecretLink>,
    /// The settings.
    pub(crate) settings: Settings,
}

impl Sharing {
    /// Returns whether nobody has access and nothing is set.
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Who asks: a user, somebody with a secret link, or both.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visitor<'a> {
    /// The user.
    pub(crate) user: Option<u64>,
    /// The secret of a link, `?token=`.
    pub(crate) secret: Option<&'a str>,
    /// The day in UTC.
    pub(crate) today: Date,
}
