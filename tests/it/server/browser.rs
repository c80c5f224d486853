//! What a real browser makes of the pages: headless Chromium reads them over loopback HTTP, under the policy.
//! Without Chromium these tests are skipped, except where `CI` is set. No other browser, no network.

use std::env;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use zrel::local::pages::{
    FactView, FileView, Forms, PersonView, RecordView, RelatedView, VersionView,
    make_content_security_policy, render_record_page,
};

/// Names the folder, if any, that the page of the sample is pictured into, for the docs.
pub(crate) const SCREENS: &str = "ZREL_SCREENS";

#[test]
fn a_browser_shows_the_whole_record() {
    let Some(chromium) = chromium() else { return };
    let server = serve(render_record_page(&sample()), Policy::Sent);
    let dom = chromium.dump(&server);
    let shown = visible_text(&dom);
    for part in [
        "Rehearsal on this machine.",
        "Hourly tide gauge readings, Kiel Fjord, 1998–2024",
        "Draft of nothing & <everything>",
        "Lindqvist, Åsa",
        "GEOMAR Helmholtz Centre for Ocean Research Kiel",
        "0000-0002-1825-0097",
        "10.5072/zenodo.1042",
        "10.5072/zenodo.1031",
        "Gaps shorter than three hours were filled",
        "readings.parquet",
        "48.2 MB",
        "9e107d9d372bb6826bd81d3542a419d6",
        "stations \"old\" [U+202E]txt.exe",
        "812 bytes",
        "e4d909c290d0fb1ca068ffaddf22cbd0",
        "Version 2.1.0",
        "Version 2.0.0",
        "Version 1",
        "Creative Commons Attribution 4.0 International",
    ] {
        assert!(shown.contains(part), "the browser does not show `{part}`:\n{shown}");
    }
    assert_eq!(dom.matches(r#"aria-current="page""#).count(), 1);
}

#[test]
fn a_hostile_record_runs_nothing() {
    let Some(chromium) = chromium() else { return };
    let page = render_record_page(&hostile());

    let open = chromium.dump(&serve(page.clone(), Policy::Missing));
    for marker in ["data-handler-ran", "data-script-ran"] {
        assert!(
            open.contains(marker),
            "{marker}: the trap is dead, it must run without the policy"
        );
    }
    assert!(!open.contains("data-title-ran"), "escaping alone must stop the title");
    assert!(!open.contains("data-file-ran"), "escaping alone must stop the file name");

    let closed = chromium.dump(&serve(page, Policy::Sent));
    for marker in ["data-handler-ran", "data-script-ran", "data-title-ran", "data-file-ran"] {
        assert!(!closed.contains(marker), "{marker}: something ran");
    }
    let shown = visible_text(&closed);
    assert!(shown.contains("<script>document.documentElement.setAttribute"));
    assert!(shown.contains("[U+202E]gpj.exe"));
}

#[test]
fn the_policy_lets_the_style_sheet_in() {
    let Some(chromium) = chromium() else { return };
    let styled = serve(render_record_page(&sample()), Policy::Sent);
    let naked =
        serve(render_record_page(&sample()).replace(".record {", ".recorde {"), Policy::Sent);
    let styled_png = chromium.screenshot(&styled, 900, &[]);
    let naked_png = chromium.screenshot(&naked, 900, &[]);
    assert_ne!(styled_png, naked_png, "a sheet whose hash is wrong must not count");
}

#[test]
fn a_published_record_has_a_page_with_all_that_was_published() {
    let Some(chromium) = chromium() else { return };
    let rehearsal = Rehearsal::published();
    let page = Server { url: format!("{}/records/10000002", rehearsal.url) };
    let shown = visible_text(&chromium.dump(&page));
    for part in [
        "Rehearsal on this machine.",
        "On the growth of rings in a glass of tea",
        "Example, Ada",
        "Institute of Small Things",
        "10.5072/zenodo.10000002",
        "10.5072/zenodo.10000001",
        "square root",
        "paper.pdf",
        "952 bytes",
        "040a79b6e5f233498907ed888c7bd9fb",
        "rings.csv",
        "1.0.0",
    ] {
        assert!(shown.contains(part), "the browser does not show `{part}`:\n{shown}");
    }
    let shot = chromium.screenshot(&page, 1100, &["--blink-settings=preferredColorScheme=1"]);
    assert!(shot.starts_with(b"\x89PNG"), "no screenshot was taken");
    if let Some(folder) = env::var_os(SCREENS) {
        std::fs::write(Path::new(&folder).join("record-page.png"), shot).unwrap();
    }
}

/// The sample preprint, published by the program, and its local server in a process of its own.
struct Rehearsal {
    url: String,
    serve: std::process::Child,
    _folder: tempfile::TempDir,
}

impl Rehearsal {
    fn published() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples/preprint");
        std::fs::create_dir(folder.path().join("data")).unwrap();
        for file in ["zenodo.toml", "ABSTRACT.md", "paper.pdf", "data/rings.csv"] {
            std::fs::copy(sample.join(file), folder.path().join(file)).unwrap();
        }
        let zrel = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_zrel"));
            command.arg("-C").arg(folder.path());
            command
        };
        let applied = zrel().args(["apply", "--auto-approve"]).output().unwrap();
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        let mut serve =
            zrel().arg("serve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(serve.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().last().unwrap().to_owned();
        Self { url, serve, _folder: folder }
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        let _ = self.serve.kill();
        let _ = self.serve.wait();
    }
}

fn sample() -> RecordView {
    let person = |name: &str, affiliation: &str, orcid: Option<&str>| PersonView {
        name: name.into(),
        affiliations: vec![affiliation.into()],
        orcid: orcid.map(Into::into),
        role: None,
    };
    RecordView {
        title: "Hourly tide gauge readings, Kiel Fjord, 1998–2024".into(),
        creators: vec![
            person(
                "Lindqvist, Åsa",
                "GEOMAR Helmholtz Centre for Ocean Research Kiel",
                Some("0000-0002-1825-0097"),
            ),
            person("Okafor, Chidi", "University of Lagos", Some("0000-0001-5109-3700")),
            person("Kiel Harbour Authority", "City of Kiel", None),
        ],
        contributors: vec![PersonView {
            role: Some("Data curator".into()),
            ..person("Moreau, Jules", "Ifremer", None)
        }],
        doi: Some("10.5072/zenodo.1042".into()),
        concept_doi: Some("10.5072/zenodo.1031".into()),
        version: Some("2.1.0".into()),
        publication_date: Some("2026-11-20".into()),
        resource_type: Some("Dataset".into()),
        licenses: vec!["Creative Commons Attribution 4.0 International".into()],
        description_html: "<p>Water levels at four gauges in the Kiel Fjord, one reading an hour, \
            in metres above <em>Normalhöhennull</em>. Gaps shorter than three hours were filled by \
            linear interpolation and carry the flag <code>interpolated</code>; longer gaps are \
            left empty.</p><p>What changed since 2.0.0:</p><ul><li>the gauge at Holtenau has its \
            readings of 2024;</li><li>two clock shifts in 2003 are put right.</li></ul>"
            .into(),
        notes_html: Some("<p>Draft of nothing &amp; &lt;everything&gt;</p>".into()),
        keywords: ["sea level", "tide gauge", "Baltic Sea", "time series"].map(Into::into).into(),
        communities: vec!["Coastal Oceanography".into()],
        related: vec![
            RelatedView {
                relation: "Is supplement to".into(),
                identifier: "10.1038/s41586-020-2649-2".into(),
                scheme: Some("doi".into()),
                href: Some("https://doi.org/10.1038/s41586-020-2649-2".into()),
            },
            RelatedView {
                relation: "Is compiled by".into(),
                identifier: "https://example.org/tide-tools".into(),
                scheme: Some("url".into()),
                href: Some("https://example.org/tide-tools".into()),
            },
        ],
        further: vec![FactView { name: "Language".into(), value: "English".into() }],
        files: sample_files(),
        versions: sample_versions(),
        ..RecordView::default()
    }
}

fn sample_files() -> Vec<FileView> {
    let file = |name: &str, size_bytes, md5: &str| FileView {
        name: name.into(),
        size_bytes,
        md5: Some(md5.into()),
        download_path: Some("/api/records/1042/files/readings.parquet/content".into()),
    };
    vec![
        file("readings.parquet", 48_213_907, "9e107d9d372bb6826bd81d3542a419d6"),
        file("README.md", 4_310, "0cc175b9c0f1b6a831c399e269772661"),
        file("stations \"old\" \u{202e}txt.exe", 812, "e4d909c290d0fb1ca068ffaddf22cbd0"),
    ]
}

fn sample_versions() -> Vec<VersionView> {
    let version = |index, label: Option<&str>, id: u64, date: &str| VersionView {
        index,
        label: label.map(Into::into),
        doi: Some(format!("10.5072/zenodo.{id}")),
        date: date.into(),
        path: format!("/records/{id}"),
        current: id == 1042,
        latest: id == 1042,
    };
    vec![
        version(3, Some("2.1.0"), 1042, "2026-11-20"),
        version(2, Some("2.0.0"), 1038, "2026-03-02"),
        version(1, None, 1032, "2025-06-14"),
    ]
}

fn hostile() -> RecordView {
    let mark = |name: &str| format!("document.documentElement.setAttribute('data-'+'{name}','1')");
    RecordView {
        title: format!("<script>{}</script>", mark("title-ran")),
        description_html: format!(
            r#"<p>x</p><img src="/missing.png" onerror="{}"><script>{}</script>"#,
            mark("handler-ran"),
            mark("script-ran")
        ),
        files: vec![FileView {
            name: format!(
                "\"'><img src=/missing.png onerror=\"{}\">\u{202e}gpj.exe",
                mark("file-ran")
            ),
            size_bytes: 3,
            ..FileView::default()
        }],
        ..RecordView::default()
    }
}

/// A headless Chromium, with a fresh profile for every call.
pub(crate) struct Chromium {
    program: PathBuf,
}

/// Finds Chromium on the path, or says that the test is skipped.
pub(crate) fn chromium() -> Option<Chromium> {
    let path = env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let found = env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|program| program.is_file());
    if found.is_none() {
        let why = format!("no Chromium on the path (looked for {})", names.join(", "));
        assert!(env::var_os("CI").is_none(), "{why}: CI must have one");
        #[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
        {
            eprintln!("skipped: {why}");
        }
    }
    found.map(|program| Chromium { program })
}

impl Chromium {
    pub(crate) fn dump(&self, server: &Server) -> String {
        let output = self.run(&["--dump-dom", &server.url]);
        String::from_utf8(output).unwrap()
    }

    pub(crate) fn screenshot(&self, server: &Server, width: u32, flags: &[&str]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.png");
        let shot = format!("--screenshot={}", file.display());
        let window = format!("--window-size={width},1400");
        let mut args = vec!["--hide-scrollbars", &shot, &window];
        args.extend(flags);
        args.push(&server.url);
        self.run(&args);
        std::fs::read(file).unwrap()
    }

    fn run(&self, args: &[&str]) -> Vec<u8> {
        let profile = tempfile::tempdir().unwrap();
        let output = self.command(profile.path()).args(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", self.program.display());
        output.stdout
    }

    fn command(&self, profile: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--disable-dev-shm-usage", "--timeout=30000"])
            .args(["--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdin(Stdio::null());
        command
    }
}

/// Whether the page is sent with its policy; without it a test shows that its trap is alive.
#[derive(Clone, Copy)]
pub(crate) enum Policy {
    Sent,
    Missing,
}

/// One page at `/` on a loopback port; everything else is 404. Its thread ends with the process.
pub(crate) struct Server {
    url: String,
}

pub(crate) fn serve(page: String, policy: Policy) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let page = page.clone();
            thread::spawn(move || answer(stream, &page, policy));
        }
    });
    Server { url }
}

/// Answers one request; a browser that hangs up early is not a failure.
fn answer(mut stream: TcpStream, page: &str, policy: Policy) {
    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let Some(request) = lines.next() else { return };
    let _last = lines.find(String::is_empty);
    let (status, body) =
        if request.starts_with("GET / ") { ("200 OK", page) } else { ("404 Not Found", "") };
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n");
    write!(head, "Content-Length: {}\r\nConnection: close\r\n", body.len()).unwrap();
    if let Policy::Sent = policy {
        write!(
            head,
            "Content-Security-Policy: {}\r\n",
            make_content_security_policy(Forms::Absent)
        )
        .unwrap();
    }
    let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
}

/// Drops head, tags and their attributes, and decodes what Chromium escapes when it writes a DOM.
pub(crate) fn visible_text(dom: &str) -> String {
    let body = dom.split_once("<body>").unwrap().1;
    let mut text = String::new();
    for piece in body.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, shown)| shown));
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&amp;", "&")
}
