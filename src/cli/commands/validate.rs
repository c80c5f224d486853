//! `zrel validate`: manifest and files, without a network.

use serde_json::json;

use crate::cli::args::Format;
use crate::cli::args::validate::Validate;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::Project;
use crate::render::{findings_json, findings_text, json_text};

pub(super) fn run(context: &Context, args: &Validate) -> Result<ExitCode, Failure> {
    let project = Project::load(context.project_options())?;
    let inventory = super::plan::hashed_inventory(context, &project, &args.limits)?;
    let n_files = inventory.files.len();
    let inputs = project.gather(inventory)?;
    match args.output.format {
        Format::Text => {
            context.terminal.print(&findings_text(&inputs.findings, Some(project.source())));
            let mut files =
                if n_files == 1 { "1 file".to_owned() } else { format!("{n_files} files") };
            if !inputs.desired.keep.is_empty() {
                // Files that only the server has can't be counted without a network.
                files.push_str(", and what `keep` names,");
            }
            context
                .terminal
                .print(&format!("`{}` is valid: {files} for {}.\n", project.shown, project.server));
        }
        Format::Json => {
            let document = json!({
                "format_version": "1.0",
                "valid": true,
                "findings": findings_json(&inputs.findings, Some(project.source())),
            });
            context.terminal.print(&json_text(&document));
        }
    }
    crate::cli::workflow_outputs::found(context, &project, &inputs.findings);
    Ok(ExitCode::Done)
}
