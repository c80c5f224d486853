//! `zrel auth`: a token is tried, kept where only its user can read it, found again, and forgotten.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::terminal::converse;
use crate::support::world::{
    ALICE, FILES, Ran, World, manifest, publish_first, serve_without_token,
};

/// Runs zrel with a keyring that is a folder, and gives it this on stdin.
fn with_keyring(world: &World, args: &[&str], input: &str) -> Ran {
    let keyring = world.path().join("keyring");
    std::fs::create_dir_all(&keyring).unwrap();
    let mut command = world.command(args);
    command.env("ZREL_TEST_KEYRING", keyring);
    feed(command, input)
}

fn feed(mut command: Command, input: &str) -> Ran {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    // A run that needs no input may have ended.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap().into()
}

fn kept_file(world: &World) -> PathBuf {
    world.path().join("home/.config/zrel/credentials.toml")
}

#[track_caller]
fn ends(ran: &Ran, code: i32, phrases: &[&str]) {
    assert_eq!(ran.code, code, "{ran}");
    let all = format!("{}{}", ran.stdout, ran.stderr);
    for phrase in phrases {
        assert!(all.contains(phrase), "lacks «{phrase}»:\n{all}");
    }
    assert!(!all.contains(ALICE), "shows the token:\n{all}");
}

#[test]
fn a_token_is_tried_kept_in_the_keyring_and_used() {
    let world = serve_without_token();
    let url = world.address();
    let login = with_keyring(&world, &["auth", "login", &url, "--stdin"], &format!("{ALICE}\n"));
    ends(&login, 0, &["takes the token", "Kept the token for 127.0.0.1:", "in the keyring"]);
    let list = std::fs::read_to_string(kept_file(&world)).unwrap();
    assert!(list.contains("kind = \"token\"") && !list.contains(ALICE), "{list}");

    ends(&with_keyring(&world, &["plan", "--initial"], ""), 0, &["1 file added"]);
    let applied = with_keyring(&world, &["apply", "--initial", "--auto-approve"], "");
    ends(&applied, 0, &["published"]);
    ends(&with_keyring(&world, &["plan"], ""), 0, &["No changes."]);
    let status = with_keyring(&world, &["auth", "status"], "");
    ends(
        &status,
        0,
        &["token from the keyring", "you revoke it", "tried       the server takes it"],
    );
    // The recordings' first user.
    ends(&status, 0, &["user        1"]);
    world.requests();
    ends(&with_keyring(&world, &["auth", "status", "--offline"], ""), 0, &["tried       no"]);
    assert!(world.requests().is_empty());

    let logout = with_keyring(&world, &["auth", "logout", &url], "");
    ends(&logout, 0, &["Forgot the token", "/account/settings/applications/"]);
    assert!(std::fs::read_dir(world.path().join("keyring")).unwrap().next().is_none());
    world.write("a.csv", "one,three\n");
    ends(&with_keyring(&world, &["plan"], ""), 77, &["there is no token", "zrel auth login http:"]);
    ends(&with_keyring(&world, &["auth", "logout", &url], ""), 0, &["Nothing was kept"]);
}

#[test]
fn a_refused_token_is_not_kept() {
    let world = serve_without_token();
    let url = world.address();
    let login = with_keyring(&world, &["auth", "login", &url, "--stdin"], "not-a-token\n");
    ends(&login, 77, &["Permission denied.", "; nothing was kept", "copy this one again"]);
    for (input, phrase) in [("", "is empty"), ("a b\n", "holds a blank")] {
        ends(&with_keyring(&world, &["auth", "login", &url, "--stdin"], input), 77, &[phrase]);
    }
    assert!(!kept_file(&world).exists());
    assert!(std::fs::read_dir(world.path().join("keyring")).unwrap().next().is_none());
}

#[test]
fn a_token_that_was_revoked_is_named_before_anything_is_written() {
    let mut world = World::served();
    publish_first(&world);
    world.set_token("revoked-on-the-server");
    world.write("a.csv", "changed\n");
    world.requests();
    for args in [&["plan"] as &[&str], &["apply", "--auto-approve"]] {
        let ran = world.zrel(args);
        ends(&ran, 77, &["the token came from ZREL_TOKEN_127_0_0_1_", "Permission denied."]);
    }
    assert!(world.writes().is_empty());
    let status = world.zrel(&["auth", "status", "--format", "json"]);
    assert_eq!(status.code, 77, "{status}");
    let document = status.json();
    let server = &document["servers"][0];
    assert_eq!(server["tried"], "refused");
    assert_eq!(server["message"], "Permission denied.");
    assert_eq!(server["credential"], "token");
    assert!(!status.stdout.contains("revoked-on-the-server"), "{status}");
}

#[test]
fn without_a_keyring_a_file_for_its_owner_keeps_it_if_the_user_agrees() {
    let world = serve_without_token();
    let url = world.address();
    let login = |more: &[&str]| {
        let args = [&["auth", "login", &url, "--stdin"], more].concat();
        feed(world.command(&args), ALICE)
    };
    ends(&login(&[]), 13, &["There is no keyring here", "--file"]);
    let silent = {
        let mut command = world.command(&["auth", "login", &url, "--stdin"]);
        command.env("ZREL_TEST_KEYRING", "silent");
        feed(command, ALICE)
    };
    ends(&silent, 13, &["The keyring did not answer within 0.8 s", "--file"]);
    assert!(!kept_file(&world).exists());

    ends(&login(&["--file"]), 0, &["which only you can read"]);
    let mode = || std::fs::metadata(kept_file(&world)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    ends(&world.zrel(&["plan", "--initial"]), 0, &["1 file added"]);
    ends(&world.zrel(&["auth", "status"]), 0, &["credentials.toml", "the server takes it"]);

    std::fs::set_permissions(kept_file(&world), PermissionsExt::from_mode(0o644)).unwrap();
    for args in [&["plan"] as &[&str], &["auth", "status"], &["auth", "logout", &url]] {
        ends(&world.zrel(args), 77, &["others can read", "chmod 600"]);
    }
    std::fs::set_permissions(kept_file(&world), PermissionsExt::from_mode(0o600)).unwrap();
    ends(&world.zrel(&["auth", "logout", &url]), 0, &["Forgot"]);
    assert!(!std::fs::read_to_string(kept_file(&world)).unwrap().contains(ALICE));
}

#[test]
fn a_server_that_only_the_manifest_names_gets_no_token_unasked() {
    let world = serve_without_token();
    let host = format!("127.0.0.1:{}", world.port());
    for args in [&["auth", "login", "--stdin"] as &[&str], &["auth", "login", "test", "--stdin"]] {
        let ran = with_keyring(&world, args, ALICE);
        ends(&ran, 13, &[&format!("names the server {host}"), "zrel opened nothing there."]);
        ends(
            &ran,
            13,
            &[&format!("name its address on the command line: zrel auth login http://{host}")],
        );
    }
    assert!(world.requests().is_empty());
    // At a terminal the host is typed; another word is no consent.
    let programs = fake_desktop(&world);
    let set_up = format!("export PATH={}:/usr/bin:/bin", programs.display());
    let ran = converse(&world, &set_up, "auth login", &[("type its host", "yes"), ("is not", "")]);
    ends(&ran, 13, &["`yes` is not", "not confirmed; nothing was kept"]);
    let lines = [("type its host", host.as_str()), ("To keep it in", "yes"), ("not shown", ALICE)];
    let ran = converse(&world, &set_up, "auth login", &lines);
    ends(&ran, 0, &["Paste the token", "To keep it in", "which only you can read"]);
    assert!(!programs.join("started").exists(), "a page that the manifest chose was opened");
    // Now its user has given zrel a token for it.
    ends(&world.zrel(&["auth", "login", "--stdin", "--file"]), 77, &["is empty"]);
}

/// Writes a program that notes what a desktop would open, and with which variables. Like a
/// browser, it goes on after the terminal it was started from is closed.
fn fake_desktop(world: &World) -> PathBuf {
    let folder = world.path().join("desktop");
    std::fs::create_dir_all(&folder).unwrap();
    let program = format!(
        "#!/bin/sh\ntouch {0}/started\nuntil [ -e {0}/closed ]; do sleep 0.02; done\n\
         (echo \"$1\"; env) > {0}/part && mv {0}/part {0}/opened\n",
        folder.display()
    );
    std::fs::write(folder.join("xdg-open"), program).unwrap();
    std::fs::set_permissions(folder.join("xdg-open"), PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

/// Waits for the program that outlives the command.
fn read_opened(programs: &Path) -> String {
    std::fs::write(programs.join("closed"), "").unwrap();
    for _ in 0..500 {
        if let Ok(text) = std::fs::read_to_string(programs.join("opened")) {
            return text;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("nothing was opened");
}

#[test]
fn the_token_page_is_printed_and_opened_and_the_browser_gets_no_secret() {
    let world = serve_without_token();
    let url = world.address();
    let programs = fake_desktop(&world);
    let set_up = format!(
        "export PATH={}:/usr/bin:/bin ZREL_TOKEN_other_org={ALICE} ZENODO_TOKEN={ALICE}",
        programs.display()
    );
    let page = format!("{url}/account/settings/applications/tokens/new/");
    let args = format!("auth login {url} --file");
    let ran = converse(&world, &set_up, &args, &[("not shown", ALICE)]);
    ends(&ran, 0, &[&page, "deposit:write and deposit:actions", "which only you can read"]);
    let opened = read_opened(&programs);
    assert!(opened.starts_with(&format!("{page}\n")), "{opened}");
    assert!(!opened.contains(ALICE), "{opened}");
}

#[test]
fn without_a_terminal_zrel_says_how_to_give_a_token() {
    let world = serve_without_token();
    let ran = world.zrel(&["auth", "login", &world.address()]);
    ends(&ran, 13, &["nobody can be asked", "--stdin"]);
    ends(&world.zrel(&["auth", "login", "nowhere", "--stdin"]), 64, &["unknown server `nowhere`"]);
    ends(
        &world.zrel(&["auth", "login", "http://example.org", "--stdin"]),
        64,
        &["it must be https"],
    );
    ends(&world.zrel(&["auth", "login", "local", "--stdin"]), 64, &["needs no credential"]);
    ends(&world.zrel(&["auth", "status"]), 77, &["none: give zrel one with `zrel auth login`"]);
}

/// Says that a test ran nothing, and fails where everything has to be tested.
#[expect(clippy::print_stderr, reason = "says that a test ran nothing")]
pub(crate) fn miss(what: &str) {
    assert!(std::env::var_os("ZREL_LINT").is_none(), "{what} is not installed");
    eprintln!("{what} is not installed: nothing is tested");
}

#[test]
fn a_secret_service_keeps_a_token() {
    for program in ["/usr/bin/dbus-run-session", "/usr/bin/gnome-keyring-daemon"] {
        if !Path::new(program).exists() {
            return miss(program);
        }
    }
    let world = serve_without_token();
    let url = world.address();
    let script = "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null\n\
        printf '%s\\n' \"$TOKEN\" | \"$ZREL\" auth login \"$URL\" --stdin && unset TOKEN\n\
        \"$ZREL\" plan --initial && \"$ZREL\" auth status && \"$ZREL\" auth logout \"$URL\"\n\
        \"$ZREL\" plan --initial; echo \"at last $?\"";
    let like_zrel = world.command(&[]);
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "/bin/sh", "-c", script]).env_clear().current_dir(world.project());
    let own = like_zrel.get_envs().filter_map(|(name, value)| Some((name, value?)));
    command.envs(own).env("PATH", "/usr/bin:/bin").env("XDG_RUNTIME_DIR", world.path());
    command.env("TOKEN", ALICE).env("URL", &url).env("ZREL", env!("CARGO_BIN_EXE_zrel"));
    let ran: Ran = command.output().unwrap().into();
    ends(
        &ran,
        0,
        &["in the keyring", "1 file added", "token from the keyring", "Forgot", "at last 77"],
    );
    assert!(!std::fs::read_to_string(kept_file(&world)).unwrap().contains(ALICE));
}

#[test]
fn the_local_server_needs_no_credential() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    let ran = world.zrel(&["auth", "status"]);
    ends(&ran, 0, &["The server `local` needs no credential"]);
    world.remove("zenodo.toml");
    ends(&world.zrel(&["auth", "status"]), 77, &["No credentials."]);
}
