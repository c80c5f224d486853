//! `zrel export`: writes the manifest's metadata in other formats. Asks no server, and reads only
//! the texts that the manifest names.

use std::path::Path;

use crate::cli::args::export::Export;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::disk;
use crate::engine::{Project, build_work};
use crate::interop::export;
use crate::observed::UnsupportedValue;
use crate::render::escape_text;

/// A file larger than this was not written by an export. Bytes.
const MAX_SIZE: u64 = 32 * 1024 * 1024;

pub(super) fn run(context: &Context, args: &Export) -> Result<ExitCode, Failure> {
    let project = Project::load(context.project_options())?;
    let gathered = project.gather(project.texts()?)?;
    let (work, notes) = build_work(&project, gathered);
    let export = export::write_export(&work, args.what);
    match &args.out {
        None => context.terminal.print(&export.text),
        Some(out) => {
            write_export(&project.root.join(out), &export.text, args.force)?;
            context
                .terminal
                .inform(&format!("Wrote `{}`.", escape_text(&out.display().to_string())));
        }
    }
    for (what, places) in group_by_reason(&export.unsupported) {
        let line = format!("not carried over: {} ({what})", places.join(", "));
        context.terminal.say(&escape_text(&line));
    }
    for note in notes {
        context.terminal.say(&format!("note: {}", escape_text(&note)));
    }
    Ok(ExitCode::Done)
}

/// Groups what is lost by its reason, in the order of the first place of each.
fn group_by_reason(unsupported: &[UnsupportedValue]) -> Vec<(&str, Vec<&str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for loss in unsupported {
        match groups.iter_mut().find(|(what, _)| *what == loss.what) {
            Some((_, places)) => places.push(&loss.place),
            None => groups.push((&loss.what, vec![&loss.place])),
        }
    }
    groups
}

fn write_export(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let is_other = || match disk::read_text(path, MAX_SIZE) {
        Ok(there) => there != text,
        // A file that can't be read may be a person's work, and is not overwritten unseen.
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    };
    if !force && is_other() {
        let message = format!("`{}` exists, and has other content", path.display());
        return Err(Failure::new(ExitCode::Confirmation, message).hint("to overwrite it: --force"));
    }
    disk::write_atomically(path, text.as_bytes()).map_err(|error| {
        let message = format!("can't write `{}`", path.display());
        let mut failure = Failure::new(ExitCode::Failed, message);
        failure.causes.push(error.to_string());
        failure
    })
}
