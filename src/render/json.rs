//! Documents for machines: one JSON object on stdout for every outcome.

use serde_json::{Value as Json, json};

use crate::check::{Checked, check};
use crate::metadata_json::metadata_to_json;
use crate::observed::{Draft, DraftReview, Observed, Record, RecordState, ReviewStatus};
use crate::plan::{self, InvalidPlan};

use super::findings::resolve_place;
use super::review::About;
use super::verdict::encode_verdict;

/// Returns the plan as a document, with its verdict, its findings and where it comes from.
pub fn encode_plan_document(checked: &Checked, about: &About) -> Json {
    let plan = checked.plan();
    let mut document = plan::encode_plan(plan);
    let own = checked.own_findings().iter().map(|finding| resolve_place(finding, None));
    let findings = own.chain(plan.noted.iter().cloned());
    document["verdict"] = json!(encode_verdict(checked.verdict()));
    document["about"] = about.json();
    document["findings"] = findings.map(|noted| plan::encode_noted(&noted)).collect();
    document
}

/// Reads a plan from its document. The verdict and the findings in it must follow from the plan.
///
/// # Errors
/// [`InvalidPlan`] when it is not a plan, or shows what does not follow from it.
pub fn read_plan_json(document: &Json) -> Result<Checked, InvalidPlan> {
    let checked = check(plan::decode_plan(document)?);
    if !About::has_commit_or_none(document) {
        return Err(InvalidPlan::Part("about.commit"));
    }
    // A reviewer reads verdict and findings: a file that shows others must not pass.
    let expected = encode_plan_document(&checked, &About::of(document));
    for part in ["verdict", "findings"] {
        if !plan::is_part_of(&expected[part], &document[part]) {
            return Err(InvalidPlan::Contradiction(part));
        }
    }
    Ok(checked)
}

/// Returns what is on the server as a document.
pub fn encode_observed(observed: &Observed) -> Json {
    let record = match &observed.record {
        RecordState::Published(record) => encode_published(record),
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
            "under_review": is_under_review(draft),
            "review": draft.review.as_ref().map(encode_review),
            "html": draft.html,
            "metadata": metadata_to_json(&draft.metadata),
            "files": encode_remote_files(&draft.files),
        })
    });
    json!({"format_version": plan::FORMAT_VERSION, "record": record, "draft": draft})
}

fn is_under_review(draft: &Draft) -> bool {
    draft.review.as_ref().is_some_and(|review| review.status == ReviewStatus::Open)
}

/// Returns the review of a draft as an object.
pub fn encode_review(review: &DraftReview) -> Json {
    let status = match review.status {
        ReviewStatus::Chosen => "chosen",
        ReviewStatus::Open => "open",
        ReviewStatus::Declined => "declined",
    };
    json!({
        "status": status,
        "community": review.community.as_ref().map(|slug| &slug.0),
        "since": review.since.map(|since| since.to_string()),
    })
}

fn encode_published(record: &Record) -> Json {
    json!({
        "state": "published",
        "id": record.id.0,
        "concept": record.concept.0,
        "doi": record.doi.as_ref().map(crate::model::Doi::as_str),
        "concept_doi": record.concept_doi.as_ref().map(crate::model::Doi::as_str),
        "html": record.html,
        "metadata": metadata_to_json(&record.metadata),
        "files": encode_remote_files(&record.files),
    })
}

fn encode_remote_files(files: &[crate::model::RemoteFile]) -> Json {
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
