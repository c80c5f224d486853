//! The arguments of `zrel reserve`.

use clap::Args;

use super::shared::{Members, Output, RecordFlags};
use crate::plan;

/// Arguments of `reserve`.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct Reserve {
    /// Which record.
    #[command(flatten)]
    pub(in crate::cli) record: RecordFlags,
    /// The version label, where it comes from a git tag that is not made yet.
    #[arg(long, value_name = "LABEL")]
    pub(in crate::cli) label: Option<String>,
    /// Which members of a workspace.
    #[command(flatten)]
    pub(in crate::cli) members: Members,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}

impl Reserve {
    /// Returns the flags as a plan keeps them.
    pub(in crate::cli) fn to_plan(&self) -> plan::PlanFlags {
        // The draft stays open.
        plan::PlanFlags { no_publish: true, ..self.record.to_plan() }
    }
}
