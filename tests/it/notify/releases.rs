//! What channels get of an apply: once, after everything is on disk, whatever a channel answers.

use std::time::{Duration, Instant};

use serde_json::Value as Json;
use zrel::local::{Fault as ServerFault, FaultKind, Matches};

use crate::apply::workspace::{ROOT, write_member, write_root};
use crate::support::world::{FILES, Ran, World, manifest};

use super::receiver::{Fault, Message, Receiver, SECRETS};

/// Writes the manifest with these channels.
fn write(world: &World, channels: &str, label: &str, more: &str) {
    world.manifest(&format!(
        "notify = [{channels}]\n{}",
        manifest(label, &format!("{more}{FILES}"))
    ));
    world.write("a.csv", &format!("{label}\n"));
}

/// Runs with the variables; no output and no file of the project has a secret.
fn run(world: &World, variables: &[(String, String)], args: &[&str]) -> Ran {
    let output = world.command(args).envs(variables.iter().cloned()).output().unwrap();
    let ran = Ran::from(output);
    for secret in SECRETS {
        assert!(!ran.to_string().contains(secret), "{secret}: {ran}");
        for (path, bytes) in crate::command::command_line::all_files(&world.project()) {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(secret), "{secret} in {}", path.display());
        }
    }
    ran
}

const APPLY: [&str; 4] = ["apply", "--initial", "--auto-approve", "-v"];

/// Applies, and asserts that nothing is left to do.
#[track_caller]
fn apply(world: &World, variables: &[(String, String)]) -> Ran {
    let ran = run(world, variables, &APPLY);
    assert_eq!(ran.code, 0, "{ran}");
    world.expect_no_changes();
    ran
}

fn data(message: &Message) -> &Json {
    &message.body["data"]
}

#[test]
fn a_release_is_told_once_to_each_channel_with_its_doi() {
    let (world, receiver) = (World::served(), Receiver::start());
    let variables = receiver.variables_of_all();
    let all =
        "\"slack\", \"mattermost\", \"discord\", \"teams\", \"ntfy\", \"webhook\", \"matrix\"";
    write(&world, all, "1.0", "");
    let ran = apply(&world, &variables);
    assert!(ran.stderr.contains("Sent a message to `slack` (slack)."), "{ran}");
    let taken = receiver.take();
    assert_eq!(taken.len(), 7, "{taken:#?}");
    let hook = taken.iter().find(|message| message.kind == "webhook").unwrap();
    assert_eq!(hook.body["type"], "record.published");
    assert_eq!(data(hook)["headline"], "Published: Tables of small forms 1.0");
    let facts = &data(hook)["facts"];
    assert_eq!(facts["version"], "1.0");
    assert_eq!(facts["server"], "test");
    let record = world.status()["latest"]["id"].as_u64();
    let url = data(hook)["url"].as_str().unwrap();
    assert!(facts["doi"].as_str().unwrap().starts_with("10."), "{facts}");
    if let Some(record) = record {
        assert!(url.ends_with(&format!("/records/{record}")), "{url}");
    }
    for message in &taken {
        let doi = facts["doi"].as_str().unwrap().split('/').next_back().unwrap();
        let number = doi.rsplit('.').next().unwrap();
        assert!(message.body.to_string().contains(number), "{message:?}");
    }
    // Nothing is left to do, and nothing to tell.
    apply(&world, &variables);
    assert!(receiver.take().is_empty());
    write(&world, all, "1.1", "");
    apply(&world, &variables);
    assert_eq!(receiver.take().len(), 7);
    write(&world, all, "1.1", "notes = \"An edit.\"\n");
    apply(&world, &variables);
    let taken = receiver.take();
    let hook = taken.iter().find(|message| message.kind == "webhook").unwrap();
    assert_eq!(data(hook)["headline"], "Metadata changed: Tables of small forms 1.1");
}

#[test]
fn no_channel_changes_how_an_apply_ends() {
    let receiver = Receiver::start();
    for fault in [
        Fault::Answer(404, None, "no_service".into()),
        Fault::Redirect,
        Fault::Closed,
        Fault::Late(Duration::from_secs(2)),
        Fault::Echo,
    ] {
        let world = World::served();
        write(&world, "\"lab\", \"gone\", \"board\"", "1.0", "");
        receiver.spoil("slack", &[fault]);
        let variables =
            [receiver.variables("lab", "slack"), receiver.variables("board", "discord")].concat();
        let ran = run(&world, &variables, &[&APPLY[..], &["--silence", "1"]].concat());
        assert_eq!(ran.code, 0, "{ran}");
        world.expect_no_changes();
        assert!(ran.stderr.contains("warning: can't send to `lab` (slack): "), "{ran}");
        let words = "warning: can't use the channel `gone`: it is not configured";
        assert!(ran.stderr.contains(words), "{ran}");
        let taken = receiver.take();
        assert!(taken.iter().any(|message| message.kind == "discord"), "{taken:#?}");
        assert!(
            !world.project().join(".zrel").read_dir().unwrap().any(|entry| {
                entry.unwrap().file_name().to_string_lossy().starts_with("notified")
            })
        );
    }
}

#[test]
fn a_channel_gets_only_the_events_that_it_takes() {
    let (world, receiver) = (World::served(), Receiver::start());
    let mut variables = receiver.variables("lab", "webhook");
    variables.push(("ZREL_NOTIFY_LAB_EVENTS".into(), "failed, drift".into()));
    write(&world, "\"lab\"", "1.0", "");
    apply(&world, &variables);
    assert!(receiver.take().is_empty());
    fail_once(&world);
    write(&world, "\"lab\"", "1.1", "");
    assert_ne!(run(&world, &variables, &APPLY).code, 0);
    assert_eq!(receiver.take()[0].body["type"], "apply.failed");
}

/// Lets the next publication fail.
fn fail_once(world: &World) {
    let on = Matches::parse("POST /api/deposit/depositions/*/actions/publish").unwrap();
    let kind = FaultKind::Status { status: 403, after: false };
    world.faults().set(vec![ServerFault { on, nth: 1, times: 1, kind }]);
}

#[test]
fn an_apply_that_fails_is_told_and_its_next_try_as_well() {
    let (world, receiver) = (World::served(), Receiver::start());
    let variables = receiver.variables("lab", "webhook");
    write(&world, "\"lab\"", "1.0", "");
    fail_once(&world);
    let failed = run(&world, &variables, &APPLY);
    assert_ne!(failed.code, 0, "{failed}");
    let taken = receiver.take();
    assert_eq!(taken.len(), 1, "{failed}");
    assert_eq!(data(&taken[0])["headline"], "Apply failed: Tables of small forms 1.0");
    let facts = &data(&taken[0])["facts"];
    assert_eq!(facts["exit_code"], failed.code.to_string());
    assert!(facts["error"].as_str().unwrap().contains("status 403"), "{facts}");
    apply(&world, &variables);
    let taken = receiver.take();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].body["type"], "record.published");
    world.faults().heal();
}

#[test]
fn a_run_that_is_killed_while_it_tells_is_continued_and_tells_nobody_twice() {
    let (world, receiver) = (World::served(), Receiver::start());
    let variables =
        [receiver.variables("lab", "slack"), receiver.variables("board", "discord")].concat();
    write(&world, "\"lab\", \"board\"", "1.0", "");
    // Discord's answer never comes, and Slack's message is noted.
    let minute = Duration::from_mins(1);
    receiver.spoil("discord", &[Fault::Answer(503, Some(1), String::new()), Fault::Late(minute)]);
    let mut child = world.command(&APPLY).envs(variables.iter().cloned()).spawn().unwrap();
    let since = Instant::now();
    let notes = || {
        let entries = world.project().join(".zrel").read_dir().into_iter().flatten().flatten();
        let mut paths = entries.map(|entry| entry.path());
        let notes = paths.find(|path| path.to_string_lossy().contains("notified"));
        let notes = notes.and_then(|path| std::fs::read_to_string(path).ok());
        notes.map_or(0, |text| text.matches("\"sent\"").count())
    };
    while notes() == 0 {
        assert!(since.elapsed() < minute, "nothing is noted");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let first = receiver.take();
    let of = |kind: &str, taken: &[Message]| taken.iter().filter(|it| it.kind == kind).count();
    assert_eq!(of("slack", &first), 1, "{first:#?}");
    receiver.forget_faults();
    apply(&world, &variables);
    let second = receiver.take();
    assert_eq!((of("slack", &second), of("discord", &second)), (0, 1), "{second:#?}");
    apply(&world, &variables);
    assert!(receiver.take().is_empty());
}

#[test]
fn nothing_of_a_restricted_record_is_told() {
    let (world, receiver) = (World::served(), Receiver::start());
    let variables = receiver.variables_of_all();
    let all =
        "\"slack\", \"mattermost\", \"discord\", \"teams\", \"ntfy\", \"webhook\", \"matrix\"";
    let restricted = "access_right = \"restricted\"\n";
    write(&world, all, "7.7.7", restricted);
    let text = world.read("zenodo.toml").replace("license = \"cc-by-4.0\"\n", "");
    world.write("zenodo.toml", &text);
    fail_once(&world);
    assert_ne!(run(&world, &variables, &APPLY).code, 0);
    let failed = receiver.take();
    world.faults().heal();
    apply(&world, &variables);
    let published = receiver.take();
    assert_eq!((failed.len(), published.len()), (7, 7));
    for message in failed.iter().chain(&published) {
        let text = message.body.to_string();
        for word in
            ["Tables", "small forms", "7.7.7", "10.5072", "a.csv", "/records/", "status 403"]
        {
            assert!(!text.contains(word), "{word}: {text}");
        }
        assert!(text.contains("restricted record"), "{text}");
    }
}

#[test]
fn a_rehearsal_and_a_pull_request_tell_nobody() {
    let receiver = Receiver::start();
    let mut variables = receiver.variables("lab", "webhook");
    let local = World::local();
    write(&local, "\"lab\", \"gone\"", "1.0", "");
    let ran = apply(&local, &variables);
    assert!(!ran.stderr.contains("warning"), "{ran}");
    let world = World::served();
    write(&world, "\"lab\"", "1.0", "");
    variables.push(("GITHUB_EVENT_NAME".into(), "pull_request".into()));
    apply(&world, &variables);
    assert!(receiver.take().is_empty());
}

#[test]
fn each_member_of_a_workspace_is_told_and_inherits_the_channels() {
    let (world, receiver) = (World::served(), Receiver::start());
    let variables = receiver.variables("lab", "webhook");
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    write_root(&world, &ROOT.replace("[workspace]\n", "[workspace]\nnotify = [\"lab\"]\n"));
    for name in ["a", "b"] {
        write_member(&world, name, "1.0", "");
    }
    let ran = run(&world, &variables, &APPLY);
    assert_eq!(ran.code, 0, "{ran}");
    let taken = receiver.take();
    let mut lines: Vec<&str> =
        taken.iter().map(|message| data(message)["headline"].as_str().unwrap()).collect();
    lines.sort_unstable();
    assert_eq!(lines, ["Published: Tables a 1.0", "Published: Tables b 1.0"]);
    let again = run(&world, &variables, &APPLY);
    assert_eq!(again.code, 0, "{again}");
    assert!(receiver.take().is_empty());
}

#[test]
fn a_hostile_title_reaches_a_channel_as_text() {
    let (world, receiver) = (World::served(), Receiver::start());
    let variables = receiver.variables_of_all();
    let all =
        "\"slack\", \"mattermost\", \"discord\", \"teams\", \"ntfy\", \"webhook\", \"matrix\"";
    write(&world, all, "1.0", "");
    let title = "<!channel> @everyone ](javascript:alert(1))\\nBcc: a@b.c";
    let text = world.read("zenodo.toml").replace("Tables of small forms", title);
    world.write("zenodo.toml", &text);
    apply(&world, &variables);
    let taken = receiver.take();
    assert_eq!(taken.len(), 7);
    let of = |kind: &str| taken.iter().find(|it| it.kind == kind).unwrap().body.to_string();
    assert!(of("slack").contains("&lt;!channel&gt; @everyone"), "{}", of("slack"));
    assert!(of("discord").contains("@\u{200b}everyone"), "{}", of("discord"));
    assert!(of("mattermost").contains("\\\\]\\\\(javascript:alert"), "{}", of("mattermost"));
    assert!(of("matrix").contains("&lt;!channel&gt;"), "{}", of("matrix"));
}

#[test]
fn a_record_that_is_not_as_applied_is_told_once() {
    let closed = "access_right = \"restricted\"\naccess_conditions = \"Ask.\"\n";
    for (more, headline) in
        [("", "Not as applied: record "), (closed, "A restricted record is not as applied")]
    {
        let (world, receiver) = (World::served(), Receiver::start());
        let variables = receiver.variables_of_all();
        write(&world, "\"webhook\"", "1.0", more);
        apply(&world, &variables);
        assert_eq!(run(&world, &variables, &["verify"]).code, 0);
        receiver.take();
        let id = world.status()["latest"].as_u64().unwrap();
        let reason = serde_json::json!({"reason": "test-record"});
        world.alice("POST", &format!("/api/records/{id}/request-deletion"), &reason);
        for n_told in [1, 0] {
            let ran = run(&world, &variables, &["verify"]);
            assert_eq!(ran.code, 2, "{ran}");
            let taken = receiver.take();
            assert_eq!(taken.len(), n_told, "{taken:#?}");
            let Some(message) = taken.first() else { continue };
            assert_eq!(message.body["type"], "drift.detected");
            let shown = data(message)["headline"].as_str().unwrap();
            assert!(shown.starts_with(headline), "{shown}");
            let is_shown = message.body.to_string().contains(&id.to_string());
            assert_eq!(is_shown, more.is_empty(), "{message:?}");
        }
        // A record that somebody names may be anybody's.
        run(&world, &variables, &["verify", &id.to_string()]);
        assert!(receiver.take().is_empty());
    }
}
