//! What a look at published versions found, as a document; docs/after-release.md describes it.

use serde_json::{Value as Json, json};

use crate::compare::{Agreement, Fact, Part, Pointing, ResolverAnswer, Verified};
use crate::metadata_json::value_to_json;
use crate::model::{Doi, FieldChange, RemoteFile, Value};

/// Returns what was found of one version as a part of a document. `server` is the server's name.
pub fn encode_verified(verified: &Verified, server: &str) -> Json {
    let Verified { id, doi, label, index: _, facts } = verified;
    json!({
        "server": server,
        "record": id.0,
        "doi": doi.as_ref().map(Doi::as_str),
        "version": label,
        "agreement": name_agreement(verified.agreement()),
        "facts": facts.iter().map(encode_fact).collect::<Vec<_>>(),
    })
}

fn name_agreement(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Same => "same",
        Agreement::Unchecked => "unchecked",
        Agreement::Differs => "differs",
    }
}

/// Returns one thing that was found as a part of a document.
pub fn encode_fact(fact: &Fact) -> Json {
    let mut object = encode_details(fact);
    object["agreement"] = json!(name_agreement(fact.agreement()));
    object
}

fn encode_details(fact: &Fact) -> Json {
    match fact {
        Fact::SameFiles(n) => json!({"what": "files_same", "n_files": n}),
        Fact::Changed { key, applied, found, size } => json!({
            "what": "file_changed",
            "file": key.as_str(),
            "applied_md5": applied.to_string(),
            "md5": found.to_string(),
            "size": size,
        }),
        Fact::Missing { key, applied } => json!({
            "what": "file_missing",
            "file": key.as_str(),
            "applied_md5": applied.to_string(),
        }),
        Fact::Added(file) => encode_added(file),
        Fact::Announced(n, bytes) => {
            json!({"what": "files_announced", "n_files": n, "size_bytes": bytes})
        }
        Fact::SameFields(n) => json!({"what": "metadata_same", "n_fields": n}),
        Fact::Field(change) => encode_field(change),
        Fact::SameBytes { n_files, bytes, n_known } => json!({
            "what": "bytes_same",
            "n_files": n_files,
            "size_bytes": bytes,
            "n_files_by_sha256": n_known,
        }),
        Fact::OtherSha256 { key, released, found } => json!({
            "what": "sha256_differs",
            "file": key.as_str(),
            "receipt_sha256": released.to_string(),
            "sha256": found.to_string(),
        }),
        Fact::OtherBytes { key, announced, found } => json!({
            "what": "bytes_differ",
            "file": key.as_str(),
            "announced_md5": announced.to_string(),
            "md5": found.map(|md5| md5.to_string()),
        }),
        Fact::NoBytes { key, message } => {
            json!({"what": "bytes_missing", "file": key.as_str(), "message": message})
        }
        Fact::Gone { status, message } => {
            json!({"what": "gone", "status": status, "message": message})
        }
        Fact::Concept(pointing) => encode_pointing(pointing),
        Fact::ConceptGone { concept, status, message } => json!({
            "what": "concept_gone",
            "concept": concept.0,
            "status": status,
            "message": message,
        }),
        Fact::Resolved(answer) => encode_resolver_answer(answer),
        Fact::NoAnswer(message) => json!({"what": "no_answer", "message": message}),
        Fact::Unchecked { what, why } => encode_unchecked(what, why),
    }
}

fn encode_added(file: &RemoteFile) -> Json {
    json!({
        "what": "file_added",
        "file": file.key.as_str(),
        "md5": file.md5.map(|md5| md5.to_string()),
        "size": file.size,
    })
}

fn encode_field(change: &FieldChange) -> Json {
    json!({
        "what": "field_changed",
        "field": change.field.name(),
        "server": encode_value(change.before.as_ref()),
        "manifest": encode_value(change.after.as_ref()),
    })
}

fn encode_pointing(pointing: &Pointing) -> Json {
    let Pointing { concept, latest, doi, label, index: _, wanted, is_known } = pointing;
    json!({
        "what": "concept",
        "concept": concept.0,
        "latest": latest.0,
        "doi": doi.as_ref().map(Doi::as_str),
        "version": label,
        "expected": wanted.map(|id| id.0),
        "in_lock": is_known,
    })
}

fn encode_resolver_answer(answer: &ResolverAnswer) -> Json {
    let ResolverAnswer { doi, resolver, status, location, leads_here: _ } = answer;
    json!({
        "what": "resolved",
        "doi": doi.as_str(),
        "resolver": resolver,
        "status": status,
        "location": location,
    })
}

fn encode_unchecked(what: &Part, why: &str) -> Json {
    let (part, file) = match what {
        Part::Record => ("record", None),
        Part::Files => ("files", None),
        Part::File(key) => ("file", Some(key.as_str())),
        Part::Metadata => ("metadata", None),
        Part::Concept => ("concept", None),
    };
    json!({"what": "unchecked", "part": part, "file": file, "why": why})
}

fn encode_value(value: Option<&Value>) -> Json {
    value.map_or(Json::Null, value_to_json)
}
