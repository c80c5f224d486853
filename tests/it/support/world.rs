//! A folder with a manifest, its own server, and the real binary.
//!
//! Two kinds: `World::local` has the server inside the binary; `World::served` has one in the test
//! process that zrel reaches as any other server, with each request in a log. `World::rehearsed` is
//! between them: the manifests say `local`, and zrel joins a server in the test process.
//! Deliberately absent: what any command should do.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use secrecy::SecretString;
use serde_json::{Value as Json, json};
use zrel::clock::Clock;
use zrel::engine::{JOBS, Project, ProjectOptions};
use zrel::local::{
    Apis, Faults, LocalError, RateLimit, Running, Seed, ServeOptions, parse_seed, start,
};
use zrel::plan::PlanFlags;

use crate::support::in_process::{self, Orders};

/// The user whose token the binary gets.
pub(crate) const ALICE: &str = "alice-token";

/// Another user's token.
pub(crate) const BOB: &str = "bob-token";

/// How long to wait for a port that is taken.
const PORT_PAUSE: Duration = Duration::from_millis(50);

/// The files of most manifests.
pub(crate) const FILES: &str = "[[files]]\npath = \"*.csv\"\n";

/// Returns a small manifest with this version label, more metadata, and more tables after them.
pub(crate) fn manifest(label: &str, more: &str) -> String {
    format!(
        r#"
[metadata]
title = "Tables of small forms"
upload_type = "dataset"
description = "<p>Some tables.</p>"
creators = [{{ name = "Weiss, Tobias" }}]
license = "cc-by-4.0"
version = "{label}"
{more}
"#
    )
}

/// Returns the state that the recordings start from, with a community more that they do not have.
fn make_seed() -> Seed {
    let mut seed = parse_seed(include_str!("../../contract/seed.toml")).unwrap();
    let more =
        "[[communities]]\nslug = \"user2-reviews-versions\"\nowner = 2\nreviews_versions = true";
    seed.communities.extend(parse_seed(more).unwrap().communities);
    seed
}

/// Returns the time now, for `ZREL_NOW`: with it a run waits for nothing but bytes.
pub(crate) fn present() -> String {
    zrel::clock::Clock::Real.now().to_string()
}

/// Publishes version 1.0 with three files, and returns its number. What is prepared so often needs
/// no process of its own each time.
#[track_caller]
pub(crate) fn publish_first(world: &World) -> u64 {
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    world.write("b.csv", "three,four,five\n");
    world.write("c.csv", "six\n");
    let flags = PlanFlags { initial: true, ..PlanFlags::default() };
    let ran = in_process::apply(world, &Orders { flags, ..Orders::default() });
    assert_eq!(ran.code, 0, "{ran}");
    in_process::expect_no_changes(world);
    let project = Project::load(world.project_options()).unwrap();
    project.record_location().unwrap().last.unwrap().to_string().parse().unwrap()
}

/// Leaves a draft of version 1.0 open that is ready to be published, and returns its number.
#[track_caller]
pub(crate) fn leave_draft(world: &World) -> u64 {
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", FILES));
    world.apply(&["--initial", "--no-publish"]);
    world.open_drafts()[0]
}

/// Makes a world with one file and a manifest, whose server has no token in the environment.
pub(crate) fn serve_without_token() -> World {
    let mut world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    world.set_token("");
    world
}

/// A folder with a manifest, and a server.
pub(crate) struct World {
    folder: tempfile::TempDir,
    server: Option<Served>,
    token: String,
    now: Option<String>,
    /// How many new files are uploaded at once; none: as many as by default.
    jobs: Option<u8>,
    /// The API that manifests ask for; none: zrel chooses.
    api: Option<&'static str>,
}

/// The server in the test process; it stops with the world.
struct Served {
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    port: u16,
    /// The port that manifests name: that of a relay, where there is one.
    shown_port: u16,
    /// Whether manifests call it `local`.
    is_local: bool,
    log: Arc<Mutex<Vec<String>>>,
    faults: Faults,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// One line of the server's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) bytes: u64,
}

impl World {
    /// Makes a folder whose manifests use the server inside the binary.
    pub(crate) fn local() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            server: None,
            token: ALICE.to_owned(),
            now: None,
            jobs: None,
            api: None,
        }
    }

    /// Makes a folder whose manifests use a server in this process, with the recordings' users.
    pub(crate) fn served() -> Self {
        let world = Self::local();
        let server = Served::start(&world.path().join("server"), None, &Clock::Real);
        Self { server: Some(server), ..world }
    }

    /// Makes a folder whose manifests use a server on this port, where the time stands still: all
    /// that is no random UUID is the same each time.
    pub(crate) fn served_at(port: u16, now: &str) -> Self {
        let world = Self::local();
        let clock = Clock::set(now.parse().unwrap());
        let server = Served::start(&world.path().join("server"), Some(port), &clock);
        Self { server: Some(server), now: Some(now.to_owned()), jobs: Some(1), ..world }
    }

    /// The same with `server = "local"`: no port is in what zrel writes.
    pub(crate) fn rehearsed(now: &str) -> Self {
        let world = Self { now: Some(now.to_owned()), jobs: Some(1), ..Self::local() };
        let server = world.start_rehearsal();
        Self { server: Some(server), ..world }
    }

    /// Copies a world of [`Self::rehearsed`] whose server is stopped.
    pub(crate) fn copy_rehearsed(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(self.path(), folder.path());
        let (token, now, jobs) = (self.token.clone(), self.now.clone(), self.jobs);
        let world = Self { folder, server: None, token, now, jobs, api: self.api };
        let server = world.start_rehearsal();
        Self { server: Some(server), ..world }
    }

    fn start_rehearsal(&self) -> Served {
        let clock = Clock::set(self.now.as_ref().unwrap().parse().unwrap());
        let mut server = Served::start(&self.project().join(".zrel/local"), None, &clock);
        server.is_local = true;
        server
    }

    /// Makes a folder whose manifests use a server with a limit of requests.
    pub(crate) fn served_limited(rate: RateLimit) -> Self {
        let world = Self::local();
        let folder = world.path().join("server");
        let server = Served::start_limited(&folder, None, &Clock::Real, Some(rate));
        Self { server: Some(server), ..world }
    }

    /// Makes a folder whose manifests use a server of the records API alone.
    pub(crate) fn served_by_records() -> Self {
        let world = Self::local();
        let folder = world.path().join("server");
        let by_records = |options| ServeOptions { apis: Apis::Records, ..options };
        let server = Served::start_as(&folder, None, &Clock::Real, &by_records);
        Self { server: Some(server), ..world }
    }

    /// Makes a folder whose manifests use a server of the records API, where DOIs are an option.
    pub(crate) fn served_with_optional_dois() -> Self {
        let world = Self::local();
        let folder = world.path().join("server");
        let optional =
            |options| ServeOptions { apis: Apis::Records, has_optional_dois: true, ..options };
        let server = Served::start_as(&folder, None, &Clock::Real, &optional);
        Self { server: Some(server), ..world }
    }

    /// Makes a folder whose manifests use a server that loses reserved DOIs.
    pub(crate) fn served_losing_dois() -> Self {
        let world = Self::local();
        let folder = world.path().join("server");
        let losing = |options| ServeOptions { loses_dois: true, ..options };
        let server = Served::start_as(&folder, None, &Clock::Real, &losing);
        Self { server: Some(server), ..world }
    }

    /// Lets manifests ask for an API.
    pub(crate) fn set_api(&mut self, api: Option<&'static str>) {
        self.api = api;
    }

    /// Gives the server a limit of requests, from now on.
    pub(crate) fn limit(&mut self, rate: RateLimit) {
        let port = self.port();
        self.stop();
        let folder = self.path().join("server");
        let server = Served::start_limited(&folder, Some(port), &Clock::Real, Some(rate));
        self.server = Some(server);
    }

    /// The same on a port that no process gets by chance, so that copies of the world can use it.
    pub(crate) fn served_apart() -> Self {
        let world = Self::local();
        let server = Served::start(&world.path().join("server"), Some(port_apart()), &Clock::Real);
        Self { server: Some(server), ..world }
    }

    /// Holds the time of the server, and of all commands, from now on.
    pub(crate) fn travel_to(&mut self, time: &str) {
        let (port, shown_port) = (self.port(), self.server().shown_port);
        self.stop();
        let clock = Clock::set(time.parse().unwrap());
        let mut server = Served::start(&self.path().join("server"), Some(port), &clock);
        server.shown_port = shown_port;
        self.server = Some(server);
        self.set_now(time);
    }

    /// Stops the server, so that the world can be copied.
    pub(crate) fn stop(&mut self) {
        self.server.as_mut().unwrap().stop();
    }

    /// Copies a world whose server is stopped; the copy's server runs on the same port.
    pub(crate) fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(self.path(), folder.path());
        let data = folder.path().join("server");
        let server = Served::start(&data, Some(self.port()), &Clock::Real);
        let (token, now, jobs) = (self.token.clone(), self.now.clone(), self.jobs);
        Self { folder, server: Some(server), token, now, jobs, api: self.api }
    }

    /// Waits until requests hang, and returns how many do at once: when no other one comes for a while,
    /// all have come.
    pub(crate) fn count_hung(&self) -> usize {
        let (mut n, mut since) = (0, Instant::now());
        while n == 0 || since.elapsed() < Duration::from_millis(400) {
            if self.faults().n_hung() > n {
                (n, since) = (self.faults().n_hung(), Instant::now());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        n
    }

    /// Returns the faults of the server in this process.
    pub(crate) fn faults(&self) -> &Faults {
        &self.server().faults
    }

    /// Returns the folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the project's folder, in which zrel runs.
    pub(crate) fn project(&self) -> PathBuf {
        let project = self.path().join("project");
        std::fs::create_dir_all(&project).unwrap();
        project
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, name: &str, content: &str) {
        let path = self.project().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Reads a file of the project.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.project().join(name)).unwrap()
    }

    /// Removes a file of the project.
    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.project().join(name)).unwrap();
    }

    /// Writes the manifest: the server's part, then this.
    pub(crate) fn manifest(&self, text: &str) {
        self.manifest_as("zenodo.toml", text);
    }

    /// Writes a manifest of another name.
    pub(crate) fn manifest_as(&self, name: &str, text: &str) {
        let server = self.server.as_ref().filter(|server| !server.is_local);
        let head = match server {
            None => "server = \"local\"\n".to_owned(),
            Some(_) => "server = \"test\"\n".to_owned(),
        };
        let tail = match server {
            None => String::new(),
            Some(server) => {
                let api = self.api.map(|api| format!("\n[api]\ntest = \"{api}\"\n"));
                let api = api.unwrap_or_default();
                format!("{api}\n[servers.test]\nurl = \"http://127.0.0.1:{}\"\n", server.shown_port)
            }
        };
        self.write(name, &format!("{head}{text}{tail}"));
    }

    /// Returns the address of the server in this process.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// Returns the port of the server in this process.
    pub(crate) fn port(&self) -> u16 {
        self.server().port
    }

    /// Makes manifests that are written from now on name the port of a relay.
    pub(crate) fn go_through(&mut self, port: u16) {
        self.server.as_mut().unwrap().shown_port = port;
    }

    /// Sets the token that zrel gets for the server in this process.
    pub(crate) fn set_token(&mut self, token: &str) {
        token.clone_into(&mut self.token);
    }

    /// Holds the time of all commands from now on: `2026-11-23T23:59:00Z`.
    pub(crate) fn set_now(&mut self, time: &str) {
        self.now = Some(time.to_owned());
    }

    /// Returns a command that runs zrel in the project, with nothing of this environment.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zrel"));
        command
            .args(args)
            .current_dir(self.project())
            .env_clear()
            .env("HOME", self.path().join("home"))
            .env("XDG_CONFIG_HOME", self.path().join("home").join(".config"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.env("ZREL_NOW", self.now.clone().unwrap_or_else(present));
        if let Some(jobs) = self.jobs {
            command.env("ZREL_JOBS", jobs.to_string());
        }
        if let Some(server) = &self.server {
            command.env(format!("ZREL_TOKEN_127_0_0_1_{}", server.shown_port), &self.token);
        }
        command
    }

    /// Sets how many new files are uploaded at once: one after the other, each run makes the same
    /// requests in the same order.
    pub(crate) fn set_jobs(&mut self, jobs: u8) {
        self.jobs = Some(jobs);
    }

    /// Returns how many new files are uploaded at once.
    pub(crate) fn jobs(&self) -> usize {
        self.jobs.map_or(JOBS, usize::from)
    }

    /// Returns what the engine is to know of the project, as the program would find it in there.
    pub(crate) fn project_options(&self) -> ProjectOptions {
        let now = self.now.clone().unwrap_or_else(present);
        let clock = Clock::set(now.parse().unwrap());
        let deadline = clock.deadline_in(Duration::MAX);
        ProjectOptions { clock, deadline, ..ProjectOptions::new(self.project()) }
    }

    /// Returns the token that zrel gets for the server in this process.
    pub(crate) fn token(&self) -> SecretString {
        SecretString::from(self.token.as_str())
    }

    /// Runs zrel, and waits.
    pub(crate) fn zrel(&self, args: &[&str]) -> Ran {
        self.command(args).output().unwrap().into()
    }

    /// Starts zrel, and does not wait.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        self.command(args).spawn().unwrap()
    }

    /// Runs zrel, and stops the test unless it ends with this code.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32, args: &[&str]) -> Ran {
        let ran = self.zrel(args);
        assert_eq!(ran.code, code, "zrel {}\n{ran}", args.join(" "));
        ran
    }

    /// Applies without a question.
    #[track_caller]
    pub(crate) fn apply(&self, args: &[&str]) -> Ran {
        let mut all = vec!["apply", "--auto-approve"];
        all.extend(args);
        self.expect(0, &all)
    }

    /// Applies, and asserts that a second plan is empty.
    #[track_caller]
    pub(crate) fn apply_then_expect_no_changes(&self, args: &[&str]) -> Ran {
        let ran = self.apply(args);
        self.expect_no_changes();
        ran
    }

    /// Plans, and stops the test unless there is nothing to do.
    #[track_caller]
    pub(crate) fn expect_no_changes(&self) {
        let plan = self.expect(0, &["plan", "--detailed-exitcode"]);
        assert!(plan.stdout.contains("No changes."), "{plan}");
    }

    /// Returns the plan as a document.
    #[track_caller]
    pub(crate) fn plan_json(&self, args: &[&str]) -> Json {
        let mut all = vec!["plan", "--format", "json"];
        all.extend(args);
        self.read_verdict(&all)
    }

    /// Runs a command that plans, and asserts that it exits with 11 only where the plan is blocked.
    #[track_caller]
    fn read_verdict(&self, args: &[&str]) -> Json {
        let ran = self.zrel(args);
        let document = ran.json();
        let code = if document["verdict"] == "blocked" { 11 } else { 0 };
        assert_eq!(ran.code, code, "zrel {}\n{ran}", args.join(" "));
        document
    }

    /// Returns what the lock or the server knows of the record, by `zrel status`.
    #[track_caller]
    pub(crate) fn status(&self) -> Json {
        self.read_verdict(&["status", "--format", "json"])
    }

    /// Returns the number of the bound concept.
    #[track_caller]
    pub(crate) fn concept(&self) -> u64 {
        self.status()["concept"].as_u64().unwrap()
    }

    /// Returns the requests since the last call of this.
    pub(crate) fn requests(&self) -> Vec<Request> {
        // Zenodo is not asked which APIs it has, and what is counted is what Zenodo would see.
        let is_probe = |request: &Request| {
            request.method == "HEAD" && request.path == "/api/deposit/depositions"
        };
        self.all_requests().into_iter().filter(|request| !is_probe(request)).collect()
    }

    /// The same with the question which APIs the server has.
    pub(crate) fn all_requests(&self) -> Vec<Request> {
        let lines = std::mem::take(&mut *self.server().log.lock().unwrap());
        lines.iter().map(|line| request(line)).collect()
    }

    /// Returns those of the requests that write.
    pub(crate) fn writes(&self) -> Vec<Request> {
        self.requests().into_iter().filter(Request::is_write).collect()
    }

    fn server(&self) -> &Served {
        self.server.as_ref().unwrap()
    }

    /// Sends a request behind zrel's back, and returns the answer's status and document.
    pub(crate) fn ask(&self, token: &str, method: &str, path: &str, body: &Json) -> (u16, Json) {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.ask_with(token, method, path, ("application/json", text.as_bytes()))
    }

    /// Sends a request as alice in the words of the records API, and stops the test unless it
    /// succeeds.
    #[track_caller]
    pub(crate) fn native(&self, method: &str, path: &str, body: &Json) -> Json {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let kind = "application/json\r\nAccept: application/vnd.inveniordm.v1+json";
        let (status, answer) = self.ask_with(ALICE, method, path, (kind, text.as_bytes()));
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer:#}");
        answer
    }

    /// Sends the content of a file that was registered by the records API.
    #[track_caller]
    pub(crate) fn put_content(&self, path: &str, content: &str) {
        let body = ("application/octet-stream", content.as_bytes());
        let (status, answer) = self.ask_with(ALICE, "PUT", path, body);
        assert!((200..300).contains(&status), "{status} {answer:#}");
    }

    /// Does the same with a body of any kind.
    pub(crate) fn ask_with(
        &self,
        token: &str,
        method: &str,
        path: &str,
        (kind, body): (&str, &[u8]),
    ) -> (u16, Json) {
        let port = self.server().port;
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
             Authorization: Bearer {token}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, serde_json::from_str(body).unwrap_or(Json::Null))
    }

    /// Sends a request as alice, and stops the test unless it succeeds.
    #[track_caller]
    pub(crate) fn alice(&self, method: &str, path: &str, body: &Json) -> Json {
        let (status, answer) = self.ask(ALICE, method, path, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer:#}");
        answer
    }

    /// Returns the first place of a word in the manifest, as messages have it.
    pub(crate) fn find_in_manifest(&self, word: &str) -> String {
        let text = self.read("zenodo.toml");
        let at = text.find(word).unwrap();
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let line = text[..at].matches('\n').count() + 1;
        format!("zenodo.toml:{line}:{}", text[start..at].chars().count() + 1)
    }

    /// Puts a file into a draft behind zrel's back.
    pub(crate) fn put_file(&self, deposition: &Json, key: &str, content: &str) {
        let bucket = deposition["links"]["bucket"].as_str().unwrap();
        let path = &bucket[bucket.find("/api/").unwrap()..];
        let body = ("application/octet-stream", content.as_bytes());
        let (status, answer) = self.ask_with(ALICE, "PUT", &format!("{path}/{key}"), body);
        assert!((200..300).contains(&status), "{status} {answer:#}");
    }

    /// Returns a deposition as alice sees it.
    pub(crate) fn deposition(&self, id: u64) -> Json {
        self.alice("GET", &format!("/api/deposit/depositions/{id}"), &Json::Null)
    }

    /// Does something to a deposition.
    pub(crate) fn action(&self, id: u64, action: &str) -> Json {
        let path = format!("/api/deposit/depositions/{id}/actions/{action}");
        self.alice("POST", &path, &Json::Null)
    }

    /// Changes metadata of a draft or an edit as a person by hand would.
    pub(crate) fn put_metadata(&self, id: u64, change: impl FnOnce(&mut Json)) -> Json {
        let mut metadata = self.deposition(id)["metadata"].clone();
        let map = metadata.as_object_mut().unwrap();
        map.remove("doi");
        map.remove("prereserve_doi");
        change(&mut metadata);
        let path = format!("/api/deposit/depositions/{id}");
        self.alice("PUT", &path, &json!({"metadata": metadata}))
    }

    /// Edits a published record as a person by hand would.
    pub(crate) fn edit_by_hand(&self, id: u64, change: impl FnOnce(&mut Json)) {
        self.action(id, "edit");
        self.put_metadata(id, change);
        self.action(id, "publish");
    }

    /// Opens a draft of a new version as a person by hand would, and returns it.
    pub(crate) fn new_version_by_hand(&self, id: u64) -> Json {
        let answer = self.action(id, "newversion");
        let draft = answer["links"]["latest_draft"].as_str().unwrap();
        self.deposition(draft.rsplit('/').next().unwrap().parse().unwrap())
    }

    /// Returns how many versions and drafts of versions a record has.
    pub(crate) fn n_versions(&self, concept: u64) -> usize {
        let concept = concept.to_string();
        let all = self.own_depositions();
        all.iter().filter(|entry| entry["conceptrecid"] == concept.as_str()).count()
    }

    /// Returns how many records there are, drafts of records counted.
    pub(crate) fn n_records(&self) -> usize {
        let all = self.own_depositions();
        let concepts: std::collections::BTreeSet<&str> =
            all.iter().filter_map(|entry| entry["conceptrecid"].as_str()).collect();
        concepts.len()
    }

    /// Runs git in the project, without a user's configuration.
    #[track_caller]
    pub(crate) fn git(&self, args: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=Test", "-c", "user.email=test@example.org"]).args(args);
        command.current_dir(self.project()).env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = command.env("GIT_CONFIG_NOSYSTEM", "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {said}");
    }

    /// Returns all own depositions that were never published, or are being edited.
    pub(crate) fn open_drafts(&self) -> Vec<u64> {
        let all = self.own_depositions();
        let open = all.iter().filter(|entry| entry["state"] != "done");
        open.map(|entry| entry["id"].as_u64().unwrap()).collect()
    }

    /// Returns all own depositions, each version one.
    pub(crate) fn own_depositions(&self) -> Vec<Json> {
        let mut all = Vec::new();
        for page in 1.. {
            let path = format!("/api/deposit/depositions?size=100&all_versions=true&page={page}");
            let entries = self.alice("GET", &path, &Json::Null).as_array().unwrap().clone();
            let is_last = entries.len() < 100;
            all.extend(entries);
            if is_last {
                break;
            }
        }
        all
    }
}

impl Served {
    /// Starts a server whose data are in this folder.
    fn start(data: &Path, port: Option<u16>, clock: &Clock) -> Self {
        Self::start_limited(data, port, clock, None)
    }

    /// Does the same, with a limit of requests.
    fn start_limited(
        data: &Path,
        port: Option<u16>,
        clock: &Clock,
        rate: Option<RateLimit>,
    ) -> Self {
        Self::start_as(data, port, clock, &|options| ServeOptions { rate, ..options })
    }

    /// Does the same with other options.
    fn start_as(
        data: &Path,
        port: Option<u16>,
        clock: &Clock,
        adapt: &dyn Fn(ServeOptions) -> ServeOptions,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&log);
        let faults = Faults::none();
        let options = || {
            let lines = Arc::clone(&lines);
            adapt(ServeOptions {
                port,
                seed: Some(make_seed()),
                log: Some(Box::new(move |line| lines.lock().unwrap().push(line.to_owned()))),
                faults: faults.clone(),
                clock: clock.clone(),
                ..ServeOptions::new(data.to_owned())
            })
        };
        let running = runtime.block_on(async {
            // The system may need a moment to give the port of a killed client's connection back.
            for _ in 0..100 {
                match start(options()).await {
                    Err(LocalError::Port { .. }) => tokio::time::sleep(PORT_PAUSE).await,
                    started => return started.unwrap(),
                }
            }
            start(options()).await.unwrap()
        });
        let port = running.base_url().rsplit(':').next().unwrap().parse().unwrap();
        let (running, is_local) = (Some(running), false);
        Self { runtime, running, port, shown_port: port, is_local, log, faults }
    }

    fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Returns a port below those that systems hand out by chance, another one each time. The UDP
/// port of the same number is kept until the process ends: it shows other runs of these tests that
/// the port is taken also while no server listens there.
fn port_apart() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    static CLAIMS: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::SeqCst);
        let claim = UdpSocket::bind(("127.0.0.1", port));
        if let Ok(claim) = claim
            && TcpListener::bind(("127.0.0.1", port)).is_ok()
        {
            CLAIMS.lock().unwrap().push(claim);
            return port;
        }
    }
}

/// Copies a folder with its content.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn request(line: &str) -> Request {
    let mut parts = line.split(' ').map(str::to_owned);
    let mut next = || parts.next().unwrap();
    Request {
        method: next(),
        path: next(),
        status: next().parse().unwrap(),
        bytes: next().parse().unwrap(),
    }
}

impl Request {
    /// Returns whether it changes something.
    pub(crate) fn is_write(&self) -> bool {
        self.method != "GET" && self.method != "HEAD"
    }

    /// Returns the file that it sends, if any.
    pub(crate) fn uploaded(&self) -> Option<&str> {
        let is_upload = self.method == "PUT" && self.path.starts_with("/api/files/");
        is_upload.then(|| self.path.rsplit('/').next().unwrap())
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Returns stdout, which must be one document.
    #[track_caller]
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}
