//! The digest of a plan: equal for plans that do the same to the same record.
//!
//! It covers server, record, basis version and what that says, outcome, files and metadata. It does
//! not cover what is decided only at the apply (the day, a label from a git tag), nor what is in
//! the draft, and so how much an unfinished run did already: going on has the digest of opening.

use serde_json::{Value, json};
use sha2::{Digest, Sha256 as Hasher};

use crate::model::{Field, Metadata, Sha256};

use super::json::value_to_json;
use super::{Operation, Plan, PlannedFile, Unresolved};

/// Returns the plan's digest.
pub fn digest(plan: &Plan) -> Sha256 {
    let covered = json!({
        "digest_version": 1,
        "server": [plan.server.name, plan.server.url],
        "concept": concept(plan),
        "basis": plan.basis.version.map(|id| id.0),
        "basis_metadata": basis_metadata(plan),
        "outcome": outcome(plan.operation),
        "publish": plan.publishes(),
        "files": plan.target.files.iter().map(file).collect::<Vec<_>>(),
        "metadata": metadata(&plan.target.metadata, &plan.unresolved),
        "communities": plan.communities.iter().map(|c| c.community.0.clone()).collect::<Vec<_>>(),
    });
    Sha256(Hasher::digest(covered.to_string().as_bytes()).into())
}

/// The concept of a record that was never published does not count: opening its draft makes it.
fn concept(plan: &Plan) -> Option<u64> {
    match plan.operation {
        Operation::NewRecord { .. } => None,
        Operation::Nothing
        | Operation::NewVersion { .. }
        | Operation::Edit { .. }
        | Operation::Communities { .. }
        | Operation::Impossible => plan.basis.concept.map(|id| id.0),
    }
}

/// What the basis says counts where the plan writes over it. It is what is published, which an
/// unfinished apply of ours does not move.
fn basis_metadata(plan: &Plan) -> Option<String> {
    match plan.operation {
        Operation::NewVersion { .. } | Operation::Edit { .. } => {
            plan.basis.fingerprint.map(|digest| digest.to_string())
        }
        Operation::Nothing
        | Operation::NewRecord { .. }
        | Operation::Communities { .. }
        | Operation::Impossible => None,
    }
}

fn outcome(operation: Operation) -> &'static str {
    match operation {
        Operation::Nothing => "nothing",
        Operation::NewRecord { .. } => "new record",
        Operation::NewVersion { .. } => "new version",
        Operation::Edit { .. } => "edit",
        Operation::Communities { .. } => "communities",
        Operation::Impossible => "impossible",
    }
}

/// An archive counts by its content: another encoder may pack it into other bytes. A file that stays
/// on the server counts as such: nothing of it is sent.
fn file(file: &PlannedFile) -> Value {
    match file.content {
        _ if file.kept => json!([file.key.as_str(), file.size, file.md5.to_string(), "kept"]),
        Some(content) => json!([file.key.as_str(), "content", content.to_string()]),
        None => json!([file.key.as_str(), file.size, file.md5.to_string()]),
    }
}

fn metadata(metadata: &Metadata, unresolved: &[Unresolved]) -> Value {
    let is_open = |field: Field| {
        unresolved.iter().any(|open| match open {
            Unresolved::Today => field == Field::PublicationDate,
            Unresolved::Tag(_) => field == Field::Version,
        })
    };
    let decided = metadata.iter().filter(|(field, _)| !is_open(*field));
    let mut fields: Vec<Value> =
        decided.map(|(field, value)| json!([field.name(), value_to_json(value)])).collect();
    if unresolved.contains(&Unresolved::Today) {
        fields.push(json!(["publication_date", "today"]));
    }
    if unresolved.iter().any(|open| matches!(open, Unresolved::Tag(_))) {
        fields.push(json!(["version", "tag"]));
    }
    Value::Array(fields)
}
