//! `zrel wait`: a release is ready when it is there for everybody, and not before.
//!
//! The time of these runs is virtual: no test waits.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};
use zrel::local::{ConcurrentAction, Fault, FaultKind, Matches};

use crate::apply::safety::{Fate, Proxy};
use crate::support::world::{FILES, World, manifest, publish_first};

/// A resolver of DOIs that answers with these statuses and addresses, the last one for ever.
struct FakeResolver {
    address: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl FakeResolver {
    fn start(answers: &[(u16, Option<String>)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (seen, answers) = (Arc::clone(&heads), answers.to_vec());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (mut head, mut buffer) = (Vec::new(), [0; 1024]);
                while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                    let n = stream.read(&mut buffer).unwrap();
                    if n == 0 {
                        break;
                    }
                    head.extend_from_slice(&buffer[..n]);
                }
                let mut seen = seen.lock().unwrap();
                let (status, to) = answers.get(seen.len()).or(answers.last()).unwrap();
                seen.push(String::from_utf8(head).unwrap());
                let to = to.as_ref().map(|to| format!("Location: {to}\r\n")).unwrap_or_default();
                let answer = format!(
                    "HTTP/1.1 {status} X\r\n{to}Content-Type: text/html\r\nConnection: close\r\n\
                     Content-Length: 4\r\n\r\n<p/>"
                );
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { address, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn fault(on: &str, times: usize, kind: FaultKind) -> Fault {
    Fault { on: Matches::parse(on).unwrap(), nth: 1, times, kind }
}

#[test]
fn a_release_that_is_there_is_ready_at_once() {
    let world = World::served();
    let id = publish_first(&world);
    world.requests();
    let ran = world.expect(0, &["wait"]);
    assert_eq!(ran.stdout, format!("ready    10.5072/zenodo.{id}, version 1.0 (record {id})\n"));
    assert_eq!(ran.stderr, "");
    assert_eq!(world.requests().len(), 3, "the record, and its concept with a redirect");
    let document = world.expect(0, &["wait", "--format", "json"]).json();
    let record = &document["records"][0];
    assert_eq!((&record["ready"], &record["missing"]), (&json!(true), &json!([])));
    assert_eq!(record["waited_seconds"], 0);
}

#[test]
fn a_release_that_comes_later_is_waited_for() {
    let world = World::served();
    let first = publish_first(&world);
    let draft = world.new_version_by_hand(first);
    let newer = draft["id"].as_u64().unwrap();
    world.put_file(&draft, "new.csv", "seven\n");
    world.put_metadata(newer, |metadata| metadata["publication_date"] = json!("2026-11-23"));
    // The next reads show the state before the publication.
    world.faults().set(vec![fault(
        "POST *",
        1,
        FaultKind::VisibleLate { reads: 5, answered: true },
    )]);
    world.action(newer, "publish");
    let ran = world.expect(0, &["wait", &newer.to_string(), "--format", "json"]);
    assert_eq!(world.faults().fired(), 1);
    let document = ran.json();
    assert_eq!(document["records"][0]["ready"], true, "{document:#}");
    // 2, 4, 8 seconds and so on.
    assert!(document["records"][0]["waited_seconds"].as_i64().unwrap() >= 6, "{document:#}");
    assert!(
        ran.stderr.starts_with(&format!("waiting  {newer}: the server does not have")),
        "{ran}"
    );
    assert_eq!(ran.stderr.lines().count(), 1, "{ran}");
    // The lock has an older version, and the concept points to a newer one by now.
    world.expect(0, &["wait"]);
}

#[test]
fn what_does_not_come_is_named_when_the_time_is_over() {
    let world = World::served();
    let id = publish_first(&world);
    world.requests();
    let ran = world.expect(75, &["wait", "77777777"]);
    let line = "missing  77777777: the server does not have the record (404): ";
    assert!(ran.stdout.starts_with(line) && ran.stdout.lines().count() == 1, "{ran}");
    let in_usual = world.requests().len();
    assert!((10..30).contains(&in_usual), "{in_usual} requests in 15 minutes");
    world.expect(75, &["wait", "77777777", "--time-limit", "20s"]);
    let in_seconds = world.requests().len();
    assert!((2..6).contains(&in_seconds), "{in_seconds} requests in 20 seconds");
    // Many at once: the one that is there has its line first.
    let ran = world.expect(75, &["wait", "77777777", &id.to_string(), "77777778"]);
    assert!(ran.stdout.starts_with("ready    10.5072/"), "{ran}");
    assert_eq!(ran.stdout.matches("missing  7777777").count(), 2, "{ran}");
    assert_eq!(world.writes(), []);
}

#[test]
fn files_that_differ_are_waited_for_and_a_deleted_record_is_not() {
    let world = World::served();
    let id = publish_first(&world);
    let kind = FaultKind::Other(ConcurrentAction::ModifiesFiles);
    world.faults().set(vec![Fault::at(1, kind)]);
    world.alice("GET", "/api/user/records", &Json::Null);
    let ran = world.expect(75, &["wait", "--time-limit", "1m"]);
    assert!(ran.stdout.contains("; c.csv: not there; the lock has it with MD5 "), "{ran}");
    let reason = json!({"reason": "test-record", "comment": "a test"});
    world.alice("POST", &format!("/api/records/{id}/request-deletion"), &reason);
    world.requests();
    let ran = world.expect(1, &["wait"]);
    assert!(ran.stdout.contains(": the record was deleted (410): "), "{ran}");
    assert!(world.requests().len() < 5);
}

#[test]
fn a_server_that_is_down_is_waited_for() {
    let world = World::served();
    publish_first(&world);
    let down = |times| fault("*", times, FaultKind::Status { status: 503, after: false });
    world.faults().set(vec![down(6)]);
    let ran = world.expect(0, &["wait"]);
    assert!(ran.stdout.starts_with("ready ") && ran.stderr.contains("no answer: "), "{ran}");
    world.faults().set(vec![down(usize::MAX)]);
    let ran = world.expect(75, &["wait", "--time-limit", "3m"]);
    assert!(ran.stdout.contains(": no answer: reading record "), "{ran}");
}

#[test]
fn the_resolver_must_lead_to_the_page_and_gets_no_token() {
    let world = World::served();
    let id = publish_first(&world);
    let page = format!("http://127.0.0.1:{}/records/{id}", world.port());
    let answers = [(404, None), (404, None), (302, Some(page.clone()))];
    let resolver = FakeResolver::start(&answers);
    world.requests();
    let ran = world.expect(0, &["wait", "--resolve", "--resolver", &resolver.address]);
    assert!(ran.stdout.starts_with("ready    10.5072/zenodo."), "{ran}");
    let said = format!("{} answers 404 for 10.5072/zenodo.{id}\n", resolver.address);
    assert!(ran.stderr.ends_with(&said), "{ran}");
    let heads = resolver.heads();
    assert_eq!(heads.len(), 3);
    for head in heads {
        assert!(head.starts_with(&format!("GET /10.5072/zenodo.{id} HTTP/1.1\r\n")), "{head}");
        let head = head.to_lowercase();
        assert!(!head.contains("authorization") && !head.contains("token"), "{head}");
    }
    // The page itself is not asked for.
    let is_page = |path: &str| path.starts_with("/records/");
    assert!(world.requests().iter().all(|request| !is_page(&request.path)));

    let elsewhere = page.replace(&id.to_string(), "77777777");
    let resolver = FakeResolver::start(&[(302, Some(elsewhere))]);
    let args = ["wait", "--resolve", "--resolver", &resolver.address, "--time-limit", "1m"];
    let ran = world.expect(75, &args);
    assert!(ran.stdout.contains(" leads elsewhere: http://127.0.0.1:"), "{ran}");
    let document = world.expect(75, &[&args[..], &["--format", "json"]].concat()).json();
    let missing = &document["records"][0]["missing"][0];
    assert_eq!((&missing["what"], &missing["status"]), (&json!("resolved"), &json!(302)));
}

/// A record may have no DOI: then nothing leads to its page, and it is never ready.
#[test]
fn a_record_without_a_doi_is_missing_its_doi_and_the_resolver_is_not_asked() {
    let mut world = World::served();
    let id = publish_first(&world);
    let path = format!("/api/records/{id}");
    let mut record = world.native("GET", &path, &Json::Null);
    record["pids"].as_object_mut().unwrap().remove("doi");
    let body: &'static str = record.to_string().leak();
    let proxy = Proxy::before_port(world.port(), move |request| {
        if request == format!("GET {path}") { Fate::Refuse("200 OK", body) } else { Fate::Pass }
    });
    world.go_through(proxy.port);
    world.manifest(&manifest("1.0", FILES));
    let resolver = FakeResolver::start(&[(302, None)]);
    let page = format!("http://127.0.0.1:{}/records/{id}", proxy.port);
    let args = ["wait", &page, "--resolve", "--resolver", &resolver.address, "--time-limit", "1m"];
    let ran = world.expect(75, &args);
    assert!(ran.stdout.contains("the record has no DOI that could be asked for"), "{ran}");
    assert_eq!(resolver.heads(), Vec::<String>::new());
    // Without the resolver, it is there.
    world.expect(0, &["wait", &page, "--time-limit", "1m"]);
}

#[test]
fn no_resolver_is_asked_about_a_rehearsal_or_over_plain_http() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let ran = world.expect(0, &["wait"]);
    assert_eq!(ran.stdout, "No version is published yet.\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    world.expect(0, &["wait"]);
    let ran = world.expect(64, &["wait", "--resolve"]);
    assert!(ran.stderr.contains("is a rehearsal, whose DOIs lead nowhere"), "{ran}");
    world.expect(64, &["wait", "--resolver", "http://127.0.0.1:1"]);
    let ran = world.expect(65, &["wait", "--resolve", "--resolver", "http://doi.org"]);
    assert!(ran.stderr.contains("http://doi.org"), "{ran}");
}
