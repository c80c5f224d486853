//! The DOI in the `pids` of a draft of the records API.

use serde_json::{Value as Json, json};

use crate::model::{Doi, RecordId};

use super::deposition::doi;

/// Reads the DOI of a draft; `None` where it has none, or an empty text.
pub fn draft_doi(json: &Json) -> Option<Doi> {
    doi(json["pids"]["doi"].get("identifier"))
}

/// Returns a draft as it was read, with a DOI of the server's in its `pids`, to be sent back; `None`
/// for what is not this draft.
///
/// The server ignores what a client may not set, and complains of the icons of licences alone
/// (records-api-facts.md, 2026-11-28).
pub fn add_doi(mut draft: Json, (id, doi): (RecordId, &Doi)) -> Option<Json> {
    let is_it = draft["id"].as_str().is_some_and(|text| text == id.to_string());
    if !is_it || !draft["metadata"].is_object() {
        return None;
    }
    let rights = draft["metadata"].get_mut("rights").and_then(Json::as_array_mut);
    for licence in rights.into_iter().flatten().filter_map(Json::as_object_mut) {
        licence.remove("icon");
    }
    let pids = draft.as_object_mut()?.entry("pids").or_insert_with(|| json!({}));
    let own = json!({"identifier": doi.as_str(), "provider": "datacite", "client": "datacite"});
    pids.as_object_mut()?.insert("doi".to_owned(), own);
    Some(draft)
}
