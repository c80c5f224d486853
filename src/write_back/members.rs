//! The members of a JSON object, with the bytes of their values.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::de::{Deserialize, IgnoredAny};

use super::edit::count_line;
use super::fault::WriteFault;

/// A member of an object.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) value: Range<usize>,
}

/// An object at the top of a text.
#[derive(Debug)]
pub(super) struct Object {
    /// Where its content begins, after the brace.
    pub(super) start: usize,
    pub(super) members: Vec<Member>,
}

/// Finds the members of the object that a text is. What the values hold is read by no recursion.
///
/// # Errors
/// The text is not JSON, or no object, or has a key twice.
pub(super) fn find_members(text: &str) -> Result<Object, WriteFault> {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return Err(WriteFault::not_its_format(Some(error.line()), format!("no JSON: {error}")));
    }
    let broken =
        |at| WriteFault::not_its_format(Some(count_line(text, at)), "it is not a JSON object");
    let mut at = skip_char(text, 0, '{').ok_or_else(|| broken(0))?;
    let start = at;
    let mut members: Vec<Member> = Vec::new();
    let mut keys = BTreeSet::new();
    while skip_char(text, at, '}').is_none() {
        at = if members.is_empty() {
            at
        } else {
            skip_char(text, at, ',').ok_or_else(|| broken(at))?
        };
        let (key, key_range) = read_value::<String>(text, at).ok_or_else(|| broken(at))?;
        if !keys.insert(key.clone()) {
            let line = count_line(text, key_range.start);
            return Err(WriteFault::twice(line, format!("the key `{key}` is there twice")));
        }
        let behind = skip_char(text, key_range.end, ':').ok_or_else(|| broken(at))?;
        let (_, value) = read_value::<IgnoredAny>(text, behind).ok_or_else(|| broken(at))?;
        at = value.end;
        members.push(Member { key, value });
    }
    Ok(Object { start, members })
}

/// Reads one value from a byte on, and finds its bytes.
fn read_value<'a, T: Deserialize<'a>>(text: &'a str, at: usize) -> Option<(T, Range<usize>)> {
    let at = skip_blanks(text, at);
    let mut values = serde_json::Deserializer::from_str(text.get(at..)?).into_iter::<T>();
    let value = values.next()?.ok()?;
    Some((value, at..at + values.byte_offset()))
}

/// Returns the byte behind a character that comes next.
fn skip_char(text: &str, at: usize, c: char) -> Option<usize> {
    let at = skip_blanks(text, at);
    text.get(at..)?.starts_with(c).then(|| at + c.len_utf8())
}

/// Returns where the next byte is that is no blank of JSON.
fn skip_blanks(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + (rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_back::fault::FaultKind;

    #[test]
    fn members_have_the_bytes_of_their_values() {
        let text = "\n{ \"a\\u0062\" : 1.50,\"b\":[{},\"}\"] , \"c\": \"\u{e9}\\\"\"\t}\n";
        let object = find_members(text).unwrap();
        let found: Vec<(&str, &str)> =
            object.members.iter().map(|it| (it.key.as_str(), &text[it.value.clone()])).collect();
        assert_eq!(found, [("ab", "1.50"), ("b", "[{},\"}\"]"), ("c", "\"\u{e9}\\\"\"")]);
        assert!(find_members("{}").unwrap().members.is_empty());
    }

    #[test]
    fn what_is_no_object_is_refused_with_its_line() {
        for (text, line) in [("[1]", 1), ("{\n\"a\": 1,\n}", 3), ("", 1), ("\n3", 1), ("{} x", 1)] {
            let fault = find_members(text).unwrap_err();
            assert_eq!(fault.kind, FaultKind::NotItsFormat, "{text}");
            assert!(fault.line.is_some_and(|it| it <= line), "{fault:?}");
        }
        let fault = find_members("{\"a\": 1,\n\"\\u0061\": 2}").unwrap_err();
        assert_eq!((fault.kind, fault.line), (FaultKind::Twice, Some(2)));
    }

    #[test]
    fn depth_is_no_recursion() {
        let deep = format!("{{\"a\": {}{}, \"b\": 1}}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(find_members(&deep).unwrap().members.len(), 2);
    }
}
