//! The arguments of `zrel plan`.

use std::path::PathBuf;

use super::shared::{Limits, Members, PlanFlags, PlanOutput};
use clap::Args;

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Plan {
    /// Save the plan to this file.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Plan from public data: no token is needed or used.
    #[arg(long, conflicts_with = "adopt_draft")]
    pub(in crate::cli) public: bool,
    /// With --public: also read this server, which is not built in.
    #[arg(long, value_name = "HOST", requires = "public")]
    pub(in crate::cli) allow_server: Vec<String>,
    /// Exit with 2 when there are changes.
    #[arg(long)]
    pub(in crate::cli) detailed_exitcode: bool,
    /// What decides the plan.
    #[command(flatten)]
    pub(in crate::cli) flags: PlanFlags,
    /// Which members of a workspace.
    #[command(flatten)]
    pub(in crate::cli) members: Members,
    /// Limits of a record.
    #[command(flatten)]
    pub(in crate::cli) limits: Limits,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: PlanOutput,
}
