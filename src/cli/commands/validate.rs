//! `zrel validate`: manifest and files, without a network and without digests.

use serde_json::json;

use super::workspace::run_for_each;
use crate::cli::args::Format;
use crate::cli::args::validate::Validate;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::Compared;
use crate::cli::workflow_outputs::annotate_findings;
use crate::engine::{PlanInputs, Project};
use crate::render::{encode_findings, render_findings};

pub(super) fn run(context: &Context, args: &Validate) -> Result<ExitCode, Failure> {
    run_for_each(context, (&args.members, args.output.format), Compared::Together, |own| {
        let (project, inputs, n_files) = check(own, args)?;
        print(own, args, &project, (&inputs, n_files));
        annotate_findings(own, &project, &inputs.findings);
        Ok(ExitCode::Done)
    })
}

/// Reads manifest and files.
fn check(context: &Context, args: &Validate) -> Result<(Project, PlanInputs, usize), Failure> {
    let project = Project::load(context.project_options())?;
    let limits = args.limits.to_engine();
    let inventory = super::plan::show_reading(context, "searching", |progress| {
        project.search_files(limits, progress)
    })?;
    let n_files = inventory.n_files;
    let inputs = project.gather(inventory)?;
    Ok((project, inputs, n_files))
}

fn print(
    context: &Context,
    args: &Validate,
    project: &Project,
    (inputs, n_files): (&PlanInputs, usize),
) {
    match args.output.format {
        Format::Text => {
            context
                .terminal
                .print_findings(&render_findings(&inputs.findings, Some(project.source())));
            let mut files =
                if n_files == 1 { "1 file".to_owned() } else { format!("{n_files} files") };
            if !inputs.desired.keep.is_empty() {
                // Files that only the server has can't be counted without a network.
                files.push_str(", and what `keep` names,");
            }
            context.terminal.print_text(&format!(
                "`{}` is valid: {files} for {}.\n",
                project.shown, project.server
            ));
        }
        Format::Json => {
            let document = json!({
                "format_version": "1.0",
                "valid": true,
                "findings": encode_findings(&inputs.findings, Some(project.source())),
            });
            context.put_document(document);
        }
    }
}
