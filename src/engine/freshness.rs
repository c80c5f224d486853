//! Whether a saved plan is still what has to be done.

use std::path::Path;

use crate::check::Checked;
use crate::model::{AccessRequests, Community, Field, Grantee, LinkTerms, Metadata, Permission};
use crate::plan::{
    CommunityOrigin, CommunityPlan, CommunityWork, Plan, PlannedFile, Policy, Target, Unresolved,
    compute_digest,
};

use super::project::Project;
use super::saved_plan::Saved;

/// How many changed files are listed.
const SHOWN_FILES: usize = 5;

/// How a saved plan compares with what would be planned now.
#[derive(Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It, or the rest of it, is what would be planned now.
    Fresh,
    /// All of it was done already.
    Applied,
    /// Something changed since: the causes, one line each.
    Stale(Vec<String>),
}

/// Compares a saved plan with what would be planned now for this project.
pub fn compare_saved(
    project: &Project,
    saved: &Saved,
    now: &Checked,
    policy: &Policy,
) -> Freshness {
    let mut freshness = compare(saved, now, policy);
    let Freshness::Stale(causes) = &mut freshness else { return freshness };
    let Some(other) = find_other_manifest(project, saved) else { return freshness };
    // If that manifest exists, every other difference follows from comparing with the wrong one.
    if Path::new(other).is_file() {
        causes.clear();
    }
    let message = format!("the plan was made for `{other}`, and this is `{}`", project.paths.name);
    causes.insert(0, message);
    freshness
}

/// Returns the manifest that a saved plan was made for, if it has another name than this one.
pub fn find_other_manifest<'a>(project: &Project, saved: &'a Saved) -> Option<&'a str> {
    let named = saved.document["about"]["manifest"].as_str()?;
    let name = Path::new(named).file_name()?;
    (name != project.paths.name.as_str()).then_some(named)
}

fn compare(saved: &Saved, now: &Checked, policy: &Policy) -> Freshness {
    let (then, plan) = (saved.plan(), now.plan());
    // An apply of this very plan was interrupted, and changed the draft that the plan is based on.
    let goes_on =
        policy.unfinished.as_ref().is_some_and(|open| open.digest == compute_digest(then));
    if compute_digest(then) == compute_digest(plan)
        && (goes_on || has_same_basis(then, plan))
        && has_true_renames(then, plan)
        && was_to_ask(then, plan)
        && plan.shares_within(then)
    {
        return Freshness::Fresh;
    }
    let is_rest = plan.operation.is_of_surroundings();
    // Access that was not to be given then is not what was approved.
    if !has_same_content(then, plan) || !plan.shares_within(then) {
        return Freshness::Stale(list_causes(then, plan));
    }
    // The record is as planned. Requests that the plan did not contain are no reason to ask now.
    if plan.is_waiting() {
        // The draft was submitted: the next step is the community's.
        return Freshness::Fresh;
    }
    if plan.is_empty() || (is_rest && !was_to_ask(then, plan)) {
        Freshness::Applied
    // Only requests are left, and the plan contains each of them.
    } else if is_rest {
        Freshness::Fresh
    } else {
        Freshness::Stale(list_causes(then, plan))
    }
}

/// Returns whether the record and the draft that the plan continues are unchanged.
fn has_same_basis(then: &Plan, now: &Plan) -> bool {
    then.base.revision == now.base.revision
        && then.base.contents == now.base.contents
        && then.base.fingerprint == now.base.fingerprint
        && has_same_draft(then, now)
}

/// Returns whether the files that the saved plan calls renamed are, by their MD5 on the server. The
/// digest does not cover it.
fn has_true_renames(then: &Plan, now: &Plan) -> bool {
    // An older zrel says nothing of it.
    then.files.iter().all(|file| file.renamed.is_none()) || then.files == now.files
}

/// Returns whether the draft is unchanged. A file that another client adds may keep the revision,
/// so the steps are compared too.
fn has_same_draft(then: &Plan, now: &Plan) -> bool {
    then.base.draft.is_none() || (then.base.draft == now.base.draft && then.steps == now.steps)
}

/// Returns what changed between two plans, one line each.
fn list_causes(then: &Plan, now: &Plan) -> Vec<String> {
    let mut causes = Vec::new();
    // One cause for the record: a new version also has another revision and another draft.
    if then.base.version != now.base.version || then.base.concept != now.base.concept {
        causes.push("the record has another latest version than when the plan was made".into());
    } else if then.base.revision != now.base.revision {
        causes.push("the record was edited on the server since the plan was made".into());
    } else if let Some(draft) = then.base.draft.filter(|_| !has_same_draft(then, now)) {
        let id = draft.id;
        causes.push(format!("draft {id} was changed or closed since the plan was made"));
    }
    if then.target.files != now.target.files {
        let which = list_changed_files(then, now);
        causes.push(format!("files have changed since the plan was made: {which}"));
    }
    if strip_undecided(then) != strip_undecided(now) {
        causes.push("the metadata in the manifest have changed since the plan was made".into());
    }
    let is_shared_otherwise = list_wanted_grants(then) != list_wanted_grants(now)
        || list_wanted_links(then) != list_wanted_links(now)
        || find_wanted_requests(then) != find_wanted_requests(now)
        || !now.shares_within(then);
    if is_shared_otherwise {
        causes.push("who has access, or is to have it, has changed since the plan was made".into());
    }
    if causes.is_empty() && !has_true_renames(then, now) {
        causes.push("the plan calls files renamed that have other bytes on the server".into());
    }
    if causes.is_empty() {
        causes.push("what has to be done is no longer the same".into());
    }
    causes
}

/// Returns the files in which two targets differ, at most a few.
fn list_changed_files(then: &Plan, now: &Plan) -> String {
    let (then, now) = (&then.target.files, &now.target.files);
    let differ = |one: &[PlannedFile], other: &[PlannedFile]| -> Vec<String> {
        let changed = one.iter().filter(|file| !other.contains(file));
        changed.map(|file| format!("`{}`", file.key)).collect()
    };
    let mut names = differ(then, now);
    names.extend(differ(now, then));
    names.sort();
    names.dedup();
    let more = names.len().saturating_sub(SHOWN_FILES);
    names.truncate(SHOWN_FILES);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{tail}", names.join(", "))
}

/// Returns whether every community that would be asked now was to be asked then, and had no request
/// since. Otherwise the request is not the one that was approved.
fn was_to_ask(then: &Plan, now: &Plan) -> bool {
    let is_same = |one: &CommunityPlan, other: &CommunityPlan| {
        let of = |plan: &CommunityPlan| {
            (plan.community.clone(), plan.work, plan.status, plan.since, plan.message.clone())
        };
        of(one) == of(other)
    };
    let asked = now.communities.iter().filter(|one| one.work != CommunityWork::Nothing);
    asked.into_iter().all(|now| then.communities.iter().any(|then| is_same(now, then)))
}

/// Returns whether two plans lead to the same record, apart from what was left open.
fn has_same_content(then: &Plan, now: &Plan) -> bool {
    let asked = |plan: &Plan| -> Vec<Community> {
        let named = plan.communities.iter().filter(|one| one.origin == CommunityOrigin::Manifest);
        named.map(|one| one.community.clone()).collect()
    };
    // The plan of a first record has no concept; the record that it made has one.
    let is_same_record = then.base.concept.is_none() || then.base.concept == now.base.concept;
    then.server == now.server
        && is_same_record
        && asked(then) == asked(now)
        && list_wanted_grants(then) == list_wanted_grants(now)
        && list_wanted_links(then) == list_wanted_links(now)
        && find_wanted_requests(then) == find_wanted_requests(now)
        && then.target.files == now.target.files
        && strip_undecided(then) == strip_undecided(now)
}

/// Returns who is to have access, by what the manifest says.
fn list_wanted_grants(plan: &Plan) -> Vec<(&Grantee, Permission)> {
    let grants = plan.sharing.grants.iter();
    grants.filter_map(|grant| Some((&grant.grantee, grant.wanted.said()?))).collect()
}

/// Returns the secret links that there are to be, by what the manifest says.
fn list_wanted_links(plan: &Plan) -> Vec<(&str, LinkTerms)> {
    let links = plan.sharing.links.iter();
    links.filter_map(|link| Some((link.name.as_str(), link.wanted.said()?))).collect()
}

/// Returns who may ask for access, by what the manifest says.
fn find_wanted_requests(plan: &Plan) -> Option<&AccessRequests> {
    plan.sharing.requests.as_ref().map(|requests| &requests.wanted)
}

/// Returns the target's metadata without what is decided only at the apply.
fn strip_undecided(plan: &Plan) -> Metadata {
    let Target { metadata, files: _ } = &plan.target;
    let mut metadata = metadata.clone();
    // The day of the apply may become the date, so another day is no change.
    metadata.remove(Field::PublicationDate);
    // The plan was made before the tag that gives the version.
    if plan.unresolved.iter().any(|open| matches!(open, Unresolved::Tag(_))) {
        metadata.remove(Field::Version);
    }
    metadata
}
