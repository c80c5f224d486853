//! The arguments of `zrel history`.

use super::shared::Output;
use clap::Args;

/// Arguments of `history`.
#[derive(Debug, Args)]
pub(in crate::cli) struct History {
    /// Name every file of every version, also those that did not change.
    #[arg(long)]
    pub(in crate::cli) full: bool,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
