//! Manifests of all kinds: for each a line with what `validate` and `plan` say.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::support::world::{World, copy_folder};

use super::transcript::codes;
use super::{NOW, expect_kept};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Files that the example names: name and content.
pub(super) const EXAMPLE_FILES: [(&str, &str); 9] = [
    ("ABSTRACT.md", "Some *tables*.\n"),
    ("docs/method.html", "<h2>How</h2><p>By hand.</p>\n"),
    ("build/paper.pdf", "a paper\n"),
    ("data/a.csv", "one\n"),
    ("notebooks/a.ipynb", "{}\n"),
    ("tests/fixtures/server.pem", "no key\n"),
    ("CITATION.cff", "cff-version: 1.2.0\n"),
    ("README.md", "<!-- zrel:badge -->\n<!-- /zrel:badge -->\n"),
    ("src/about.py", "__doi__ = \"\"\n"),
];

/// Files that samples name.
const FILES: [(&str, &str); 9] = [
    ("data.csv", "one\n"),
    ("traces.csv", "two\n"),
    ("paper.pdf", "three\n"),
    ("tests/server.pem", "no key\n"),
    ("logs/a.txt", "a log\n"),
    ("config/.env.example", "A=1\n"),
    ("docs/NOTES.HTML", "<p>Some notes.</p>\n"),
    ("method.markdown", "By hand.\n"),
    ("profiles/polar.json", "{ \"required\": [\"keywords\"] }\n"),
];

#[test]
fn samples_are_valid_and_planned_as_before() {
    let world = World::rehearsed(NOW);
    for (name, content) in FILES.iter().chain(&EXAMPLE_FILES) {
        world.write(name, content);
    }
    let mut text = String::new();
    for (name, manifest) in samples() {
        world.write("zenodo.toml", &manifest);
        let valid = said(&world, &["validate"]);
        world.write("zenodo.toml", &on_local(&manifest));
        let plan = said(&world, &["plan"]);
        writeln!(text, "{name}\n  validate {valid}\n  plan {plan}").unwrap();
    }
    expect_kept("manifests.txt", &text);
}

#[test]
fn projects_are_planned_as_before() {
    let mut text = String::new();
    for folder in folders(&root().join("tests/it/samples/init")) {
        let world = World::rehearsed(NOW);
        copy_folder(&folder, &world.project());
        let manifest = world.read("expected.toml");
        world.remove("expected.toml");
        world.write("zenodo.toml", &on_local(&manifest));
        text.push_str(&line(&folder, &said(&world, &["plan"])));
    }
    let example = root().join("docs/examples/preprint");
    let world = World::rehearsed(NOW);
    copy_folder(&example, &world.project());
    let manifest = world.read("zenodo.toml");
    world.write("zenodo.toml", &on_local(&manifest));
    text.push_str(&line(&example, &said(&world, &["plan"])));
    expect_kept("projects.txt", &text);
}

fn line(folder: &Path, plan: &str) -> String {
    format!("{}\n  plan {plan}\n", folder.file_name().unwrap().to_str().unwrap())
}

/// Returns all sample manifests, and those that are kept in one file.
fn samples() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for folder in ["valid", "invalid"] {
        for path in folders(&root().join("tests/manifests").join(folder)) {
            if path.extension().is_some_and(|ending| ending == "toml") {
                let name = path.file_stem().unwrap().to_str().unwrap();
                all.push((format!("{folder}/{name}"), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    all.push(("example".to_owned(), include_str!("../../../../zenodo.toml.example").to_owned()));
    let kept = include_str!("../../../heritage/manifests.toml");
    for part in kept.split("### ").skip(1) {
        let (name, text) = part.split_once('\n').unwrap();
        all.push((name.to_owned(), text.to_owned()));
    }
    all
}

/// Returns what is in a folder, sorted.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.collect();
    paths.sort();
    paths
}

/// Makes a manifest that names no server use the local one.
fn on_local(manifest: &str) -> String {
    let is_named = manifest.lines().any(|line| line.starts_with("server = "));
    if is_named { manifest.to_owned() } else { format!("server = \"local\"\n{manifest}") }
}

/// Runs a command, and returns its exit code, a plan's digest, and the codes of findings.
fn said(world: &World, args: &[&str]) -> String {
    let ran = world.zrel(&[args, &["--format", "json"]].concat());
    let document: Json = serde_json::from_str(&ran.stdout).unwrap_or(Json::Null);
    let digest = document["digest"].as_str().unwrap_or("-");
    format!("{} {digest} {}", ran.code, codes(&document)).trim_end().to_owned()
}
