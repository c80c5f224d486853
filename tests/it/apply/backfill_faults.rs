//! Past releases beside faults: whatever fails at any request, the next run ends in the same state.

use std::time::Duration;

use zrel::local::{Fault, FaultKind};

use crate::support::world::World;

use super::backfill::{APPLY, expect_nothing_left, list_versions, prepare};

/// How often a run is tried again.
const MORE_RUNS: usize = 3;

/// Makes a world that can be copied, and returns it with the number of requests of a whole run.
fn start() -> (World, usize) {
    let mut world = World::served_apart();
    // One request after the other, so that each has its number.
    world.set_jobs(1);
    prepare(&world);
    world.stop();
    let whole = world.copy();
    whole.expect(0, &APPLY);
    let n_requests = whole.requests().len();
    assert_eq!(list_versions(&whole).len(), 3);
    (world, n_requests)
}

/// Applies until nothing is left, and expects each tag published once.
#[track_caller]
fn expect_converged(world: &World, apply: &[&str], told: &str) {
    world.faults().heal();
    let mut runs = Vec::new();
    for _ in 0..MORE_RUNS {
        let ran = world.zrel(apply);
        let is_done = ran.code == 0;
        runs.push(ran.to_string());
        if is_done {
            break;
        }
    }
    let labels: Vec<String> = list_versions(world).into_iter().map(|(label, ..)| label).collect();
    assert_eq!(labels, ["0.1", "0.2", "1.0"], "{told}: {}", runs.join("\n"));
    assert_eq!(world.n_records(), 1, "{told}");
    expect_nothing_left(world);
}

#[test]
fn a_fault_at_any_request_is_continued() {
    let (world, n_requests) = start();
    let kinds = [
        FaultKind::Status { status: 504, after: true },
        FaultKind::ResetBefore,
        FaultKind::Cut,
        FaultKind::Status { status: 500, after: false },
    ];
    // Each request meets one of the kinds; together they meet all.
    for at in 1..=n_requests {
        let kind = kinds[at % kinds.len()];
        let copy = world.copy();
        // For as long as zrel tries again by itself, and then some.
        copy.faults().set(vec![Fault { times: 40, ..Fault::at(at, kind) }]);
        let ran = copy.zrel(&APPLY);
        assert!(copy.faults().fired() > 0, "request {at}: {ran}");
        expect_converged(&copy, &APPLY, &format!("{kind:?} at request {at}: {ran}"));
    }
}

#[test]
fn a_kill_at_any_request_is_continued_with_the_same_digest() {
    let (world, n_requests) = start();
    let plan = ["backfill", "plan", "--tags", "v*", "--initial", "--format", "json"];
    let planned = world.copy().expect(0, &plan).json();
    let digest = planned["digest"].as_str().unwrap();
    let apply = ["backfill", "apply", "--tags", "v*", "--initial", "--expect", digest];
    for at in 1..=n_requests {
        let copy = world.copy();
        copy.faults().set(vec![Fault::at(at, FaultKind::HangAfter)]);
        let mut child = copy.command(&apply).spawn().unwrap();
        while copy.faults().n_hung() == 0 {
            assert!(child.try_wait().unwrap().is_none(), "request {at} was not made");
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        expect_converged(&copy, &apply, &format!("killed at request {at}"));
    }
}
