//! Whether a saved plan still says what is to be done.

use std::path::Path;

use crate::check::Checked;
use crate::model::{Community, Field, Metadata};
use crate::plan::{Operation, Plan, PlannedFile, Policy, Target, Unresolved, digest};

use super::project::Project;
use super::saved_plan::Saved;

/// How many changed files are named.
const SHOWN_FILES: usize = 5;

/// How a saved plan stands to what would be planned now.
#[derive(Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It is what would be planned now, or what is left of it is.
    Fresh,
    /// All of it was done already.
    Applied,
    /// Something changed since: why, a line each.
    Stale(Vec<String>),
}

/// Compares a saved plan with what would be planned now of this project.
pub fn compare_saved(
    project: &Project,
    saved: &Saved,
    now: &Checked,
    policy: &Policy,
) -> Freshness {
    let mut freshness = compare(saved, now, policy);
    let Freshness::Stale(causes) = &mut freshness else { return freshness };
    let Some(other) = other_manifest(project, saved) else { return freshness };
    // Where it is there, all else that differs comes of that.
    if Path::new(other).is_file() {
        causes.clear();
    }
    let message = format!("the plan was made for `{other}`, and this is `{}`", project.paths.name);
    causes.insert(0, message);
    freshness
}

/// Returns the manifest that a saved plan was made for, where its name is another one.
pub fn other_manifest<'a>(project: &Project, saved: &'a Saved) -> Option<&'a str> {
    let named = saved.document["about"]["manifest"].as_str()?;
    let name = Path::new(named).file_name()?;
    (name != project.paths.name.as_str()).then_some(named)
}

fn compare(saved: &Saved, now: &Checked, policy: &Policy) -> Freshness {
    let (then, plan) = (saved.plan(), now.plan());
    let goes_on = policy.unfinished.as_ref().is_some_and(|open| open.digest == digest(then));
    if digest(then) == digest(plan) && (goes_on || same_basis(then, plan)) {
        return Freshness::Fresh;
    }
    let is_rest = matches!(plan.operation, Operation::Communities { .. });
    if !same_content(then, plan) {
        return Freshness::Stale(reasons(then, plan));
    }
    if plan.is_empty() || (is_rest && !was_to_ask(then, plan)) {
        Freshness::Applied
    } else if is_rest {
        Freshness::Fresh
    } else {
        Freshness::Stale(reasons(then, plan))
    }
}

/// Tells whether the record is as it was, and the draft that the plan continues.
fn same_basis(then: &Plan, now: &Plan) -> bool {
    then.base.revision == now.base.revision
        && then.base.contents == now.base.contents
        && then.base.fingerprint == now.base.fingerprint
        && same_draft(then, now)
}

/// A file that somebody put into the draft may leave its revision, and shows in the steps.
fn same_draft(then: &Plan, now: &Plan) -> bool {
    then.base.draft.is_none() || (then.base.draft == now.base.draft && then.steps == now.steps)
}

/// Says what changed between two plans, a line each.
fn reasons(then: &Plan, now: &Plan) -> Vec<String> {
    let mut causes = Vec::new();
    if then.base.version != now.base.version || then.base.concept != now.base.concept {
        causes.push("the record has another latest version than when the plan was made".into());
    } else if then.base.revision != now.base.revision {
        causes.push("the record was edited on the server since the plan was made".into());
    } else if let Some(draft) = then.base.draft.filter(|_| !same_draft(then, now)) {
        let id = draft.id;
        causes.push(format!("draft {id} was changed or closed since the plan was made"));
    }
    if then.target.files != now.target.files {
        let which = changed_files(then, now);
        causes.push(format!("files have changed since the plan was made: {which}"));
    }
    if decided(then) != decided(now) {
        causes.push("the metadata in the manifest have changed since the plan was made".into());
    }
    if causes.is_empty() {
        causes.push("what has to be done is no longer the same".into());
    }
    causes
}

/// Names the files in which two targets differ, or some of them.
fn changed_files(then: &Plan, now: &Plan) -> String {
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

/// Tells whether every community that would be asked now was to be asked then, and has had no
/// request since: else the request is another one than the plan was approved for.
fn was_to_ask(then: &Plan, now: &Plan) -> bool {
    let asked = now.communities.iter().filter(|wanted| wanted.ask);
    asked.into_iter().all(|wanted| then.communities.contains(wanted))
}

/// Tells whether two plans lead to the same record, but for what was left open.
fn same_content(then: &Plan, now: &Plan) -> bool {
    let asked = |plan: &Plan| -> Vec<Community> {
        plan.communities.iter().map(|wanted| wanted.community.clone()).collect()
    };
    let is_same_record = then.base.concept.is_none() || then.base.concept == now.base.concept;
    then.server == now.server
        && is_same_record
        && asked(then) == asked(now)
        && then.target.files == now.target.files
        && decided(then) == decided(now)
}

/// Returns the target's metadata without what is decided only at the apply.
fn decided(plan: &Plan) -> Metadata {
    let Target { metadata, files: _ } = &plan.target;
    let mut metadata = metadata.clone();
    metadata.remove(Field::PublicationDate);
    if plan.unresolved.iter().any(|open| matches!(open, Unresolved::Tag(_))) {
        metadata.remove(Field::Version);
    }
    metadata
}
