//! The arguments of `zrel comment`.

use std::path::PathBuf;

use clap::Args;

use super::shared::{Output, make_forge_parser, parse_budget};
use crate::forge::Forge;

/// Arguments of `comment`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Comment {
    /// A saved plan, which may come from a stranger.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) plan: PathBuf,
    /// The kind of forge; by default, what CI's variables say.
    #[arg(long, value_parser = make_forge_parser(), value_name = "KIND")]
    pub(in crate::cli) forge: Option<&'static dyn Forge>,
    /// The pull request's number; by default, what CI's variables say.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) number: Option<u64>,
    /// How many bytes the comment may have; by default, as many as the forge accepts.
    #[arg(long, value_name = "BYTES", value_parser = parse_budget)]
    pub(in crate::cli) budget: Option<usize>,
    /// The user whose comment is changed, if the forge does not say whose the token is.
    #[arg(long, value_name = "LOGIN")]
    pub(in crate::cli) author: Option<String>,
    /// Also accept plans for this server, which is not built in.
    #[arg(long, value_name = "HOST")]
    pub(in crate::cli) allow_server: Vec<String>,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
