//! Whether a plan may be applied: what blocks it, what a person has to say, saved plans.

use crate::engine;
use crate::engine::Freshness;
use std::path::Path;

use super::Context;
use super::args::Format;
use super::exit_code::ExitCode;
use super::failure::Failure;
use crate::check::{Checked, Verdict};
use crate::engine::{Project, Saved, other_manifest};
use crate::model::{Field, Severity};
use crate::observed::View;
use crate::plan::{Blocker, Policy, digest};
use crate::render::{decision_flags, quote_word, shown};
use crate::terminal::Terminal;

/// Reads a saved plan that is to be applied.
///
/// # Errors
/// A [`Failure`] when it can't be read, or was made as anybody, who does not see all that an apply
/// has to know.
pub(super) fn read_plan(context: &Context, path: &Path) -> Result<Saved, Failure> {
    let saved = engine::read_plan(path)?;
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
            let doi = now.plan().base.doi.as_ref();
            let doi = doi.map_or_else(String::new, |doi| format!(" as {doi}"));
            context.terminal.print(&format!("No changes. This plan was applied already{doi}.\n"));
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
    let is_waiting = |o: &Blocker| matches!(o, Blocker::UnderReview(_));
    let blockers = &checked.plan().blockers;
    let code = if !blockers.is_empty() && blockers.iter().all(is_waiting) {
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
        let zrel = project.paths.zrel();
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
    terminal: &Terminal,
    checked: &Checked,
    policy: &mut Policy,
) -> Result<(), Failure> {
    for blocker in &checked.plan().blockers {
        let Some(request) = request(blocker) else { continue };
        match terminal.ask(&format!("{request} Type yes:")).as_deref() {
            Some("yes") => settle(blocker, policy),
            Some(_) => return Err(declined()),
            None => return Err(unconfirmed(checked)),
        }
    }
    Ok(())
}

/// What a person is asked; none for what no word can settle.
fn request(blocker: &Blocker) -> Option<&'static str> {
    if matches!(blocker, Blocker::FirstRecord) {
        Some("Create a new record?")
    } else if matches!(blocker, Blocker::NotLastApplied { .. }) {
        Some("Write over a version that zrel did not apply?")
    } else if matches!(blocker, Blocker::AnotherWork { .. }) {
        Some("Write to a record that has nothing in common with the manifest?")
    } else if matches!(blocker, Blocker::BindingChanged { .. }) {
        Some("Write to another record than before?")
    } else {
        None
    }
}

fn settle(blocker: &Blocker, policy: &mut Policy) {
    if let Blocker::NotLastApplied { latest, .. } | Blocker::AnotherWork { version: latest, .. } =
        blocker
    {
        policy.over = Some(*latest);
    } else if let Blocker::BindingChanged { manifest, .. } = blocker {
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
    let (word, request) = if plan.publishes() {
        let word = label.unwrap_or("publish");
        (word, format!("This can't be undone. To publish, type `{}`:", shown(word)))
    } else {
        ("yes", "To go on, type `yes`:".to_owned())
    };
    match context.terminal.ask(&request) {
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
