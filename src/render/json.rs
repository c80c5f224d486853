//! Documents for machines: one JSON object on stdout for every outcome.

use serde_json::{Value as Json, json};

use crate::check::{Checked, Verdict};
use crate::observed::{Observed, Presence, Record};
use crate::plan;

use super::findings::{Source, findings_json};
use super::review::About;

/// Returns the plan as a document, with its verdict, its findings and where it comes from.
pub fn plan_json(checked: &Checked, about: &About, source: Option<Source<'_>>) -> Json {
    let mut document = plan::to_json(checked.plan());
    document["verdict"] = json!(verdict_name(checked.verdict()));
    document["about"] = about.json();
    document["findings"] = findings_json(checked.findings(), source);
    document
}

/// Returns the verdict's name in documents.
pub fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ready => "ready",
        Verdict::AtTag => "at_tag",
        Verdict::NeedsConfirmation => "needs_confirmation",
        Verdict::Blocked => "blocked",
    }
}

/// Returns what is on the server as a document.
pub fn record_json(observed: &Observed) -> Json {
    let record = match &observed.record {
        Presence::Published(record) => published(record),
        Presence::Unbound => json!({"state": "unbound"}),
        Presence::Unpublished => json!({"state": "unpublished"}),
        Presence::Gone { status, message } => {
            json!({"state": "gone", "status": status, "message": message})
        }
        Presence::NotPublic { message } => json!({"state": "not_public", "message": message}),
        Presence::NotOurs { message } => json!({"state": "not_ours", "message": message}),
    };
    let draft = observed.draft.as_ref().map(|draft| {
        json!({
            "id": draft.id.0,
            "concept": draft.concept.0,
            "under_review": draft.under_review,
            "html": draft.html,
            "metadata": plan::metadata_to_json(&draft.metadata),
            "files": files(&draft.files),
        })
    });
    json!({"format_version": plan::FORMAT_VERSION, "record": record, "draft": draft})
}

fn published(record: &Record) -> Json {
    json!({
        "state": "published",
        "id": record.id.0,
        "concept": record.concept.0,
        "doi": record.doi.as_str(),
        "concept_doi": record.concept_doi.as_ref().map(crate::model::Doi::as_str),
        "html": record.html,
        "metadata": plan::metadata_to_json(&record.metadata),
        "files": files(&record.files),
    })
}

fn files(files: &[crate::model::RemoteFile]) -> Json {
    files
        .iter()
        .map(|file| {
            json!({
                "file": file.key.as_str(),
                "size": file.size,
                "md5": file.md5.map(|md5| md5.to_string()),
            })
        })
        .collect()
}
