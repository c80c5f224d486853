//! Whether a plan may be applied: what blocks it, what a person has to say, saved plans.

use std::path::Path;

use super::Context;
use super::args::Format;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::project::Project;
use super::saved::{self, Saved};
use crate::check::{Checked, Verdict};
use crate::model::{Community, Field, Severity};
use crate::observed::View;
use crate::plan::{Obstacle, Operation, Plan, PlannedFile, Policy, Target, Unresolved, digest};
use crate::render::{decision_flags, quote_word, shown};

/// How many changed files are named.
const SHOWN_FILES: usize = 5;

/// How a saved plan stands to what would be planned now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// It is what would be planned now, or what is left of it is.
    Fresh,
    /// All of it was done already.
    Applied,
    /// Something changed since: why, a line each.
    Stale(Vec<String>),
}

/// Reads a saved plan that is to be applied.
///
/// # Errors
/// A [`Failure`] when it can't be read, or was made as anybody, who does not see all that an apply
/// has to know.
pub(super) fn read_plan(context: &Context, path: &Path) -> Result<Saved, Failure> {
    let saved = saved::read(path)?;
    if saved.plan().view == View::Owner {
        return Ok(saved);
    }
    let message = format!("the plan `{}` was made without a token", path.display());
    Err(Failure::new(ExitCode::Usage, message).hint(format!(
        "to do exactly that: {} apply{} --expect sha256:{}",
        context.command(),
        decision_flags(saved.plan()),
        digest(saved.plan())
    )))
}

/// Compares a saved plan with what would be planned now of this project.
pub(super) fn freshness(
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
    let message = format!("the plan was made for `{other}`, and this is `{}`", project.places.name);
    causes.insert(0, message);
    freshness
}

/// Returns the manifest that a saved plan was made for, where its name is another one.
fn other_manifest<'a>(project: &Project, saved: &'a Saved) -> Option<&'a str> {
    let named = saved.document["about"]["manifest"].as_str()?;
    let name = Path::new(named).file_name()?;
    (name != project.places.name.as_str()).then_some(named)
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

/// Takes a saved plan for what is to be done. Returns an exit code when it was applied already.
///
/// # Errors
/// A [`Failure`] with code 10 when it is stale.
pub(super) fn of_saved(
    context: &Context,
    (path, saved): (&Path, &Saved),
    project: &Project,
    freshness: Freshness,
    now: &Checked,
) -> Result<Option<ExitCode>, Failure> {
    match freshness {
        Freshness::Fresh => Ok(None),
        Freshness::Applied => {
            let doi = now.plan().basis.doi.as_ref();
            let doi = doi.map_or_else(String::new, |doi| format!(" as {doi}"));
            context.ui.print(&format!("No changes. This plan was applied already{doi}.\n"));
            Ok(Some(ExitCode::Done))
        }
        Freshness::Stale(causes) => {
            let (path, zrel) = (path.display(), context.command());
            let message = format!("the saved plan `{path}` is stale; nothing was sent");
            let failure = Failure { causes, ..Failure::new(ExitCode::Stale, message) };
            let other = other_manifest(project, saved).filter(|other| Path::new(other).is_file());
            if let Some(other) = other {
                let other = quote_word(other);
                return Err(failure
                    .hint(format!("apply it for that manifest: `zrel -m {other} apply {path}`")));
            }
            Err(failure.hint(format!(
                "look at it with `{zrel} show {path}`, and make it again with \
                 `{zrel} plan --out {path}`"
            )))
        }
    }
}

/// Tells whether the record is as it was, and the draft that the plan goes on with.
fn same_basis(then: &Plan, now: &Plan) -> bool {
    then.basis.revision == now.basis.revision
        && then.basis.contents == now.basis.contents
        && then.basis.fingerprint == now.basis.fingerprint
        && same_draft(then, now)
}

/// A file that somebody put into the draft may leave its revision, and shows in the steps.
fn same_draft(then: &Plan, now: &Plan) -> bool {
    then.basis.draft.is_none() || (then.basis.draft == now.basis.draft && then.steps == now.steps)
}

/// Says what changed between two plans, a line each.
fn reasons(then: &Plan, now: &Plan) -> Vec<String> {
    let mut causes = Vec::new();
    if then.basis.version != now.basis.version || then.basis.concept != now.basis.concept {
        causes.push("the record has another latest version than when the plan was made".into());
    } else if then.basis.revision != now.basis.revision {
        causes.push("the record was edited on the server since the plan was made".into());
    } else if let Some(draft) = then.basis.draft.filter(|_| !same_draft(then, now)) {
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
    let is_same_record = then.basis.concept.is_none() || then.basis.concept == now.basis.concept;
    then.server == now.server
        && is_same_record
        && asked(then) == asked(now)
        && then.target.files == now.target.files
        && decided(then) == decided(now)
}

/// Returns the target's metadata without what is decided only at the apply.
fn decided(plan: &Plan) -> crate::model::Metadata {
    let Target { metadata, files: _ } = &plan.target;
    let mut metadata = metadata.clone();
    metadata.remove(Field::PublicationDate);
    if plan.unresolved.iter().any(|open| matches!(open, Unresolved::Tag(_))) {
        metadata.remove(Field::Version);
    }
    metadata
}

/// Refuses any plan but the one with this digest.
///
/// # Errors
/// A [`Failure`] with code 10 when the digest is another one.
pub(super) fn of_digest(context: &Context, expected: &str, now: &Checked) -> Result<(), Failure> {
    let found = digest(now.plan()).to_string();
    if found.starts_with(expected) || now.plan().is_empty() {
        return Ok(());
    }
    let mut failure = Failure::new(
        ExitCode::Stale,
        "the plan is another one than was expected; nothing was sent",
    );
    failure.causes.push(format!("expected sha256:{expected}, and it is now sha256:{found}"));
    Err(failure
        .hint(format!("look at it with `{} plan`", context.command()))
        .hint("give `zrel apply` the flags that the plan was made with: they count in its digest"))
}

/// Refuses a plan that something stands in the way of.
///
/// # Errors
/// A [`Failure`] with the findings that block it.
pub(super) fn refuse_blocked(
    project: &Project,
    checked: &Checked,
    format: Format,
) -> Result<(), Failure> {
    if checked.verdict() == Verdict::Ready {
        return Ok(());
    }
    let is_waiting = |o: &Obstacle| matches!(o, Obstacle::UnderReview(_));
    let obstacles = &checked.plan().obstacles;
    let code = if !obstacles.is_empty() && obstacles.iter().all(is_waiting) {
        ExitCode::Waiting
    } else {
        ExitCode::Blocked
    };
    let errors: Vec<_> = checked
        .findings()
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .cloned()
        .collect();
    if checked.verdict() == Verdict::AtTag && errors.is_empty() {
        let message =
            "the version label is known at the tag, and the commit has none; nothing was sent";
        let zrel = project.places.zrel();
        return Err(Failure::new(code, message)
            .hint(format!("tag the commit, then run `{zrel} apply` there")));
    }
    let mut failure = Failure::findings(
        code,
        "the plan is blocked; nothing was sent",
        &errors,
        Some(project.source()),
    );
    if format == Format::Text {
        // They stand below the plan already.
        failure.findings = String::new();
    }
    Err(failure)
}

/// Asks a person about what only a person can settle.
///
/// # Errors
/// A [`Failure`] with code 13 when nobody can answer, or the answer is no.
pub(super) fn settle_obstacles(
    context: &Context,
    checked: &Checked,
    policy: &mut Policy,
) -> Result<(), Failure> {
    for obstacle in &checked.plan().obstacles {
        let Some(question) = question(obstacle) else { continue };
        match context.ui.ask(&format!("{question} Type yes:")).as_deref() {
            Some("yes") => settle(obstacle, policy),
            Some(_) => return Err(declined()),
            None => return Err(unconfirmed(checked)),
        }
    }
    Ok(())
}

/// What a person is asked; none for what no word can settle.
fn question(obstacle: &Obstacle) -> Option<&'static str> {
    if matches!(obstacle, Obstacle::FirstRecord) {
        Some("Create a new record?")
    } else if matches!(obstacle, Obstacle::NotLastApplied { .. }) {
        Some("Write over a version that zrel did not apply?")
    } else if matches!(obstacle, Obstacle::AnotherWork { .. }) {
        Some("Write to a record that has nothing in common with the manifest?")
    } else if matches!(obstacle, Obstacle::BindingChanged { .. }) {
        Some("Write to another record than before?")
    } else {
        None
    }
}

fn settle(obstacle: &Obstacle, policy: &mut Policy) {
    if let Obstacle::NotLastApplied { latest, .. } | Obstacle::AnotherWork { version: latest, .. } =
        obstacle
    {
        policy.over = Some(*latest);
    } else if let Obstacle::BindingChanged { manifest, .. } = obstacle {
        policy.rebind = Some(*manifest);
    } else {
        policy.initial = true;
    }
}

fn declined() -> Failure {
    Failure::new(ExitCode::Confirmation, "not confirmed; nothing was sent")
}

fn unconfirmed(checked: &Checked) -> Failure {
    let mut failure = Failure::new(
        ExitCode::Confirmation,
        "a person has to confirm this, and nobody can be asked here; nothing was sent",
    );
    let hints = checked.findings().iter().filter(|finding| finding.severity == Severity::Error);
    failure.hints = hints.flat_map(|finding| finding.hints.clone()).collect();
    failure
}

/// Asks for the word that lets the plan go on: the version label, `publish`, or `yes`.
///
/// # Errors
/// A [`Failure`] with code 13 when nobody can answer, or something else is typed.
pub(super) fn ask_to_go_on(context: &Context, checked: &Checked) -> Result<(), Failure> {
    let plan = checked.plan();
    let (zrel, flags) = (context.command(), decision_flags(plan));
    let label = plan.target.metadata.text(Field::Version);
    let (word, question) = if plan.publishes() {
        let word = label.unwrap_or("publish");
        (word, format!("This can't be undone. To publish, type `{}`:", shown(word)))
    } else {
        ("yes", "To go on, type `yes`:".to_owned())
    };
    match context.ui.ask(&question) {
        Some(answer) if answer == word => Ok(()),
        Some(_) => Err(declined()),
        None => Err(Failure::new(
            ExitCode::Confirmation,
            "nobody can be asked here whether to go on; nothing was sent",
        )
        .hint(format!("say so on the command line: {zrel} apply{flags} --auto-approve"))
        .hint(format!(
            "or save the plan, review it, and apply it: {zrel} plan{flags} --out FILE, {zrel} apply FILE"
        ))),
    }
}
