//! Credentials: zrel finds a token where it may be, sends it to its host only, and leaves no trace.

use std::net::TcpStream;
use std::sync::Mutex;

use serde_json::json;

use crate::apply::bad_server::small_zenodo;
use crate::command::command_line::{
    FakeServer, NO_HITS, Project, Ran, Request, TOKEN, all_files, manifest, respond, run, variable,
};
use crate::notify::receiver::{Fault, PATHS, Receiver, SECRETS};

fn empty_zenodo() -> FakeServer {
    FakeServer::always("200 OK", "application/json", NO_HITS)
}

/// Runs a plan with these variables.
fn plan_with(project: &Project, variables: &[(&str, &str)]) -> Ran {
    let mut command = project.command(&["plan"]);
    command.envs(variables.iter().copied());
    run(command)
}

fn bearers(server: &FakeServer) -> Vec<String> {
    let header = |request: &Request| {
        let is_it = |line: &&str| line.to_ascii_lowercase().starts_with("authorization:");
        request.headers.lines().find(is_it).map(|line| line[14..].trim().to_owned())
    };
    server.requests().iter().filter_map(header).collect()
}

#[test]
fn without_a_token_nothing_is_asked_and_zrel_says_how_to_get_one() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    let host = server.url.strip_prefix("http://").unwrap();
    for args in [&["plan"] as &[&str], &["apply", "--initial", "--auto-approve"], &["status"]] {
        project.run(args).fails(
            77,
            &[
                &format!("there is no token for {host}"),
                &variable(&server.url),
                "account/settings/applications/tokens/new/",
                "deposit:write and deposit:actions",
                "config/zrel/config.toml",
            ],
        );
    }
    assert!(server.requests().is_empty());
    for (server, name) in [("zenodo", "ZENODO_TOKEN"), ("sandbox", "ZENODO_SANDBOX_TOKEN")] {
        let text = manifest("https://example.org").replace("\"test\"", &format!("\"{server}\""));
        project.write("zenodo.toml", text);
        project.run(&["plan"]).fails(77, &[&format!("into the environment as {name}")]);
    }
}

#[test]
fn a_token_is_for_its_own_host_only() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    let others = [
        ("ZENODO_TOKEN", TOKEN),
        ("ZENODO_SANDBOX_TOKEN", TOKEN),
        ("ZREL_TOKEN_zenodo_org", TOKEN),
        ("ZREL_TOKEN_127_0_0_1", TOKEN),
        ("ZREL_TOKEN", TOKEN),
    ];
    plan_with(&project, &others).fails(77, &["there is no token for 127.0.0.1:"]);
    assert!(server.requests().is_empty());
    let own = variable(&server.url);
    plan_with(&project, &[&others[..], &[(own.as_str(), "the-right-one")]].concat()).ends(0);
    assert!(bearers(&server).iter().all(|bearer| bearer == "Bearer the-right-one"));
    assert!(!bearers(&server).is_empty());
}

#[test]
fn an_address_that_a_pull_request_changes_finds_no_token() {
    let (server, other) = (empty_zenodo(), empty_zenodo());
    let project = Project::on(&server.url);
    project.run_with_token(&server.url, &["plan"]).ends(0);
    project.write("zenodo.toml", manifest(&other.url));
    project.run_with_token(&server.url, &["plan"]).fails(77, &["there is no token for"]);
    project.write("zenodo.toml", manifest("https://my_host.invalid"));
    plan_with(&project, &[("ZREL_TOKEN_my_host_invalid", TOKEN)]).fails(
        77,
        &["there is no token for my_host.invalid", "no variable holds it", "config.toml"],
    );
    assert!(other.requests().is_empty());
}

#[test]
fn a_token_goes_over_tls_or_to_this_machine_only() {
    let project = Project::on("http://example.org");
    for url in [
        "http://example.org",
        "http://10.0.0.1:8080",
        "ftp://example.org",
        "https://u:p@example.org",
    ] {
        project.write("zenodo.toml", manifest(url));
        let variables = [("ZREL_TOKEN_example_org", TOKEN), ("ZREL_TOKEN_10_0_0_1_8080", TOKEN)];
        plan_with(&project, &variables).fails(65, &["error[ZR0128]"]);
    }
}

#[test]
fn a_token_may_be_in_a_file_that_the_users_configuration_names() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    let folder = project.home().join("config/zrel");
    std::fs::create_dir_all(&folder).unwrap();
    let host = server.url.strip_prefix("http://").unwrap();
    let config = |text: &str| std::fs::write(folder.join("config.toml"), text).unwrap();
    config(&format!("[tokens]\n\"{host}\" = \"token.txt\"\n"));
    std::fs::write(folder.join("token.txt"), format!("\n  {TOKEN}\r\n")).unwrap();
    project.run(&["plan"]).ends(0);
    assert_eq!(bearers(&server), [format!("Bearer {TOKEN}")]);

    for (text, phrase) in [
        (String::new(), "is empty"),
        (format!("{TOKEN}\n{TOKEN}"), "holds a blank"),
        ("tok\u{e9}n".to_owned(), "another character that no token has"),
    ] {
        std::fs::write(folder.join("token.txt"), text).unwrap();
        project.run(&["plan"]).fails(77, &[phrase, "alone, on one line"]);
    }
    for (text, code, phrase) in [
        (format!("[tokens]\n\"{host}\" = \"{TOKEN}\"\n"), 77, "can't read the token in the file"),
        (format!("[tokens]\n\"{host}\" = \".\"\n"), 77, "it is not a file"),
        (format!("[tokens]\n\"{host}\" = 3\n"), 65, "is not a path"),
        ("tokens = 3".to_owned(), 65, "is not a table"),
        ("what?".to_owned(), 65, "config.toml"),
        (String::new(), 77, "there is no token"),
    ] {
        config(&text);
        let ran = project.run(&["plan"]);
        ran.fails(code, &[phrase]);
        assert!(!ran.all().contains(TOKEN), "{}", ran.all());
    }
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_token_with_a_blank_is_refused_before_it_is_sent() {
    let server = empty_zenodo();
    let project = Project::on(&server.url);
    let own = variable(&server.url);
    for (value, phrase) in [("  ", "is empty"), ("a b", "holds a blank"), ("a\nb", "a line feed")] {
        plan_with(&project, &[(&own, value)]).fails(77, &[&own, phrase]);
    }
    assert!(server.requests().is_empty());
}

/// Fails when the token is in any of these bytes, in one of its spellings.
#[track_caller]
fn assert_no_trace(place: &str, bytes: &[u8]) {
    let percent = percent_encoding::utf8_percent_encode(TOKEN, percent_encoding::NON_ALPHANUMERIC);
    let bearer = base64(&format!("Bearer {TOKEN}"));
    let needles =
        [TOKEN.to_owned(), TOKEN.replace('/', "\\/"), base64(TOKEN), bearer, percent.to_string()];
    // The addresses of web hooks, their signatures, tokens and passwords.
    let of_channels = SECRETS.iter().map(|secret| (*secret).to_owned());
    for needle in needles.into_iter().chain(of_channels).chain(["sig=".to_owned()]) {
        let found = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
        assert!(!found, "a secret is in {place}");
    }
}

/// Encodes all whole groups of three bytes, so that what follows does not matter.
fn base64(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |bytes: &[u8]| {
        let bits = bytes.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[bits >> shift & 63]))
    };
    text.as_bytes().chunks_exact(3).flat_map(group).collect()
}

#[track_caller]
fn assert_no_trace_of(project: &Project, ran: &Ran) {
    assert_no_trace("stdout", ran.stdout.as_bytes());
    assert_no_trace("stderr", ran.stderr.as_bytes());
    for folder in [project.root(), project.home()] {
        for (path, bytes) in all_files(&folder) {
            assert_no_trace(&path.display().to_string(), &bytes);
        }
    }
}

/// An embedded Zenodo whose user has the recognisable token, in a folder of its own.
fn zenodo_with_token() -> (tokio::runtime::Runtime, zrel::local::Running, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    let seed = format!(
        "[[users]]\nid = 1\nemail = \"a@example.org\"\ntoken = \"{TOKEN}\"\npassword = \"p\"\n"
    );
    let mut options = zrel::local::ServeOptions::new(data.path().join("data"));
    options.seed = Some(zrel::local::parse_seed(&seed).unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let running = runtime.block_on(zrel::local::start(options)).unwrap();
    assert_eq!(running.token(), TOKEN);
    (runtime, running, data)
}

#[test]
fn a_whole_release_leaves_no_trace_of_the_token() {
    let (runtime, running, _data) = zenodo_with_token();
    let url = running.base_url().to_owned();
    let project = Project::on(&url);
    let receiver = Receiver::start();
    let names = PATHS.map(|(kind, _)| kind);
    let text = format!("notify = {names:?}\n{}doi_prefix = \"10.5072\"\n", manifest(&url));
    project.write("zenodo.toml", text);
    // Each channel refuses its message, with all that came.
    for kind in names {
        receiver.spoil(kind, &[Fault::Echo]);
    }
    let run_all = |args: &[&str]| {
        let mut command = project.command(args);
        command.env(variable(&url), TOKEN).envs(receiver.variables_of_all());
        run(command)
    };
    for (args, code) in [
        (&["plan", "--initial", "--out", "first.plan"] as &[&str], 0),
        (&["apply", "first.plan"], 0),
        (&["plan"], 0),
        (&["status", "--format", "json"], 0),
        (&["show"], 0),
        (&["history"], 0),
        (&["open", "--print"], 0),
        (&["apply", "first.plan"], 0),
    ] {
        let ran = run_all(args);
        ran.ends(code);
        assert_no_trace_of(&project, &ran);
    }
    assert!(project.at("zenodo.lock").exists(), "it was published");
    // A new version that stops at a finished draft.
    project.write("data.txt", "other data\n");
    let text = std::fs::read_to_string(project.at("zenodo.toml")).unwrap();
    project.write("zenodo.toml", text.replace("1.0.0", "1.1.0"));
    assert_eq!(receiver.count("teams"), 1);
    let ran = run_all(&["apply", "--auto-approve", "--no-publish"]);
    assert_no_trace_of(&project, ran.ends(0));
    runtime.block_on(running.stop());
}

/// A server that repeats the token in every refusal, and refuses what `refuses` names.
fn echoing(refuses: &'static str, status: &'static str) -> FakeServer {
    FakeServer::start(move |request, _, stream| answer(request, stream, refuses, status))
}

fn answer(
    request: &Request,
    stream: &mut TcpStream,
    refuses: &str,
    status: &str,
) -> std::io::Result<()> {
    if request.line.contains(refuses) {
        let message = format!("You sent {} and {TOKEN}.", request.headers);
        let body = json!({"status": 400, "message": message}).to_string();
        // As PHP writes JSON.
        let body = body.replace("en/Se", "en\\/Se");
        return respond(stream, status, "application/json", &body);
    }
    respond(stream, "200 OK", "application/json", NO_HITS)
}

#[test]
fn a_server_that_says_the_token_back_is_shown_without_it() {
    for (refuses, status, code) in [
        ("GET /api", "403 Forbidden", 77),
        ("GET /api", "401 Unauthorized", 77),
        ("GET /api", "400 Bad Request", 1),
        ("POST /api", "400 Bad Request", 1),
        ("POST /api", "403 Forbidden", 77),
        ("POST /api", "429 Too Many Requests", 75),
        ("GET /api", "500 Internal Server Error", 69),
        ("POST /api", "500 Internal Server Error", 12),
        ("POST /api", "502 Bad Gateway", 12),
    ] {
        let server = echoing(refuses, status);
        let project = Project::on(&server.url);
        for format in ["text", "json"] {
            let args = ["apply", "--initial", "--auto-approve", "--format", format];
            let mut command = project.command(&args);
            // Were there a log, it would be written now.
            command.envs([
                ("RUST_LOG", "trace"),
                ("ZREL_LOG", "trace"),
                ("RUST_BACKTRACE", "full"),
            ]);
            command.env(variable(&server.url), TOKEN);
            let ran = run(command);
            ran.fails(code, &["[token]"]);
            assert_no_trace_of(&project, &ran);
        }
    }
}

#[test]
fn what_a_kill_leaves_holds_no_token() {
    let (arrived, arrival) = std::sync::mpsc::channel();
    let (killed, death) = std::sync::mpsc::channel::<()>();
    let (arrived, death) = (Mutex::new(arrived), Mutex::new(death));
    let server = FakeServer::start(move |request, _, stream| {
        if request.line.starts_with("PUT /api/files") {
            arrived.lock().unwrap().send(()).unwrap();
            // Answers nothing while the client lives.
            let _ = death.lock().unwrap().recv();
            return Ok(());
        }
        let host = request.headers.lines().find_map(|line| line.strip_prefix("host: "));
        small_zenodo(request, stream, &format!("http://{}/api/files/b", host.unwrap()))
    });
    let project = Project::on(&server.url);
    let mut command = project.command(&["apply", "--initial", "--auto-approve"]);
    command.env(variable(&server.url), TOKEN);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    arrival.recv().unwrap();
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    killed.send(()).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let ran = Ran { code: -1, stdout: text(&output.stdout), stderr: text(&output.stderr) };
    assert_no_trace_of(&project, &ran);
    let left = all_files(&project.at(".zrel"));
    let is_journal = |path: &std::path::Path| path.to_string_lossy().contains("journal-");
    assert!(left.keys().any(|path| is_journal(path)), "{:?}", left.keys());
}

#[cfg(target_os = "linux")]
#[test]
fn a_browser_is_started_without_any_token() {
    use std::os::unix::fs::PermissionsExt;

    let (runtime, running, _data) = zenodo_with_token();
    let url = running.base_url().to_owned();
    let project = Project::on(&url);
    project.run_with_token(&url, &["apply", "--initial", "--auto-approve"]).ends(0);
    let bin = project.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    // A FIFO is read to its end when the opener is done: nothing waits by the clock.
    let fifo = project.home().join("seen");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let opener = bin.join("xdg-open");
    let script = format!("#!/bin/sh\n{{ echo \"$@\"; /usr/bin/env; }} > '{}'\n", fifo.display());
    std::fs::write(&opener, script).unwrap();
    std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).unwrap();

    let mut command = project.command(&["open"]);
    command.env("PATH", &bin).env(variable(&url), TOKEN).env("HELLO", "world");
    command.envs([("ZENODO_TOKEN", "a-secret"), ("ZENODO_SANDBOX_TOKEN", "another-secret")]);
    command
        .envs([("ZREL_NOTIFY_LAB_KIND", "teams"), ("ZREL_NOTIFY_LAB_URL", "https://x?sig=secret")]);
    let reader = std::thread::spawn(move || std::fs::read_to_string(fifo).unwrap());
    let ran = run(command);
    ran.ends(0);
    let seen = reader.join().unwrap();
    assert!(seen.contains("HELLO=world") && seen.contains(ran.stdout.trim()), "{seen}");
    for secret in [TOKEN, "secret", "ZREL_TOKEN", "ZENODO_TOKEN", "ZREL_NOTIFY", "sig="] {
        assert!(!seen.contains(secret), "the child got {secret}: {seen}");
    }
    runtime.block_on(running.stop());
}
