//! From an answer to what a recording holds of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Keys that no client of a deposit reads.
const UNREAD: [&str; 29] = [
    "ui",
    "stats",
    "media_files",
    "aggregations",
    "swh",
    "icon",
    "props",
    "theme",
    "custom_fields",
    "default_preview",
    "storage_class",
    "bucket_id",
    "number",
    "children",
    "expires_at",
    "order",
    "timeline",
    "last_activity_at",
    "last_reply",
    "is_locked",
    "uploads",
    "sortBy",
    "page",
    "status_l10n",
    "tombstone",
    "deletion_status",
    "member_policy",
    "members_visibility",
    "ext",
];

/// The links that are compared.
const READ_LINKS: [&str; 32] = [
    "self",
    "html",
    "self_html",
    "doi",
    "self_doi",
    "parent_doi",
    "files",
    "bucket",
    "latest_draft",
    "latest",
    "latest_html",
    "publish",
    "edit",
    "discard",
    "newversion",
    "record",
    "record_html",
    "download",
    "content",
    "commit",
    "version",
    "versions",
    "review",
    "reserve_doi",
    "communities",
    "requests",
    "actions",
    "cancel",
    "accept",
    "decline",
    "next",
    "prev",
];

/// Keys whose values name a record.
const ID_KEYS: [&str; 5] = ["id", "recid", "record_id", "conceptrecid", "pid_value"];

/// Values seen so far, by the name that stands for them.
pub(super) type Captured = BTreeMap<String, Value>;

/// Returns a value as text without quotes.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Leaves out what is not compared.
pub(super) fn prune(value: Value) -> Value {
    match value {
        Value::Array(list) => list.into_iter().map(prune).collect(),
        Value::Object(object) => {
            let mut kept = Map::new();
            for (key, value) in object {
                let is_translation = matches!(key.as_str(), "title" | "description");
                if UNREAD.contains(&key.as_str()) || (is_translation && value.is_object()) {
                    continue;
                }
                let value = match value {
                    Value::Object(links) if key == "links" => links
                        .into_iter()
                        .filter(|(name, _)| READ_LINKS.contains(&name.as_str()))
                        .collect(),
                    other => other,
                };
                kept.insert(key, prune(value));
            }
            Value::Object(kept)
        }
        other => other,
    }
}

/// Gives every record id not seen before a name: `n1`, `n2`, in order of appearance.
pub(super) fn name_ids(value: &Value, captured: &mut Captured) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| name_ids(item, captured)),
        Value::Object(object) => {
            let mut keys: Vec<&String> = object.keys().collect();
            keys.sort();
            for key in keys {
                let item = &object[key];
                let text = plain(item);
                let is_id = text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
                if !ID_KEYS.contains(&key.as_str()) || !is_id {
                    name_ids(item, captured);
                } else if !captured.values().any(|seen| plain(seen) == text) {
                    let is_number = |name: &&String| {
                        name.len() > 1 && name[1..].bytes().all(|byte| byte.is_ascii_digit())
                    };
                    let number = captured.keys().filter(is_number).count() + 1;
                    captured.insert(format!("n{number}"), item.clone());
                }
            }
        }
        _ => {}
    }
}

/// Replaces what differs from run to run by placeholders.
pub(super) fn normalise(value: &Value, captured: &Captured, base: &str, today: &str) -> Value {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            let known = captured.iter().find(|(_, seen)| text.len() > 3 && plain(seen) == text);
            known.map_or_else(|| value.clone(), |(name, _)| format!("{{{name}:int}}").into())
        }
        Value::String(text) => normal_text(text, captured, base, today).into(),
        Value::Array(list) => {
            ordered(list).iter().map(|item| normalise(item, captured, base, today)).collect()
        }
        Value::Object(object) => object
            .iter()
            .map(|(key, item)| (key.clone(), normalise(item, captured, base, today)))
            .collect(),
        other => other.clone(),
    }
}

fn normal_text(text: &str, captured: &Captured, base: &str, today: &str) -> String {
    let mut text = text.replace(base, "{base}");
    let mut known: Vec<(&String, String)> =
        captured.iter().map(|(name, seen)| (name, plain(seen))).collect();
    known.sort_by_key(|(_, seen)| std::cmp::Reverse(seen.chars().count()));
    for (name, seen) in known {
        let seen = seen.replace(base, "{base}");
        if seen.chars().count() > 3 {
            text = text.replace(&seen, &format!("{{{name}}}"));
        }
    }
    times(&uuids(&text)).replace(today, "<today>")
}

/// Sorts a list whose order the server leaves open.
fn ordered(list: &[Value]) -> Vec<Value> {
    let mut list = list.to_vec();
    for key in ["filename", "key", "slug"] {
        if !list.is_empty() && list.iter().all(|item| item.get(key).is_some()) {
            list.sort_by_key(|item| plain(&item[key]));
            return list;
        }
    }
    list
}

fn uuids(text: &str) -> String {
    replace_shape(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "<uuid>")
}

fn times(text: &str) -> String {
    let text = replace_shape(text, "dddd-dd-ddTdd:dd:dd.dddddd+00:00", "<time>");
    replace_shape(&text, "dddd-dd-ddTdd:dd:dd+00:00", "<time>")
}

/// Replaces what has the shape: `x` a hexadecimal digit, `d` a decimal one, the rest as it is.
fn replace_shape(text: &str, shape: &str, by: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let shape: Vec<char> = shape.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        let end = at + shape.len();
        let fits = end <= chars.len()
            && chars[at..end].iter().zip(&shape).all(|(c, shape)| match shape {
                'x' => c.is_ascii_hexdigit(),
                'd' => c.is_ascii_digit(),
                other => c == other,
            });
        if fits {
            out.push_str(by);
            at = end;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}
