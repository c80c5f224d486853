//! What is wrong with a draft that the server saves all the same.

use serde_json::{Value, json};

/// A fault: field and messages. Only the answer to the write reports it; a later read does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    field: String,
    messages: Vec<String>,
}

/// The faults of a draft, in the server's order.
pub(crate) type Remarks = Vec<Remark>;

impl Remark {
    /// Makes a fault with one message.
    pub(crate) fn new(field: impl Into<String>, message: &str) -> Self {
        Self { field: field.into(), messages: vec![message.to_owned()] }
    }

    /// Makes a fault whose message comes letter by letter, where the real server takes a text for a
    /// list of messages (`tests/contract/native-pids.json`, 2026-11-28).
    pub(crate) fn spelt(field: impl Into<String>, message: &str) -> Self {
        Self { field: field.into(), messages: message.chars().map(String::from).collect() }
    }

    /// Writes it as an entry of `errors`.
    pub(crate) fn write(&self) -> Value {
        json!({"field": self.field, "messages": self.messages})
    }
}

/// What the server says of a missing value.
pub(crate) const MISSING: &str = "Missing data for required field.";
