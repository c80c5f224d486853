//! `zrel show`: a saved plan, or what is on the server.

use super::plan::{choose_detail, print_checked};
use crate::cli::args::show::Show;
use crate::cli::args::{Limits, PlanFormat};
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::unpublished::refuse_published_path;
use crate::engine::check_writable;
use crate::engine::{Freshness, compare_saved, read_public_record, read_saved, write_document};
use crate::engine::{PlanInputs, Project};
use crate::engine::{Saved, SavedFile, SavedMember, SavedSet};
use crate::engine::{make_plan, make_policy};
use crate::observed::{Observed, View};
use crate::plan::{Noted, PlanFlags, Policy, encode_severity};
use crate::render::{
    Review, encode_observed, escape_text, render_members, render_plan_html, render_plan_markdown,
    render_record, render_set_html, render_set_markdown, write_json_text,
};

pub(super) fn run(context: &Context, args: &Show) -> Result<ExitCode, Failure> {
    if let Some(path) = &args.output.json_into {
        // A path that can't be written fails here, and not after asking the server.
        check_writable(path)?;
        // A plan can be shown without a manifest, and then no record can include the file.
        if let Ok(project) = Project::load(context.project_options()) {
            refuse_published_path(&project, "--json-into", path)?;
        }
    }
    if let Some(path) = &args.plan {
        let mut saved = match read_saved(path)? {
            SavedFile::One(saved) => *saved,
            SavedFile::Set(saved) => return show_set(context, args, saved),
        };
        // Kept as a result: without manifest, token or server the plan is still shown.
        let now = compare(context, &saved);
        let document = add_freshness(&saved, &now);
        // The digest does not cover which file was renamed: only the server can confirm it.
        if !matches!(now, Ok(Freshness::Fresh)) {
            saved.checked = saved.checked.without_renames();
        }
        match args.output.format {
            PlanFormat::Text => print_saved(context, args, &saved, &now),
            PlanFormat::Json => context.terminal.print(&write_json_text(&document)),
            PlanFormat::Markdown => {
                let review = Review::new(saved.plan(), &document);
                context.terminal.print(&render_plan_markdown(&review, args.output.budget));
            }
            PlanFormat::Html => {
                context.terminal.print(&render_plan_html(&Review::new(saved.plan(), &document)));
            }
        }
        if let Some(path) = &args.output.json_into {
            write_document(path, &document)?;
        }
        return Ok(ExitCode::Done);
    }
    show_record(context, args)
}

/// Shows the saved plans of a workspace. They are not compared with what is there now: `zrel apply`
/// does that.
fn show_set(context: &Context, args: &Show, saved: SavedSet) -> Result<ExitCode, Failure> {
    // The digests do not cover which files were renamed: only the server can confirm it.
    let saved = saved.without_renames();
    let review = saved.review();
    match args.output.format {
        PlanFormat::Text => {
            context.terminal.print_text(&render_members(&review));
            for member in &saved.members {
                print_member(context, args, member);
            }
            if let Some(digest) = &saved.digest {
                let line = format!("\nDigest of the workspace sha256:{digest}\n");
                context.terminal.print_text(&line);
            }
            context.terminal.say("Not compared with what is there now: `zrel apply` does that.");
        }
        PlanFormat::Json => context.terminal.print(&write_json_text(&saved.document)),
        PlanFormat::Markdown => {
            context.terminal.print(&render_set_markdown(&review, args.output.budget));
        }
        PlanFormat::Html => context.terminal.print(&render_set_html(&review)),
    }
    if let Some(path) = &args.output.json_into {
        write_document(path, &saved.document)?;
    }
    Ok(ExitCode::Done)
}

/// Prints the saved plan of a member that changes.
fn print_member(context: &Context, args: &Show, member: &SavedMember) {
    let Ok(saved) = &member.plan else { return };
    if !saved.plan().is_empty() {
        context.terminal.print_text(&format!("\n== {}\n", escape_text(&member.key)));
        print_checked(context, &saved.checked, None, choose_detail(args.output.full));
    }
}

fn show_record(context: &Context, args: &Show) -> Result<ExitCode, Failure> {
    if matches!(args.output.format, PlanFormat::Markdown | PlanFormat::Html) {
        let message = "Markdown and HTML are for plans, and no plan is named";
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("name a saved plan, or use `zrel plan --format markdown`"));
    }
    let project = Project::load(context.project_options())?;
    let observed = observe_record(context, &project)?;
    let document = encode_observed(&observed);
    match args.output.format {
        PlanFormat::Json => context.terminal.print(&write_json_text(&document)),
        PlanFormat::Text | PlanFormat::Markdown | PlanFormat::Html => {
            let place = (&project.server, context.command());
            let detail = choose_detail(args.output.full);
            context.terminal.print_text(&render_record(&observed, (place.0, &place.1), detail));
        }
    }
    if let Some(path) = &args.output.json_into {
        write_document(path, &document)?;
    }
    Ok(ExitCode::Done)
}

/// Compares a saved plan with what would be planned now.
///
/// # Errors
/// A [`Failure`] when there is nothing to compare it with: no manifest, no server.
fn compare(context: &Context, saved: &Saved) -> Result<Freshness, Failure> {
    let project = Project::load(context.project_options())?;
    let (inputs, observed, policy) =
        read_inputs_and_record(context, &project, saved.plan().flags.clone())?;
    let now = make_plan(&inputs, &observed, &policy);
    Ok(compare_saved(&project, saved, &now, &policy))
}

/// Prints a saved plan as it was made, and whether it is stale now.
fn print_saved(context: &Context, args: &Show, saved: &Saved, now: &Result<Freshness, Failure>) {
    // Without the manifest's text: it may have changed, and other lines would be shown.
    let checked = saved.checked.clone().invocation(&context.invocation());
    print_checked(context, &checked, None, choose_detail(args.output.full));
    let noted = &saved.plan().noted;
    if !noted.is_empty() {
        context.terminal.print("\nNoted of the manifest and its files when the plan was made:\n");
    }
    for Noted { severity, code, summary, .. } in noted {
        let line = format!("{}[{code}]: {summary}", encode_severity(*severity));
        context.terminal.print(&format!("  {}\n", escape_text(&line)));
    }
    match now {
        Ok(Freshness::Fresh) => {}
        Ok(Freshness::Applied) => context.terminal.print("\nApplied already.\n"),
        Ok(Freshness::Stale(causes)) => {
            context.terminal.print("\nStale:\n");
            for cause in causes {
                context.terminal.print(&format!("  {}\n", escape_text(cause)));
            }
        }
        Err(failure) => {
            let why = escape_text(&failure.message);
            context.terminal.say(&format!("Not compared with what is there now: {why}"));
        }
    }
}

/// Returns the plan's document, with whether it is stale now.
fn add_freshness(saved: &Saved, now: &Result<Freshness, Failure>) -> serde_json::Value {
    let (state, because) = match now {
        Ok(Freshness::Fresh) => ("fresh", Vec::new()),
        Ok(Freshness::Applied) => ("applied", Vec::new()),
        Ok(Freshness::Stale(causes)) => ("stale", causes.clone()),
        Err(failure) => ("unknown", vec![failure.message.clone()]),
    };
    let mut document = saved.document.clone();
    document["now"] = serde_json::json!({"state": state, "because": because});
    document
}

/// Reads the record from the server, without local files; without a token, only its public part.
pub(in crate::cli) fn observe_record(
    context: &Context,
    project: &Project,
) -> Result<Observed, Failure> {
    let request = project.record_location()?;
    context.runtime.block_on(async {
        let (session, view) = connection::connect_to_read(context, project).await?;
        let observed = match view {
            View::Owner => session.observe_record(&request).await.map(Some),
            View::Public => read_public_record(&session, &request, &project.server).await,
        };
        session.close().await;
        match view {
            View::Owner => Ok(observed?.unwrap_or_default()),
            View::Public => {
                connection::require_record_or_token(context, &project.server, observed?)
            }
        }
    })
}

/// Reads the local inputs and the record on the server.
fn read_inputs_and_record(
    context: &Context,
    project: &Project,
    flags: PlanFlags,
) -> Result<(PlanInputs, Observed, Policy), Failure> {
    // A saved plan does not keep its limits, and it was checked when it was made.
    let limits = Limits { max_files: usize::MAX, max_bytes: u64::MAX };
    let inventory = super::plan::hash_inventory(context, project, &limits)?;
    let inputs = project.gather(inventory)?;
    let policy = make_policy(project, &inputs, flags, environment::choose_readers());
    let observed = context.runtime.block_on(async {
        let session = connection::connect(context, project).await?;
        let observed = session.observe_with_edit(&inputs, &policy).await;
        session.close().await;
        Ok::<_, Failure>(observed?)
    })?;
    Ok((inputs, observed, policy))
}
