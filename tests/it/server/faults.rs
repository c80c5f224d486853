//! Faults on demand: what a client sees of each, and whether the work was done.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use zrel::local::{
    ConcurrentAction, Fault, FaultKind, Faults, Matches, Running, ServeOptions, start,
};

const DEPOSITIONS: &str = "/api/deposit/depositions";

/// A server with a handle on its faults, and its log.
struct Server {
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    address: String,
    token: String,
    faults: Faults,
    log: Arc<Mutex<Vec<String>>>,
    data: tempfile::TempDir,
}

/// An answer, as it came over the wire.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut named = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value)
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Server {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let data = tempfile::tempdir().unwrap();
        let faults = Faults::none();
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&log);
        let options = ServeOptions {
            faults: faults.clone(),
            log: Some(Box::new(move |line| lines.lock().unwrap().push(line.to_owned()))),
            ..ServeOptions::new(data.path().to_owned())
        };
        let running = runtime.block_on(start(options)).unwrap();
        let address = running.base_url().trim_start_matches("http://").to_owned();
        let token = running.token().to_owned();
        Self { runtime, running: Some(running), address, token, faults, log, data }
    }

    /// Sends a request on its own connection and reads to the end.
    fn send(&self, method: &str, path: &str, body: &str) -> io::Result<Answer> {
        exchange(&self.address, &self.token, method, path, body)
    }

    fn write(&self, method: &str, path: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream
            .write_all(request(&self.address, &self.token, method, path, body).as_bytes())
            .unwrap();
        stream
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        let answer = self.send("GET", path, "").unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    #[track_caller]
    fn post(&self, path: &str) -> Value {
        let answer = self.send("POST", path, "").unwrap();
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.body);
        answer.json()
    }

    /// Creates a draft that lacks only its files to be published; returns its id and the path of
    /// its bucket.
    fn draft(&self) -> (u64, String) {
        let made = self.send("POST", DEPOSITIONS, &metadata("A title")).unwrap().json();
        let bucket = made["links"]["bucket"].as_str().unwrap();
        let path = bucket.split_once(&self.address).unwrap().1.to_owned();
        (made["id"].as_u64().unwrap(), path)
    }

    /// Creates a draft with one file.
    fn draft_with_file(&self) -> u64 {
        let (id, bucket) = self.draft();
        assert_eq!(self.send("PUT", &format!("{bucket}/a.txt"), "first").unwrap().status, 201);
        id
    }

    fn published(&self) -> u64 {
        let id = self.draft_with_file();
        self.post(&publish(id));
        id
    }

    /// Returns how many files' bytes are stored.
    fn n_blobs(&self) -> usize {
        std::fs::read_dir(self.data.path().join("blobs")).unwrap().count()
    }

    fn n_drafts(&self) -> usize {
        self.get(DEPOSITIONS).as_array().unwrap().len()
    }

    fn is_published(&self, id: u64) -> bool {
        self.get(&format!("{DEPOSITIONS}/{id}"))["submitted"] == true
    }

    fn title(&self, id: u64) -> String {
        self.get(&format!("{DEPOSITIONS}/{id}"))["metadata"]["title"].as_str().unwrap().to_owned()
    }

    /// Returns name and MD5 of each file.
    fn files(&self, id: u64) -> Vec<(String, String)> {
        let files = self.get(&format!("{DEPOSITIONS}/{id}"))["files"].clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let files = files.as_array().unwrap();
        files.iter().map(|file| (text(&file["filename"]), text(&file["checksum"]))).collect()
    }

    /// Sets one fault for the next matching request.
    fn set(&self, on: &str, kind: FaultKind) {
        self.faults.set(vec![Fault { on: Matches::parse(on).unwrap(), ..Fault::at(1, kind) }]);
    }

    /// Waits until so many requests hang.
    fn wait_until_hung(&self, n_hung: usize) {
        let until = Instant::now() + Duration::from_secs(30);
        while self.faults.n_hung() != n_hung {
            assert!(Instant::now() < until, "{} requests hang", self.faults.n_hung());
            std::thread::yield_now();
        }
    }

    /// Returns the status in the log's last line.
    fn last_status(&self) -> u16 {
        let log = self.log.lock().unwrap();
        log.last().unwrap().split(' ').nth(2).unwrap().parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }
}

fn request(address: &str, token: &str, method: &str, path: &str, body: &str) -> String {
    let kind = match method {
        "PUT" if path.starts_with("/api/files/") => "application/octet-stream",
        _ => "application/json",
    };
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn exchange(
    address: &str,
    token: &str,
    method: &str,
    path: &str,
    body: &str,
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(request(address, token, method, path, body).as_bytes())?;
    read(stream)
}

fn read(mut stream: TcpStream) -> io::Result<Answer> {
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or(ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

fn metadata(title: &str) -> String {
    let metadata = json!({
        "title": title,
        "upload_type": "dataset",
        "description": "<p>What it is.</p>",
        "creators": [{"name": "Weiss, Tobias"}],
        "publication_date": "2026-06-01",
    });
    json!({"metadata": metadata}).to_string()
}

fn publish(id: u64) -> String {
    format!("{DEPOSITIONS}/{id}/actions/publish")
}

#[track_caller]
fn check_reset(answer: io::Result<Answer>) {
    let error = answer.unwrap_err();
    // A write to a connection that is reset already is a broken pipe.
    let kinds = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
    assert!(kinds.contains(&error.kind()), "{error:?}");
}

#[test]
fn a_reset_before_the_work_leaves_nothing_and_one_after_it_leaves_the_work() {
    let server = Server::start();
    let kinds = [(FaultKind::ResetBefore, 0, 0), (FaultKind::ResetAfter, 201, 1)];
    for (kind, logged, n_drafts) in kinds {
        server.set("POST *", kind);
        check_reset(server.send("POST", DEPOSITIONS, &metadata("Reset")));
        assert_eq!(server.last_status(), logged, "that of the work");
        assert_eq!(server.n_drafts(), n_drafts);
        assert_eq!(server.faults.fired(), 1);
    }
}

#[test]
fn an_error_comes_before_or_after_the_work_in_json_or_as_a_proxy_sends_it() {
    let server = Server::start();
    let mut n_drafts = 0;
    for status in [500, 502, 503, 504] {
        for after in [false, true] {
            server.set("POST *", FaultKind::Status { status, after });
            let answer = server.send("POST", DEPOSITIONS, &metadata("Error")).unwrap();
            assert_eq!(answer.status, status);
            if status == 500 {
                assert_eq!(answer.header("content-type"), Some("application/json"));
                assert_eq!(answer.json()["status"], 500);
            } else {
                assert_eq!(answer.header("content-type"), Some("text/html"));
                assert!(answer.body.starts_with("<html>"), "{}", answer.body);
            }
            assert_eq!(server.last_status(), if after { 201 } else { status });
            n_drafts += usize::from(after);
            assert_eq!(server.n_drafts(), n_drafts);
            assert_eq!(server.faults.fired(), 1);
        }
    }
}

#[test]
fn too_many_requests_say_when_to_come_again_and_do_nothing() {
    let server = Server::start();
    server.set("POST *", FaultKind::TooMany { retry_after: 7 });
    let answer = server.send("POST", DEPOSITIONS, &metadata("Too many")).unwrap();
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("retry-after"), Some("7"));
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("0"));
    assert!(answer.header("x-ratelimit-reset").is_some());
    assert_eq!(server.n_drafts(), 0);
}

#[test]
fn a_request_hangs_until_healed_and_is_never_worked_on_late() {
    let server = Server::start();
    let kinds = [(FaultKind::HangBefore, 0, 0), (FaultKind::HangAfter, 201, 1)];
    for (kind, logged, n_drafts) in kinds {
        server.set("POST *", kind);
        let hung = server.write("POST", DEPOSITIONS, &metadata("Hangs"));
        server.wait_until_hung(1);
        assert_eq!((server.faults.n_hung(), server.faults.fired()), (1, 1));
        assert_eq!(server.last_status(), logged);
        assert_eq!(server.n_drafts(), n_drafts, "others are served meanwhile");
        server.faults.heal();
        check_reset(read(hung));
        assert_eq!(server.faults.n_hung(), 0);
        assert_eq!(server.n_drafts(), n_drafts);
    }
}

#[test]
fn a_client_that_leaves_hangs_no_more() {
    let server = Server::start();
    server.set("GET *", FaultKind::HangBefore);
    let hung = server.write("GET", "/api/me", "");
    server.wait_until_hung(1);
    drop(hung);
    server.wait_until_hung(0);
}

#[test]
fn a_server_stops_while_a_request_hangs() {
    let mut server = Server::start();
    server.set("GET *", FaultKind::HangBefore);
    let hung = server.write("GET", "/api/me", "");
    server.wait_until_hung(1);
    let running = server.running.take().unwrap();
    server.runtime.block_on(running.stop());
    check_reset(read(hung));
    assert_eq!(server.faults.fired(), 1, "counts outlive the server");
}

#[test]
fn a_refusing_server_takes_no_connection_until_healed() {
    let server = Server::start();
    let mut kept = BufReader::new(TcpStream::connect(&server.address).unwrap());
    let alive = request(&server.address, &server.token, "GET", "/api/me", "");
    let alive = alive.replace("Connection: close\r\n", "");
    kept.get_mut().write_all(alive.as_bytes()).unwrap();
    assert!(kept.fill_buf().unwrap().starts_with(b"HTTP/1.1 200"));
    for _ in 0..2 {
        server.set("POST *", FaultKind::Refuse { millis: 3_600_000 });
        check_reset(server.send("POST", DEPOSITIONS, &metadata("Refused")));
        for _ in 0..3 {
            let error = server.send("GET", "/api/me", "").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        }
        assert_eq!(server.faults.fired(), 1);
        server.faults.heal();
        assert_eq!(server.n_drafts(), 0);
    }
    server.set("POST *", FaultKind::Refuse { millis: 3_600_000 });
    check_reset(server.send("POST", DEPOSITIONS, &metadata("Refused")));
    kept.get_mut().write_all(alive.as_bytes()).unwrap();
    let error = io::copy(&mut kept, &mut io::sink()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset, "an earlier connection is refused");
}

#[test]
fn a_refusing_server_opens_again_when_its_time_is_over() {
    let server = Server::start();
    server.set("POST *", FaultKind::Refuse { millis: 1 });
    check_reset(server.send("POST", DEPOSITIONS, &metadata("Refused")));
    let until = Instant::now() + Duration::from_secs(30);
    let answer = loop {
        assert!(Instant::now() < until, "it stays closed");
        match server.send("GET", "/api/me", "") {
            Ok(answer) => break answer,
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionRefused),
        }
    };
    assert_eq!(answer.status, 200);
}

#[test]
fn a_server_stops_while_it_refuses() {
    let mut server = Server::start();
    server.set("POST *", FaultKind::Refuse { millis: 3_600_000 });
    check_reset(server.send("POST", DEPOSITIONS, &metadata("Refused")));
    let running = server.running.take().unwrap();
    server.runtime.block_on(running.stop());
}

#[test]
fn half_of_an_answer_arrives_under_its_whole_length() {
    let server = Server::start();
    server.set("POST *", FaultKind::Cut);
    let answer = server.send("POST", DEPOSITIONS, &metadata("Cut")).unwrap();
    assert_eq!(answer.status, 201);
    let length: usize = answer.header("content-length").unwrap().parse().unwrap();
    assert_eq!(answer.body.len(), length / 2);
    assert!(answer.body.starts_with('{'));
    assert_eq!((server.n_drafts(), server.faults.fired()), (1, 1));
    let id = server.get(DEPOSITIONS)[0]["id"].as_u64().unwrap();
    server.set("DELETE *", FaultKind::Cut);
    let answer = server.send("DELETE", &format!("{DEPOSITIONS}/{id}"), "").unwrap();
    assert_eq!((answer.status, server.faults.fired()), (204, 0), "there is nothing to cut");
}

#[test]
fn an_upload_is_stored_with_other_bytes_than_were_sent() {
    let server = Server::start();
    let (id, bucket) = server.draft();
    let path = format!("{bucket}/a.txt");
    let right = server.send("PUT", &path, "content").unwrap().json()["checksum"].clone();
    server.set("PUT *", FaultKind::WrongChecksum);
    let answer = server.send("PUT", &path, "content").unwrap();
    assert_eq!((answer.status, server.faults.fired()), (201, 1));
    let wrong = answer.json()["checksum"].as_str().unwrap().to_owned();
    assert_ne!(right, json!(wrong));
    let md5 = wrong.trim_start_matches("md5:").to_owned();
    assert_eq!(server.files(id), [("a.txt".to_owned(), md5)]);
    assert_eq!(server.send("PUT", &path, "content").unwrap().json()["checksum"], right);
}

#[test]
fn a_file_is_accepted_and_missing_afterwards() {
    let server = Server::start();
    let (id, bucket) = server.draft();
    let path = format!("{bucket}/a.txt");
    let right = server.send("PUT", &path, "content").unwrap().json()["checksum"].clone();
    server.set("PUT *", FaultKind::FileLost);
    let answer = server.send("PUT", &path, "content").unwrap();
    assert_eq!((answer.status, server.faults.fired()), (201, 1));
    assert_eq!(answer.json()["checksum"], right);
    assert_eq!(server.files(id), []);
}

#[test]
fn a_publication_shows_later_than_it_is_done() {
    let server = Server::start();
    let id = server.draft_with_file();
    server.set("POST *", FaultKind::VisibleLate { reads: 2, answered: false });
    assert_eq!(server.send("POST", &publish(id), "").unwrap().status, 504);
    assert_eq!(server.faults.fired(), 1);
    assert!(!server.is_published(id));
    assert_eq!(server.send("GET", &format!("/api/records/{id}"), "").unwrap().status, 404);
    assert!(server.is_published(id));
    assert_eq!(server.get(&format!("/api/records/{id}"))["id"], id);
}

#[test]
fn a_write_shows_later_than_it_is_answered_until_healed() {
    let server = Server::start();
    let (id, _) = server.draft();
    let path = format!("{DEPOSITIONS}/{id}");
    server.set("PUT *", FaultKind::VisibleLate { reads: 9, answered: true });
    assert_eq!(server.send("PUT", &path, &metadata("Second")).unwrap().status, 200);
    assert_eq!(server.title(id), "A title");
    assert_eq!(server.send("PUT", &path, &metadata("Third")).unwrap().status, 200);
    assert_eq!(server.title(id), "A title", "writes meet what is, reads what was");
    assert_eq!(server.faults.fired(), 1);
    server.faults.heal();
    assert_eq!(server.title(id), "Third");
}

#[test]
fn listings_lag_and_reads_do_not() {
    let server = Server::start();
    server.set("POST *", FaultKind::ListingLag { reads: 3 });
    let id = server.published();
    assert_eq!(server.faults.fired(), 1);
    assert_eq!(server.get(DEPOSITIONS), json!([]));
    assert!(server.is_published(id));
    assert_eq!(server.get("/api/records?q=title")["hits"]["total"], 0);
    assert_eq!(server.get("/api/user/records")["hits"]["total"], 0);
    assert_eq!(server.get("/api/user/records")["hits"]["total"], 1);
    assert_eq!(server.n_drafts(), 1);
}

#[test]
fn another_client_edits_the_open_draft() {
    let server = Server::start();
    let id = server.draft_with_file();
    server.set("POST *", FaultKind::Other(ConcurrentAction::EditsDraft));
    server.post(&publish(id));
    assert_eq!(server.faults.fired(), 1);
    assert!(server.is_published(id));
    assert_eq!(server.title(id), "Changed by another client");
    let names: Vec<String> = server.files(id).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.txt", "other.txt"]);

    let id = server.published();
    server.post(&format!("{DEPOSITIONS}/{id}/actions/edit"));
    server.set("POST *", FaultKind::Other(ConcurrentAction::EditsDraft));
    server.post(&publish(id));
    assert_eq!(server.faults.fired(), 1);
    assert_eq!(server.title(id), "Changed by another client");
    assert_eq!(server.files(id).len(), 1, "an edit keeps its files");
}

#[test]
fn another_client_opens_a_version_unless_one_is_open() {
    let server = Server::start();
    let id = server.published();
    for fired in [1, 0] {
        server.set("GET *", FaultKind::Other(ConcurrentAction::OpensVersion));
        server.get(&format!("/api/records/{id}"));
        assert_eq!(server.faults.fired(), fired);
        let shown = server.get(DEPOSITIONS)[0].clone();
        assert_eq!((&shown["submitted"], &shown["files"]), (&json!(false), &json!([])));
    }
}

#[test]
fn another_client_publishes_its_own_version_or_the_open_draft() {
    let server = Server::start();
    let id = server.published();
    let n_versions = || server.get(&format!("/api/records/{id}/versions"))["hits"]["total"].clone();
    server.set("POST *", FaultKind::Other(ConcurrentAction::Publishes));
    let draft = server.post(&format!("{DEPOSITIONS}/{id}/actions/newversion"))["id"].clone();
    assert_eq!((server.faults.fired(), n_versions()), (1, json!(2)));
    let latest = server.get(&format!("/api/records/{id}/versions"))["hits"]["hits"][0].clone();
    assert_eq!(latest["metadata"]["version"], "by another client");
    let latest = server.files(latest["id"].as_u64().unwrap());
    assert!(latest.iter().any(|(name, _)| name == "other.txt"), "{latest:?}");

    let draft = draft.as_u64().unwrap();
    server.set("PUT *", FaultKind::Other(ConcurrentAction::Publishes));
    let answer = server.send("PUT", &format!("{DEPOSITIONS}/{draft}"), &metadata("Late")).unwrap();
    assert_eq!((answer.status, server.faults.fired()), (404, 1));
    assert_eq!(n_versions(), 3);
    assert_eq!(server.title(draft), "A title");
}

#[test]
fn the_owner_changes_the_files_of_a_published_version_in_place() {
    let server = Server::start();
    let id = server.published();
    let before = server.files(id);
    server.set("GET *", FaultKind::Other(ConcurrentAction::ModifiesFiles));
    server.get(&format!("/api/records/{id}"));
    assert_eq!(server.faults.fired(), 1);
    let after = server.files(id);
    let names: Vec<&str> = after.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a.txt", "other.txt"]);
    assert_ne!(after[0], before[0]);
    assert!(server.is_published(id));
}

#[test]
fn other_clients_are_not_counted_or_logged() {
    let server = Server::start();
    let id = server.published();
    let n_lines = server.log.lock().unwrap().len();
    server.faults.set(vec![
        Fault::at(1, FaultKind::Other(ConcurrentAction::Publishes)),
        Fault::at(2, FaultKind::Status { status: 503, after: false }),
    ]);
    server.get(&format!("/api/records/{id}"));
    assert_eq!(server.log.lock().unwrap().len(), n_lines + 1);
    assert_eq!(server.send("GET", "/api/me", "").unwrap().status, 503);
    assert_eq!(server.faults.fired(), 2);
}

#[test]
fn the_nth_request_is_hit_and_so_many_in_a_row() {
    let server = Server::start();
    let on = Matches::parse(&format!("GET {DEPOSITIONS}/*")).unwrap();
    let kind = FaultKind::Status { status: 500, after: false };
    server.faults.set(vec![Fault { on, nth: 2, times: 2, kind }]);
    let status = |path: &str| server.send("GET", path, "").unwrap().status;
    let one = format!("{DEPOSITIONS}/1");
    let met = [DEPOSITIONS, &one, "/api/me", &one, &one, &one].map(status);
    assert_eq!(met, [200, 404, 200, 500, 500, 404]);
    assert_eq!(server.faults.fired(), 2);
}

#[test]
fn what_cannot_apply_passes_as_usual_and_uses_its_turn_up() {
    let server = Server::start();
    let deeds =
        [ConcurrentAction::EditsDraft, ConcurrentAction::OpensVersion, ConcurrentAction::Publishes]
            .map(FaultKind::Other);
    let uploads = [FaultKind::WrongChecksum, FaultKind::FileLost];
    let late = [true, false].map(|answered| FaultKind::VisibleLate { reads: 1, answered });
    for kind in deeds.into_iter().chain(uploads).chain(late) {
        server.faults.set(vec![Fault::at(1, kind)]);
        assert_eq!(server.send("GET", "/api/me", "").unwrap().status, 200, "{kind:?}");
        assert_eq!(server.send("POST", "/api/records/1/nothing", "").unwrap().status, 404);
        assert_eq!(server.faults.fired(), 0, "{kind:?}");
    }
    // A refused request is neither late nor damaged, and a draft without files is not published.
    let (draft, bucket) = server.draft();
    let publishes = [FaultKind::Other(ConcurrentAction::Publishes)];
    for kind in publishes.into_iter().chain(uploads).chain(late) {
        server.faults.set(vec![Fault::at(1, kind)]);
        let empty = server.send("PUT", &format!("{bucket}/b.txt"), "").unwrap();
        assert_eq!((empty.status, server.faults.fired()), (400, 0), "{kind:?}");
    }
    assert_eq!(server.files(draft), []);
    assert_eq!(server.n_blobs(), 0, "no file is left behind");
}

#[test]
fn an_answer_instead_of_the_work_arrives_also_where_the_upload_is_large() {
    let server = Server::start();
    let (id, bucket) = server.draft();
    let large = "x".repeat(8 * 1024 * 1024);
    for kind in
        [FaultKind::Status { status: 503, after: false }, FaultKind::TooMany { retry_after: 1 }]
    {
        server.set("PUT *", kind);
        let answer = server.send("PUT", &format!("{bucket}/a.bin"), &large).unwrap();
        assert!([429, 503].contains(&answer.status), "{answer:?}");
    }
    assert_eq!(server.files(id), []);
}

/// `zrel serve` as a process of its own, killed when dropped.
struct Served(std::process::Child);

impl Drop for Served {
    fn drop(&mut self) {
        // A test that failed leaves no process behind.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(folder: &std::path::Path, faults: &str) -> Served {
    std::fs::write(folder.join("faults.toml"), faults).unwrap();
    let seed = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/seed.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_zrel"));
    command.args(["serve", "--data", "data", "--faults", "faults.toml", "--seed"]).arg(seed);
    command.current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    Served(command.spawn().unwrap())
}

#[test]
fn serve_reads_faults_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let faults =
        "[[faults]]\non = \"POST /api/deposit/depositions\"\nnth = 2\ndo = \"504-after\"\n";
    let mut served = serve(folder.path(), faults);
    let mut line = String::new();
    BufReader::new(served.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let base = line.split_whitespace().find_map(|word| word.strip_prefix("http://")).unwrap();
    let status = |method: &str, body: &str| {
        exchange(base, "alice-token", method, DEPOSITIONS, body).unwrap().status
    };
    let title = metadata("A title");
    assert_eq!(
        [status("POST", &title), status("POST", &title), status("POST", &title)],
        [201, 504, 201]
    );
    let all = exchange(base, "alice-token", "GET", DEPOSITIONS, "").unwrap().json();
    assert_eq!(all.as_array().unwrap().len(), 3);
}

#[test]
fn serve_says_where_its_faults_are_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let mut served = serve(folder.path(), "[[faults]]\non = \"* *\"\ndo = \"explode\"\n");
    let mut said = String::new();
    served.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let shown = "`faults.toml`: line 3, column 6: unknown fault `explode`";
    assert!(said.contains(shown), "{said}");
    assert_eq!(served.0.wait().unwrap().code(), Some(65));
}
