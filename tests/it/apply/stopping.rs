//! How an apply ends that a person stops, or that can't write its files: with a report of what
//! is on the server, and so that the next apply continues from there.

#[cfg(unix)]
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, mpsc};

use serde_json::Value;

use crate::apply::safety::{Fate, Folder, Proxy, Server, is_post, said};
use crate::support::rehearsal::Rehearsal;

/// A folder whose lock can't be written any more from the first request on that ends so.
fn losing_its_lock_at(server: &Server, action: &'static str) -> Folder {
    let place: Arc<OnceLock<PathBuf>> = Arc::default();
    let known = Arc::clone(&place);
    let proxy = Proxy::before(server, move |request| {
        if is_post(request, action) {
            block(known.get().unwrap());
        }
        Fate::Pass
    });
    let folder = Folder::new(proxy.port, "1", "");
    place.set(folder.at("zenodo.lock")).unwrap();
    folder
}

/// Puts a folder where a file has to be written: even root can't write a file there.
fn block(place: &Path) {
    let _ = std::fs::remove_file(place);
    std::fs::create_dir(place).unwrap();
}

#[track_caller]
fn ends_well(server: &Server, folder: &Folder) {
    std::fs::remove_dir(folder.at("zenodo.lock")).unwrap();
    goes_on(server, folder);
}

#[track_caller]
fn goes_on(server: &Server, folder: &Folder) {
    folder.publish(&[]);
    assert_eq!(server.n_versions(), 1);
    let plan = said(&folder.zrel(&["plan"]));
    assert!(plan.contains("No changes."), "{plan}");
}

#[test]
fn an_unwritable_lock_after_publishing_is_reported_with_the_doi() {
    let server = Server::start();
    let folder = losing_its_lock_at(&server, "/actions/publish");
    let (code, said) = folder.apply(&["--initial"]);
    assert_eq!((code, server.n_versions()), (12, 1), "{said}");
    let all = server.get("/api/deposit/depositions?size=100");
    let (id, doi) = (all[0]["id"].to_string(), all[0]["doi"].as_str().unwrap().to_owned());
    assert!(said.contains("it is a folder, not a file"), "{said}");
    assert!(said.contains(&format!("record {id} is published")), "{said}");
    assert!(said.contains(&doi) && !said.contains("is kept"), "{said}");
    ends_well(&server, &folder);
}

#[test]
fn an_unwritable_lock_after_a_draft_is_reported_with_the_draft() {
    let server = Server::start();
    let folder = losing_its_lock_at(&server, "/api/deposit/depositions");
    let (code, said) = folder.apply(&["--initial"]);
    assert_eq!((code, server.n_versions()), (12, 0), "{said}");
    let id = server.get("/api/deposit/depositions?size=100")[0]["id"].to_string();
    assert!(said.contains(&format!("draft {id} is kept")), "{said}");
    ends_well(&server, &folder);
}

#[test]
fn where_no_lock_can_be_written_nothing_is_sent() {
    let rehearsal = Rehearsal::new();
    let project = rehearsal.project(
        "title = \"A data set\"\nupload_type = \"dataset\"\ndescription = \"Numbers.\"\n\
         creators = [{ name = \"Doe, Jane\" }]\nlicense = \"cc-by-4.0\"",
    );
    let error = rehearsal.try_apply_with_lock_in("nowhere", &project).unwrap_err();
    assert!(error.kind.to_string().contains("zenodo.lock"), "{error}: {}", error.kind);
    assert_eq!((error.done, error.draft), (0, None));
    assert_eq!(rehearsal.n_own(), 0);
    rehearsal.apply(&project);
}

/// An apply that hangs at a request until it has ended.
#[cfg(unix)]
struct Hanging {
    server: Server,
    folder: Folder,
    child: Child,
    /// All its stderr so far.
    said: BufReader<std::process::ChildStderr>,
    /// Lets the request go, when dropped.
    hold: mpsc::Sender<()>,
}

#[cfg(unix)]
impl Hanging {
    fn at(is_there: fn(&str) -> bool, args: &[&str]) -> Self {
        let server = Server::start();
        let (there, arrived) = mpsc::channel();
        let (hold, released) = mpsc::channel();
        let once = Mutex::new(Some((there, released)));
        let proxy = Proxy::before(&server, move |request| {
            let hanging = if is_there(request) { once.lock().unwrap().take() } else { None };
            let Some((there, released)) = hanging else { return Fate::Pass };
            there.send(()).unwrap();
            let _ = released.recv();
            Fate::Drop
        });
        let folder = Folder::new(proxy.port, "1", "");
        let all = [&["apply", "--auto-approve", "--initial"], args].concat();
        let mut command = folder.command(&all);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        arrived.recv().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        Self { server, folder, child, said, hold }
    }

    fn signal(&self, name: &str) {
        Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
    }

    /// Reads stderr up to the line that holds this.
    fn wait_for(&mut self, words: &str) -> String {
        let mut text = String::new();
        while !text.contains(words) {
            assert_ne!(self.said.read_line(&mut text).unwrap(), 0, "no «{words}» in {text}");
        }
        text
    }

    /// Waits for its end; returns its code, its stdout and the rest of its stderr.
    fn end(mut self) -> (Server, Folder, i32, String, String) {
        let (mut said, mut printed) = (String::new(), String::new());
        self.said.read_to_string(&mut said).unwrap();
        self.child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        drop(self.hold);
        (self.server, self.folder, code, printed, said)
    }
}

#[cfg(unix)]
/// A folder with one file of this name, whose bytes change when its draft is made: after they were
/// hashed, and before they are sent.
fn changing_file(server: &Server, name: &str) -> Folder {
    let place: Arc<OnceLock<PathBuf>> = Arc::default();
    let known = Arc::clone(&place);
    let proxy = Proxy::before(server, move |request| {
        if is_post(request, "/api/deposit/depositions") {
            std::fs::write(known.get().unwrap(), "b,2\n").unwrap();
        }
        Fate::Pass
    });
    let folder = Folder::new(proxy.port, "1", "");
    folder.replace("archive = \"data\"", "path = \"data/a.csv\"");
    folder.replace("data.zip", name);
    place.set(folder.at("data/a.csv")).unwrap();
    folder
}

#[test]
fn a_file_that_changes_after_it_was_hashed_is_not_published() {
    // The second goes through the records API, where a file is committed after it was sent.
    for name in ["a.csv", "sub/a.csv"] {
        let server = Server::start();
        let folder = changing_file(&server, name);
        let (code, said) = folder.apply(&["--initial"]);
        assert_eq!((code, server.n_versions()), (10, 0), "{said}");
        assert!(said.contains(&format!("`{name}` changed after it was planned")), "{said}");
        goes_on(&server, &folder);
    }
}

fn is_publish(request: &str) -> bool {
    is_post(request, "/actions/publish")
}

#[cfg(unix)]
fn is_upload(request: &str) -> bool {
    request.starts_with("PUT ") && request.ends_with("/data.zip")
}

#[cfg(unix)]
#[test]
fn the_first_signal_ends_an_upload_and_says_so() {
    let mut hanging = Hanging::at(is_upload, &[]);
    hanging.signal("-INT");
    hanging.wait_for("stopping as soon as it is safe");
    let (server, folder, code, _, said) = hanging.end();
    assert_eq!((code, server.n_versions()), (130, 0), "{said}");
    assert!(said.contains(" apply` again") && said.contains("is kept"), "{said}");
    goes_on(&server, &folder);
}

#[cfg(unix)]
#[test]
fn the_second_signal_while_publishing_says_what_to_look_at() {
    for args in [&[][..], &["--format", "json"]] {
        let mut hanging = Hanging::at(is_publish, args);
        hanging.signal("-TERM");
        hanging.wait_for("a second one stops at once");
        hanging.signal("-INT");
        let (server, folder, code, printed, said) = hanging.end();
        assert_eq!((code, server.n_versions()), (14, 0), "{said}");
        let id = server.get("/api/deposit/depositions?size=100")[0]["id"].to_string();
        assert!(said.contains(&format!("look at record {id}")), "{said}");
        if !args.is_empty() {
            let document: Value = serde_json::from_str(&printed).unwrap();
            assert_eq!(document["error"]["exit_code"], 14, "{document}");
        }
        goes_on(&server, &folder);
    }
}

#[cfg(unix)]
#[test]
fn the_second_signal_elsewhere_says_how_far_it_came() {
    let mut hanging = Hanging::at(|request| is_post(request, "/api/deposit/depositions"), &[]);
    hanging.signal("-INT");
    hanging.wait_for("a second one stops at once");
    hanging.signal("-INT");
    let (_server, _folder, code, _, said) = hanging.end();
    assert_eq!(code, 130, "{said}");
    assert!(said.contains("done: 0 of 6 steps"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_product_that_could_not_be_written_is_no_success() {
    let server = Server::start();
    let folder = Folder::new(server.port, "1", "");
    for args in [&["plan"][..], &["plan", "--format", "json"], &["schema"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = folder.command(args).stdout(full).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains("can't write to stdout") && said.contains("No space"), "{said}");
    }
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = folder.command(&["plan"]).stdout(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "the reader has read enough");
}
