//! Whether a plan may be applied: what blocks it, what a person must confirm, saved plans.

use crate::engine;
use crate::engine::Freshness;
use std::path::Path;

use super::Context;
use super::exit_code::ExitCode;
use super::failure::Failure;
use crate::check::{Checked, Verdict};
use crate::desired::Desired;
use crate::engine::{Project, Saved, find_other_manifest};
use crate::model::{Doi, Field, Recid, RecordId, Severity};
use crate::observed::View;
use crate::plan::{Blocker, Operation, Plan, Policy, compute_digest};
use crate::render::{
    count, escape_text, list_decision_flags, quote_word, render_access_changes, render_plan_summary,
};
use crate::terminal::Terminal;

/// How often a question is asked.
const QUESTIONS: usize = 5;

/// Reads a saved plan that is to be applied.
///
/// # Errors
/// A [`Failure`] when it can't be read, or was made without a token.
pub(super) fn read_plan(context: &Context, path: &Path) -> Result<Saved, Failure> {
    let saved = engine::read_plan(path)?;
    // A plan that was made without a token knows no draft and no open edit, which an apply needs.
    if saved.plan().view == View::Owner {
        return Ok(saved);
    }
    let message = format!("the plan `{}` was made without a token", path.display());
    Err(Failure::new(ExitCode::Usage, message).hint(format!(
        "to do exactly that: {} apply{} --expect sha256:{}",
        context.command(),
        list_decision_flags(saved.plan()),
        compute_digest(saved.plan())
    )))
}

/// Checks a saved plan against a new one. Returns an exit code when it was applied already.
///
/// # Errors
/// A [`Failure`] with code 10 when it is stale.
pub(super) fn check_saved_plan(
    context: &Context,
    (path, saved): (&Path, &Saved),
    project: &Project,
    freshness: Freshness,
    now: &Checked,
) -> Result<Option<ExitCode>, Failure> {
    match freshness {
        Freshness::Fresh => Ok(None),
        Freshness::Applied => {
            // Running an apply again must end as one undisturbed run does, so this is a success.
            let doi = now.plan().base.doi.as_ref();
            let doi = doi.map_or_else(String::new, |doi| format!(" as {doi}"));
            context.terminal.print(&format!("No changes. This plan was applied already{doi}.\n"));
            Ok(Some(ExitCode::Done))
        }
        Freshness::Stale(causes) => {
            let (path, zrel) = (path.display(), context.command());
            let message = format!("the saved plan `{path}` is stale; nothing was sent");
            let failure = Failure { causes, ..Failure::new(ExitCode::Stale, message) };
            let other =
                find_other_manifest(project, saved).filter(|other| Path::new(other).is_file());
            // Nothing is wrong with the plan: only the manifest on the command line is the wrong
            // one.
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

/// Refuses a plan that does not have the expected digest.
///
/// # Errors
/// A [`Failure`] with code 10 when the digest differs.
pub(super) fn check_expected_digest(
    context: &Context,
    expected: &str,
    now: &Checked,
) -> Result<(), Failure> {
    let found = compute_digest(now.plan()).to_string();
    // After the apply of the expected plan an empty plan is left, whose digest differs, or one that
    // waits for a review: a second run must succeed, and sends nothing.
    if found.starts_with(expected) || now.plan().is_empty() || now.plan().is_waiting() {
        return Ok(());
    }
    let mut failure =
        Failure::new(ExitCode::Stale, "the plan is not the expected one; nothing was sent");
    failure.causes.push(format!("expected sha256:{expected}, found sha256:{found}"));
    Err(failure.hint(format!("look at it with `{} plan`", context.command())).hint(
        "give `zrel apply` the flags that the plan was made with: they are part of its digest",
    ))
}

/// Refuses to ask a community again that the manifest does not name: a mistyped name would be passed
/// over.
///
/// # Errors
/// A [`Failure`] that names it.
pub(super) fn refuse_unnamed(desired: &Desired, policy: &Policy) -> Result<(), Failure> {
    let named = desired.list_communities();
    let Some(unnamed) = policy.flags.ask_again.iter().find(|slug| !named.contains(slug)) else {
        return Ok(());
    };
    let message =
        format!("--ask-again: the manifest names no community `{}`", escape_text(&unnamed.0));
    Err(Failure::new(ExitCode::Usage, message).hint("it takes an `id` under [[communities]]"))
}

/// Says which of the flags about communities change nothing in the plan.
pub(super) fn say_needless(terminal: &Terminal, checked: &Checked, policy: &Policy) {
    let (given, used) = (&policy.flags, &checked.plan().flags);
    let again = given.ask_again.difference(&used.ask_again).map(|slug| ("--ask-again", slug));
    let left = given.leave.difference(&used.leave).map(|slug| ("--leave", slug));
    for (flag, slug) in again.chain(left) {
        terminal
            .say(&format!("note: {flag} {} changes nothing in this plan", escape_text(&slug.0)));
    }
    if let Some(draft) = given.publish_declined.filter(|_| used.publish_declined.is_none()) {
        terminal.say(&format!("note: --publish-declined {draft} changes nothing in this plan"));
    }
}

/// Refuses a blocked plan.
///
/// # Errors
/// A [`Failure`] with the findings that block it.
pub(super) fn refuse_blocked(project: &Project, checked: &Checked) -> Result<(), Failure> {
    if checked.verdict() == Verdict::Ready {
        return Ok(());
    }
    let is_waiting = |o: &Blocker| matches!(o, Blocker::UnderReview { .. });
    let blockers = &checked.plan().blockers;
    // Code 15 tells a script to try later, which is right only when a review is all that is left.
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
    // In the release workflow the tag exists; here a tag is missing, and no finding says so.
    if checked.verdict() == Verdict::AtTag && errors.is_empty() {
        let message =
            "the version label comes from a git tag, and the commit has none; nothing was sent";
        let zrel = project.paths.zrel();
        return Err(Failure::new(code, message)
            .hint(format!("tag the commit, then run `{zrel} apply` there")));
    }
    if checked.verdict() == Verdict::Unreserved && errors.is_empty() {
        let message = "the DOI of this version is not in the files yet; nothing was sent";
        let zrel = project.paths.zrel();
        return Err(Failure::new(code, message).hint(format!(
            "run `{zrel} {}`, then `{zrel} write`, and apply again",
            checked.plan().reserve_command()
        )));
    }
    if checked.verdict() == Verdict::Unlinked && errors.is_empty() {
        let message = "the record links to a member whose DOI is not known yet; nothing was sent";
        return Err(Failure::new(code, message)
            .hint("run `zrel apply` at the root of the workspace: it reserves that DOI first"));
    }
    let message = "the plan is blocked; nothing was sent";
    Err(Failure::findings(code, message, &errors, Some(project.source())))
}

/// Refuses a blocked plan whose findings were printed below it already.
///
/// # Errors
/// A [`Failure`] without them.
pub(super) fn refuse_shown_plan(project: &Project, checked: &Checked) -> Result<(), Failure> {
    let refused = refuse_blocked(project, checked);
    refused.map_err(|failure| Failure { findings: String::new(), ..failure })
}

/// Asks a person to confirm what only a person can decide.
///
/// # Errors
/// A [`Failure`] with code 13 when nobody can answer, or the answer is no.
pub(super) fn settle_blockers(
    terminal: &Terminal,
    checked: &Checked,
    policy: &mut Policy,
) -> Result<(), Failure> {
    for blocker in &checked.plan().blockers {
        let Some(request) = choose_question(blocker) else { continue };
        // Each blocker is asked about separately: one answer must not cover another blocker.
        match ask_for_word(terminal, &format!("{request} Type yes:"), "yes") {
            Answer::Given => confirm_blocker(blocker, policy),
            Answer::Declined => return Err(make_declined_failure()),
            Answer::Unavailable => return Err(make_unconfirmed_failure(checked)),
        }
    }
    Ok(())
}

/// What came of a question for a word.
pub(super) enum Answer {
    /// The word was typed.
    Given,
    /// Nothing was typed, or a no, or another word too often.
    Declined,
    /// Nobody can be asked, or the input ended.
    Unavailable,
}

/// Asks for a word, and again when another one was typed: a slip must not cost the whole run.
pub(super) fn ask_for_word(terminal: &Terminal, request: &str, word: &str) -> Answer {
    for _ in 0..QUESTIONS {
        match terminal.ask(request).as_deref() {
            Some(answer) if answer == word => return Answer::Given,
            Some("" | "n" | "N" | "no" | "No" | "NO") => return Answer::Declined,
            Some(answer) => {
                let (answer, word) = (escape_text(answer), escape_text(word));
                terminal.say(&format!("`{answer}` is not `{word}`. To stop, press Enter."));
            }
            // At a terminal the end of input is Ctrl-D, by which people leave a question.
            None if terminal.can_ask() => return Answer::Declined,
            None => return Answer::Unavailable,
        }
    }
    Answer::Declined
}

/// Returns the question for a blocker; none for a blocker that no answer can settle.
fn choose_question(blocker: &Blocker) -> Option<String> {
    if let Blocker::LeavesCommunity(community) = blocker {
        return Some(format!("Let the record leave community {}?", escape_text(&community.0)));
    }
    let question = if matches!(blocker, Blocker::FirstRecord) {
        Some("Create a new record?")
    } else if matches!(blocker, Blocker::ReviewDeclined { is_wanted: false, .. }) {
        Some("Publish what a community declined?")
    } else if matches!(blocker, Blocker::NotLastApplied { .. }) {
        Some("Write over a version that zrel did not apply?")
    } else if matches!(blocker, Blocker::AnotherWork { .. }) {
        Some("Write to a record that has nothing in common with the manifest?")
    } else if matches!(blocker, Blocker::BindingChanged { .. }) {
        Some("Write to another record than before?")
    } else {
        None
    };
    question.map(str::to_owned)
}

fn confirm_blocker(blocker: &Blocker, policy: &mut Policy) {
    if let Blocker::NotLastApplied { latest, .. } | Blocker::AnotherWork { version: latest, .. } =
        blocker
    {
        policy.allowed.over = Some(*latest);
    } else if let Blocker::BindingChanged { manifest, .. } = blocker {
        policy.rebind = Some(*manifest);
    } else if let Blocker::LeavesCommunity(community) = blocker {
        policy.allowed.leave.insert(community.clone());
    } else if let Blocker::ReviewDeclined { draft, .. } = blocker {
        policy.allowed.publish_declined = Some(*draft);
    } else {
        // Of the blockers with a question, only the first record is left.
        policy.allowed.initial = true;
    }
}

fn make_declined_failure() -> Failure {
    Failure::new(ExitCode::Confirmation, "not confirmed; nothing was sent")
}

fn make_unconfirmed_failure(checked: &Checked) -> Failure {
    let mut failure = Failure::new(
        ExitCode::Confirmation,
        "a person has to confirm this, and nobody can be asked here; nothing was sent",
    );
    // Each hint names the flag that confirms without a terminal.
    let hints = checked.findings().iter().filter(|finding| finding.severity == Severity::Error);
    failure.hints = hints.flat_map(|finding| finding.hints.clone()).collect();
    failure
}

/// Asks whether to discard a draft.
///
/// # Errors
/// A [`Failure`] with code 13 when nobody can answer, or the answer is no.
pub(super) fn ask_to_discard(
    context: &Context,
    what: &str,
    named: Option<Recid>,
) -> Result<(), Failure> {
    let named = named.map_or_else(String::new, |id| format!(" {id}"));
    match ask_for_word(&context.terminal, &format!("To discard {what}, type `yes`:"), "yes") {
        Answer::Given => Ok(()),
        Answer::Declined => Err(make_declined_failure()),
        Answer::Unavailable => Err(Failure::new(
            ExitCode::Confirmation,
            "nobody can be asked here whether to discard it; nothing was sent",
        )
        .hint(format!(
            "approve it on the command line: {} discard{named} --auto-approve",
            context.command()
        ))),
    }
}

/// Asks whether to make the calls that were shown, which mend a draft; `elsewhere` is the hint where
/// nobody can answer.
///
/// # Errors
/// A [`Failure`] with code 13 when nobody can answer, or the answer is no.
pub(super) fn ask_to_mend(
    context: &Context,
    draft: RecordId,
    elsewhere: String,
) -> Result<(), Failure> {
    match ask_for_word(&context.terminal, "To make what is shown, type `yes`:", "yes") {
        Answer::Given => Ok(()),
        Answer::Declined => {
            let message = format!("not confirmed; nothing more was sent about draft {draft}");
            Err(Failure::new(ExitCode::Confirmation, message))
        }
        Answer::Unavailable => Err(Failure::new(
            ExitCode::Confirmation,
            format!("nobody can be asked here whether to mend draft {draft}; nothing was sent"),
        )
        .hint(elsewhere)),
    }
}

/// Asks for the DOI that others carry and that leads nowhere once its draft is discarded.
///
/// # Errors
/// A [`Failure`] with code 13 when nobody can answer, or another DOI is typed.
pub(super) fn ask_for_dead_doi(
    context: &Context,
    doi: &Doi,
    (named, is_approved): (Option<Recid>, bool),
) -> Result<(), Failure> {
    let named = named.map_or_else(String::new, |id| format!(" {id}"));
    let request = format!("To discard the draft all the same, type its DOI `{doi}`:");
    // `--auto-approve` is often in a script, which knows nothing of who carries the DOI.
    let answer = if is_approved {
        Answer::Unavailable
    } else {
        ask_for_word(&context.terminal, &request, doi.as_str())
    };
    match answer {
        Answer::Given => Ok(()),
        Answer::Declined => Err(make_declined_failure()),
        Answer::Unavailable => Err(Failure::new(
            ExitCode::Confirmation,
            format!("others carry {doi}, which would lead nowhere for good; nothing was sent"),
        )
        .hint("publish the draft instead: nothing else makes the DOI resolve")
        .hint(format!(
            "to discard it all the same: {} discard{named} --dead-doi {doi}",
            context.command()
        ))),
    }
}

/// Asks whether others may change the record, or see it by a secret link, where `--auto-approve` or a
/// draft has approved the rest.
///
/// # Errors
/// A [`Failure`] with code 13 when nobody can answer, or the answer is no.
pub(super) fn ask_to_share(context: &Context, plan: &Plan) -> Result<(), Failure> {
    if !plan.sharing.opens_record() {
        return Ok(());
    }
    if context.terminal.can_ask() {
        context.terminal.say(&format!("\n{}", render_access_changes(plan)));
    }
    let request = "To give this access, type `yes`:";
    match ask_for_word(&context.terminal, request, "yes") {
        Answer::Given => Ok(()),
        Answer::Declined => Err(make_declined_failure()),
        Answer::Unavailable => {
            let (zrel, flags) = (context.command(), list_decision_flags(plan));
            Err(Failure::new(
                ExitCode::Confirmation,
                "the plan gives others access, which needs a confirmation of its own; nothing was sent",
            )
            .hint(format!(
                "approve exactly this: {zrel} apply{flags} --expect sha256:{}",
                compute_digest(plan)
            )))
        }
    }
}

/// Says where the addresses of new secret links are.
pub(super) fn name_addresses(terminal: &Terminal, zrel: &str, plan: &Plan) {
    if plan.makes_links() {
        terminal.inform(&format!("The address of a secret link: {zrel} access --addresses"));
    }
}

/// How plans are approved where nobody can be asked.
pub(super) const ON_COMMAND_LINE: &str =
    "approve the plans on the command line: --auto-approve, or --expect DIGEST";

/// How plans that give others access are.
pub(super) const BY_DIGEST: &str =
    "a plan gives others access, which --auto-approve does not cover: --expect DIGEST does";

/// What stands before the question about plans that publish.
pub(super) const PERMANENT: &str = "What is published can't be taken back. ";

/// Asks for the number of members whose plans are applied, after a warning, which may be empty;
/// `elsewhere` is the hint where nobody can answer.
///
/// # Errors
/// A [`Failure`] with code 13 when nobody can answer, or another number is typed.
pub(super) fn ask_for_members(
    context: &Context,
    (warning, n_members): (&str, usize),
    elsewhere: &str,
) -> Result<(), Failure> {
    let word = n_members.to_string();
    let request = format!("{warning}To apply {}, type `{word}`:", count(n_members, "plan"));
    match ask_for_word(&context.terminal, &request, &word) {
        Answer::Given => Ok(()),
        Answer::Declined => Err(make_declined_failure()),
        Answer::Unavailable => Err(Failure::new(
            ExitCode::Confirmation,
            "nobody can be asked here whether to continue; nothing was sent",
        )
        .hint(elsewhere)),
    }
}

/// Asks for the word that starts the apply: the version label, `publish`, or `yes`.
///
/// # Errors
/// A [`Failure`] with code 13 when nobody can answer, or another word is typed.
pub(super) fn ask_to_continue(context: &Context, checked: &Checked) -> Result<(), Failure> {
    let plan = checked.plan();
    let (zrel, flags) = (context.command(), list_decision_flags(plan));
    let label = plan.target.metadata.text(Field::Version);
    // A publication is permanent, so a reflex `yes` is not enough: the version itself is typed.
    let (word, request) = if plan.publishes() {
        let word = label.unwrap_or("publish");
        let is_edit = matches!(plan.operation, Operation::Edit { .. });
        let (lead, act) = if plan.submits_to().is_some() {
            ("The community's acceptance can't be undone.", "submit it for review")
        } else if is_edit {
            ("The change is public at once.", "publish")
        } else {
            ("This can't be undone.", "publish")
        };
        (word, format!("{lead} To {act}, type `{}`:", escape_text(word)))
    } else {
        ("yes", "To continue, type `yes`:".to_owned())
    };
    if context.terminal.can_ask() {
        // A long plan has scrolled away what matters most.
        context.terminal.say(&format!("\n{}", render_plan_summary(checked)));
    }
    match ask_for_word(&context.terminal, &request, word) {
        Answer::Given => Ok(()),
        Answer::Declined => Err(make_declined_failure()),
        Answer::Unavailable => Err(Failure::new(
            ExitCode::Confirmation,
            "nobody can be asked here whether to continue; nothing was sent",
        )
        .hint(format!("approve it on the command line: {zrel} apply{flags} --auto-approve"))
        .hint(format!(
            "or save the plan, review it, and apply it: {zrel} plan{flags} --out FILE, {zrel} apply FILE"
        ))),
    }
}
