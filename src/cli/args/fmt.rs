//! The arguments of `zrel fmt`.

use super::shared::Output;
use clap::Args;

/// Arguments of `fmt`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Fmt {
    /// Write nothing; exit with 2 when the layout differs.
    #[arg(long)]
    pub(in crate::cli) check: bool,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
