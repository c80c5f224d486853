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

/// Finds the section whose heading is `## CODE: meaning`.
fn find_finding(code: &str) -> Option<Explanation> {
    FINDINGS.split("\n## ").skip(1).find_map(|section| {
        let (heading, text) = section.split_once('\n')?;
        let (name, meaning) = heading.split_once(": ")?;
        (name == code).then(|| Explanation {
            code: name.to_owned(),
            meaning: meaning.to_owned(),
            text: text.trim().to_owned(),
        })
    })
}

/// Finds the row `| code | meaning | what to do |`.
fn find_exit_code(number: &str) -> Option<Explanation> {
    // The heading of the table is no exit code.
    number.parse::<u8>().ok()?;
    let (_, table) = EXIT_CODES.split_once("\n## Exit codes\n")?;
    let table = table.split("\n## ").next()?;
    table.lines().find_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [code, meaning, to_do] = cells[..] else { return None };
        (code == number).then(|| Explanation {
            code: format!("exit code {code}"),
            meaning: meaning.to_owned(),
            text: format!("What to do: {to_do}."),
        })
    })
}

fn make_unknown_code_failure(code: &str) -> Failure {
    Failure::new(ExitCode::Usage, format!("unknown code `{}`", escape_text(code)))
        .hint("findings have codes such as ZR0109; docs/errors.md lists them, and the exit codes")
}
