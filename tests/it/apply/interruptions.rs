//! Kills, lost answers and two runs at once: one version in the end, and nothing left over.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value as Json;
use zrel::plan::PlanFlags;

use crate::support::in_process::{self, Orders};
use crate::support::relay::{Fate, Relay};
use crate::support::world::{FILES, Ran, World, manifest, publish_first};

/// An apply that is disturbed at one of its writes, and then run again where it failed.
struct Row {
    name: &'static str,
    /// Whether version 1.0 is published before.
    is_published: bool,
    /// Makes what is to be applied.
    change: fn(&World),
    disturbance: Disturbance,
    /// At which writes, each in a world of its own.
    writes: RangeInclusive<usize>,
    left: Left,
}

/// What becomes of one write, which the server does.
#[derive(Clone, Copy, PartialEq)]
enum Disturbance {
    /// Its answer never comes, and zrel is killed then.
    Kill,
    /// Its answer is lost.
    LostAnswer,
}

/// What must be left of one record: as one undisturbed apply would have left it.
#[derive(Clone, Copy, PartialEq)]
enum Left {
    /// Its first version.
    One,
    /// Its first version and a second one.
    Two,
    /// The version that was there.
    Same,
}

const ROWS: [Row; 6] = [
    Row {
        name: "a kill in a first publication",
        is_published: false,
        change: |world| {
            first_version(world);
            world.write("b.csv", "two\n");
        },
        disturbance: Disturbance::Kill,
        writes: 1..=5,
        left: Left::One,
    },
    Row {
        name: "a kill in a second version",
        is_published: true,
        change: second_version,
        disturbance: Disturbance::Kill,
        writes: 1..=6,
        left: Left::Two,
    },
    Row {
        name: "a kill in an edit",
        is_published: true,
        change: edit,
        disturbance: Disturbance::Kill,
        writes: 1..=3,
        left: Left::Same,
    },
    Row {
        name: "a lost answer in a second version",
        is_published: true,
        change: second_version,
        disturbance: Disturbance::LostAnswer,
        writes: 1..=6,
        left: Left::Two,
    },
    Row {
        name: "a lost answer in a first publication",
        is_published: false,
        change: first_version,
        disturbance: Disturbance::LostAnswer,
        writes: 1..=4,
        left: Left::One,
    },
    Row {
        name: "a lost answer in an edit",
        is_published: true,
        change: edit,
        disturbance: Disturbance::LostAnswer,
        writes: 1..=3,
        left: Left::Same,
    },
];

fn first_version(world: &World) {
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
}

/// Prepares a second version: one file replaced, one deleted, one added.
fn second_version(world: &World) {
    world.write("a.csv", "one,two,three\n");
    world.remove("b.csv");
    world.write("d.csv", "new\n");
    world.manifest(&manifest("1.1", FILES));
}

fn edit(world: &World) {
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
}

#[test]
fn a_kill_after_any_write_changes_nothing_in_the_end() {
    run_all(Disturbance::Kill);
}

#[test]
fn a_lost_answer_to_any_write_changes_nothing_in_the_end() {
    run_all(Disturbance::LostAnswer);
}

/// Runs all rows with a disturbance, at each of their writes, and names those that fail.
fn run_all(disturbance: Disturbance) {
    let mut failed = Vec::new();
    for row in ROWS.iter().filter(|row| row.disturbance == disturbance) {
        for at in row.writes.clone() {
            if std::panic::catch_unwind(|| run(row, at)).is_err() {
                failed.push(format!("{}, write {at}", row.name));
            }
        }
    }
    assert_eq!(failed, [""; 0], "what was wrong stands above");
}

fn run(row: &Row, at: usize) {
    let mut world = World::served();
    let relay = Relay::before(&world, Fate::Pass);
    world.go_through(relay.port());
    let record = row.is_published.then(|| publish_first(&world));
    (row.change)(&world);
    match row.disturbance {
        Disturbance::Kill => kill_then_apply(&world, &relay, at),
        Disturbance::LostAnswer => lose_answer_then_apply(&world, &relay, at),
    }
    let n_versions = if row.left == Left::Two { 2 } else { 1 };
    let status = expect_one_version_more(&world, n_versions, row.name);
    assert_eq!(world.n_records(), 1);
    let is_same = status["latest"].as_u64() == record;
    assert_eq!(is_same, row.left == Left::Same, "{status:#}");
}

/// Kills an apply when the server has done a write, then applies as if nothing had been.
fn kill_then_apply(world: &World, relay: &Relay, at: usize) {
    let initial = if is_first(world) { &["--initial"] as &[&str] } else { &[] };
    relay.set(Fate::HangAtWrite(at));
    let mut child = world.start(&[&["apply", "--auto-approve"], initial].concat());
    relay.wait_until_hung();
    child.kill().unwrap();
    child.wait().unwrap();
    relay.set(Fate::Pass);
    world.apply(initial);
    world.expect_no_changes();
}

/// Applies while one answer is lost, and again where that failed.
fn lose_answer_then_apply(world: &World, relay: &Relay, at: usize) {
    let orders = orders(world);
    relay.set(Fate::LoseAnswerOfWrite(at));
    let ran = in_process::apply(world, &orders);
    if ran.code != 0 {
        assert!([12, 14, 69].contains(&ran.code), "{ran}");
        let ran = in_process::apply(world, &orders);
        assert_eq!(ran.code, 0, "{ran}");
    }
    in_process::expect_no_changes(world);
}

fn orders(world: &World) -> Orders {
    let flags = PlanFlags { initial: is_first(world), ..PlanFlags::default() };
    Orders { flags, ..Orders::default() }
}

fn is_first(world: &World) -> bool {
    !world.project().join("zenodo.lock").exists()
}

/// Holds that there are so many versions, and nothing that is left over; returns the status.
#[track_caller]
fn expect_one_version_more(world: &World, n_versions: usize, why: &str) -> Json {
    let status = world.status();
    assert_eq!(world.n_versions(status["concept"].as_u64().unwrap()), n_versions, "{why}");
    assert_eq!(world.open_drafts(), [0; 0], "{why}");
    assert_eq!(status["unfinished_apply"], false, "{why}");
    status
}

#[test]
fn no_doi_that_the_server_made_is_ever_sent_back() {
    let mut world = World::served();
    let relay = Relay::before(&world, Fate::Pass);
    world.go_through(relay.port());
    publish_first(&world);
    second_version(&world);
    world.apply_then_expect_no_changes(&[]);
    world.manifest(&manifest("1.1", &format!("keywords = [\"forms\"]\n{FILES}")));
    world.apply_then_expect_no_changes(&[]);
    let sent = relay.sent_json();
    assert!(sent.len() >= 6, "{sent:#?}");
    for body in sent {
        assert!(!body.contains("10.5072/") && !body.contains("\"doi\""), "{body}");
        assert!(!body.contains("prereserve_doi"), "{body}");
    }
}

#[test]
fn two_plans_at_once_share_the_local_server() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let plans: Vec<_> = (0..4).map(|_| world.start(&["plan", "--detailed-exitcode"])).collect();
    for plan in plans {
        let ran = Ran::from(plan.wait_with_output().unwrap());
        assert_eq!(ran.code, 2, "{ran}");
    }
}

#[test]
fn a_plan_joins_the_server_that_serve_runs() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let mut serve = world.start(&["serve"]);
    let until = std::time::Instant::now() + Duration::from_secs(20);
    while !world.project().join(".zrel/local/server.json").exists() {
        assert!(std::time::Instant::now() < until, "the server did not start");
        std::thread::yield_now();
    }
    world.apply_then_expect_no_changes(&[]);
    assert!(serve.try_wait().unwrap().is_none(), "the server ended");
    serve.kill().unwrap();
    serve.wait().unwrap();
    world.expect_no_changes();
}

#[test]
fn two_applies_at_once_make_one_version() {
    let world = World::served();
    publish_first(&world);
    second_version(&world);
    let runs: Vec<_> = (0..3).map(|_| world.start(&["apply", "--auto-approve"])).collect();
    let codes: Vec<i32> = runs
        .into_iter()
        .map(|run| Ran::from(run.wait_with_output().unwrap()))
        .map(|ran| {
            assert!(ran.code == 0 || ran.code == 75, "{ran}");
            ran.code
        })
        .collect();
    assert!(codes.contains(&0), "{codes:?}");
    world.expect_no_changes();
    expect_one_version_more(&world, 2, "two at once");
}

#[test]
fn two_applies_of_two_checkouts_make_one_version() {
    for at in 1..=5 {
        let mut world = World::served();
        let relay = Relay::before(&world, Fate::Pass);
        world.go_through(relay.port());
        publish_first(&world);
        second_version(&world);
        // The same state committed and checked out elsewhere: no process lock in common.
        let other = world.path().join("other");
        std::fs::create_dir_all(&other).unwrap();
        for name in ["zenodo.toml", "zenodo.lock", "a.csv", "c.csv", "d.csv"] {
            std::fs::copy(world.project().join(name), other.join(name)).unwrap();
        }
        // The first run hangs in the middle; meanwhile the second one does it all.
        relay.set(Fate::HangAtWrite(at));
        let first = world.start(&["apply", "--auto-approve"]);
        relay.wait_until_hung();
        let mut second = world.command(&["apply", "--auto-approve"]);
        let ran = Ran::from(second.current_dir(&other).output().unwrap());
        assert_eq!(ran.code, 0, "second, first hung at write {at}: {ran}");
        relay.set(Fate::Pass);
        let ran = Ran::from(first.wait_with_output().unwrap());
        assert!([0, 10, 12].contains(&ran.code), "first, hung at write {at}: {ran}");
        world.apply(&[]);
        world.expect_no_changes();
        expect_one_version_more(&world, 2, &format!("two checkouts, {at}"));
    }
}
