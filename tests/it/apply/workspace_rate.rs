//! The server's limit of requests: several members at once, and several processes that share it.

use std::process::{Child, Command};

use zrel::local::RateLimit;

use crate::support::world::{Ran, World};

use super::workspace::{ROOT, count_published, write_member, write_root};

/// How many members the workspace has.
const N_MEMBERS: usize = 12;

fn start() -> World {
    // As many as Zenodo allows in a minute, in two seconds.
    let world = World::served_limited(RateLimit { n_requests: 100, window: 2 });
    world.git(&["init", "-q", "-b", "main"]);
    write_root(&world, ROOT);
    for n in 0..N_MEMBERS {
        write_member(&world, &name(n), "1.0", "");
    }
    world
}

fn name(n: usize) -> String {
    format!("m{n:02}")
}

/// Runs with the real time, by which the server counts: a pause must take as long as it says.
fn command(world: &World, args: &[&str]) -> Command {
    let mut command = world.command(args);
    command.env_remove("ZREL_NOW");
    command
}

fn run(world: &World, args: &[&str]) {
    let ran: Ran = command(world, args).output().unwrap().into();
    assert_eq!(ran.code, 0, "{ran}");
}

/// Returns how many requests were made, and how many of them were refused.
fn count_refused(world: &World) -> (usize, usize) {
    let requests = world.requests();
    (requests.len(), requests.iter().filter(|request| request.status == 429).count())
}

#[test]
fn several_members_at_once_stay_below_the_limit() {
    let world = start();
    run(&world, &["apply", "--initial", "--auto-approve", "--quiet"]);
    let (n, n_refused) = count_refused(&world);
    assert!(n > 100, "{n}");
    assert_eq!(n_refused, 0);
    run(&world, &["plan", "--detailed-exitcode"]);
    assert_eq!(count_published(&world), N_MEMBERS);
}

#[test]
fn workers_that_share_the_limit_stay_below_it() {
    let world = start();
    let apply = ["apply", "--until", "prepare", "--initial", "--auto-approve", "--quiet"];
    run(&world, &apply);
    world.requests();
    let mut workers: Vec<Child> = (0..3)
        .map(|worker| {
            let keys: Vec<String> =
                (0..N_MEMBERS / 3).map(|n| format!("deposits/{}", name(3 * n + worker))).collect();
            let mut args = vec!["apply", "--until", "fill", "--initial", "--auto-approve"];
            args.extend(keys.iter().flat_map(|key| ["-p", key]));
            let mut command = command(&world, &args);
            command.env("ZREL_RATE_SHARE", "1/3").spawn().unwrap()
        })
        .collect();
    assert!(workers.iter_mut().all(|worker| worker.wait().unwrap().success()));
    let (_, n_refused) = count_refused(&world);
    assert_eq!(n_refused, 0);
    run(&world, &["apply", "--initial", "--auto-approve", "--quiet"]);
    assert_eq!(count_refused(&world).1, 0);
    run(&world, &["plan", "--detailed-exitcode"]);
    assert_eq!(count_published(&world), N_MEMBERS);
}

#[test]
fn a_share_that_is_none_is_a_usage_error() {
    let world = start();
    for share in ["4", "1/0", "2/3", "1/x", "1/1000000"] {
        let ran = world.expect(64, &["plan", "--rate-share", share]);
        assert!(ran.stderr.contains("give `1/K`"), "{ran}");
    }
}
