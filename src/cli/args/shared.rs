//! The arguments that several commands share.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::engine;
use crate::forge::{FORGES, Forge};
use crate::model::{Community, Recid, RecordId};
use crate::render::{COMMENT_BYTES, LEAST_BYTES};
use crate::scheduler::{ENGINES, Engine};

/// How to print.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// For a person.
    #[default]
    Text,
    /// For a machine: one document on stdout, errors too.
    Json,
}

/// How to print.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct Output {
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(in crate::cli) format: Format,
}

/// How to print a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PlanFormat {
    /// For a terminal.
    Text,
    /// For a comment on a pull request.
    Markdown,
    /// One self-contained page for a browser.
    Html,
    /// For a machine: one document on stdout, errors too.
    Json,
}

impl PlanFormat {
    /// Returns how errors are printed with this format.
    pub(in crate::cli) fn of_errors(self) -> Format {
        match self {
            PlanFormat::Json => Format::Json,
            PlanFormat::Text | PlanFormat::Markdown | PlanFormat::Html => Format::Text,
        }
    }
}

/// Which members of a workspace.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct Members {
    /// All members of the workspace that the manifest is the root of; so without any flag there.
    #[arg(long)]
    pub(in crate::cli) workspace: bool,
    /// Only this member, by its key; may be given several times.
    #[arg(short = 'p', long, value_name = "KEY")]
    pub(in crate::cli) member: Vec<String>,
    /// Only members whose folder differs from this git revision; all of them where the root does.
    #[arg(long, value_name = "REF")]
    pub(in crate::cli) changed_since: Option<String>,
}

impl Members {
    /// Returns whether some of them are named.
    pub(in crate::cli) fn is_given(&self) -> bool {
        !self.member.is_empty() || self.changed_since.is_some()
    }
}

/// Published records by name.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct NamedRecords {
    /// Records: by DOI, by the address of the page, or by number. By default, the version that was
    /// applied last.
    #[arg(value_name = "DOI|URL|ID", conflicts_with_all = ["workspace", "member", "changed_since"])]
    pub(in crate::cli) records: Vec<String>,
    /// Their server: `local`, `sandbox`, `zenodo`, or one of the manifest. By default, the server of
    /// the DOI or the address, and the manifest's for a number.
    #[arg(long, value_name = "NAME", requires = "records")]
    pub(in crate::cli) server: Option<String>,
}

/// How to print a plan, and where.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct PlanOutput {
    /// How to print.
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    pub(in crate::cli) format: PlanFormat,
    /// How many bytes Markdown may have; at least 8192.
    #[arg(long, value_name = "BYTES", default_value_t = COMMENT_BYTES, value_parser = parse_budget)]
    pub(in crate::cli) budget: usize,
    /// In text, show long texts and lists whole.
    #[arg(long)]
    pub(in crate::cli) full: bool,
    /// Also write the JSON document to this file.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) json_into: Option<PathBuf>,
}

/// Which record is written to, and whether it may be.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct RecordFlags {
    /// Allow the creation of a new record.
    #[arg(long)]
    pub(in crate::cli) initial: bool,
    /// Allow a new record although one of yours has the same title or description.
    #[arg(long)]
    pub(in crate::cli) same_title: bool,
    /// Continue this draft (for an edit: the record's id) although it may not be zrel's.
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) adopt_draft: Option<Recid>,
    /// Write over or follow this version although zrel did not apply it last, or it has nothing in
    /// common with the manifest.
    #[arg(long, value_name = "VERSION_ID")]
    pub(in crate::cli) over: Option<Recid>,
}

impl RecordFlags {
    /// Returns the flags as a plan keeps them.
    pub(in crate::cli) fn to_plan(&self) -> crate::plan::PlanFlags {
        let Self { initial, same_title, adopt_draft, over } = *self;
        crate::plan::PlanFlags {
            initial,
            same_title,
            adopt_draft: adopt_draft.map(RecordId),
            over: over.map(RecordId),
            ..crate::plan::PlanFlags::default()
        }
    }
}

/// What decides a plan.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct PlanFlags {
    /// Stop at a finished draft, whatever the manifest says.
    #[arg(long)]
    pub(in crate::cli) no_publish: bool,
    /// Which record.
    #[command(flatten)]
    pub(in crate::cli) record: RecordFlags,
    /// Ask this community again, which declined; may be repeated.
    #[arg(long, value_name = "COMMUNITY")]
    pub(in crate::cli) ask_again: Vec<String>,
    /// Let the record leave this community, which the manifest does not name any more; may be
    /// repeated.
    #[arg(long, value_name = "COMMUNITY")]
    pub(in crate::cli) leave: Vec<String>,
    /// Publish this draft although a community declined it.
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) publish_declined: Option<Recid>,
}

impl PlanFlags {
    /// Returns the flags as a plan keeps them.
    pub(in crate::cli) fn to_plan(&self) -> crate::plan::PlanFlags {
        let Self { no_publish, record, ask_again, leave, publish_declined } = self;
        let slugs = |all: &[String]| all.iter().cloned().map(Community).collect();
        crate::plan::PlanFlags {
            no_publish: *no_publish,
            ask_again: slugs(ask_again),
            leave: slugs(leave),
            publish_declined: publish_declined.map(RecordId),
            ..record.to_plan()
        }
    }
}

/// Limits of a record.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Limits {
    /// How many files a record may have.
    #[arg(long, value_name = "N", default_value_t = Limits::FILES)]
    pub(in crate::cli) max_files: usize,
    /// How many bytes a record may have.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::BYTES)]
    pub(in crate::cli) max_bytes: u64,
}

impl Limits {
    /// How many files a record may have by default.
    pub(in crate::cli) const FILES: usize = 100;
    /// How many bytes a record may have by default.
    pub(in crate::cli) const BYTES: u64 = 50_000_000_000;

    /// Returns the limits as the engine takes them.
    pub(in crate::cli) fn to_engine(&self) -> engine::Limits {
        engine::Limits { max_files: self.max_files, max_bytes: self.max_bytes }
    }
}

/// Parses how many bytes a comment may have.
pub(in crate::cli) fn parse_budget(text: &str) -> Result<usize, String> {
    let bytes: usize = text.parse().map_err(|_| "it is not a number of bytes".to_owned())?;
    // A shorter comment would have to drop what a reviewer must see.
    if bytes < LEAST_BYTES {
        return Err(format!("fewer than {LEAST_BYTES} bytes can't hold what must be seen"));
    }
    Ok(bytes)
}

/// Makes the parser of a kind of forge; the help lists all kinds.
pub(in crate::cli) fn make_forge_parser() -> impl TypedValueParser<Value = &'static dyn Forge> {
    let words = FORGES.map(|forge| PossibleValue::new(forge.word()).help(forge.help()));
    PossibleValuesParser::new(words).map(|word| {
        let is_it = |forge: &&&dyn Forge| forge.word() == word;
        // The parser accepts no other word.
        FORGES.iter().find(is_it).copied().unwrap_or(FORGES[0])
    })
}

/// Makes the parser of an engine; the help lists all of them.
pub(in crate::cli) fn make_engine_parser() -> impl TypedValueParser<Value = &'static Engine> {
    let words = ENGINES.iter().map(|engine| PossibleValue::new(engine.word).help(engine.help));
    PossibleValuesParser::new(words).map(|word| {
        // The parser accepts no other word.
        ENGINES.iter().find(|engine| engine.word == word).unwrap_or(&ENGINES[0])
    })
}
