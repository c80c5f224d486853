//! What the documentation lists is what the code has.
//!
//! `ZREL_BLESS=1 cargo test` writes the tables of finding codes anew.

use std::fmt::Write;
use std::path::PathBuf;

use zrel::cli::ExitCode;
use zrel::{check, inventory, manifest};

/// Where the generated part of the page begins.
const START: &str = "## Finding codes\n";

fn page() -> (PathBuf, String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    let text = std::fs::read_to_string(&path).unwrap();
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
        std::fs::write(path, wanted).unwrap();
        return;
    }
    assert!(text == wanted, "docs/errors.md is not up to date: ZREL_BLESS=1 cargo test renews it");
}

fn tables() -> String {
    let mut out = format!(
        "{START}\nA finding has a code that never gets another meaning. \
         Errors stop a run; warnings and notes do not.\n"
    );
    for (title, codes) in [
        ("The manifest", manifest::CODES),
        ("Files, archives and git", inventory::CODES),
        ("What blocks a plan", check::OBSTACLE_CODES),
        ("What a person should look at", check::WARNING_CODES),
    ] {
        writeln!(out, "\n### {title}\n\n| Code | Meaning |\n| --- | --- |").unwrap();
        for (code, meaning) in codes {
            writeln!(out, "| {code} | {} |", meaning.replace('|', "\\|")).unwrap();
        }
    }
    out
}

#[test]
fn a_code_is_given_once_and_keeps_its_order() {
    let all = [manifest::CODES, inventory::CODES, check::OBSTACLE_CODES, check::WARNING_CODES];
    let codes: Vec<&str> =
        all.iter().flat_map(|codes| codes.iter().map(|(code, _)| *code)).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
}

#[test]
fn a_code_that_stands_in_the_source_is_documented() {
    let text = tables();
    let src = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    for (path, bytes) in crate::command::all_files(&src) {
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
