//! Past releases and their plans, for a terminal and as a document.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::check::Checked;
use crate::model::{Finding, Sha256};
use crate::plan::encode_plan;

use super::detail::Detail;
use super::escape::{escape_text, quote_text};
use super::findings::encode_findings;
use super::plan_text::render_plan_part;
use super::set::describe_in_line;
use super::size::count;
use super::verdict::encode_verdict;

/// A past release, as a reviewer is shown it.
#[derive(Debug)]
pub struct PastReview<'a> {
    /// Its tag.
    pub tag: &'a str,
    /// The commit of the tag, in hexadecimal digits.
    pub commit: &'a str,
    /// Its version label.
    pub label: &'a str,
    /// Its publication date.
    pub date: &'a str,
    /// What is to be done about it.
    pub found: PastFound<'a>,
    /// Its files that are not of the tag, each with the word for where it comes from.
    pub added: Vec<(&'a str, &'a str)>,
}

/// What is to be done about a past release.
#[derive(Debug)]
pub enum PastFound<'a> {
    /// Nothing: it is the version with this DOI.
    Published(String),
    /// It may be a version that is published.
    Unclear(&'a Finding),
    /// This, which has this digest.
    Missing(&'a Checked, Sha256),
}

/// Returns the head, and the releases as aligned lines.
pub fn render_releases(manifest: &str, releases: &[PastReview<'_>]) -> String {
    let width = releases.iter().map(|one| one.tag.chars().count()).max().unwrap_or(0);
    let is_missing = |one: &&PastReview<'_>| matches!(one.found, PastFound::Missing(..));
    let n_missing = releases.iter().filter(is_missing).count();
    let mut out = format!(
        "Past releases of {}: {}, {n_missing} to publish\n\n",
        escape_text(manifest),
        count(releases.len(), "tag")
    );
    for one in releases {
        let gap = " ".repeat(width.saturating_sub(one.tag.chars().count()));
        let what = describe(one);
        let _ = writeln!(out, "  {}{gap}  {}  {what}", escape_text(one.tag), one.date);
    }
    out
}

fn describe(one: &PastReview<'_>) -> String {
    match &one.found {
        PastFound::Published(doi) => format!("published: {}", escape_text(doi)),
        PastFound::Unclear(_) => "may be published already".to_owned(),
        PastFound::Missing(checked, _) => {
            let quote = |text: &str| escape_text(text).into_owned();
            describe_in_line(checked.plan(), checked.verdict(), quote)
        }
    }
}

/// Returns the plan of a release, with its tag as the head.
pub fn render_backfill(one: &PastReview<'_>, detail: Detail) -> Option<String> {
    let PastFound::Missing(checked, _) = &one.found else { return None };
    let plan = render_plan_part(checked, detail);
    let added: Vec<String> =
        one.added.iter().map(|(path, from)| format!("{} ({from})", quote_text(path))).collect();
    let added = match added.as_slice() {
        [] => String::new(),
        added => format!("\nNot of the tag: {}\n", added.join(", ")),
    };
    Some(format!("\n== {}, {}\n{plan}{added}", escape_text(one.tag), one.date))
}

/// Returns the document: each release, with its plan where it is to be published.
pub fn encode_backfill(
    manifest: &str,
    (digest, code): (Sha256, u8),
    findings: &[Finding],
    releases: &[PastReview<'_>],
) -> Json {
    json!({
        "format_version": "1.0",
        "manifest": manifest,
        "digest": format!("sha256:{digest}"),
        "exit_code": code,
        "findings": encode_findings(findings, None),
        "releases": releases.iter().map(encode_release).collect::<Vec<_>>(),
    })
}

fn encode_release(one: &PastReview<'_>) -> Json {
    let mut json = json!({
        "tag": one.tag,
        "commit": one.commit,
        "label": one.label,
        "date": one.date,
    });
    match &one.found {
        PastFound::Published(doi) => {
            json["state"] = "published".into();
            json["doi"] = doi.as_str().into();
        }
        PastFound::Unclear(finding) => {
            json["state"] = "unclear".into();
            json["findings"] = encode_findings(std::slice::from_ref(*finding), None);
        }
        PastFound::Missing(checked, digest) => {
            let mut plan = encode_plan(checked.plan());
            // It is approved with the others, and not alone.
            if let Some(plan) = plan.as_object_mut() {
                plan.remove("digest");
            }
            json["state"] = "missing".into();
            json["verdict"] = encode_verdict(checked.verdict()).into();
            json["digest"] = format!("sha256:{digest}").into();
            json["findings"] = encode_findings(checked.findings(), None);
            let added = one.added.iter().map(|(path, from)| json!({ "path": path, "from": from }));
            json["added"] = added.collect::<Vec<_>>().into();
            json["plan"] = plan;
        }
    }
    json
}
