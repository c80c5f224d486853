//! The arguments of `zrel show`.

use std::path::PathBuf;

use super::shared::PlanOutput;
use clap::Args;

/// Arguments of `show`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// A saved plan; by default, the record on the server is shown.
    #[arg(value_name = "PLAN")]
    pub(in crate::cli) plan: Option<PathBuf>,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: PlanOutput,
}
