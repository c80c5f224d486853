//! Several members at once: how many, and that a fault or a kill with several under way leaves nothing
//! wrong.

use std::time::Duration;

use zrel::local::{Fault, FaultKind, Matches};

use crate::support::world::World;

use super::workspace::{ROOT, count_published, expect_no_changes, write_member, write_root};

/// How many members the workspace has.
const N_MEMBERS: usize = 12;

fn start() -> World {
    let world = World::served();
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    write_root(&world, ROOT);
    for n in 0..N_MEMBERS {
        write_member(&world, &format!("m{n:02}"), "1.0", "");
    }
    world
}

fn faults(on: &str, kind: FaultKind) -> Fault {
    Fault { on: Matches::parse(on).unwrap(), nth: 1, times: usize::MAX, kind }
}

/// Starts an apply in which these requests get no answer, returns how many are on their way at once,
/// and kills it.
fn count_in_flight(world: &World, on: &str, args: &[&str]) -> usize {
    world.faults().set(vec![faults(on, FaultKind::HangBefore)]);
    let mut child = world.start(&[&["apply", "--auto-approve", "--initial"], args].concat());
    let n = world.count_hung();
    child.kill().unwrap();
    child.wait().unwrap();
    world.faults().heal();
    while world.faults().n_hung() > 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    n
}

/// Applies again, and expects one record for each member.
fn expect_all(world: &World) {
    world.expect(0, &["apply", "--initial", "--auto-approve", "--quiet"]);
    expect_no_changes(world);
    assert_eq!((count_published(world), world.own_depositions().len()), (N_MEMBERS, N_MEMBERS));
}

const UPLOADS: &str = "PUT /api/files/*";
const PUBLISH: &str = "POST /api/deposit/depositions/*/actions/publish";

#[test]
fn all_members_together_send_as_many_files_as_one_alone() {
    let world = start();
    assert_eq!(count_in_flight(&world, UPLOADS, &[]), 4);
    assert_eq!(count_in_flight(&world, UPLOADS, &["--jobs", "6"]), 6);
    assert_eq!(count_in_flight(&world, UPLOADS, &["--jobs", "1"]), 1);
    assert_eq!(count_published(&world), 0);
    expect_all(&world);
}

#[test]
fn a_kill_with_several_publications_under_way_publishes_nothing_twice() {
    let world = start();
    assert_eq!(count_in_flight(&world, PUBLISH, &["--jobs", "1"]), 1);
    assert_eq!(count_in_flight(&world, PUBLISH, &[]), 4);
    expect_all(&world);
}

#[test]
fn lost_answers_to_several_members_are_looked_for() {
    for (on, kind) in [
        (UPLOADS, FaultKind::ResetAfter),
        (UPLOADS, FaultKind::Status { status: 502, after: true }),
        (PUBLISH, FaultKind::ResetAfter),
        (PUBLISH, FaultKind::Cut),
        ("PUT /api/deposit/depositions/*", FaultKind::ResetAfter),
    ] {
        let world = start();
        world.faults().set(vec![Fault { nth: 2, times: 3, ..faults(on, kind) }]);
        // Whether it gives up or not: the next one ends it.
        world.zrel(&["apply", "--initial", "--auto-approve", "--quiet"]);
        world.faults().heal();
        expect_all(&world);
    }
}

#[test]
fn after_a_failed_fill_no_other_member_begins() {
    let world = start();
    let refuse = FaultKind::Status { status: 403, after: false };
    world.faults().set(vec![Fault { nth: 3, times: 1, ..faults(UPLOADS, refuse) }]);
    let ran = world.zrel(&["apply", "--initial", "--auto-approve"]);
    assert_ne!(ran.code, 0, "{ran}");
    assert_eq!(count_published(&world), 0);
    // Those that were under way end, and the last ones do not begin.
    let n_drafts = world.own_depositions().len();
    assert!((3..N_MEMBERS).contains(&n_drafts), "{n_drafts}");
    world.faults().heal();
    expect_all(&world);
}

#[test]
fn two_runs_at_once_publish_each_member_once() {
    let world = start();
    let args = ["apply", "--initial", "--auto-approve", "--quiet"];
    let mut runs: Vec<_> = (0..2).map(|_| world.start(&args)).collect();
    for run in &mut runs {
        run.wait().unwrap();
    }
    expect_all(&world);
}
