//! The real receivers, which are Python's: `.ci/run` installs them under `target/notifiers`, and the
//! tests run them where they are found; with `ZREL_LINT` set they must be.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Returns a program of the receivers, where they are installed.
#[expect(clippy::print_stderr, reason = "says that a test ran nothing")]
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/notifiers/bin").join(name);
    let is_there = path.exists();
    assert!(is_there || std::env::var_os("ZREL_LINT").is_none(), "{name} is not installed");
    if !is_there {
        let words = "the receivers are not installed under target/notifiers: nothing is tested";
        eprintln!("{words}");
    }
    is_there.then_some(path)
}

/// A process that ends with the test.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server for mail.
pub(crate) struct MailServer {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) port: String,
    _running: Running,
}

impl MailServer {
    /// Starts it, where it is installed.
    pub(crate) fn start(mode: &str) -> Option<Self> {
        let python = find_program("python")?;
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/notify/smtp.py");
        let mut command = Command::new(python);
        // What it says of a client that breaks off would hide the results of the tests.
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        command.arg(script).arg(mode).arg(folder.path()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let port = port.trim().to_owned();
        Some(Self { folder, port, _running: Running(child) })
    }
}
