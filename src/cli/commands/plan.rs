//! `zrel plan`: reads, compares, prints. Has nothing that could write to the server.

use std::sync::OnceLock;

use serde_json::Value as Json;

use crate::check::{Checked, Verdict};
use crate::cli::approval::{refuse_unnamed, say_needless};
use crate::cli::args::plan::Plan;
use crate::cli::args::{Limits, PlanFormat};
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::select;
use crate::cli::unpublished::refuse_published_path;
use crate::desired::Links;
use crate::engine::{
    PlanInputs, Project, check_allowed, check_writable, make_plan, make_policy, observe_public,
    parse_host, write_document, write_plan,
};
use crate::inventory::{Inventory, Progress};
use crate::model::ServerKind;
use crate::observed::{Observed, View};
use crate::plan::{Blocker, PlanFlags, Policy, compute_digest};
use crate::render::{
    Detail, Review, Source, encode_plan_document, list_decision_flags, quote_word, render_findings,
    render_plan_html, render_plan_markdown, render_plan_text, write_json_text,
};
use crate::terminal::Bar;

use super::workspace;

pub(super) fn run(context: &Context, args: &Plan) -> Result<ExitCode, Failure> {
    // A path that can't be written fails here, and not after hashing and asking the server.
    for path in args.out.iter().chain(&args.output.json_into) {
        check_writable(path)?;
    }
    if let Some(selection) = select(context, &args.members)? {
        return selection.run(context, |selection| workspace::plan(context, args, selection));
    }
    let made = make(context, args)?;
    let MadePlan { project, checked, policy, .. } = &made;
    say_needless(&context.terminal, checked, policy);
    match args.output.format {
        PlanFormat::Text => {
            print_plan(context, project, checked, choose_detail(args.output.full));
        }
        PlanFormat::Json => context.terminal.print(&write_json_text(made.document())),
        PlanFormat::Markdown => {
            let review = Review::new(checked.plan(), made.document());
            context.terminal.print(&render_plan_markdown(&review, args.output.budget));
        }
        PlanFormat::Html => {
            let review = Review::new(checked.plan(), made.document());
            context.terminal.print(&render_plan_html(&review));
        }
    }
    if let Some(path) = &args.output.json_into {
        write_document(path, made.document())?;
    }
    if let Some(path) = &args.out {
        write_plan(path, made.document().clone())?;
        context.terminal.inform("Saved the plan.");
    }
    if args.output.format == PlanFormat::Text || args.out.is_some() {
        let next = describe_next_step(context, checked, args);
        if !next.is_empty() {
            context.terminal.inform(&next);
        }
    }
    crate::cli::workflow_outputs::write_plan_results(context, project, checked);
    Ok(choose_plan_exit_code(checked, args.detailed_exitcode))
}

/// A plan with what it was made from.
pub(super) struct MadePlan {
    /// The project.
    pub(super) project: Project,
    /// Everything local.
    pub(super) inputs: PlanInputs,
    /// What is on the server.
    pub(super) observed: Observed,
    /// The policy.
    pub(super) policy: Policy,
    /// The plan.
    pub(super) checked: Checked,
    /// The plan as a document, where it was asked for.
    document: OnceLock<Json>,
}

/// Reads, compares, and returns the plan.
///
/// # Errors
/// A [`Failure`] when something can't be read or asked.
fn make(context: &Context, args: &Plan) -> Result<MadePlan, Failure> {
    let local = read_local(context, args)?;
    refuse_unnamed(&local.inputs.desired, &local.policy)?;
    let observed = context.runtime.block_on(observe(context, &local, choose_view(args)))?;
    Ok(local.plan(observed))
}

/// Returns how the server is read.
pub(super) fn choose_view(args: &Plan) -> View {
    if args.public { View::Public } else { View::Owner }
}

/// Reads all that is on the disk.
///
/// # Errors
/// A [`Failure`] when something can't be read, or the server may not be asked.
pub(super) fn read_local(context: &Context, args: &Plan) -> Result<Local, Failure> {
    let project = Project::load(context.project_options())?;
    refuse_documents(&project, args)?;
    // A pull request may name any server: no request goes to one that nobody allowed.
    if args.public {
        check_allowed(&project.server, &args.allow_server)?;
    }
    Local::read(context, project, (&args.limits, args.flags.to_plan()))
}

/// Refuses to write a document of the plan where the project would publish it.
///
/// # Errors
/// A [`Failure`] that names the file.
pub(super) fn refuse_documents(project: &Project, args: &Plan) -> Result<(), Failure> {
    let out = args.out.iter().map(|path| ("--out", path));
    for (flag, path) in out.chain(args.output.json_into.iter().map(|path| ("--json-into", path))) {
        refuse_published_path(project, flag, path)?;
    }
    Ok(())
}

impl MadePlan {
    /// Makes the plan again with these DOIs for its links.
    pub(super) fn set_links(&mut self, links: Links) {
        self.inputs.desired = self.inputs.desired.with_links(links);
        self.checked = make_plan(&self.inputs, &self.observed, &self.policy);
        self.document = OnceLock::new();
    }

    /// Returns the plan as a document.
    pub(super) fn document(&self) -> &Json {
        self.document.get_or_init(|| encode_plan_document(&self.checked, &self.project.about()))
    }
}

/// All that a plan is made from but what is on the server.
pub(super) struct Local {
    project: Project,
    inputs: PlanInputs,
    policy: Policy,
}

impl Local {
    /// Reads what is on the disk of a project.
    ///
    /// # Errors
    /// A [`Failure`] when something can't be read.
    pub(super) fn read(
        context: &Context,
        project: Project,
        (limits, flags): (&Limits, PlanFlags),
    ) -> Result<Self, Failure> {
        let inventory = hash_inventory(context, &project, limits)?;
        let mut inputs = project.gather(inventory)?;
        if let Some(command) = context.root_command() {
            inputs.invocation.command_line = command;
        }
        let policy = make_policy(&project, &inputs, flags, environment::choose_readers());
        Ok(Self { project, inputs, policy })
    }

    /// Makes the plan.
    pub(super) fn plan(self, observed: Observed) -> MadePlan {
        let Self { project, inputs, policy } = self;
        let checked = make_plan(&inputs, &observed, &policy);
        MadePlan { project, inputs, observed, policy, checked, document: OnceLock::new() }
    }
}

/// Returns the exit code. A blocked plan is printed and saved like any other; its code tells a pull
/// request's check how the release would end.
pub(super) fn choose_plan_exit_code(checked: &Checked, detailed: bool) -> ExitCode {
    // Goes before `--detailed-exitcode`, whose 2 would look like a plan that can be applied.
    if checked.verdict() == Verdict::Blocked {
        ExitCode::Blocked
    } else if detailed && !checked.plan().is_empty() {
        ExitCode::Changes
    } else {
        ExitCode::Done
    }
}

/// Reads what is on the server.
///
/// # Errors
/// A [`Failure`] when it can't be asked.
pub(super) async fn observe(
    context: &Context,
    Local { project, inputs, policy }: &Local,
    view: View,
) -> Result<Observed, Failure> {
    let session = match view {
        View::Public => connection::connect_anonymously(context, project).await?,
        View::Owner => {
            let connected = connection::connect(context, project).await;
            connected.map_err(|failure| offer_public(failure, project))?
        }
    };
    let observed = match view {
        View::Public => match observe_public(&session, inputs).await {
            Ok(observed) => session.note_backend(observed, inputs, policy).await,
            Err(error) => Err(error),
        },
        View::Owner => match connection::find_listing(context, project)? {
            Some(listing) if !project.was_applied_lately() => {
                session.observe_listed(&listing, inputs, policy).await
            }
            Some(_) | None => session.observe(inputs, policy).await,
        },
    };
    // Closed before an error returns: the local server must not outlive the command.
    session.close().await;
    Ok(observed?)
}

/// Adds to a missing token the hint that a plan from public data needs none.
fn offer_public(failure: Failure, project: &Project) -> Failure {
    if failure.code != ExitCode::Credentials {
        return failure;
    }
    let allowed = match (project.server.kind, parse_host(&project.server)) {
        // A server that is not built in must be allowed by name.
        (ServerKind::Other, Ok(host)) => format!(" --allow-server {host}"),
        _ => String::new(),
    };
    failure.hint(format!("or plan from public data, without a token: zrel plan --public{allowed}"))
}

/// Returns the next step after a plan; none of them applies a blocked plan.
fn describe_next_step(context: &Context, checked: &Checked, args: &Plan) -> String {
    let apply = format!("{} apply", context.command());
    let plan = checked.plan();
    let flags = list_decision_flags(plan);
    if checked.verdict() == Verdict::Blocked {
        return "The plan is blocked: resolve its errors, and plan again.".to_owned();
    }
    if checked.verdict() == Verdict::AtTag {
        return format!("To do it: tag the commit, then {apply}{flags}.");
    }
    if checked.verdict() == Verdict::Unreserved {
        let zrel = context.command();
        return format!(
            "To do it: {zrel} {}, then {zrel} write, commit the files, then {apply}{flags}.",
            plan.reserve_command()
        );
    }
    if checked.verdict() == Verdict::Unlinked {
        return format!("To do it: zrel apply{flags} at the root of the workspace.");
    }
    if plan.is_empty() {
        return String::new();
    }
    // No approval stands for the flag that publishes what a community declined.
    let is_declined =
        plan.blockers.iter().any(|blocker| matches!(blocker, Blocker::ReviewDeclined { .. }));
    if checked.verdict() == Verdict::NeedsConfirmation && (args.public || is_declined) {
        return "Plan again with the flag that confirms it, which the findings name.".to_owned();
    }
    if args.public {
        // `zrel apply` takes no plan that was made without a token, so it is named by its digest.
        let digest = compute_digest(plan);
        return format!(
            "To do exactly that, as its owner: {apply}{flags} --expect sha256:{digest}"
        );
    }
    match &args.out {
        Some(path) => {
            format!("To do exactly that: {apply} {}", quote_word(&path.to_string_lossy()))
        }
        None => format!("To do it: {apply}{flags}"),
    }
}

/// Prints a plan and its findings.
pub(in crate::cli) fn print_plan(
    context: &Context,
    project: &Project,
    checked: &Checked,
    detail: Detail,
) {
    print_checked(context, checked, Some(project.source()), detail);
}

/// Returns how much of a plan is shown.
pub(in crate::cli) fn choose_detail(is_full: bool) -> Detail {
    if is_full { Detail::FULL } else { Detail::FOLDED }
}

/// Prints a plan and its findings; without a source, no lines of the manifest.
pub(in crate::cli) fn print_checked(
    context: &Context,
    checked: &Checked,
    source: Option<Source<'_>>,
    detail: Detail,
) {
    context.terminal.print_text(&render_plan_text(checked, detail));
    let findings = render_findings(checked.findings(), source);
    if !findings.is_empty() {
        context.terminal.print_findings(&format!("\n{}\n", findings.trim_end()));
    }
}

/// Reads and hashes the files, with a bar on a terminal.
pub(in crate::cli) fn hash_inventory(
    context: &Context,
    project: &Project,
    limits: &Limits,
) -> Result<Inventory, Failure> {
    let limits = limits.to_engine();
    Ok(show_reading(context, "hashing", |progress| project.inventory(limits, progress))?)
}

/// Shows a bar on a terminal while files are read.
pub(in crate::cli) fn show_reading<T>(
    context: &Context,
    label: &'static str,
    read: impl FnOnce(&(dyn Fn(Progress) + Sync)) -> T,
) -> T {
    let bar: OnceLock<Bar> = OnceLock::new();
    let progress = |progress: Progress| match progress {
        // With every digest in the cache there is nothing to show.
        Progress::Start { bytes, .. } if bytes > 0 => {
            let _ = bar.set(context.terminal.bar(bytes, label));
        }
        Progress::Advance { bytes } => {
            if let Some(bar) = bar.get() {
                bar.advance(bytes);
            }
        }
        Progress::File { name } => {
            if let Some(bar) = bar.get() {
                bar.name(&crate::render::escape_text(&name));
            }
        }
        Progress::Start { .. } | Progress::Done => {}
    };
    let result = read(&progress);
    if let Some(bar) = bar.get() {
        bar.done();
    }
    result
}
