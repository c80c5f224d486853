//! `zrel explain`: what a finding or an exit code means, from the pages under `docs/`.

use serde_json::json;

use crate::cli::args::Format;
use crate::cli::args::explain::Explain;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::render::{escape_text, write_json_text};

/// The findings, a section each.
const FINDINGS: &str = include_str!("../../../docs/codes.md");

/// The page with the table of exit codes.
const EXIT_CODES: &str = include_str!("../../../docs/errors.md");

/// The explanation of a code.
struct Explanation {
    code: String,
    meaning: String,
    text: String,
}

pub(super) fn run(context: &Context, args: &Explain) -> Result<ExitCode, Failure> {
    let wanted = args.code.trim().to_ascii_uppercase();
    let found = find_finding(&wanted).or_else(|| find_exit_code(&wanted));
    let Explanation { code, meaning, text } =
        found.ok_or_else(|| make_unknown_code_failure(&args.code))?;
    match args.output.format {
        Format::Text => context.terminal.print_text(&format!("{code}: {meaning}\n\n{text}\n")),
        Format::Json => context.terminal.print(&write_json_text(&json!({
            "format_version": "1.0",
            "code": code,
            "meaning": meaning,
            "text": text,
        }))),
    }
    Ok(ExitCode::Done)
}

/// Returns every code with its meaning: of findings, then of exits.
pub(super) fn list_codes() -> Vec<(&'static str, &'static str)> {
    let findings = list_sections().map(|(code, meaning, _)| (code, meaning));
    let exits = list_rows().into_iter().map(|[code, meaning, _]| (code, meaning));
    findings.chain(exits).collect()
}

fn find_finding(code: &str) -> Option<Explanation> {
    let (code, meaning, text) = list_sections().find(|(name, _, _)| *name == code)?;
    let text = text.trim().to_owned();
    Some(Explanation { code: code.to_owned(), meaning: meaning.to_owned(), text })
}

fn find_exit_code(number: &str) -> Option<Explanation> {
    let [code, meaning, to_do] = list_rows().into_iter().find(|[code, ..]| *code == number)?;
    Some(Explanation {
        code: format!("exit code {code}"),
        meaning: meaning.to_owned(),
        text: format!("What to do: {to_do}."),
    })
}

/// Returns the sections whose headings are `## CODE: meaning`: code, meaning and text.
fn list_sections() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    FINDINGS.split("\n## ").skip(1).filter_map(|section| {
        let (heading, text) = section.split_once('\n')?;
        let (code, meaning) = heading.split_once(": ")?;
        Some((code, meaning, text))
    })
}

/// Returns the rows `| code | meaning | what to do |`.
fn list_rows() -> Vec<[&'static str; 3]> {
    let after = EXIT_CODES.split_once("\n## Exit codes\n").map_or("", |(_, after)| after);
    let table = after.split("\n## ").next().unwrap_or_default();
    let cells = |line: &'static str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        <[&str; 3]>::try_from(cells).ok()
    };
    // The heading of the table is no exit code.
    let rows = table.lines().filter_map(cells);
    rows.filter(|[code, ..]| code.parse::<u8>().is_ok()).collect()
}

fn make_unknown_code_failure(code: &str) -> Failure {
    Failure::new(ExitCode::Usage, format!("unknown code `{}`", escape_text(code)))
        .hint("findings have codes such as ZR0109; docs/errors.md lists them, and the exit codes")
}
