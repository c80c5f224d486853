//! The arguments of `zrel lock`.

use std::path::PathBuf;

use super::shared::Output;
use clap::{Args, Subcommand};

/// Arguments of `lock`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Lock {
    /// What to change; by default, the lock is shown.
    #[command(subcommand)]
    pub(in crate::cli) change: Option<LockChange>,
    /// Rebuild the entry of the manifest and its server from what the server says.
    #[arg(long)]
    pub(in crate::cli) rebuild: bool,
    /// The record, if neither manifest nor lock names it: its concept's number or DOI.
    #[arg(long, value_name = "ID|DOI", requires = "rebuild")]
    pub(in crate::cli) concept: Option<String>,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}

/// Changes of the lock that need no server.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LockChange {
    /// Move a renamed manifest's entries to its new name.
    Mv(LockMv),
    /// Remove a manifest's entries from the lock; its records stay as they are.
    Rm(LockRm),
}

/// Arguments of `lock mv`.
#[derive(Debug, Args)]
pub(in crate::cli) struct LockMv {
    /// The manifest's old name, as for `--manifest`.
    #[arg(value_name = "OLD")]
    pub(in crate::cli) old: PathBuf,
    /// Its new name, in the same folder.
    #[arg(value_name = "NEW")]
    pub(in crate::cli) new: PathBuf,
}

/// Arguments of `lock rm`.
#[derive(Debug, Args)]
pub(in crate::cli) struct LockRm {
    /// The manifest, as for `--manifest`; the file may be missing.
    #[arg(value_name = "MANIFEST")]
    pub(in crate::cli) manifest: PathBuf,
}
