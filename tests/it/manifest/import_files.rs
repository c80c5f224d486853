//! The files of `zrel import --download`, from faulty servers and from hostile ones.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value as Json, json};

use crate::command::command_line::{FakeServer, Project, Ran, Request, respond, respond_with};

const CONTENT: &str = "one,two\nthree,four\n";
/// MD5 of `CONTENT`.
const MD5: &str = "33bab29fa2f4eb61deb16f7c60a400ae";

/// A project without a manifest, and a server with one public record.
struct Bad {
    project: Project,
    server: FakeServer,
}

impl Bad {
    /// Starts a server whose record has these files; `content` answers for them.
    fn new(
        files: &Json,
        content: impl Fn(&Request, usize, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let record = record(files).to_string();
        let server = FakeServer::start(move |request, number, stream| {
            if request.line.contains("/content") {
                return content(request, number, stream);
            }
            if request.line.contains("/versions") {
                let hits = format!("{{\"hits\": {{\"hits\": [{record}], \"total\": 1}}}}");
                return respond(stream, "200 OK", "application/json", &hits);
            }
            respond(stream, "200 OK", "application/json", &record)
        });
        let project = Project::on(&server.url);
        fs::remove_file(project.at("zenodo.toml")).unwrap();
        Self { project, server }
    }

    fn import(&self, more: &[&str]) -> Ran {
        let address = format!("{}/records/7", self.server.url);
        let mut args = vec!["import", &address, "--server", "test", "--download"];
        args.extend(more);
        self.project.run(&args)
    }

    /// Returns the `Range` of each request for content.
    fn ranges(&self) -> Vec<Option<String>> {
        let requests = self.server.requests();
        let asked = requests.iter().filter(|request| request.line.contains("/content"));
        asked
            .map(|request| {
                let mut headers = request.headers.lines();
                headers.find_map(|line| Some(line.strip_prefix("range: ")?.to_owned()))
            })
            .collect()
    }

    /// Returns what is kept of incomplete files.
    fn parts(&self) -> Vec<Vec<u8>> {
        let folder = fs::read_dir(self.project.at(".zrel/partial"));
        let Ok(folder) = folder else { return Vec::new() };
        folder.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect()
    }
}

fn record(files: &Json) -> Json {
    json!({
        "id": "7", "parent": {"id": "6"}, "versions": {"is_latest": true, "index": 1},
        "pids": {"doi": {"identifier": "10.12345/test.7", "provider": "datacite"}},
        "access": {"record": "public", "files": "public", "embargo": {"active": false}},
        "metadata": {
            "title": "Forms", "publication_date": "2026-06-01", "publisher": "Zenodo",
            "description": "<p>Some.</p>", "resource_type": {"id": "dataset"},
            "rights": [{"id": "mit"}], "creators": [{"person_or_org": {"name": "Weiss, Tobias"}}],
        },
        "files": {"enabled": true, "entries": files},
    })
}

fn one_file() -> Json {
    json!({"a.csv": {"key": "a.csv", "size": CONTENT.len(), "checksum": format!("md5:{MD5}")}})
}

/// Answers with the file, from the requested byte.
fn ranged(request: &Request, stream: &mut TcpStream) -> std::io::Result<()> {
    let start = request.headers.lines().find_map(|line| line.strip_prefix("range: bytes="));
    let start: Option<usize> = start.map(|range| range.trim_end_matches('-').parse().unwrap());
    match start {
        None => respond(stream, "200 OK", "application/octet-stream", CONTENT),
        Some(start) => {
            let n = CONTENT.len();
            let range = format!("Content-Range: bytes {start}-{}/{n}\r\n", n - 1);
            respond_with(stream, "206 Partial Content", &range, &CONTENT[start..])
        }
    }
}

/// Begins an answer, and breaks it off.
fn broken(stream: &mut TcpStream, part: &str) -> std::io::Result<()> {
    let n = CONTENT.len();
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {n}\r\nConnection: close\r\n\r\n{part}")
}

#[test]
fn a_broken_download_resumes_where_it_stopped() {
    let bad = Bad::new(&one_file(), |request, _, stream| {
        if request.headers.contains("range: ") {
            ranged(request, stream)
        } else {
            broken(stream, &CONTENT[..5])
        }
    });
    bad.import(&[]).ends(0);
    assert_eq!(fs::read_to_string(bad.project.at("a.csv")).unwrap(), CONTENT);
    assert_eq!(bad.ranges(), [None, Some("bytes=5-".to_owned())]);
    assert_eq!(bad.parts(), Vec::<Vec<u8>>::new());
}

#[test]
fn an_unfinished_run_is_continued_by_the_next() {
    let is_well = Arc::new(AtomicBool::new(false));
    let well = Arc::clone(&is_well);
    let bad = Bad::new(&one_file(), move |request, _, stream| {
        if well.load(Ordering::SeqCst) {
            ranged(request, stream)
        } else if request.headers.contains("range: ") {
            respond(stream, "404 Not Found", "application/json", "{\"message\": \"gone\"}")
        } else {
            broken(stream, &CONTENT[..5])
        }
    });
    bad.import(&[]).fails(1, &["reading file `a.csv` of record 7 failed", "goes on from where"]);
    assert_eq!(bad.parts(), [CONTENT.as_bytes()[..5].to_vec()]);
    assert!(!bad.project.at("a.csv").exists() && !bad.project.at("zenodo.toml").exists());
    is_well.store(true, Ordering::SeqCst);
    bad.import(&[]).ends(0);
    assert_eq!(fs::read_to_string(bad.project.at("a.csv")).unwrap(), CONTENT);
    assert_eq!(bad.ranges().last().unwrap().as_deref(), Some("bytes=5-"));
}

#[test]
fn a_server_that_can_not_resume_starts_the_file_again() {
    let bad = Bad::new(&one_file(), |request, _, stream| {
        if request.headers.contains("range: ") {
            respond(stream, "200 OK", "application/octet-stream", CONTENT)
        } else {
            broken(stream, &CONTENT[..5])
        }
    });
    bad.import(&[]).ends(0);
    assert_eq!(fs::read_to_string(bad.project.at("a.csv")).unwrap(), CONTENT);
}

#[test]
fn a_part_of_another_file_is_discarded_and_the_file_read_again() {
    let bad = Bad::new(&one_file(), |request, _, stream| ranged(request, stream));
    let part = format!(".zrel/partial/{MD5}-{}", CONTENT.len());
    for left in ["xxxxx", &"x".repeat(CONTENT.len()), &"x".repeat(CONTENT.len() + 9)] {
        bad.project.write(&part, left);
        bad.import(&["--force"]).ends(0);
        assert_eq!(fs::read_to_string(bad.project.at("a.csv")).unwrap(), CONTENT);
        fs::remove_file(bad.project.at("a.csv")).unwrap();
    }
}

#[test]
fn a_download_that_differs_from_the_announcement_is_not_kept() {
    for (content, phrase) in [
        ("one,two\nthree,fou!\n".to_owned(), "did not arrive as the server announced it"),
        ("one".to_owned(), "did not arrive as the server announced it"),
        (format!("{CONTENT}and more"), "more bytes come than the 19 announced"),
        ("x".repeat(1 << 20), "more bytes come than the 19 announced"),
    ] {
        let bad = Bad::new(&one_file(), move |_, _, stream| {
            respond(stream, "200 OK", "application/octet-stream", &content)
        });
        bad.import(&[]).fails(1, &[phrase]);
        assert!(!bad.project.at("a.csv").exists() && !bad.project.at("zenodo.toml").exists());
        assert_eq!(bad.parts(), Vec::<Vec<u8>>::new());
    }
}

#[test]
fn an_answer_without_end_is_cut_at_the_announced_size() {
    let bad = Bad::new(&one_file(), |_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            stream.write_all(&[b'x'; 8192])?;
        }
    });
    bad.import(&[]).fails(1, &["more bytes come than the 19 announced"]);
}

#[test]
fn a_file_without_a_checksum_is_not_fetched() {
    let bad = Bad::new(&json!({"a.csv": {"key": "a.csv", "size": 3}}), |_, _, stream| {
        respond(stream, "200 OK", "application/octet-stream", "one")
    });
    bad.import(&[]).fails(1, &["the server gives no MD5 of `a.csv`"]);
    assert!(!bad.project.at("a.csv").exists());
}

#[test]
fn a_redirect_to_another_host_is_not_followed() {
    let bad = Bad::new(&one_file(), |_, _, stream| {
        respond_with(stream, "302 Found", "Location: https://evil.example/a.csv\r\n", "")
    });
    bad.import(&[]).fails(69, &["the server names another host"]);
    assert!(!bad.project.at("a.csv").exists());
}

#[test]
fn names_that_lead_elsewhere_write_nothing_there() {
    let names = [
        "../up.csv",
        "/tmp/zrel-import-absolute.csv",
        "..",
        "a/b.csv",
        "a\\b.csv",
        "a\u{1b}[2J.csv",
        "zenodo.toml",
        "ZENODO.lock",
        ".zrel",
        ".git",
        ".gitignore",
        "~/x.csv",
    ];
    let files: serde_json::Map<String, Json> = names
        .iter()
        .map(|name| {
            let file = json!({
                "key": name, "size": CONTENT.len(), "checksum": format!("md5:{MD5}"),
            });
            ((*name).to_owned(), file)
        })
        .collect();
    let bad = Bad::new(&Json::Object(files), |request, _, stream| ranged(request, stream));
    let ran = bad.import(&[]);
    ran.ends(0);
    assert!(!ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
    let mut there: Vec<String> = fs::read_dir(bad.project.root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    let expected = [
        ".gitignore",
        ".zrel",
        "a",
        "data.txt",
        "file-1",
        "file-2",
        "file-3",
        "file-4",
        "file-5",
        "zenodo.lock",
        "zenodo.toml",
    ];
    assert_eq!(there, expected, "{}", ran.stdout);
    assert!(bad.project.at("a/b.csv").is_file());
    assert!(!bad.project.root().parent().unwrap().join("up.csv").exists());
    assert!(!std::path::Path::new("/tmp/zrel-import-absolute.csv").exists());
    assert!(fs::read_to_string(bad.project.at("zenodo.toml")).unwrap().starts_with("server"));
    bad.project.run(&["validate"]).ends(0);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    use std::os::unix::fs::symlink;
    let bad = Bad::new(&one_file(), |request, _, stream| ranged(request, stream));
    let outside = bad.project.root().parent().unwrap().join("outside");
    fs::write(&outside, "mine").unwrap();
    for name in ["a.csv", "zenodo.toml", "zenodo.lock"] {
        symlink(&outside, bad.project.at(name)).unwrap();
        let ran = bad.import(&["--force"]);
        assert_ne!(ran.code, 0, "{}", ran.all());
        assert_eq!(fs::read_to_string(&outside).unwrap(), "mine", "{name}");
        fs::remove_file(bad.project.at(name)).unwrap();
        assert!(!bad.project.at("a.csv").exists(), "{name} was seen too late");
    }
    let folder = bad.project.root().parent().unwrap().join("folder");
    fs::create_dir(&folder).unwrap();
    fs::remove_dir_all(bad.project.at(".zrel")).unwrap();
    symlink(&folder, bad.project.at(".zrel")).unwrap();
    assert_ne!(bad.import(&["--force"]).code, 0);
    fs::remove_file(bad.project.at(".zrel")).unwrap();
    fs::create_dir(bad.project.at(".zrel")).unwrap();
    symlink(&folder, bad.project.at(".zrel/partial")).unwrap();
    assert_ne!(bad.import(&["--force"]).code, 0);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}
