//! Bounds of a profile, found before it is compiled: how far it nests, what it refers to, and how
//! much work it is for one record.
//!
//! A short schema can take forever: a subschema that refers twice to one that refers twice to
//! another doubles the work each time. So references count as what they stand for, none may lead
//! back, and the product of schema and record is limited.

use serde_json::Value as Json;

/// How far a schema nests, its references counted.
const DEEPEST: usize = 48;

/// How many values a schema has, its references counted.
const MOST_VALUES: u64 = 100_000;

/// How large a compiled pattern may be. Bytes.
pub(super) const PATTERN_BYTES: usize = 64 * 1024;

/// How many patterns a schema has, its references counted: each may be as large as that.
const MOST_PATTERNS: u64 = 1000;

/// How much more work a pattern is than another check of a text, for each byte of it.
const PATTERN_WORK: u64 = 50;

/// How much work an evaluation may be: checks of values, and bytes of texts that checks read.
const MOST_WORK: u64 = 200_000_000;

/// The drafts that are read, as `$schema` names them.
const DRAFTS: &[&str] = &[
    "http://json-schema.org/draft-06/schema",
    "http://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
];

/// Keywords that refer to a place which only an evaluation finds, or by another name than its place.
const UNFOLLOWED: &[&str] = &["$dynamicRef", "$recursiveRef"];

/// What a schema consists of, with each reference counted as what it stands for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Measure {
    /// All values.
    values: u64,
    /// The objects among them, each perhaps a check of its own.
    objects: u64,
    /// The regular expressions.
    patterns: u64,
}

/// What a record's metadata consist of.
#[derive(Debug, Default)]
pub(super) struct Extent {
    values: u64,
    bytes: u64,
}

impl Measure {
    /// Checks that an evaluation ends soon.
    ///
    /// # Errors
    /// That it would not.
    pub(super) fn check_work(&self, record: &Extent) -> Result<(), String> {
        let of_texts = self.patterns.saturating_mul(PATTERN_WORK).saturating_add(self.objects);
        let work = self.values.saturating_mul(record.values);
        let work = work.saturating_add(of_texts.saturating_mul(record.bytes));
        if work > MOST_WORK {
            return Err("it would take too long for a record of this size".to_owned());
        }
        Ok(())
    }
}

/// Measures metadata.
pub(super) fn measure_instance(json: &Json) -> Extent {
    let mut extent = Extent::default();
    extend_over(json, &mut extent);
    extent
}

fn extend_over(json: &Json, extent: &mut Extent) {
    extent.values += 1;
    match json {
        Json::String(text) => extent.bytes += text.len() as u64,
        Json::Array(items) => items.iter().for_each(|item| extend_over(item, extent)),
        Json::Object(object) => object.iter().for_each(|(key, value)| {
            extent.bytes += key.len() as u64;
            extend_over(value, extent);
        }),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// Measures a schema.
///
/// # Errors
/// Why it is not evaluated.
pub(super) fn measure_schema(schema: &Json) -> Result<Measure, String> {
    let Json::Object(top) = schema else {
        return Err("it is not a JSON schema, which is an object".to_owned());
    };
    let draft = top.get("$schema").map(|draft| draft.as_str().unwrap_or_default());
    if draft.is_some_and(|draft| !DRAFTS.contains(&draft.trim_end_matches('#'))) {
        return Err("its `$schema` is not draft 6, 7, 2019-09 or 2020-12".to_owned());
    }
    let mut walk = Walk { whole: schema, measure: Measure::default(), open: Vec::new() };
    walk.measure(schema, 0)?;
    Ok(walk.measure)
}

struct Walk<'a> {
    whole: &'a Json,
    measure: Measure,
    /// The references that are being followed.
    open: Vec<&'a str>,
}

impl<'a> Walk<'a> {
    fn measure(&mut self, json: &'a Json, depth: usize) -> Result<(), String> {
        self.measure.values += 1;
        if depth > DEEPEST {
            return Err(format!("it nests deeper than {DEEPEST} levels"));
        }
        if self.measure.values > MOST_VALUES {
            return Err(format!("it has more than {MOST_VALUES} values, its references counted"));
        }
        match json {
            Json::Array(items) => items.iter().try_for_each(|item| self.measure(item, depth + 1)),
            Json::Object(object) => {
                self.measure.objects += 1;
                object.iter().try_for_each(|(key, value)| self.measure_key(key, value, depth))
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Ok(()),
        }
    }

    fn measure_key(&mut self, key: &str, value: &'a Json, depth: usize) -> Result<(), String> {
        match (key, value) {
            ("$ref", Json::String(to)) => return self.follow(to, depth),
            // Below an id, `#` would be another document.
            ("$id", Json::String(_)) if depth > 0 => {
                return Err("it has an `$id` below the top".to_owned());
            }
            ("pattern", Json::String(_)) => self.measure.patterns += 1,
            ("patternProperties", Json::Object(patterns)) => {
                self.measure.patterns += patterns.len() as u64;
            }
            (key, Json::String(_)) if UNFOLLOWED.contains(&key) => {
                return Err(format!("zrel does not follow `{key}`"));
            }
            _ => {}
        }
        if self.measure.patterns > MOST_PATTERNS {
            return Err(format!("it has more than {MOST_PATTERNS} patterns"));
        }
        self.measure(value, depth + 1)
    }

    fn follow(&mut self, to: &'a str, depth: usize) -> Result<(), String> {
        let Some(pointer) = to.strip_prefix('#') else {
            let to = super::words::shorten(to);
            return Err(format!("it refers to `{to}`: remote references are not followed"));
        };
        let inside = || super::words::shorten(to);
        if self.open.contains(&to) {
            return Err(format!("`{}` refers to itself", inside()));
        }
        let found = percent_encoding::percent_decode_str(pointer).decode_utf8().ok();
        let Some(target) = found.and_then(|pointer| self.whole.pointer(&pointer)) else {
            return Err(format!("it refers to `{}`, which is no place in it", inside()));
        };
        self.open.push(to);
        let measured = self.measure(target, depth + 1);
        self.open.pop();
        measured
    }
}
