//! The embedded server beyond the recordings: kills, two processes, guards, uploads, pages.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::{Client, Response, StatusCode, redirect};
use serde_json::{Value, json};
use zrel::local::{Running, ServeOptions, start};

/// A server, and a client with its token.
struct Api {
    base: String,
    token: String,
    client: Client,
}

impl Api {
    fn new(base: &str, token: &str) -> Self {
        // The transport needs a provider even where nothing is encrypted.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy();
        let client = client.build().unwrap();
        Self { base: base.to_owned(), token: token.to_owned(), client }
    }

    fn of(running: &Running) -> Self {
        Self::new(running.base_url(), running.token())
    }

    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Response {
        let url =
            if path.starts_with("http") { path.into() } else { format!("{}{path}", self.base) };
        let request = self.client.request(method.parse().unwrap(), url).bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        request.send().await.unwrap()
    }

    async fn json(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let text = self.send(method, path, body).await.text().await.unwrap();
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    async fn put(&self, url: String, bytes: impl Into<reqwest::Body>) -> Response {
        self.client.put(url).bearer_auth(&self.token).body(bytes).send().await.unwrap()
    }

    /// Creates a draft that lacks only its files to be published; returns its id and bucket.
    async fn draft(&self, title: &str) -> (u64, String) {
        let body = json!({"metadata": metadata(title)});
        let made = self.json("POST", "/api/deposit/depositions", Some(body)).await;
        (made["id"].as_u64().unwrap(), made["links"]["bucket"].as_str().unwrap().to_owned())
    }

    async fn publish(&self, id: u64) -> Value {
        let path = format!("/api/deposit/depositions/{id}/actions/publish");
        self.json("POST", &path, None).await
    }
}

fn metadata(title: &str) -> Value {
    json!({
        "title": title,
        "upload_type": "dataset",
        "description": "<p>What it is.</p>",
        "creators": [{"name": "Weiss, Tobias"}],
        "publication_date": "2026-06-01",
    })
}

async fn server(data: &Path) -> Running {
    start(ServeOptions::new(data.to_owned())).await.unwrap()
}

/// Whether a client announces the end of its requests.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Said,
    Unsaid,
}

/// Sends text as it is and returns the answer up to its end.
fn raw(base: &str, request: &str, end: End) -> String {
    let mut stream = TcpStream::connect(authority(base)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    if end == End::Said {
        stream.shutdown(std::net::Shutdown::Write).unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn authority(base: &str) -> &str {
    base.trim_start_matches("http://")
}

/// `zrel serve` as a process of its own, killed when dropped.
struct Served {
    child: Child,
    base: String,
}

impl Served {
    fn start(data: &Path) -> Self {
        let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/seed.toml");
        let mut child = Command::new(env!("CARGO_BIN_EXE_zrel"))
            .args(["serve", "--data"])
            .arg(data)
            .arg("--seed")
            .arg(seed)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
        Self { child, base: base.to_owned() }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // A test that failed leaves no process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_loses_nothing_that_was_answered_and_leaves_nothing_partial() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::start(data.path());
    let base = served.base.clone();
    let api = Api::new(&base, "alice-token");
    let (published, bucket) = api.draft("Published").await;
    api.put(format!("{bucket}/a.txt"), "first").await;
    assert_eq!(api.publish(published).await["state"], "done");
    let (draft, bucket) = api.draft("Draft").await;
    api.put(format!("{bucket}/kept.txt"), "kept").await;
    let title = |n: usize| format!("Title number {n}");
    for n in 0..20 {
        let body = json!({"metadata": metadata(&title(n))});
        api.send("PUT", &format!("/api/deposit/depositions/{draft}"), Some(body)).await;
    }
    // One upload has sent half of its body, and one write is on its way, when the kill comes.
    let path = bucket.trim_start_matches(&base).to_owned();
    let mut half = TcpStream::connect(authority(&base)).unwrap();
    let head = format!(
        "PUT {path}/half.bin HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer alice-token\r\n\
         Content-Length: 4000000\r\n\r\n",
        authority(&base)
    );
    half.write_all(head.as_bytes()).unwrap();
    half.write_all(&vec![b'x'; 2_000_000]).unwrap();
    let mut last = TcpStream::connect(authority(&base)).unwrap();
    let body = json!({"metadata": metadata("The last title")}).to_string();
    let request = format!(
        "PUT /api/deposit/depositions/{draft} HTTP/1.1\r\nHost: {}\r\n\
         Authorization: Bearer alice-token\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        authority(&base),
        body.len()
    );
    last.write_all(request.as_bytes()).unwrap();
    served.kill();

    let served = Served::start(data.path());
    assert_eq!(served.base, base, "the port is remembered");
    let api = Api::new(&base, "alice-token");
    let record = api.json("GET", &format!("/api/records/{published}"), None).await;
    assert_eq!(record["metadata"]["title"], "Published");
    let content = format!("/api/records/{published}/files/a.txt/content");
    assert_eq!(api.send("GET", &content, None).await.text().await.unwrap(), "first");
    let read = api.json("GET", &format!("/api/deposit/depositions/{draft}"), None).await;
    let read_title = read["title"].as_str().unwrap();
    assert!(read_title == title(19) || read_title == "The last title", "{read_title}");
    let files = read["files"].as_array().unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0]["filename"], "kept.txt");
    assert_eq!(std::fs::read_dir(data.path().join("blobs")).unwrap().count(), 2);
    let (next, _) = api.draft("Next").await;
    assert!(next > draft, "numbers are never given away twice");
    served.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_at_any_moment_of_publishing_end_in_all_or_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut drafts: Vec<(u64, bool)> = Vec::new();
    for _ in 0..6 {
        let served = Served::start(data.path());
        let api = Api::new(&served.base, "alice-token");
        for (id, was_published) in std::mem::take(&mut drafts) {
            let read = api.json("GET", &format!("/api/deposit/depositions/{id}"), None).await;
            let record = api.send("GET", &format!("/api/records/{id}"), None).await;
            let is_published = read["submitted"].as_bool().unwrap();
            assert!(is_published || !was_published, "an answered publication is gone");
            assert_eq!(record.status().is_success(), is_published);
            assert_eq!(read["doi"].is_string(), is_published);
            assert_eq!(read["files"].as_array().unwrap().len(), 1);
        }
        for n in 0..4 {
            let (id, bucket) = api.draft("Killed").await;
            api.put(format!("{bucket}/a.txt"), "content").await;
            let published = n < 3 && api.publish(id).await["submitted"] == true;
            drafts.push((id, published));
        }
        let (last, _) = drafts[3];
        let mut stream = TcpStream::connect(authority(&served.base)).unwrap();
        let request = format!(
            "POST /api/deposit/depositions/{last}/actions/publish HTTP/1.1\r\nHost: {}\r\n\
             Authorization: Bearer alice-token\r\nContent-Length: 0\r\n\r\n",
            authority(&served.base)
        );
        stream.write_all(request.as_bytes()).unwrap();
        served.kill();
    }
}

#[tokio::test]
async fn a_second_start_joins_and_the_owner_waits_for_it() {
    let data = tempfile::tempdir().unwrap();
    let owner = server(data.path()).await;
    let mut options = ServeOptions::new(data.path().to_owned());
    options.communities = vec!["mathematics".to_owned()];
    let joined = start(options).await.unwrap();
    assert!(joined.is_joined() && !owner.is_joined());
    assert_eq!((joined.base_url(), joined.token()), (owner.base_url(), owner.token()));
    let api = Api::of(&joined);
    let community = api.json("GET", "/api/communities/mathematics", None).await;
    assert_eq!(community["slug"], "mathematics");
    let base = owner.base_url().to_owned();
    let mut stopping = tokio::spawn(owner.stop());
    let waits = tokio::time::timeout(Duration::from_millis(300), &mut stopping).await;
    assert!(waits.is_err(), "the owner went while another process was in");
    assert!(api.send("GET", "/api/me", None).await.status().is_success());
    joined.stop().await;
    stopping.await.unwrap();
    let again = server(data.path()).await;
    assert!(!again.is_joined());
    assert_eq!(again.base_url(), base, "the port is remembered");
    again.stop().await;
}

#[tokio::test]
async fn a_stale_server_file_is_not_trusted() {
    let data = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let stale = json!({"port": port, "token": "secret", "instance": "known"}).to_string();
    std::fs::write(data.path().join("server.json"), stale).unwrap();
    let owner = server(data.path()).await;
    assert!(!owner.is_joined());
    assert_ne!(owner.base_url(), format!("http://127.0.0.1:{port}"));
    owner.stop().await;
    assert!(!data.path().join("server.json").exists());
}

#[tokio::test]
async fn only_this_machine_and_this_origin_get_in() {
    let data = tempfile::tempdir().unwrap();
    let running = server(data.path()).await;
    let api = Api::of(&running);
    let status = |host: &str, method: &str, extra: &str| {
        let request = format!(
            "{method} /api/records HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Authorization: Bearer {}\r\nContent-Length: 2\r\n{extra}\r\n{{}}",
            running.token()
        );
        let (base, request) = (running.base_url().to_owned(), request);
        async move {
            let answer = tokio::task::spawn_blocking(move || raw(&base, &request, End::Unsaid))
                .await
                .unwrap();
            answer.split(' ').nth(1).unwrap().to_owned()
        }
    };
    let host = authority(&api.base);
    assert_eq!(status(host, "GET", "").await, "200");
    assert_eq!(status("example.org", "GET", "").await, "421");
    assert_eq!(status(host, "POST", "Origin: https://example.org\r\n").await, "403");
    assert_eq!(status(host, "POST", &format!("Origin: {}\r\n", api.base)).await, "201");
    let large = json!({"metadata": {"title": "x".repeat(3_000_000)}});
    let answer = api.send("POST", "/api/deposit/depositions", Some(large)).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.headers().get("access-control-allow-origin").is_none());
    running.stop().await;
}

#[tokio::test]
async fn downloads_are_attachments_that_no_browser_runs() {
    let data = tempfile::tempdir().unwrap();
    let running = server(data.path()).await;
    let api = Api::of(&running);
    let (id, bucket) = api.draft("With a page in it").await;
    api.put(format!("{bucket}/page%20one.html"), "<script>alert(1)</script>").await;
    api.publish(id).await;
    let path = format!("/api/records/{id}/files/page%20one.html/content");
    let answer = api.send("GET", &path, None).await;
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/plain");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-disposition"), "attachment; filename*=UTF-8''page%20one.html");
    assert!(header("content-security-policy").contains("sandbox"));
    running.stop().await;
}

#[tokio::test]
async fn uploads_are_whole_or_not_there() {
    let data = tempfile::tempdir().unwrap();
    let running = server(data.path()).await;
    let api = Api::of(&running);
    let (id, bucket) = api.draft("Uploads").await;
    let short = format!(
        "PUT {}/short.bin HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
         Connection: close\r\nContent-Length: 100\r\n\r\nonly this",
        bucket.trim_start_matches(&api.base),
        authority(&api.base),
        api.token
    );
    let base = api.base.clone();
    let answer = tokio::task::spawn_blocking(move || raw(&base, &short, End::Said)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let pieces = ["chunk one, ", "chunk two"].map(Ok::<_, std::io::Error>);
    let chunked = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let answer = api.put(format!("{bucket}/chunked.txt"), chunked).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let read = api.json("GET", &format!("/api/deposit/depositions/{id}"), None).await;
    let files = read["files"].as_array().unwrap();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(files[0]["filesize"], 20);
    // The bytes of a replaced file are removed, and so are those of a discarded draft.
    api.put(format!("{bucket}/chunked.txt"), "again").await;
    let blobs = || std::fs::read_dir(data.path().join("blobs")).unwrap().count();
    assert_eq!(blobs(), 1);
    api.send("DELETE", &format!("/api/deposit/depositions/{id}"), None).await;
    assert_eq!(blobs(), 0);
    running.stop().await;
}

/// Every field of the deposit API, with values that the server rewrites.
#[tokio::test]
async fn a_path_leads_only_to_what_the_server_keeps() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("canary.txt"), "canary-4711").unwrap();
    let running = server(&data.path().join("data")).await;
    let api = Api::of(&running);
    let (id, bucket) = api.draft("Paths").await;
    let bucket = bucket.trim_start_matches(&api.base).to_owned();
    let long = "a".repeat(60_000);
    let up = "..%2f..%2f..%2fcanary.txt";
    let names = [up, "../../../canary.txt", "..%5ccanary.txt", "%00", "a%00.txt", "..", "%2e%2e"];
    let mut paths: Vec<String> = names.map(|name| format!("{bucket}/{name}")).to_vec();
    paths.extend(names.map(|name| format!("/{name}")));
    paths.extend(names.map(|name| format!("/api/records/{id}/files/{name}/content")));
    paths.push(format!("{bucket}/{}", &long[..300]));
    paths.push(format!("/{long}"));
    paths.push(format!("/api/records/{}", "9".repeat(400)));
    for path in paths {
        for method in ["GET", "PUT", "DELETE"] {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
                 Authorization: Bearer {}\r\nContent-Length: 1\r\n\r\nx",
                authority(&api.base),
                api.token
            );
            let base = api.base.clone();
            let answer = tokio::task::spawn_blocking(move || raw(&base, &request, End::Unsaid))
                .await
                .unwrap();
            let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
            let start = path.chars().take(80).collect::<String>();
            // A name with a backslash or a NUL is a name; deleting it answers as the real one does.
            let is_known = status == "201" || (method == "DELETE" && status == "500");
            assert!(status.starts_with('4') || is_known, "{method} {start}: {answer}");
            assert!(!answer.contains("canary-4711"), "{method} {start}");
        }
    }
    let canary = std::fs::read_to_string(data.path().join("canary.txt")).unwrap();
    assert_eq!(canary, "canary-4711");
    let outside = std::fs::read_dir(data.path()).unwrap().count();
    assert_eq!(outside, 2, "only the canary and the data");
    running.stop().await;
}

#[tokio::test]
async fn another_users_token_opens_no_draft() {
    let data = tempfile::tempdir().unwrap();
    let mut options = ServeOptions::new(data.path().to_owned());
    options.seed = Some(zrel::local::parse_seed(include_str!("../../contract/seed.toml")).unwrap());
    let running = start(options).await.unwrap();
    let alice = Api::new(running.base_url(), crate::support::world::ALICE);
    let (id, bucket) = alice.draft("Alice's own").await;
    alice.put(format!("{bucket}/a.txt"), "private words").await;
    for token in [crate::support::world::BOB, "", "no-token"] {
        let other = Api::new(running.base_url(), token);
        for (method, path) in [
            ("GET", format!("/api/deposit/depositions/{id}")),
            ("PUT", format!("/api/deposit/depositions/{id}")),
            ("DELETE", format!("/api/deposit/depositions/{id}")),
            ("POST", format!("/api/deposit/depositions/{id}/actions/publish")),
            ("GET", format!("/api/deposit/depositions/{id}/files")),
            ("GET", format!("/api/records/{id}/draft/files/a.txt/content")),
        ] {
            let answer = other.send(method, &path, Some(json!({"metadata": {}}))).await;
            assert!(answer.status().is_client_error(), "{token} {method} {path}");
            assert!(!answer.text().await.unwrap().contains("private words"), "{method} {path}");
        }
        let answer = other.put(format!("{bucket}/a.txt"), "other words").await;
        assert!(answer.status().is_client_error(), "{token} writes into the bucket");
    }
    let read = alice.json("GET", &format!("/api/deposit/depositions/{id}"), None).await;
    assert_eq!(read["files"][0]["filesize"], 13);
    running.stop().await;
}

#[tokio::test]
async fn an_upload_larger_than_a_record_is_refused_and_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut options = ServeOptions::new(data.path().to_owned());
    options.max_record_bytes = 100_000;
    let running = start(options).await.unwrap();
    let api = Api::of(&running);
    let (_, bucket) = api.draft("Too large").await;
    // A false length, and a body without one.
    let claimed = format!(
        "PUT {}/claimed.bin HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
         Connection: close\r\nContent-Length: 50000000001\r\n\r\nonly this",
        bucket.trim_start_matches(&api.base),
        authority(&api.base),
        api.token
    );
    let base = api.base.clone();
    let answer =
        tokio::task::spawn_blocking(move || raw(&base, &claimed, End::Said)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    let pieces = std::iter::repeat_n(vec![b'x'; 10_000], 200).map(Ok::<_, std::io::Error>);
    let dripping = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let answer = api.put(format!("{bucket}/dripping.bin"), dripping).await;
    assert!(answer.status().is_client_error(), "{}", answer.status());
    let blobs = std::fs::read_dir(data.path().join("blobs")).map_or(0, Iterator::count);
    assert_eq!(blobs, 0);
    running.stop().await;
}

/// Begins an upload of four bytes, and returns when the server reads its body.
async fn begin_upload(api: &Api, url: String) -> TcpStream {
    let (address, path) = (authority(&api.base), url.trim_start_matches(&api.base));
    let head = format!(
        "PUT {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
         Connection: close\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
        api.token
    );
    let mut upload = TcpStream::connect(address).unwrap();
    let reader = tokio::task::spawn_blocking(move || {
        upload.write_all(head.as_bytes()).unwrap();
        let mut line = [0; 25];
        upload.read_exact(&mut line).unwrap();
        assert_eq!(&line, b"HTTP/1.1 100 Continue\r\n\r\n");
        upload
    });
    reader.await.unwrap()
}

/// New files are taken in parallel; a replacement or a deletion beside another write is refused,
/// and the old bytes stay (zenodo-facts.md, 2026-11-28).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_not_replaced_or_deleted_beside_another_write() {
    let data = tempfile::tempdir().unwrap();
    let running = server(data.path()).await;
    let api = Api::of(&running);
    let (draft, bucket) = api.draft("In parallel").await;
    let put = |key: &str, bytes: &'static str| api.put(format!("{bucket}/{key}"), bytes);
    assert_eq!(put("old.txt", "first").await.status(), 201);
    let (_, other_bucket) = api.draft("Another").await;

    let mut slow = begin_upload(&api, format!("{bucket}/slow.txt")).await;
    assert_eq!(put("new.txt", "new").await.status(), 201);
    assert_eq!(put("old.txt", "second").await.status(), 500);
    let path = format!("/api/deposit/depositions/{draft}");
    let read = api.json("GET", &path, None).await;
    let old = read["files"].as_array().unwrap().iter().find(|file| file["filename"] == "old.txt");
    let delete = format!("{path}/files/{}", old.unwrap()["id"].as_str().unwrap());
    assert_eq!(api.send("DELETE", &delete, None).await.status(), 500);
    assert_eq!(api.put(format!("{other_bucket}/a.txt"), "other").await.status(), 201);
    // The metadata are replaced beside uploads.
    let body = json!({"metadata": metadata("In parallel, too")});
    assert_eq!(api.send("PUT", &path, Some(body)).await.status(), 200);
    let answer = tokio::task::spawn_blocking(move || {
        slow.write_all(b"slow").unwrap();
        let mut answer = String::new();
        slow.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(answer.await.unwrap().starts_with("HTTP/1.1 201"), "it was new");

    let content = api.send("GET", &format!("{bucket}/old.txt"), None).await;
    assert_eq!(content.text().await.unwrap(), "first");
    assert_eq!(put("old.txt", "second").await.status(), 201, "alone");
    assert_eq!(api.send("DELETE", &delete, None).await.status(), 404, "it has another id now");
    running.stop().await;
}

#[tokio::test]
async fn a_server_stops_while_an_upload_and_a_request_never_end() {
    let data = tempfile::tempdir().unwrap();
    let running = server(data.path()).await;
    let api = Api::of(&running);
    let (_, bucket) = api.draft("Never ends").await;
    let mut slow = TcpStream::connect(authority(&api.base)).unwrap();
    slow.write_all(b"GET /api/records HTTP/1.1\r\nHost: 127").unwrap();
    let mut upload = TcpStream::connect(authority(&api.base)).unwrap();
    let head = format!(
        "PUT {}/a.bin HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
         Expect: 100-continue\r\nContent-Length: 40000000000\r\n\r\n",
        bucket.trim_start_matches(&api.base),
        authority(&api.base),
        api.token
    );
    upload.write_all(head.as_bytes()).unwrap();
    // The server says this when it begins to read the body.
    let reader = tokio::task::spawn_blocking(move || {
        let mut line = [0; 25];
        upload.read_exact(&mut line).unwrap();
        upload.write_all(b"a little").unwrap();
        (upload, line)
    });
    let (upload, line) = reader.await.unwrap();
    assert_eq!(&line, b"HTTP/1.1 100 Continue\r\n\r\n");
    running.stop().await;
    assert!(!data.path().join("server.json").exists());
    drop((slow, upload));
    let again = server(data.path()).await;
    again.stop().await;
}

fn every_field() -> Value {
    json!({
        "title": "Every field",
        "upload_type": "publication",
        "publication_type": "dissertation",
        "description": "<p>“Curly” &amp; <img src=x> clean</p>",
        "creators": [
            {"name": "Weiss, Tobias", "orcid": "0000-0002-1825-0097", "affiliation": "Independent"},
            {"name": "CERN", "gnd": "gnd:1234567-8"},
        ],
        "contributors": [{"name": "Doe, Jane", "type": "ProjectLeader"}],
        "thesis_supervisors": [{"name": "Roe, Richard"}],
        "thesis_university": "Geneva",
        "access_right": "embargoed",
        "embargo_date": "2099-01-01",
        "license": "MIT",
        "keywords": ["one", "two"],
        "notes": "A note.",
        "method": "A method.",
        "language": "de",
        "grants": [{"id": "283595"}, {"id": "10.13039/501100001711::149632"}],
        "related_identifiers": [
            {"identifier": "0378-5955", "relation": "isAlternateIdentifier"},
            {"identifier": "https://doi.org/10.1234/foo", "relation": "isOriginalFormOf"},
        ],
        "references": ["One", "Two"],
        "communities": [{"identifier": "c1"}],
        "dates": [{"start": "2026-01", "end": "2026-02", "type": "Collected"}],
        "locations": [{"place": "Geneva", "lat": 46.2, "lon": 6.1, "description": "Lake"}],
        "subjects": [{"term": "Astronomy", "identifier": "http://example.org/a", "scheme": "url"}],
        "journal_title": "Journal",
        "conference_url": "https://example.org",
        "imprint_isbn": "978-3-16-148410-0",
        "partof_title": "Book",
        "version": "1.0",
    })
}

#[tokio::test]
async fn metadata_read_and_sent_back_stay_as_they_are() {
    let data = tempfile::tempdir().unwrap();
    let running = server(data.path()).await;
    let api = Api::of(&running);
    let (id, _) = api.draft("Round trip").await;
    let path = format!("/api/deposit/depositions/{id}");
    let sent = api.json("PUT", &path, Some(json!({"metadata": every_field()}))).await;
    let first = sent["metadata"].clone();
    assert_eq!(first["license"], "mit-license", "{sent}");
    assert_eq!(first["language"], "deu");
    assert_eq!(first["description"], "<p>\"Curly\" &amp;  clean</p>");
    assert_eq!(first["grants"][0]["id"], "10.13039/501100000780::283595");
    assert_eq!(first["related_identifiers"][0]["identifier"], "10.1234/foo");
    assert_eq!(first["related_identifiers"][1]["relation"], "isAlternateIdentifier");
    assert_eq!(first["contributors"].as_array().unwrap().len(), 2);
    let again = api.json("PUT", &path, Some(json!({"metadata": first}))).await;
    assert_eq!(again["metadata"], first);
    assert_eq!(api.json("GET", &path, None).await["metadata"], first);
    running.stop().await;
}

#[tokio::test]
async fn a_record_takes_as_many_files_as_it_may_hold() {
    let data = tempfile::tempdir().unwrap();
    let mut options = ServeOptions::new(data.path().to_owned());
    (options.max_files, options.max_record_bytes) = (2, 10);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&lines);
    options.log = Some(Box::new(move |line| seen.lock().unwrap().push(line.to_owned())));
    let running = start(options).await.unwrap();
    let api = Api::of(&running);
    let (id, bucket) = api.draft("Full").await;
    let statuses = async {
        let mut statuses = Vec::new();
        for (key, text) in
            [("a", "12345"), ("b", "1234567"), ("b", "12345"), ("c", "1"), ("a", "1")]
        {
            statuses.push(api.put(format!("{bucket}/{key}"), text).await.status().as_u16());
        }
        statuses
    };
    assert_eq!(statuses.await, [201, 400, 201, 400, 201]);
    let lines = lines.lock().unwrap().clone();
    assert_eq!(lines[0], "POST /api/deposit/depositions 201 158");
    let path = bucket.trim_start_matches(&api.base);
    assert_eq!(lines[1], format!("PUT {path}/a 201 5"));
    assert_eq!(lines.len(), 6);
    assert!((10_000_000..=99_999_999).contains(&id), "eight digits: {id}");
    running.stop().await;
}

#[tokio::test]
async fn a_session_writes_only_with_its_csrf_token_whatever_else_is_sent() {
    let data = tempfile::tempdir().unwrap();
    let running = server(data.path()).await;
    let api = Api::of(&running);
    let link = running.sign_in_link("/").await.unwrap();
    let answer = api.client.get(&link).send().await.unwrap();
    let session = answer.headers()["set-cookie"].to_str().unwrap();
    let session = session.split(';').next().unwrap().to_owned();
    let create = async |headers: &[(&str, &str)]| {
        let mut request = api.client.post(format!("{}/api/deposit/depositions", api.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.header("content-type", "application/json").body("{}");
        let answer = answer.send().await.unwrap();
        let cookie = answer.headers().get("set-cookie").map(|set| set.to_str().unwrap().to_owned());
        (answer.status().as_u16(), answer.text().await.unwrap(), cookie)
    };
    let (status, _, set) = create(&[("authorization", &format!("Bearer {}", api.token))]).await;
    assert_eq!(status, 201);
    let csrf = set.unwrap().split(';').next().unwrap().to_owned();
    let both = format!("{session}; {csrf}");
    let header = csrf.trim_start_matches("csrftoken=");

    for bogus in ["Bearer nonsense", "Bearer ", "Basic YTpi", "x"] {
        let (status, said, _) = create(&[("cookie", &session), ("authorization", bogus)]).await;
        assert!(status == 400 && said.contains("CSRF cookie not set."), "{bogus}: {status} {said}");
        let (status, said, _) = create(&[("cookie", &both), ("authorization", bogus)]).await;
        assert!(status == 400 && said.contains("CSRF token missing"), "{bogus}: {status} {said}");
        // A valid session with its token wins over an invalid token, as on the real server.
        let all = [("cookie", both.as_str()), ("x-csrftoken", header), ("authorization", bogus)];
        assert_eq!(create(&all).await.0, 201, "{bogus}");
    }
    let token = format!("Bearer {}", api.token);
    assert_eq!(create(&[("cookie", &session), ("authorization", &token)]).await.0, 201);
    assert_eq!(create(&[("cookie", &both), ("authorization", &token)]).await.0, 201);
    assert_eq!(create(&[("authorization", "Bearer nonsense")]).await.0, 403);
    running.stop().await;
}

#[tokio::test]
async fn pages_show_records_publicly_and_drafts_to_their_owner() {
    let data = tempfile::tempdir().unwrap();
    let running = server(data.path()).await;
    let api = Api::of(&running);
    let (id, bucket) = api.draft("A <b>bold</b> title").await;
    api.put(format!("{bucket}/a.txt"), "content").await;
    api.publish(id).await;
    let (draft, _) = api.draft("Not for everybody").await;
    let get = async |path: &str, cookie: &str| {
        let request = api.client.get(format!("{}{path}", api.base)).header("cookie", cookie);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, page) = get(&format!("/records/{id}"), "").await;
    assert_eq!(status, 200);
    assert!(page.contains("A &lt;b&gt;bold&lt;/b&gt; title"), "{page}");
    assert!(page.contains(&format!("/api/records/{id}/files/a.txt/content")));
    assert_eq!(get(&format!("/uploads/{draft}"), "").await.0, 404);
    assert!(!get("/", "").await.1.contains("Not for everybody"));
    let link = running.sign_in_link(&format!("/uploads/{draft}")).await.unwrap();
    let answer = api.client.get(&link).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(answer.headers()["location"], format!("/uploads/{draft}").as_str());
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let (status, page) = get(&format!("/uploads/{draft}"), cookie).await;
    assert_eq!(status, 200);
    assert!(page.contains("Not for everybody"));
    assert_eq!(api.client.get(&link).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    running.stop().await;
}

#[tokio::test]
async fn what_a_readme_and_a_form_load_is_answered() {
    let data = tempfile::tempdir().unwrap();
    let running = start(ServeOptions::new(data.path().to_owned())).await.unwrap();
    let api = Api::of(&running);
    let (id, bucket) = api.draft("Tables").await;
    api.put(format!("{bucket}/a.txt"), "one,two").await;
    let path = format!("/records/{id}/files/a.txt?download=1");
    assert_eq!(api.send("GET", &path, None).await.status(), 404, "it is not published");
    let publish = format!("/api/deposit/depositions/{id}/actions/publish");
    let published = api.json("POST", &publish, None).await;
    let get = async |path: &str| {
        let url = if path.starts_with("http") { path.to_owned() } else { api.base.clone() + path };
        api.client.get(url).send().await.unwrap()
    };
    let read = async |path: &str| -> Value {
        serde_json::from_str(&get(path).await.text().await.unwrap()).unwrap()
    };
    let file = get(&path).await;
    assert_eq!(file.text().await.unwrap(), "one,two");
    // Of what is published everybody lists the files, also by the deposit API.
    let listing = format!("/api/deposit/depositions/{id}/files");
    assert_eq!(get(&listing).await.status(), 200);
    let doi = published["doi"].as_str().unwrap();
    let badge = get(&format!("/badge/DOI/{doi}.svg")).await;
    assert_eq!(badge.headers()["content-type"], "image/svg+xml");
    assert!(badge.text().await.unwrap().contains(doi));
    let licenses = get("/api/licenses?q=cc-by-4&size=5").await;
    assert_eq!(licenses.status(), 301);
    let to = licenses.headers()["location"].to_str().unwrap().to_owned();
    let all = read(&to).await;
    assert_eq!(all["hits"]["hits"][0]["id"], "cc-by-4.0");
    let path = "/api/vocabularies/code:programmingLanguages/python";
    assert_eq!(read(path).await["title"]["en"], "Python");
    assert_eq!(get("/api/vocabularies/nonsense").await.status(), 404);
    running.stop().await;
}

#[tokio::test]
async fn the_owner_of_a_draft_raises_its_quota_within_bounds() {
    let data = tempfile::tempdir().unwrap();
    let mut options = ServeOptions::new(data.path().to_owned());
    options.seed = Some(zrel::local::parse_seed(include_str!("../../contract/seed.toml")).unwrap());
    options.max_record_bytes = 10;
    let running = start(options).await.unwrap();
    let alice = Api::new(running.base_url(), crate::support::world::ALICE);
    let (id, bucket) = alice.draft("Large").await;
    let upload =
        async || alice.put(format!("{bucket}/a.txt"), "more than ten bytes").await.status();
    assert_eq!(upload().await, 400);
    let path = format!("/api/records/{id}/quota-increase");
    let raise = async |api: &Api, gigabytes: u64| {
        let body = json!({"quota_size": gigabytes.to_string()});
        api.send("POST", &path, Some(body)).await.status()
    };
    let bob = Api::new(running.base_url(), crate::support::world::BOB);
    assert_eq!(raise(&bob, 1).await, 403);
    assert_eq!(raise(&alice, 151).await, 403);
    assert_eq!(raise(&alice, 100).await, 200);
    assert_eq!(upload().await, 201);
    // What one record has is not there for another.
    let (other, _) = alice.draft("Another").await;
    let path = format!("/api/records/{other}/quota-increase");
    let body = json!({"quota_size": "51"});
    assert_eq!(alice.send("POST", &path, Some(body)).await.status(), 403);
    running.stop().await;
}

/// A value that is not taken: its key and itself, the field that is named and the message, and whether
/// the draft keeps it, and is refused when it is published.
type Untaken = (&'static str, Value, &'static str, &'static str, bool);

fn list_untaken() -> Vec<Untaken> {
    let person = |identifier: Value, homes: Value| {
        json!([{"person_or_org": {"type": "personal", "family_name": "Weiss",
            "identifiers": identifier}, "affiliations": homes}])
    };
    let id_of = |scheme: &str, id: &str| json!([{"scheme": scheme, "identifier": id}]);
    let feature = |it: Value| json!({"features": [it]});
    let none = json!([]);
    let twice = json!([{"name": "ETH"}, {"name": "ETH"}]);
    let line = json!({"type": "LineString", "coordinates": [[6.1, 46.2], [6.8, 46.4]]});
    vec![
        ("version", json!("v".repeat(192)), "version", "Longer than maximum length 191.", false),
        ("sizes", json!([" ", "5 pages"]), "sizes.0", "Size cannot be a blank string.", false),
        ("copyright", json!(""), "copyright", "Shorter than minimum length 1.", false),
        (
            "locations",
            feature(json!({"place": "Here", "geometry": line})),
            "locations.features.0.geometry.type",
            "Unsupported value: LineString",
            false,
        ),
        ("locations", feature(json!({})), "locations.features.0.locations", "At least one", true),
        (
            "funding",
            json!([{"funder": {"name": "A fund"}, "award": {"title": {"en": "Ice"}}}]),
            "funding.0.award.award",
            "An existing id or number/title must be present.",
            true,
        ),
        (
            "creators",
            person(none.clone(), twice),
            "creators.0.affiliations",
            "Duplicated affiliations: ETH",
            true,
        ),
        (
            "creators",
            person(id_of("isni", "0000 0001 2156 1421"), none.clone()),
            "creators.0.person_or_org.identifiers.0.identifier",
            "Invalid ISNI identifier.",
            true,
        ),
        (
            "creators",
            person(id_of("ror", "not one"), none),
            "creators.0.person_or_org.identifiers.0.identifier",
            "Invalid ROR identifier.",
            true,
        ),
    ]
}

/// What a PUT of the records API says of a value that it does not take, by the server's own code: it
/// drops it, or keeps it and refuses to publish.
#[tokio::test]
async fn a_draft_tells_what_it_does_not_take() {
    let data = tempfile::tempdir().unwrap();
    let mut options = ServeOptions::new(data.path().to_owned());
    options.seed = Some(zrel::local::parse_seed(include_str!("../../contract/seed.toml")).unwrap());
    let running = start(options).await.unwrap();
    let api = Api::new(running.base_url(), crate::support::world::ALICE);
    let (id, bucket) = api.draft("Faults").await;
    api.put(format!("{bucket}/a.txt"), "bytes").await;
    let path = format!("/api/records/{id}/draft");
    let native = async |method: &str, body: Option<Value>| -> Value {
        let request = api.client.request(method.parse().unwrap(), format!("{}{path}", api.base));
        let request = request.bearer_auth(&api.token);
        let request = request.header("accept", "application/vnd.inveniordm.v1+json");
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = request.header("content-type", "application/json").body(body);
        serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap()
    };
    let draft = native("GET", None).await;
    for (key, value, field, message, is_kept) in list_untaken() {
        let mut sent = draft.clone();
        sent["metadata"][key] = value;
        let written = native("PUT", Some(sent)).await;
        let told = &written["errors"][0];
        assert_eq!(told["field"], format!("metadata.{field}"), "{key}: {written:#}");
        assert!(told["messages"][0].as_str().unwrap().starts_with(message), "{key}: {told}");
        let published = api.send("POST", &format!("{path}/actions/publish"), None).await;
        assert_eq!(published.status() == 400, is_kept, "{key}");
        if !is_kept {
            api.send("POST", &path, None).await;
        }
    }
    running.stop().await;
}
