//! `zrel apply` for a workspace: every draft is filled and compared before the first one is
//! published, so that nothing is minted while one of them is not right.

use std::collections::BTreeSet;
use std::fs::File;

use serde_json::{Value as Json, json};

use crate::apply::{Applied, Stop};
use crate::check::{Checked, Verdict};
use crate::cli::approval;
use crate::cli::args::Format;
use crate::cli::args::apply::Apply;
use crate::cli::args::reserve::Reserve;
use crate::cli::commands::plan::{MadePlan, make_from};
use crate::cli::commands::reserve::reserve_draft;
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::error_mapping::map_engine_error;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::interruption::{Progress, run_until_stopped};
use crate::cli::report::{ResultSink, build_result_json};
use crate::cli::selection::Selection;
use crate::cli::terminal_sink::TerminalSink;
use crate::engine::{Project, Release, Session, Sink, make_plan};
use crate::model::Sha256;
use crate::observed::{Observed, View};
use crate::plan::{LinkCover, Operation, Policy, compute_digest};
use crate::render::{escape_text, write_json_text};

use super::plan::{PlannedMember, digest_members, digest_members_with, print};

/// Applies the plans of the members.
///
/// # Errors
/// A [`Failure`] before anything is published; after that, failures are printed and have the worst
/// code.
pub(in crate::cli::commands) fn apply(
    context: &Context,
    args: &Apply,
    selection: &Selection,
) -> Result<ExitCode, Failure> {
    if args.plan.is_some() {
        let message = "a plan file has the plan of one record";
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("approve the plans of a workspace by their digest: --expect DIGEST"));
    }
    let mut locks = Vec::new();
    let planned = plan_all(context, args, selection, &mut locks)?;
    if args.output.format == Format::Text {
        print(context, selection, &planned, args.full);
    }
    refuse_unplanned(&planned)?;
    if let Some(expected) = &args.expect {
        check_expected(expected, &planned)?;
    }
    let approved = digest_members_with(&planned, LinkCover::Member);
    let unknown = list_unknown_members(&planned)?;
    let mut works = collect_works(planned, args)?;
    for work in &mut works {
        work.confirm()?;
    }
    if !works.is_empty() && args.expect.is_none() && !args.auto_approve {
        approval::ask_for_members(context, works.len())?;
    }
    if !unknown.is_empty() {
        // A reservation takes the locks itself.
        drop((works, locks));
        prepare(context, args, selection, &unknown)?;
        locks = Vec::new();
        let planned = plan_all(context, args, selection, &mut locks)?;
        refuse_unplanned(&planned)?;
        if digest_members_with(&planned, LinkCover::Member) != approved {
            let message = "the plans changed since they were approved; nothing is published";
            return Err(Failure::new(ExitCode::Stale, message).hint("plan again"));
        }
        works = collect_works(planned, args)?;
        for work in &mut works {
            work.confirm()?;
        }
    }
    // A record that others link to resolves when they appear.
    works.sort_by_key(|work| !work.made.checked.plan().links.is_empty());
    for work in &mut works {
        work.fill()?;
    }
    let mut ready = Vec::new();
    for work in &mut works {
        ready.push(work.read_again()?);
    }
    let results = works.iter_mut().zip(ready).map(|(work, ready)| work.publish(ready));
    let results: Vec<(ExitCode, Json)> = results.collect();
    if args.output.format == Format::Json {
        context.terminal.print(&write_json_text(&encode(selection, &works, &results)));
    }
    Ok(ExitCode::worst(results.into_iter().map(|(code, _)| code)))
}

/// Returns the members that change.
fn collect_works(planned: Vec<PlannedMember>, args: &Apply) -> Result<Vec<Work<'_>>, Failure> {
    let mut works = Vec::new();
    for PlannedMember { member, context, made } in planned {
        let made = made?;
        if !made.checked.plan().is_empty() {
            works.push(Work { key: member.key, context, made, args });
        }
    }
    Ok(works)
}

/// Returns the keys of the members that others link to and that have no DOI yet.
fn list_unknown_members(planned: &[PlannedMember]) -> Result<BTreeSet<String>, Failure> {
    let mut unknown = BTreeSet::new();
    for one in planned {
        let Ok(made) = &one.made else { continue };
        for (key, doi) in &made.checked.plan().links {
            let is_here = planned.iter().any(|other| other.member.key == *key);
            if doi.is_none() && !is_here {
                let message = format!(
                    "{}: it links to `{key}`, whose DOI is not known and which is not applied here",
                    one.member.key
                );
                return Err(Failure::new(ExitCode::Usage, message)
                    .hint(format!("name it as well: -p {key}")));
            }
            if doi.is_none() {
                unknown.insert(key.clone());
            }
        }
    }
    Ok(unknown)
}

/// Reserves the DOIs of the members that others link to. From then on all links are known, circles
/// too.
fn prepare(
    context: &Context,
    args: &Apply,
    selection: &Selection,
    unknown: &BTreeSet<String>,
) -> Result<(), Failure> {
    let reserve = Reserve { initial: args.flags.initial, ..Reserve::default() };
    for (member, own) in selection.contexts(context) {
        if unknown.contains(&member.key) {
            context.terminal.inform(&format!("\n== {}: prepare", escape_text(&member.key)));
            let reserved = reserve_draft(&own, &reserve);
            reserved.map_err(|failure| name_failure(&member.key, failure))?;
        }
    }
    Ok(())
}

/// Plans all members, and takes their locks: two runs of one manifest would write to one draft.
fn plan_all(
    context: &Context,
    args: &Apply,
    selection: &Selection,
    locks: &mut Vec<File>,
) -> Result<Vec<PlannedMember>, Failure> {
    let mut planned = Vec::new();
    for (member, own) in selection.contexts(context) {
        let made = Project::load(own.project_options()).map_err(Failure::from);
        let made = match made {
            Ok(project) => {
                locks.push(project.run_lock()?);
                make_from(&own, project, (&args.limits, args.flags.to_plan()), View::Owner)
            }
            Err(failure) => Err(failure),
        };
        planned.push(PlannedMember { member, context: own, made });
    }
    Ok(planned)
}

/// Refuses to begin while a member has no plan.
fn refuse_unplanned(planned: &[PlannedMember]) -> Result<(), Failure> {
    let failed: Vec<&PlannedMember> = planned.iter().filter(|one| one.made.is_err()).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let codes = failed.iter().filter_map(|one| one.made.as_ref().err().map(|error| error.code));
    let keys: Vec<&str> = failed.iter().map(|one| one.member.key.as_str()).collect();
    let message = format!("{} can't be planned; nothing was sent", keys.join(", "));
    Err(Failure::new(ExitCode::worst(codes), message)
        .hint("correct them, or name the others with -p KEY"))
}

/// Refuses plans that do not have the expected digest. After they were applied nothing is left.
///
/// Who approved links whose DOI was not known has approved what an earlier try reserved for them.
fn check_expected(expected: &str, planned: &[PlannedMember]) -> Result<(), Failure> {
    let found = digest_members(planned).map(|digest| digest.to_string()).unwrap_or_default();
    let is_done =
        |one: &PlannedMember| one.made.as_ref().is_ok_and(|made| made.checked.plan().is_empty());
    let unknown = digest_members_with(planned, LinkCover::Member);
    let unknown = unknown.map(|digest| digest.to_string()).unwrap_or_default();
    if found.starts_with(expected) || unknown.starts_with(expected) || planned.iter().all(is_done) {
        return Ok(());
    }
    let mut failure =
        Failure::new(ExitCode::Stale, "the plans are not the expected ones; nothing was sent");
    failure.causes.push(format!("expected sha256:{expected}, found sha256:{found}"));
    Err(failure.hint("the digest is of the same members, planned with the same flags"))
}

/// A member that changes.
struct Work<'a> {
    key: String,
    context: Context,
    made: MadePlan,
    args: &'a Apply,
}

/// A plan that was compared with the approved one again.
struct Ready {
    checked: Checked,
    observed: Observed,
}

impl Work<'_> {
    /// Asks about what only a person can decide, and refuses a blocked plan.
    fn confirm(&mut self) -> Result<(), Failure> {
        let made = &mut self.made;
        if made.checked.verdict() == Verdict::NeedsConfirmation {
            approval::settle_blockers(&self.context.terminal, &made.checked, &mut made.policy)
                .map_err(|failure| name_failure(&self.key, failure))?;
            made.checked = make_plan(&made.inputs, &made.observed, &made.policy);
        }
        // The links of a member are known once the others are prepared.
        if is_waiting_for_links(&made.checked) {
            return Ok(());
        }
        let refused = approval::refuse_blocked(&made.project, &made.checked);
        refused.map_err(|failure| self.name(failure))
    }

    /// Brings the draft of a version to the manifest, and compares it; publishes nothing.
    fn fill(&mut self) -> Result<(), Failure> {
        let plan = self.made.checked.plan();
        let makes_version =
            matches!(plan.operation, Operation::NewRecord { .. } | Operation::NewVersion { .. });
        // An edit is one call and public at once: it is done with the publications.
        if !makes_version || !plan.publishes() {
            return Ok(());
        }
        let mut policy = self.made.policy.clone();
        (policy.flags.no_publish, policy.allowed.no_publish) = (true, true);
        let checked = make_plan(&self.made.inputs, &self.made.observed, &policy);
        if checked.plan().is_empty() {
            return Ok(());
        }
        let observed = self.made.observed.clone();
        self.context.terminal.inform(&format!("\n== {}: fill", escape_text(&self.key)));
        let filled = self.run(&policy, Ready { checked, observed }, None);
        filled.map(drop).map_err(|failure| self.name(failure))
    }

    /// Reads the server again, and refuses a plan that is no longer the approved one.
    fn read_again(&mut self) -> Result<Ready, Failure> {
        let approved: Sha256 = compute_digest(self.made.checked.plan());
        let MadePlan { project, inputs, policy, .. } = &mut self.made;
        let observed = self.context.runtime.block_on(async {
            let session = connection::connect(&self.context, project).await?;
            let release = Release::new(project, &session);
            let observed = match release.recall(inputs, policy) {
                Ok(()) => release.observe(inputs, policy).await,
                Err(error) => Err(error),
            };
            // Closed before an error returns: the local server must not outlive the command.
            session.close().await;
            Ok::<_, Failure>(observed?)
        })?;
        let checked = make_plan(inputs, &observed, policy);
        if compute_digest(checked.plan()) == approved || checked.plan().is_empty() {
            return Ok(Ready { checked, observed });
        }
        let message =
            "the record changed since it was planned; nothing of the workspace is published";
        Err(self.name(Failure::new(ExitCode::Stale, message).hint("plan again")))
    }

    /// Publishes, and returns the code and what to say of it in a document. A failure keeps no other
    /// member from its turn.
    fn publish(&mut self, ready: Ready) -> (ExitCode, Json) {
        let policy = self.made.policy.clone();
        let plan = ready.checked.plan().clone();
        self.context.terminal.inform(&format!("\n== {}: publish", escape_text(&self.key)));
        match self.run(&policy, ready, Some(&plan)) {
            Ok(applied) => (ExitCode::Done, build_result_json(&applied, &self.made.project)),
            Err(failure) => {
                let failure = self.name(failure);
                self.context.terminal.say_error(&failure.text());
                (failure.code, failure.json())
            }
        }
    }

    /// Applies a plan; with the approved one, reports what was published.
    fn run(
        &mut self,
        policy: &Policy,
        Ready { checked, observed }: Ready,
        approved: Option<&crate::plan::Plan>,
    ) -> Result<Applied, Failure> {
        let (context, args) = (&self.context, self.args);
        let MadePlan { project, inputs, .. } = &mut self.made;
        let (terminal, progress) = (TerminalSink::new(&context.terminal), Progress::default());
        let sinks: &[&dyn Sink] = &[&progress, &terminal];
        let result = ResultSink::new((context, project), inputs, args);
        context.runtime.block_on(async {
            let session: Session = connection::connect(context, project).await?;
            let release = Release {
                project,
                session: &session,
                sink: &sinks,
                jobs: args.jobs,
                seeded_fault: environment::read_seeded_fault(),
            };
            let applied = run_until_stopped(&context.terminal, &progress, async |stop: &Stop| {
                release.apply(inputs, policy, checked, observed, stop).await
            })
            .await;
            session.close().await;
            let applied = applied.map_err(|error| map_engine_error(&error, Some(project)))?;
            if let Some(plan) = approved.filter(|_| args.output.format == Format::Text) {
                result.applied(&applied, plan);
            }
            Ok(applied)
        })
    }

    fn name(&self, failure: Failure) -> Failure {
        name_failure(&self.key, failure)
    }
}

/// Returns whether only the DOIs of other members are missing, and the confirmation that they get.
fn is_waiting_for_links(checked: &Checked) -> bool {
    checked.verdict() == Verdict::Unlinked
}

/// Says which member a failure is of.
fn name_failure(key: &str, failure: Failure) -> Failure {
    let message = match failure.message.as_str() {
        "" => key.to_owned(),
        message => format!("{key}: {message}"),
    };
    Failure { message, ..failure }
}

fn encode(selection: &Selection, works: &[Work<'_>], results: &[(ExitCode, Json)]) -> Json {
    let members: Vec<Json> = works
        .iter()
        .zip(results)
        .map(|(work, (code, result))| {
            json!({ "key": work.key, "exit_code": code.number(), "result": result })
        })
        .collect();
    let worst = ExitCode::worst(results.iter().map(|(code, _)| *code));
    json!({
        "format_version": "1.0",
        "workspace": selection.workspace.shown,
        "exit_code": worst.number(),
        "members": members,
    })
}
