//! The arguments of `zrel init`.

use clap::Args;

use super::Output;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Init {
    /// Write over a manifest that is there.
    #[arg(long)]
    pub(in crate::cli) force: bool,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
