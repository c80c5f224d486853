//! YAML as in a CITATION.cff: a tree of mappings, lists and texts.
//!
//! Each scalar stays the text that was written (`1.10` is a version, not a number), so no other
//! schema of YAML is needed. Depth, size and repetition by aliases are limited, so that a short
//! text can't grow into a huge tree.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};
use serde_json::{Map, Value as Json};

/// How deep lists and mappings may be nested.
const MAX_DEPTH: usize = 64;

/// How many values a document may have, each alias counted with all that it repeats.
const MAX_VALUES: usize = 100_000;

/// How many bytes of text a document may have, each alias counted with all that it repeats.
const MAX_BYTES: usize = 4 << 20;

/// Parses the first document of a text; its root must be a mapping.
///
/// # Errors
/// The reason, with its line.
pub(in crate::interop) fn parse_mapping(text: &str) -> Result<Map<String, Json>, String> {
    let mut tree = Tree::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| describe_scan_error(&error))?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        tree.take(event).map_err(|what| format!("line {}: {what}", find_line(&span)))?;
    }
    match tree.root {
        Some(Json::Object(map)) => Ok(map),
        Some(_) => Err("it is not a mapping of keys to values".to_owned()),
        None => Err("it is empty".to_owned()),
    }
}

fn describe_scan_error(error: &ScanError) -> String {
    format!("line {}: {}", error.marker().line(), error.info())
}

fn find_line(span: &Span) -> usize {
    span.start.line()
}

/// A list or mapping that has not ended yet.
struct Open {
    value: Json,
    /// The key that waits for its value.
    key: Option<String>,
    anchor: usize,
}

/// The value of an anchor, and its size.
struct Anchored {
    value: Json,
    n_values: usize,
    n_bytes: usize,
}

#[derive(Default)]
struct Tree {
    root: Option<Json>,
    open: Vec<Open>,
    anchors: std::collections::BTreeMap<usize, Anchored>,
    n_values: usize,
    n_bytes: usize,
}

impl Tree {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                self.count(1, text.len())?;
                // In quotes these words are texts.
                let is_null = style == ScalarStyle::Plain
                    && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
                let value = if is_null { Json::Null } else { Json::String(text.into_owned()) };
                self.remember(anchor, &value);
                self.put(value)
            }
            Event::SequenceStart(anchor, _) => self.begin(Json::Array(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => self.begin(Json::Object(Map::new()), anchor),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor);
                let known = known.ok_or("an alias whose anchor is missing or contains it")?;
                let (n_values, n_bytes) = (known.n_values, known.n_bytes);
                // The copy is as deep as its anchor and is put below all that is open here.
                let is_too_deep = measure_depth(&known.value) + self.open.len() > MAX_DEPTH;
                if is_too_deep {
                    return Err(describe_depth());
                }
                // The count comes before the copy, whose size it limits.
                self.count(n_values, n_bytes)?;
                let value = self.anchors.get(&anchor).map(|known| known.value.clone());
                self.put(value.unwrap_or_default())
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn count(&mut self, n_values: usize, n_bytes: usize) -> Result<(), String> {
        self.n_values = self.n_values.saturating_add(n_values);
        self.n_bytes = self.n_bytes.saturating_add(n_bytes);
        if self.n_values > MAX_VALUES || self.n_bytes > MAX_BYTES {
            return Err("it holds too much, counting what aliases repeat".to_owned());
        }
        Ok(())
    }

    fn begin(&mut self, value: Json, anchor: usize) -> Result<(), String> {
        self.count(1, 0)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(describe_depth());
        }
        self.open.push(Open { value, key: None, anchor });
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let Some(Open { value, anchor, .. }) = self.open.pop() else { return Ok(()) };
        self.remember(anchor, &value);
        self.put(value)
    }

    /// Stores a value that has an anchor. The copy counts, so that nested anchors can't multiply
    /// it.
    fn remember(&mut self, anchor: usize, value: &Json) {
        // The parser numbers anchors from 1.
        if anchor == 0 {
            return;
        }
        let (n_values, n_bytes) = measure_size(value);
        self.n_values = self.n_values.saturating_add(n_values);
        self.n_bytes = self.n_bytes.saturating_add(n_bytes);
        if self.n_values <= MAX_VALUES && self.n_bytes <= MAX_BYTES {
            self.anchors.insert(anchor, Anchored { value: value.clone(), n_values, n_bytes });
        }
    }

    fn put(&mut self, value: Json) -> Result<(), String> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(value);
            return Ok(());
        };
        match (&mut open.value, open.key.take()) {
            (Json::Array(items), _) => items.push(value),
            (Json::Object(map), Some(key)) => {
                // Readers disagree on which of two values counts.
                if map.contains_key(&key) {
                    return Err(format!("`{key}` appears twice"));
                }
                map.insert(key, value);
            }
            (Json::Object(_), None) => match value {
                Json::String(key) => open.key = Some(key),
                // A plain `null` was read as no value, but as a key it is its text.
                Json::Null => open.key = Some("null".to_owned()),
                Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                    return Err("a key that is not a text".to_owned());
                }
            },
            _ => {}
        }
        Ok(())
    }
}

fn describe_depth() -> String {
    format!("it is deeper than {MAX_DEPTH} levels")
}

/// Counts the values and the bytes of a tree; its depth is limited.
fn measure_size(value: &Json) -> (usize, usize) {
    let add = |(a, b): (usize, usize), (c, d): (usize, usize)| (a + c, b + d);
    match value {
        Json::String(text) => (1, text.len()),
        Json::Array(items) => items.iter().map(measure_size).fold((1, 0), add),
        Json::Object(map) => map
            .iter()
            .map(|(key, value)| add((1, key.len()), measure_size(value)))
            .fold((1, 0), add),
        Json::Null | Json::Bool(_) | Json::Number(_) => (1, 0),
    }
}

fn measure_depth(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(measure_depth).max().unwrap_or(0),
        Json::Object(map) => 1 + map.values().map(measure_depth).max().unwrap_or(0),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_stay_the_texts_that_were_written() {
        let text = "a: 1.10\nb: 2024-06-01\nc: yes\nd: ~\ne: |\n  one\n  two\nf: [x, 'null']\n";
        let expected = json!({"a": "1.10", "b": "2024-06-01", "c": "yes", "d": null,
            "e": "one\ntwo\n", "f": ["x", "null"]});
        assert_eq!(Json::Object(parse_mapping(text).unwrap()), expected);
    }

    #[test]
    fn an_alias_repeats_what_its_anchor_names() {
        let text = "a: &x {n: 1}\nb: *x\n";
        assert_eq!(
            Json::Object(parse_mapping(text).unwrap()),
            json!({"a": {"n": "1"}, "b": {"n": "1"}})
        );
    }

    #[test]
    fn a_text_that_would_grow_without_end_is_refused_with_its_line() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for at in 1..20 {
            let alias = format!("*a{}", at - 1);
            let list = [alias.as_str(); 9].join(", ");
            let _ = writeln!(bomb, "a{at}: &a{at} [{list}]");
        }
        let long = "z".repeat(1 << 16);
        let wide = format!("a: &a {long}\nb: [{}]\n", ["*a"; 200].join(", "));
        for text in [bomb, wide] {
            let fault = parse_mapping(&text).unwrap_err();
            assert!(fault.contains("too much"), "{fault}");
            assert!(fault.starts_with("line "), "{fault}");
        }
    }

    #[test]
    fn depth_is_bounded_whatever_it_is_made_of() {
        let flow = format!("a: {}{}", "[".repeat(5000), "]".repeat(5000));
        let lines: Vec<String> = (0..500).map(|depth| " ".repeat(depth) + "k:\n").collect();
        let block = lines.concat();
        let dashes = format!("a:\n  {}x\n", "- ".repeat(500));
        for text in [flow, block, dashes] {
            let fault = parse_mapping(&text).unwrap_err();
            // Of brackets the parser itself takes no more than so many.
            let is_bounded =
                ["deeper than 64", "recursion limit"].iter().any(|it| fault.contains(it));
            assert!(is_bounded && fault.starts_with("line "), "{fault}");
        }
    }

    #[test]
    fn what_is_not_a_mapping_or_not_yaml_is_refused() {
        for (text, expected) in [
            ("", "empty"),
            ("- a\n", "not a mapping"),
            ("a: 1\na: 2\n", "`a` appears twice"),
            ("a: [1\n", "line "),
            ("a: &x [*x]\n", "alias"),
            ("a: *none\n", "line 1"),
            ("? [1]\n: 2\n", "a key that is not a text"),
        ] {
            let fault = parse_mapping(text).unwrap_err();
            assert!(fault.contains(expected), "{text}: {fault}");
        }
    }
}
