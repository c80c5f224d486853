//! Reads the bodies that register and describe files in the records API.
//!
//! As recorded on 2026-11-28 (`tests/contract/native-files.json`, `native-transfer-types.json`).

use serde_json::{Map, Value};

use crate::local::state::files::NewFile;
use crate::local::state::refusal::Refusal;
use crate::local::state::types::{Announced, Cut};

/// The keys of an entry.
const KEYS: [&str; 6] = ["key", "size", "checksum", "transfer", "access", "metadata"];

/// What is wrong: field and message.
type Faults = Vec<(String, String)>;

/// Reads the files to register.
///
/// # Errors
/// 400 with every fault of every entry.
pub(crate) fn read_new_files(body: &Value) -> Result<Vec<NewFile>, Refusal> {
    let entries: Vec<&Value> = match body {
        Value::Array(entries) => entries.iter().collect(),
        // Anything else is taken for a list of it.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            vec![&Value::Null]
        }
    };
    if entries.is_empty() {
        return Err(Refusal::field("_schema", "No files to upload."));
    }
    let mut faults = Faults::new();
    let read = |(at, entry)| read_new_file(at, entry, &mut faults);
    let files: Vec<NewFile> = entries.into_iter().enumerate().filter_map(read).collect();
    if faults.is_empty() { Ok(files) } else { Err(Refusal::fields(&faults)) }
}

fn read_new_file(at: usize, entry: &Value, faults: &mut Faults) -> Option<NewFile> {
    let mut fault = |field: &str, message: &str| {
        faults.push((format!("{at}.{field}"), message.to_owned()));
    };
    let Some(entry) = entry.as_object() else {
        fault("_schema", "Invalid input type.");
        return None;
    };
    for name in entry.keys().filter(|name| !KEYS.contains(&name.as_str())) {
        fault(name, "Unknown field.");
    }
    let key = entry.get("key").and_then(Value::as_str);
    if key.is_none() {
        fault("key", "Missing data for required field.");
    }
    let cut = match read_cut(entry.get("transfer")) {
        Ok(cut) => cut,
        Err((field, message)) => {
            fault(field, &message);
            None
        }
    };
    let (metadata, is_hidden) = read_description(entry);
    let text_of = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    let size_bytes = entry.get("size").and_then(Value::as_u64);
    let announced = Announced { size_bytes, checksum: text_of("checksum"), metadata, is_hidden };
    Some(NewFile { key: key?.to_owned(), announced, cut })
}

/// Reads how a file is cut; none for one piece. The error is a field and a message.
fn read_cut(transfer: Option<&Value>) -> Result<Option<Cut>, (&'static str, String)> {
    let Some(transfer) = transfer.filter(|transfer| !transfer.is_null()) else { return Ok(None) };
    match transfer.get("type").and_then(Value::as_str).unwrap_or("L") {
        "L" => Ok(None),
        "M" => {
            let number = |name: &str| transfer.get(name).and_then(Value::as_u64);
            match number("parts") {
                Some(count) => Ok(Some(Cut { count, size_bytes: number("part_size") })),
                None => Err(("transfer.parts", "Missing data for required field.".to_owned())),
            }
        }
        // No domain is allowed to anybody.
        "F" | "R" => Err(("transfer.url", "Domain not allowed".to_owned())),
        other => Err(("transfer.type", format!("Unsupported value: {other}"))),
    }
}

/// Reads what is said of a file: its metadata, and whether it is hidden.
pub(crate) fn read_description(entry: &Map<String, Value>) -> (Option<Value>, bool) {
    let metadata = entry.get("metadata").filter(|metadata| metadata.is_object()).cloned();
    let hidden = entry.get("access").and_then(|access| access.get("hidden"));
    (metadata, hidden == Some(&Value::Bool(true)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_faults_of_all_entries_are_told_at_once() {
        let body = json!([{"key": "a", "foo": 1}, {"size": 1}, 2,
            {"key": "b", "transfer": {"type": "X"}}]);
        let told = [
            ("0.foo", "Unknown field."),
            ("1.key", "Missing data for required field."),
            ("2._schema", "Invalid input type."),
            ("3.transfer.type", "Unsupported value: X"),
        ];
        let told = told.map(|(field, message)| (field.to_owned(), message.to_owned()));
        assert_eq!(read_new_files(&body), Err(Refusal::fields(&told)));
    }

    #[test]
    fn what_a_client_says_of_a_file_is_kept() {
        let body = json!([{"key": "a", "size": 3, "checksum": "md5:00",
            "metadata": {"width": 3}, "access": {"hidden": true}}]);
        let files = read_new_files(&body).unwrap();
        let announced = Announced {
            size_bytes: Some(3),
            checksum: Some("md5:00".to_owned()),
            metadata: Some(json!({"width": 3})),
            is_hidden: true,
        };
        assert_eq!(files, [NewFile { key: "a".to_owned(), announced, cut: None }]);
    }
}
