//! `zrel backfill build`: runs a command once for each tag, and keeps what it makes.

use std::process::{Command, Stdio};

use crate::cli::args::backfill::Build;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::backfill::{
    PastRelease, Sources, has_built, keep_built, open_build_place, open_release, remove_built,
};
use crate::render::{count, escape_text};

use super::flags::list_tags;
use super::gather::{PastReleases, name_tag};

/// Runs the command.
///
/// # Errors
/// A [`Failure`] when a tag can't be built, or what it makes can't be kept.
pub(super) fn run(context: &Context, args: &Build) -> Result<ExitCode, Failure> {
    let past = PastReleases::find(context, &args.tags)?;
    // Held to the end: two runs would write to one place.
    let _one_run = past.now.run_lock()?;
    for release in &past.releases {
        let tag = escape_text(&release.tag.name);
        if !args.rebuild && is_built(&past, release, args) {
            context.terminal.print_text(&format!("{tag}: built already\n"));
            continue;
        }
        let kept = build(&past, release, args).map_err(|failure| name_tag(release, failure))?;
        let line = match kept.len() {
            0 => format!("{tag}: kept nothing: git has all files that [[files]] names\n"),
            n => format!("{tag}: kept {}\n", count(n, "file")),
        };
        context.terminal.print_text(&line);
    }
    let zrel = context.command();
    context.terminal.inform(&format!("Next: {zrel} backfill plan{}", list_tags(&args.tags)));
    Ok(ExitCode::Done)
}

/// Returns whether a tag was built, and has all files that the manifest names now.
fn is_built(past: &PastReleases, release: &PastRelease, args: &Build) -> bool {
    let sources = Sources { assets: None, own_manifest: args.tags.own_manifest };
    let options = past.context.project_options();
    has_built(&past.now, release)
        && open_release(&past.now, &options, release, &sources)
            .is_ok_and(|open| open.has_all_files())
}

/// Builds one tag, and returns the files that are kept.
fn build(past: &PastReleases, release: &PastRelease, args: &Build) -> Result<Vec<String>, Failure> {
    // Should the command fail, nothing of an earlier one is taken for what it made.
    remove_built(&past.now, release)?;
    let place = open_build_place(&past.now, release, &environment::find_temporary_folder())?;
    let Some((program, arguments)) = args.command.split_first() else { return Ok(Vec::new()) };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&place.folder).stdin(Stdio::null());
    // stdout is for zrel's own result.
    command.stdout(Stdio::from(std::io::stderr()));
    command.env_clear().envs(environment::list_build_variables(&args.variables)?);
    command.env("SOURCE_DATE_EPOCH", release.tag.time.as_second().to_string());
    let shown = program.to_string_lossy();
    let status = command.status().map_err(|error| {
        let mut failure = Failure::new(ExitCode::Failed, format!("can't run `{shown}`"));
        failure.causes.push(error.to_string());
        failure.hint("a command of several words or with pipes: -- sh -c 'COMMAND'")
    })?;
    if !status.success() {
        let message = format!("`{shown}` failed; its files were not kept");
        let mut failure = Failure::new(ExitCode::Failed, message);
        failure.causes.push(status.to_string());
        return Err(failure.hint(
            "correct the command, and run it again: tags that are built already are not built again",
        ));
    }
    let options = past.context.project_options();
    Ok(keep_built(&past.now, &options, release, (&place, args.tags.own_manifest))?)
}
