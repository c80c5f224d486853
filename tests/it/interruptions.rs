//! Kills, lost answers and two runs at once: one version in the end, and nothing left over.

use std::time::Duration;

use super::relay::{Fate, Relay};
use super::world::{FILES, Ran, World, manifest, publish_first};

/// Prepares a second version: one file replaced, one deleted, one added.
fn second_version(world: &World) {
    world.write("a.csv", "one,two,three\n");
    world.remove("b.csv");
    world.write("d.csv", "new\n");
    world.manifest(&manifest("1.1", FILES));
}

/// Holds that all is as one undisturbed apply would have left it.
#[track_caller]
fn expect_one_version_more(world: &World, n_versions: usize, why: &str) {
    world.expect_no_changes();
    assert_eq!(world.n_versions(world.concept()), n_versions, "{why}");
    assert_eq!(world.open_drafts(), [0; 0], "{why}");
    assert_eq!(world.status()["unfinished_apply"], false, "{why}");
}

#[test]
fn a_kill_after_any_write_of_a_first_publication_leaves_one_record() {
    // The relay never gives the answer to write number `at`, and zrel is killed then.
    for at in 1..=5 {
        let mut world = World::served();
        world.manifest(&manifest("1.0", FILES));
        world.write("a.csv", "one\n");
        world.write("b.csv", "two\n");
        let relay = Relay::before(&world, Fate::HangAtWrite(at));
        world.go_through(relay.port());
        world.manifest(&manifest("1.0", FILES));
        let mut child = world.start(&["apply", "--auto-approve", "--initial"]);
        relay.wait_until_hung();
        child.kill().unwrap();
        child.wait().unwrap();
        relay.set(Fate::Pass);
        world.apply(&["--initial"]);
        expect_one_version_more(&world, 1, &format!("killed at write {at}"));
        assert_eq!(world.n_records(), 1, "killed at write {at}");
    }
}

#[test]
fn a_kill_after_any_write_of_a_second_version_leaves_one_version() {
    for at in 1..=6 {
        let mut world = World::served();
        let relay = Relay::before(&world, Fate::Pass);
        world.go_through(relay.port());
        publish_first(&world);
        second_version(&world);
        relay.set(Fate::HangAtWrite(at));
        let mut child = world.start(&["apply", "--auto-approve"]);
        relay.wait_until_hung();
        child.kill().unwrap();
        child.wait().unwrap();
        relay.set(Fate::Pass);
        world.apply(&[]);
        expect_one_version_more(&world, 2, &format!("killed at write {at}"));
        assert_eq!(world.n_records(), 1, "killed at write {at}");
    }
}

#[test]
fn a_kill_after_any_write_of_an_edit_leaves_the_edit_done() {
    for at in 1..=3 {
        let mut world = World::served();
        let relay = Relay::before(&world, Fate::Pass);
        world.go_through(relay.port());
        let record = publish_first(&world);
        world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
        relay.set(Fate::HangAtWrite(at));
        let mut child = world.start(&["apply", "--auto-approve"]);
        relay.wait_until_hung();
        child.kill().unwrap();
        child.wait().unwrap();
        relay.set(Fate::Pass);
        world.apply(&[]);
        expect_one_version_more(&world, 1, &format!("killed at write {at}"));
        assert_eq!(world.status()["latest"].as_u64(), Some(record));
    }
}

#[test]
fn a_lost_answer_to_any_write_changes_nothing_in_the_end() {
    for at in 1..=6 {
        let mut world = World::served();
        let relay = Relay::before(&world, Fate::Pass);
        world.go_through(relay.port());
        publish_first(&world);
        second_version(&world);
        relay.set(Fate::LoseAnswerOfWrite(at));
        let ran = world.zrel(&["apply", "--auto-approve"]);
        if ran.code != 0 {
            assert!([12, 14, 69].contains(&ran.code), "lost answer of write {at}: {ran}");
            world.apply(&[]);
        }
        expect_one_version_more(&world, 2, &format!("lost answer of write {at}"));
        assert_eq!(world.n_records(), 1, "lost answer of write {at}");
    }
}

#[test]
fn a_lost_answer_in_a_first_publication_leaves_one_record() {
    for at in 1..=4 {
        let mut world = World::served();
        let relay = Relay::before(&world, Fate::LoseAnswerOfWrite(at));
        world.go_through(relay.port());
        world.manifest(&manifest("1.0", FILES));
        world.write("a.csv", "one\n");
        let ran = world.zrel(&["apply", "--auto-approve", "--initial"]);
        if ran.code != 0 {
            assert!([12, 14, 69].contains(&ran.code), "lost answer of write {at}: {ran}");
            world.apply(&[]);
        }
        expect_one_version_more(&world, 1, &format!("lost answer of write {at}"));
        assert_eq!(world.n_records(), 1, "lost answer of write {at}");
    }
}

#[test]
fn a_lost_answer_in_an_edit_leaves_the_edit_done() {
    for at in 1..=3 {
        let mut world = World::served();
        let relay = Relay::before(&world, Fate::Pass);
        world.go_through(relay.port());
        let record = publish_first(&world);
        world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
        relay.set(Fate::LoseAnswerOfWrite(at));
        let ran = world.zrel(&["apply", "--auto-approve"]);
        if ran.code != 0 {
            assert!([12, 14, 69].contains(&ran.code), "lost answer of write {at}: {ran}");
            world.apply(&[]);
        }
        expect_one_version_more(&world, 1, &format!("lost answer of write {at}"));
        assert_eq!(world.status()["latest"].as_u64(), Some(record));
    }
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
        expect_one_version_more(&world, 2, &format!("two checkouts, {at}"));
    }
}
