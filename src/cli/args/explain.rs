//! The arguments of `zrel explain`.

use super::shared::Output;
use clap::Args;

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Explain {
    /// A finding's code, such as ZR0109, or the number of an exit code.
    #[arg(value_name = "CODE")]
    pub(in crate::cli) code: String,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
