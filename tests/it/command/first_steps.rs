//! What a person does first, and mistypes.

use std::process::Command;

#[cfg(target_os = "linux")]
use crate::support::terminal::type_into;
use crate::support::world::{FILES, Ran, World, manifest, publish_first};

fn run(mut command: Command) -> Ran {
    command.output().unwrap().into()
}

#[test]
fn from_a_subfolder_the_manifest_above_is_used_and_named() {
    let world = World::local();
    world.git(&["init", "--quiet"]);
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    world.write("deep/er/b.txt", "two\n");
    let below = |args: &[&str]| {
        let mut command = world.command(args);
        command.current_dir(world.project().join("deep/er"));
        run(command)
    };
    let ran = below(&["validate"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("Using `../../zenodo.toml`."), "{ran}");
    assert!(ran.stdout.contains("`../../zenodo.toml` is valid: 1 file"), "{ran}");
    // What it suggests works from here.
    let ran = below(&["apply", "--auto-approve", "--initial"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("add to ../../zenodo.toml"), "{ran}");
    world.expect_no_changes();
    // A folder, or a manifest of another name, that was named is taken at its word.
    for args in [["-C", ".", "validate"], ["-m", "other.toml", "validate"]] {
        assert_eq!(below(&args).code, 65);
    }
    assert!(!world.project().join("deep/er/zenodo.lock").exists());
}

#[test]
fn where_there_is_no_manifest_init_is_offered() {
    let world = World::local();
    let ran = world.expect(65, &["plan"]);
    assert!(ran.stderr.contains("zrel init"), "{ran}");
}

#[test]
fn a_misspelt_key_is_one_finding() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES).replace("title =", "titel ="));
    world.write("a.csv", "one\n");
    let text = world.expect(65, &["validate"]).stderr;
    assert!(text.contains("did you mean `title`?") && text.contains("has a fault"), "{text}");
    assert!(!text.contains("ZR0104"), "{text}");
    // Both are there: the unknown one is to go, and nothing is missing.
    world.manifest(&manifest("1.0", FILES).replace("title =", "titel = \"x\"\ntitle ="));
    let text = world.expect(65, &["validate"]).stderr;
    assert!(text.contains("`title` is already set") && !text.contains("ZR0104"), "{text}");
}

#[test]
fn a_misspelt_header_is_not_to_be_removed() {
    let world = World::local();
    world.write("a.csv", "one\n");
    world.manifest(&manifest("1.0", &format!("{FILES}[[file]]\npath = \"b.csv\"\n")));
    let text = world.expect(65, &["validate"]).stderr;
    assert!(text.contains("did you mean `[[files]]`?"), "{text}");
}

#[test]
fn a_subtype_in_place_of_an_upload_type_is_explained() {
    let world = World::local();
    world.write("a.csv", "one\n");
    for (given, upload_type, key) in
        [("preprint", "publication", "publication_type"), ("figure", "image", "image_type")]
    {
        let text = manifest("1.0", FILES).replace("\"dataset\"", &format!("\"{given}\""));
        world.manifest(&text);
        let said = world.expect(65, &["validate"]).stderr;
        let hint = format!("write `upload_type = \"{upload_type}\"` and `{key} = \"{given}\"`");
        assert!(said.contains(&hint), "{said}");
        let line = format!("upload_type = \"{upload_type}\"\n{key} = \"{given}\"");
        world.manifest(&text.replace(&format!("upload_type = \"{given}\""), &line));
        world.expect(0, &["validate"]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_mistyped_answer_is_asked_for_again_and_an_empty_one_stops() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    for no in ["\n", "no\n", "10\n\n"] {
        let ran = type_into(&world, "apply --initial", no);
        assert_eq!(ran.code, 13, "{ran}");
        assert!(ran.stdout.contains("not confirmed; nothing was sent"), "{ran}");
    }
    let ran = type_into(&world, "apply --initial", "1\n1.0\n");
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("`1` is not `1.0`"), "{ran}");
    world.expect_no_changes();
}

/// A draft can be changed and discarded, so only its creation is asked about.
#[test]
fn a_draft_that_is_not_published_needs_no_approval() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    world.expect(13, &["apply", "--no-publish"]);
    let ran = world.expect(0, &["apply", "--no-publish", "--initial"]);
    assert!(ran.stdout.contains("Nothing is published."), "{ran}");
    world.write("a.csv", "one,two\n");
    world.expect(0, &["apply", "--no-publish"]);
    // To publish it is asked about.
    world.expect(13, &["apply"]);
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn open_shows_the_draft_that_is_to_be_reviewed() {
    let world = World::served();
    let published = publish_first(&world);
    let page = |world: &World| world.expect(0, &["open", "--print"]).stdout;
    assert!(page(&world).contains(&format!("/records/{published}")));
    world.manifest(&manifest("1.1", FILES));
    world.apply(&["--no-publish"]);
    let draft = world.open_drafts()[0];
    assert!(page(&world).contains(&draft.to_string()), "{}", page(&world));
    world.apply_then_expect_no_changes(&[]);
    assert!(page(&world).contains(&format!("/records/{draft}")));
}

/// The local server ends with the command, and has the same address when it is served again.
#[test]
fn open_prints_the_local_page_and_returns() {
    let world = World::local();
    publish_first(&world);
    let ran = world.expect(0, &["open", "--print"]);
    assert!(ran.stdout.starts_with("http://127.0.0.1:"), "{ran}");
    assert!(ran.stderr.contains("The page is there while `zrel serve` runs."), "{ran}");
    assert_eq!(world.expect(0, &["open", "--print"]).stdout, ran.stdout);
    let shown = world.expect(0, &["show"]).stdout;
    assert!(shown.contains("zrel open") && !shown.contains("http://127"), "{shown}");
}

#[test]
fn global_options_stand_once_in_the_help_and_work_behind_every_command() {
    let world = World::local();
    let program = world.expect(0, &["--help"]).stdout;
    for option in ["--directory", "--manifest", "--color", "--no-input", "--time-limit", "--quiet"]
    {
        assert!(program.contains(option), "{option}\n{program}");
        for command in [&["plan"][..], &["lock", "mv"], &["ci", "init"], &["history"]] {
            let help = world.expect(0, &[command, &["--help"]].concat()).stdout;
            assert!(!help.contains(&format!("  {option}")), "{option}\n{help}");
            assert!(!help.contains(&format!(", {option}")), "{option}\n{help}");
            assert!(help.contains("see `zrel --help`"), "{help}");
        }
    }
    publish_first(&world);
    for args in [&["-C", ".", "status", "-q"][..], &["status", "-q", "-C", "."]] {
        world.expect(0, args);
    }
}

#[test]
fn completions_know_values_and_codes_and_say_how_they_are_installed() {
    let world = World::local();
    let help = world.expect(0, &["completions", "--help"]).stdout;
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(help.contains(&format!("zrel completions {shell} >")), "{help}");
    }
    let script = world.expect(0, &["completions", "fish"]).stdout;
    let line = |verb: &str, value: &str| {
        let start = format!("-n \"__fish_zrel_using_subcommand {verb}\" -f -a \"{value}\" -d ");
        assert!(script.contains(&start), "{start}");
    };
    line("explain", "ZR0101");
    line("explain", "13");
    line("completions", "fish");
    line("ci; and __fish_seen_subcommand_from init", "gitlab");
    // The error of an unknown code names no list of them.
    let ran = world.expect(64, &["explain", "ZR9999"]);
    assert!(!ran.stderr.contains("ZR0101"), "{ran}");
}

#[test]
fn what_somebody_published_on_the_web_can_be_taken_over() {
    let world = World::served();
    let first = publish_first(&world);
    let draft = world.new_version_by_hand(first);
    let draft = draft["id"].as_u64().unwrap();
    world.put_metadata(draft, |metadata| metadata["publication_date"] = "2026-01-02".into());
    world.action(draft, "publish");
    world.write("a.csv", "changed\n");
    world.manifest(&manifest("1.1", FILES));
    let ran = world.expect(0, &["plan"]);
    let (_, rest) = ran.stdout.split_once("`zrel import ").unwrap();
    let (args, _) = rest.split_once('`').unwrap();
    let args: Vec<&str> = ["import"].into_iter().chain(args.split(' ')).collect();
    world.expect(0, &args);
    world.expect_no_changes();
}

#[test]
#[cfg(unix)]
fn a_path_that_is_no_text_is_a_path() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let mut command = world.command(&["plan", "--initial", "--out"]);
    command.arg(std::ffi::OsStr::from_bytes(b"plan-\xff"));
    let ran = run(command);
    assert_eq!(ran.code, 0, "{ran}");
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn help_and_errors_of_usage_follow_the_colour_option() {
    let world = World::local();
    for args in [&["--color", "always", "--help"][..], &["--color=always", "plan", "--bad"]] {
        let ran = run(world.command(args));
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains('\u{1b}'), "{ran}");
        let never: Vec<String> = args.iter().map(|arg| arg.replace("always", "never")).collect();
        let never: Vec<&str> = never.iter().map(String::as_str).collect();
        let ran = run(world.command(&never));
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains('\u{1b}'), "{ran}");
    }
}
