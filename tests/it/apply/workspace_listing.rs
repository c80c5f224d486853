//! Many members that are as wanted are proved so by a listing, and every other one is read alone.

use serde_json::{Value as Json, json};
use zrel::local::{Fault, FaultKind, Matches};

use crate::support::world::World;

use super::workspace::{ROOT, expect_no_changes, plan, write_member, write_root};

const LISTING: &str = "/api/user/records";

/// How many members the workspace has.
const N_MEMBERS: usize = 12;

/// Publishes a workspace of many members.
fn start(world: &World) {
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    write_root(world, ROOT);
    for n in 0..N_MEMBERS {
        write_member(world, &name(n), "1.0", "");
    }
    world.expect(0, &["apply", "--initial", "--auto-approve", "--quiet"]);
    wait_for_index(world);
    world.requests();
}

/// Lets so much time pass that a listing is trusted again.
fn wait_for_index(world: &World) {
    for n in 0..N_MEMBERS {
        let noted = world.project().join(format!("deposits/{}/.zrel/applied", name(n)));
        std::fs::remove_file(noted).unwrap();
    }
}

fn name(n: usize) -> String {
    format!("m{n:02}")
}

/// Returns the version that a member has published, from its lock.
fn find_version(world: &World, n: usize) -> u64 {
    let lock = world.read(&format!("deposits/{}/zenodo.lock", name(n)));
    let line = lock.lines().find(|line| line.starts_with("last")).unwrap();
    line.split(' ').nth(2).unwrap().parse().unwrap()
}

fn paths(world: &World) -> Vec<String> {
    world.requests().into_iter().map(|request| request.path).collect()
}

fn count_single_reads(paths: &[String]) -> usize {
    paths.iter().filter(|path| *path != LISTING).count()
}

fn operation(plan: &Json, n: usize) -> &str {
    plan["members"][n]["plan"]["operation"]["kind"].as_str().unwrap()
}

#[test]
fn a_listing_proves_that_nothing_changed() {
    let world = World::served();
    start(&world);
    expect_no_changes(&world);
    assert_eq!(paths(&world), [LISTING]);
    // A member that is planned alone has the same plan.
    let all = plan(&world, &[]);
    let alone = world.expect(0, &["-C", "deposits/m03", "plan", "--format", "json"]).json();
    assert_eq!(all["members"][3]["plan"], alone);
    // Few members are read alone.
    world.requests();
    world.expect(0, &["plan", "-p", "deposits/m01", "-p", "deposits/m02"]);
    assert_eq!(count_single_reads(&paths(&world)), 2);
}

#[test]
fn all_pages_are_read_unless_that_takes_more_than_it_saves() {
    let world = World::served();
    start(&world);
    let create = |n: usize| {
        for _ in 0..n {
            world.native("POST", "/api/records", &json!({}));
        }
        world.requests();
    };
    create(100);
    expect_no_changes(&world);
    assert_eq!(paths(&world), [LISTING, LISTING]);
    create(500);
    expect_no_changes(&world);
    let paths = paths(&world);
    assert_eq!((paths.len(), count_single_reads(&paths)), (N_MEMBERS + 1, N_MEMBERS));
}

#[test]
fn what_a_listing_does_not_prove_is_read_alone() {
    let world = World::served();
    start(&world);
    // A member of its own that changed; an edit, a version and a draft behind zrel's back.
    write_member(&world, &name(0), "1.1", "");
    world.edit_by_hand(find_version(&world, 1), |metadata| metadata["title"] = json!("Other"));
    let newer = world.new_version_by_hand(find_version(&world, 2));
    world.action(find_version(&world, 3), "newversion");
    world.action(find_version(&world, 4), "edit");
    world.requests();
    let now = plan(&world, &[]);
    let paths = paths(&world);
    assert_eq!(operation(&now, 0), "new_version", "{now}");
    assert_ne!(operation(&now, 1), "nothing", "{now}");
    assert!(now["members"][2].to_string().contains(&newer["id"].to_string()), "{now}");
    assert!(now["members"][3]["plan"]["stray_draft"].is_u64(), "{now}");
    for n in 5..N_MEMBERS {
        assert_eq!(operation(&now, n), "nothing");
        assert!(!paths.iter().any(|path| path.contains(&find_version(&world, n).to_string())));
    }
    for n in 0..5 {
        let alone =
            world.zrel(&["-C", &format!("deposits/{}", name(n)), "plan", "--format", "json"]);
        assert_eq!(now["members"][n]["plan"], alone.json(), "{n}");
    }
}

#[test]
fn a_listing_that_is_late_or_fails_misleads_nobody() {
    let world = World::served();
    start(&world);
    let listings = Matches::parse("GET /api/user/records*").unwrap();
    let late = Fault {
        on: listings.clone(),
        times: 100,
        ..Fault::at(1, FaultKind::ListingLag { reads: 100 })
    };
    world.faults().set(vec![late]);
    expect_no_changes(&world);
    write_member(&world, &name(0), "1.1", "");
    // The index does not have the new version yet.
    world.expect(0, &["apply", "--auto-approve", "--quiet"]);
    expect_no_changes(&world);
    let broken = Fault {
        on: listings,
        times: 100,
        ..Fault::at(1, FaultKind::Status { status: 500, after: false })
    };
    world.faults().set(vec![broken]);
    world.requests();
    expect_no_changes(&world);
    assert_eq!(count_single_reads(&paths(&world)), N_MEMBERS);
}

#[test]
fn a_listing_from_before_an_apply_of_this_machine_is_not_trusted() {
    let world = World::served();
    start(&world);
    let listings = Matches::parse("GET /api/user/records*").unwrap();
    let late = FaultKind::ListingLag { reads: 100 };
    world.faults().set(vec![Fault { on: listings, times: 100, ..Fault::at(1, late) }]);
    // The listing shows the record as it is before the edit, which is what is wanted again.
    expect_no_changes(&world);
    let before = world.read("deposits/m03/zenodo.toml");
    world.write("deposits/m03/zenodo.toml", &before.replace("Tables m03", "Other"));
    world.expect(0, &["apply", "--auto-approve", "--quiet"]);
    world.write("deposits/m03/zenodo.toml", &before);
    let now = plan(&world, &[]);
    assert_eq!(operation(&now, 3), "edit", "{now}");
    world.expect(0, &["apply", "--auto-approve", "--quiet"]);
    expect_no_changes(&world);
}
