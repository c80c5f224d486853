//! The client against servers that answer wrongly: redirects elsewhere, early refusals,
//! lost and damaged answers, and listings that are late.
//!
//! Each test has a server of a few lines that answers by a script and records what it was
//! sent. Deliberately absent: what the embedded server answers; other topics run against it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value as Json, json};
use zrel::api::{ApiError, ApiErrorKind, Outcome, ReadApi, WriteApi};
use zrel::clock::Clock;
use zrel::http::{Client, ClientOptions, HttpError};
use zrel::model::{ConceptId, FileKey, Metadata, OpenDraft, RecordId};
use zrel::observed::RecordState;
use zrel::refresh::{RefreshRequest, read_edits_too, refresh};
use zrel::wire::{metadata_from_json, metadata_to_json};

const TOKEN: &str = "token-of-nobody";

/// What the scripted server does with a request.
enum Act {
    /// Reads it, and answers.
    Answer(String),
    /// Answers when the head is there, reads no body, and keeps the connection.
    AnswerUnread(String),
    /// Reads it, and breaks the connection.
    Break,
}

/// A server that follows a script, for one test.
struct Scripted {
    base: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// Starts a server; `script` takes the request's method and path, and how many came before.
    fn start(script: impl Fn(&str, usize) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&heads);
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            for stream in listener.incoming().flatten() {
                kept.extend(answer(stream, &log, &script));
            }
        });
        Self { base, heads }
    }

    /// Returns the requests so far: `GET /path`.
    fn requests(&self) -> Vec<String> {
        let heads = self.heads.lock().unwrap();
        heads.iter().map(|head| request_of(head)).collect()
    }

    fn client(&self) -> Client {
        let token = Some(SecretString::from(TOKEN.to_owned()));
        let options = ClientOptions::new(&self.base, token, set_clock());
        Client::new(options).unwrap()
    }

    fn read(&self) -> ReadApi {
        ReadApi::new(self.client())
    }

    fn write(&self) -> WriteApi {
        WriteApi::new(self.client())
    }
}

/// A clock without waiting.
fn set_clock() -> Clock {
    Clock::set(Clock::Real.now())
}

fn request_of(head: &str) -> String {
    let line = head.lines().next().unwrap_or_default();
    line.trim_end_matches(" HTTP/1.1").to_owned()
}

/// Answers one request; returns the connection where it is to be kept.
fn answer(
    stream: TcpStream,
    log: &Mutex<Vec<String>>,
    script: &impl Fn(&str, usize) -> Act,
) -> Option<TcpStream> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let act = {
        let mut heads = log.lock().unwrap();
        heads.push(head.clone());
        script(&request_of(&head), heads.len() - 1)
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: u64 = length.map_or(0, |length| length.parse().unwrap());
    let mut stream = stream;
    match act {
        Act::AnswerUnread(text) => {
            stream.write_all(text.as_bytes()).ok()?;
            return Some(stream);
        }
        Act::Answer(text) => {
            std::io::copy(&mut reader.take(length), &mut std::io::sink()).ok()?;
            stream.write_all(text.as_bytes()).ok()?;
        }
        Act::Break => {
            std::io::copy(&mut reader.take(length), &mut std::io::sink()).ok()?;
        }
    }
    None
}

/// Returns a whole answer, `heads` being more lines of its head.
fn raw(status: u16, heads: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} Word\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{heads}Connection: close\r\n\r\n{body}",
        body.len()
    )
}

fn said(status: u16, body: &Json) -> Act {
    Act::Answer(raw(status, "", "application/json", &body.to_string()))
}

fn refusal(status: u16, message: &str) -> Act {
    said(status, &json!({"status": status, "message": message}))
}

/// A record as the records API shows it.
fn facts(id: u64, is_latest_draft: &Json) -> Json {
    json!({
        "id": id.to_string(), "parent": {"id": "100"}, "status": "published",
        "versions": {"is_latest": true, "is_latest_draft": is_latest_draft, "index": 1},
        "pids": {"doi": {"identifier": format!("10.5281/zenodo.{id}"), "provider": "datacite"}},
        "metadata": {},
    })
}

fn deposition(id: u64, submitted: &Json) -> Json {
    let state = if *submitted == json!(true) { "done" } else { "unsubmitted" };
    json!({
        "id": id, "conceptrecid": "100", "conceptdoi": "10.5281/zenodo.100", "files": [],
        "doi": format!("10.5281/zenodo.{id}"), "metadata": {"title": "Forms"},
        "submitted": submitted, "state": state, "links": {"bucket": "/api/files/b", "html": ""},
    })
}

#[test]
fn a_token_that_no_header_can_hold_is_an_error_and_not_left_out() {
    let token = Some(SecretString::from("first\nsecond".to_owned()));
    let made = Client::new(ClientOptions::new("https://zenodo.org", token, Clock::Real));
    let error = made.unwrap_err();
    assert!(matches!(error, HttpError::Token), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("second"));
}

#[tokio::test]
async fn the_token_is_sent_and_shown_nowhere() {
    let server = Scripted::start(|_, _| refusal(403, "Permission denied."));
    let client = server.client();
    assert!(!format!("{client:?}").contains(TOKEN));
    let error = ReadApi::new(client).record(RecordId(1.into())).await.unwrap_err();
    assert!(error.is_forbidden());
    assert!(!format!("{error:?}").contains(TOKEN));
    let heads = server.heads.lock().unwrap();
    assert!(heads[0].contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{}", heads[0]);
    assert!(heads[0].contains("user-agent: zrel/"), "{}", heads[0]);
}

#[tokio::test]
async fn no_redirect_and_no_link_leads_to_another_origin() {
    let other = Scripted::start(|_, _| said(200, &facts(1, &json!(true))));
    let target = format!("Location: {}/api/records/1\r\n", other.base);
    let server =
        Scripted::start(move |_, _| Act::Answer(raw(302, &target, "application/json", "{}")));
    let error = server.read().record(RecordId(1.into())).await.unwrap_err();
    assert!(
        matches!(error.kind(), ApiErrorKind::Transport(HttpError::OtherOrigin(_))),
        "{error:?}"
    );
    let bucket = format!("{}/api/files/b", other.base);
    let key = FileKey::from_server("a.csv");
    let file = tempfile::tempfile().unwrap();
    let error = server.write().upload(&bucket, &key, file, 0, &|_| {}).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotDone);
    assert_eq!(other.requests(), Vec::<String>::new());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_redirect_to_the_latest_version_is_followed_and_one_without_end_is_not() {
    let server = Scripted::start(|request, _| match request {
        "GET /api/records/100" => {
            Act::Answer(raw(302, "Location: /api/records/7\r\n", "text/html", "moved"))
        }
        "GET /api/records/7" => said(200, &facts(7, &json!(true))),
        other => {
            let location = format!("Location: {}\r\n", &other[4..]);
            Act::Answer(raw(302, &location, "text/html", "again"))
        }
    });
    assert_eq!(
        server.read().latest_of(ConceptId(100.into())).await.unwrap().facts.id,
        RecordId(7.into())
    );
    let error = server.read().record(RecordId(3.into())).await.unwrap_err();
    assert!(matches!(error.kind(), ApiErrorKind::Transport(HttpError::Redirects)), "{error:?}");
}

#[tokio::test]
async fn reads_are_repeated_four_times_and_no_more() {
    let server = Scripted::start(|request, n| match (request, n) {
        ("GET /api/records/7", 0) => Act::Break,
        ("GET /api/records/7", 1) => refusal(502, "Bad gateway."),
        ("GET /api/records/7", 2) => {
            Act::Answer(raw(429, "Retry-After: 40\r\n", "application/json", r#"{"message":"30"}"#))
        }
        ("GET /api/records/7", _) => said(200, &facts(7, &json!(true))),
        _ => refusal(503, "Maintenance."),
    });
    assert_eq!(
        server.read().record(RecordId(7.into())).await.unwrap().facts.id,
        RecordId(7.into())
    );
    let error = server.read().record(RecordId(8.into())).await.unwrap_err();
    assert!(matches!(error.kind(), ApiErrorKind::Unavailable { status: 503, .. }), "{error:?}");
    assert_eq!(server.requests().len(), 4 + 4);
}

#[tokio::test]
async fn a_server_that_asks_for_an_hour_is_not_waited_for() {
    let server = Scripted::start(|_, _| {
        Act::Answer(raw(429, "Retry-After: 3600\r\n", "application/json", r#"{"message":"30"}"#))
    });
    let error = server.read().record(RecordId(7.into())).await.unwrap_err();
    assert!(matches!(error.kind(), ApiErrorKind::RateLimited { .. }), "{error:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn what_must_not_happen_twice_is_sent_once() {
    for (status, outcome) in [
        (None, Outcome::Unknown),
        (Some(500), Outcome::Unknown),
        (Some(504), Outcome::Unknown),
        (Some(400), Outcome::NotDone),
        (Some(404), Outcome::NotDone),
    ] {
        let server = Scripted::start(move |_, _| match status {
            Some(status) => refusal(status, "No."),
            None => Act::Break,
        });
        let api = server.write();
        let published = api.publish(RecordId(7.into())).await.unwrap_err();
        let created = api.create(&Metadata::default()).await.unwrap_err();
        let versioned = api.new_version(RecordId(7.into())).await.unwrap_err();
        for error in [published, created, versioned] {
            assert_eq!(error.outcome(), outcome, "{status:?} {error:?}");
        }
        assert_eq!(server.requests().len(), 3, "{status:?}");
    }
}

#[tokio::test]
async fn half_an_answer_to_publish_leaves_its_outcome_unknown() {
    let whole = raw(202, "", "application/json", &deposition(7, &json!(true)).to_string());
    let half = whole[..whole.len() - 40].to_owned();
    let server = Scripted::start(move |_, _| Act::Answer(half.clone()));
    let error = server.write().publish(RecordId(7.into())).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_server_that_does_not_listen_is_known_to_have_done_nothing() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let options = ClientOptions::new(&format!("http://127.0.0.1:{port}"), None, set_clock());
    let client = Client::new(options).unwrap();
    let error = WriteApi::new(client.clone()).publish(RecordId(7.into())).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotDone);
    assert_eq!(client.stats().requests, 4);
}

#[tokio::test]
async fn a_page_of_html_is_not_a_zenodo() {
    let server = Scripted::start(|_, _| {
        Act::Answer(raw(200, "", "text/html; charset=utf-8", "<html>Log in to the hotel"))
    });
    let error = server.read().deposition(RecordId(7.into())).await.unwrap_err();
    let ApiErrorKind::NotZenodo { status, content_type, start } = error.kind() else {
        panic!("{error:?}")
    };
    assert_eq!((*status, content_type.as_str()), (200, "text/html"));
    assert!(start.starts_with("<html>Log in"));
}

#[tokio::test]
async fn a_refusal_is_reported_with_the_servers_message() {
    let server = Scripted::start(|request, _| match request {
        "POST /api/deposit/depositions/7/actions/publish" => said(
            400,
            &json!({"status": 400, "message": "A validation error occurred.", "errors": [
                {"field": "metadata.title", "messages": ["Missing data for required field."]},
                {"community": "c1", "message": "Not included."},
            ]}),
        ),
        _ => refusal(412, "Revision is stale."),
    });
    let error = server.write().publish(RecordId(7.into())).await.unwrap_err();
    let ApiErrorKind::Refused { message, field_errors, .. } = error.kind() else {
        panic!("{error:?}")
    };
    assert_eq!(message, "A validation error occurred.");
    let expected =
        [("metadata.title", "Missing data for required field."), ("c1", "Not included.")];
    let expected = expected.map(|(field, words)| (field.to_owned(), vec![words.to_owned()]));
    assert_eq!(field_errors, &expected);
    let api = server.write();
    let stale =
        api.put_metadata(RecordId(7.into()), &Metadata::default(), Some(3)).await.unwrap_err();
    assert!(stale.is_stale());
    assert!(server.heads.lock().unwrap()[1].contains("if-match: 3\r\n"));
}

/// Uploads `size` bytes of a file that has `length`, within 20 seconds.
async fn upload(server: &Scripted, length: u64, size: u64) -> Result<(), ApiError> {
    let file: File = tempfile::tempfile().unwrap();
    file.set_len(length).unwrap();
    let (api, key) = (server.write(), FileKey::from_server("a b.bin"));
    let sent = api.upload("/api/files/b", &key, file, size, &|_| {});
    tokio::time::timeout(Duration::from_secs(20), sent).await.unwrap().map(|_| ())
}

#[tokio::test]
async fn a_server_that_refuses_a_file_without_reading_it_is_heard() {
    let size = 64 * 1024 * 1024;
    let server = Scripted::start(|_, _| {
        let words = json!({"status": 413, "message": "The quota is exceeded."}).to_string();
        Act::AnswerUnread(raw(413, "", "application/json", &words))
    });
    let error = upload(&server, size, size).await.unwrap_err();
    let ApiErrorKind::Refused { status: 413, message, .. } = error.kind() else {
        panic!("{error:?}")
    };
    assert_eq!(message, "The quota is exceeded.");
    assert_eq!(error.outcome(), Outcome::NotDone);
}

#[tokio::test]
async fn a_file_that_became_shorter_is_its_own_error() {
    let server = Scripted::start(|_, _| refusal(400, "Unexpected end."));
    let error = upload(&server, 3_000_000, 9_000_000).await.unwrap_err();
    assert!(matches!(error.kind(), ApiErrorKind::Transport(HttpError::File(_))), "{error:?}");
    assert_eq!(error.outcome(), Outcome::NotDone);
}

#[tokio::test]
async fn an_upload_whose_connection_breaks_has_an_unknown_outcome() {
    let server = Scripted::start(|_, _| Act::Break);
    let error = upload(&server, 3_000_000, 3_000_000).await.unwrap_err();
    assert!(matches!(error.kind(), ApiErrorKind::Transport(HttpError::Lost(_))), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    let heads = server.heads.lock().unwrap();
    assert!(heads[0].starts_with("PUT /api/files/b/a%20b.bin HTTP/1.1\r\n"), "{}", heads[0]);
    assert!(heads[0].contains("content-length: 3000000\r\n"), "{}", heads[0]);
    assert!(heads[0].contains("content-type: application/octet-stream\r\n"), "{}", heads[0]);
    assert!(!heads[0].contains("transfer-encoding"), "{}", heads[0]);
}

fn locked(draft: Option<OpenDraft>) -> RefreshRequest {
    let (concept, last) = (Some(ConceptId(100.into())), Some(RecordId(101.into())));
    RefreshRequest { concept, last, draft, title: "Forms".to_owned(), ..RefreshRequest::default() }
}

#[tokio::test]
async fn the_deposition_is_read_unless_the_record_alone_is_enough() {
    let server = Scripted::start(|request, _| match request {
        "GET /api/records/101" => said(200, &facts(101, &json!(true))),
        _ => said(200, &deposition(101, &json!(true))),
    });
    let observed = refresh(&server.read(), &locked(None), &read_edits_too).await.unwrap();
    assert!(matches!(observed.record, RecordState::Published(_)), "{observed:?}");
    let both = ["GET /api/records/101", "GET /api/deposit/depositions/101"];
    assert_eq!(server.requests(), both);
}

/// A server with an open draft, 102, that its listing does not show yet.
fn late_listing() -> Scripted {
    Scripted::start(|request, _| match request {
        "GET /api/records/101" => said(200, &facts(101, &json!(false))),
        "GET /api/deposit/depositions/101" => said(200, &deposition(101, &json!(true))),
        "GET /api/deposit/depositions/102" => said(200, &deposition(102, &json!(false))),
        "GET /api/records/102/draft" => said(200, &facts(102, &json!(true))),
        "GET /api/records/102/draft/files" => said(200, &json!({"entries": []})),
        "GET /api/deposit/depositions/103" => refusal(404, "Not found."),
        "GET /api/deposit/depositions/104" => refusal(403, "Permission denied."),
        _ => said(200, &json!({"hits": {"hits": [], "total": 0}})),
    })
}

#[tokio::test]
async fn a_draft_that_the_lock_names_is_found_before_the_listing_shows_it() {
    let server = late_listing();
    let named = Some(OpenDraft::Version(RecordId(102.into())));
    let observed = refresh(&server.read(), &locked(named), &read_edits_too).await.unwrap();
    assert_eq!(observed.draft.map(|draft| draft.id), Some(RecordId(102.into())));
}

#[tokio::test]
async fn a_draft_that_no_listing_shows_yet_is_known_to_exist() {
    for named in [None, Some(103), Some(104)] {
        let server = late_listing();
        let named = named.map(|id| OpenDraft::Version(RecordId(id.into())));
        let observed = refresh(&server.read(), &locked(named), &read_edits_too).await.unwrap();
        assert_eq!(observed.draft, None);
        let RecordState::Published(record) = observed.record else { panic!("{named:?}") };
        assert!(record.has_newer_draft);
    }
}

#[test]
fn metadata_of_every_recording_survive_the_way_to_json_and_back() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
    let mut n_read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let recording: Json =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for step in recording["steps"].as_array().unwrap() {
            let body = &step["response"]["body"];
            if body.get("conceptrecid").is_none() || body.get("state").is_none() {
                continue;
            }
            let mut metadata = metadata_from_json(&body["metadata"]);
            let json = metadata_to_json(&metadata);
            forget_schemes(&mut metadata);
            assert_eq!(metadata_from_json(&json), metadata, "{} {}", path.display(), step["name"]);
            n_read += 1;
        }
    }
    assert!(n_read > 150, "only {n_read} depositions were read");
}

/// The scheme of a related identifier is the server's, and is not sent.
fn forget_schemes(metadata: &mut Metadata) {
    use zrel::model::{Field, Value};
    if let Some(Value::Related(items)) = metadata.get(Field::RelatedIdentifiers).cloned() {
        let bare = |related: zrel::model::Related| zrel::model::Related { scheme: None, ..related };
        let items = items.into_iter().map(bare).collect();
        metadata.set(Field::RelatedIdentifiers, Value::Related(items));
    }
}
