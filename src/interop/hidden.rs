//! Characters that are invisible or make a text look like another one, and their escapes in each
//! format.

use std::fmt::Write;

/// Returns whether a character is a control, is invisible, or changes the direction of writing.
pub(in crate::interop) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{061c}' | '\u{fff9}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes a text in double quotes as TOML and YAML both read it, with an escape for each hidden
/// character.
pub(in crate::interop) fn quote(text: &str) -> String {
    let mut out = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // `\u` takes four digits only, so a character beyond them needs the long form.
            c if is_hidden(c) && u32::from(c) > 0xffff => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            c if is_hidden(c) => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

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
