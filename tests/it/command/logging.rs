//! What `-v` and `ZREL_LOG` say: on stderr alone, and never a secret.

use std::sync::Mutex;

use crate::apply::bad_server::small_zenodo;
use crate::command::command_line::{
    FakeServer, NO_HITS, Project, Ran, TOKEN, respond, respond_with, run, variable,
};
use crate::support::world::{ALICE, FILES, World, manifest};

/// Runs with the token and these variables.
fn run_with(project: &Project, url: &str, args: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = project.command(args);
    command.env(variable(url), TOKEN).envs(variables.iter().copied());
    run(command)
}

/// Returns the lines of a part.
fn lines_of<'a>(stderr: &'a str, part: &str) -> Vec<&'a str> {
    let begins =
        ["ERROR", " WARN", " INFO", "DEBUG", "TRACE"].map(|level| format!("{level} {part}: "));
    stderr.lines().filter(|line| begins.iter().any(|begin| line.starts_with(begin))).collect()
}

const PARTS: [&str; 5] = ["http", "inventory", "journal", "notify", "refresh"];

/// Asserts that no spelling of the token, no header and no query is there.
#[track_caller]
fn assert_no_secret(ran: &Ran) {
    let all = ran.all();
    let encoded: String = url::form_urlencoded::byte_serialize(TOKEN.as_bytes()).collect();
    for secret in [TOKEN, &encoded, &TOKEN.replace('/', "\\/"), "Bearer", "Sekrit"] {
        assert!(!all.contains(secret), "{secret}\n{all}");
    }
    assert!(!all.to_lowercase().contains("authorization"), "{all}");
    for line in PARTS.iter().flat_map(|part| lines_of(&ran.stderr, part)) {
        assert!(!line.contains('?') && !line.contains("access_token"), "{line}");
    }
}

#[test]
fn no_token_no_header_and_no_query_is_said_and_stdout_is_the_same() {
    let server = FakeServer::start(|request, _, stream| {
        // It repeats all that it was sent, in the answer and as the target of a redirect.
        if request.line.starts_with("GET /api/user/records?") && !request.line.contains("again") {
            let token = TOKEN.replace('+', "%2B").replace('/', "%2F");
            let target = format!("/api/user/records?again=1&access_token={TOKEN}#{token}");
            let headers = format!(
                "Location: {target}\r\nX-Was: {}\r\n",
                request.headers.replace("\r\n", " ")
            );
            return respond_with(stream, "302 Found", &headers, &request.headers);
        }
        respond(stream, "200 OK", "application/json", NO_HITS)
    });
    let project = Project::on(&server.url);
    let plain = project.run_with_token(&server.url, &["plan"]);
    plain.ends(0);
    assert!(PARTS.iter().all(|part| lines_of(&plain.stderr, part).is_empty()), "{}", plain.stderr);
    for (args, variables) in [
        (&["plan", "-vv"] as &[&str], &[("ZREL_LOG", "trace")] as &[(&str, &str)]),
        (&["-v", "-v", "-v", "plan"], &[]),
        (&["plan"], &[("ZREL_LOG", "http=trace,refresh=debug,inventory=debug,journal=debug")]),
    ] {
        let ran = run_with(&project, &server.url, args, variables);
        ran.ends(0);
        assert_eq!(ran.stdout, plain.stdout);
        assert_no_secret(&ran);
        let calls = lines_of(&ran.stderr, "http");
        assert!(calls.iter().any(|line| line.contains("GET /api/user/records status=302 ms=")));
        assert!(calls.iter().any(|line| {
            line.contains(" status=200 ms=") && line.contains(" attempt=1 bytes=")
        }));
        assert!(!lines_of(&ran.stderr, "refresh").is_empty(), "{}", ran.stderr);
    }
}

#[test]
fn a_host_that_must_not_be_asked_is_named_without_its_query() {
    let server = FakeServer::start(|request, _, stream| {
        let bucket = format!("https://example.org/bucket?access_token={TOKEN}");
        small_zenodo(request, stream, &bucket)
    });
    let project = Project::on(&server.url);
    let args = ["-vv", "apply", "--initial", "--auto-approve"];
    let ran = run_with(&project, &server.url, &args, &[("ZREL_LOG", "trace")]);
    ran.ends(12);
    let lines = PARTS.map(|part| lines_of(&ran.stderr, part).join("\n")).join("\n");
    assert!(!lines.contains("Sekrit") && !lines.contains("access_token"), "{lines}");
    assert!(!lines_of(&ran.stderr, "journal").is_empty(), "{}", ran.stderr);
}

#[test]
fn a_repeat_is_said_with_its_reason() {
    let failed = Mutex::new(false);
    let server = FakeServer::start(move |_, _, stream| {
        let was_failed = std::mem::replace(&mut *failed.lock().unwrap(), true);
        let status = if was_failed { "200 OK" } else { "503 Service Unavailable" };
        respond(stream, status, "application/json", NO_HITS)
    });
    let project = Project::on(&server.url);
    let ran = run_with(&project, &server.url, &["plan", "--verbose"], &[]);
    ran.ends(0);
    let calls = lines_of(&ran.stderr, "http");
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert!(
        calls[0].contains(" again in ") && calls[0].ends_with("the answer was 503"),
        "{calls:?}"
    );
    // With the second letter the calls are said too, and how often each was tried.
    let ran = run_with(&project, &server.url, &["plan", "-vv"], &[]);
    assert!(lines_of(&ran.stderr, "http").iter().all(|line| line.contains("attempt=1")));
}

#[test]
fn an_apply_says_its_stages_its_cache_and_its_journal() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    let ran = world.expect(0, &["apply", "--initial", "--auto-approve", "-vv"]);
    let journal = lines_of(&ran.stderr, "journal");
    assert!(
        journal.iter().any(|line| line.contains(r#""at":"before","call":"publish""#)),
        "{}",
        ran.stderr
    );
    assert_eq!(journal.last(), Some(&"DEBUG journal: removed"));
    assert!(
        lines_of(&ran.stderr, "http")
            .iter()
            .any(|line| line.contains("PUT ") && line.contains("bytes=8"))
    );
    assert!(
        lines_of(&ran.stderr, "inventory")
            .contains(&" INFO inventory: digests: 0 cached, 1 to be read")
    );
    assert!(!ran.stderr.contains(ALICE) && !ran.stdout.contains("DEBUG"));
    let ran = world.expect(0, &["plan", "-v"]);
    let refresh = lines_of(&ran.stderr, "refresh");
    assert!(refresh[0].starts_with(" INFO refresh: the record: version "), "{refresh:?}");
    assert!(
        lines_of(&ran.stderr, "journal").is_empty() && lines_of(&ran.stderr, "http").is_empty()
    );
}

#[test]
fn foreign_text_is_harmless_to_a_terminal_and_to_a_runner() {
    let server = FakeServer::always("200 OK", "application/json", NO_HITS);
    let project = Project::on(&server.url);
    project.write("##[error]x.txt", "x");
    let text = crate::command::command_line::manifest(&server.url);
    project.write(
        "zenodo.toml",
        format!("{text}\n[[files]]\npath = \"*.txt\"\nexclude = [\"data.txt\"]\n"),
    );
    let variables = [("ZREL_LOG", "debug"), ("GITHUB_ACTIONS", "true")];
    let ran = run_with(&project, &server.url, &["plan"], &variables);
    assert!(ran.stderr.contains("DEBUG inventory: reads ## [error]x.txt"), "{}", ran.all());
    assert!(!ran.all().contains("##["), "{}", ran.all());
}

#[test]
fn a_variable_that_is_not_understood_is_a_fault_of_usage() {
    let server = FakeServer::always("200 OK", "application/json", NO_HITS);
    let project = Project::on(&server.url);
    for (levels, phrase) in [("hyper=trace", "no part `hyper`"), ("http=loud", "no list of levels")]
    {
        let ran = run_with(&project, &server.url, &["plan"], &[("ZREL_LOG", levels)]);
        ran.fails(64, &["ZREL_LOG", phrase, "http, inventory, journal, notify, refresh"]);
    }
    assert!(server.requests().is_empty());
}
