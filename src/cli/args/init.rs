//! The arguments of `zrel init`.

use super::shared::Output;
use clap::Args;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Init {
    /// Overwrite an existing manifest.
    #[arg(long)]
    pub(in crate::cli) force: bool,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
