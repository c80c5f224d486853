//! The arguments of `zrel validate`.

use clap::Args;

use super::{Limits, Output};

/// Arguments of `validate`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Validate {
    /// Limits of a record.
    #[command(flatten)]
    pub(in crate::cli) limits: Limits,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
