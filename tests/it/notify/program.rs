//! A program of the user's own: what it gets, and how it may fail.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value as Json;

use crate::command::command_line::{Project, Ran, run};

/// Writes a program that notes its input, its arguments, its environment and its folder.
fn write_program(project: &Project, more: &str) -> String {
    let path = project.home().join("tell");
    let text = format!(
        "#!/bin/sh\ncat >\"$HOME/input\"\necho \"$@\" >\"$HOME/args\"\n/usr/bin/env >\"$HOME/env\"\npwd >\"$HOME/cwd\"\n{more}\n"
    );
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    path.display().to_string()
}

fn test_with(project: &Project, command: &str, args: &[&str]) -> Ran {
    let mut run_it = project.command(&[&["notify", "test", "lab"], args].concat());
    run_it.env("PATH", "/usr/bin:/bin");
    run_it.envs([("ZREL_NOTIFY_LAB_KIND", "program"), ("ZREL_NOTIFY_LAB_COMMAND", command)]);
    run_it.envs([("ZENODO_TOKEN", "a-secret"), ("ZREL_NOTIFY_BOARD_URL", "https://x?sig=secret")]);
    run_it.envs([("AWS_SECRET_ACCESS_KEY", "secret"), ("LANG", "C.UTF-8")]);
    run(run_it)
}

#[test]
fn a_program_gets_the_message_and_nothing_of_the_environment() {
    let project = Project::on("https://example.org");
    let path = write_program(&project, "");
    let note = |name: &str| std::fs::read_to_string(project.home().join(name)).unwrap();
    test_with(&project, &format!("[\"{path}\", \"a b\", \"$HOME\"]"), &[]).ends(0);
    let input: Json = serde_json::from_str(&note("input")).unwrap();
    assert_eq!(input["type"], "zrel.test");
    assert!(input["data"]["text"].as_str().unwrap().starts_with("Test message"), "{input}");
    assert_eq!(note("args"), "a b $HOME\n", "no shell reads them");
    assert_eq!(note("cwd").trim(), project.home().display().to_string());
    let env = note("env");
    assert!(env.contains("LANG=C.UTF-8") && env.contains("PATH="), "{env}");
    for name in ["ZENODO", "ZREL", "AWS", "secret", "sig="] {
        assert!(!env.contains(name), "{name}: {env}");
    }
    test_with(&project, &path, &[]).ends(0);
    assert_eq!(note("args"), "\n");
}

#[test]
fn a_program_that_fails_is_reported_with_what_it_said() {
    let project = Project::on("https://example.org");
    let path = write_program(&project, "printf 'no such\\033[2J service\\n' >&2; exit 3");
    let ran = test_with(&project, &path, &[]);
    ran.fails(1, &["`lab` (program): the program ended with exit status: 3: no such", "service"]);
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    let path = write_program(&project, "sleep 60");
    let ran = test_with(&project, &path, &["--silence", "1"]);
    ran.fails(1, &["the program took more than 1 s, and was ended"]);
    test_with(&project, "/no/such/program", &[]).fails(1, &["the program can't be run"]);
    test_with(&project, "./tell", &[]).fails(65, &["`command` is not an absolute path"]);
    // It need not read its message.
    test_with(&project, "true", &[]).ends(0);
}

#[test]
fn a_command_with_arguments_may_stand_in_the_configuration() {
    let project = Project::on("https://example.org");
    let path = write_program(&project, "");
    let folder = project.home().join("config/zrel");
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!("[notify.lab]\nkind = \"program\"\ncommand = [\"{path}\", \"one,two\"]\n");
    std::fs::write(folder.join("config.toml"), text).unwrap();
    let mut command = project.command(&["notify", "test"]);
    command.env("PATH", "/usr/bin:/bin");
    run(command).ends(0);
    assert_eq!(std::fs::read_to_string(project.home().join("args")).unwrap(), "one,two\n");
}
