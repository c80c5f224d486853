//! Several new files at a time: how many, what is sent again, and what is never sent beside others.

use std::time::{Duration, Instant};

use zrel::local::{Fault, FaultKind, Matches};

use crate::support::world::{FILES, World, manifest, publish_first};

const NAMES: [&str; 6] = ["a.csv", "b.csv", "c.csv", "d.csv", "e.csv", "f.csv"];

/// Writes six files; the later ones are larger.
fn write_files(world: &World, text: &str) {
    for (number, name) in NAMES.iter().enumerate() {
        world.write(name, &format!("{text},").repeat(1 + number));
    }
}

fn uploads(kind: FaultKind, times: usize) -> Fault {
    Fault { on: Matches::parse("PUT /api/files/*").unwrap(), nth: 1, times, kind }
}

/// Returns the names of the files that were uploaded, in the order of the server's log.
fn uploaded(world: &World) -> Vec<String> {
    let writes = world.writes();
    writes.iter().filter_map(|write| Some(write.uploaded()?.to_owned())).collect()
}

/// Starts an apply whose uploads get no answer, and returns how many are on their way at once.
fn count_in_flight(jobs: &[&str]) -> usize {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    write_files(&world, "new");
    world.faults().set(vec![uploads(FaultKind::HangBefore, usize::MAX)]);
    let args = [&["apply", "--auto-approve", "--initial"], jobs].concat();
    let mut child = world.start(&args);
    let mut n = 0;
    let mut since = Instant::now();
    // More would have come by now.
    while n == 0 || since.elapsed() < Duration::from_millis(300) {
        if world.faults().n_hung() > n {
            (n, since) = (world.faults().n_hung(), Instant::now());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    world.faults().heal();
    world.apply_then_expect_no_changes(&["--initial"]);
    n
}

#[test]
fn new_files_go_out_several_at_a_time() {
    assert_eq!(count_in_flight(&[]), 4);
    assert_eq!(count_in_flight(&["--jobs", "6"]), 6);
    assert_eq!(count_in_flight(&["--jobs", "1"]), 1);
}

#[test]
fn the_largest_file_is_sent_first() {
    let mut world = World::served();
    world.set_jobs(1);
    world.manifest(&manifest("1.0", FILES));
    write_files(&world, "new");
    world.apply_then_expect_no_changes(&["--initial"]);
    assert_eq!(uploaded(&world), ["f.csv", "e.csv", "d.csv", "c.csv", "b.csv", "a.csv"]);
}

#[test]
fn a_number_of_jobs_that_is_none_is_a_usage_error() {
    let world = World::local();
    for jobs in ["0", "17", "1000", "-1", "four"] {
        let ran = world.expect(64, &["apply", &format!("--jobs={jobs}")]);
        assert!(ran.stderr.contains("--jobs <N>"), "{ran}");
    }
}

/// Every answer is lost at first; what arrived is found, and nothing is sent twice.
#[test]
fn files_whose_answers_were_lost_are_found_and_not_sent_again() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    write_files(&world, "new");
    world.faults().set(vec![uploads(FaultKind::ResetAfter, 4)]);
    let ran = world.apply_then_expect_no_changes(&["--initial"]);
    assert_eq!(ran.stderr.matches("no answer while uploading").count(), 4, "{ran}");
    let mut names = uploaded(&world);
    names.sort();
    assert_eq!(names, NAMES);
}

/// A replacement beside other uploads is refused, so a file that has to be sent again goes alone.
#[test]
fn a_file_that_did_not_arrive_whole_is_sent_again_alone() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    write_files(&world, "new");
    world.faults().set(vec![uploads(FaultKind::Status { status: 503, after: false }, 3)]);
    world.apply_then_expect_no_changes(&["--initial"]);
    assert_eq!(world.faults().fired(), 3);
    let refused = world.requests().into_iter().filter(|request| request.status == 500);
    assert_eq!(refused.collect::<Vec<_>>(), [], "nothing was sent beside another file");
}

#[test]
fn a_server_that_asks_for_time_gets_it() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    write_files(&world, "new");
    world.faults().set(vec![uploads(FaultKind::TooMany { retry_after: 3 }, 3)]);
    world.apply_then_expect_no_changes(&["--initial"]);
    assert_eq!(world.faults().fired(), 3);
}

/// One file can't be sent: the others end, the error is about that one, and the next apply sends
/// what is missing.
#[test]
fn one_file_that_fails_lets_the_others_end() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    write_files(&world, "new");
    let on = Matches::parse("PUT /api/files/*/e.csv").unwrap();
    let kind = FaultKind::WrongChecksum;
    world.faults().set(vec![Fault { on, nth: 1, times: 1, kind }]);
    let ran = world.expect(12, &["apply", "--auto-approve", "--initial"]);
    assert!(ran.stderr.contains("e.csv"), "{ran}");
    let arrived = ran.stderr.matches("arrived, MD5 as planned").count();
    assert!((3..=5).contains(&arrived), "{arrived} beside it\n{ran}");
    let first = uploaded(&world);
    assert_eq!(first.len(), arrived + 1, "what was begun has ended");
    world.apply_then_expect_no_changes(&["--initial"]);
    let mut sent = uploaded(&world);
    sent.retain(|name| name != "e.csv");
    assert_eq!(sent.len(), 5 - arrived, "{sent:?} after {first:?}");
}

#[test]
fn many_replaced_files_are_deleted_first_and_sent_in_parallel() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    write_files(&world, "first");
    world.apply_then_expect_no_changes(&["--initial"]);
    world.manifest(&manifest("1.1", FILES));
    write_files(&world, "second");
    let plan = world.plan_json(&[]);
    let steps = plan["steps"].as_array().unwrap();
    let n_of = |action: &str| steps.iter().filter(|step| step["action"] == action).count();
    assert_eq!((n_of("delete_file"), n_of("upload_files"), n_of("replace_file")), (6, 1, 0));
    let text = world.expect(0, &["plan"]).stdout;
    assert!(text.contains("delete a.csv, whose new bytes are sent below"), "{text}");
    world.requests();
    world.apply_then_expect_no_changes(&[]);
    assert!(world.requests().iter().all(|request| request.status < 400));
}

#[test]
fn a_few_replaced_files_are_replaced_one_by_one() {
    let world = World::served();
    publish_first(&world);
    world.manifest(&manifest("1.1", FILES));
    for name in ["a.csv", "b.csv", "c.csv"] {
        world.write(name, "other bytes\n");
    }
    let steps = world.plan_json(&[])["steps"].clone();
    let replaced = steps.as_array().unwrap().iter().filter(|it| it["action"] == "replace_file");
    assert_eq!(replaced.count(), 3);
    world.requests();
    world.apply_then_expect_no_changes(&[]);
    assert!(world.requests().iter().all(|request| request.status < 400));
}
