//! Where channels are configured: the user's own file, files with secrets, and the environment alone.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::command::command_line::{Project, Ran, run};

use super::receiver::{Receiver, SECRETS};

fn write(path: &Path, text: &str, mode: u32) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// Writes the user's configuration.
fn configure(project: &Project, text: &str, mode: u32) {
    write(&project.home().join("config/zrel/config.toml"), text, mode);
}

fn notify(project: &Project, args: &[&str], variables: &[(String, String)]) -> Ran {
    let mut command = project.command(&[&["notify"], args].concat());
    command.envs(variables.iter().cloned());
    let ran = run(command);
    for secret in SECRETS {
        assert!(!ran.all().contains(secret), "{secret}: {}", ran.all());
    }
    ran
}

#[test]
fn a_channel_may_stand_in_the_configuration_with_its_secret_or_a_file_with_it() {
    let receiver = Receiver::start();
    let project = Project::on("https://example.org");
    let url = format!("{}/services/T0SECRET/B0SECRET/slacksecret", receiver.origin);
    let direct = format!(
        "[notify.lab]\nkind = \"slack\"\nurl = \"{url}\"\nallow_private = true\nevents = [\"failed\"]\n"
    );
    configure(&project, &direct, 0o600);
    notify(&project, &["test", "lab"], &[]).ends(0);
    configure(&project, &direct, 0o644);
    notify(&project, &["test", "lab"], &[]).fails(65, &["other users can read it", "chmod 600"]);

    let by_file = "[notify.lab]\nkind = \"slack\"\nurl_file = \"lab.url\"\nallow_private = true\n";
    configure(&project, by_file, 0o644);
    let file = project.home().join("config/zrel/lab.url");
    notify(&project, &["test", "lab"], &[]).fails(65, &["the file that `url_file` names"]);
    write(&file, &format!("{url}\n"), 0o640);
    notify(&project, &["test", "lab"], &[]).fails(65, &["other users can read it"]);
    write(&file, &format!("{url}\n"), 0o600);
    notify(&project, &["test", "lab"], &[]).ends(0);
    assert_eq!(receiver.take().len(), 2);
}

#[test]
fn the_environment_alone_is_enough_and_goes_first() {
    let receiver = Receiver::start();
    let project = Project::on("https://example.org");
    notify(&project, &["test"], &[]).fails(65, &["no channel is configured"]);
    notify(&project, &["test", "lab"], &[]).fails(
        65,
        &["can't use the channel `lab`", "it is not configured", "ZREL_NOTIFY_LAB_KIND"],
    );
    let mut variables = receiver.variables("my-lab", "webhook");
    notify(&project, &["test"], &variables).ends(0);
    assert_eq!(receiver.take()[0].kind, "webhook");

    configure(&project, "[notify.my-lab]\nkind = \"fax\"\nevents = [\"failed\"]\n", 0o644);
    notify(&project, &["test"], &variables).ends(0);
    let file = project.home().join("secret");
    write(&file, super::receiver::WHSEC, 0o600);
    variables.retain(|(name, _)| !name.ends_with("_SECRET"));
    variables.push(("ZREL_NOTIFY_MY_LAB_SECRET_FILE".into(), file.display().to_string()));
    notify(&project, &["test"], &variables).ends(0);
    variables.pop();
    variables.push(("ZREL_NOTIFY_MY_LAB_SECRET_FILE".into(), "secret".into()));
    notify(&project, &["test"], &variables).fails(65, &["is not an absolute path"]);
}

#[test]
fn a_fault_in_the_configuration_is_named_without_its_value() {
    let project = Project::on("https://example.org");
    for (text, said) in [
        ("notify = 3", "`notify` is not a table"),
        ("[notify]\nlab = \"slacksecret\"", "write it as a table"),
        ("[notify.lab]\nkind = \"slack\"\nurl = 3", "`url` has no such type"),
        ("[notify.lab]\nkind = \"slack\"\nurk = \"slacksecret\"", "urk is no key of a channel"),
        ("[notify.lab]\nkind = \"slack\"\nurl = \"slacksecret\"", "`url` is not an address"),
        ("[notify.lab]\nkind = \"slacksecret\"", "`kind` is not slack, mattermost"),
        ("[notify.lab\nurl = \"slacksecret\"", "config.toml"),
    ] {
        configure(&project, text, 0o600);
        notify(&project, &["test", "lab"], &[]).fails(65, &[said]);
    }
    configure(&project, "", 0o600);
    notify(&project, &["test", "https://x/y"], &[]).fails(64, &["is not the name of a channel"]);
}

#[test]
fn a_list_shows_where_a_channel_is_configured_and_not_where_it_goes() {
    let receiver = Receiver::start();
    let project = Project::on("https://example.org");
    assert_eq!(notify(&project, &["list"], &[]).stdout, "No channel is configured.\n");
    configure(&project, "[notify.board]\nkind = \"slack\"\n", 0o600);
    let ran = notify(&project, &["list"], &receiver.variables("my-lab", "teams"));
    let wanted = "board  unusable: `url` is missing  config.toml\nmy-lab  teams  environment\n";
    assert_eq!(ran.stdout, wanted);
    assert!(!ran.all().contains("127.0.0.1"), "{}", ran.all());
}

#[test]
fn no_message_is_sent_in_a_pull_request() {
    let receiver = Receiver::start();
    let project = Project::on("https://example.org");
    let event = project.home().join("event.json");
    std::fs::write(&event, "{\"issue\": {\"number\": 1, \"pull_request\": {}}}").unwrap();
    for (name, value) in [
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_EVENT_NAME", "pull_request_target"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("GITHUB_EVENT_PATH", event.to_str().unwrap()),
    ] {
        let mut variables = receiver.variables("lab", "slack");
        variables.push((name.into(), value.into()));
        notify(&project, &["test"], &variables).fails(64, &["off in a pull request"]);
    }
    assert_eq!(receiver.count("slack"), 0);
}
