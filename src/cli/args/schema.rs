//! The arguments of `zrel schema`.

use clap::Args;

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Schema {
    /// Print it instead of writing `.zrel/zenodo.schema.json`.
    #[arg(long)]
    pub(in crate::cli) stdout: bool,
    /// The schema of plans in JSON instead of the manifest's: `.zrel/plan.schema.json`.
    #[arg(long)]
    pub(in crate::cli) plan: bool,
}
