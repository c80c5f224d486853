//! The arguments of `zrel workspace`.

use clap::{Args, Subcommand};

use super::shared::{Limits, Members, Output, PlanFlags, make_engine_parser};
use crate::scheduler::Engine;

/// Arguments of `workspace`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Workspace {
    #[command(subcommand)]
    pub(in crate::cli) what: WorkspaceCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum WorkspaceCommand {
    /// List the members, each with what an apply would do, its digest, and what it links to.
    List(List),
    /// Print the members that change as a matrix for CI: in as many jobs as are allowed, with
    /// about as many bytes each.
    Matrix(Matrix),
    /// Print a file for a program that runs a worker for each member; asks no server.
    ///
    /// The file has no members in it: it lists them when it runs. It opens all drafts, fills them
    /// with several workers, and publishes them once every draft is as planned. It needs the digest
    /// of plans that were reviewed.
    Export(Export),
}

/// Which members, and how they are planned.
#[derive(Debug, Args)]
pub(in crate::cli) struct Planned {
    /// What decides the plans.
    #[command(flatten)]
    pub(in crate::cli) flags: PlanFlags,
    /// Which members of a workspace.
    #[command(flatten)]
    pub(in crate::cli) members: Members,
    /// Limits of a record.
    #[command(flatten)]
    pub(in crate::cli) limits: Limits,
}

/// Arguments of `workspace list`.
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    pub(in crate::cli) planned: Planned,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}

/// Arguments of `workspace matrix`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Matrix {
    /// How many jobs there may be (GitHub starts 256 at most).
    #[arg(long, value_name = "N", default_value_t = 256,
        value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) max: u16,
    #[command(flatten)]
    pub(in crate::cli) planned: Planned,
}

/// Arguments of `workspace export`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// The program that runs the workers.
    #[arg(long, value_parser = make_engine_parser())]
    pub(in crate::cli) engine: &'static Engine,
    /// How many workers run at once; each may use so large a part of the server's limit of requests.
    #[arg(long, value_name = "N", default_value_t = 4,
        value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(in crate::cli) workers: u8,
}
