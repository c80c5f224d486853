//! Escapes in JSON for characters that are invisible or make a text look like another one.

use std::fmt::Write;

use crate::toml_text::is_hidden;

/// Writes a JSON document with an escape for each hidden character; its values stay the same.
pub(in crate::interop) fn write_json(document: &serde_json::Value) -> String {
    let mut out = String::new();
    for c in format!("{document:#}\n").chars() {
        if is_hidden(c) && c != '\n' {
            // JSON has no escape of more than four digits: such a character is a pair of
            // surrogates.
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}
