//! Why a command failed, with what to do next; the one place that walks an error's causes.

use std::error::Error;

use crate::model::Finding;
use crate::render::{Source, escape_text, render_findings};

use super::exit_code::ExitCode;

/// How many findings a failure shows: a manifest may have as many faults as it has lines.
const MAX_FINDINGS: usize = 100;

/// A command that failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// How the program ends.
    pub(super) code: ExitCode,
    /// What was being done, and to what; empty when the findings say it all.
    pub(super) message: String,
    /// Why, outermost first.
    pub(super) causes: Vec<String>,
    /// What to do next.
    pub(super) hints: Vec<String>,
    /// Findings, as text that is ready to be shown.
    pub(super) findings: String,
    /// The same findings, for a document.
    pub(super) findings_json: serde_json::Value,
}

impl Failure {
    /// Makes a failure without a cause.
    pub(super) fn new(code: ExitCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
            findings: String::new(),
            findings_json: serde_json::Value::Array(Vec::new()),
        }
    }

    /// Makes a failure of an error and all its causes.
    pub(super) fn of(code: ExitCode, error: &(dyn Error + 'static)) -> Self {
        let mut failure = Self::new(code, error.to_string());
        let mut last = failure.message.clone();
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            // A transparent layer says what its source says.
            if text != last {
                failure.causes.push(text.clone());
            }
            last = text;
            source = cause.source();
        }
        failure
    }

    /// Makes a failure of findings.
    pub(super) fn findings(
        code: ExitCode,
        message: impl Into<String>,
        findings: &[Finding],
        source: Option<Source<'_>>,
    ) -> Self {
        Self::new(code, message).with_findings(findings, source)
    }

    /// Adds findings about places in the manifest.
    #[must_use]
    pub(super) fn with_findings(
        mut self,
        findings: &[Finding],
        source: Option<Source<'_>>,
    ) -> Self {
        let mut shown = findings.to_vec();
        if shown.len() > MAX_FINDINGS {
            // Errors first: a warning must not hide one.
            shown.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
            shown.truncate(MAX_FINDINGS);
        }
        self.findings = render_findings(&shown, source);
        self.findings_json = crate::render::encode_findings(&shown, source);
        if findings.len() > MAX_FINDINGS {
            let more = findings.len() - MAX_FINDINGS;
            self.hints.push(format!("{more} more findings are not shown: resolve these first"));
        }
        self
    }

    /// Puts the causes behind the message, for an error that needs one line.
    #[must_use]
    pub(super) fn join_causes(mut self) -> Self {
        for cause in self.causes.drain(..) {
            self.message = format!("{}: {cause}", self.message);
        }
        self
    }

    /// Adds something to do next.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns the failure as text for stderr, without a line feed at its end.
    pub(super) fn text(&self) -> String {
        let mut lines = Vec::new();
        if !self.findings.is_empty() {
            lines.push(self.findings.trim_end().to_owned());
        }
        if !self.message.is_empty() {
            // A message may quote a server or a file, whose control characters could forge lines.
            lines.push(format!("error: {}", escape_text(&self.message)));
        }
        lines
            .extend(self.causes.iter().map(|cause| format!("  caused by: {}", escape_text(cause))));
        lines.extend(self.hints.iter().map(|hint| format!("hint: {}", escape_text(hint))));
        lines.join("\n")
    }

    /// Returns the failure as a document.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "format_version": "1.0",
            "error": {
                "exit_code": self.code.number(),
                "message": self.message,
                "causes": self.causes,
                "hints": self.hints,
                "findings": self.findings_json,
            },
        })
    }
}
