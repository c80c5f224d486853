//! Findings as text and as JSON: with line and column where they have a place.

use std::fmt::Write;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::Value as Json;

use crate::model::{Finding, Severity, Span};
use crate::plan::{Noted, NotedPlace, Position, encode_noted};

use super::escape::{escape_lines, escape_text};
use super::style::{CHANGED, DANGER, DIM, paint};

/// The text that findings point into.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The file's name, as the user gave it.
    pub path: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// Returns all findings as text, each followed by an empty line; empty without findings.
pub fn render_findings(findings: &[Finding], source: Option<Source<'_>>) -> String {
    findings.iter().map(|finding| render_finding(finding, source)).collect()
}

fn render_finding(finding: &Finding, source: Option<Source<'_>>) -> String {
    let mut out = match (&finding.label, source) {
        (Some(label), Some(source)) => render_snippet(finding, label.span, &label.text, source),
        _ => render_plain_title(finding),
    };
    if let Some(why) = &finding.why {
        let _ = writeln!(out, "  {} {}", paint(DIM, "because:"), escape_lines(why));
    }
    for hint in &finding.hints {
        let _ = writeln!(out, "  {} {}", paint(DIM, "hint:"), escape_lines(hint));
    }
    out.push('\n');
    out
}

fn render_plain_title(finding: &Finding) -> String {
    let (word, style) = match finding.severity {
        Severity::Error => ("error", DANGER),
        Severity::Warning => ("warning", CHANGED),
        Severity::Note => ("note", DIM),
    };
    let head = paint(style, format!("{word}[{}]", finding.code));
    format!("{head}: {}\n", escape_text(&finding.summary))
}

fn render_snippet(finding: &Finding, span: Span, label: &str, source: Source<'_>) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let (line, column) = find_line_column(source.text, span.start);
    let lines = choose_excerpt(source.text, span);
    // The excerpt may end before the place does.
    let in_excerpt =
        span.start - lines.start..span.end.min(lines.end).max(span.start) - lines.start;
    let text = blank_controls(&source.text[lines.start..lines.end]);
    let annotation =
        AnnotationKind::Primary.span(in_excerpt).label(escape_text(label).into_owned());
    let place = format!("{}:{line}:{column}", source.path);
    let group = Group::with_title(
        level.primary_title(escape_text(&finding.summary).into_owned()).id(finding.code),
    )
    .element(
        Snippet::source(text)
            .line_start(line)
            .path(strip_line_column(&place, line, column))
            .annotation(annotation),
    );
    format!("{}\n", Renderer::styled().render(&[group]))
}

/// Returns the path alone: the renderer adds line and column itself.
fn strip_line_column(place: &str, line: usize, column: usize) -> String {
    let tail = format!(":{line}:{column}");
    place.strip_suffix(&tail).unwrap_or(place).to_owned()
}

/// Replaces each byte of a control character by a blank, so that places stay where they are.
fn blank_controls(text: &str) -> String {
    let is_kept = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_kept(c) {
            out.push(c);
        } else {
            out.extend(std::iter::repeat_n(' ', c.len_utf8()));
        }
    }
    out
}

/// Returns the whole lines that a place touches, at most three of them, at most 2,000 bytes.
fn choose_excerpt(text: &str, span: Span) -> Span {
    let start_of_line = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    // A text of one long line would fill the screen.
    let start = find_floor_boundary(text, start_of_line.max(span.start.saturating_sub(1000)));
    let limit = find_ceil_boundary(text, (span.start + 1000).min(text.len()));
    let end = text[span.start..limit]
        .char_indices()
        .filter(|(at, c)| *c == '\n' && span.start + at >= span.end.saturating_sub(1).min(limit))
        .map(|(at, _)| span.start + at)
        .next();
    let first_break = text[span.start..limit].find('\n').map(|at| span.start + at);
    // A description may have hundreds of lines; its first one shows where it is.
    let is_long = span.end > span.start + 300;
    let end = if is_long { first_break.or(Some(limit)) } else { end.or(Some(limit)) };
    Span { start, end: end.unwrap_or(limit) }
}

fn find_floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn find_ceil_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// Returns line and column, both from 1; the column counts characters.
pub fn find_line_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..find_floor_boundary(text, at.min(text.len()))];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() + 1)
}

/// Returns findings as a JSON list.
pub fn encode_findings(findings: &[Finding], source: Option<Source<'_>>) -> Json {
    findings.iter().map(|finding| encode_finding(finding, source)).collect()
}

fn encode_finding(finding: &Finding, source: Option<Source<'_>>) -> Json {
    encode_noted(&resolve_place(finding, source))
}

/// Returns a finding with its place as line and column; without a source it has no place.
pub fn resolve_place(finding: &Finding, source: Option<Source<'_>>) -> Noted {
    let Finding { code, severity, summary, label, why, hints } = finding;
    let place = label.as_ref().zip(source).map(|(label, source)| {
        let position = |byte: usize| {
            let (line, column) = find_line_column(source.text, byte);
            Position { line, column, byte }
        };
        NotedPlace {
            file: source.path.to_owned(),
            start: position(label.span.start),
            end: position(label.span.end),
            text: label.text.clone(),
        }
    });
    Noted {
        severity: *severity,
        code: (*code).to_owned(),
        summary: summary.clone(),
        place,
        why: why.clone(),
        hints: hints.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_points_at_its_line_and_says_what_to_do() {
        let source = Source { path: "zenodo.toml", text: "a = 1\ncreator = 2\nb = 3\n" };
        let finding = Finding::error("ZR0101", "unknown key `creator`")
            .at(Span { start: 6, end: 13 }, "did you mean `creators`?")
            .hint("rename it");
        let text = render_findings(&[finding], Some(source));
        let text = anstream::adapter::strip_str(&text).to_string();
        assert!(text.contains("zenodo.toml:2:1"), "{text}");
        assert!(text.contains("creator = 2"), "{text}");
        assert!(!text.contains("b = 3"), "{text}");
        assert!(text.contains("hint: rename it"), "{text}");
    }

    #[test]
    fn a_control_character_of_two_bytes_moves_no_place() {
        let text = "a = \"\u{80}\u{9f}\" é";
        let at = text.find('é').unwrap();
        let span = Span { start: at, end: text.len() };
        let finding = Finding::error("ZR0101", "odd").at(span, "here");
        let shown = render_findings(&[finding], Some(Source { path: "zenodo.toml", text }));
        let shown = anstream::adapter::strip_str(&shown).to_string();
        assert!(shown.contains("a = \"    \" é\n"), "{shown}");
    }

    #[test]
    fn no_line_of_a_servers_message_begins_like_one_of_a_plan() {
        let finding = Finding::error("ZR0501", "a").because("no\nNo changes.").hint("b\n+ upload");
        let shown = render_findings(&[finding], None);
        let shown = anstream::adapter::strip_str(&shown).to_string();
        assert!(
            shown.contains("because: no\n    No changes.\n  hint: b\n    + upload\n"),
            "{shown}"
        );
    }

    #[test]
    fn columns_count_characters_and_places_past_the_end_do_no_harm() {
        assert_eq!(find_line_column("äb\ncd", 2), (1, 2));
        assert_eq!(find_line_column("ab", 99), (1, 3));
    }
}
