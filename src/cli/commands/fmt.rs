//! `zrel fmt`: formats the manifest.

use serde_json::json;

use crate::cli::args::Format;
use crate::cli::args::fmt::Fmt;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::disk;
use crate::engine::{EngineError, Faults};
use crate::inventory;
use crate::manifest;
use crate::model::Severity;
use crate::render::write_json_text;

pub(super) fn run(context: &Context, args: &Fmt) -> Result<ExitCode, Failure> {
    let folder = context.global.directory.clone().unwrap_or_default();
    let path = folder.join(&context.global.manifest);
    let shown = path.display().to_string();
    let text = inventory::read_manifest(&path).map_err(|error| {
        Failure::of(ExitCode::Invalid, &error)
            .hint("name the manifest's folder with -C DIR, or the file with --manifest FILE")
    })?;
    let format_manifest =
        manifest::format_manifest(&text).ok_or_else(|| make_layout_failure(&text, &shown))?;
    let is_changed = format_manifest != text;
    if is_changed && !args.check {
        disk::write_atomically(&path, format_manifest.as_bytes()).map_err(|error| {
            let mut failure = Failure::new(ExitCode::Failed, format!("can't write `{shown}`"));
            failure.causes.push(error.to_string());
            failure
        })?;
    }
    match args.output.format {
        Format::Json => {
            let document = json!({
                "format_version": "1.0",
                "manifest": shown,
                "changed": is_changed,
                "written": is_changed && !args.check,
            });
            context.terminal.print(&write_json_text(&document));
        }
        Format::Text => {
            let what = match (is_changed, args.check) {
                (false, _) => "is formatted already",
                (true, true) => "is not formatted: zrel fmt",
                (true, false) => "is formatted now",
            };
            context.terminal.print(&format!("`{}` {what}.\n", crate::render::escape_text(&shown)));
        }
    }
    Ok(if is_changed && args.check { ExitCode::Changes } else { ExitCode::Done })
}

/// Returns the failure for a text that can't be formatted, with the places where it is not TOML.
fn make_layout_failure(text: &str, shown: &str) -> Failure {
    let mut findings = manifest::parse(text, environment::make_clock().today()).findings;
    // Only broken TOML can't be formatted; a warning would look like the reason.
    findings.retain(|finding| finding.severity == Severity::Error);
    if findings.is_empty() {
        return Failure::new(ExitCode::Failed, format!("`{shown}` can't be formatted"))
            .hint("nothing was written; if the manifest is valid, this is a bug in zrel");
    }
    let (path, text) = (shown.to_owned(), text.to_owned());
    EngineError::Invalid(Box::new(Faults { findings, path, text })).into()
}
