//! The documentation lists what the code has.
//!
//! `ZREL_BLESS=1 cargo test` rewrites the tables of finding codes.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use zrel::cli::ExitCode;
use zrel::interop::{export, init};
use zrel::{check, inventory, manifest};

/// Where the generated part of the page begins.
const START: &str = "## Finding codes\n";

/// All codes of findings, with what they mean, by what they are about.
pub(crate) const CODES: [(&str, &[(&str, &str)]); 6] = [
    ("The manifest", manifest::CODES),
    ("Files, archives and git", inventory::CODES),
    ("What blocks a plan", check::BLOCKER_CODES),
    ("What a person should look at", check::WARNING_CODES),
    ("What a server refuses", check::REFUSAL_CODES),
    ("Past releases", zrel::engine::backfill::BACKFILL_CODES),
];

fn page() -> (PathBuf, String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    let text = fs::read_to_string(&path).unwrap();
    (path, text)
}

#[test]
fn every_exit_code_is_documented_and_no_other() {
    let (_, text) = page();
    let listed: Vec<u8> = text
        .lines()
        .skip_while(|line| *line != "## Exit codes")
        .take_while(|line| *line != START.trim_end())
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next()?.parse().ok())
        .collect();
    let known: Vec<u8> = ExitCode::ALL.iter().map(|code| code.number()).collect();
    assert_eq!(listed, known);
}

#[test]
fn every_finding_code_is_documented_and_no_other() {
    let (path, text) = page();
    let tables = tables();
    let hand_written = text.split(START).next().unwrap().trim_end();
    let wanted = format!("{hand_written}\n\n{tables}");
    if std::env::var_os("ZREL_BLESS").is_some() {
        fs::write(path, wanted).unwrap();
        return;
    }
    assert!(text == wanted, "docs/errors.md is not up to date: ZREL_BLESS=1 cargo test renews it");
}

fn tables() -> String {
    let mut out = format!(
        "{START}\nA finding has a code that never gets another meaning. \
         Errors stop a run; warnings and notes do not.\n"
    );
    for (title, codes) in CODES {
        writeln!(out, "\n### {title}\n\n| Code | Meaning |\n| --- | --- |").unwrap();
        for (code, meaning) in codes {
            writeln!(out, "| {code} | {} |", meaning.replace('|', "\\|")).unwrap();
        }
    }
    out
}

#[test]
fn a_code_is_given_once_and_keeps_its_order() {
    let codes: Vec<&str> =
        CODES.iter().flat_map(|(_, codes)| codes.iter().map(|(code, _)| *code)).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
}

#[test]
fn a_code_in_the_source_is_documented() {
    let text = tables();
    let src = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    for (path, bytes) in crate::command::command_line::all_files(&src) {
        let source = String::from_utf8(bytes).unwrap();
        for (at, _) in source.match_indices("\"ZR") {
            let code: String = source[at + 1..].chars().take_while(|c| *c != '"').collect();
            let is_code = code.len() == 6 && code[2..].bytes().all(|b| b.is_ascii_digit());
            assert!(
                !is_code || text.contains(&format!("| {code} |")),
                "{}: {code} is not in docs/errors.md",
                path.display()
            );
        }
    }
}

/// A release reads no undocumented variable.
#[test]
fn each_variable_of_zrel_is_documented_or_for_builds_with_failpoints_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = fs::read_to_string(root.join("src/cli/environment.rs")).unwrap();
    let mut docs = fs::read_to_string(root.join("README.md")).unwrap();
    for (path, bytes) in crate::command::command_line::all_files(&root.join("docs")) {
        if path.extension().is_some_and(|kind| kind == "md") {
            docs += &String::from_utf8(bytes).unwrap();
        }
    }
    let mut names = Vec::new();
    for function in source.split("\nfn ").flat_map(|part| part.split("\npub(super) fn ")) {
        for (at, _) in function.match_indices("(\"ZREL_") {
            let name = function[at..].split('"').nth(1).unwrap();
            // The part of a name that each host completes.
            if name.starts_with("ZREL_TOKEN_") {
                continue;
            }
            let is_gated = function.contains("HAS_FAILPOINTS");
            assert!(is_gated || docs.contains(name), "{name} is neither documented nor gated");
            names.push(name.to_owned());
        }
    }
    assert!(names.contains(&"ZREL_NOW".to_owned()), "{names:?}");
}

/// What is installed has nothing of it: a release has failpoints by a feature alone, which no
/// other feature, no command that installs and no second place in the source turns on.
#[test]
fn nothing_that_installs_zrel_turns_failpoints_on() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo: toml::Table = fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
    let features = cargo["features"].as_table().unwrap();
    assert_eq!(features["failpoints"].to_string(), "[]");
    assert!(features.values().all(|needed| !needed.to_string().contains("failpoints")));
    let is_about =
        |text: &str| ["debug_assertions", "failpoints\""].iter().any(|it| text.contains(it));
    let gates: Vec<_> = crate::command::command_line::all_files(&root.join("src"))
        .into_iter()
        .filter(|(_, bytes)| is_about(&String::from_utf8_lossy(bytes)))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(gates.len(), 1, "{gates:?}");
    assert!(gates[0].ends_with("seeded_fault.rs"), "{gates:?}");
    let mut installers = vec![fs::read_to_string(root.join("action.yml")).unwrap()];
    for (_, bytes) in crate::command::command_line::all_files(&root.join("src/forge/workflows")) {
        installers.push(String::from_utf8(bytes).unwrap());
    }
    for text in installers {
        assert!(!text.contains("features"), "{text}");
    }
}

#[test]
fn the_first_screen_of_the_readme_is_what_a_clone_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let clone = tempfile::tempdir().unwrap();
    let sample = "docs/examples/preprint";
    fs::create_dir_all(clone.path().join(sample).join("data")).unwrap();
    for file in ["zenodo.toml", "ABSTRACT.md", "paper.pdf", "data/rings.csv"] {
        let path = Path::new(sample).join(file);
        fs::copy(root.join(&path), clone.path().join(&path)).unwrap();
    }
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_zrel"))
        .args(["-C", sample, "apply", "--auto-approve"])
        .current_dir(clone.path())
        .env("ZREL_NOW", "2026-11-23T12:00:00Z")
        .output()
        .unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let screen = readme.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), screen.trim_end());
}

#[test]
fn every_format_is_documented_and_has_a_sample() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/adopt.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
    let has_row = |name: &str| rows.iter().any(|row| row.contains(&format!("`{name}`")));
    let samples = fs::read_dir(root.join("tests/it/samples/init")).unwrap();
    let samples: Vec<PathBuf> = samples.map(|entry| entry.unwrap().path()).collect();
    for file in init::list_file_names() {
        assert!(has_row(file), "docs/adopt.md has no row for `{file}`");
        let has_sample = samples.iter().any(|folder| folder.join(file).is_file());
        assert!(has_sample, "no sample of tests/it/samples/init holds `{file}`");
    }
    let tests = fs::read_to_string(root.join("tests/it/manifest/export.rs")).unwrap();
    for format in export::list_writers() {
        let name = format.name;
        assert!(has_row(name), "docs/adopt.md has no row for `{name}`");
        let is_tested = tests.contains(&format!("\"export\", \"{name}\""));
        assert!(is_tested, "tests/it/manifest/export.rs does not export `{name}`");
    }
}
