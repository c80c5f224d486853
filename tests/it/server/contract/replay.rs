//! Sends the requests of a recording and compares the answers.

use std::fs;
use std::path::Path;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, redirect};
use serde_json::{Map, Value, json};
use url::form_urlencoded;
use zrel::clock::Clock;

use super::normalise::{Captured, name_ids, normalise, plain, prune};

/// The headers that are compared.
const HEADERS: [&str; 6] = [
    "etag",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
    "location",
];

/// The value of an ignored place, on both sides.
const IGNORED: &str = "<not compared>";

/// Replays a recording; returns how many steps it has and what differs.
pub(super) async fn scenario(path: &Path, base: &str) -> (usize, Vec<String>) {
    let scenario: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let today = Clock::Real.today().to_string();
    let mut captured = Captured::from([
        ("run".to_owned(), json!(uuid::Uuid::new_v4().as_fields().0)),
        ("alice_email".to_owned(), json!("alice@example.org")),
        ("alice_password".to_owned(), json!("alice-password")),
    ]);
    let client = client();
    let mut faults = Vec::new();
    let steps = scenario["steps"].as_array().unwrap();
    for (at, step) in steps.iter().enumerate() {
        let answer = send(&client, step, base, &captured).await;
        keep(step, &answer, &mut captured);
        let body = prune(answer.body);
        if !body.is_string() {
            name_ids(&body, &mut captured);
        }
        let expected = &step["response"];
        if expected["status"].as_u64().unwrap() >= 500 && answer.status >= 400 {
            continue; // The real server's own fault: any refusal will do.
        }
        let seen = json!({
            "status": answer.status,
            "content_type": content_type(&answer.headers),
            "headers": compared(&answer.headers, &captured, base, &today),
            "body": normalise(&body, &captured, base, &today),
        });
        let ignored: Vec<String> = step["ignore"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|pointer| format!("/body{}", pointer.as_str().unwrap()))
            .collect();
        let mut found = Vec::new();
        differences(expected, &seen, &ignored, "", &mut found);
        let step = step["name"].as_str().unwrap();
        faults.extend(found.iter().map(|line| format!("{name}:{} ({step}) {line}", at + 1)));
    }
    (steps.len(), faults)
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

fn client() -> Client {
    // The transport needs a provider even where nothing is encrypted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap()
}

async fn send(client: &Client, step: &Value, base: &str, captured: &Captured) -> Answer {
    let path = substitute_text(step["path"].as_str().unwrap(), captured);
    let url = if path.starts_with("http") { path } else { format!("{base}{path}") };
    let method: Method = step["method"].as_str().unwrap().parse().unwrap();
    let mut headers: Map<String, Value> = Map::new();
    headers.insert("accept".to_owned(), json!("application/json"));
    for (key, value) in step["headers"].as_object().into_iter().flatten() {
        headers.insert(key.to_lowercase(), substitute(value, captured));
    }
    let body = body(step, captured);
    if let Some((_, content_type)) = &body {
        headers.entry("content-type").or_insert_with(|| json!(content_type));
    }
    if let Some(who) = step["as"].as_str() {
        headers.insert("authorization".to_owned(), json!(format!("Bearer {who}-token")));
    }
    let mut request = client.request(method, url);
    for (key, value) in &headers {
        request = request.header(key, plain(value));
    }
    if let Some((body, _)) = body {
        request = request.body(body);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let body = serde_json::from_str(&text).unwrap_or_else(|_| {
        if text.chars().count() < 400 {
            json!(text)
        } else {
            json!(format!("<{} bytes>", bytes.len()))
        }
    });
    Answer { status, headers, body }
}

/// Returns the body of a request and its content type, if it has one.
fn body(step: &Value, captured: &Captured) -> Option<(Vec<u8>, String)> {
    let of = |kind: &str| (!step[kind].is_null()).then(|| substitute(&step[kind], captured));
    let bytes = "application/octet-stream".to_owned();
    // `null` is a body too, so the key decides.
    if step.get("json").is_some() {
        let body = substitute(&step["json"], captured).to_string();
        return Some((body.into_bytes(), "application/json".to_owned()));
    }
    if let Some(text) = of("text") {
        return Some((plain(&text).into_bytes(), bytes));
    }
    if let Some(repeated) = of("bytes") {
        let count = usize::try_from(repeated["count"].as_u64().unwrap()).unwrap();
        return Some((plain(&repeated["repeat"]).repeat(count).into_bytes(), bytes));
    }
    if let Some(form) = of("form") {
        let fields = form.as_object().unwrap().iter().map(|(key, value)| (key, plain(value)));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        return Some((body.into_bytes(), "application/x-www-form-urlencoded".to_owned()));
    }
    of("multipart").map(|fields| multipart(&fields))
}

fn multipart(fields: &Value) -> (Vec<u8>, String) {
    let parts = fields.as_object().unwrap().iter().map(|(name, field)| {
        let head = format!("--boundary\r\nContent-Disposition: form-data; name=\"{name}\"");
        if !field.is_object() {
            return format!("{head}\r\n\r\n{}\r\n", plain(field));
        }
        let (filename, text) = (plain(&field["filename"]), plain(&field["text"]));
        let kind = "Content-Type: application/octet-stream";
        format!("{head}; filename=\"{filename}\"\r\n{kind}\r\n\r\n{text}\r\n")
    });
    let body = parts.collect::<String>() + "--boundary--\r\n";
    (body.into_bytes(), "multipart/form-data; boundary=boundary".to_owned())
}

/// Keeps what later steps name.
fn keep(step: &Value, answer: &Answer, captured: &mut Captured) {
    for (name, at) in step["capture"].as_object().into_iter().flatten() {
        if let Some(value) = pointer(&answer.body, at.as_str().unwrap()) {
            captured.insert(name.clone(), value.clone());
        }
    }
    for (name, cookie) in step["cookies"].as_object().into_iter().flatten() {
        for line in answer.headers.get_all("set-cookie") {
            let line = line.to_str().unwrap();
            if let Some(rest) = line.strip_prefix(&format!("{}=", cookie.as_str().unwrap())) {
                captured.insert(name.clone(), json!(rest.split(';').next().unwrap()));
            }
        }
    }
}

/// Follows a JSON pointer; `KEY=VALUE` picks that item of a list.
fn pointer<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('/').filter(|part| !part.is_empty()).try_fold(value, |value, part| {
        match (value, part.split_once('=')) {
            (Value::Array(list), Some((key, wanted))) => {
                list.iter().find(|item| plain(&item[key]) == wanted)
            }
            (Value::Array(list), None) => list.get(part.parse::<usize>().ok()?),
            _ => value.get(part),
        }
    })
}

fn substitute(value: &Value, captured: &Captured) -> Value {
    match value {
        Value::String(text) => {
            let name = text.strip_prefix('{').and_then(|rest| rest.strip_suffix(":int}"));
            match name.and_then(|name| captured.get(name)) {
                Some(number) => json!(plain(number).parse::<u64>().unwrap()),
                None => json!(substitute_text(text, captured)),
            }
        }
        Value::Array(list) => list.iter().map(|item| substitute(item, captured)).collect(),
        Value::Object(object) => {
            object.iter().map(|(k, v)| (k.clone(), substitute(v, captured))).collect()
        }
        other => other.clone(),
    }
}

fn substitute_text(text: &str, captured: &Captured) -> String {
    captured.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), &plain(value))
    })
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get("content-type").map(|value| value.to_str().unwrap());
    value.unwrap_or_default().split(';').next().unwrap().to_owned()
}

fn compared(headers: &HeaderMap, captured: &Captured, base: &str, today: &str) -> Value {
    let mut out = Map::new();
    for name in HEADERS {
        let Some(value) = headers.get(name) else { continue };
        let shown = match name {
            "location" => normalise(&json!(value.to_str().unwrap()), captured, base, today),
            _ => json!("<present>"),
        };
        out.insert(name.to_owned(), shown);
    }
    Value::Object(out)
}

fn differences(want: &Value, got: &Value, ignored: &[String], at: &str, found: &mut Vec<String>) {
    if ignored.iter().any(|pointer| pointer == at) {
        return;
    }
    match (want, got) {
        (Value::Object(want), Value::Object(got)) => {
            for (key, want) in want {
                let at = format!("{at}/{key}");
                match got.get(key) {
                    Some(got) => differences(want, got, ignored, &at, found),
                    None if ignored.contains(&at) => {}
                    None => found.push(format!("{at}: missing, the recording has {want}")),
                }
            }
            for (key, got) in got {
                let at = format!("{at}/{key}");
                if !want.contains_key(key) && !ignored.contains(&at) {
                    found.push(format!("{at}: not in the recording: {got}"));
                }
            }
        }
        (Value::Array(want), Value::Array(got)) => {
            if want.len() != got.len() {
                found.push(format!("{at}: {} items, the recording has {}", got.len(), want.len()));
            }
            for (index, (want, got)) in want.iter().zip(got).enumerate() {
                differences(want, got, ignored, &format!("{at}/{index}"), found);
            }
        }
        _ if want == got || want == IGNORED => {}
        _ => found.push(format!("{at}: {got}, the recording has {want}")),
    }
}
