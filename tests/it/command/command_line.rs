//! Running the real `zrel` on a small project, against tiny servers on loopback.
//!
//! The environment is cleared: a run sees a home folder of its own and what a test gives it.
//! Deliberately absent: what any test asserts of a verb.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use crate::support::world::{World, present};

/// How long a run may take before it counts as hanging.
const RETRY_BUDGET: Duration = Duration::from_mins(2);

/// A recognisable token.
pub(crate) const TOKEN: &str = "zrT0k+en/Sekrit==4711qxv";

/// The answer of a search that finds nothing.
pub(crate) const NO_HITS: &str = r#"{"hits": {"hits": [], "total": 0}}"#;

/// A folder with a manifest and a file, and a home beside it.
pub(crate) struct Project {
    temp: tempfile::TempDir,
}

/// How a run ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// Makes a project whose server is this address.
    pub(crate) fn on(url: &str) -> Self {
        let project = Self { temp: tempfile::tempdir().unwrap() };
        for folder in [project.root(), project.home()] {
            std::fs::create_dir(folder).unwrap();
        }
        project.write("zenodo.toml", manifest(url));
        project.write("data.txt", "some data\n");
        project
    }

    /// Returns the manifest's folder.
    pub(crate) fn root(&self) -> PathBuf {
        self.temp.path().join("project")
    }

    /// Returns the home folder.
    pub(crate) fn home(&self) -> PathBuf {
        self.temp.path().join("home")
    }

    /// Returns a path in the manifest's folder.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Writes a file into the manifest's folder.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Returns `zrel` with these arguments in the manifest's folder, with a cleared environment.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zrel"));
        command.args(args);
        self.settle(&mut command);
        command
    }

    /// Gives a command the project's folder and environment.
    pub(crate) fn settle(&self, command: &mut Command) {
        command.current_dir(self.root()).env_clear();
        command.env("HOME", self.home()).env("XDG_CONFIG_HOME", self.home().join("config"));
        command.env("ZREL_NOW", present());
    }

    /// Runs without a token.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        run(self.command(args))
    }

    /// Runs with the recognisable token for this address.
    pub(crate) fn run_with_token(&self, url: &str, args: &[&str]) -> Ran {
        let mut command = self.command(args);
        command.env(variable(url), TOKEN);
        run(command)
    }

    /// Returns every file of the project that must not change when zrel does nothing: the user's
    /// files, locks and journals; not the digest cache, and not what the local server keeps.
    pub(crate) fn memory(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = all_files(&self.root());
        let zrel = self.at(".zrel");
        files.retain(|path, _| match path.strip_prefix(&zrel) {
            Ok(inside) => {
                let name = inside.to_string_lossy();
                name.starts_with("journal") || name == "local.lock"
            }
            Err(_) => true,
        });
        files
    }
}

/// Returns every regular file below a folder.
pub(crate) fn all_files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = std::fs::symlink_metadata(&path).unwrap().file_type();
        if kind.is_dir() {
            found.extend(all_files(&path));
        } else if kind.is_file() {
            found.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    found
}

/// Returns the manifest of the small project.
pub(crate) fn manifest(url: &str) -> String {
    format!(
        r#"server = "test"

[metadata]
title = "A small thing"
upload_type = "dataset"
description = "<p>A small thing that was measured.</p>"
version = "1.0.0"
license = "CC-BY-4.0"
creators = [{{ name = "Example, Ada" }}]

[[files]]
path = "data.txt"

[servers.test]
url = "{url}"
"#
    )
}

/// Returns the name of the variable that holds the token for a loopback address.
pub(crate) fn variable(url: &str) -> String {
    let host = url.split("//").nth(1).unwrap();
    format!("ZREL_TOKEN_{}", host.replace(['.', ':'], "_").replace('-', "__"))
}

/// Runs a command to its end; one that hangs is ended, and fails the test.
pub(crate) fn run(mut command: Command) -> Ran {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let stdout = collect(child.stdout.take().unwrap());
    let stderr = collect(child.stderr.take().unwrap());
    let text = |from: mpsc::Receiver<Vec<u8>>| {
        from.recv_timeout(RETRY_BUDGET)
            .ok()
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let (Some(stdout), Some(stderr)) = (text(stdout), text(stderr)) else {
        child.kill().unwrap();
        panic!("{command:?} hangs");
    };
    let code = child.wait().unwrap().code().unwrap_or(-1);
    Ran { code, stdout, stderr }
}

fn collect(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (to, from) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        // There is no receiver any more when the run took too long.
        let _ = to.send(bytes);
    });
    from
}

impl Ran {
    /// Asserts how the run ended, and that stderr has one error with all of these phrases.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, phrases: &[&str]) -> &Self {
        self.ends(code);
        let summaries = self.stderr.lines().filter(|line| line.starts_with("error: ")).count();
        assert_eq!(summaries, 1, "not one message:\n{}", self.all());
        for phrase in phrases {
            assert!(self.stderr.contains(phrase), "stderr lacks «{phrase}»:\n{}", self.all());
        }
        self
    }

    /// Asserts how the run ended, and that nothing crashed.
    #[track_caller]
    pub(crate) fn ends(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{}", self.all());
        for crash in ["panicked", "RUST_BACKTRACE", "stack overflow"] {
            assert!(!self.stderr.contains(crash), "{}", self.all());
        }
        self
    }

    /// Reads stdout as one JSON document.
    #[track_caller]
    pub(crate) fn document(&self) -> serde_json::Value {
        match serde_json::from_str(&self.stdout) {
            Ok(document) => document,
            Err(error) => panic!("not one document: {error}\n{}", self.all()),
        }
    }

    /// Returns all output.
    pub(crate) fn all(&self) -> String {
        format!("exit {}\nstdout:\n{}\nstderr:\n{}", self.code, self.stdout, self.stderr)
    }
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// `GET /path`.
    pub(crate) line: String,
    /// Headers as they were sent.
    pub(crate) headers: String,
    /// The whole body.
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Returns whether it could change something.
    pub(crate) fn is_write(&self) -> bool {
        !self.line.starts_with("GET ")
    }
}

/// A server on loopback that answers as a test says, and notes every request. Its thread ends
/// with the test process.
pub(crate) struct FakeServer {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl FakeServer {
    /// Starts a server; `answer` gets the request and its number from 0, and writes raw bytes.
    pub(crate) fn start(
        answer: impl Fn(&Request, usize, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let Some(request) = read_request(&mut stream) else { continue };
                // It has the deposit API, as Zenodo has, and Zenodo is not asked.
                if request.line.starts_with("HEAD /api/deposit/depositions?") {
                    let _ = respond(&mut stream, "200 OK", "application/json", "");
                    continue;
                }
                let number = {
                    let mut log = log.lock().unwrap();
                    log.push(request.clone());
                    log.len() - 1
                };
                // The client may be gone.
                let _ = answer(&request, number, &mut stream);
            }
        });
        Self { url, requests }
    }

    /// Starts a server that gives every request the same answer.
    pub(crate) fn always(status: &'static str, content_type: &'static str, body: &str) -> Self {
        let body = body.to_owned();
        Self::start(move |_, _, stream| respond(stream, status, content_type, &body))
    }

    /// Returns what was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the requests that could have changed something.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.requests().iter().filter(|r| r.is_write()).map(|r| r.line.clone()).collect()
    }
}

/// Writes a whole answer.
pub(crate) fn respond(
    stream: &mut TcpStream,
    status: &str,
    content_type: &str,
    body: &str,
) -> std::io::Result<()> {
    respond_with(stream, status, &format!("Content-Type: {content_type}\r\n"), body)
}

/// Writes a whole answer with these headers, each ended by CR LF.
pub(crate) fn respond_with(
    stream: &mut TcpStream,
    status: &str,
    headers: &str,
    body: &str,
) -> std::io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

fn read_request(stream: &mut TcpStream) -> Option<Request> {
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let mut bytes = Vec::new();
    let end = loop {
        let mut chunk = [0; 4096];
        let n = stream.read(&mut chunk).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&chunk[..n]);
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let (line, headers) = head.split_once("\r\n")?;
    let length: u64 = headers
        .lines()
        .find_map(|header| {
            header.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
        })
        .unwrap_or(0);
    let mut body = bytes.split_off(end + 4);
    let left = length.saturating_sub(body.len() as u64);
    stream.take(left).read_to_end(&mut body).ok()?;
    let line = line.strip_suffix(" HTTP/1.1").unwrap_or(line).to_owned();
    Some(Request { line, headers: headers.to_owned(), body })
}

#[test]
fn shells_complete_every_verb_and_man_has_a_page_for_each() {
    let world = World::local();
    let help = world.expect(0, &["--help"]).stdout;
    let verbs = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let verbs = verbs.lines().filter_map(|line| line.split_whitespace().next());
    let verbs: Vec<&str> = verbs.filter(|verb| *verb != "help").collect();
    assert!(verbs.contains(&"plan") && verbs.contains(&"man"), "{help}");
    world.expect(0, &["man", "--into", "share/pages"]);
    world.expect(0, &["man", "--into", "share/pages"]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = world.expect(0, &["completions", shell]).stdout;
        for verb in &verbs {
            assert!(script.contains(verb), "{shell}: {verb}");
            assert!(
                world.read(&format!("share/pages/zrel-{verb}.1")).contains(".TH zrel-"),
                "{verb}"
            );
        }
    }
    world.write("a-file", "");
    let ran = world.expect(1, &["man", "--into", "a-file"]);
    assert!(ran.stderr.contains("a-file"), "{ran}");
}
