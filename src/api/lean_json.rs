//! Reads JSON so that objects and lists take no more memory than they need: a record may have
//! thousands of people, and what `serde_json` reads has room for twice as much.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value as Json};

/// Reads JSON; `None` for anything else.
pub(super) fn read_json(text: &[u8]) -> Option<Json> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let json = Lean.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(json)
}

/// What makes a value.
#[derive(Clone, Copy)]
struct Lean;

impl<'de> DeserializeSeed<'de> for Lean {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Lean {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Json, E> {
        Ok(flag.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Json, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Json, E> {
        Ok(Number::from_f64(number).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Json, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        items.shrink_to_fit();
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = object.next_entry_seed(PhantomData::<String>, self)? {
            entries.push(entry);
        }
        // Now the number is known.
        Ok(Json::Object(entries.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_serde_json_reads() {
        let texts = [
            r#"{"a": [1, -2, 3.5, 1e3, null, true, "\u00e9\n"], "b": {"a": {}, "c": []}}"#,
            r#"{"a": 1, "b": 2, "a": 3}"#,
            "18446744073709551615",
            "",
            "[1, 2",
            "{} {}",
            "nonsense",
            "{\"a\": 1e999}",
        ];
        let deep = "[".repeat(500);
        for text in texts.into_iter().chain([deep.as_str()]) {
            let expected = serde_json::from_slice::<Json>(text.as_bytes()).ok();
            let read = read_json(text.as_bytes());
            assert_eq!(read, expected, "{text}");
            let (read, expected) =
                (read.map(|it| it.to_string()), expected.map(|it| it.to_string()));
            assert_eq!(read, expected, "the order of {text}");
        }
    }
}
