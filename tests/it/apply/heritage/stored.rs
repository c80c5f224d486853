//! Files that an earlier program wrote, read in an empty folder, without a server.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value as Json;

use crate::support::world::{FILES, World, manifest};

use super::transcript::facts;
use super::{NOW, PORT_OF_LOCKS, expect_kept, folder};

/// Returns the stored files of a kind, sorted by name.
fn stored(kind: &str, ending: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder().join(kind)).into_iter().flatten();
    let mut all: Vec<(String, String)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == ending))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    all.sort();
    assert!(!all.is_empty(), "none is kept: bless the scenarios first");
    all
}

/// Returns how a command ends, and what its document says.
fn said(world: &World, args: &[&str]) -> String {
    let ran = world.zrel(&[args, &["--format", "json"]].concat());
    let document = serde_json::from_str(&ran.stdout).unwrap_or(Json::Null);
    format!("{}: exit {}{}\n", args[0], ran.code, facts(&document))
}

#[test]
fn stored_plans_are_shown_as_before() {
    let mut world = World::local();
    world.set_now(NOW);
    let mut text = String::new();
    for (name, plan) in stored("plans", "json") {
        world.write("release.plan", &plan);
        writeln!(text, "{name}").unwrap();
        text.push_str(&said(&world, &["show", "release.plan"]));
        text.push_str(&said(&world, &["apply", "release.plan"]));
        // A changed plan is not a plan.
        world.write("release.plan", &plan.replacen("\"label\": ", "\"label\": null, \"was\": ", 1));
        text.push_str(&said(&world, &["show", "release.plan"]));
    }
    expect_kept("plans.txt", &text);
}

#[test]
fn stored_locks_are_shown_as_before() {
    let mut world = World::local();
    world.set_now(NOW);
    // The server of the locks does not exist: nothing asks it.
    let text = manifest("1.0", FILES);
    let server = format!("[servers.test]\nurl = \"http://127.0.0.1:{PORT_OF_LOCKS}\"\n");
    world.write("zenodo.toml", &format!("server = \"test\"\n{text}\n{server}"));
    let mut text = String::new();
    for (name, lock) in stored("locks", "lock") {
        for (how, lock) in [
            ("whole", lock.clone()),
            ("cut", lock[..lock.len() / 2].to_owned()),
            ("changed", lock.replacen("concept = 1", "concept = 2", 1)),
            ("later", lock.replacen("format = ", "format = 9", 1)),
        ] {
            world.write("zenodo.lock", &lock);
            write!(text, "{name}, {how}\n{}", said(&world, &["lock"])).unwrap();
        }
    }
    expect_kept("locks.txt", &text);
}

#[test]
fn stored_journals_are_trusted_as_before() {
    let world = World::rehearsed(NOW);
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let mut text = String::new();
    for (name, journal) in stored("journals", "jsonl") {
        for (how, journal) in [
            ("whole", journal.clone()),
            ("cut in the last line", journal[..journal.len() - 9].to_owned()),
            ("changed", journal.replacen("\"at\":\"o", "\"at\":\"p", 1)),
            ("later", journal.replacen("\"format\":1", "\"format\":9", 1)),
        ] {
            world.write(".zrel/journal-local", &journal);
            write!(text, "{name}, {how}\n{}", said(&world, &["status"])).unwrap();
        }
    }
    expect_kept("journals.txt", &text);
}
