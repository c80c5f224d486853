//! Answers of a server: recorded ones, damaged, through the converters and through the client.

use std::sync::{Arc, Mutex, OnceLock};

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value as Json, json};
use zrel::api::{ReadApi, Sought};
use zrel::clock::Clock;
use zrel::http::{Client, ClientOptions};
use zrel::model::{Community, ConceptId, RecordId};
use zrel::wire;

use super::{cases, damaged, damages};
use crate::command::command_line::{FakeServer, respond};

/// Every body that the contract's scenarios recorded.
fn recorded() -> &'static [Json] {
    static RECORDED: OnceLock<Vec<Json>> = OnceLock::new();
    RECORDED.get_or_init(|| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract");
        let entries = std::fs::read_dir(folder).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ext| ext == "json"));
        paths.sort();
        let bodies = paths.iter().flat_map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let scenario: Json = serde_json::from_str(&text).unwrap();
            let steps = scenario["steps"].as_array().unwrap().clone();
            steps.into_iter().map(|step| filled(step["response"]["body"].clone()))
        });
        bodies.filter(|body| body.is_object() || body.is_array()).collect()
    })
}

/// Puts numbers where the recordings have names for what differs from run to run.
fn filled(json: Json) -> Json {
    match json {
        Json::String(ref text) if text.starts_with('{') && text.ends_with(":int}") => json!(1001),
        Json::String(ref text) if text.starts_with('{') => json!("1000"),
        Json::Array(items) => items.into_iter().map(filled).collect(),
        Json::Object(map) => map.into_iter().map(|(key, value)| (key, filled(value))).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => json,
    }
}

/// A change of a document: the way down, and what is put there; none drops it.
type Change = (Vec<Index>, Option<Json>);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let new = proptest::sample::select(vec![
        Json::Null,
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(1e308),
        json!(0.5),
        json!(""),
        json!("99999999999999999999999"),
        json!("\u{1b}[2J\u{202e}\u{0}\r\n"),
        json!("x".repeat(10_000)),
        json!([]),
        json!({}),
        json!([null, 1, "a", {"a": []}]),
        json!({"entries": {"a": {"size": u64::MAX}, "b": {"size": u64::MAX}}}),
        deep(100),
    ]);
    let path = proptest::collection::vec(any::<Index>(), 0..6);
    proptest::collection::vec((path, proptest::option::weighted(0.8, new)), 0..5)
}

fn deep(levels: usize) -> Json {
    (0..levels).fold(Json::Null, |inner, _| json!([inner]))
}

fn change(json: &mut Json, (path, new): &Change) {
    let Some((first, rest)) = path.split_first() else {
        *json = new.clone().unwrap_or(Json::Null);
        return;
    };
    let rest: Change = (rest.to_vec(), new.clone());
    match json {
        Json::Array(items) if !items.is_empty() => {
            let at = first.index(items.len());
            if rest.0.is_empty() && new.is_none() {
                items.remove(at);
            } else {
                change(&mut items[at], &rest);
            }
        }
        Json::Object(map) if !map.is_empty() => {
            let key = map.keys().nth(first.index(map.len())).unwrap().clone();
            if rest.0.is_empty() && new.is_none() {
                map.remove(&key);
            } else {
                change(&mut map[&key], &rest);
            }
        }
        Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::String(_)
        | Json::Array(_)
        | Json::Object(_) => *json = new.clone().unwrap_or(Json::Null),
    }
}

fn changed() -> impl Strategy<Value = Json> {
    (any::<Index>(), changes()).prop_map(|(which, changes)| {
        let mut json = which.get(recorded()).clone();
        for one in &changes {
            change(&mut json, one);
        }
        json
    })
}

/// Gives a document to every converter.
fn convert(json: &Json) {
    wire::deposition(json, Some(1));
    wire::candidates(json);
    wire::versions(json);
    wire::requests(json);
    wire::record_facts(json);
    let metadata = wire::metadata_from_json(json);
    wire::metadata_from_json(&wire::metadata_to_json(&metadata));
    wire::metadata_from_json(&json["metadata"]);
    for hit in json["hits"]["hits"].as_array().into_iter().flatten() {
        wire::record_facts(hit);
        wire::deposition(hit, None);
    }
}

/// A server that gives every request the body that was put last, and a client of it.
struct Listener {
    runtime: tokio::runtime::Runtime,
    api: ReadApi,
    body: Arc<Mutex<String>>,
}

impl Listener {
    fn start() -> Self {
        let body = Arc::new(Mutex::new(String::new()));
        let shared = Arc::clone(&body);
        let server = FakeServer::start(move |_, _, stream| {
            let body = shared.lock().unwrap().clone();
            respond(stream, "200 OK", "application/json", &body)
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = ClientOptions::new(&server.url, None, Clock::Real);
        let api = ReadApi::new(Client::new(options).unwrap());
        Self { runtime, api, body }
    }

    /// Asks for everything; each call that fails says what it was doing.
    fn ask(&self, body: String) {
        *self.body.lock().unwrap() = body;
        let (id, concept, slug) =
            (RecordId(1.into()), ConceptId(2.into()), Community("forms".to_owned()));
        let said = self.runtime.block_on(async {
            let api = &self.api;
            [
                ("reading deposition 1", api.deposition(id).await.err()),
                ("reading draft 1", api.draft(id).await.err()),
                ("reading record 1", api.record(id).await.err()),
                ("version of concept 2", api.latest_of(concept).await.err()),
                ("reading draft 1", api.draft_facts(id).await.err()),
                ("the versions of record 1", api.versions(id).await.err()),
                ("looking for your own records", api.own(&Sought::All).await.err()),
                ("the requests about record 1", api.requests(id).await.err()),
                ("looking up community `forms`", api.community(&slug).await.err()),
                ("looking up grant `a::1`", api.grant("a::1").await.err()),
            ]
        });
        for (doing, error) in said {
            let Some(error) = error else { continue };
            let text = error.to_string();
            let is_second = doing == "reading draft 1" && text.contains("reading deposition 1");
            assert!(text.contains(doing) || is_second, "«{text}» lacks «{doing}»");
        }
    }
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn a_changed_answer_is_converted_or_refused(json in changed()) {
        convert(&json);
    }

    #[test]
    fn a_damaged_answer_is_converted_or_refused(which in any::<Index>(), all in damages()) {
        let text = damaged(&which.get(recorded()).to_string(), &all);
        if let Ok(json) = serde_json::from_str(&text) {
            convert(&json);
        }
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn a_client_reports_what_it_could_not_read(json in changed(), all in proptest::option::of(damages())) {
        static LISTENER: OnceLock<Mutex<Listener>> = OnceLock::new();
        let listener = LISTENER.get_or_init(|| Mutex::new(Listener::start()));
        let text = json.to_string();
        let text = all.map_or(text.clone(), |all| damaged(&text, &all));
        listener.lock().unwrap().ask(text);
    }
}

#[test]
fn a_deep_or_long_answer_is_an_error() {
    let listener = Listener::start();
    for body in [
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{{\"metadata\": {}}}", "[".repeat(100_000)),
        format!("\"{}\"", "x".repeat(1_000_000)),
        "9".repeat(100_000),
        String::new(),
    ] {
        listener.ask(body);
    }
    for levels in [10, 100, 120] {
        convert(&json!({"metadata": {"creators": deep(levels), "title": deep(levels)}}));
    }
}
