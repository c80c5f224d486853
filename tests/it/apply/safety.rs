//! What must never happen to a record: published twice, published blindly, or not at all.
//!
//! Each test runs the binary against a server of its own, mostly through a [`Proxy`] that can lose
//! answers and let other things happen first. Each scenario once lost something.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::world::present;

/// A server that runs as long as the value lives. Its users are those of the recordings' seed.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    _data: TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/seed.toml");
        let mut child = Command::new(env!("CARGO_BIN_EXE_zrel"))
            .args(["serve", "--seed", seed, "--data"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().unwrap().parse().unwrap();
        Self { child, port, _data: data }
    }

    /// Makes a call as the owner of the records, and returns status and body.
    pub(crate) fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = body.to_string();
        let accept = if path.starts_with("/api/records") {
            "application/vnd.inveniordm.v1+json"
        } else {
            "application/json"
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer alice-token\r\n\
             Accept: {accept}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            self.port,
            body.len()
        );
        let answer = forward(self.port, head.as_bytes());
        let text = String::from_utf8_lossy(&answer).into_owned();
        let status = text.split(' ').nth(1).unwrap().parse().unwrap();
        let json = text.split_once("\r\n\r\n").unwrap().1;
        (status, serde_json::from_str(json).unwrap_or(Value::Null))
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, json) = self.call("GET", path, &json!({}));
        assert_eq!(status, 200, "{path}: {json}");
        json
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let (status, json) = self.call("POST", path, body);
        assert!((200..300).contains(&status), "{path}: {status} {json}");
        json
    }

    /// Counts the published versions of all records of the owner.
    pub(crate) fn n_versions(&self) -> usize {
        let all = self.get("/api/deposit/depositions?size=100&all_versions=true");
        let all = all.as_array().unwrap();
        all.iter().filter(|entry| entry["submitted"] == true).count()
    }

    /// Returns the concept of the only record.
    pub(crate) fn concept(&self) -> String {
        let all = self.get("/api/deposit/depositions?size=100");
        all[0]["conceptrecid"].as_str().unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What becomes of a request.
pub(crate) enum Fate {
    /// It is passed on, and so is its answer.
    Pass,
    /// It is passed on, and the answer is lost.
    LoseAnswer,
    /// It never arrives, and no answer says so.
    Drop,
    /// It never arrives: the proxy answers with this status and body.
    Refuse(&'static str, &'static str),
    /// It is passed on, and the proxy answers with this status and body.
    RefuseAfter(&'static str, &'static str),
    /// It is passed on, and the answer says that no request is left for an hour.
    Scarce,
}

/// Stands before a server and decides what becomes of each request: `METHOD /path`.
pub(crate) struct Proxy {
    pub(crate) port: u16,
}

impl Proxy {
    pub(crate) fn before(
        server: &Server,
        fate: impl Fn(&str) -> Fate + Send + Sync + 'static,
    ) -> Self {
        Self::before_port(server.port, fate)
    }

    /// Stands before the server on this port.
    pub(crate) fn before_port(
        upstream: u16,
        fate: impl Fn(&str) -> Fate + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let fate = Arc::new(fate);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let fate = Arc::clone(&fate);
                std::thread::spawn(move || pass_on(stream.unwrap(), port, upstream, &*fate));
            }
        });
        Self { port }
    }
}

fn pass_on(mut client: TcpStream, own: u16, upstream: u16, fate: &dyn Fn(&str) -> Fate) {
    let Some(request) = read_message(&mut client) else { return };
    let (own, up) = (format!("127.0.0.1:{own}"), format!("127.0.0.1:{upstream}"));
    let end = head_end(&request).unwrap();
    let head = String::from_utf8_lossy(&request[..end]).replace(&own, &up);
    let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    let line: Vec<&str> = head.split(' ').take(2).collect();
    let fate = fate(&line.join(" "));
    if matches!(fate, Fate::Drop) {
        return;
    }
    if let Fate::Refuse(status, body) = fate {
        let _ = client.write_all(refusal(status, body).as_bytes());
        return;
    }
    let reply = forward(upstream, &[head.as_bytes(), &request[end..]].concat());
    if matches!(fate, Fate::LoseAnswer) {
        return;
    }
    if let Fate::RefuseAfter(status, body) = fate {
        let _ = client.write_all(refusal(status, body).as_bytes());
        return;
    }
    let text = String::from_utf8_lossy(&reply).replace(&up, &own);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let kept = head.lines().filter(|line| {
        let line = line.to_ascii_lowercase();
        let is_budget = matches!(fate, Fate::Scarce) && line.starts_with("x-ratelimit");
        !line.starts_with("content-length") && !line.starts_with("connection") && !is_budget
    });
    let head: Vec<&str> = kept.collect();
    let mut head = head.join("\r\n");
    if matches!(fate, Fate::Scarce) {
        head += "\r\nX-RateLimit-Limit: 133\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 253402207200";
    }
    let length = body.len();
    let reply = format!("{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    let _ = client.write_all(reply.as_bytes());
}

fn refusal(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
}

/// Sends a whole request and returns the whole answer.
fn forward(port: u16, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request).unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    reply
}

fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

/// Reads a request with its body; none when the connection closes first.
fn read_message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; 65536]);
    loop {
        if let Some(end) = head_end(&bytes) {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if bytes.len() >= end + length {
                return Some(bytes);
            }
        }
        let n = stream.read(&mut chunk).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&chunk[..n]);
    }
}

/// A folder with a manifest and what it names.
pub(crate) struct Folder {
    path: TempDir,
    port: u16,
}

impl Folder {
    /// Makes a folder whose manifest means the server at `port`; `rest` is put before `[metadata]`.
    pub(crate) fn new(port: u16, version: &str, rest: &str) -> Self {
        let folder = Self { path: tempfile::tempdir().unwrap(), port };
        folder.write("data/a.csv", &format!("a,{version}\n"));
        folder.manifest(port, version, rest);
        folder
    }

    pub(crate) fn manifest(&self, port: u16, version: &str, rest: &str) {
        self.write(
            "zenodo.toml",
            &format!(
                "server = \"x\"\n[servers.x]\nurl = \"http://127.0.0.1:{port}\"\n{rest}\n\
                 [metadata]\ntitle = \"A data set\"\nupload_type = \"dataset\"\n\
                 description = \"Numbers.\"\nversion = \"{version}\"\n\
                 creators = [{{ name = \"Doe, Jane\" }}]\nlicense = \"CC-BY-4.0\"\n\
                 [[files]]\narchive = \"data\"\nas = \"data.zip\"\n"
            ),
        );
    }

    /// Returns where a file of the folder is.
    pub(crate) fn at(&self, name: &str) -> std::path::PathBuf {
        self.path.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        command(self.path.path(), self.port, args)
    }

    pub(crate) fn zrel(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs `zrel apply --auto-approve` with more arguments; returns exit code and all output.
    pub(crate) fn apply(&self, args: &[&str]) -> (i32, String) {
        let output = self.zrel(&[&["apply", "--auto-approve"], args].concat());
        (output.status.code().unwrap_or(-1), said(&output))
    }

    /// Applies, and reports the process's id as soon as it has one.
    fn apply_told(&self, pid: &Mutex<Option<u32>>) -> Output {
        let mut command = self.command(&["apply", "--auto-approve", "--initial"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        *pid.lock().unwrap() = Some(child.id());
        child.wait_with_output().unwrap()
    }

    /// Replaces a text in the manifest.
    pub(crate) fn replace(&self, before: &str, after: &str) {
        let text = std::fs::read_to_string(self.path.path().join("zenodo.toml")).unwrap();
        self.write("zenodo.toml", &text.replace(before, after));
    }

    /// Applies, and it must work.
    pub(crate) fn publish(&self, args: &[&str]) {
        let (code, said) = self.apply(args);
        assert_eq!(code, 0, "{said}");
    }
}

fn command(folder: &Path, port: u16, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zrel"));
    command.arg("-C").arg(folder).args(args).stdin(Stdio::null());
    command
        .env("CI", "true")
        .env("ZREL_NOW", present())
        .env(format!("ZREL_TOKEN_127_0_0_1_{port}"), "alice-token");
    command
}

pub(crate) fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

pub(crate) fn is_post(request: &str, action: &str) -> bool {
    request.starts_with("POST ") && request.ends_with(action)
}

pub(crate) fn concept_line(server: &Server) -> String {
    format!("[record.concept]\nx = \"{}\"", server.concept())
}

#[test]
fn a_version_that_another_machine_publishes_meanwhile_is_not_published_twice() {
    let server = Server::start();
    Folder::new(server.port, "1", "").publish(&["--initial"]);
    let rest = concept_line(&server);
    let other = Arc::new(Folder::new(server.port, "2", &rest));
    let (first, racer) = (AtomicUsize::new(0), Arc::clone(&other));
    let proxy = Proxy::before(&server, move |request| {
        if is_post(request, "/newversion") && first.fetch_add(1, Ordering::SeqCst) == 0 {
            racer.publish(&[]);
        }
        Fate::Pass
    });
    let late = Folder::new(proxy.port, "2", &rest);
    let (code, said) = late.apply(&[]);
    assert_eq!(server.n_versions(), 2, "{said}");
    assert_eq!(code, 10, "{said}");
    let (code, said) = late.apply(&[]);
    assert_eq!((code, server.n_versions()), (0, 2), "{said}");
}

#[test]
fn an_archive_in_a_ready_draft_is_not_taken_for_the_published_one() {
    let server = Server::start();
    let folder = Folder::new(server.port, "1", "");
    folder.publish(&["--initial"]);
    folder.write("data/a.csv", "a,2\n");
    folder.manifest(server.port, "2", "");
    folder.publish(&["--no-publish"]);
    folder.publish(&["--no-publish"]);
    folder.manifest(server.port, "1", "");
    let said = said(&folder.zrel(&["plan"]));
    assert!(!said.contains("No changes"), "the archive was changed: {said}");
    folder.manifest(server.port, "2", "");
    folder.publish(&[]);
    assert_eq!(server.n_versions(), 2);
}

#[cfg(unix)]
#[test]
fn an_interrupted_apply_stops_after_a_lost_answer() {
    let server = Server::start();
    let pid: Arc<Mutex<Option<u32>>> = Arc::default();
    let known = Arc::clone(&pid);
    let proxy = Proxy::before(&server, move |request| {
        if !is_post(request, "/depositions") {
            return Fate::Pass;
        }
        signal(&known, "-INT");
        Fate::LoseAnswer
    });
    let folder = Folder::new(proxy.port, "1", "");
    let output = folder.apply_told(&pid);
    assert_eq!(server.n_versions(), 0, "{}", said(&output));
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
}

const NOT_NOW: Fate = Fate::Refuse("403 FORBIDDEN", r#"{"message":"Not now"}"#);

/// Leaves a journal and a draft behind: the archive does not arrive before the proxy was told to
/// let it through, by setting the flag.
fn leave_draft(server: &Server) -> (Folder, Arc<AtomicBool>) {
    let open = Arc::new(AtomicBool::new(false));
    let is_open = Arc::clone(&open);
    let proxy = Proxy::before(server, move |request| {
        let is_upload = request.starts_with("PUT ") && request.ends_with("/data.zip");
        if is_upload && !is_open.load(Ordering::SeqCst) { NOT_NOW } else { Fate::Pass }
    });
    let folder = Folder::new(proxy.port, "1", "");
    let (code, said) = folder.apply(&["--initial"]);
    assert_ne!(code, 0, "{said}");
    (folder, open)
}

#[test]
fn a_draft_that_a_journal_names_is_not_published_as_another_record() {
    let server = Server::start();
    let (folder, open) = leave_draft(&server);
    open.store(true, Ordering::SeqCst);
    folder.manifest(folder.port, "1", "[record.concept]\nx = \"999999\"");
    let (code, said) = folder.apply(&[]);
    assert_eq!((code, server.n_versions()), (11, 0), "{said}");
}

#[test]
fn a_journal_of_another_server_under_the_same_name_is_left_alone() {
    let (here, there) = (Server::start(), Server::start());
    let (folder, _) = leave_draft(&here);
    let others = there.post("/api/deposit/depositions", &json!({"metadata": {"title": "Mine"}}));
    let folder = Folder { port: there.port, ..folder };
    folder.manifest(there.port, "1", "");
    let (code, said) = folder.apply(&[]);
    let after = there.get(&format!("/api/deposit/depositions/{}", others["id"]));
    assert_eq!(after["title"], "Mine", "{said}");
    assert_eq!(code, 13, "{said}");
}

/// What goes wrong at one write of an apply.
#[derive(Debug, Clone, Copy)]
struct InjectedFault {
    /// At which write, from 1.
    at: usize,
    /// Whether the server gets it.
    arrives: bool,
    /// Whether the process is killed; otherwise only the answer is lost.
    kills: bool,
}

/// What an apply is about.
#[derive(Debug, Clone, Copy)]
enum Release {
    Record,
    Version,
    Edit,
}

/// Applies with an injected fault, then until it is done; returns whether the write was reached.
fn is_applied_in_the_end(release: Release, fault: InjectedFault) -> bool {
    let server = Server::start();
    let (armed, n_writes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let pid: Arc<Mutex<Option<u32>>> = Arc::default();
    let (is_armed, n, known) = (Arc::clone(&armed), Arc::clone(&n_writes), Arc::clone(&pid));
    let proxy = Proxy::before(&server, move |request| {
        let is_write = is_armed.load(Ordering::SeqCst)
            && !request.starts_with("GET ")
            && !request.starts_with("HEAD ");
        if !is_write || n.fetch_add(1, Ordering::SeqCst) + 1 != fault.at {
            return Fate::Pass;
        }
        if fault.kills {
            signal(&known, "-KILL");
        }
        if fault.arrives { Fate::LoseAnswer } else { Fate::Drop }
    });
    let folder = Folder::new(proxy.port, "1", "");
    if !matches!(release, Release::Record) {
        folder.publish(&["--initial"]);
    }
    match release {
        Release::Record => {}
        Release::Version => {
            folder.write("data/a.csv", "a,2\n");
            folder.manifest(proxy.port, "2", "");
        }
        Release::Edit => folder.replace("A data set", "A better data set"),
    }
    armed.store(true, Ordering::SeqCst);
    folder.apply_told(&pid);
    let reached = n_writes.load(Ordering::SeqCst) >= fault.at;
    let case = format!("{release:?} {fault:?}");
    for _ in 0..3 {
        if folder.apply(&["--initial"]).0 == 0 {
            break;
        }
    }
    let plan = said(&folder.zrel(&["plan"]));
    assert!(plan.contains("No changes"), "{case}: {plan}");
    let all = server.get("/api/deposit/depositions?size=100&all_versions=true");
    let states: Vec<&str> =
        all.as_array().unwrap().iter().filter_map(|one| one["state"].as_str()).collect();
    let n_versions = if matches!(release, Release::Version) { 2 } else { 1 };
    assert_eq!(states, vec!["done"; n_versions], "{case}: {plan}");
    reached
}

/// Sends a signal to the process, as soon as it is known.
fn signal(pid: &Mutex<Option<u32>>, name: &str) {
    let pid = loop {
        if let Some(pid) = *pid.lock().unwrap() {
            break pid;
        }
        std::thread::yield_now();
    };
    Command::new("kill").args([name, &pid.to_string()]).status().unwrap();
}

/// Tries an injected fault at every write.
fn survives(release: Release, arrives: bool, kills: bool) {
    for at in 1.. {
        if !is_applied_in_the_end(release, InjectedFault { at, arrives, kills }) {
            assert!(at > 3, "an apply writes more than {at} times");
            return;
        }
    }
}

#[test]
fn a_new_record_survives_every_lost_answer() {
    survives(Release::Record, true, false);
}

#[test]
fn a_new_version_survives_every_lost_answer() {
    survives(Release::Version, true, false);
}

#[test]
fn an_edit_survives_every_lost_answer() {
    survives(Release::Edit, true, false);
}

#[cfg(unix)]
#[test]
fn a_new_record_survives_a_kill_at_every_write() {
    survives(Release::Record, true, true);
    survives(Release::Record, false, true);
}

#[cfg(unix)]
#[test]
fn a_new_version_survives_a_kill_at_every_write() {
    survives(Release::Version, true, true);
    survives(Release::Version, false, true);
}

#[cfg(unix)]
#[test]
fn an_edit_survives_a_kill_at_every_write() {
    survives(Release::Edit, true, true);
    survives(Release::Edit, false, true);
}

#[test]
fn the_doi_of_a_version_is_not_a_concept() {
    let server = Server::start();
    let folder = Folder::new(server.port, "1", "");
    folder.publish(&["--initial"]);
    let all = server.get("/api/deposit/depositions");
    folder.manifest(server.port, "1", &format!("[record.concept]\nx = \"{}\"", all[0]["id"]));
    let output = folder.zrel(&["plan"]);
    assert_eq!(output.status.code(), Some(65), "{}", said(&output));
    assert!(said(&output).contains(&server.concept()), "{}", said(&output));
}

#[test]
fn a_saved_plan_that_was_applied_asks_no_other_communities() {
    let server = Server::start();
    let folder = Folder::new(server.port, "1", "");
    let plan = folder.path.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    assert!(folder.zrel(&["plan", "--initial", "--out", plan]).status.success());
    folder.publish(&[plan]);
    folder.publish(&[plan]);
    folder.manifest(server.port, "1", "[[communities]]\nid = \"user2-community\"");
    let (code, said) = folder.apply(&[plan]);
    assert_eq!(code, 10, "{said}");
}

#[test]
fn an_unpublished_change_hidden_from_the_deposit_api_is_not_published() {
    let server = Server::start();
    let folder = Folder::new(server.port, "1", "");
    folder.publish(&["--initial"]);
    let all = server.get("/api/deposit/depositions");
    let path = format!("/api/records/{}/draft", all[0]["id"]);
    let mut draft = server.post(&path, &json!({}));
    draft["metadata"]["additional_titles"] =
        json!([{"title": "Not yet for the public", "type": {"id": "subtitle"}}]);
    let (status, answer) = server.call("PUT", &path, &draft);
    assert_eq!(status, 200, "{answer}");
    let unpublished = |said: &str| {
        let record = server.get(&format!("/api/records/{}", all[0]["id"]));
        assert_eq!(record["metadata"].get("additional_titles"), None, "{said}");
    };
    let (code, said) = folder.apply(&[]);
    unpublished(&said);
    assert_eq!(code, 0, "{said}");
    folder.replace("[metadata]", "[metadata]\nkeywords = [\"forms\"]");
    let (code, said) = folder.apply(&[]);
    unpublished(&said);
    assert_eq!(code, 11, "{said}");
    assert!(!said.contains("Not yet for the public"), "everybody may read CI's log: {said}");
    let mut on_a_desk = folder.command(&["apply", "--auto-approve"]);
    let output = on_a_desk.env_remove("CI").output().unwrap();
    let said = self::said(&output);
    unpublished(&said);
    assert_eq!(output.status.code(), Some(11), "{said}");
    assert!(said.contains("Not yet for the public"), "{said}");
}

#[test]
fn an_untouched_edit_with_inexpressible_values_is_continued() {
    let server = Server::start();
    let folder = Folder::new(server.port, "1", "");
    folder.publish(&["--initial"]);
    let id = server.get("/api/deposit/depositions")[0]["id"].clone();
    let path = format!("/api/records/{id}/draft");
    let mut draft = server.post(&path, &json!({}));
    draft["metadata"]["additional_titles"] =
        json!([{"title": "Told by its page alone", "type": {"id": "subtitle"}}]);
    draft["metadata"]["creators"][0]["affiliations"] = json!([{"name": "One"}, {"name": "Two"}]);
    draft["metadata"]["rights"] = json!([{"id": "cc-by-4.0"}, {"id": "mit"}]);
    draft["metadata"]["additional_descriptions"] = json!([
        {"description": "<p>Notes</p>", "type": {"id": "notes"}},
        {"description": "<p>Methods</p>", "type": {"id": "methods"}},
        {"description": "<p>More</p>", "type": {"id": "other"}},
    ]);
    draft["metadata"]["languages"] = json!([{"id": "eng"}, {"id": "deu"}]);
    assert_eq!(server.call("PUT", &path, &draft).0, 200);
    server.post(&format!("{path}/actions/publish"), &json!({}));
    server.post(&path, &json!({}));
    std::fs::remove_dir_all(folder.at(".zrel")).unwrap();
    folder.replace("[metadata]", "[metadata]\nkeywords = [\"forms\"]");
    let plan = folder.command(&["plan"]).env_remove("CI").output().unwrap();
    assert!(!said(&plan).contains("ZR0304"), "{}", said(&plan));
    let (code, told) = folder.apply(&[]);
    assert_eq!(code, 0, "{told}");
    let plan = folder.zrel(&["plan"]);
    assert!(said(&plan).contains("No changes."), "{}", said(&plan));
}

#[test]
fn a_draft_with_its_own_doi_is_not_published_under_it() {
    let server = Server::start();
    let doi = json!({"metadata": {"title": "Mine", "doi": "10.9999/of.somebody.else"}});
    let draft = server.post("/api/deposit/depositions", &doi);
    let concept = draft["conceptrecid"].as_str().unwrap();
    let folder = Folder::new(server.port, "1", &format!("[record.concept]\nx = \"{concept}\""));
    let (code, said) = folder.apply(&[]);
    assert_eq!((code, server.n_versions()), (11, 0), "{said}");
    assert!(said.contains("10.9999/of.somebody.else"), "{said}");
}

#[test]
fn a_token_is_not_taken_for_a_host_that_only_looks_alike() {
    let folder = Folder::new(1, "1", "");
    folder.replace("http://127.0.0.1:1", "https://zenodo_example.org");
    let mut plan = folder.command(&["plan"]);
    let output = plan.env("ZREL_TOKEN_zenodo_example_org", "secret").output().unwrap();
    assert_eq!(output.status.code(), Some(77), "{}", said(&output));
    assert!(said(&output).contains("there is no token"), "{}", said(&output));
}

#[test]
fn a_removed_record_is_not_written_to() {
    let server = Server::start();
    let folder = Folder::new(server.port, "1", "");
    folder.publish(&["--initial"]);
    let concept = concept_line(&server);
    let id = server.get("/api/deposit/depositions")[0]["id"].clone();
    let reason = json!({"reason": "test-record", "comment": "gone"});
    server.post(&format!("/api/records/{id}/request-deletion"), &reason);
    folder.write("data/a.csv", "a,2\n");
    folder.manifest(server.port, "2", &concept);
    let (code, said_bound) = folder.apply(&[]);
    assert_eq!(code, 11, "{said_bound}");
    std::fs::remove_file(folder.path.path().join("zenodo.lock")).unwrap();
    let (code, said_named) = folder.apply(&["--initial"]);
    assert_eq!(code, 11, "{said_named}");
}

#[test]
fn a_reverted_or_missing_lock_leads_to_no_second_record() {
    let server = Server::start();
    let folder = Folder::new(server.port, "1", "");
    folder.publish(&["--initial"]);
    let lock = folder.path.path().join("zenodo.lock");
    let first = std::fs::read_to_string(&lock).unwrap();
    folder.write("data/a.csv", "a,2\n");
    folder.manifest(server.port, "2", "");
    folder.publish(&[]);
    std::fs::write(&lock, &first).unwrap();
    folder.publish(&[]);
    assert_eq!(server.n_versions(), 2);
    std::fs::remove_file(&lock).unwrap();
    std::fs::remove_dir_all(folder.path.path().join(".zrel")).unwrap();
    let (code, said) = folder.apply(&["--initial"]);
    assert_eq!((code, server.n_versions()), (11, 2), "{said}");
}

#[test]
fn another_client_s_version_is_not_reverted_silently() {
    let server = Server::start();
    let folder = Folder::new(server.port, "1", "");
    folder.publish(&["--initial"]);
    let other = Folder::new(server.port, "2", &concept_line(&server));
    other.publish(&[]);
    folder.write("data/a.csv", "a,3\n");
    folder.manifest(server.port, "3", "");
    let (code, said) = folder.apply(&["--no-publish"]);
    assert_eq!((code, server.n_versions()), (13, 2), "{said}");
    folder.manifest(
        server.port,
        "3",
        &format!("[record.concept]\nx = \"10.5072/zenodo.{}\"", server.concept()),
    );
    let (code, said) = folder.apply(&[]);
    assert_eq!((code, server.n_versions()), (13, 2), "{said}");
}
