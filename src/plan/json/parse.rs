//! Reads JSON in which each key appears once.
//!
//! Most readers take the last value of a repeated key, and some the first: two people could read
//! two plans in one file.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

/// Reads a document without repeated keys.
///
/// # Errors
/// What is wrong, with line and column.
pub fn parse_json(text: &str) -> Result<Json, serde_json::Error> {
    // `Value` keeps the last of two equal keys without an error, so the check is a pass of its own.
    serde_json::from_str::<KeysOnce>(text)?;
    serde_json::from_str(text)
}

/// A value that is checked and not kept.
struct KeysOnce;

impl<'de> Deserialize<'de> for KeysOnce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeysOnce)
    }
}

impl<'de> Visitor<'de> for KeysOnce {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            map.next_value::<KeysOnce>()?;
            if let Some(key) = seen.replace(key) {
                let key: String = key.chars().take(40).collect();
                return Err(Error::custom(format!("the key `{key}` appears twice")));
            }
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<KeysOnce>()?.is_some() {}
        Ok(self)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_repeated_key_is_refused_at_any_depth() {
        let good = r#"{"a": [1, -2, 1.5, true, null, "x"], "b": {"a": {}}}"#;
        assert_eq!(
            parse_json(good).unwrap(),
            json!({"a": [1, -2, 1.5, true, null, "x"], "b": {"a": {}}})
        );
        for bad in [
            r#"{"a": 1, "b": 2, "a": 1}"#,
            r#"[{"b": {"a": 1, "a": 2}}]"#,
            r#"{"a": 1, "\u0061": 2}"#,
        ] {
            let error = parse_json(bad).unwrap_err().to_string();
            assert!(error.starts_with("the key `a` appears twice at line 1"), "{error}");
        }
        assert!(parse_json("{").is_err() && parse_json(&"[".repeat(1000)).is_err());
    }
}
