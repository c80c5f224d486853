//! The command line, as types.

pub(in crate::cli) mod access;
pub(in crate::cli) mod apply;
pub(in crate::cli) mod auth;
pub(in crate::cli) mod backfill;
pub(in crate::cli) mod ci;
pub(in crate::cli) mod cite;
pub(in crate::cli) mod comment;
pub(in crate::cli) mod completions;
pub(in crate::cli) mod discard;
pub(in crate::cli) mod doctor;
pub(in crate::cli) mod explain;
pub(in crate::cli) mod export;
pub(in crate::cli) mod fmt;
pub(in crate::cli) mod history;
pub(in crate::cli) mod import;
pub(in crate::cli) mod init;
pub(in crate::cli) mod lock;
pub(in crate::cli) mod notify;
pub(in crate::cli) mod open;
pub(in crate::cli) mod plan;
pub(in crate::cli) mod reserve;
pub(in crate::cli) mod schema;
pub(in crate::cli) mod serve;
mod shared;
pub(in crate::cli) mod show;
pub(in crate::cli) mod status;
pub(in crate::cli) mod validate;
pub(in crate::cli) mod verify;
pub(in crate::cli) mod wait;
pub(in crate::cli) mod workspace;
pub(in crate::cli) mod write;

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

pub(in crate::cli) use shared::{Format, Limits, Members, NamedRecords, PlanFormat, RecordFlags};

use access::Access;
use apply::Apply;
use auth::{Auth, AuthCommand};
use backfill::{Backfill, BackfillCommand};
use ci::Ci;
use cite::{Badge, Cite};
use comment::Comment;
use completions::{Completions, Man};
use discard::Discard;
use doctor::Doctor;
use explain::Explain;
use export::Export;
use fmt::Fmt;
use history::History;
use import::Import;
use init::Init;
use lock::Lock;
use notify::Notify;
use open::Open;
use plan::Plan;
use reserve::Reserve;
use schema::Schema;
use serve::Serve;
use show::Show;
use status::Status;
use validate::Validate;
use verify::Verify;
use wait::Wait;
use workspace::{Workspace, WorkspaceCommand};
use write::Write;

/// Publishes research outputs to Zenodo from a manifest: plan, review, apply.
///
/// Examples:
///   zrel init                         write zenodo.toml from what the repository has
///   zrel validate                     check zenodo.toml without a network
///   zrel plan                         show what an apply would do
///   zrel apply                        show it, ask, and do it
///   zrel plan --out release.plan      save a plan for review
///   zrel apply release.plan           do exactly that
#[derive(Debug, Parser)]
#[command(name = "zrel", version, verbatim_doc_comment, max_term_width = 100)]
pub(in crate::cli) struct Cli {
    /// The options of every command.
    #[command(flatten)]
    pub(in crate::cli) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
}

/// The options of every command.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Global {
    /// Work in this folder.
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub(in crate::cli) directory: Option<PathBuf>,
    /// The manifest, relative to the folder.
    #[arg(short, long, value_name = "FILE", global = true, default_value = "zenodo.toml")]
    pub(in crate::cli) manifest: PathBuf,
    /// When to use colour; `auto` follows `NO_COLOR` and `CLICOLOR_FORCE`.
    #[arg(long, value_enum, value_name = "WHEN", global = true, default_value_t = Color::Auto)]
    pub(in crate::cli) color: Color,
    /// Never ask a question.
    #[arg(long, global = true)]
    pub(in crate::cli) no_input: bool,
    /// Stop the run after this time, as Ctrl-C does: `90m`, `2h`, `30s`.
    #[arg(long, value_name = "DURATION", global = true, value_parser = parse_duration)]
    pub(in crate::cli) time_limit: Option<Duration>,
    /// Say on stderr what is done; `-vv` also says each call and each entry of the journal. The
    /// variable `ZREL_LOG` sets a level or one for each part: `debug`, `http=debug,refresh=info`.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(in crate::cli) verbose: u8,
    /// Print no progress and no next steps; results, warnings and errors stay.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(in crate::cli) quiet: bool,
    /// How long the server may be silent before a call is given up; 90 by default.
    #[arg(long = "silence", value_name = "SECONDS", global = true, hide_short_help = true,
        value_parser = parse_seconds)]
    pub(in crate::cli) read_timeout: Option<Duration>,
    /// Use the session in this file of cookies, and no token: Netscape's cookies.txt, or a document of
    /// Playwright or a cookie editor.
    #[arg(long, value_name = "FILE", global = true, hide_short_help = true)]
    pub(in crate::cli) cookies: Option<PathBuf>,
    /// Which part of the server's limit of requests this run may use, where so many run at once from
    /// one address: `1/4`.
    #[arg(long, value_name = "1/K", global = true, hide_short_help = true, env = "ZREL_RATE_SHARE",
        default_value = "1/1", hide_default_value = true, value_parser = parse_share)]
    pub(in crate::cli) rate_share: u32,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Write a manifest from what the repository has; asks no server.
    Init(Init),
    /// Check the manifest, without a network.
    Validate(Validate),
    /// Format the manifest; comments and values stay.
    Fmt(Fmt),
    /// Show what an apply would do; changes nothing on the server.
    Plan(Plan),
    /// Apply the plan.
    Apply(Box<Apply>),
    /// Open the draft of the next version, so that its DOI is known before the release.
    ///
    /// Prints the DOI of the version and that of the record, and fixes date and version label in
    /// zenodo.lock: `zrel apply` publishes this draft under them. Run again, it prints the same.
    /// Reads no file of the release.
    Reserve(Reserve),
    /// Write the DOI, the version and the date into the files that [[write]] names.
    ///
    /// Shows what changes, and writes it; run again, it changes nothing. Asks no server: zenodo.lock
    /// has what `zrel reserve` fixed. For a rehearsal on this machine it writes copies below .zrel,
    /// which `zrel apply` takes.
    Write(Write),
    /// Discard an open draft or edit, after showing what is in it; never a published record.
    Discard(Discard),
    /// Look at everything that an apply needs, and at every draft; --fix mends them.
    Doctor(Doctor),
    /// Comment on a pull request what a saved plan would do.
    Comment(Box<Comment>),
    /// Set up a forge's CI.
    Ci(Ci),
    /// List the members of a workspace, for a program that runs a worker for each.
    Workspace(Workspace),
    /// Publish past releases: each tag as a version of the record, the oldest first.
    Backfill(Box<Backfill>),
    /// Print a saved plan, or what is on the server.
    Show(Show),
    /// Show the state of the record in a few lines.
    Status(Status),
    /// List the record's versions, and which files changed between them.
    ///
    /// `published (UTC)` is when the server published the version, `publication date` the date that
    /// its authors gave it. Files are compared by MD5 and size with those of the version before.
    History(History),
    /// Show who else may see or change the record.
    ///
    /// What [[access.grants]], [[access.links]] and [access.requests] say is given by `zrel apply`.
    Access(Access),
    /// Compare a published record with the lock and the manifest; changes nothing.
    ///
    /// Whether it answers, its files by MD5, its metadata, and where its concept points. Exits with 2
    /// when something differs. Without a token it looks at what is public.
    Verify(Verify),
    /// Wait until a published record is there for everybody.
    ///
    /// Until it answers, its files' MD5 agree, and its concept points to it; with --resolve also until
    /// doi.org leads to its page. One line for each record, as it becomes ready or when the time of
    /// --time-limit is over, by default 15 minutes. Exits with 75 when one is not ready then.
    Wait(Wait),
    /// Show zenodo.lock, rebuild it, or follow a renamed manifest.
    Lock(Lock),
    /// Write manifest and lock from an existing record.
    Import(Import),
    /// Write the metadata as .zenodo.json, CITATION.cff, codemeta.json or BibTeX.
    Export(Export),
    /// Print how to cite the work.
    Cite(Cite),
    /// Print a badge with the DOI, for a README.
    Badge(Badge),
    /// Give zrel a token for a server, show what it has, or remove it.
    Auth(Auth),
    /// Try the channels that get a message of a release, or list them.
    Notify(Notify),
    /// Open the record's page.
    Open(Open),
    /// Explain a finding or an exit code, and what to do.
    Explain(Explain),
    /// Write the manifest's JSON schema where an editor finds it.
    Schema(Schema),
    /// Run the local server in the foreground.
    Serve(Serve),
    /// Print the completion script of a shell.
    Completions(Completions),
    /// Write manual pages.
    Man(Man),
}

impl Command {
    /// Returns how the command prints.
    pub(in crate::cli) fn format(&self) -> Format {
        match self {
            Command::Validate(args) => args.output.format,
            Command::Plan(args) => args.output.format.of_errors(),
            Command::Apply(args) => args.output.format,
            Command::Reserve(args) => args.output.format,
            Command::Write(args) => args.output.format,
            Command::Show(args) => args.output.format.of_errors(),
            Command::Status(args) => args.output.format,
            Command::Doctor(args) => args.output.format,
            Command::Access(args) => args.output.format,
            Command::History(args) => args.output.format,
            Command::Verify(args) => args.output.format,
            Command::Wait(args) => args.output.format,
            Command::Lock(args) => args.output.format,
            Command::Import(args) => args.output.format,
            Command::Explain(args) => args.output.format,
            Command::Fmt(args) => args.output.format,
            Command::Init(args) => args.output.format,
            Command::Comment(args) => args.output.format,
            Command::Workspace(args) => match &args.what {
                WorkspaceCommand::List(args) => args.output.format,
                WorkspaceCommand::Matrix(_) | WorkspaceCommand::Export(_) => Format::Text,
            },
            Command::Backfill(args) => match &args.what {
                None => args.apply.chosen.output.format,
                Some(BackfillCommand::Plan(args)) => args.chosen.output.format,
                Some(BackfillCommand::Apply(args)) => args.chosen.output.format,
                Some(BackfillCommand::Build(_)) => Format::Text,
            },
            Command::Auth(args) => match &args.what {
                AuthCommand::Status(args) => args.output.format,
                AuthCommand::Browser(_)
                | AuthCommand::Login(_)
                | AuthCommand::ImportCookies(_)
                | AuthCommand::Logout(_) => Format::Text,
            },
            // These print a product of another format, or only a few lines.
            Command::Badge(_)
            | Command::Ci(_)
            | Command::Cite(_)
            | Command::Completions(_)
            | Command::Discard(_)
            | Command::Export(_)
            | Command::Man(_)
            | Command::Notify(_)
            | Command::Open(_)
            | Command::Schema(_)
            | Command::Serve(_) => Format::Text,
        }
    }

    /// Returns whether the command works on a manifest that is there already.
    pub(in crate::cli) fn needs_manifest(&self) -> bool {
        match self {
            Command::Validate(_)
            | Command::Fmt(_)
            | Command::Plan(_)
            | Command::Apply(_)
            | Command::Reserve(_)
            | Command::Write(_)
            | Command::Discard(_)
            | Command::Doctor(_)
            | Command::Comment(_)
            | Command::Workspace(_)
            | Command::Backfill(_)
            | Command::Show(_)
            | Command::Status(_)
            | Command::History(_)
            | Command::Access(_)
            | Command::Verify(_)
            | Command::Wait(_)
            | Command::Lock(_)
            | Command::Export(_)
            | Command::Cite(_)
            | Command::Badge(_)
            | Command::Auth(_)
            | Command::Open(_)
            | Command::Serve(_) => true,
            Command::Init(_)
            | Command::Ci(_)
            | Command::Import(_)
            | Command::Explain(_)
            | Command::Notify(_)
            | Command::Schema(_)
            | Command::Completions(_)
            | Command::Man(_) => false,
        }
    }
}

/// Parses seconds, also a fraction of one.
fn parse_seconds(text: &str) -> Result<Duration, String> {
    let read = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    // With zero every call would be given up at once.
    read.filter(|time| !time.is_zero()).ok_or_else(|| "it is not a number of seconds".to_owned())
}

/// Parses the part of a limit, and returns how many share it. An empty variable is an unset one.
fn parse_share(text: &str) -> Result<u32, String> {
    const MOST: u32 = 1000;
    if text.is_empty() {
        return Ok(1);
    }
    let n_clients = text.strip_prefix("1/").and_then(|number| number.parse().ok());
    n_clients.filter(|n_clients| (1..=MOST).contains(n_clients)).ok_or_else(|| {
        format!(
            "give `1/K`, where K processes run at once (at most {MOST}), also in ZREL_RATE_SHARE"
        )
    })
}

/// Parses a length of time with its unit.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let read = text.parse::<jiff::SignedDuration>().ok();
    let read = read.and_then(|length| Duration::try_from(length).ok());
    // With zero the run would end before its first call.
    read.filter(|time| !time.is_zero())
        .ok_or_else(|| "it is not a length of time such as `90m`, `2h` or `30s`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_may_be_a_part_of_one_and_are_never_none() {
        assert_eq!(parse_seconds("0.25"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_seconds("90"), Ok(Duration::from_secs(90)));
        for bad in ["0", "-1", "NaN", "inf", "1e30", "soon", "", "0.0000000001"] {
            assert!(parse_seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_length_of_time_has_a_unit() {
        assert_eq!(parse_duration("90m"), Ok(Duration::from_mins(90)));
        assert_eq!(parse_duration("2h"), Ok(Duration::from_hours(2)));
        assert_eq!(parse_duration("1h 30s"), Ok(Duration::from_secs(3630)));
        assert_eq!(parse_duration("PT30S"), Ok(Duration::from_secs(30)));
        for bad in ["", "30", "0s", "-5s", "soon", "1e9h", "99999999999999999999h"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
