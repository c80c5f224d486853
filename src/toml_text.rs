//! Texts and keys as TOML writes them.
//!
//! The quotes are those of `toml_edit`, but for two cases that it does not have: characters that
//! nobody sees are escaped, and what the lock holds is always in double quotes on one line.
//! Deliberately absent: whole documents.

use std::fmt::Write;

use toml_edit::{Key, Value};

/// Returns whether a character is a control, is invisible, or changes the direction of writing.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{061c}' | '\u{fff9}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes a text on one line, in the quotes that are the easiest to read.
pub fn quote_line(text: &str) -> String {
    if text.contains('\n') { escape_hidden(text) } else { quote_lines(text) }
}

/// Writes a text in the quotes that are the easiest to read: one of several lines on several lines.
pub fn quote_lines(text: &str) -> String {
    if text.chars().any(|c| c != '\n' && is_hidden(c)) {
        // `toml_edit` leaves some invisible characters as they are.
        return escape_hidden(text);
    }
    Value::from(text).to_string()
}

/// Writes a text in double quotes as TOML and YAML both read it, with an escape for each hidden
/// character.
pub fn escape_hidden(text: &str) -> String {
    let short = [('\n', "\\n"), ('\r', "\\r"), ('\t', "\\t")];
    escape(text, &short, is_hidden)
}

/// Writes a text in double quotes, with a number for each control character. The checksums of the
/// lock are made of it, so it always stays the same.
pub fn escape_controls(text: &str) -> String {
    escape(text, &[], char::is_control)
}

/// Writes a key as it is where TOML allows that, and else like [`escape_controls`].
pub fn quote_key(name: &str) -> String {
    let key = Key::new(name).to_string();
    if key == name { key } else { escape_controls(name) }
}

fn escape(text: &str, short: &[(char, &str)], is_escaped: impl Fn(char) -> bool) -> String {
    let mut out = "\"".to_owned();
    for c in text.chars() {
        let number = u32::from(c);
        match short.iter().find(|(plain, _)| *plain == c) {
            Some((_, escape)) => out.push_str(escape),
            None if matches!(c, '"' | '\\') => out.extend(['\\', c]),
            // `\u` takes four digits only, so a character beyond them needs the long form.
            None if is_escaped(c) && number > 0xffff => {
                let _ = write!(out, "\\U{number:08X}");
            }
            None if is_escaped(c) => {
                let _ = write!(out, "\\u{number:04X}");
            }
            None => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn each_quotes_as_its_place_needs_it() {
        let text = "a \"b\" \\ \t\n\r\u{8}\u{202e}\u{e0001}é";
        let hidden = r#""a \"b\" \\ \t\n\r\u0008\u202E\U000E0001é""#;
        assert_eq!([quote_line(text), quote_lines(text), escape_hidden(text)], [hidden; 3]);
        let controls = "\"a \\\"b\\\" \\\\ \\u0009\\u000A\\u000D\\u0008\u{202e}\u{e0001}é\"";
        assert_eq!(escape_controls(text), controls);
        assert_eq!(quote_lines("a\nb"), "\"\"\"\na\nb\"\"\"");
        assert_eq!(quote_line("a\nb"), r#""a\nb""#);
        assert_eq!(quote_line(r#"a "b""#), r#"'a "b"'"#);
    }

    #[test]
    fn a_key_is_bare_or_in_double_quotes() {
        for (name, written) in [
            ("zenodo-2_a", "zenodo-2_a"),
            ("", "\"\""),
            ("a.toml", "\"a.toml\""),
            ("my \"data\"", r#""my \"data\"""#),
            ("é", "\"é\""),
            ("a\u{7f}", "\"a\\u007F\""),
        ] {
            assert_eq!(quote_key(name), written);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(any in any::<String>(), odd in "[a\"'\\\\\t\r\n\u{202e}]{0,20}") {
            for text in [any, odd] {
                let ways = [quote_line, quote_lines, escape_hidden, escape_controls];
                for written in ways.map(|way| way(&text)) {
                    let read: toml::Table = format!("a = {written}").parse().unwrap();
                    prop_assert_eq!(read["a"].as_str(), Some(text.as_str()));
                }
                let read: toml::Table = format!("{} = 1", quote_key(&text)).parse().unwrap();
                prop_assert_eq!(read.keys().next(), Some(&text));
            }
        }
    }
}
