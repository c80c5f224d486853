//! Annotations and outputs: what a forge's runner reads from the log and from its files.
//!
//! The commands are GitHub's (workflow commands, 2026-11-23); Forgejo's runner knows them too. A
//! log is full of foreign text, and a runner obeys lines that begin with `::`: see
//! [`escape_workflow_commands`].

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::Value as Json;

use super::escape::escape_text;

/// At most this many annotations are made; GitHub shows ten of each kind a step.
const MAX_ANNOTATIONS: usize = 50;

/// Returns a list of findings as annotations, a line each, errors first. `root` is the folder of
/// the repository: places are shown below it.
pub fn build_annotations(findings: &Json, root: Option<&str>) -> Vec<String> {
    let findings = findings.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut ranked: Vec<(u8, String)> =
        findings.iter().map(|finding| build_annotation(finding, root)).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(MAX_ANNOTATIONS).map(|(_, line)| line).collect()
}

fn build_annotation(finding: &Json, root: Option<&str>) -> (u8, String) {
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let (rank, command) = match finding["severity"].as_str() {
        Some("error") => (0, "error"),
        Some("warning") => (1, "warning"),
        _ => (2, "notice"),
    };
    let place = &finding["place"];
    let mut properties = Vec::new();
    if let Some(file) = place["file"].as_str() {
        properties.push(format!("file={}", escape_property(make_path_relative(file, root))));
        let (start, end) = (&place["start"], &place["end"]);
        let number = |json: &Json| json.as_u64().unwrap_or(1);
        let (line, end_line) = (number(&start["line"]), number(&end["line"]));
        properties.push(format!("line={line}"));
        // A runner takes columns only for a place within one line.
        if line == end_line {
            let (column, end_column) = (number(&start["column"]), number(&end["column"]));
            properties.push(format!("col={column},endColumn={}", end_column.max(column)));
        } else {
            properties.push(format!("endLine={end_line}"));
        }
    }
    properties.push(format!("title={}", escape_property(&text(&finding["code"]))));
    let mut message = text(&finding["summary"]);
    let label = text(&place["text"]);
    if !label.is_empty() {
        let _ = write!(message, ": {label}");
    }
    for hint in finding["hints"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let _ = write!(message, "\nhint: {}", text(hint));
    }
    (rank, format!("::{command} {}::{}", properties.join(","), escape_data(&message)))
}

/// Returns one error as an annotation without a place.
pub fn build_error_annotation(message: &str, hints: &[String]) -> String {
    let mut text = message.to_owned();
    for hint in hints {
        let _ = write!(text, "\nhint: {hint}");
    }
    format!("::error title=zrel::{}", escape_data(&text))
}

fn make_path_relative<'a>(file: &'a str, root: Option<&str>) -> &'a str {
    let below = root.and_then(|root| file.strip_prefix(root)?.strip_prefix('/'));
    let below = below.unwrap_or(file);
    below.strip_prefix("./").unwrap_or(below)
}

/// Escapes a message; its lines stay.
fn escape_data(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(escape_text).collect();
    lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Returns outputs as the runner's file takes them.
pub fn write_outputs(values: &[(&str, String)], delimiter: &str) -> String {
    let mut out = String::new();
    for (name, value) in values {
        // Nobody can guess the delimiter; a value that holds it could add outputs of its own.
        if !value.contains(delimiter) {
            let _ = write!(out, "{name}<<{delimiter}\n{}\n{delimiter}\n", escape_text(value));
        }
    }
    out
}

/// Returns text in which no line is a command to a runner: those begin with `::`, and older ones
/// have `##[` anywhere.
pub fn escape_workflow_commands(text: &str) -> Cow<'_, str> {
    if !text.contains("::") && !text.contains("##[") {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(|line| {
        let line = line.replace("##[", "## [");
        // A command may follow blanks and styles.
        let rest = skip_lead(&line);
        if rest.starts_with("::") {
            let lead = line.len() - rest.len();
            format!("{}: {}", &line[..lead], &rest[1..])
        } else {
            line
        }
    });
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

/// Skips blanks and styles at the beginning of a line.
fn skip_lead(mut line: &str) -> &str {
    loop {
        let trimmed = line.trim_start();
        let style = trimmed.strip_prefix("\u{1b}[").and_then(|rest| rest.split_once('m'));
        match style {
            Some((_, rest)) => line = rest,
            None => return trimmed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Finding, Span};
    use crate::render::{Source, encode_findings};

    #[test]
    fn a_finding_is_an_annotation_of_its_line_errors_first() {
        let source =
            Source { path: "/work/rings/zenodo.toml", text: "a = 1\ncreator = 2\nb = 3\n" };
        let findings = [
            Finding::note("ZR0405", "the day"),
            Finding::error("ZR0101", "unknown key `creator`")
                .at(Span { start: 6, end: 13 }, "did you mean `creators`?")
                .hint("rename it"),
            Finding::warning("ZR0302", "two lines").at(Span { start: 0, end: 13 }, ""),
        ];
        let lines =
            build_annotations(&encode_findings(&findings, Some(source)), Some("/work/rings"));
        assert_eq!(
            lines,
            [
                "::error file=zenodo.toml,line=2,col=1,endColumn=8,title=ZR0101::unknown key `creator`: did you mean `creators`?%0Ahint: rename it",
                "::warning file=zenodo.toml,line=1,endLine=2,title=ZR0302::two lines",
                "::notice title=ZR0405::the day",
            ]
        );
    }

    #[test]
    fn no_text_breaks_out_of_an_annotation() {
        let source = Source { path: "a,b:c%.toml", text: "x = 1\n" };
        let finding = Finding::error("ZR0101", "100%\r\n::set-output name=doi::x\u{1b}[2J")
            .at(Span { start: 0, end: 1 }, "::stop-commands::x");
        let lines = build_annotations(&encode_findings(&[finding], Some(source)), None);
        assert_eq!(lines.len(), 1);
        assert!(!lines[0].contains(['\n', '\r', '\u{1b}']), "{}", lines[0]);
        assert!(lines[0].starts_with("::error file=a%2Cb%3Ac%25.toml,line=1,"), "{}", lines[0]);
        assert!(lines[0].contains("100%25%0A::set-output"), "{}", lines[0]);
        let line = build_error_annotation("a\n::warning::b", &["c".to_owned()]);
        assert_eq!(line, "::error title=zrel::a%0A::warning::b%0Ahint: c");
    }

    #[test]
    fn no_value_breaks_out_of_an_output() {
        let values = [("version", "1.0\nEND\ndoi<<X\nevil\nX".to_owned()), ("doi", "zEND".into())];
        assert_eq!(
            write_outputs(&values[..1], "random"),
            "version<<random\n1.0 END doi<<X evil X\nrandom\n"
        );
        assert_eq!(write_outputs(&values[1..], "END"), "");
    }

    #[test]
    fn no_line_of_text_is_a_command() {
        assert_eq!(escape_workflow_commands("a :: b\nplain\n"), "a :: b\nplain\n");
        assert_eq!(escape_workflow_commands("::set-output name=x::y"), ": :set-output name=x::y");
        assert_eq!(escape_workflow_commands("a\n  ::error::b\n"), "a\n  : :error::b\n");
        assert_eq!(escape_workflow_commands("\u{1b}[1m ::add-mask::e"), "\u{1b}[1m : :add-mask::e");
        assert_eq!(
            escape_workflow_commands("x ##[set-output name=a;]b"),
            "x ## [set-output name=a;]b"
        );
        assert_eq!(escape_workflow_commands(":::::"), ": ::::");
    }
}
