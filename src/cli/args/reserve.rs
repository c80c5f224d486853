//! The arguments of `zrel reserve`.

use clap::Args;

use super::shared::{Members, Output};
use crate::model::RecordId;
use crate::plan;

/// Arguments of `reserve`.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct Reserve {
    /// Allow the creation of a new record.
    #[arg(long)]
    pub(in crate::cli) initial: bool,
    /// Allow a new record although one of yours has the same title or description.
    #[arg(long)]
    pub(in crate::cli) same_title: bool,
    /// Reserve for this draft although it may not be zrel's.
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) adopt_draft: Option<u64>,
    /// Follow this version although zrel did not apply it last, or it has nothing in common with
    /// the manifest.
    #[arg(long, value_name = "VERSION_ID")]
    pub(in crate::cli) over: Option<u64>,
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
        plan::PlanFlags {
            // The draft stays open.
            no_publish: true,
            initial: self.initial,
            same_title: self.same_title,
            adopt_draft: self.adopt_draft.map(RecordId),
            over: self.over.map(RecordId),
            ..plan::PlanFlags::default()
        }
    }
}
