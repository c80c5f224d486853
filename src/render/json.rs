//! Documents for machines: one JSON object on stdout for every outcome.

use serde_json::{Value as Json, json};

use crate::check::{Checked, check};
use crate::metadata_json::metadata_to_json;
use crate::observed::{Observed, Record, RecordState};
use crate::plan::{self, InvalidPlan};

use super::findings::resolve_place;
use super::review::About;
use super::verdict::verdict_name;

/// Returns the plan as a document, with its verdict, its findings and where it comes from.
pub fn plan_json(checked: &Checked, about: &About) -> Json {
    let plan = checked.plan();
    let mut document = plan::to_json(plan);
    let own = checked.own_findings().iter().map(|finding| resolve_place(finding, None));
    let findings = own.chain(plan.noted.iter().cloned());
    document["verdict"] = json!(verdict_name(checked.verdict()));
    document["about"] = about.json();
    document["findings"] = findings.map(|noted| plan::noted_to_json(&noted)).collect();
    document
}

/// Reads a plan from its document. The verdict and the findings in it must follow from the plan.
///
/// # Errors
/// [`InvalidPlan`] when it is not a plan, or shows what does not follow from it.
pub fn read_plan_json(document: &Json) -> Result<Checked, InvalidPlan> {
    let checked = check(plan::from_json(document)?);
    if !About::has_commit_or_none(document) {
        return Err(InvalidPlan::Part("about.commit"));
    }
    // A reviewer reads verdict and findings: a file that shows others must not pass.
    let expected = plan_json(&checked, &About::of(document));
    for part in ["verdict", "findings"] {
        if !plan::is_part_of(&expected[part], &document[part]) {
            return Err(InvalidPlan::Contradiction(part));
        }
    }
    Ok(checked)
}

/// Returns what is on the server as a document.
pub fn record_json(observed: &Observed) -> Json {
    let record = match &observed.record {
        RecordState::Published(record) => published(record),
        RecordState::Unbound => json!({"state": "unbound"}),
        RecordState::Unpublished => json!({"state": "unpublished"}),
        RecordState::Gone { status, message } => {
            json!({"state": "gone", "status": status, "message": message})
        }
        RecordState::NotPublic { message } => json!({"state": "not_public", "message": message}),
        RecordState::NotOurs { message } => json!({"state": "not_ours", "message": message}),
    };
    let draft = observed.draft.as_ref().map(|draft| {
        json!({
            "id": draft.id.0,
            "concept": draft.concept.0,
            "under_review": draft.under_review,
            "html": draft.html,
            "metadata": metadata_to_json(&draft.metadata),
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
        "metadata": metadata_to_json(&record.metadata),
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
