//! The command line, as types.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::model::RecordId;
use crate::render::{COMMENT_BYTES, LEAST_BYTES};

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
pub(super) struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub(super) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(super) verb: Verb,
}

/// What holds for every command.
#[derive(Debug, Clone, Args)]
pub(super) struct Global {
    /// Work in this folder.
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub(super) directory: Option<PathBuf>,
    /// The manifest, relative to the folder.
    #[arg(short, long, value_name = "FILE", global = true, default_value = "zenodo.toml")]
    pub(super) manifest: PathBuf,
    /// When to use colour; `NO_COLOR` and `CLICOLOR_FORCE` are heeded.
    #[arg(long, value_enum, value_name = "WHEN", global = true, default_value_t = Color::Auto)]
    pub(super) color: Color,
    /// Never ask a question.
    #[arg(long, global = true)]
    pub(super) no_input: bool,
    /// Stop after this time in all, as Ctrl-C does: `90m`, `2h`, `30s`.
    #[arg(long, value_name = "DURATION", global = true, value_parser = duration)]
    pub(super) time_limit: Option<Duration>,
    /// How long nothing may be heard from the server until a call is given up; 90 unless told.
    #[arg(long, value_name = "SECONDS", global = true, hide_short_help = true,
        value_parser = seconds)]
    pub(super) silence: Option<Duration>,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a person.
    Text,
    /// For a machine: one document on stdout, errors too.
    Json,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Write a manifest from what the repository has; asks no server.
    Init(super::verb_init::Init),
    /// Check the manifest, without a network.
    Validate(Validate),
    /// Bring the manifest into its usual layout; comments and values stay.
    Fmt(super::verb_fmt::Fmt),
    /// Show what an apply would do; changes nothing on the server.
    Plan(Plan),
    /// Do what the plan says.
    Apply(Box<Apply>),
    /// Say on a pull request what a saved plan would do.
    Comment(Box<super::verb_comment::Comment>),
    /// Set up a forge's CI.
    Ci(super::verb_ci::Ci),
    /// Print a saved plan, or what is on the server.
    Show(Show),
    /// Tell in a few lines how things stand.
    Status(Output),
    /// List the record's versions.
    History(Output),
    /// Show what zenodo.lock says, write it anew, or say that a manifest was renamed.
    Lock(Lock),
    /// Write manifest and lock from a record that is there already.
    Import(super::verb_import::Import),
    /// Write the metadata as .zenodo.json, CITATION.cff, codemeta.json or BibTeX.
    Export(super::verb_export::Export),
    /// Show the record's page.
    Open(Open),
    /// Say what a finding or an exit code means, and what to do.
    Explain(super::verb_explain::Explain),
    /// Write the manifest's JSON schema where an editor finds it.
    Schema(Schema),
    /// Run the local server in the foreground.
    Serve(Serve),
    /// Print what completes the command line in a shell.
    Completions(super::verb_completions::Completions),
    /// Write manual pages.
    Man(super::verb_completions::Man),
}

impl Verb {
    /// Returns how the command prints.
    pub(super) fn format(&self) -> Format {
        match self {
            Verb::Validate(args) => args.output.format,
            Verb::Plan(args) => args.face.format.of_errors(),
            Verb::Apply(args) => args.output.format,
            Verb::Show(args) => args.face.format.of_errors(),
            Verb::Status(output) | Verb::History(output) => output.format,
            Verb::Lock(args) => args.output.format,
            Verb::Import(args) => args.output.format,
            Verb::Explain(args) => args.output.format,
            Verb::Fmt(args) => args.output.format,
            Verb::Init(args) => args.output.format,
            Verb::Comment(args) => args.output.format,
            Verb::Ci(_)
            | Verb::Completions(_)
            | Verb::Export(_)
            | Verb::Man(_)
            | Verb::Open(_)
            | Verb::Schema(_)
            | Verb::Serve(_) => Format::Text,
        }
    }
}

/// How to print.
#[derive(Debug, Clone, Args)]
pub(super) struct Output {
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

/// How to print a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PlanFormat {
    /// For a terminal.
    Text,
    /// For a comment on a pull request.
    Markdown,
    /// One page for a browser, that needs nothing else.
    Html,
    /// For a machine: one document on stdout, errors too.
    Json,
}

impl PlanFormat {
    /// Returns how errors are printed beside it.
    fn of_errors(self) -> Format {
        match self {
            PlanFormat::Json => Format::Json,
            PlanFormat::Text | PlanFormat::Markdown | PlanFormat::Html => Format::Text,
        }
    }
}

/// The faces of a plan.
#[derive(Debug, Clone, Args)]
pub(super) struct Face {
    /// How to print.
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    pub(super) format: PlanFormat,
    /// How many bytes Markdown may have; at least 8192.
    #[arg(long, value_name = "BYTES", default_value_t = COMMENT_BYTES, value_parser = budget)]
    pub(super) budget: usize,
    /// Write the JSON document into a file, beside what is printed.
    #[arg(long, value_name = "FILE")]
    pub(super) json_into: Option<PathBuf>,
}

/// Arguments of `validate`.
#[derive(Debug, Args)]
pub(super) struct Validate {
    /// Limits of a record.
    #[command(flatten)]
    pub(super) limits: Limits,
    /// How to print.
    #[command(flatten)]
    pub(super) output: Output,
}

/// What decides a plan.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and none implies another"
)]
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Decisions {
    /// Stop at a finished draft, whatever the manifest says.
    #[arg(long)]
    pub(super) no_publish: bool,
    /// Allow the creation of a new record.
    #[arg(long)]
    pub(super) initial: bool,
    /// Allow it though a record of yours has the same title or description.
    #[arg(long)]
    pub(super) same_title: bool,
    /// Go on with this draft (for an edit: the record's id) though it may not be zrel's.
    #[arg(long, value_name = "ID")]
    pub(super) adopt_draft: Option<u64>,
    /// Write over this version though it is not the one that zrel applied last, or has nothing in
    /// common with the manifest.
    #[arg(long, value_name = "VERSION_ID")]
    pub(super) over: Option<u64>,
    /// Ask communities again that declined.
    #[arg(long)]
    pub(super) ask_again: bool,
}

impl Decisions {
    /// Returns the flags as a plan keeps them.
    pub(super) fn to_plan(&self) -> crate::plan::Decisions {
        let Self { no_publish, initial, same_title, adopt_draft, over, ask_again } = *self;
        crate::plan::Decisions {
            no_publish,
            initial,
            same_title,
            adopt_draft: adopt_draft.map(RecordId),
            over: over.map(RecordId),
            ask_again,
        }
    }
}

/// Limits of a record.
#[derive(Debug, Clone, Args)]
pub(super) struct Limits {
    /// How many files a record may have.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) max_files: usize,
    /// How many bytes a record may have.
    #[arg(long, value_name = "BYTES", default_value_t = 50_000_000_000)]
    pub(super) max_bytes: u64,
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Save the plan.
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Look as anybody: no token is needed, and none is used.
    #[arg(long, conflicts_with = "adopt_draft")]
    pub(super) public: bool,
    /// With --public: also look at this server, which is not built in.
    #[arg(long, value_name = "HOST", requires = "public")]
    pub(super) allow_server: Vec<String>,
    /// Exit with 2 when there are changes.
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
    /// What decides the plan.
    #[command(flatten)]
    pub(super) decisions: Decisions,
    /// Limits of a record.
    #[command(flatten)]
    pub(super) limits: Limits,
    /// How to print.
    #[command(flatten)]
    pub(super) face: Face,
}

/// Arguments of `apply`.
#[derive(Debug, Args)]
pub(super) struct Apply {
    /// A saved plan: exactly that is done, and nothing is asked.
    #[arg(value_name = "PLAN", conflicts_with_all = ["no_publish", "initial", "same_title",
        "adopt_draft", "over", "ask_again"])]
    pub(super) plan: Option<PathBuf>,
    /// Do not ask before publishing.
    #[arg(long)]
    pub(super) auto_approve: bool,
    /// Refuse any plan but the one with this digest (at least 32 digits of it); approves it.
    #[arg(long, value_name = "DIGEST", value_parser = parse_digest)]
    pub(super) expect: Option<String>,
    /// Accept how the server rewrites this field (description, notes, method).
    #[arg(long, value_name = "FIELD")]
    pub(super) accept_rewrite: Vec<String>,
    /// What decides the plan.
    #[command(flatten)]
    pub(super) decisions: Decisions,
    /// Limits of a record.
    #[command(flatten)]
    pub(super) limits: Limits,
    /// How to print.
    #[command(flatten)]
    pub(super) output: Output,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// A saved plan; without one, what is on the server is shown.
    #[arg(value_name = "PLAN")]
    pub(super) plan: Option<PathBuf>,
    /// How to print.
    #[command(flatten)]
    pub(super) face: Face,
}

/// Arguments of `lock`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Lock {
    /// What is to be changed; without it, the lock is shown.
    #[command(subcommand)]
    pub(super) change: Option<LockChange>,
    /// Ask the server, and write the entry of the manifest and its server anew.
    #[arg(long)]
    pub(super) rebuild: bool,
    /// The record, where neither manifest nor lock name it: its concept's number or DOI.
    #[arg(long, value_name = "ID|DOI", requires = "rebuild")]
    pub(super) concept: Option<String>,
    /// How to print.
    #[command(flatten)]
    pub(super) output: Output,
}

/// Changes of the lock that ask no server.
#[derive(Debug, Subcommand)]
pub(super) enum LockChange {
    /// Say that a manifest was renamed: its entries go to the new name.
    Mv(LockMv),
    /// Take a manifest's entries out of the lock; its records stay as they are.
    Rm(LockRm),
}

/// Arguments of `lock mv`.
#[derive(Debug, Args)]
pub(super) struct LockMv {
    /// The manifest's name before, as for `--manifest`.
    #[arg(value_name = "OLD")]
    pub(super) old: PathBuf,
    /// Its name now, in the same folder.
    #[arg(value_name = "NEW")]
    pub(super) new: PathBuf,
}

/// Arguments of `lock rm`.
#[derive(Debug, Args)]
pub(super) struct LockRm {
    /// The manifest, as for `--manifest`; the file may be gone.
    #[arg(value_name = "MANIFEST")]
    pub(super) manifest: PathBuf,
}

/// Arguments of `open`.
#[derive(Debug, Args)]
pub(super) struct Open {
    /// Print the address, and open no browser. The local server's page is there until Ctrl-C.
    #[arg(long)]
    pub(super) print: bool,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Print it instead of writing `.zrel/zenodo.schema.json`.
    #[arg(long)]
    pub(super) stdout: bool,
    /// The schema of plans in JSON instead of the manifest's: `.zrel/plan.schema.json`.
    #[arg(long)]
    pub(super) plan: bool,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The port on 127.0.0.1; without it, the one of the data folder's last run.
    #[arg(long, value_name = "N")]
    pub(super) port: Option<u16>,
    /// Where the data are; without it, `.zrel/local`.
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// Users, tokens and communities to begin with.
    #[arg(long, value_name = "FILE")]
    pub(super) seed: Option<PathBuf>,
    /// What is to go wrong on purpose, for trying out how a release survives it.
    ///
    /// TOML, one table [[faults]] each.
    /// `on` is a method and a path, as in "PUT /api/files/*"; either may be `*`.
    /// `nth` says which of these requests is hit, from 1, and `times` how many in a row.
    /// `do` is one of: refuse (for so many `millis`), reset-before, reset-after, 500, 502, 503,
    /// 504 (each also with -after), 429 (with `retry_after`), cut, hang-before, hang-after,
    /// wrong-checksum, file-lost, late, late-504, listing-lag (each for so many `reads`), stale
    /// (what was there so many `writes` ago, for so many `reads`), other-edits-draft,
    /// other-opens-version, other-publishes, answer-of-other, answer-of-version, wrong-concept,
    /// file-without-name, file-without-size, creator-as-text.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(super) faults: Option<PathBuf>,
    /// Print a line a request on stderr.
    #[arg(long)]
    pub(super) log_requests: bool,
    /// Only look whether the data are whole, and say what there is.
    #[arg(long, conflicts_with_all = ["port", "seed", "faults", "log_requests"])]
    pub(super) check: bool,
    /// Only move the data, damaged or not, into a new folder beside them, named by the time, so that
    /// the next command begins with an empty local server. Nothing is deleted.
    #[arg(long, conflicts_with_all = ["check", "port", "seed", "faults", "log_requests"])]
    pub(super) set_aside: bool,
}

/// The fewest hexadecimal digits of a digest that are taken: 128 bits.
const LEAST_DIGITS: usize = 32;

/// Reads a plan's digest, with or without `sha256:`; shorter than 128 bits it could be hit by a
/// plan that was made for that.
fn parse_digest(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix("sha256:").unwrap_or(text).to_ascii_lowercase();
    if !bare.bytes().all(|byte| byte.is_ascii_hexdigit()) || bare.len() > 64 {
        return Err("it is no SHA-256 digest".to_owned());
    }
    if bare.len() < LEAST_DIGITS {
        return Err(format!("give at least {LEAST_DIGITS} digits of the digest"));
    }
    Ok(bare)
}

/// Reads how many bytes a comment may have.
pub(super) fn budget(text: &str) -> Result<usize, String> {
    let bytes: usize = text.parse().map_err(|_| "it is no number of bytes".to_owned())?;
    if bytes < LEAST_BYTES {
        return Err(format!("fewer than {LEAST_BYTES} bytes can't hold what must be seen"));
    }
    Ok(bytes)
}

/// Reads seconds, also a part of one; none at all would give every call up.
fn seconds(text: &str) -> Result<Duration, String> {
    let read = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    read.filter(|time| !time.is_zero()).ok_or_else(|| "it is no number of seconds".to_owned())
}

/// Reads a length of time with its unit.
fn duration(text: &str) -> Result<Duration, String> {
    let read = text.parse::<jiff::SignedDuration>().ok();
    let read = read.and_then(|length| Duration::try_from(length).ok());
    read.filter(|time| !time.is_zero())
        .ok_or_else(|| "it is no length of time, such as `90m`, `2h` or `30s`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_may_be_a_part_of_one_and_are_never_none() {
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        assert_eq!(seconds("90"), Ok(Duration::from_secs(90)));
        for bad in ["0", "-1", "NaN", "inf", "1e30", "soon", "", "0.0000000001"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_length_of_time_has_a_unit() {
        assert_eq!(duration("90m"), Ok(Duration::from_mins(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_hours(2)));
        assert_eq!(duration("1h 30s"), Ok(Duration::from_secs(3630)));
        assert_eq!(duration("PT30S"), Ok(Duration::from_secs(30)));
        for bad in ["", "30", "0s", "-5s", "soon", "1e9h", "99999999999999999999h"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
