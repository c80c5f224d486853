//! Custom fields in a request of the records API.
//!
//! The names are those of zenodo-rdm (`site/zenodo_rdm/custom_fields`, read 2026-11-28). Deliberately
//! absent: the types inside the Darwin Core and genomics fields, and check digits of ISSNs and ISBNs.

use serde_json::{Map, Value};

use super::remarks::{Remark, Remarks};
use crate::local::serializers::vocabulary::{Vocabulary, find_entry};
use crate::local::serializers::web_address;
use crate::local::state::refusal::Refusal;

/// The custom fields.
const KNOWN: [&str; 14] = [
    "code:codeRepository",
    "code:programmingLanguage",
    "code:developmentStatus",
    "journal:journal",
    "imprint:imprint",
    "thesis:thesis",
    "thesis:university",
    "meeting:meeting",
    "legacy:subjects",
    "legacy:communities",
    "dc:creator",
    "dc:rightsHolder",
    "openbiodiv:TaxonomicConceptLabel",
    "obo:RO_0002453",
];

/// What the names of the other fields begin with.
const PREFIXES: [&str; 5] = ["dwc:", "gbif-dwc:", "gbif:", "mixs:", "ac:"];

/// Reads `custom_fields`.
///
/// # Errors
/// 400 for an id that is in no vocabulary.
pub(super) fn read_custom_fields(
    given: &Map<String, Value>,
    remarks: &mut Remarks,
) -> Result<Map<String, Value>, Refusal> {
    let mut kept = Map::new();
    for (name, value) in given {
        let mut fault =
            |message| remarks.push(Remark::new(format!("custom_fields.{name}"), message));
        match name.as_str() {
            "code:codeRepository" => {
                if !value.as_str().is_some_and(web_address::is_web_address) {
                    fault("Not a valid URL.");
                    continue;
                }
            }
            "code:programmingLanguage" => {
                for entry in value.as_array().into_iter().flatten() {
                    check_entry(Vocabulary::ProgrammingLanguages, entry)?;
                }
            }
            "code:developmentStatus" => check_entry(Vocabulary::DevelopmentStatus, value)?,
            _ if is_known(name) => {}
            _ => {
                fault("Unknown field.");
                continue;
            }
        }
        kept.insert(name.clone(), value.clone());
    }
    Ok(kept)
}

fn is_known(name: &str) -> bool {
    KNOWN.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn check_entry(vocabulary: Vocabulary, entry: &Value) -> Result<(), Refusal> {
    let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
    find_entry(vocabulary, id).map(|_| ()).ok_or_else(|| Refusal::invalid_value(id))
}
