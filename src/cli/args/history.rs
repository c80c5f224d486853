//! The arguments of `zrel history`.

use super::shared::{Members, Output};
use clap::Args;

/// Arguments of `history`.
#[derive(Debug, Args)]
pub(in crate::cli) struct History {
    /// Name every file of every version, also those that did not change.
    #[arg(long)]
    pub(in crate::cli) full: bool,
    /// Which members of a workspace.
    #[command(flatten)]
    pub(in crate::cli) members: Members,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
