//! `zrel workspace export`: a file for a program that runs a worker for each member.

use std::path::{Component, Path, PathBuf};

use crate::cli::args::Members;
use crate::cli::args::workspace::Export;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::generated_files::{check_manifest_name, refuse_elsewhere};
use crate::cli::selection::select_of_root;
use crate::scheduler::Blanks;

/// Prints the file.
///
/// # Errors
/// A [`Failure`] for a manifest that is no root, and for a folder in which the file would not work.
pub(super) fn export(context: &Context, args: &Export) -> Result<ExitCode, Failure> {
    let manifest = check_manifest_name(&context.global.manifest, "file for another program")?;
    select_of_root(context, &Members::default())?;
    // The file is for the folder in which it is printed, and has no other way to its manifest.
    let path = Path::new(&manifest);
    if path.is_absolute() || path.components().any(|part| part == Component::ParentDir) {
        let message = format!("`{manifest}` is not in this folder, or below it");
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("name its folder with -C DIR, and run the engine there"));
    }
    if args.engine.needs_repository {
        let folder = context.global.directory.clone().unwrap_or_else(|| PathBuf::from("."));
        let below = "zrel -m FOLDER/zenodo.toml workspace export --engine";
        let hint =
            format!("for a workspace in a folder of it, at the root: {below} {}", args.engine.word);
        refuse_elsewhere(&folder, &hint)?;
    }
    let blanks =
        Blanks { manifest: &manifest, n_workers: args.workers, version: env!("CARGO_PKG_VERSION") };
    context.terminal.print(&args.engine.fill_template(blanks));
    Ok(ExitCode::Done)
}
