//! How fast and how long: the server's limit of requests, the waits that it asks for, silence, and
//! the time limit of a run.
//!
//! Waits are seen on a set clock. Where only real time can show something, a fraction of a second
//! does, and nothing depends on how much longer it takes.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use zrel::api::{ApiErrorKind, Outcome, ReadApi, Sought, WriteApi};
use zrel::clock::Clock;
use zrel::http::{Client, ClientOptions, FLOOR, Floor, HttpError, Sink};
use zrel::local::{Fault, FaultKind, Matches, ServeOptions, start};
use zrel::model::{FileKey, Metadata, RecordId};

use crate::apply::safety::{Fate, Folder, Proxy, Server, concept_line, is_post, said};
use crate::command::command_line::{FakeServer, NO_HITS, Project, respond_with};
use crate::support::world::{FILES, World, manifest};

/// Noon of 2026-11-23, as the seconds of `X-RateLimit-Reset` and as a clock.
const NOON: i64 = 1_795_435_200;

fn noon() -> Clock {
    Clock::set("2026-11-23T12:00:00Z".parse().unwrap())
}

/// Returns how many seconds went by on a clock that showed noon.
fn seconds(clock: &Clock) -> i64 {
    clock.now().as_second() - NOON
}

fn client(url: &str, clock: &Clock) -> ClientOptions {
    ClientOptions::new(url, None, clock.clone())
}

fn read_api(options: ClientOptions) -> ReadApi {
    ReadApi::new(Client::new(options).unwrap())
}

/// A server with an empty listing, whose answers have these headers.
fn listing_with(headers: &str) -> FakeServer {
    let headers = format!("Content-Type: application/json\r\n{headers}");
    FakeServer::start(move |_, _, stream| respond_with(stream, "200 OK", &headers, NO_HITS))
}

fn budget(remaining: &str, reset: &str) -> String {
    format!(
        "X-RateLimit-Limit: 133\r\nX-RateLimit-Remaining: {remaining}\r\nX-RateLimit-Reset: {reset}\r\n"
    )
}

#[tokio::test]
async fn requests_are_spread_out_when_few_are_left() {
    let server = listing_with(&budget("4", &(NOON + 50).to_string()));
    let clock = noon();
    let api = read_api(client(&server.url, &clock));
    for expected in [0, 10, 18] {
        api.own(&Sought::All).await.unwrap();
        assert_eq!(seconds(&clock), expected);
    }
}

#[tokio::test]
async fn no_header_makes_a_request_wait_for_more_than_a_minute() {
    for (remaining, reset) in
        [("0", "253402207200"), ("-1", "253402207200"), ("0", "soon"), ("many", "1")]
    {
        let server = listing_with(&budget(remaining, reset));
        let clock = noon();
        let api = read_api(client(&server.url, &clock));
        for _ in 0..3 {
            api.own(&Sought::All).await.unwrap();
        }
        assert!(seconds(&clock) <= 120, "{remaining} {reset}: {}", seconds(&clock));
    }
}

#[tokio::test]
async fn the_embedded_server_makes_no_client_wait() {
    let data = tempfile::tempdir().unwrap();
    let clock = noon();
    let options = ServeOptions { clock: clock.clone(), ..ServeOptions::new(data.path().into()) };
    let running = start(options).await.unwrap();
    let token = Some(secrecy::SecretString::from(running.token().to_owned()));
    let options = ClientOptions::new(running.base_url(), token, clock.clone());
    let api = WriteApi::new(Client::new(options).unwrap());
    for _ in 0..8 {
        api.create(&Metadata::default()).await.unwrap();
        api.read().own(&Sought::All).await.unwrap();
    }
    assert_eq!(seconds(&clock), 0);
    running.stop().await;
}

#[tokio::test]
async fn what_a_server_asks_to_wait_counts_on_429_and_not_on_200() {
    let clock = noon();
    let server = listing_with("Retry-After: 60\r\n");
    let api = read_api(client(&server.url, &clock));
    api.own(&Sought::All).await.unwrap();
    api.own(&Sought::All).await.unwrap();
    assert_eq!(seconds(&clock), 0);

    let server = FakeServer::start(|_, number, stream| match number {
        0 => respond_with(stream, "429 Too Many Requests", "Retry-After: 40\r\n", "{}"),
        _ => respond_with(stream, "200 OK", "Content-Type: application/json\r\n", NO_HITS),
    });
    read_api(client(&server.url, &clock)).own(&Sought::All).await.unwrap();
    assert_eq!((seconds(&clock), server.requests().len()), (40, 2));
}

#[test]
fn a_server_that_asks_for_an_hour_ends_the_run() {
    let server = FakeServer::start(|_, _, stream| {
        let body = r#"{"status": 429, "message": "5000 per 1 hour"}"#;
        respond_with(stream, "429 Too Many Requests", "Retry-After: 3600\r\n", body)
    });
    let project = Project::on(&server.url);
    let phrases = [
        "too many requests: 5000 per 1 hour; it asks to wait 3600 seconds",
        "hint: wait 3600 seconds",
    ];
    project.run_with_token(&server.url, &["apply", "--auto-approve"]).fails(75, &phrases);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_upload_that_comes_too_soon_is_sent_again() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let kind = FaultKind::TooMany { retry_after: 30 };
    let on = Matches::parse("PUT /api/files/*").unwrap();
    world.faults().set(vec![Fault { on, nth: 1, times: 1, kind }]);
    world.apply_then_expect_no_changes(&["--initial"]);
    assert_eq!(world.faults().fired(), 1);
}

/// Answers one byte at a time, and never ends.
fn drip(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")?;
    loop {
        stream.write_all(b" ")?;
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[tokio::test]
async fn a_call_that_drips_ends() {
    let server = FakeServer::start(|_, _, stream| drip(stream));
    let call_timeout = Duration::from_millis(300);
    let options = ClientOptions { call_timeout, ..client(&server.url, &Clock::Real) };
    let error = read_api(options).own(&Sought::All).await.unwrap_err();
    let ApiErrorKind::Transport(error) = error.kind() else { panic!("{error:?}") };
    assert!(matches!(error, HttpError::TooSlow(_)), "{error:?}");
    assert_eq!(error.to_string(), "no whole answer came within 0.3 seconds");
    assert_eq!(server.requests().len(), 1);
}

/// Two bytes of a body each few milliseconds, and never its end.
fn drip_answer(stream: &mut TcpStream, status: &str) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n\r\n")?;
    loop {
        stream.write_all(b"  ")?;
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What every client has, at another scale: 100 KiB a second.
const STEEP: Floor = Floor { bytes: 40 * 1024, per: Duration::from_millis(400) };

#[tokio::test]
async fn an_answer_that_drips_is_given_up_whatever_it_answers() {
    let server = FakeServer::start(|_, number, stream| match number {
        0..4 => drip_answer(stream, "201 Created"),
        _ => respond_with(
            stream,
            "200 OK",
            "Content-Type: application/json\r\n",
            "{\"hits\": {\"hits\": [], \"total\": 0}}",
        ),
    });
    // Nothing else would end it.
    let days = Duration::from_hours(48);
    let options =
        ClientOptions { floor: STEEP, call_timeout: days, ..client(&server.url, &noon()) };
    let error = upload(options.clone()).await.unwrap_err();
    let ApiErrorKind::Transport(why) = error.kind() else { panic!("{error:?}") };
    assert!(matches!(why, HttpError::Dripping { .. }), "{why:?}");
    // The file may have arrived: the sender looks.
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(server.requests().len(), 1, "no upload is repeated before a look");
    // A read is made again, until it is answered.
    read_api(options).own(&Sought::All).await.unwrap();
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn the_answer_to_an_upload_has_its_own_time_limit() {
    let server = FakeServer::start(|_, _, stream| drip_answer(stream, "201 Created"));
    let floor = Floor { bytes: 0, ..STEEP };
    let call_timeout = Duration::from_millis(300);
    let options = ClientOptions { floor, call_timeout, ..client(&server.url, &Clock::Real) };
    let error = upload(options).await.unwrap_err();
    let ApiErrorKind::Transport(why) = error.kind() else { panic!("{error:?}") };
    assert!(matches!(why, HttpError::TooSlow(time) if *time == call_timeout), "{why:?}");
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn a_download_that_drips_is_given_up_and_one_that_flows_is_not() {
    struct Kept(Vec<u8>);
    impl Sink for Kept {
        fn take(&mut self, bytes: &[u8]) -> std::io::Result<()> {
            self.0.extend_from_slice(bytes);
            Ok(())
        }
        fn restart(&mut self) -> std::io::Result<()> {
            self.0.clear();
            Ok(())
        }
        fn position(&self) -> u64 {
            self.0.len() as u64
        }
    }
    let fetch = async |server: &FakeServer, floor: Floor| {
        let call_timeout = Duration::from_millis(20);
        let options = ClientOptions { floor, call_timeout, ..client(&server.url, &noon()) };
        let mut kept = Kept(Vec::new());
        let ended = Client::new(options).unwrap().download("/f", &mut kept).await;
        ended.map(|answer| answer.map(|()| kept.0.len()).unwrap())
    };
    // Each try brings some more bytes, which is not a reason to try for ever.
    let server = FakeServer::start(|_, _, stream| drip_answer(stream, "200 OK"));
    let error = fetch(&server, STEEP).await.unwrap_err();
    assert!(matches!(error, HttpError::Dripping { bytes: 1.., .. }), "{error:?}");
    assert_eq!(server.requests().len(), 4);

    // Longer than any call may take.
    let server = FakeServer::start(|_, _, stream| {
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 2097152\r\n\r\n")?;
        for _ in 0..32 {
            stream.write_all(&vec![b'x'; 65_536])?;
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    });
    assert_eq!(fetch(&server, FLOOR).await.unwrap(), 2_097_152);
}

async fn upload(options: ClientOptions) -> Result<(), zrel::api::ApiError> {
    let api = WriteApi::new(Client::new(options).unwrap());
    let file = tempfile::tempfile().unwrap();
    file.set_len(10).unwrap();
    let key = FileKey::from_server("a.bin");
    api.upload("/api/files/b", &key, file, 10, &|_| {}).await.map(|_| ())
}

#[tokio::test]
async fn an_upload_may_take_longer_than_any_call_and_ends_by_silence() {
    let server = FakeServer::start(|_, number, stream| {
        let body = json!({"checksum": "md5:00000000000000000000000000000000"}).to_string();
        let answer = format!("HTTP/1.1 201 Created\r\nContent-Length: {}\r\n\r\n", body.len());
        if number > 0 {
            // Held until zrel has gone.
            let _ = std::io::Read::read(stream, &mut [0]);
            return Ok(());
        }
        // The head takes its time, which is the server's; the body comes at once.
        for byte in answer.bytes() {
            stream.write_all(&[byte])?;
            std::thread::sleep(Duration::from_millis(5));
        }
        stream.write_all(body.as_bytes())
    });
    let call_timeout = Duration::from_millis(20);
    upload(ClientOptions { call_timeout, ..client(&server.url, &Clock::Real) }).await.unwrap();

    let read_timeout = Duration::from_millis(300);
    let options = ClientOptions { read_timeout, ..client(&server.url, &Clock::Real) };
    let error = upload(options).await.unwrap_err();
    let is_silence = matches!(error.kind(), ApiErrorKind::Transport(HttpError::Silence(_)));
    assert!(is_silence && error.outcome() == Outcome::Unknown, "{error:?}");
}

/// A server that never answers.
fn silent() -> FakeServer {
    FakeServer::start(|_, _, stream| std::io::Read::read(stream, &mut [0]).map(|_| ()))
}

#[test]
fn the_allowed_silence_can_be_set() {
    let server = silent();
    let project = Project::on(&server.url);
    let ran = project.run_with_token(&server.url, &["plan", "--silence", "0.1"]);
    ran.fails(69, &["no byte went either way for 0.1 seconds", "run this again later"]);
    assert_eq!(server.requests().len(), 4, "a read is tried again");
    project.run(&["plan", "--silence", "0"]).ends(64);
    project.run(&["plan", "--time-limit", "soon"]).ends(64);
}

#[tokio::test]
async fn a_run_whose_time_is_over_ends_its_request_and_begins_no_other() {
    let server = silent();
    let deadline = Clock::Real.deadline_in(Duration::from_millis(300));
    let options = ClientOptions { deadline, ..client(&server.url, &Clock::Real) };
    let api = WriteApi::new(Client::new(options).unwrap());
    let running = api.publish(RecordId(7.into())).await.unwrap_err();
    assert_eq!(running.outcome(), Outcome::Unknown);
    let ApiErrorKind::Transport(why) = running.kind() else { panic!("{running:?}") };
    assert!(matches!(why, HttpError::OutOfTime(_)), "{why:?}");
    for error in [
        api.publish(RecordId(7.into())).await.unwrap_err(),
        api.read().record(RecordId(7.into())).await.unwrap_err(),
    ] {
        assert_eq!(error.outcome(), Outcome::NotDone);
        let ApiErrorKind::Transport(why) = error.kind() else { panic!("{error:?}") };
        assert!(matches!(why, HttpError::NotBegun(_)), "{why:?}");
    }
    assert_eq!(server.requests().len(), 1);
}

/// A record with one version, whose second one is to come through a proxy that makes each request
/// cost a minute; `at_publish` is what becomes of publishing.
struct Costly {
    server: Server,
    folder: Folder,
    armed: Arc<AtomicBool>,
}

impl Costly {
    fn new(at_publish: fn() -> Fate) -> Self {
        let server = Server::start();
        let armed = Arc::new(AtomicBool::new(false));
        let is_armed = Arc::clone(&armed);
        let proxy = Proxy::before(&server, move |request| {
            match (is_armed.load(Ordering::SeqCst), is_post(request, "/publish")) {
                (true, true) => at_publish(),
                (true, false) => Fate::Scarce,
                (false, _) => Fate::Pass,
            }
        });
        let folder = Folder::new(proxy.port, "1", "");
        folder.publish(&["--initial"]);
        folder.write("data/a.csv", "a,2\n");
        folder.manifest(proxy.port, "2", &concept_line(&server));
        Self { server, folder, armed }
    }

    /// Applies with time for one request, then for two, and so on until it is done; returns how
    /// each ended, and its output.
    fn ends(&self) -> Vec<(i32, String)> {
        self.armed.store(true, Ordering::SeqCst);
        let mut ends = Vec::new();
        for n_requests in 0..40 {
            // In between, so that it does not matter how much real time goes by.
            let deadline = format!("{}s", n_requests * 60 + 30);
            let (code, said) = self.folder.apply(&["--time-limit", &deadline]);
            ends.push((code, said));
            if code == 0 {
                break;
            }
        }
        ends
    }

    fn expect_one_version_more(&self) {
        self.armed.store(false, Ordering::SeqCst);
        let plan = said(&self.folder.zrel(&["plan"]));
        assert!(plan.contains("No changes"), "{plan}");
        let all = self.server.get("/api/deposit/depositions?size=100&all_versions=true");
        let states: Vec<&serde_json::Value> =
            all.as_array().unwrap().iter().map(|one| &one["state"]).collect();
        assert_eq!(states, ["done", "done"], "{plan}");
    }
}

#[test]
fn a_run_whose_time_ends_at_any_request_loses_nothing() {
    let costly = Costly::new(|| Fate::Scarce);
    let ends = costly.ends();
    let codes: Vec<i32> = ends.iter().map(|end| end.0).collect();
    assert_eq!((codes[0], codes.last()), (69, Some(&0)), "{codes:?}");
    assert!(ends[0].1.contains("hint: give it more time, with --time-limit"), "{}", ends[0].1);
    assert!(codes.iter().all(|code| [69, 12, 0].contains(code)), "{codes:?}");
    let partly = ends.iter().find(|end| end.0 == 12);
    let (_, words) = partly.unwrap();
    for phrase in ["there is no time left", " apply` again: it goes on", "is kept"] {
        assert!(words.contains(phrase), "«{phrase}» in {words}");
    }
    costly.expect_one_version_more();
}

#[test]
fn a_run_whose_time_ends_while_publishing_says_the_outcome_is_unknown() {
    let costly = Costly::new(|| Fate::LoseAnswer);
    costly.folder.publish(&["--no-publish"]);
    let ends = costly.ends();
    let codes: Vec<i32> = ends.iter().map(|end| end.0).collect();
    assert!(codes.contains(&14), "{codes:?}");
    assert_eq!(codes.last(), Some(&0), "{codes:?}");
    assert!(codes.iter().all(|code| [69, 12, 14, 0].contains(code)), "{codes:?}");
    costly.expect_one_version_more();
}
