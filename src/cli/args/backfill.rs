//! The arguments of `zrel backfill`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::shared::{Limits, Output, RecordFlags};
use crate::engine::JOBS;

/// Arguments of `backfill`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(in crate::cli) struct Backfill {
    /// What is done without a command: an apply.
    #[command(flatten)]
    pub(in crate::cli) apply: Apply,
    #[command(subcommand)]
    pub(in crate::cli) what: Option<BackfillCommand>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BackfillCommand {
    /// Show which tags would be published, and how; changes nothing on the server.
    Plan(Plan),
    /// Publish each tag that is missing as a version of the record, the oldest first; so without a
    /// command.
    Apply(Apply),
    /// Run a command once for each tag, in a temporary checkout of it, and keep what it makes.
    ///
    /// The files that [[files]] names and git does not track are kept below .zrel, with their
    /// digests: `plan` and `apply` take them from there, and run nothing. The command gets only the
    /// usual variables, such as PATH and HOME, and no token; `SOURCE_DATE_EPOCH` is the time of
    /// the tag. It runs as you, and can read your files.
    Build(Build),
}

/// Which tags.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Tags {
    /// The tags, by a pattern such as 'v*', in which `*` matches slashes too; may be given several
    /// times.
    #[arg(long = "tags", value_name = "GLOB", required = true)]
    pub(in crate::cli) patterns: Vec<String>,
    /// Leave out the tags that this matches; may be given several times.
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) skip: Vec<String>,
    /// Use the manifest of each tag instead of the present one.
    #[arg(long)]
    pub(in crate::cli) own_manifest: bool,
}

/// Which tags, and how they are planned.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Chosen {
    #[command(flatten)]
    pub(in crate::cli) tags: Tags,
    /// Add the files of DIR/TAG to those of the tag, such as the assets of a release.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) assets: Option<PathBuf>,
    /// Publish tags older than the latest version; the last one published becomes the latest.
    #[arg(long)]
    pub(in crate::cli) after_latest: bool,
    /// Which record.
    #[command(flatten)]
    pub(in crate::cli) record: RecordFlags,
    /// Limits of a record.
    #[command(flatten)]
    pub(in crate::cli) limits: Limits,
    /// In text, show long texts and lists whole.
    #[arg(long)]
    pub(in crate::cli) full: bool,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}

/// Arguments of `backfill plan`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Plan {
    #[command(flatten)]
    pub(in crate::cli) chosen: Chosen,
    /// Exit with code 2 if a tag would be published.
    #[arg(long)]
    pub(in crate::cli) detailed_exitcode: bool,
}

/// Arguments of `backfill apply`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Apply {
    #[command(flatten)]
    pub(in crate::cli) chosen: Chosen,
    /// Do not ask before publishing.
    #[arg(long)]
    pub(in crate::cli) auto_approve: bool,
    /// Apply only the plans with this digest (at least 32 digits of it), without asking.
    #[arg(long, value_name = "DIGEST", value_parser = super::apply::parse_digest)]
    pub(in crate::cli) expect: Option<String>,
    /// Upload so many new files at once (1 to 16).
    #[arg(long, value_name = "N", env = "ZREL_JOBS", default_value_t = JOBS,
        value_parser = super::apply::parse_jobs)]
    pub(in crate::cli) jobs: usize,
}

/// Arguments of `backfill build`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Build {
    #[command(flatten)]
    pub(in crate::cli) tags: Tags,
    /// Build again what was built already.
    #[arg(long)]
    pub(in crate::cli) rebuild: bool,
    /// Also give the command this variable; may be given several times.
    #[arg(long = "env", value_name = "NAME")]
    pub(in crate::cli) variables: Vec<String>,
    /// The command, with its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(in crate::cli) command: Vec<std::ffi::OsString>,
}
