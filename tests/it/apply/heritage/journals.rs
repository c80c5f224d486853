//! A run that is killed right before and right after each entry of its journal, and what the next
//! commands make of it. They read the journal that an earlier program wrote.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::support::world::{FILES, World, manifest, publish_first};

use super::transcript::Transcript;
use super::{NOW, expect_kept, from_then, is_blessed};

const JOURNAL: &str = ".zrel/journal-local";

#[test]
fn a_first_release_resumes_after_a_kill_at_each_step() {
    kill_at_each_step("first-release", |world| {
        world.manifest(&manifest("1.0", &format!("{FILES}[[communities]]\nid = \"c1\"\n")));
        world.write("a.csv", "one\n");
        world.write("b.csv", "two\n");
    });
}

#[test]
fn a_new_version_resumes_after_a_kill_at_each_step() {
    kill_at_each_step("new-version", |world| {
        publish_first(world);
        world.write("a.csv", "one,two,three\n");
        world.remove("b.csv");
        world.write("d.csv", "new\n");
        world.manifest(&manifest("1.1", FILES));
    });
}

#[test]
fn an_edit_resumes_after_a_kill_at_each_step() {
    kill_at_each_step("edit", |world| {
        publish_first(world);
        world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    });
}

fn kill_at_each_step(name: &str, prepare: fn(&World)) {
    let mut stage = World::rehearsed(NOW);
    prepare(&stage);
    stage.stop();
    let journal = from_then(&format!("journals/{name}.jsonl"), || whole_journal(&stage));
    let mut text = String::new();
    for at in 1.. {
        let world = stage.copy_rehearsed();
        if !kill_at(&world, at) {
            break;
        }
        writeln!(text, "=== killed at {at}").unwrap();
        text.push_str(&go_on(world, &journal));
    }
    expect_kept(&format!("journals/{name}.txt"), &text);
}

/// Continues with the journal of an earlier program in place of that of the killed run.
fn go_on(world: World, journal: &str) -> String {
    let path = world.project().join(JOURNAL);
    let own = fs::read_to_string(&path).unwrap_or_default();
    let n_lines = own.lines().count();
    let then: String = journal.split_inclusive('\n').take(n_lines).collect();
    if n_lines > 0 {
        fs::write(&path, &then).unwrap();
        exchange_mark(&world, &create_id(&own), &create_id(&then));
    }
    let mut transcript = Transcript::brief(world);
    transcript.say(&format!("journal of {n_lines} lines, the last {}", last_entry(&own)));
    transcript.plan_and_apply(&[]);
    transcript.end()
}

/// Returns the last entry of a journal without its checksum, and without what is random.
fn last_entry(journal: &str) -> String {
    let Some(line) = journal.lines().last() else { return "none".to_owned() };
    let mut entry: Json = serde_json::from_str(line).unwrap();
    let map = entry.as_object_mut().unwrap();
    map.remove("sum");
    map.remove("create_id");
    entry.to_string()
}

fn create_id(journal: &str) -> String {
    let entry: Json = serde_json::from_str(journal.lines().next().unwrap()).unwrap();
    entry["create_id"].as_str().unwrap().to_owned()
}

/// A draft that was just made has the run's mark in its title: replaces it by the other run's.
fn exchange_mark(world: &World, own: &str, other: &str) {
    for id in world.open_drafts() {
        let title = world.deposition(id)["metadata"]["title"].as_str().unwrap().to_owned();
        if title.contains(own) {
            world.put_metadata(id, |it| it["title"] = json!(title.replace(own, other)));
        }
    }
}

/// Returns the longest journal of an apply, when nothing is kept of an earlier one.
fn whole_journal(stage: &World) -> String {
    assert!(is_blessed());
    let mut journal = String::new();
    for at in 1.. {
        let world = stage.copy_rehearsed();
        if !kill_at(&world, at) {
            break;
        }
        journal = fs::read_to_string(world.project().join(JOURNAL)).unwrap_or_default();
    }
    journal
}

/// Kills an apply at the journal's writing number `at`; false when it ends before.
fn kill_at(world: &World, at: usize) -> bool {
    let marker = world.path().join("held");
    let mut command = world.command(&["apply", "--auto-approve"]);
    command.env("ZREL_TEST_HOLD", format!("{at}:{}", marker.display()));
    let mut child = command.spawn().unwrap();
    let until = Instant::now() + Duration::from_mins(1);
    while !is_written(&marker) {
        if let Some(status) = child.try_wait().unwrap() {
            assert_eq!(status.code(), Some(0), "killed at {at}");
            return false;
        }
        assert!(Instant::now() < until, "zrel neither ended nor came there");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

fn is_written(marker: &Path) -> bool {
    fs::read_to_string(marker).is_ok_and(|text| text == "held")
}
