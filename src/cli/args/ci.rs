//! The arguments of `zrel ci`.

use clap::{Args, Subcommand};

use super::shared::make_forge_parser;
use crate::forge::Forge;

/// Arguments of `ci`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Ci {
    #[command(subcommand)]
    pub(in crate::cli) what: CiCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CiCommand {
    /// Write workflows: a plan for each pull request, and a release that is started by hand.
    Init(Init),
}

/// Arguments of `ci init`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Init {
    /// The kind of forge.
    #[arg(value_parser = make_forge_parser(), value_name = "KIND")]
    pub(in crate::cli) forge: &'static dyn Forge,
    /// Overwrite existing files.
    #[arg(long)]
    pub(in crate::cli) force: bool,
    /// Print the workflows instead, each below a line with its path.
    #[arg(long)]
    pub(in crate::cli) stdout: bool,
}
