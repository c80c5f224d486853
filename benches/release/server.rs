//! `zrel serve`, and what curl does with it.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::ZREL;

/// `zrel serve` in a process of its own.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    /// The certificate that clients are told to trust.
    pub(crate) certificate: Option<PathBuf>,
    lines: Arc<Mutex<Vec<(Instant, String)>>>,
    _data: tempfile::TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/seed.toml");
        let mut child = Command::new(ZREL)
            .args(["serve", "--log-requests", "--data"])
            .arg(data.path().join("data"))
            .arg("--seed")
            .arg(seed)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let url = first.split_whitespace().last().unwrap().to_owned();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (written, stderr) = (lines.clone(), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if line.contains(" /api/") {
                    written.lock().unwrap().push((Instant::now(), line));
                }
            }
        });
        Self { child, url, certificate: None, lines, _data: data }
    }

    /// Returns the port that it was started on.
    pub(crate) fn port(&self) -> u16 {
        self.url.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// Returns the lines that the server wrote, one a request.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.answered().into_iter().map(|(_, line)| line).collect()
    }

    /// Returns the lines with the time at which each request was answered.
    pub(crate) fn answered(&self) -> Vec<(Instant, String)> {
        // The line of the last request may still be on its way.
        std::thread::sleep(Duration::from_millis(100));
        self.lines.lock().unwrap().clone()
    }

    /// Returns how long the last upload took, from the answer before it to its own.
    pub(crate) fn last_upload(&self) -> Duration {
        let lines = self.answered();
        let at = lines.iter().rposition(|(_, line)| line.starts_with("PUT /api/files/")).unwrap();
        lines[at].0 - lines[at - 1].0
    }

    /// Returns how long the last uploads took, from the answer before them to the last of their own.
    pub(crate) fn all_uploads(&self, n: usize) -> Duration {
        let lines = self.answered();
        let uploads = lines.iter().enumerate();
        let uploads = uploads.filter(|(_, (_, line))| line.starts_with("PUT /api/files/"));
        let at: Vec<usize> = uploads.map(|(at, _)| at).collect();
        lines[at[at.len() - 1]].0 - lines[at[at.len() - n] - 1].0
    }

    /// Uploads files into a new draft, several at once.
    pub(crate) fn upload_all_by_curl(&self, files: &[PathBuf], jobs: usize) -> Duration {
        let draft = self.post("/api/deposit/depositions", "{}");
        self.upload_to_by_curl(draft["links"]["bucket"].as_str().unwrap(), files, jobs)
    }

    pub(crate) fn upload_to_by_curl(
        &self,
        bucket: &str,
        files: &[PathBuf],
        jobs: usize,
    ) -> Duration {
        let mut orders = String::new();
        for file in files {
            let name = file.file_name().unwrap().to_str().unwrap();
            let path = file.to_str().unwrap();
            let _ = writeln!(orders, "upload-file = \"{path}\"\nurl = \"{bucket}/{name}\"");
            orders.push_str("output = /dev/null\n");
        }
        let list = tempfile::NamedTempFile::new().unwrap();
        fs::write(list.path(), orders).unwrap();
        let start = Instant::now();
        self.curl(&[
            "-Z",
            "--parallel-max",
            &jobs.to_string(),
            "-H",
            "Content-Type: application/octet-stream",
            "-K",
            list.path().to_str().unwrap(),
        ]);
        start.elapsed()
    }

    pub(crate) fn host_variable(&self) -> String {
        let (_, host) = self.url.split_once("://").unwrap();
        let host = host.replace(['[', ']'], "").replace(['.', ':'], "_");
        format!("ZREL_TOKEN_{host}")
    }

    /// Returns the variable by which curl and zrel trust the server's certificate.
    pub(crate) fn trust(&self) -> Option<(&str, &Path)> {
        self.certificate.as_deref().map(|path| ("SSL_CERT_FILE", path))
    }

    pub(crate) fn curl(&self, args: &[&str]) -> String {
        let output = Command::new("curl")
            .args(["-g", "-sS", "--fail-with-body", "-H", "Authorization: Bearer alice-token"])
            .args(args)
            // curl asks these first.
            .env_remove("CURL_CA_BUNDLE")
            .env_remove("SSL_CERT_DIR")
            .envs(self.trust())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> serde_json::Value {
        let url = format!("{}{path}", self.url);
        let json = "Content-Type: application/json";
        serde_json::from_str(&self.curl(&["-X", "POST", "-H", json, "-d", body, &url])).unwrap()
    }

    fn put_file(&self, file: &Path, target: &str) {
        let bytes = "Content-Type: application/octet-stream";
        self.curl(&["-H", bytes, "-T", file.to_str().unwrap(), target]);
    }

    /// The upload alone: the draft is there already.
    pub(crate) fn upload_by_curl(&self, file: &Path) -> Duration {
        let draft = self.post("/api/deposit/depositions", "{}");
        let target = format!("{}/large.bin", draft["links"]["bucket"].as_str().unwrap());
        let start = Instant::now();
        self.put_file(file, &target);
        start.elapsed()
    }

    /// Deletes these files from a draft that has them, one by one, and uploads them again, several
    /// at once: in a draft of another record, so that the one to be released is left alone.
    pub(crate) fn replace_by_curl(&self, files: &[PathBuf], jobs: usize) -> Duration {
        let draft = self.post("/api/deposit/depositions", "{}");
        let bucket = draft["links"]["bucket"].as_str().unwrap().to_owned();
        self.upload_to_by_curl(&bucket, files, jobs);
        let own = draft["links"]["self"].as_str().unwrap();
        let full: serde_json::Value = serde_json::from_str(&self.curl(&[own])).unwrap();
        let ids = full["files"].as_array().unwrap().iter().map(|file| file["id"].as_str().unwrap());
        let targets: Vec<String> = ids.map(|id| format!("{own}/files/{id}")).collect();
        let mut deletes = vec!["-X", "DELETE"];
        deletes.extend(targets.iter().map(String::as_str));
        let start = Instant::now();
        self.curl(&deletes);
        self.upload_to_by_curl(&bucket, files, jobs);
        start.elapsed()
    }

    /// The four writes of a new version, by hand.
    pub(crate) fn version_by_curl(&self, file: &Path) -> Duration {
        let listed = self.curl(&[&format!("{}/api/deposit/depositions", self.url)]);
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
        let mut metadata = listed[0]["metadata"].clone();
        metadata.as_object_mut().unwrap().remove("doi");
        metadata["version"] = "1.2".into();
        let body = serde_json::json!({"metadata": metadata}).to_string();
        let id = listed[0]["id"].as_u64().unwrap();
        let start = Instant::now();
        let draft = self.post(&format!("/api/deposit/depositions/{id}/actions/newversion"), "{}");
        let links = &draft["links"];
        let json = "Content-Type: application/json";
        self.curl(&["-X", "PUT", "-H", json, "-d", &body, links["self"].as_str().unwrap()]);
        let target = format!("{}/data-07.bin", links["bucket"].as_str().unwrap());
        self.put_file(file, &target);
        self.curl(&["-X", "POST", "-H", json, "-d", "{}", links["publish"].as_str().unwrap()]);
        start.elapsed()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
