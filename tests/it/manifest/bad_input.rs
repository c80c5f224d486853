//! Bad input: each case ends with one clear message and its exit code, sends nothing that could
//! change a record, and leaves every local file as it was.

use sha2::{Digest, Sha256};

use std::process::Command;

use crate::command::command_line::{FakeServer, NO_HITS, Project, Ran, Request, manifest, run};

/// Runs verbs on a project whose server must not be written to, and asserts that nothing changed.
fn refused(project: &Project, server: &FakeServer, args: &[&str]) -> Ran {
    let before = project.memory();
    let ran = project.run_with_token(&server.url, args);
    assert_eq!(server.writes(), Vec::<String>::new(), "{}", ran.all());
    assert_eq!(project.memory(), before, "{}", ran.all());
    ran
}

/// A Zenodo of a user who has no deposition yet.
fn empty_zenodo() -> FakeServer {
    FakeServer::always("200 OK", "application/json", NO_HITS)
}

#[test]
fn a_manifest_that_can_not_be_read_is_refused_before_anything_is_asked() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    let mut one_over = manifest(&server.url).into_bytes();
    one_over.resize((1 << 20) + 1, b'\n');
    let mut huge = manifest(&server.url).into_bytes();
    huge.resize(100_000_000, b'\n');
    let deep = format!("a = {}", "[".repeat(100_000));
    let dotted = format!("[{}a]", "a.".repeat(100_000));
    let tables = format!("{}1", "a = { b = ".repeat(10_000));
    let cases: [(&str, &[u8], &[&str]); 8] = [
        ("one byte too many", &one_over, &["zenodo.toml` is larger than 1048576 bytes"]),
        ("100 MB", &huge, &["zenodo.toml` is larger than 1048576 bytes"]),
        ("invalid UTF-8", b"title = \"\xff\"", &["is not a text", "from byte 9 on"]),
        ("binary", b"\x7fELF\0\0\0\x01", &["error[ZR0101]", "this is not TOML", "zenodo.toml:1:"]),
        ("NUL", b"server = \"\0\"\n", &["error[ZR0101]", "this is not TOML", "zenodo.toml:1:"]),
        ("deep", deep.as_bytes(), &["error[ZR0101]", "recurs"]),
        ("dotted", dotted.as_bytes(), &["error[ZR0101]", "recurs"]),
        ("tables", tables.as_bytes(), &["error[ZR0101]"]),
    ];
    for (what, bytes, phrases) in cases {
        project.write("zenodo.toml", bytes);
        for verb in ["validate", "plan", "apply"] {
            let ran = refused(&project, &server, &[verb]);
            ran.fails(65, phrases);
            assert!(ran.stderr.len() < 20_000, "{what}: {} bytes of stderr", ran.stderr.len());
        }
    }
    assert!(server.requests().is_empty());
}

#[test]
fn brackets_without_end_are_reported_once() {
    let project = Project::on("http://127.0.0.1:1");
    project.write("zenodo.toml", format!("a = {}", "[".repeat(100_000)));
    project.run(&["validate"]).fails(65, &["max recursion depth", "`zenodo.toml` has 2 faults"]);
}

#[cfg(unix)]
#[test]
fn a_manifest_that_is_not_a_file_is_refused() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    std::fs::rename(project.at("zenodo.toml"), project.at("real.toml")).unwrap();
    std::os::unix::fs::symlink("real.toml", project.at("link.toml")).unwrap();
    std::fs::create_dir(project.at("folder.toml")).unwrap();
    let made = Command::new("mkfifo").arg(project.at("fifo.toml")).status().unwrap();
    assert!(made.success());
    for (name, what) in [
        ("link.toml", "is a symbolic link, not a file"),
        ("folder.toml", "is a folder, not a file"),
        ("fifo.toml", "is a FIFO, not a file"),
        ("gone.toml", "can't read `gone.toml`"),
    ] {
        let ran = refused(&project, &server, &["plan", "--manifest", name]);
        ran.fails(65, &[what, "hint: ", "--manifest FILE"]);
    }
    refused(&project, &server, &["-C", "nowhere", "plan"])
        .fails(65, &["can't read `nowhere/zenodo.toml`", "-C DIR"]);
    refused(&project, &server, &["-C", "real.toml", "plan"]).fails(65, &["Not a directory"]);
}

#[test]
fn a_wrong_command_line_has_its_own_exit_code() {
    let project = Project::on("http://127.0.0.1:1");
    for (args, phrase) in [
        (&["frobnicate"] as &[&str], "unrecognized subcommand 'frobnicate'"),
        (&["plan", "--bogus"], "unexpected argument '--bogus'"),
        (&["plan", "--max-files", "many"], "invalid value 'many'"),
        (&["apply", "a.plan", "--initial"], "cannot be used with"),
        (&["apply", "--accept-rewrite", "nonsense"], "`nonsense` is not a text"),
    ] {
        project.run(args).fails(64, &[phrase]);
    }
    project.run(&[]).ends(64);
    for args in [&["--help"] as &[&str], &["help"], &["plan", "--help"], &["--version"]] {
        let ran = project.run(args);
        ran.ends(0);
        assert!(!ran.stdout.is_empty() && ran.stderr.is_empty(), "{}", ran.all());
    }
}

#[test]
fn every_failure_is_one_document_for_a_machine() {
    let server = FakeServer::always("200 OK", "text/html", "<html>");
    let project = Project::on(&server.url);
    let json = |args: &[&str]| {
        let ran = project.run_with_token(&server.url, &[args, &["--format", "json"]].concat());
        let document = ran.document();
        assert_eq!(document["format_version"], "1.0");
        assert_eq!(document["error"]["exit_code"], ran.code, "{}", ran.all());
        assert!(document["error"]["message"].as_str().is_some_and(|m| !m.is_empty()));
        ran.code
    };
    assert_eq!(json(&["plan"]), 69);
    assert_eq!(json(&["plan", "--bogus"]), 64);
    assert_eq!(json(&["apply", "a.plan", "--initial"]), 64);
    assert_eq!(json(&["apply", "nowhere.plan"]), 65);
    assert_eq!(json(&["show", "nowhere.plan"]), 65);
    project.write("zenodo.toml", "a = ");
    for verb in ["validate", "plan", "apply", "status", "history", "show"] {
        assert_eq!(json(&[verb]), 65, "{verb}");
    }
}

#[test]
fn a_plan_file_that_can_not_be_trusted_is_refused() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    project.run_with_token(&server.url, &["plan", "--initial", "--out", "good.plan"]).ends(0);
    let good: serde_json::Value =
        serde_json::from_slice(&std::fs::read(project.at("good.plan")).unwrap()).unwrap();
    let later = |version: &str| {
        let mut plan = good.clone();
        plan["format_version"] = version.into();
        plan.to_string()
    };
    let mut lacking = good.clone();
    lacking.as_object_mut().unwrap().remove("steps");
    let mut unsaved = good.clone();
    unsaved.as_object_mut().unwrap().remove("checksum");
    let cases = [
        ("unsaved", unsaved.to_string(), "for programs, and not a saved plan"),
        ("empty", String::new(), "it is not JSON"),
        ("text", "this is no plan".to_owned(), "it is not JSON"),
        ("deep", "[".repeat(1_000_000), "it is not JSON"),
        ("half", good.to_string()[..200].to_owned(), "it is not JSON"),
        ("other", "{\"a\": 1}".to_owned(), "format_version"),
        ("list", "[]".to_owned(), "format_version"),
        ("later", later("2.0"), "2.0"),
        ("odd", later("x"), "x"),
        ("lacking", lacking.to_string(), "steps"),
    ];
    for (what, text, phrase) in cases {
        project.write("bad.plan", &text);
        for verb in ["apply", "show"] {
            let ran = refused(&project, &server, &[verb, "bad.plan"]);
            ran.fails(
                65,
                &[
                    "can't use the plan `bad.plan`",
                    phrase,
                    "hint: save a plan with `zrel plan --out ",
                ],
            );
            // What the hint names is not refused as a place for a plan.
            let place = ran.stderr.rsplit_once("--out ").unwrap().1.trim_end_matches("`\n");
            project.run_with_token(&server.url, &["plan", "--initial", "--out", place]).ends(0);
            std::fs::remove_file(project.at(place)).unwrap();
            project.write("bad.plan", &text);
            assert!(ran.stdout.is_empty(), "{what}: {}", ran.all());
        }
    }
    project.write("bad.plan", [0xff, 0xfe, 0]);
    refused(&project, &server, &["apply", "bad.plan"]).fails(65, &["UTF-8"]);
    refused(&project, &server, &["apply", "."]).fails(65, &["can't use the plan `.`"]);
}

#[test]
fn a_lock_that_can_not_be_trusted_is_refused() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    let conflict = "format = 1\n<<<<<<< HEAD\n[test]\nconcept = 1\n=======\n>>>>>>> other\n";
    for (text, phrase) in [
        (conflict.as_bytes(), "conflict marker"),
        (b"format = 99\n", "format 99"),
        (b"format = 1\n[test]\nlast = \"x\"\n", "line 3: `test.last`"),
        (b"not a lock", "can't be trusted"),
        (b"format = 1\n\xff\xfe", "line 2 is not UTF-8"),
        (b"", "format"),
    ] {
        project.write("zenodo.lock", text);
        for verb in ["plan", "apply", "status"] {
            let ran = refused(&project, &server, &[verb]);
            ran.fails(65, &["zenodo.lock`", phrase, "hint: "]);
        }
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_journal_that_can_not_be_trusted_is_refused() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    // A journal belongs to an address: zrel does not continue one of another address.
    let digest = zrel::model::Sha256(Sha256::digest(server.url.as_bytes()).into()).to_string();
    let journal = format!(".zrel/journal-{}", &digest[..16]);
    for (text, phrase) in
        [("{\"format\":99,\"at\":\"begin\"}\n", "format 99"), ("what?\n{}\n", "line 1")]
    {
        project.write(&journal, text);
        refused(&project, &server, &["apply", "--initial", "--auto-approve"])
            .fails(65, &["the journal `", phrase, "hint: remove it"]);
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_second_run_on_the_same_project_has_to_wait() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    project.write(".zrel/run.lock", "");
    let held = std::fs::File::options().append(true).open(project.at(".zrel/run.lock")).unwrap();
    held.lock().unwrap();
    let ran = refused(&project, &server, &["apply", "--initial", "--auto-approve"]);
    ran.fails(75, &["another zrel is applying `zenodo.toml`", "run this again"]);
    assert!(server.requests().is_empty());
    drop(held);
    refused(&project, &server, &["apply"]).fails(13, &["--initial"]);
    let asked = server.requests();
    let has_token = |r: &Request| r.headers.contains(crate::command::command_line::TOKEN);
    assert!(!asked.is_empty() && asked.iter().all(has_token), "{asked:?}");
}

#[cfg(unix)]
#[test]
fn a_zrel_folder_that_is_not_a_folder_is_refused() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    std::os::unix::fs::symlink(project.home(), project.at(".zrel")).unwrap();
    refused(&project, &server, &["plan"]).fails(1, &["is a symbolic link, not a folder"]);
    std::fs::remove_file(project.at(".zrel")).unwrap();
    project.write(".zrel", "");
    refused(&project, &server, &["plan"]).fails(1, &["is a file, not a folder"]);
}

/// A full disk: no process may write more than 512 bytes into a file.
#[cfg(unix)]
#[test]
fn a_full_disk_is_reported_before_anything_is_sent() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    let limited = |args: &str| {
        let mut command = Command::new("sh");
        let script = format!("trap '' XFSZ; ulimit -f 1; exec \"$0\" {args}");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_zrel")]);
        project.settle(&mut command);
        command.env(
            crate::command::command_line::variable(&server.url),
            crate::command::command_line::TOKEN,
        );
        run(command)
    };
    let before = project.memory();
    let ran = limited("plan --initial --out big.plan");
    ran.fails(1, &["can't write the plan `big.plan`", "hint: "]);
    assert_eq!(project.memory(), before, "no half of a plan is left");
    assert_eq!(server.writes(), Vec::<String>::new());
}

#[test]
fn a_file_that_changes_or_goes_after_the_plan_was_saved_stops_the_apply() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    project.run_with_token(&server.url, &["plan", "--initial", "--out", "a.plan"]).ends(0);
    project.write("data.txt", "OTHER DATA");
    refused(&project, &server, &["apply", "a.plan"])
        .fails(10, &["the saved plan `a.plan` is stale; nothing was sent", "files have changed"]);
    std::fs::remove_file(project.at("data.txt")).unwrap();
    refused(&project, &server, &["apply", "a.plan"]).fails(65, &["error[ZR0209]", "data.txt"]);
}

/// Text that must never reach a terminal unescaped.
const HOSTILE: &[char] = &['\u{1b}', '\r', '\u{202e}', '\u{7}', '\u{9b}', '\u{7f}'];

#[test]
fn what_a_server_says_can_not_steer_the_terminal() {
    let words = "no \u{1b}[2J\r\u{202e}way\u{7}\u{9b}2J\u{7f}";
    let body = serde_json::json!({"status": 400, "message": words}).to_string();
    let server = FakeServer::always("400 Bad Request", "application/json", &body);
    let project = Project::on(&server.url);
    let ran = refused(&project, &server, &["plan"]);
    ran.fails(1, &["no \\u{1b}[2J\\u{d}\\u{202e}way\\u{7}\\u{9b}2J\\u{7f}"]);
    assert!(!ran.all().contains(HOSTILE), "{}", ran.all());
    let ran = refused(&project, &server, &["plan", "--format", "json"]);
    let causes = ran.document()["error"]["causes"].to_string();
    assert!(causes.contains("way"), "{causes}");
    assert!(!ran.all().contains(HOSTILE), "{}", ran.all());
}

#[test]
fn what_a_manifest_says_can_not_steer_the_terminal() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    let text = manifest(&server.url).replace("A small thing\"", "A \u{202e}small thing\"");
    project.write("zenodo.toml", text);
    let ran = project.run_with_token(&server.url, &["plan", "--initial", "--out", "a.plan"]);
    assert!(ran.ends(0).stdout.contains("A \\u{202e}small thing"), "{}", ran.all());
    let shown = project.run(&["show", "a.plan"]);
    assert!(shown.ends(0).stdout.contains("A \\u{202e}small thing"), "{}", shown.all());
    assert!(!ran.all().contains(HOSTILE) && !shown.all().contains(HOSTILE), "{}", ran.all());
    project.write("zenodo.toml", "title = \"\u{202e}\" \u{1b}[2J\n");
    assert!(!project.run(&["plan"]).fails(65, &[]).all().contains(HOSTILE));
}
