//! The steps about who has access to a record, and whether they follow from the rest of a plan.

use crate::model::Grantee;
use crate::observed::SharingState;

use super::sharing::order_links;
use super::sharing_plan::{Giver, GrantPlan, GrantWork, LinkWork, SharingPlan};
use super::step::{ShareAction, Step};
use super::{Action, Blocker, Plan, Reason};

/// Returns the steps: secret links, then what is given, and last what is lowered or removed, since that
/// may be the access of whoever applies.
pub(super) fn list_share_actions(sharing: &SharingPlan) -> Vec<(Action, Reason)> {
    let mut actions = list_link_actions(sharing);
    let (mut given, mut lowered, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    for grant in &sharing.grants {
        let grantee = grant.grantee.clone();
        match sharing.work_on_grant(grant) {
            GrantWork::Nothing => {}
            GrantWork::Add(permission) => {
                given.push((ShareAction::AddGrant { grantee, permission }, Reason::InManifest));
            }
            GrantWork::Change(permission) => {
                let is_lowered = grant.now > Some(permission);
                let list = if is_lowered { &mut lowered } else { &mut given };
                list.push((ShareAction::ChangeGrant { grantee, permission }, Reason::InManifest));
            }
            GrantWork::Remove => {
                removed.push((ShareAction::RemoveGrant { grantee }, Reason::NotInManifest));
            }
        }
    }
    let requests = sharing.changes_requests();
    let requests = requests.then_some((ShareAction::SetRequests, Reason::InManifest));
    actions.extend(given.into_iter().chain(requests).chain(lowered).chain(removed));
    actions.into_iter().map(|(action, reason)| (Action::Share(action), reason)).collect()
}

/// Returns the steps about secret links: what is removed first.
fn list_link_actions(sharing: &SharingPlan) -> Vec<(ShareAction, Reason)> {
    let (mut removed, mut made) = (Vec::new(), Vec::new());
    for link in &sharing.links {
        let name = link.name.clone();
        match sharing.work_on_link(link) {
            LinkWork::Nothing => {}
            LinkWork::Create(terms) => {
                made.push((ShareAction::CreateLink { name, terms }, Reason::InManifest));
            }
            LinkWork::Change(terms) => {
                made.push((ShareAction::ChangeLink { name, terms }, Reason::InManifest));
            }
            LinkWork::Replace(terms) => {
                let action = ShareAction::RemoveLink { name: name.clone() };
                removed.push((action, Reason::EndsEarlier));
                made.push((ShareAction::CreateLink { name, terms }, Reason::InManifest));
            }
            LinkWork::Remove => {
                let is_over = link.wanted.said().is_some();
                let reason = if is_over { Reason::IsOver } else { Reason::NotInManifest };
                removed.push((ShareAction::RemoveLink { name }, reason));
            }
        }
    }
    removed.into_iter().chain(made).collect()
}

/// Returns the blockers that access is: somebody whom the server can give none.
pub(super) fn find_sharing_blockers(
    sharing: &SharingPlan,
    observed: &SharingState,
) -> Vec<Blocker> {
    let SharingState::Read(read) = observed else { return Vec::new() };
    let is_due = |grantee: &&Grantee| {
        let due = |grant: &GrantPlan| matches!(sharing.work_on_grant(grant), GrantWork::Add(_));
        sharing.grants.iter().any(|grant| grant.grantee == **grantee && due(grant))
    };
    let unknown = read.unknown.iter().filter(is_due);
    unknown.map(|grantee| Blocker::UnknownGrantee(grantee.clone())).collect()
}

/// Returns whether what a plan shows of access is what it can be: each entry once and in its order, and
/// what the manifest does not name only where it is there.
pub(super) fn does_sharing_follow(plan: &Plan) -> bool {
    let SharingPlan { grants, links, .. } = &plan.sharing;
    let is_there = |giver: Option<Giver>, is_now: bool| giver.is_none() || is_now;
    let are_grants = grants
        .is_sorted_by(|a, b| (a.wanted.giver(), &a.grantee) < (b.wanted.giver(), &b.grantee))
        && grants.iter().all(|it| is_there(it.wanted.giver(), it.now.is_some()));
    let are_links = links.is_sorted_by(|a, b| {
        let is_foreign = a.wanted.giver() == Some(Giver::Elsewhere);
        let (one, other) = (order_links(a), order_links(b));
        // Others may make several of one name.
        if is_foreign { one <= other } else { (one.0, one.1) < (other.0, other.1) }
    }) && links.iter().all(|it| is_there(it.wanted.giver(), it.now.is_some()));
    are_grants && are_links
}

impl Plan {
    /// Returns whether it gives and removes no access that another plan does not.
    pub fn shares_within(&self, agreed: &Plan) -> bool {
        let shared = self.steps.iter().filter(|step| matches!(step.action, Action::Share(_)));
        let is_agreed = |step: &Step| agreed.steps.iter().any(|one| one.action == step.action);
        shared.into_iter().all(is_agreed)
    }
}
