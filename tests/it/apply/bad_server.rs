//! Servers that are not a Zenodo, or a faulty Zenodo: each ends with one clear message and its
//! exit code; zrel sends nothing where it should not, and changes no local file.

use std::io::Write;
use std::net::TcpStream;

use serde_json::json;

use crate::command::command_line::{
    FakeServer, NO_HITS, Project, Ran, Request, respond, respond_with, variable,
};

/// Plans, shows and applies against a server, which must see no write.
fn each_verb(server: &FakeServer, code: i32, phrases: &[&str]) {
    for args in [&["plan"] as &[&str], &["status"], &["apply", "--initial", "--auto-approve"]] {
        refused(server, args).fails(code, phrases);
    }
}

fn refused(server: &FakeServer, args: &[&str]) -> Ran {
    let project = Project::on(&server.url);
    let before = project.memory();
    let ran = project.run_with_token(&server.url, args);
    assert_eq!(server.writes(), Vec::<String>::new(), "{}", ran.all());
    assert_eq!(project.memory(), before, "{}", ran.all());
    ran
}

#[test]
fn a_page_of_html_is_not_a_zenodo() {
    let page = "<!doctype html><title>Welcome to our library</title>";
    let server = FakeServer::always("200 OK", "text/html; charset=utf-8", page);
    each_verb(
        &server,
        69,
        &["the server is not a Zenodo", "`text/html`", "Welcome", "hint: check"],
    );
}

#[test]
fn other_json_is_not_a_zenodo() {
    for body in [
        "{\"hello\": \"world\"}",
        "null",
        "3",
        "[{\"hello\": \"world\"}]",
        "[[]]",
        "[null]",
        "{\"hits\": {\"hits\": []}}",
        "{\"hits\": {\"hits\": [{\"hello\": \"world\"}], \"total\": 1}}",
        "{\"hits\": {\"hits\": [null], \"total\": 1}}",
    ] {
        let server = FakeServer::always("200 OK", "application/json", body);
        let ran = refused(&server, &["apply", "--initial", "--auto-approve"]);
        ran.fails(69, &["the server is not a Zenodo", "hint: check the server's url"]);
    }
}

#[test]
fn a_listing_without_titles_is_still_a_listing() {
    let entry = json!({"id": "7", "parent": {"id": "6"}, "is_published": false, "metadata": {}});
    let body = json!({"hits": {"hits": [entry], "total": 1}}).to_string();
    let server = FakeServer::always("200 OK", "application/json", &body);
    refused(&server, &["plan"]).ends(0);
}

#[test]
fn half_an_answer_counts_as_no_answer() {
    let server = FakeServer::start(|_, _, stream| {
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n[]")
    });
    let ran = refused(&server, &["apply", "--initial", "--auto-approve"]);
    ran.fails(69, &["looking for your own records failed", "the answer was lost", "later"]);
    assert!(server.requests().len() > 1, "a read is tried again");
}

#[test]
fn a_hung_up_connection_is_no_answer() {
    let server = FakeServer::start(|_, _, _| Ok(()));
    refused(&server, &["plan"]).fails(69, &["the answer was lost", "run this again later"]);
}

#[test]
fn an_answer_without_end_is_cut() {
    let server = FakeServer::start(|_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")?;
        loop {
            stream.write_all(&[b' '; 8192])?;
        }
    });
    let ran = refused(&server, &["apply", "--initial", "--auto-approve"]);
    ran.fails(69, &["the answer is larger than", "hint: check the server's url"]);
    assert_eq!(server.requests().len(), 1, "trying again would not help");
}

#[test]
fn a_header_without_end_is_cut() {
    let server = FakeServer::start(|_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nX-Long: ")?;
        loop {
            stream.write_all(&[b'x'; 8192])?;
        }
    });
    each_verb(&server, 69, &["hint: "]);
}

#[test]
fn headers_without_number_are_cut() {
    let server = FakeServer::start(|_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
        loop {
            stream.write_all(&b"X-More: and more\r\n".repeat(100))?;
        }
    });
    each_verb(&server, 69, &["hint: "]);
}

#[test]
fn deep_json_is_not_a_zenodo() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for body in [open.repeat(200_000), open.repeat(5_000) + "1" + &close.repeat(5_000)] {
            let server = FakeServer::always("200 OK", "application/json", &body);
            each_verb(&server, 69, &["hint: "]);
            let in_error = FakeServer::always("400 Bad Request", "application/json", &body);
            let ran = refused(&in_error, &["plan"]);
            ran.fails(69, &["is not a Zenodo"]);
            assert!(ran.stderr.len() < 20_000, "{} bytes of stderr", ran.stderr.len());
        }
    }
}

#[test]
fn a_server_that_does_not_speak_http_is_not_a_zenodo() {
    let server = FakeServer::start(|_, _, stream| stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n"));
    refused(&server, &["plan"]).fails(69, &["hint: "]);
}

#[test]
fn a_server_that_does_not_listen_is_reported() {
    let project = Project::on("http://127.0.0.1:1");
    let ran = project.run_with_token("http://127.0.0.1:1", &["plan"]);
    // One line says it, whatever the layers of the connection say of each other.
    let line = "error: looking for your own records failed: can't connect to 127.0.0.1:1: \
                Connection refused (os error 111)\n";
    ran.fails(69, &[line, "hint: check the network and the server's url, or run this later"]);
    assert!(!ran.stderr.contains("caused by"), "{}", ran.all());
}

#[test]
fn a_server_that_is_out_of_order_is_reported() {
    let cases = [
        ("500 Internal Server Error", "application/json", "{\"message\": \"we are sorry\"}"),
        ("502 Bad Gateway", "text/html", "<h1>we are sorry</h1>"),
        ("503 Service Unavailable", "text/plain", "we are sorry"),
    ];
    std::thread::scope(|scope| {
        for (status, content_type, body) in cases {
            scope.spawn(move || {
                let server = FakeServer::always(status, content_type, body);
                let ran = refused(&server, &["apply", "--initial", "--auto-approve"]);
                ran.fails(69, &["is not available", "we are sorry", "run this again later"]);
            });
        }
    });
}

#[test]
fn credentials_that_are_refused_for_everything_are_reported() {
    for (status, words) in [("401 Unauthorized", "Who are you?"), ("403 Forbidden", "Not you.")] {
        let body = json!({"status": 401, "message": words}).to_string();
        let server = FakeServer::always(status, "application/json", &body);
        let source = format!("the token came from {}", variable(&server.url));
        let phrases =
            ["the server refuses the credentials", words, "check the credential", &source];
        each_verb(&server, 77, &phrases);
        let project = Project::on(&server.url);
        project.write("zenodo.lock", lock(&server.url));
        let before = project.memory();
        let ran = project.run_with_token(&server.url, &["apply", "--auto-approve"]);
        ran.fails(77, &["the server refuses the credentials", words]);
        assert_eq!(project.memory(), before);
        assert!(server.writes().is_empty());
    }
}

fn lock(url: &str) -> String {
    format!("format = 1\n\n[test]\nurl = \"{url}\"\nconcept = 10\nlast = 11\n")
}

#[test]
fn a_server_may_ask_for_a_second() {
    let server = FakeServer::start(|_, number, stream| {
        if number == 0 {
            let body = "{\"message\": \"slow down\"}";
            respond_with(stream, "429 Too Many Requests", "Retry-After: 1\r\n", body)
        } else {
            respond(stream, "200 OK", "application/json", NO_HITS)
        }
    });
    refused(&server, &["plan"]).ends(0);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_server_that_always_asks_for_time_is_busy() {
    let server = FakeServer::always("429 Too Many Requests", "text/html", "slow down");
    refused(&server, &["plan"]).fails(75, &["too many requests: slow down", "wait a minute"]);
}

/// Notes connections; a token must never come here.
fn elsewhere() -> FakeServer {
    FakeServer::always("200 OK", "application/json", NO_HITS)
}

#[test]
fn a_redirect_to_another_host_is_not_followed() {
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let other = elsewhere();
        let location = format!("Location: {}/api/deposit/depositions\r\n", other.url);
        let server =
            FakeServer::start(move |_, _, stream| respond_with(stream, status, &location, "{}"));
        let ran = refused(&server, &["apply", "--initial", "--auto-approve"]);
        ran.fails(69, &["names another host", &other.url, "no token goes there", "hint: "]);
        assert!(other.requests().is_empty(), "{:?}", other.requests());
    }
}

#[test]
fn a_redirect_to_itself_ends() {
    let server = FakeServer::start(|_, _, stream| {
        respond_with(stream, "302 Found", "Location: /api/deposit/depositions\r\n", "{}")
    });
    refused(&server, &["plan"]).fails(69, &["redirects without end", "hint: "]);
}

/// Answers as a Zenodo with nothing in it would until `POST` creates draft 21.
pub(crate) fn small_zenodo(
    request: &Request,
    stream: &mut TcpStream,
    bucket: &str,
) -> std::io::Result<()> {
    if request.line.starts_with("GET /api/user/records?") {
        return respond(stream, "200 OK", "application/json", NO_HITS);
    }
    let sent: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let mut metadata = sent["metadata"].clone();
    metadata["imprint_publisher"] = "Zenodo".into();
    let draft = json!({
        "id": 21,
        "conceptrecid": "20",
        "submitted": false,
        "state": "unsubmitted",
        "metadata": metadata,
        "files": [],
        "links": {"bucket": bucket, "html": "https://example.org/deposit/21"},
    });
    let status = if request.line.starts_with("POST") { "201 Created" } else { "200 OK" };
    respond(stream, status, "application/json", &draft.to_string())
}

#[test]
fn a_bucket_at_another_host_gets_neither_token_nor_file() {
    let other = elsewhere();
    let bucket = format!("{}/api/files/bucket", other.url);
    let server =
        FakeServer::start(move |request, _, stream| small_zenodo(request, stream, &bucket));
    let project = Project::on(&server.url);
    let ran = project.run_with_token(&server.url, &["apply", "--initial", "--auto-approve"]);
    ran.fails(12, &["uploading `data.txt` failed", "names another host", "draft 21 is kept"]);
    assert!(other.requests().is_empty(), "{:?}", other.requests());
    assert_eq!(server.writes().len(), 2, "{:?}", server.writes());
}

#[test]
fn a_write_that_is_redirected_is_not_sent_on() {
    let other = elsewhere();
    let location = format!("Location: {}/api/deposit/depositions\r\n", other.url);
    let server = FakeServer::start(move |request, _, stream| {
        if request.is_write() {
            respond_with(stream, "307 Temporary Redirect", &location, "{}")
        } else {
            respond(stream, "200 OK", "application/json", NO_HITS)
        }
    });
    let project = Project::on(&server.url);
    let ran = project.run_with_token(&server.url, &["apply", "--initial", "--auto-approve"]);
    ran.fails(12, &["creating a deposition failed", "not a Zenodo"]);
    assert!(other.requests().is_empty(), "{:?}", other.requests());
}
