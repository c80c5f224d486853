//! `zrel explain`: every code has its section, and the examples in it are true.

use std::collections::BTreeMap;
use std::path::Path;

use zrel::manifest::parse;

use crate::source::docs::CODES;
use crate::support::world::World;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/codes.md");
    std::fs::read_to_string(path).unwrap()
}

/// Returns code, heading and text of each section.
fn sections(page: &str) -> Vec<(&str, &str, &str)> {
    let all = page.split("\n## ").skip(1);
    all.map(|section| {
        let (heading, text) = section.split_once('\n').unwrap();
        let (code, meaning) = heading.split_once(": ").unwrap();
        (code, meaning, text.trim())
    })
    .collect()
}

#[test]
fn every_code_is_explained_and_no_other() {
    let page = page();
    let explained: Vec<_> =
        sections(&page).into_iter().map(|(code, text, _)| (code, text)).collect();
    let all: Vec<_> = CODES.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
    assert_eq!(explained, all);
    for (code, meaning, text) in sections(&page) {
        assert!(text.len() > 40 && !text.starts_with(meaning), "{code}: {text}");
    }
}

/// Returns the examples of a section: as they should be, and as they should not.
fn examples(text: &str) -> Vec<(String, Option<String>)> {
    let blocks = text.split("```toml\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
    blocks
        .map(|block| {
            let is_wrong = |line: &&str| line.ends_with("# not");
            let wrong: Vec<&str> = block.lines().filter(is_wrong).collect();
            let right: Vec<&str> = block.lines().filter(|line| !is_wrong(line)).collect();
            (right.join("\n"), (!wrong.is_empty()).then(|| wrong.join("\n")))
        })
        .collect()
}

/// Puts an example into a manifest that has all it needs besides.
fn within(example: &str) -> String {
    let (fields, tables) = match example.find("[[").into_iter().chain(example.find("\n[")).min() {
        _ if example.starts_with('[') => ("", example),
        Some(at) if !example[..at].contains('=') || example.starts_with("server") => {
            example.split_at(at)
        }
        _ => (example, ""),
    };
    let key = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
    let given: Vec<String> = fields.lines().map(key).collect();
    let (top, metadata): (Vec<&str>, Vec<&str>) =
        fields.lines().partition(|line| line.starts_with("server") || line.starts_with("notify"));
    let base = BTreeMap::from([
        ("title", "\"Notes\""),
        ("upload_type", "\"dataset\""),
        ("creators", "[{ name = \"Weiss, Tobias\" }]"),
        ("description", "\"<p>Notes.</p>\""),
        ("license", "\"CC-BY-4.0\""),
    ]);
    let base = base.iter().filter(|(key, _)| !given.iter().any(|given| given == *key));
    let base: Vec<String> = base.map(|(key, value)| format!("{key} = {value}")).collect();
    let base = base.join("\n");
    let files = if tables.contains("[[files]]") { "" } else { "[[files]]\npath = \"n.csv\"\n" };
    let (top, metadata) = (top.join("\n"), metadata.join("\n"));
    format!("{top}\n[metadata]\n{base}\n{metadata}\n{tables}\n{files}")
}

#[test]
fn the_examples_are_true() {
    let today = jiff::civil::date(2026, 11, 23);
    let page = page();
    let mut n_examples = 0;
    for (code, _, text) in sections(&page) {
        for (right, wrong) in examples(text) {
            n_examples += 1;
            let text = within(&right);
            let found = parse(&text, today).findings;
            assert_eq!(found, [], "{code}\n{text}");
            let Some(wrong) = wrong else { continue };
            let text = within(&wrong);
            let found = parse(&text, today).findings;
            assert!(found.iter().any(|finding| finding.code == code), "{code}: {found:?}\n{text}");
        }
    }
    assert!(n_examples > 20);
}

#[test]
fn a_code_is_explained_on_the_command_line() {
    let world = World::local();
    let ran = world.expect(0, &["explain", "zr0109"]);
    assert!(ran.stdout.starts_with("ZR0109: an ORCID that is not valid\n\n"), "{ran}");
    let json = world.expect(0, &["explain", "ZR0109", "--format", "json"]).json();
    assert_eq!(json["code"], "ZR0109");
    let ran = world.expect(0, &["explain", "14"]);
    assert!(ran.stdout.starts_with("exit code 14: it is not known whether"), "{ran}");
    assert!(ran.stdout.contains("run `zrel apply` again"), "{ran}");
    for code in ["ZR9999", "3", "", "Code", "---", "\u{1b}[2J"] {
        let ran = world.expect(64, &["explain", "--", code]);
        assert!(ran.stderr.contains("unknown code") && !ran.stderr.contains('\u{1b}'), "{ran}");
    }
    assert_eq!(
        world.expect(64, &["explain", "x", "--format", "json"]).json()["error"]["exit_code"],
        64
    );
}
