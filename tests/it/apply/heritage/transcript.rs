//! What commands do, as text: for each its arguments, exit code and requests, what a document on
//! stdout says, and how the lock and the names of files change.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use sha2::Digest as _;

use crate::support::world::{Ran, World};

/// Parts of documents that are words for people, or depend on them or on where the program runs.
const WORDS: [&str; 11] = [
    "about", "because", "causes", "checksum", "findings", "hints", "message", "noted", "summary",
    "text", "why",
];

/// A world whose commands are noted.
pub(super) struct Transcript {
    pub(super) world: World,
    pub(super) text: String,
    lock: String,
    names: Vec<String>,
    is_brief: bool,
}

impl Transcript {
    /// Begins with the existing state.
    pub(super) fn of(world: World) -> Self {
        let (text, lock, names) = (String::new(), String::new(), Vec::new());
        let mut transcript = Self { world, text, lock, names, is_brief: false };
        transcript.note_files();
        transcript
    }

    /// The same, with the digest of each lock in place of its text.
    pub(super) fn brief(world: World) -> Self {
        let mut transcript = Self::of(world);
        transcript.is_brief = true;
        transcript.text.clear();
        transcript
    }

    /// Writes a line.
    pub(super) fn say(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Runs a command, and notes what it did.
    pub(super) fn zrel(&mut self, args: &[&str]) -> Ran {
        self.world.requests();
        let ran = self.world.zrel(args);
        self.say(&format!("$ zrel {}", args.join(" ")));
        let host = format!("127.0.0.1:{}", self.world.port());
        let stdout = ran.stdout.replace(&host, "HOST");
        let document = serde_json::from_str(&stdout).unwrap_or(Json::Null);
        self.say(&format!("exit {}{}", ran.code, facts(&document)));
        for request in self.world.requests() {
            let path = masked(&request.path);
            let line = format!("  {} {path} {} {}", request.method, request.status, request.bytes);
            self.say(&line);
        }
        self.note_files();
        ran
    }

    /// Runs `plan`, `apply` and `plan` again with these flags.
    pub(super) fn plan_and_apply(&mut self, flags: &[&str]) {
        self.zrel(&[&["plan", "--format", "json"], flags].concat());
        self.zrel(&[&["apply", "--format", "json", "--auto-approve"], flags].concat());
        self.zrel(&["plan", "--detailed-exitcode", "--format", "json"]);
    }

    /// Notes what the lock says and which files there are, where that changed.
    pub(super) fn note_files(&mut self) {
        let project = self.world.project();
        let mut lock = String::new();
        for name in ["zenodo.lock", ".zrel/local.lock"] {
            let text = fs::read_to_string(project.join(name)).unwrap_or_default();
            for line in text.lines() {
                writeln!(lock, "  | {line}").unwrap();
            }
        }
        if lock != self.lock {
            match (lock.is_empty(), self.is_brief) {
                (true, _) => self.say("no lock"),
                (false, true) => self.say(&format!("the lock {}", sha256(&lock))),
                (false, false) => self.say(&format!("the lock\n{}", lock.trim_end())),
            }
            self.lock = lock;
        }
        let mut names = Vec::new();
        list(&project, &project, &mut names);
        names.sort();
        for name in names.iter().filter(|name| !self.names.contains(name)) {
            writeln!(self.text, "  + {name}").unwrap();
        }
        for name in self.names.iter().filter(|name| !names.contains(name)) {
            writeln!(self.text, "  - {name}").unwrap();
        }
        self.names = names;
    }

    /// Notes what the server holds.
    pub(super) fn end(mut self) -> String {
        let mut all = self.world.own_depositions();
        all.sort_by_key(|deposition| deposition["id"].as_u64());
        for listed in all {
            let deposition = self.world.deposition(listed["id"].as_u64().unwrap());
            let metadata = sha256(&deposition["metadata"].to_string());
            let line = format!("held: {} {} metadata {metadata}", listed["id"], listed["state"]);
            self.say(&line);
            let files = deposition["files"].as_array().into_iter().flatten();
            let files = files.map(|it| format!("  {} {}", it["filename"], it["checksum"]));
            let mut files: Vec<String> = files.collect();
            files.sort();
            for file in files {
                self.say(&file);
            }
        }
        self.text
    }
}

/// Lists the files of a project, except the server's and a cache that leaves out young files.
fn list(root: &Path, folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        if path.is_dir() {
            if ![".zrel/local", ".zrel/cache", ".git"].contains(&name.as_str()) {
                list(root, &path, names);
            }
        } else {
            names.push(name);
        }
    }
}

/// Returns what a document says apart from words: of a plan its digest, of another one all.
pub(super) fn facts(document: &Json) -> String {
    let (codes, bare) = (codes(document), bare(document));
    let Some(operation) = document["operation"]["kind"].as_str() else {
        let all = if bare.is_null() { codes } else { format!(", {bare} {codes}") };
        return all.trim_end().to_owned();
    };
    let (digest, verdict) = (&document["digest"], &document["verdict"]);
    let (digest, verdict) = (digest.as_str().unwrap(), verdict.as_str().unwrap());
    let now = document["now"]["state"].as_str().map(|now| format!(", now {now}"));
    let (now, rest) = (now.unwrap_or_default(), sha256(&bare.to_string()));
    format!(", {digest}, {operation}, {verdict}, [{codes}]{now}\n  the rest {rest}")
}

/// Returns the codes of a document's findings, in their order.
pub(super) fn codes(document: &Json) -> String {
    let findings = document["findings"].as_array();
    let findings = findings.or_else(|| document["error"]["findings"].as_array());
    let codes = findings.into_iter().flatten().filter_map(|finding| finding["code"].as_str());
    codes.collect::<Vec<_>>().join(" ")
}

/// Returns a document without words and without what is random.
fn bare(document: &Json) -> Json {
    match document {
        Json::Object(map) => {
            let kept = map.iter().filter(|(key, _)| !WORDS.contains(&key.as_str()));
            kept.map(|(key, value)| (key.clone(), bare(value))).collect()
        }
        Json::Array(items) => items.iter().map(bare).collect(),
        Json::String(text) => json!(masked(text)),
        Json::Null | Json::Bool(_) | Json::Number(_) => document.clone(),
    }
}

/// Replaces UUIDs, which alone are random.
pub(super) fn masked(text: &str) -> String {
    let is_uuid = |part: &str| part.len() == 36 && part.matches('-').count() == 4;
    let parts = text.split('/').map(|part| if is_uuid(part) { "UUID" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Returns the first digits of a digest: enough to see a difference.
fn sha256(text: &str) -> String {
    let digest = zrel::model::Sha256(sha2::Sha256::digest(text.as_bytes()).into());
    digest.to_string().chars().take(16).collect()
}
