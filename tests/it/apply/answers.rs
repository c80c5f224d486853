//! Answers that look right but are wrong: about something else, from the
//! past, or with unreadable entries. zrel binds nothing to them, writes nothing to what they
//! name, and publishes nothing over them.

use serde_json::{Value as Json, json};
use zrel::local::{Fault, FaultKind, Matches, MixUp, Unreadable};

use crate::support::world::{FILES, Ran, World, manifest, publish_first};

const DEPOSITIONS: &str = "/api/deposit/depositions";

/// A record and a draft of the same account, which no manifest here names.
struct Others {
    record: u64,
    draft: u64,
    before: Vec<Json>,
}

impl Others {
    fn make(world: &World) -> Self {
        let metadata = json!({"metadata": {
            "title": "Another table", "upload_type": "dataset", "description": "<p>Others.</p>",
            "creators": [{"name": "Weiss, Tobias"}], "version": "7",
        }});
        let [record, draft] = [true, false].map(|publish| {
            let made = world.alice("POST", DEPOSITIONS, &metadata);
            world.put_file(&made, "other.csv", "others\n");
            let id = made["id"].as_u64().unwrap();
            if publish {
                world.action(id, "publish");
            }
            id
        });
        let before = [record, draft].map(|id| world.deposition(id)).to_vec();
        Self { record, draft, before }
    }

    /// Asserts that nothing of it was touched.
    #[track_caller]
    fn expect_untouched(&self, world: &World, ran: &Ran) {
        let now = [self.record, self.draft].map(|id| world.deposition(id)).to_vec();
        assert_eq!(now, self.before, "{ran}");
    }
}

/// Returns a fault at the first request to a path.
fn on(what: &str, kind: FaultKind) -> Fault {
    Fault { on: Matches::parse(what).unwrap(), nth: 1, times: 1, kind }
}

/// Changes a file and the label.
fn next_version(world: &World) {
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("1.1", FILES));
}

/// Applies with a fault, then without one until nothing is left to do, at most twice.
fn apply_through(world: &World, fault: Fault, flags: &[&str]) -> Vec<Ran> {
    world.faults().set(vec![fault]);
    let args = [&["apply", "--auto-approve"], flags].concat();
    let mut runs = vec![world.zrel(&args)];
    assert!(world.faults().fired() > 0, "{}", runs[0]);
    world.faults().heal();
    while runs.last().unwrap().code != 0 {
        assert!(runs.len() < 3, "{}", runs.iter().map(Ran::to_string).collect::<String>());
        runs.push(world.zrel(&args));
    }
    world.expect_no_changes();
    runs
}

#[test]
fn a_new_version_that_is_answered_with_another_draft_goes_to_the_right_one() {
    for how in [MixUp::Other, MixUp::Version, MixUp::Concept] {
        let world = World::served();
        publish_first(&world);
        let concept = world.concept();
        let others = Others::make(&world);
        next_version(&world);
        let fault = on("POST /*newversion", FaultKind::MixedUp(how));
        if how == MixUp::Version {
            // Another version, so that there is one to answer with.
            world.apply_then_expect_no_changes(&[]);
            world.write("a.csv", "one,two,three,four\n");
            world.manifest(&manifest("1.2", FILES));
        }
        let n_before = world.n_versions(concept);
        let runs = apply_through(&world, fault, &[]);
        others.expect_untouched(&world, &runs[0]);
        assert_eq!(world.n_versions(concept), n_before + 1, "{how:?}: {}", runs[0]);
        assert_eq!(world.concept(), concept);
        assert_eq!(world.open_drafts(), [others.draft], "{how:?}: {}", runs[0]);
    }
}

#[test]
fn an_edit_that_is_answered_with_another_draft_goes_to_the_right_record() {
    for how in [MixUp::Other, MixUp::Concept] {
        let world = World::served();
        let record = publish_first(&world);
        let others = Others::make(&world);
        world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
        let runs = apply_through(&world, on("POST /*edit", FaultKind::MixedUp(how)), &[]);
        others.expect_untouched(&world, &runs[0]);
        assert_eq!(world.deposition(record)["metadata"]["keywords"], json!(["forms"]));
        assert_eq!(world.open_drafts(), [others.draft], "{how:?}: {}", runs[0]);
    }
}

#[test]
fn an_answer_about_another_record_is_neither_verified_nor_ready() {
    for how in [MixUp::Other, MixUp::Concept] {
        let world = World::served();
        let record = publish_first(&world);
        let _others = Others::make(&world);
        let fault = on(&format!("GET /api/records/{record}"), FaultKind::MixedUp(how));
        world.faults().set(vec![Fault { times: usize::MAX, ..fault }]);
        let ran = world.expect(69, &["verify"]);
        assert!(!ran.stdout.contains("Nothing differs"), "{how:?}: {ran}");
        let ran = world.expect(75, &["wait", "--time-limit", "1h"]);
        assert!(!ran.stdout.contains("ready"), "{how:?}: {ran}");
        assert!(world.faults().fired() > 0);
    }
}

#[test]
fn a_creation_that_is_answered_with_another_draft_makes_one_record() {
    for how in [MixUp::Other, MixUp::Concept] {
        let world = World::served();
        let others = Others::make(&world);
        world.manifest(&manifest("1.0", FILES));
        world.write("a.csv", "one\n");
        let fault = on(&format!("POST {DEPOSITIONS}"), FaultKind::MixedUp(how));
        let runs = apply_through(&world, fault, &["--initial"]);
        others.expect_untouched(&world, &runs[0]);
        assert_eq!(world.n_records(), 3, "{how:?}: {}", runs[0]);
        assert_eq!(world.open_drafts(), [others.draft], "{how:?}: {}", runs[0]);
    }
}

#[test]
fn metadata_or_a_publication_answered_with_another_one_is_checked() {
    for call in [&format!("PUT {DEPOSITIONS}/*"), "POST /*publish"] {
        for how in [MixUp::Other, MixUp::Version, MixUp::Concept] {
            let world = World::served();
            let first = publish_first(&world);
            let others = Others::make(&world);
            next_version(&world);
            let runs = apply_through(&world, on(call, FaultKind::MixedUp(how)), &[]);
            others.expect_untouched(&world, &runs[0]);
            assert_eq!(world.open_drafts(), [others.draft], "{call} {how:?}: {}", runs[0]);
            let latest = world.status()["latest"].as_u64().unwrap();
            assert!(latest > others.draft && latest != first, "{call} {how:?}: {}", runs[0]);
            let told = runs.last().unwrap();
            assert!(told.stdout.contains(&latest.to_string()), "{call} {how:?}: {told}");
        }
    }
}

/// A first release whose create call, then whose second answer, has a wrong concept; the run is
/// killed by a refusal right after. The remembered concept must not stop the next run.
#[test]
fn a_wrong_concept_stops_no_later_run() {
    for at in 1..=8 {
        let world = World::served();
        let others = Others::make(&world);
        world.manifest(&manifest("1.0", FILES));
        world.write("a.csv", "one\n");
        let wrong = Fault::at(at, FaultKind::MixedUp(MixUp::Concept));
        let refused = Fault {
            times: usize::MAX,
            ..Fault::at(at + 1, FaultKind::Status { status: 500, after: false })
        };
        world.faults().set(vec![wrong, refused]);
        let broken = world.zrel(&["apply", "--auto-approve", "--initial"]);
        world.faults().heal();
        let ran = world.zrel(&["apply", "--auto-approve", "--initial"]);
        assert_eq!(ran.code, 0, "{at}: {broken}\n{ran}");
        world.expect_no_changes();
        others.expect_untouched(&world, &ran);
        assert_eq!(world.n_records(), 3, "{at}: {broken}\n{ran}");
    }
}

#[test]
fn a_reading_about_another_record_is_no_answer() {
    let world = World::served();
    publish_first(&world);
    let others = Others::make(&world);
    world.requests();
    world.zrel(&["plan"]);
    let n_requests = world.requests().len();
    for at in 1..=n_requests {
        next_version(&world);
        world.faults().set(vec![Fault::at(at, FaultKind::MixedUp(MixUp::Other))]);
        let plan = world.zrel(&["plan"]);
        assert_eq!(world.faults().fired(), 1, "{at}: {plan}");
        world.faults().heal();
        assert_eq!(plan.code, 69, "{at}: {plan}");
        let told = [&others.record.to_string(), "about something else", "hint: "];
        assert!(told.iter().all(|words| plan.stderr.contains(*words)), "{at}: {plan}");
    }
    world.apply_then_expect_no_changes(&[]);
}

/// Lock and journal are lost, and the server shows for a while its state before the last
/// version.
#[test]
fn a_stale_reading_makes_no_duplicate() {
    for (change, n_versions) in [(next_version as fn(&World), 2), (keywords, 1)] {
        for reads in 1..=7 {
            let world = World::served();
            let stale = |nth, writes| Fault::at(nth, FaultKind::Stale { writes, reads });
            world.faults().set(vec![stale(usize::MAX, 1)]);
            publish_first(&world);
            let concept = world.concept();
            let text = world.read("zenodo.toml");
            world.requests();
            change(&world);
            world.apply_then_expect_no_changes(&[]);
            let writes = world.writes().len();
            std::fs::remove_file(world.project().join("zenodo.lock")).unwrap();
            std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
            let bound = format!("\n[record.concept]\ntest = \"{concept}\"\n");
            world.write("zenodo.toml", &(world.read("zenodo.toml") + &bound));
            assert_ne!(text, world.read("zenodo.toml"));
            world.faults().set(vec![stale(1, writes)]);
            let ran = world.zrel(&["apply", "--auto-approve"]);
            world.faults().heal();
            let shown = format!("{reads} stale reads: {ran}");
            assert_eq!(world.n_versions(concept), n_versions, "{shown}");
            world.apply_then_expect_no_changes(&[]);
            assert_eq!(world.n_versions(concept), n_versions, "{shown}");
            assert_eq!(world.open_drafts(), [0; 0], "{shown}");
        }
    }
}

fn keywords(world: &World) {
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
}

#[test]
fn what_can_not_be_read_back_is_not_published() {
    for (what, words) in [
        (Unreadable::FileName, "`files[3]`"),
        (Unreadable::FileSize, "abc.txt"),
        (Unreadable::Creator, "Nobody, Nina"),
    ] {
        let world = World::served();
        let record = publish_first(&world);
        next_version(&world);
        // Right before publishing the draft is read by one API and, since that answer can't be read,
        // by the other.
        let reads = ["GET /api/records/*/draft".to_owned(), format!("GET {DEPOSITIONS}/*")];
        let faults = reads
            .map(|reads| Fault { times: usize::MAX, ..on(&reads, FaultKind::Unreadable(what)) });
        world.faults().set(faults.to_vec());
        let ran = world.expect(11, &["apply", "--auto-approve"]);
        assert!(world.faults().fired() > 0, "{ran}");
        world.faults().heal();
        assert_eq!(world.status()["latest"], record, "{ran}");
        assert!(ran.stderr.contains(words) && ran.stderr.contains("can't be read"), "{ran}");
        world.apply_then_expect_no_changes(&[]);
        assert_eq!(world.n_versions(world.concept()), 2, "{ran}");
    }
}

#[test]
fn a_draft_with_unreadable_content_is_not_taken_for_zrel_s() {
    let world = World::served();
    let record = publish_first(&world);
    world.new_version_by_hand(record);
    next_version(&world);
    // The draft equals the latest version, except for an unreadable entry.
    let reads = format!("GET {DEPOSITIONS}/*");
    let unreadable = FaultKind::Unreadable(Unreadable::FileName);
    world.faults().set(vec![on(&reads, unreadable)]);
    let plan = world.zrel(&["plan"]);
    assert!(plan.stdout.contains("`files[3]`") && plan.stdout.contains("--adopt-draft"), "{plan}");
    world.faults().heal();
    world.apply_then_expect_no_changes(&[]);
}

/// Kills an apply when its create call is done and not answered.
fn kill_while_creating(world: &World) {
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    kill_at(world, &format!("POST {DEPOSITIONS}"), &["apply", "--auto-approve", "--initial"]);
    assert_eq!(world.open_drafts().len(), 1);
}

/// Kills a run when this request is done and not answered.
fn kill_at(world: &World, request: &str, args: &[&str]) {
    world.faults().set(vec![on(request, FaultKind::HangAfter)]);
    let mut child = world.start(args);
    while world.faults().n_hung() == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    world.faults().heal();
}

#[test]
fn a_created_draft_is_found_when_the_manifest_has_another_title_and_description() {
    let world = World::served();
    kill_while_creating(&world);
    let text = world.read("zenodo.toml").replace("Tables of small forms", "Tables of other forms");
    world.write("zenodo.toml", &text.replace("Some tables.", "Other tables."));
    world.apply_then_expect_no_changes(&["--initial"]);
    assert_eq!((world.n_records(), world.open_drafts().len()), (1, 0));
}

#[test]
fn a_created_draft_is_found_when_it_got_another_title_and_description() {
    let world = World::served();
    kill_while_creating(&world);
    let draft = world.open_drafts()[0];
    world.put_metadata(draft, |metadata| {
        let mark = metadata["title"].as_str().unwrap().replace("Tables of small forms", "Others");
        metadata["title"] = mark.into();
        metadata["description"] = "<p>Others.</p>".into();
    });
    world.apply_then_expect_no_changes(&["--initial"]);
    assert_eq!((world.n_records(), world.open_drafts().len()), (1, 0));
}

#[test]
fn a_created_draft_that_nothing_needs_is_named_until_it_is_gone() {
    let world = World::served();
    kill_while_creating(&world);
    let draft = world.open_drafts()[0];
    // Meanwhile the manifest got bound to an existing record.
    let metadata = json!({"metadata": {
        "title": "Tables of small forms", "upload_type": "dataset", "version": "0.9",
        "description": "<p>Some tables.</p>", "creators": [{"name": "Weiss, Tobias"}],
    }});
    let made = world.alice("POST", DEPOSITIONS, &metadata);
    world.put_file(&made, "a.csv", "none\n");
    world.action(made["id"].as_u64().unwrap(), "publish");
    let bound = format!("\n[record.concept]\ntest = {}\n", made["conceptrecid"]);
    world.write("zenodo.toml", &(world.read("zenodo.toml") + &bound));
    for _ in 0..2 {
        let ran = world.apply_then_expect_no_changes(&[]);
        let named = format!("draft {draft} was made by a create call");
        assert!(ran.stderr.contains(&named), "{ran}");
    }
    world.action(draft, "discard");
    let ran = world.apply_then_expect_no_changes(&[]);
    assert!(!ran.stderr.contains("create call"), "{ran}");
    let left = std::fs::read_dir(world.project().join(".zrel")).unwrap();
    let mut left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.find(|name| name.starts_with("journal")), None);
}

/// What each of these faults does, seen without zrel.
#[test]
fn faults_answer_with_something_else_and_do_the_work() {
    let world = World::served();
    let first = publish_first(&world);
    let concept = world.concept();
    next_version(&world);
    world.apply(&[]);
    let second = world.status()["latest"].as_u64().unwrap();
    let path = format!("{DEPOSITIONS}/{second}");
    let ask = |kind, method: &str, path: &str| {
        world.faults().set(vec![Fault::at(1, kind)]);
        world.alice(method, path, &Json::Null)
    };
    let mixed = |how| FaultKind::MixedUp(how);

    assert_eq!(ask(mixed(MixUp::Version), "GET", &path)["id"], first);
    let wrong = ask(mixed(MixUp::Concept), "GET", &path);
    assert_eq!(wrong["id"], second);
    assert_ne!(wrong["conceptrecid"], concept.to_string());
    let other = ask(mixed(MixUp::Other), "GET", &path);
    assert_eq!(other["title"], "Another record of the same account");
    assert_eq!(other["conceptrecid"], wrong["conceptrecid"], "it is made once");
    let record = ask(mixed(MixUp::Other), "GET", &format!("/api/records/{second}"));
    assert_eq!(record["id"], second, "the plain form, which names no parent, stays as it is");
    let draft = ask(mixed(MixUp::Other), "POST", &format!("{path}/actions/newversion"));
    assert_eq!(draft["title"], "Another draft of the same account");
    assert_eq!(world.faults().fired(), 1);
    world.faults().heal();
    let opened = world.open_drafts();
    assert_eq!(opened.len(), 2, "the new version was still opened");

    for kind in [mixed(MixUp::Version), mixed(MixUp::Other)] {
        ask(kind, "GET", DEPOSITIONS);
        assert_eq!(world.faults().fired(), 0, "a listing is about nothing single");
    }
    let file = ask(FaultKind::Unreadable(Unreadable::FileName), "GET", &path);
    assert_eq!(file["files"].as_array().unwrap().len(), 4);
    let creator = ask(FaultKind::Unreadable(Unreadable::Creator), "GET", &path);
    assert_eq!(creator["metadata"]["creators"][1], "Nobody, Nina");
    world.faults().heal();
    assert_eq!(world.deposition(second)["files"].as_array().unwrap().len(), 3);
}

#[test]
fn stale_reads_show_the_state_of_so_many_writes_ago() {
    let world = World::served();
    let stale = |writes| Fault::at(1, FaultKind::Stale { writes, reads: 2 });
    world.faults().set(vec![stale(1)]);
    world.alice("GET", DEPOSITIONS, &Json::Null);
    assert_eq!(world.faults().fired(), 0, "nothing was written yet");
    let made = world.alice("POST", DEPOSITIONS, &json!({"metadata": {"title": "One"}}));
    let id = made["id"].as_u64().unwrap();
    for title in ["Two", "Three"] {
        world.put_metadata(id, |metadata| metadata["title"] = title.into());
    }
    for (writes, title) in [(1, "Two"), (2, "One")] {
        world.faults().set(vec![stale(writes)]);
        let titles = [(); 3].map(|()| world.deposition(id)["title"].clone());
        assert_eq!(titles, [title, title, "Three"], "{writes}");
    }
    world.faults().set(vec![stale(3)]);
    let path = format!("{DEPOSITIONS}/{id}");
    assert_eq!(world.ask(crate::support::world::ALICE, "GET", &path, &Json::Null).0, 404);
}

/// An edit was opened by a run that was killed before the answer, and the manifest brought back:
/// nothing is left to do, and the edit that zrel left open is still told.
#[test]
fn an_edit_that_zrel_left_open_is_told_although_nothing_changes() {
    let world = World::served();
    let first = publish_first(&world);
    keywords(&world);
    let opens = format!("POST {DEPOSITIONS}/*/actions/edit");
    kill_at(&world, &opens, &["apply", "--auto-approve"]);
    world.manifest(&manifest("1.0", FILES));
    let plan = world.expect(0, &["plan"]);
    let note = format!("record {first} is being edited, and the edit is left as it is");
    assert!(plan.stdout.contains("No changes.") && plan.stdout.contains(&note), "{plan}");
}
