//! The arguments of `zrel lock`.

use std::path::PathBuf;

use super::shared::Output;
use clap::{Args, Subcommand};

/// Arguments of `lock`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Lock {
    /// What is to be changed; without it, the lock is shown.
    #[command(subcommand)]
    pub(in crate::cli) change: Option<LockChange>,
    /// Ask the server, and write the entry of the manifest and its server anew.
    #[arg(long)]
    pub(in crate::cli) rebuild: bool,
    /// The record, where neither manifest nor lock name it: its concept's number or DOI.
    #[arg(long, value_name = "ID|DOI", requires = "rebuild")]
    pub(in crate::cli) concept: Option<String>,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}

/// Changes of the lock that ask no server.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LockChange {
    /// Say that a manifest was renamed: its entries go to the new name.
    Mv(LockMv),
    /// Take a manifest's entries out of the lock; its records stay as they are.
    Rm(LockRm),
}

/// Arguments of `lock mv`.
#[derive(Debug, Args)]
pub(in crate::cli) struct LockMv {
    /// The manifest's name before, as for `--manifest`.
    #[arg(value_name = "OLD")]
    pub(in crate::cli) old: PathBuf,
    /// Its name now, in the same folder.
    #[arg(value_name = "NEW")]
    pub(in crate::cli) new: PathBuf,
}

/// Arguments of `lock rm`.
#[derive(Debug, Args)]
pub(in crate::cli) struct LockRm {
    /// The manifest, as for `--manifest`; the file may be gone.
    #[arg(value_name = "MANIFEST")]
    pub(in crate::cli) manifest: PathBuf,
}
