//! Who has access to a record beside its owner: grants, secret links, and requests for access.
//!
//! They belong to all versions of a record (its parent), are no part of the metadata, and can be
//! changed before and after a publication.
//! Source: invenio-rdm-records 34.0.1, services/schemas/parent/access.py, 2026-11-30.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;

/// What a grant or a secret link allows; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// To see the record and its restricted files.
    View,
    /// To see drafts too.
    Preview,
    /// To change drafts.
    Edit,
    /// All that the owner may, such as to publish and to share.
    Manage,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 4] = [Self::View, Self::Preview, Self::Edit, Self::Manage];

    /// Returns its name on the server and in a manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Preview => "preview",
            Self::Edit => "edit",
            Self::Manage => "manage",
        }
    }

    /// Returns the permission of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Returns whether a secret link can give it.
    pub fn is_for_links(self) -> bool {
        match self {
            Self::View | Self::Preview | Self::Edit => true,
            Self::Manage => false,
        }
    }

    /// Returns whether it lets others change the record.
    pub fn lets_change(self) -> bool {
        match self {
            Self::View | Self::Preview => false,
            Self::Edit | Self::Manage => true,
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// To whom a grant gives access.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grantee {
    /// A user, by the number of the account.
    User(String),
    /// A group of users (a role), by its id.
    Group(String),
    /// A set of users that the server defines, such as `authenticated_user`. No manifest names one.
    System(String),
}

impl Grantee {
    /// Returns its type on the server.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "role",
            Self::System(_) => "system_role",
        }
    }

    /// Returns its id.
    pub fn id(&self) -> &str {
        match self {
            Self::User(id) | Self::Group(id) | Self::System(id) => id,
        }
    }

    /// Makes one of a type and an id of the server.
    pub fn of(kind: &str, id: &str) -> Option<Self> {
        let make = match kind {
            "user" => Self::User,
            "role" => Self::Group,
            "system_role" => Self::System,
            _ => return None,
        };
        Some(make(id.to_owned()))
    }

    /// Reads what [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(' ').filter(|(_, id)| !id.is_empty())?;
        let make = match kind {
            "user" => Self::User,
            "group" => Self::Group,
            "everybody" => Self::System,
            _ => return None,
        };
        Some(make(id.to_owned()))
    }
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
            Self::System(_) => "everybody",
        };
        write!(f, "{kind} {}", self.id())
    }
}

/// What a secret link gives, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkTerms {
    /// What whoever has the link may do.
    pub permission: Permission,
    /// The day (UTC) from which on it gives nothing; none: it does not end.
    pub until: Option<Date>,
}

impl LinkTerms {
    /// Returns whether it gives nothing any more on a day.
    pub fn is_over(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until <= today)
    }

    /// Returns whether a link with these terms can get others and keep its address: the end is in
    /// the address and can't be postponed (services/access/service.py, 2026-11-30).
    pub fn can_become(&self, other: &Self) -> bool {
        match (self.until, other.until) {
            (None, _) => true,
            (Some(now), Some(then)) => then <= now,
            (Some(_), None) => false,
        }
    }

    /// Reads what [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (permission, until) = match text.split_once(" until ") {
            Some((permission, until)) => (permission, Some(until.parse().ok()?)),
            None => (text, None),
        };
        let permission = Permission::from_name(permission).filter(|it| it.is_for_links())?;
        Some(Self { permission, until })
    }
}

impl fmt::Display for LinkTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.permission)?;
        self.until.map_or(Ok(()), |until| write!(f, " until {until}"))
    }
}

/// Who may ask for access to restricted files, and how. What is not said stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessRequests {
    /// Whether users with an account may ask.
    pub users: Option<bool>,
    /// Whether people without one may ask.
    pub guests: Option<bool>,
    /// The conditions that are shown to them, as HTML; empty: none.
    pub conditions: Option<String>,
    /// For how many days the link works that a guest is given; 0: without an end.
    pub link_days: Option<u16>,
}

/// Who has access to a record beside its owner, as a manifest says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sharing {
    /// The permission of each grantee.
    pub grants: BTreeMap<Grantee, Permission>,
    /// The secret links, by name.
    pub links: BTreeMap<String, LinkTerms>,
    /// Who may ask.
    pub requests: AccessRequests,
}

impl Sharing {
    /// Returns whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in ["user 12", "group editors", "everybody authenticated_user"] {
            assert_eq!(Grantee::parse(text).map(|it| it.to_string()).as_deref(), Some(text));
        }
        for text in ["view", "edit until 2027-01-31"] {
            assert_eq!(LinkTerms::parse(text).map(|it| it.to_string()).as_deref(), Some(text));
        }
        for text in ["", "user", "user ", "role x"] {
            assert_eq!(Grantee::parse(text), None, "{text}");
        }
        for text in ["", "manage", "view until", "view until 2027-02-30"] {
            assert_eq!(LinkTerms::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_end_of_a_link_can_come_sooner_and_not_later() {
        let terms = |text| LinkTerms::parse(text).unwrap();
        let (open, soon, late) =
            (terms("view"), terms("edit until 2027-01-01"), terms("view until 2028-01-01"));
        assert!(open.can_become(&soon) && late.can_become(&soon) && soon.can_become(&soon));
        assert!(!soon.can_become(&late) && !soon.can_become(&open));
        assert!(soon.is_over(soon.until.unwrap()) && !late.is_over(soon.until.unwrap()));
        assert!(!open.is_over(Date::MAX));
    }
}
