//! Mail, to a real server: aiosmtpd, with STARTTLS, TLS, and a log-in that fails.

use serde_json::Value as Json;

use crate::command::command_line::{Project, Ran, run};
use crate::support::world::{self, FILES, World, manifest};

use super::forms::HOSTILE;
use super::installed::MailServer;

const PASSWORD: &str = "mail-password-secret";

fn variables(server: &MailServer, tls: &str, password: &str) -> Vec<(String, String)> {
    let address = format!("127.0.0.1:{}", server.port);
    let keys = [
        ("KIND", "email"),
        ("SERVER", &address),
        ("TLS", tls),
        ("USER", "bot"),
        ("PASSWORD", password),
        ("FROM", "zrel <zrel@example.org>"),
        ("TO", "a@example.org, B <b@example.org>"),
        ("ALLOW_PRIVATE", "true"),
    ];
    let named = keys.map(|(key, value)| (format!("ZREL_NOTIFY_LAB_{key}"), value.to_owned()));
    let authority = server.folder.path().join("ca.pem").display().to_string();
    named.into_iter().chain([("SSL_CERT_FILE".to_owned(), authority)]).collect()
}

fn test_with(variables: &[(String, String)]) -> Ran {
    let project = Project::on("https://example.org");
    let mut command = project.command(&["-v", "notify", "test", "lab"]);
    command.envs(variables.iter().cloned()).env("ZREL_LOG", "trace");
    let ran = run(command);
    for secret in [PASSWORD, "another-password", "AGJvdABtYWlsLX", "AGJvdABhbm90aGV"] {
        assert!(!ran.all().contains(secret), "{secret}: {}", ran.all());
    }
    ran
}

fn read(server: &MailServer, n: usize) -> Json {
    let text = std::fs::read_to_string(server.folder.path().join(format!("{n}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Returns all values of a header.
fn header(mail: &Json, name: &str) -> Vec<String> {
    let headers = mail["headers"].as_array().unwrap().iter();
    let named = headers.filter(|header| header[0] == name);
    named.map(|header| header[1].as_str().unwrap().to_owned()).collect()
}

#[test]
fn mail_goes_over_starttls_or_tls_with_a_log_in() {
    for tls in ["starttls", "tls"] {
        let Some(server) = MailServer::start(tls) else { return };
        let ran = test_with(&variables(&server, tls, PASSWORD));
        ran.ends(0);
        assert!(ran.stdout.contains("`lab` (email): sent"), "{}", ran.stdout);
        let mail = read(&server, 1);
        assert_eq!((&mail["is_tls"], &mail["is_logged_in"]), (&true.into(), &true.into()));
        assert_eq!(mail["to"], serde_json::json!(["a@example.org", "b@example.org"]));
        assert_eq!(header(&mail, "auto-submitted"), ["auto-generated"]);
        assert_eq!(header(&mail, "x-auto-response-suppress"), ["All"]);
        let id = header(&mail, "message-id").concat();
        assert!(id.ends_with(".test@example.org>"), "{id}");
        assert_eq!(header(&mail, "subject"), ["Test message from zrel"]);
    }
}

#[test]
fn a_log_in_that_fails_and_a_server_without_tls_are_refused() {
    let Some(server) = MailServer::start("starttls") else { return };
    let ran = test_with(&variables(&server, "starttls", "another-password"));
    ran.fails(1, &["`lab` (email): 127.0.0.1: ", "535", "hint: look at `server`"]);
    // Its certificate is not trusted.
    let mut untrusted = variables(&server, "starttls", PASSWORD);
    untrusted.pop();
    test_with(&untrusted).fails(1, &["`lab` (email): 127.0.0.1: ", "certificate"]);
    assert!(!server.folder.path().join("1.json").exists());
    // No password goes to a server that does not offer STARTTLS.
    let plain = MailServer::start("none").unwrap();
    test_with(&variables(&plain, "starttls", PASSWORD)).fails(1, &["`lab` (email): 127.0.0.1: "]);
    assert!(!plain.folder.path().join("1.json").exists());
    // Plain mail is for this machine, where it is allowed.
    let mut allowed = variables(&plain, "none", "");
    allowed.retain(|(name, _)| !name.ends_with("USER") && !name.ends_with("PASSWORD"));
    test_with(&allowed).ends(0);
    assert_eq!(read(&plain, 1)["is_tls"], false);
    allowed.retain(|(name, _)| !name.ends_with("PRIVATE"));
    test_with(&allowed).fails(1, &["a private address"]);
    let message = "plain http is for this machine only";
    let mut elsewhere = variables(&plain, "none", PASSWORD);
    for (name, value) in &mut elsewhere {
        if name.ends_with("SERVER") {
            *value = "10.0.0.1:25".into();
        }
    }
    test_with(&elsewhere).fails(1, &["its address is not https", message]);
}

#[test]
fn a_busy_server_is_tried_again_with_the_same_id() {
    let Some(server) = MailServer::start("busy") else { return };
    test_with(&variables(&server, "starttls", PASSWORD)).ends(0);
    assert!(!server.folder.path().join("1.json").exists());
    assert_eq!(header(&read(&server, 2), "subject").len(), 1);
}

#[test]
fn a_hostile_title_writes_no_header() {
    let Some(server) = MailServer::start("starttls") else { return };
    let world = World::served();
    let text = manifest("1.0", FILES);
    let title = HOSTILE.replace(['\u{202e}', '\0'], "").replace('\n', "\\n");
    let text = text.replace("Tables of small forms", &title);
    world.manifest(&format!("notify = [\"lab\"]\n{text}"));
    world.write("a.csv", "one\n");
    let mut command = world.command(&["apply", "--initial", "--auto-approve"]);
    command.envs(variables(&server, "starttls", PASSWORD));
    let ran = world::Ran::from(command.output().unwrap());
    assert_eq!(ran.code, 0, "{ran}");
    world.expect_no_changes();
    let mail = read(&server, 1);
    assert!(header(&mail, "bcc").is_empty() && header(&mail, "cc").is_empty(), "{mail:#}");
    assert_eq!(mail["to"], serde_json::json!(["a@example.org", "b@example.org"]));
    let subject = header(&mail, "subject").concat();
    assert!(subject.starts_with("Published: <!channel>") && subject.contains("Bcc: all@"));
    let html = mail["html"].as_str().unwrap();
    assert!(html.contains("&lt;b&gt;x&lt;/b&gt;") && !html.contains("<b>"), "{html}");
    let id = header(&mail, "message-id").concat();
    assert!(id.ends_with(".published@example.org>"), "{id}");
    assert!(!ran.to_string().contains(PASSWORD), "{ran}");
}
