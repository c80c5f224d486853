//! What is planned about who has access to a record beside its owner.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::model::{AccessRequests, Grantee, LinkTerms, Permission};
use crate::observed::{ObservedLink, ObservedSharing, Record, SharingState};

use super::community_plan::Ending;
use super::inputs::Inputs;
use super::sharing_plan::{
    Giver, GrantPlan, GrantWork, LinkPlan, LinkWork, RequestsPlan, SharingPlan,
};
use super::step::ShareAction;
use super::{Action, Aim, Blocker, Operation, Plan, Readers, Reason};

/// What a record has that nobody configured (services/schemas/parent/access.py, 2026-11-30).
const UNCONFIGURED: AccessRequests = AccessRequests {
    users: Some(false),
    guests: Some(false),
    conditions: Some(String::new()),
    link_days: Some(0),
};

/// What an earlier apply of this manifest gave, according to the lock.
struct Given<'a> {
    grants: &'a BTreeMap<Grantee, Permission>,
    links: &'a BTreeMap<String, LinkTerms>,
}

impl Inputs<'_> {
    /// Compares who is to have access with who has it.
    pub(super) fn plan_sharing(self, operation: Operation, ending: &Ending) -> SharingPlan {
        let is_left = self.policy.leaves_access
            || self.policy.aim == Aim::Reserve
            || *ending == Ending::Wait
            || operation == Operation::Impossible;
        if is_left {
            return SharingPlan::default();
        }
        let no_grants = BTreeMap::new();
        let no_links = BTreeMap::new();
        // What was given to a record that is gone is not given to a new one.
        let creates = matches!(operation, Operation::NewRecord { draft: None });
        let bound = self.binding.record.as_ref().filter(|_| !creates);
        let given = Given {
            grants: bound.map_or(&no_grants, |bound| &bound.granted),
            links: bound.map_or(&no_links, |bound| &bound.shared_links),
        };
        let mut plan = match &self.observed.sharing {
            SharingState::Read(read) => self.compare_sharing(read, &given),
            SharingState::Unread if creates => {
                self.compare_sharing(&ObservedSharing::default(), &given)
            }
            // Only the record's managers see it: what the lock says is taken to be there.
            SharingState::Unread => self.compare_sharing(&assume_given(&given), &given),
            SharingState::Refused { message } => {
                SharingPlan { refused: Some(message.clone()), ..SharingPlan::default() }
            }
        };
        if creates && let Some(requests) = &mut plan.requests {
            requests.now = UNCONFIGURED;
        }
        // Who else has access is nobody's business in a public log.
        if self.policy.readers == Readers::Everybody {
            plan.grants.retain(|grant| grant.wanted != Err(Giver::Elsewhere));
            plan.links.retain(|link| link.wanted != Err(Giver::Elsewhere));
        }
        plan
    }

    fn compare_sharing(self, read: &ObservedSharing, given: &Given<'_>) -> SharingPlan {
        let wanted = &self.desired.sharing;
        let requests = (wanted.requests != AccessRequests::default())
            .then(|| RequestsPlan { wanted: wanted.requests.clone(), now: read.requests.clone() });
        SharingPlan {
            grants: plan_grants(&wanted.grants, &read.grants, given),
            links: plan_links(&wanted.links, &read.links, given, self.today()),
            requests,
            refused: None,
        }
    }

    fn today(self) -> Option<Date> {
        self.policy.today.parse().ok()
    }

    /// Returns whether anything is to be done about access, when nothing else differs.
    pub(super) fn has_sharing_work(self, record: &Record) -> bool {
        let operation = Operation::Access { record: record.id };
        !self.plan_sharing(operation, &Ending::Draft).is_idle()
    }
}

/// Returns what the server would say if it were as the lock says.
fn assume_given(given: &Given<'_>) -> ObservedSharing {
    let links = given.links.iter().map(|(name, terms)| ObservedLink {
        id: String::new(),
        name: name.clone(),
        terms: *terms,
    });
    ObservedSharing {
        grants: given.grants.iter().map(|(grantee, now)| (grantee.clone(), *now)).collect(),
        links: links.collect(),
        ..ObservedSharing::default()
    }
}

fn plan_grants(
    wanted: &BTreeMap<Grantee, Permission>,
    read: &[(Grantee, Permission)],
    given: &Given<'_>,
) -> Vec<GrantPlan> {
    let there: BTreeMap<&Grantee, Permission> =
        read.iter().map(|(grantee, now)| (grantee, *now)).collect();
    let mut grants: Vec<GrantPlan> = wanted
        .iter()
        .map(|(grantee, permission)| GrantPlan {
            grantee: grantee.clone(),
            wanted: Ok(*permission),
            now: there.get(grantee).copied(),
        })
        .collect();
    let others = there.into_iter().filter(|(grantee, _)| !wanted.contains_key(*grantee));
    grants.extend(others.map(|(grantee, now)| {
        // What somebody changed since is theirs.
        let is_ours = given.grants.get(grantee) == Some(&now);
        let by = if is_ours { Giver::Lock } else { Giver::Elsewhere };
        GrantPlan { grantee: grantee.clone(), wanted: Err(by), now: Some(now) }
    }));
    // The manifest's come first, and each group is sorted already.
    grants.sort_by_key(|grant| grant.wanted.err());
    grants
}

fn plan_links(
    wanted: &BTreeMap<String, LinkTerms>,
    read: &[ObservedLink],
    given: &Given<'_>,
    today: Option<Date>,
) -> Vec<LinkPlan> {
    let mut used = BTreeSet::new();
    let mut links = Vec::new();
    for (name, terms) in wanted {
        // Of several with the name, the one that is as it should be.
        let named = |link: &&ObservedLink| link.name == *name;
        let found = read.iter().filter(named).find(|link| link.terms == *terms);
        let found = found.or_else(|| read.iter().find(named));
        used.extend(found.map(|link| &link.id));
        let is_over = today.is_some_and(|today| terms.is_over(today));
        let now = found.map(|link| link.terms);
        links.push(LinkPlan { name: name.clone(), wanted: Ok(*terms), now, is_over });
    }
    let others = read.iter().filter(|link| !used.contains(&link.id));
    let mut others: Vec<LinkPlan> = others
        .map(|link| {
            let is_ours = given.links.get(&link.name) == Some(&link.terms)
                && !wanted.contains_key(&link.name);
            let by = if is_ours { Giver::Lock } else { Giver::Elsewhere };
            let (name, now) = (link.name.clone(), Some(link.terms));
            LinkPlan { name, wanted: Err(by), now, is_over: false }
        })
        .collect();
    others.sort_by(|a, b| (a.wanted.err(), &a.name, a.now).cmp(&(b.wanted.err(), &b.name, b.now)));
    links.extend(others);
    links
}

/// Returns the steps: what is removed first, then what is given.
pub(super) fn list_share_actions(sharing: &SharingPlan) -> Vec<(Action, Reason)> {
    let mut taken = Vec::new();
    let mut given = Vec::new();
    for GrantPlan { grantee, .. } in with_work(&sharing.grants, GrantPlan::work, GrantWork::Remove)
    {
        let grantee = grantee.clone();
        taken.push((ShareAction::RemoveGrant { grantee }, Reason::NotInManifest));
    }
    for link in &sharing.links {
        let name = link.name.clone();
        match link.work() {
            LinkWork::Nothing => {}
            LinkWork::Create(terms) => {
                given.push((ShareAction::CreateLink { name, terms }, Reason::InManifest));
            }
            LinkWork::Change(terms) => {
                given.push((ShareAction::ChangeLink { name, terms }, Reason::InManifest));
            }
            LinkWork::Replace(terms) => {
                let removed = ShareAction::RemoveLink { name: name.clone() };
                taken.push((removed, Reason::EndsEarlier));
                given.push((ShareAction::CreateLink { name, terms }, Reason::InManifest));
            }
            LinkWork::Remove => {
                let reason =
                    if link.wanted.is_ok() { Reason::IsOver } else { Reason::NotInManifest };
                taken.push((ShareAction::RemoveLink { name }, reason));
            }
        }
    }
    for grant in &sharing.grants {
        let grantee = grant.grantee.clone();
        let action = match grant.work() {
            GrantWork::Nothing | GrantWork::Remove => continue,
            GrantWork::Add(permission) => ShareAction::AddGrant { grantee, permission },
            GrantWork::Change(permission) => ShareAction::ChangeGrant { grantee, permission },
        };
        given.push((action, Reason::InManifest));
    }
    if sharing.requests.as_ref().is_some_and(RequestsPlan::is_changed) {
        given.push((ShareAction::SetRequests, Reason::InManifest));
    }
    let all = taken.into_iter().chain(given);
    all.map(|(action, reason)| (Action::Share(action), reason)).collect()
}

fn with_work<T, W: PartialEq>(
    all: &[T],
    work: impl Fn(&T) -> W,
    wanted: W,
) -> impl Iterator<Item = &T> {
    all.iter().filter(move |one| work(one) == wanted)
}

/// Returns the blockers that access is: somebody whom the server can give none.
pub(super) fn find_sharing_blockers(
    sharing: &SharingPlan,
    observed: &SharingState,
) -> Vec<Blocker> {
    let SharingState::Read(read) = observed else { return Vec::new() };
    let is_due = |grantee: &&Grantee| {
        let due = |grant: &GrantPlan| matches!(grant.work(), GrantWork::Add(_));
        sharing.grants.iter().any(|grant| grant.grantee == **grantee && due(grant))
    };
    let unknown = read.unknown.iter().filter(is_due);
    unknown.map(|grantee| Blocker::UnknownGrantee(grantee.clone())).collect()
}

/// Returns whether what a plan shows of access is what it can be.
pub(super) fn does_sharing_follow(plan: &Plan) -> bool {
    let SharingPlan { grants, links, requests, refused } = &plan.sharing;
    let is_refused = refused.is_some();
    let has_any = !grants.is_empty() || !links.is_empty() || requests.is_some();
    let are_grants = grants
        .is_sorted_by(|a, b| (a.wanted.err(), &a.grantee) < (b.wanted.err(), &b.grantee))
        && grants.iter().all(|grant| grant.wanted.is_ok() || grant.now.is_some());
    let are_links = links.is_sorted_by(|a, b| {
        (a.wanted.err(), &a.name, a.now) <= (b.wanted.err(), &b.name, b.now) || a.wanted.is_ok()
    }) && links.iter().all(|link| link.wanted.is_ok() || link.now.is_some());
    let names: BTreeSet<&String> =
        links.iter().filter(|link| link.wanted.is_ok()).map(|link| &link.name).collect();
    let n_wanted = links.iter().filter(|link| link.wanted.is_ok()).count();
    !(is_refused && has_any) && are_grants && are_links && names.len() == n_wanted
}
