//! A plan with all that a reviewer is shown of it, for the formats that are read away from the
//! terminal: made from the plan's document, so that a saved plan is shown like a new one.

use serde_json::{Value as Json, json};

use crate::check::Verdict;
use crate::model::Severity;
use crate::plan::{Plan, encode_severity};

use super::verdict::encode_verdict;

/// Where a plan comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The manifest's path, as the user gave it.
    pub manifest: String,
    /// The commit that is checked out, in hexadecimal digits; none outside of git.
    pub commit: Option<String>,
}

impl About {
    pub(super) fn json(&self) -> Json {
        let Self { manifest, commit } = self;
        json!({"manifest": manifest, "commit": commit})
    }

    pub(super) fn of(document: &Json) -> Self {
        let text = |key: &str| document["about"][key].as_str().map(str::to_owned);
        Self { manifest: text("manifest").unwrap_or_default(), commit: text("commit") }
    }

    /// Returns whether a document's commit is valid or missing: 40 or 64 lower-case hexadecimal
    /// digits.
    pub(super) fn has_commit_or_none(document: &Json) -> bool {
        let commit = &document["about"]["commit"];
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        commit.is_null()
            || commit.as_str().is_some_and(|commit| {
                matches!(commit.len(), 40 | 64) && commit.bytes().all(is_digit)
            })
    }
}

/// A plan and its findings.
#[derive(Debug, Clone, PartialEq)]
pub struct Review<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What keeps it from being applied.
    pub verdict: Verdict,
    /// The findings, the worst first.
    pub told: Vec<Told>,
    /// Where it comes from.
    pub about: About,
}

/// One finding, as the document has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// How bad it is.
    pub severity: Severity,
    /// Its code.
    pub code: String,
    /// What is wrong.
    pub summary: String,
    /// Where, `zenodo.toml:12`; none when it has no place.
    pub place: Option<String>,
    /// Why it is a problem.
    pub why: Option<String>,
    /// What to do next.
    pub hints: Vec<String>,
}

impl<'a> Review<'a> {
    /// Reads the review of a plan from its document. What the document does not say is taken for
    /// the worst.
    pub fn new(plan: &'a Plan, document: &Json) -> Self {
        let verdict = [
            Verdict::Ready,
            Verdict::AtTag,
            Verdict::Unreserved,
            Verdict::Unlinked,
            Verdict::NeedsConfirmation,
        ]
        .into_iter()
        .find(|verdict| document["verdict"] == encode_verdict(*verdict))
        // A verdict that is missing or unknown must not look ready.
        .unwrap_or(Verdict::Blocked);
        let findings = document["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut told: Vec<Told> = findings.iter().map(Told::of).collect();
        told.sort_by_key(|told| std::cmp::Reverse(told.severity));
        Self { plan, verdict, told, about: About::of(document) }
    }
}

impl Told {
    /// Reads a finding.
    pub(super) fn of(finding: &Json) -> Self {
        let text = |json: &Json| json.as_str().map(str::to_owned);
        let place = &finding["place"];
        let line = place["start"]["line"].as_u64();
        let hints = finding["hints"].as_array().map(Vec::as_slice).unwrap_or_default();
        Self {
            severity: [Severity::Note, Severity::Warning]
                .into_iter()
                .find(|severity| finding["severity"] == encode_severity(*severity))
                .unwrap_or(Severity::Error),
            code: text(&finding["code"]).unwrap_or_default(),
            summary: text(&finding["summary"]).unwrap_or_default(),
            place: text(&place["file"]).zip(line).map(|(file, line)| format!("{file}:{line}")),
            why: text(&finding["why"]),
            hints: hints.iter().filter_map(text).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_hexadecimal_digits_of_one_of_two_lengths() {
        for good in
            [json!(null), json!("0123456789abcdef0123456789abcdef01234567"), json!("a".repeat(64))]
        {
            assert!(About::has_commit_or_none(&json!({"about": {"commit": good}})), "{good}");
        }
        assert!(About::has_commit_or_none(&json!({})));
        let long = "a".repeat(39);
        for bad in
            [json!(""), json!("main"), json!(7), json!([]), json!(long), json!("A".repeat(40))]
        {
            assert!(!About::has_commit_or_none(&json!({"about": {"commit": bad}})), "{bad}");
        }
    }
}
