//! A folder with a manifest, and runs of `zrel` in it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::ZREL;
use crate::server::Server;

/// A folder with a manifest.
pub(crate) struct Project<'a> {
    server: &'a Server,
    folder: tempfile::TempDir,
}

/// One run of `zrel`.
pub(crate) struct Run {
    pub(crate) wall: Duration,
    pub(crate) peak_mib: f64,
}

impl<'a> Project<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        Self { server, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn manifest(&self, version: &str, pattern: &str) {
        self.manifest_with(version, pattern, "");
    }

    /// Writes a manifest with further fields.
    pub(crate) fn manifest_with(&self, version: &str, pattern: &str, fields: &str) {
        let creators = "creators = [{ name = \"Example, Ada\" }]\n";
        self.manifest_of(version, pattern, &format!("{creators}{fields}"));
    }

    /// Writes a manifest with these fields, creators among them.
    pub(crate) fn manifest_of(&self, version: &str, pattern: &str, fields: &str) {
        let text = format!(
            "server = \"bench\"\n\n[metadata]\ntitle = \"A benchmark\"\nupload_type = \"dataset\"\n\
             description = \"<p>Bytes.</p>\"\nversion = \"{version}\"\nlicense = \"CC0-1.0\"\n\
             {fields}\n[[files]]\npath = \"{pattern}\"\n\n\
             [servers.bench]\nurl = \"{}\"\ndoi_prefix = \"10.5072\"\n",
            self.server.url
        );
        fs::write(self.path("zenodo.toml"), text).unwrap();
    }

    /// Runs `zrel` and watches its memory.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_in("", args)
    }

    /// Runs `zrel` in a folder of the project.
    pub(crate) fn run_in(&self, folder: &str, args: &[&str]) -> Run {
        let start = Instant::now();
        let mut child = Command::new(ZREL)
            .arg("-C")
            .arg(self.folder.path().join(folder))
            .args(args)
            .env(self.server.host_variable(), "alice-token")
            .envs(self.server.trust())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut peak_kib = 0;
        let status = loop {
            peak_kib = peak_kib.max(peak_memory(child.id()));
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let wall = start.elapsed();
        assert!(status.success(), "zrel {args:?} ended with {status}");
        Run { wall, peak_mib: peak_kib as f64 / 1024.0 }
    }
}

/// Returns the peak of resident memory in KiB; 0 where the system does not say.
fn peak_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
