//! Several new files at a time: how many, what is sent again, and what is never sent beside others.

use zrel::local::{Fault, FaultKind, Matches};

use serde_json::Value as Json;

use super::plan_integrity::forge;
use crate::support::world::{FILES, Ran, World, manifest, publish_first};

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
    let n = world.count_hung();
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
    let mut command = world.command(&["apply"]);
    let ran: Ran = command.env("ZREL_JOBS", "many").output().unwrap().into();
    assert!(ran.code == 64 && ran.stderr.contains("ZREL_JOBS"), "{ran}");
    let mut command = world.command(&["apply"]);
    let ran: Ran = command.env("ZREL_JOBS", "").output().unwrap().into();
    assert_eq!(ran.code, 65, "there is no manifest here\n{ran}");
}

/// A change of the steps of a plan, given two files of its group as steps of their own.
type Change = fn(&mut Vec<Json>, [Json; 2]);

/// Steps that contradict each other; the second replaces a file, the third sends two new ones.
const CONTRADICTIONS: [Change; 4] = [
    // The group, and one of its files.
    |steps, [b, _]| steps.insert(3, b),
    // Two single files, which zrel never plans.
    |steps, [b, c]| drop(steps.splice(2..3, [b, c])),
    // A replacement of a file that is also sent as new.
    |steps, [b, _]| {
        steps[1] = b;
        steps[1]["action"] = "replace_file".into();
        steps[1]["reason"] = "other_bytes".into();
        steps[1]["symbol"] = "~".into();
    },
    // A file that is deleted to be sent again, and is not.
    |steps, _| {
        let step = steps[1].as_object_mut().unwrap();
        step.retain(|key, _| !["size", "md5"].contains(&key.as_str()));
        step.insert("action".to_owned(), "delete_file".into());
        step.insert("symbol".to_owned(), "-".into());
    },
];

/// Returns one file of a group as a step of its own.
fn single_step(group: &Json, name: &str) -> Json {
    let files = group["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["file"] == name).unwrap();
    let mut single = group.clone();
    single.as_object_mut().unwrap().shift_remove("files");
    single.as_object_mut().unwrap().extend(file.as_object().unwrap().clone());
    single["action"] = "upload_file".into();
    single
}

/// Numbers the steps anew, and sums what they send.
fn count_again(document: &mut Json) {
    let mut sum = 0;
    for (at, step) in document["steps"].as_array_mut().unwrap().iter_mut().enumerate() {
        step["number"] = (at + 1).into();
        let files = step["files"].as_array().into_iter().flatten();
        sum += files.chain([&*step]).filter_map(|it| it["size"].as_u64()).sum::<u64>();
    }
    document["upload_bytes"] = sum.into();
}

/// A draft lacks two files and has another with other bytes: no step of a saved plan contradicts
/// another.
#[test]
fn a_saved_plan_that_sends_a_file_twice_or_never_is_refused() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    world.apply(&["--initial", "--no-publish"]);
    world.write("a.csv", "other\n");
    world.write("b.csv", "two\n");
    world.write("c.csv", "three\n");
    world.expect(0, &["plan", "--out", "release.plan"]);
    world.expect(0, &["show", "release.plan"]);
    let good = world.read("release.plan");
    for (number, change) in CONTRADICTIONS.into_iter().enumerate() {
        world.write("release.plan", &good);
        forge(&world, "release.plan", |document| {
            let steps = document["steps"].as_array_mut().unwrap();
            let group = steps[2].clone();
            change(steps, ["b.csv", "c.csv"].map(|name| single_step(&group, name)));
            count_again(document);
        });
        let ran = world.expect(65, &["show", "release.plan"]);
        assert!(ran.stderr.contains("steps"), "{number}\n{ran}");
    }
    // Sizes that no sum holds.
    world.write("release.plan", &good);
    forge(&world, "release.plan", |document| {
        for file in document["steps"][2]["files"].as_array_mut().unwrap() {
            file["size"] = u64::MAX.into();
        }
    });
    world.expect(65, &["show", "release.plan"]);
    world.remove("release.plan");
    world.apply_then_expect_no_changes(&["--initial"]);
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

/// A server that never takes a file is given up, as with one file.
#[test]
fn a_server_that_asks_for_time_again_and_again_is_given_up() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    write_files(&world, "new");
    world.faults().set(vec![uploads(FaultKind::TooMany { retry_after: 3 }, usize::MAX)]);
    let ran = world.expect(75, &["apply", "--auto-approve", "--initial"]);
    assert!(ran.stderr.contains("too many requests"), "{ran}");
    // Four at once, then two, then one.
    assert_eq!(world.faults().fired(), 7);
    world.faults().heal();
    world.apply_then_expect_no_changes(&["--initial"]);
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
    assert!(text.contains("delete a.csv from the draft, to send its new bytes below"), "{text}");
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
