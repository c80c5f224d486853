//! Who has access to the record of a plan beside its owner, and what is done about it. What is done
//! follows from what is wanted and what is there, so that the two can't contradict each other.

use crate::compare::is_equivalent_text;
use crate::model::{AccessRequests, BoundRecord, Field, Grantee, LinkTerms, Permission};

/// Who has access, and what is done about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SharingPlan {
    /// The grants: those of the manifest, those of earlier applies, and those that were given
    /// elsewhere, each group sorted.
    pub grants: Vec<GrantPlan>,
    /// The secret links, in the same order.
    pub links: Vec<LinkPlan>,
    /// Who may ask for access; none where the manifest says nothing of that.
    pub requests: Option<RequestsPlan>,
    /// Why it can't be read, in the server's own words; then nothing of it is done.
    pub refused: Option<String>,
}

/// What the manifest says of a grant or a link, or who gave it otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<T> {
    /// The manifest says this.
    Said(T),
    /// The manifest does not name it; this one gave it.
    Unsaid(Giver),
}

impl<T: Copy> Wanted<T> {
    /// Returns what the manifest says.
    pub fn said(self) -> Option<T> {
        match self {
            Self::Said(wanted) => Some(wanted),
            Self::Unsaid(_) => None,
        }
    }

    /// Returns who gave what the manifest does not name.
    pub fn giver(self) -> Option<Giver> {
        match self {
            Self::Said(_) => None,
            Self::Unsaid(giver) => Some(giver),
        }
    }
}

/// Who gave access that the manifest does not name any more, or never did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Giver {
    /// An earlier apply of this manifest.
    Lock,
    /// Another user. It is never removed.
    Elsewhere,
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantPlan {
    /// To whom.
    pub grantee: Grantee,
    /// What the manifest says, or who else gave it.
    pub wanted: Wanted<Permission>,
    /// What is there now.
    pub now: Option<Permission>,
}

/// What is done about a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantWork {
    /// Nothing.
    Nothing,
    /// It is given.
    Add(Permission),
    /// It is changed.
    Change(Permission),
    /// It is removed.
    Remove,
}

impl GrantPlan {
    /// Returns what is done, where access can be read.
    fn work(&self) -> GrantWork {
        match (self.wanted, self.now) {
            (Wanted::Said(wanted), None) => GrantWork::Add(wanted),
            (Wanted::Said(wanted), Some(now)) if wanted != now => GrantWork::Change(wanted),
            (Wanted::Unsaid(Giver::Lock), Some(_)) => GrantWork::Remove,
            (Wanted::Said(_), Some(_))
            | (Wanted::Unsaid(Giver::Lock), None)
            | (Wanted::Unsaid(Giver::Elsewhere), _) => GrantWork::Nothing,
        }
    }
}

/// A secret link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPlan {
    /// Its name; may be empty for one that was made elsewhere.
    pub name: String,
    /// What the manifest says, or who else made it.
    pub wanted: Wanted<LinkTerms>,
    /// What is there now.
    pub now: Option<LinkTerms>,
    /// Whether what is wanted has ended already: it is not made any more.
    pub is_over: bool,
}

/// What is done about a secret link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkWork {
    /// Nothing.
    Nothing,
    /// It is made.
    Create(LinkTerms),
    /// It gives something else, and keeps its address.
    Change(LinkTerms),
    /// It is removed and made anew, with another address: its end can't be postponed.
    Replace(LinkTerms),
    /// It is removed.
    Remove,
}

impl LinkPlan {
    /// Returns what is done, where access can be read.
    fn work(&self) -> LinkWork {
        match (self.wanted, self.now) {
            (Wanted::Said(_), None) if self.is_over => LinkWork::Nothing,
            (Wanted::Said(wanted), None) => LinkWork::Create(wanted),
            (Wanted::Said(wanted), Some(now)) if wanted == now => LinkWork::Nothing,
            // A server refuses an end that is past.
            (Wanted::Said(_), Some(_)) if self.is_over => LinkWork::Remove,
            (Wanted::Said(wanted), Some(now)) if now.can_become(&wanted) => {
                LinkWork::Change(wanted)
            }
            (Wanted::Said(wanted), Some(_)) => LinkWork::Replace(wanted),
            (Wanted::Unsaid(Giver::Lock), Some(_)) => LinkWork::Remove,
            (Wanted::Unsaid(Giver::Lock), None) | (Wanted::Unsaid(Giver::Elsewhere), _) => {
                LinkWork::Nothing
            }
        }
    }
}

/// Who may ask for access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestsPlan {
    /// What the manifest says; what it leaves out stays.
    pub wanted: AccessRequests,
    /// What is there now; what is not known is taken to be as wanted.
    pub now: AccessRequests,
}

impl RequestsPlan {
    /// Returns whether it is changed.
    pub fn is_changed(&self) -> bool {
        let Self { wanted, now } = self;
        differs(wanted.users, now.users)
            || differs(wanted.guests, now.guests)
            || differs(wanted.link_days, now.link_days)
            || self.has_other_conditions()
    }

    /// Returns whether the conditions differ by more than the server's clean-up of HTML.
    pub fn has_other_conditions(&self) -> bool {
        let (Some(wanted), Some(now)) = (&self.wanted.conditions, &self.now.conditions) else {
            return false;
        };
        // They are cleaned as a description is (services/schemas/parent/access.py, 2026-11-30).
        !is_equivalent_text(Field::Description, wanted, now, None)
    }

    /// Returns all that is said in the end.
    pub fn merge(wanted: &AccessRequests, now: AccessRequests) -> AccessRequests {
        AccessRequests {
            users: wanted.users.or(now.users),
            guests: wanted.guests.or(now.guests),
            conditions: wanted.conditions.clone().or(now.conditions),
            link_days: wanted.link_days.or(now.link_days),
        }
    }
}

fn differs<T: PartialEq>(wanted: Option<T>, now: Option<T>) -> bool {
    wanted.zip(now).is_some_and(|(wanted, now)| wanted != now)
}

impl SharingPlan {
    /// Returns what is done about a grant: nothing by those who may not share.
    pub fn work_on_grant(&self, grant: &GrantPlan) -> GrantWork {
        if self.refused.is_some() { GrantWork::Nothing } else { grant.work() }
    }

    /// Returns what is done about a secret link.
    pub fn work_on_link(&self, link: &LinkPlan) -> LinkWork {
        if self.refused.is_some() { LinkWork::Nothing } else { link.work() }
    }

    /// Returns whether who may ask is changed.
    pub fn changes_requests(&self) -> bool {
        self.refused.is_none() && self.requests.as_ref().is_some_and(RequestsPlan::is_changed)
    }

    /// Returns whether the manifest says who has access.
    pub fn is_wanted(&self) -> bool {
        let is_said = |grant: &GrantPlan| grant.wanted.said().is_some();
        self.grants.iter().any(is_said)
            || self.links.iter().any(|link| link.wanted.said().is_some())
            || self.requests.is_some()
    }

    /// Returns whether nothing is done.
    pub fn is_idle(&self) -> bool {
        self.grants.iter().all(|grant| self.work_on_grant(grant) == GrantWork::Nothing)
            && self.links.iter().all(|link| self.work_on_link(link) == LinkWork::Nothing)
            && !self.changes_requests()
    }

    /// Brings what the lock says of zrel's own grants and links up to what is there: an earlier apply
    /// may have changed them and been killed before it could say so.
    pub fn note_given(&self, record: &mut BoundRecord) {
        for grant in self.grants.iter().filter(|grant| grant.wanted.said().is_some()) {
            if let (Some(known), Some(now)) = (record.granted.get_mut(&grant.grantee), grant.now) {
                *known = now;
            }
        }
        for link in self.links.iter().filter(|link| link.wanted.said().is_some()) {
            if let (Some(known), Some(now)) = (record.shared_links.get_mut(&link.name), link.now) {
                *known = now;
            }
        }
    }

    /// Returns whether somebody gets what only a person gives: a grant by which others change the
    /// record, or a secret link, which anybody may pass on.
    pub fn opens_record(&self) -> bool {
        let is_wide = |grant: &GrantPlan| match self.work_on_grant(grant) {
            GrantWork::Add(permission) | GrantWork::Change(permission) => permission.lets_change(),
            GrantWork::Nothing | GrantWork::Remove => false,
        };
        let gives_more = |link: &LinkPlan| match self.work_on_link(link) {
            LinkWork::Create(_) | LinkWork::Replace(_) => true,
            // The end of a link only ever comes sooner.
            LinkWork::Change(terms) => {
                link.now.is_none_or(|now| now.permission != terms.permission)
            }
            LinkWork::Nothing | LinkWork::Remove => false,
        };
        self.grants.iter().any(is_wide) || self.links.iter().any(gives_more)
    }
}
