//! Two processes at once on one bound record, each in its own checkout, as two CI jobs.

use std::path::PathBuf;

use crate::support::world::{Ran, World};

use super::end_state::end_state;
use super::scenario::{SCENARIOS, Stage};
use super::walk::Choice;

/// How often it is tried, in every run of the tests, and in the whole matrix.
const TIMES: (usize, usize) = (5, 100);

#[test]
fn two_machines_at_once_make_one_version() {
    let times = match Choice::of_environment() {
        Choice::Whole => TIMES.1,
        Choice::Bounded | Choice::Named(_) => TIMES.0,
    };
    let next_version = SCENARIOS.iter().find(|scenario| scenario.name == "next version").unwrap();
    let stage = Stage::prepare(next_version);
    for time in 1..=times {
        race(&stage, time);
    }
    super::print(&format!("two at once: {times} times, {times} with one version"));
}

fn race(stage: &Stage, time: usize) {
    let world = stage.world();
    let checkouts = [world.project(), second_checkout(&world)];
    let runs = checkouts.clone().map(|folder| {
        let mut command = world.command(&["apply", "--auto-approve"]);
        command.current_dir(folder).spawn().unwrap()
    });
    let first = runs.map(|run| Ran::from(run.wait_with_output().unwrap()));
    let told = first.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for ran in &first {
        assert!([0, 10, 11, 12, 14].contains(&ran.code), "{time}: {told}");
    }
    for folder in checkouts {
        let mut command = world.command(&["apply", "--auto-approve"]);
        let ran = Ran::from(command.current_dir(folder).output().unwrap());
        assert_eq!(ran.code, 0, "{time}: {ran}\n{told}");
    }
    let difference = end_state(&world).difference(&stage.goal);
    assert_eq!(difference, None, "{time}: {told}");
    world.expect_no_changes();
}

/// Checks the project out again: no process lock, no journal in common.
fn second_checkout(world: &World) -> PathBuf {
    let other = world.path().join("second checkout");
    std::fs::create_dir_all(&other).unwrap();
    for entry in std::fs::read_dir(world.project()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), other.join(entry.file_name())).unwrap();
        }
    }
    other
}
