//! The arguments of `zrel apply`.

use std::path::PathBuf;

use super::shared::{Limits, Members, Output, PlanFlags};
use crate::engine::JOBS;
use clap::{Args, ValueEnum};

/// Arguments of `apply`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Apply {
    /// A saved plan: zrel applies exactly this plan, and asks nothing.
    #[arg(value_name = "PLAN", conflicts_with_all = ["no_publish", "initial", "same_title",
        "adopt_draft", "over", "ask_again", "leave", "publish_declined"])]
    pub(in crate::cli) plan: Option<PathBuf>,
    /// Do not ask before publishing.
    #[arg(long)]
    pub(in crate::cli) auto_approve: bool,
    /// Apply only the plan with this digest (at least 32 digits of it), without asking.
    #[arg(long, value_name = "DIGEST", value_parser = parse_digest)]
    pub(in crate::cli) expect: Option<String>,
    /// Accept how the server rewrites this field (description, notes, method).
    #[arg(long, value_name = "FIELD")]
    pub(in crate::cli) accept_rewrite: Vec<String>,
    /// Upload so many new files at once (1 to 16).
    #[arg(long, value_name = "N", env = "ZREL_JOBS", default_value_t = JOBS,
        value_parser = parse_jobs)]
    pub(in crate::cli) jobs: usize,
    /// At the root of a workspace: stop after this phase, and publish nothing.
    #[arg(long, value_enum, value_name = "PHASE", conflicts_with_all = ["no_publish", "bind"])]
    pub(in crate::cli) until: Option<Until>,
    /// After the first publication, write `[record.concept]` into the manifest.
    #[arg(long)]
    pub(in crate::cli) bind: bool,
    /// In text, show long texts and lists of the plan whole.
    #[arg(long)]
    pub(in crate::cli) full: bool,
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
    pub(in crate::cli) output: Output,
}

/// A phase of an apply at the root of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Until {
    /// The drafts are open, and so all DOIs are known.
    Prepare,
    /// The drafts have their files and metadata, and were compared with the plans.
    Fill,
}

/// The most files at once: with more, the server was no faster (zenodo-facts.md, 2026-11-28).
const MAX_JOBS: usize = 16;

/// Parses how many files are uploaded at once. An empty variable is an unset one.
pub(super) fn parse_jobs(text: &str) -> Result<usize, String> {
    if text.is_empty() {
        return Ok(JOBS);
    }
    let read = text.parse().ok().filter(|jobs| (1..=MAX_JOBS).contains(jobs));
    read.ok_or_else(|| format!("give a number from 1 to {MAX_JOBS}, also in ZREL_JOBS"))
}

/// The fewest hexadecimal digits of a digest that are accepted: 128 bits.
const LEAST_DIGITS: usize = 32;

/// Parses a plan's digest, with or without `sha256:`.
pub(super) fn parse_digest(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix("sha256:").unwrap_or(text).to_ascii_lowercase();
    if !bare.bytes().all(|byte| byte.is_ascii_hexdigit()) || bare.len() > 64 {
        return Err("it is not a SHA-256 digest".to_owned());
    }
    // A shorter prefix could be met by a plan that is made for it.
    if bare.len() < LEAST_DIGITS {
        return Err(format!("give at least {LEAST_DIGITS} digits of the digest"));
    }
    Ok(bare)
}
