//! Reserving and giving back, with a fault at each request: the next run ends it, and nothing is
//! opened twice.

use zrel::local::{Fault, FaultKind};

use crate::support::world::{FILES, World, manifest, publish_first};

/// Faults of a server or of the way to it; the work is done or not.
fn kinds() -> [(&'static str, FaultKind); 6] {
    let status = |status, after| FaultKind::Status { status, after };
    [
        ("503", status(503, false)),
        ("504 after", status(504, true)),
        ("reset before", FaultKind::ResetBefore),
        ("reset after", FaultKind::ResetAfter),
        ("cut", FaultKind::Cut),
        ("429", FaultKind::TooMany { retry_after: 1 }),
    ]
}

/// What is lost between the run that met the fault and the next.
#[derive(Debug, Clone, Copy)]
enum Lost {
    Nothing,
    Journal,
    LockAndJournal,
}

fn lose(world: &World, lost: Lost, lock: Option<&str>) {
    if !matches!(lost, Lost::Nothing) {
        let _ = std::fs::remove_dir_all(world.project().join(".zrel"));
    }
    if matches!(lost, Lost::LockAndJournal) {
        // As it is committed: as it was before the run.
        match lock {
            Some(text) => world.write("zenodo.lock", text),
            None => drop(std::fs::remove_file(world.project().join("zenodo.lock"))),
        }
    }
}

/// Runs a command until it ends well, with one fault at a request; returns whether the request came.
fn run_with_fault(
    world: &World,
    args: &[&str],
    (at, kind): (usize, &FaultKind),
    lost: Lost,
) -> bool {
    let lock = std::fs::read_to_string(world.project().join("zenodo.lock")).ok();
    world.faults().set(vec![Fault::at(at, *kind)]);
    let mut ran = world.zrel(args);
    let has_fired = world.faults().fired() > 0;
    world.faults().heal();
    if ran.code == 0 {
        return has_fired;
    }
    lose(world, lost, lock.as_deref());
    for _ in 0..2 {
        let mut next: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        // What was lost is found by its title, and only a person knows that it is meant.
        if let Some((_, rest)) = ran.stderr.split_once("--adopt-draft ") {
            let id: String = rest.chars().take_while(char::is_ascii_digit).collect();
            next.extend(["--adopt-draft".to_owned(), id]);
        }
        ran = world.zrel(&next.iter().map(String::as_str).collect::<Vec<_>>());
        if ran.code == 0 {
            return has_fired;
        }
    }
    panic!("{at}, {kind:?}, {lost:?}: {ran}");
}

/// Does this for each fault at each request of a command, and each loss after it.
fn at_each_request(mut run: impl FnMut(&str, (usize, &FaultKind), Lost) -> bool) {
    for lost in [Lost::Nothing, Lost::Journal, Lost::LockAndJournal] {
        for (name, kind) in kinds() {
            // One request has no answer to cut: whether the server has the deposit API.
            let mut n_missed = 0;
            let mut has_more = |at: &usize| {
                n_missed += usize::from(!run(name, (*at, &kind), lost));
                n_missed < 2
            };
            let n_requests = (1..20).take_while(|at| has_more(at)).count();
            assert!(n_requests >= 2, "{name}: {n_requests}");
        }
    }
}

fn prefixed(world: &World, label: &str) {
    world.manifest(&manifest(label, FILES));
    world.write("zenodo.toml", &(world.read("zenodo.toml") + "doi_prefix = \"10.5072\"\n"));
    world.write("a.csv", "one\n");
}

/// Reserves from what `before` makes, with a fault, and releases: there is one draft all the time.
fn reserve_then_apply(before: fn(&World), args: &[&str]) {
    at_each_request(|name, fault, lost| {
        let mut world = World::served();
        world.set_now("2026-11-20T12:00:00Z");
        before(&world);
        let came = run_with_fault(&world, args, fault, lost);
        let drafts = world.open_drafts();
        assert_eq!(drafts.len(), 1, "{name} {fault:?} {lost:?}");
        world.apply_then_expect_no_changes(&[]);
        assert_eq!(world.status()["latest"], drafts[0], "{name} {fault:?} {lost:?}");
        came
    });
}

#[test]
fn a_fault_while_reserving_for_a_first_release_opens_no_second_draft() {
    reserve_then_apply(|world| prefixed(world, "1.0"), &["reserve", "--initial"]);
}

#[test]
fn a_fault_while_reserving_for_a_version_opens_no_second_draft() {
    let publish = |world: &World| {
        publish_first(world);
        prefixed(world, "1.1");
    };
    reserve_then_apply(publish, &["reserve"]);
}

#[test]
fn a_fault_while_giving_back_leaves_nothing_open_and_nothing_unpublished() {
    at_each_request(|name, fault, lost| {
        let mut world = World::served();
        world.set_now("2026-11-20T12:00:00Z");
        let first = publish_first(&world);
        prefixed(&world, "1.1");
        world.expect(0, &["reserve"]);
        // The lock that is committed names the draft.
        let came = run_with_fault(&world, &["discard", "--auto-approve"], fault, lost);
        assert_eq!(world.open_drafts(), [0; 0], "{name} {fault:?} {lost:?}");
        assert_eq!(world.status()["latest"], first, "{name} {fault:?} {lost:?}");
        world.apply_then_expect_no_changes(&[]);
        came
    });
}
