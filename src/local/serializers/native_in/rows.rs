//! Parts of rows that many fields of a request have.

use serde_json::{Value, json};

use super::remarks::{Remark, Remarks};
use crate::local::serializers::text;
use crate::local::serializers::vocabulary::{Vocabulary, find_entry};
use crate::local::state::refusal::Refusal;

/// Returns whether a value says no more than a missing one.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Returns a list that has entries.
pub(super) fn read_list(value: Option<&Value>) -> Option<Value> {
    value.filter(|value| value.is_array() && !is_empty(value)).cloned()
}

/// Reads `{"id": …}` and drops a title that a client sends back.
///
/// # Errors
/// 400 for an id that is not in the vocabulary.
pub(super) fn read_vocabulary_id(
    vocabulary: Vocabulary,
    value: Option<&Value>,
) -> Result<Option<Value>, Refusal> {
    let Some(id) = value.and_then(|value| value.get("id")).and_then(Value::as_str) else {
        return Ok(None);
    };
    // An unknown id refuses the whole request, unlike most bad values, and the draft stays as it
    // was.
    let found = find_entry(vocabulary, id).ok_or_else(|| Refusal::invalid_value(id))?;
    Ok(Some(json!({"id": found.id})))
}

/// Reads `sizes` or `formats`: blank ones are dropped.
pub(super) fn read_words(
    (name, blank): (&str, &str),
    given: Option<&Value>,
    remarks: &mut Remarks,
) -> Option<Value> {
    let mut kept = Vec::new();
    for (at, item) in given?.as_array()?.iter().enumerate() {
        match item.as_str().and_then(text::read_plain_text) {
            Some(text) => kept.push(json!(text)),
            None => remarks.push(Remark::new(format!("metadata.{name}.{at}"), blank)),
        }
    }
    (!kept.is_empty()).then(|| Value::from(kept))
}
