//! Collects lost values, and shows them.

use serde_json::Value as Json;

use crate::observed::UnsupportedValue;
use crate::wire::parts::{cut, items};

/// The losses found so far.
#[derive(Default)]
pub(super) struct Lost(pub(super) Vec<UnsupportedValue>);

impl Lost {
    /// Adds a loss at a place.
    pub(super) fn add(&mut self, place: &str, what: String) {
        self.0.push(UnsupportedValue { place: place.to_owned(), what });
    }

    /// Adds a value unless it is empty.
    pub(super) fn unless_empty(&mut self, place: &str, value: &Json) {
        if !is_empty(value) {
            self.add(place, shown(value));
        }
    }

    /// Adds all parts of an object except the carried ones.
    pub(super) fn others(&mut self, place: &str, json: &Json, carried: &[&str]) {
        for (name, value) in json.as_object().into_iter().flatten() {
            if !carried.contains(&name.as_str()) {
                self.unless_empty(&format!("{place}.{}", cut(name)), value);
            }
        }
    }

    /// Calls `look` for each entry of a list; adds a value that is not a list.
    pub(super) fn each(&mut self, name: &str, list: &Json, look: impl Fn(&str, &Json, &mut Lost)) {
        if !list.is_array() {
            self.unless_empty(name, list);
        }
        for (at, item) in items(list).enumerate() {
            look(&format!("{name}[{at}]"), item, self);
        }
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(object) => object.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// Shows a value for display: its name in a vocabulary, otherwise its JSON.
pub(super) fn shown(value: &Json) -> String {
    format!("`{}`", cut(&words(value)))
}

fn words(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(words).collect::<Vec<_>>().join("; "),
        Json::Object(object) => {
            // A vocabulary entry has a title in several languages, other objects have one text.
            let name = ["title", "name", "subject", "identifier", "id"];
            let name = name.iter().find_map(|key| object.get(*key));
            match name {
                Some(Json::Object(titles)) => titles.get("en").map(words),
                Some(Json::String(text)) => Some(text.clone()),
                Some(_) | None => None,
            }
            .unwrap_or_else(|| value.to_string())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => value.to_string(),
    }
}
