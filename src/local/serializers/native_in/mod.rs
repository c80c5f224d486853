//! Reads requests of the records API, in InvenioRDM's own spelling.
//!
//! A draft keeps the valid values and drops the rest, which `errors` of the answer names, in the order
//! of `tests/contract/native-put-invalid.json` (2026-11-28). Deliberately absent: what a record needs
//! to be published, see `state::publish`.

mod access;
mod custom_fields;
mod metadata;
mod people;
mod places;
mod remarks;
mod rows;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::local::state::DOI_PREFIX;
use crate::local::state::drafts::{DraftData, PidsChange};
use crate::local::state::publish;
use crate::local::state::refusal::Refusal;
use crate::local::state::types::Pid;
pub(crate) use remarks::{Remark, Remarks};

/// Reads the body of a create or a replace on a day in UTC.
///
/// # Errors
/// 400 for an id that is in no vocabulary or a restricted record, 500 if the body is not an object or
/// a DOI is of an unknown provider.
pub(crate) fn read_native(body: &Value, today: Date) -> Result<(DraftData, Remarks), Refusal> {
    let empty = Map::new();
    let body = match body {
        Value::Object(body) => body,
        // The real server takes an empty list for an empty object (`native-create-bodies`,
        // 2026-11-28).
        Value::Array(list) if list.is_empty() => &empty,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err(Refusal::internal());
        }
    };
    // Unknown top-level keys are ignored, so that a client can send a whole GET answer back.
    let mut remarks = Remarks::new();
    let access = access::read_access(body.get("access"), today, &mut remarks)?;
    let metadata = match body.get("metadata") {
        Some(Value::Object(given)) => metadata::read_metadata(given, &mut remarks)?,
        // Nothing is said of required fields where there are no metadata.
        None => Map::new(),
        Some(Value::Null) => {
            remarks.push(Remark::new("metadata", "Field may not be null."));
            Map::new()
        }
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            remarks.push(Remark::new("metadata._schema", "Invalid input type."));
            Map::new()
        }
    };
    let custom = body.get("custom_fields").and_then(Value::as_object).unwrap_or(&empty);
    let custom = custom_fields::read_custom_fields(custom, &mut remarks)?;
    let pids = read_pids(body.get("pids"), &mut remarks)?;
    Ok((DraftData { metadata, custom, access, pids }, remarks))
}

/// Returns what the answer to a write says of the files; `body` is what was sent.
pub(crate) fn check_files(body: &Value, has_files: bool) -> Option<Remark> {
    // Users make no records without files (`native-put-invalid`, 2026-11-28).
    if body.pointer("/files/enabled") == Some(&Value::Bool(false)) {
        let message = "You don't have permissions to manage files options.";
        return Some(Remark::new("files.enabled", message));
    }
    (!has_files).then(|| Remark::new("files.enabled", "Missing uploaded files."))
}

/// Returns what the answer to a write says of a DOI and of what its registration needs.
pub(crate) fn check_registration(
    metadata: &Map<String, Value>,
    doi: Option<&Pid>,
) -> Option<Remark> {
    if !metadata.contains_key("publisher") {
        let message = "Missing publisher field required for DOI registration.";
        return Some(Remark::new("metadata.publisher", message));
    }
    let doi = doi?;
    // An empty DOI is kept, and blocks publishing
    // (`tests/contract/native-empty-external-doi.json`, 2026-11-28).
    if doi.identifier.is_empty() {
        return Some(Remark::new("pids.doi", publish::MISSING_DOI));
    }
    let is_own = doi.identifier.split_once('/').is_some_and(|(prefix, _)| prefix == DOI_PREFIX);
    (doi.provider == "external" && is_own)
        .then(|| Remark::new("pids.doi", &publish::describe_managed_prefix()))
}

/// Reads `pids`.
fn read_pids(value: Option<&Value>, remarks: &mut Remarks) -> Result<PidsChange, Refusal> {
    // A missing `pids` keeps the DOI; an empty object drops it from the draft.
    let Some(Value::Object(given)) = value else { return Ok(PidsChange::Keep) };
    let mut pids = BTreeMap::new();
    for (scheme, pid) in given {
        if !matches!(scheme.as_str(), "doi" | "oai") {
            let message = "Invalid persistent identifier scheme.";
            remarks.push(Remark::spelt(format!("pids.{scheme}.key"), message));
            // One bad entry costs the whole change, and the draft keeps what it had.
            return Ok(PidsChange::Keep);
        }
        let text_of = |name: &str| pid.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(identifier) = text_of("identifier") else { continue };
        let provider = text_of("provider").unwrap_or_else(|| "external".to_owned());
        if !matches!(provider.as_str(), "datacite" | "external" | "oai") {
            return Err(Refusal::internal());
        }
        pids.insert(scheme.clone(), Pid { identifier, provider, client: text_of("client") });
    }
    Ok(PidsChange::Replace(pids))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::local::state::types::Visibility;

    fn read(body: &Value) -> Result<(Map<String, Value>, Remarks), Refusal> {
        read_native(body, date(2026, 11, 28)).map(|(data, remarks)| (data.metadata, remarks))
    }

    #[test]
    fn an_empty_list_is_an_empty_draft() {
        assert_eq!(read(&json!([])), Ok((Map::new(), Vec::new())));
        assert_eq!(read(&json!([1])), Err(Refusal::internal()));
        assert_eq!(read(&json!(null)), Err(Refusal::internal()));
    }

    #[test]
    fn an_unknown_language_refuses_the_draft() {
        let languages = |id: &str| json!({"metadata": {"languages": [{"id": "eng"}, {"id": id}]}});
        for id in ["zzz", "en"] {
            assert_eq!(read(&languages(id)), Err(Refusal::invalid_value(id)));
        }
        let (metadata, _) = read(&languages("fra")).unwrap();
        assert_eq!(metadata["languages"], json!([{"id": "eng"}, {"id": "fra"}]));
    }

    #[test]
    fn an_identifier_of_no_known_scheme_is_kept_without_one_and_told() {
        for text in ["not an id", "swh:1:rev:309cf2674ee7a0749978cf8265ab91a60aea0f7d"] {
            let given = json!([
                {"identifier": "10.1234/a", "relation_type": {"id": "cites"}},
                {"identifier": text, "relation_type": {"id": "cites"}},
            ]);
            let (metadata, remarks) =
                read(&json!({"metadata": {"related_identifiers": given}})).unwrap();
            assert_eq!(metadata["related_identifiers"][1], given[1]);
            let told = Remark::new("metadata.related_identifiers.1.scheme", publish::NO_SCHEME);
            assert!(remarks.contains(&told), "{remarks:?}");
        }
    }

    #[test]
    fn a_record_cannot_be_restricted() {
        let access = |record: &str| json!({"access": {"record": record, "files": "restricted"}});
        let message = "You don't have permissions to manage record access.";
        assert_eq!(read(&access("restricted")), Err(Refusal::field("access", message)));
        assert!(read(&access("secret")).is_err());
        let (data, _) = read_native(&access("public"), date(2026, 11, 28)).unwrap();
        assert_eq!(data.access.files, Visibility::Restricted);
    }
}
