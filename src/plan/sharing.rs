//! What is planned about who has access to a record beside its owner.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::model::{AccessRequests, Grantee, LinkTerms, Permission};
use crate::observed::{ObservedLink, ObservedSharing, Record, SharingState};

use super::community_plan::Ending;
use super::inputs::Inputs;
use super::sharing_plan::{Giver, GrantPlan, LinkPlan, RequestsPlan, SharingPlan, Wanted};
use super::{Operation, Readers};

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
        let is_left = !self.policy.gives_access()
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
            SharingState::Unread(_) if creates => {
                let requests = UNCONFIGURED;
                let nobody = ObservedSharing { requests, ..ObservedSharing::default() };
                self.compare_sharing(&nobody, &given)
            }
            // Only the record's managers see grants and links: what the lock says is taken to be there.
            SharingState::Unread(requests) => {
                let assumed = ObservedSharing { requests: requests.clone(), ..assume(&given) };
                self.compare_sharing(&assumed, &given)
            }
            SharingState::Refused { message } => SharingPlan {
                refused: Some(message.clone()),
                ..self.compare_sharing(&assume(&given), &given)
            },
        };
        // A new record has what nobody configured.
        if creates && let Some(requests) = &mut plan.requests {
            requests.now = UNCONFIGURED;
        }
        // Who else has access is nobody's business in a public log.
        if self.policy.readers == Readers::Everybody {
            plan.grants.retain(|grant| grant.wanted.giver() != Some(Giver::Elsewhere));
            plan.links.retain(|link| link.wanted.giver() != Some(Giver::Elsewhere));
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
fn assume(given: &Given<'_>) -> ObservedSharing {
    let links = given.links.iter().map(|(name, terms)| ObservedLink {
        // Unique, as ids are.
        id: name.clone(),
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
            wanted: Wanted::Said(*permission),
            now: there.get(grantee).copied(),
        })
        .collect();
    let others = there.into_iter().filter(|(grantee, _)| !wanted.contains_key(*grantee));
    grants.extend(others.map(|(grantee, now)| {
        // A grantee has one grant: that of the lock, also where it was changed since.
        let is_ours = given.grants.contains_key(grantee);
        let by = if is_ours { Giver::Lock } else { Giver::Elsewhere };
        GrantPlan { grantee: grantee.clone(), wanted: Wanted::Unsaid(by), now: Some(now) }
    }));
    // The manifest's come first, and each group is sorted already.
    grants.sort_by_key(|grant| grant.wanted.giver());
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
        let known = given.links.get(name);
        let found = find_link(read, name, [Some(terms), known], known.is_some());
        used.extend(found.map(|link| link.id.as_str()));
        let is_over = today.is_some_and(|today| terms.is_over(today));
        let (wanted, now) = (Wanted::Said(*terms), found.map(|link| link.terms));
        links.push(LinkPlan { name: name.clone(), wanted, now, is_over });
    }
    let mut others = Vec::new();
    for (name, known) in given.links.iter().filter(|(name, _)| !wanted.contains_key(*name)) {
        // One link of the name is zrel's.
        let Some(link) = find_link(read, name, [Some(known), None], true) else { continue };
        used.insert(link.id.as_str());
        let (wanted, now) = (Wanted::Unsaid(Giver::Lock), Some(link.terms));
        others.push(LinkPlan { name: name.clone(), wanted, now, is_over: false });
    }
    let elsewhere = read.iter().filter(|link| !used.contains(link.id.as_str()));
    others.extend(elsewhere.map(|link| LinkPlan {
        name: link.name.clone(),
        wanted: Wanted::Unsaid(Giver::Elsewhere),
        now: Some(link.terms),
        is_over: false,
    }));
    others.sort_by(|a, b| order_links(a).cmp(&order_links(b)));
    links.extend(others);
    links
}

/// Finds the link of a name: the one with the first of these terms that one has. Any other one only
/// where it `is_ours`: what others made of that name is not changed.
fn find_link<'a>(
    read: &'a [ObservedLink],
    name: &str,
    terms: [Option<&LinkTerms>; 2],
    is_ours: bool,
) -> Option<&'a ObservedLink> {
    let named = || read.iter().filter(|link| link.name == name);
    let with = |terms: &LinkTerms| named().find(|link| link.terms == *terms);
    let found = terms.into_iter().flatten().find_map(with);
    found.or_else(|| named().next().filter(|_| is_ours))
}

/// Returns what links are sorted by.
pub(super) fn order_links(link: &LinkPlan) -> (Option<Giver>, &str, Option<LinkTerms>) {
    (link.wanted.giver(), &link.name, link.now)
}
