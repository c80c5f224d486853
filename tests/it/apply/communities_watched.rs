//! `zrel status --watch`: what it says, records and sends when communities decide; and communities in
//! workspaces, in past releases, and in every face of a plan.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value as Json;

use zrel::local::{ConcurrentAction, Fault, FaultKind};

use crate::notify::receiver::Receiver;
use crate::support::world::{FILES, Ran, World, manifest, publish_first};

use super::backfill;
use super::communities::{COMMUNITY, decide, find_request, list_joined, naming, submit};
use super::workspace::{ROOT, use_real_git, write_member, write_root};

/// Watches a world's record, lets something happen meanwhile, and returns how it ended.
fn watch(world: &World, variables: &[(String, String)], meanwhile: impl FnOnce()) -> Ran {
    world.requests();
    let mut command = world.command(&["status", "--watch"]);
    command.envs(variables.iter().cloned()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    // Several looks: it was seen that nothing was decided. A look takes less than ten requests.
    let mut n_requests = 0;
    while n_requests < 30 {
        n_requests += world.requests().len();
        std::thread::sleep(Duration::from_millis(5));
    }
    meanwhile();
    Ran::from(child.wait_with_output().unwrap())
}

/// Makes a workspace of one member, whose first version a community reviews.
fn write_reviewed_member(world: &World) {
    write_root(world, ROOT);
    add_reviewed_member(world, "a");
}

fn add_reviewed_member(world: &World, name: &str) {
    write_member(world, name, "1.0", "");
    let reviewed =
        format!("\n[[communities]]\nid = \"{COMMUNITY}\"\nreview = \"before-publish\"\n");
    let path = format!("deposits/{name}/zenodo.toml");
    let text = world.read(&path) + &reviewed;
    world.write(&path, &text);
}

#[test]
fn a_watch_ends_with_the_acceptance_and_records_the_version() {
    let (world, receiver) = (World::served(), Receiver::start());
    let variables = receiver.variables("lab", "webhook");
    world.write("a.csv", "one,two\n");
    let text = naming("1.0", COMMUNITY, "review = \"before-publish\"\n");
    world.manifest(&format!("notify = [\"lab\"]\n{text}"));
    let args = ["apply", "--auto-approve", "--initial"];
    let submitted = world.command(&args).envs(variables.iter().cloned()).output().unwrap();
    assert_eq!(Ran::from(submitted).code, 15);
    world.git(&["init", "-q", "."]);
    world.git(&["add", "zenodo.toml"]);
    world.git(&["commit", "-q", "-m", "later than what was submitted"]);
    let draft = world.status()["draft"].as_u64().unwrap();
    let sent: Vec<Json> = receiver.take().iter().map(|one| one.body["type"].clone()).collect();
    assert_eq!(sent, ["apply.waiting"]);

    let ran = watch(&world, &variables, || decide(&world, draft, "accept"));
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("reviews it since "), "{ran}");
    let said = format!("Community {COMMUNITY} accepted draft {draft}: it is published.");
    assert!(ran.stdout.contains(&said), "{ran}");
    let sent: Vec<Json> = receiver.take().iter().map(|one| one.body["type"].clone()).collect();
    assert_eq!(sent, ["review.decided", "record.published"]);
    assert!(world.read("zenodo.lock").contains(&format!("last = {draft}")), "{ran}");
    let receipt = world.read(&format!(".zrel/receipts/test-{draft}.json"));
    assert!(receipt.contains("\"plan_digest\": \"sha256:"), "{receipt}");
    // What is checked out now may be something else than what was submitted.
    assert!(receipt.contains("\"commit\": null"), "{receipt}");
    assert!(receipt.contains("\"manifest_sha256\": null"), "{receipt}");
    world.requests();
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.writes(), []);
    assert!(receiver.take().is_empty());
}

#[test]
fn a_watch_ends_with_a_decline_and_the_plan_is_blocked() {
    let world = World::served();
    let draft = submit(&world);
    let ran = watch(&world, &[], || decide(&world, draft, "decline"));
    assert_eq!(ran.code, 11, "{ran}");
    assert!(ran.stdout.contains(&format!("declined draft {draft}: it is not published.")), "{ran}");
    world.requests();
    world.expect(11, &["apply", "--auto-approve"]);
    assert_eq!(world.writes(), []);
}

/// The acceptance comes between two reads of one look.
#[test]
fn an_acceptance_in_the_middle_of_a_look_is_no_cancellation() {
    let accepts = FaultKind::Other(ConcurrentAction::AcceptsReview);
    for nth in 1..=12 {
        let world = World::served();
        let draft = submit(&world);
        let ran = watch(&world, &[], || world.faults().set(vec![Fault::at(nth, accepts)]));
        assert_eq!(ran.code, 0, "{nth}: {ran}");
        assert_eq!(world.faults().fired(), 1, "{nth}: {ran}");
        let said = format!("Community {COMMUNITY} accepted draft {draft}: it is published.");
        assert_eq!(ran.stdout.matches(&said).count(), 1, "{nth}: {ran}");
        assert!(!ran.stdout.contains("cancelled"), "{nth}: {ran}");
        assert!(world.read("zenodo.lock").contains(&format!("last = {draft}")), "{nth}: {ran}");
        world.requests();
        world.apply_then_expect_no_changes(&[]);
        assert_eq!(world.writes(), []);
    }
}

#[test]
fn an_acceptance_in_the_middle_of_an_apply_changes_nothing() {
    let accepts = FaultKind::Other(ConcurrentAction::AcceptsReview);
    for nth in 1..=12 {
        let world = World::served();
        let draft = submit(&world);
        world.requests();
        world.faults().set(vec![Fault::at(nth, accepts)]);
        let ran = world.zrel(&["apply", "--auto-approve"]);
        assert_eq!(world.writes(), [], "{nth}: {ran}");
        if world.faults().fired() == 0 {
            assert!(nth > 3, "{nth}: {ran}");
            break;
        }
        world.faults().heal();
        world.apply_then_expect_no_changes(&[]);
        assert!(world.read("zenodo.lock").contains(&format!("last = {draft}")), "{nth}: {ran}");
    }
}

/// The fault meets each part of a look in turn, and what is recorded after the decision.
#[test]
fn a_watch_outlives_a_server_that_is_out_of_reach() {
    let away = FaultKind::Status { status: 503, after: false };
    let mut n_met = 0;
    for nth in 1..=9 {
        let world = World::served();
        let draft = submit(&world);
        let ran = watch(&world, &[], || {
            decide(&world, draft, "accept");
            world.faults().set(vec![Fault { times: 40, ..Fault::at(nth, away) }]);
        });
        assert_eq!(ran.code, 0, "{nth}: {ran}");
        n_met += usize::from(world.faults().fired() > 0);
        world.faults().heal();
        let said = format!("accepted draft {draft}: it is published.");
        assert_eq!(ran.stdout.matches(&said).count(), 1, "{nth}: {ran}");
        assert!(world.read("zenodo.lock").contains(&format!("last = {draft}")), "{nth}: {ran}");
        world.requests();
        world.apply_then_expect_no_changes(&[]);
        assert_eq!(world.writes(), []);
    }
    // The watch may have ended before the last ones.
    assert!(n_met >= 3, "{n_met}");
}

#[test]
fn a_watch_has_a_time_limit_and_ends_at_once_when_nothing_is_waited_for() {
    let world = World::served();
    let record = publish_first(&world);
    let ran = world.expect(0, &["status", "--watch"]);
    assert!(ran.stdout.contains("Nothing is waited for."), "{ran}");
    world.manifest(&naming("1.0", COMMUNITY, ""));
    world.apply(&[]);
    world.expect(15, &["--time-limit", "300s", "status", "--watch"]);
    let ran = watch(&world, &[], || decide(&world, record, "accept"));
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains(&format!("Community {COMMUNITY} has the record now.")), "{ran}");
    world.expect(64, &["status", "--interval", "60"]);
    world.expect(64, &["status", "--watch", "--interval", "1"]);
}

#[test]
fn each_face_of_a_plan_shows_each_community() {
    let world = World::served();
    let record = publish_first(&world);
    let named = |slugs: &[&str]| {
        let tables = slugs.iter().map(|slug| format!("[[communities]]\nid = \"{slug}\"\n"));
        format!("{FILES}{}", tables.collect::<String>())
    };
    world.manifest(&manifest("1.0", &named(&[COMMUNITY, "user2-open-review"])));
    world.apply(&[]);
    decide(&world, record, "accept");
    world.manifest(&manifest(
        "1.0",
        &format!("{}message = \"<b>Hello</b>\"\n", named(&[COMMUNITY, "c1"])),
    ));
    let (left, waiting) = if list_joined(&world, record) == [COMMUNITY] {
        (None, "user2-open-review")
    } else {
        (Some("user2-open-review"), COMMUNITY)
    };
    for format in ["text", "markdown", "html"] {
        let shown = world.expect(0, &["plan", "--format", format]).stdout;
        assert!(shown.contains("its curators decide"), "{format}: {shown}");
        let is_harmless = match format {
            "html" => !shown.contains("<b>Hello"),
            "markdown" => shown.contains("`<b>Hello</b>`"),
            _ => true,
        };
        assert!(is_harmless, "{format}: {shown}");
        assert!(shown.contains("Hello"), "{format}: {shown}");
        assert!(shown.contains(waiting), "{format}: {shown}");
        assert_eq!(shown.contains("is left: the manifest"), left.is_some(), "{format}: {shown}");
    }
    let plan = world.plan_json(&[]);
    let of = |slug: &str| {
        let mut all = plan["communities"].as_array().unwrap().iter();
        all.find(|one| one["community"] == slug).cloned().unwrap()
    };
    assert_eq!(of("c1")["ask"], true);
    assert_eq!(of("c1")["message"], "<b>Hello</b>");
    assert_eq!(of(waiting)["standing"], "pending");
    assert!(of(waiting)["since"].is_string());
}

#[test]
fn a_member_under_review_does_not_keep_the_others() {
    let world = World::served();
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    write_reviewed_member(&world);
    write_member(&world, "b", "1.0", "");
    world.expect(15, &["apply", "--auto-approve", "--initial"]);
    assert_eq!(world.n_records(), 2);
    write_member(&world, "b", "1.1", "");
    let ran = world.expect(15, &["apply", "--auto-approve"]);
    assert!(ran.stderr.contains("a: a community reviews its draft."), "{ran}");
    let drafts = world.open_drafts();
    assert_eq!(drafts.len(), 1);
    assert_eq!(find_request(&world, drafts[0])["status"], "submitted");
    decide(&world, drafts[0], "accept");
    world.expect(0, &["apply", "--auto-approve"]);
    world.expect(0, &["plan", "--detailed-exitcode"]);
}

#[test]
fn members_are_watched_at_the_same_time() {
    let world = World::served();
    write_reviewed_member(&world);
    add_reviewed_member(&world, "b");
    world.expect(15, &["apply", "--auto-approve", "--initial"]);
    let ran = world.expect(15, &["--time-limit", "300s", "status", "--watch"]);
    assert_eq!(ran.stderr.matches("the time of the run is over").count(), 2, "{ran}");
    let [a, b] = ["a", "b"].map(|name| {
        let status =
            world.expect(11, &["-C", &format!("deposits/{name}"), "status", "--format", "json"]);
        serde_json::from_str::<Json>(&status.stdout).unwrap()["draft"].as_u64().unwrap()
    });
    let ran = watch(&world, &[], || {
        decide(&world, b, "accept");
        // The other one is waited for, and this one is recorded.
        while !world.read("deposits/b/zenodo.lock").contains(&format!("last = {b}")) {
            std::thread::sleep(Duration::from_millis(5));
        }
        decide(&world, a, "decline");
    });
    assert_eq!(ran.code, 11, "{ran}");
    assert!(ran.stdout.contains(&format!("accepted draft {b}: it is published.")), "{ran}");
    assert!(ran.stdout.contains(&format!("declined draft {a}: it is not published.")), "{ran}");
}

#[test]
fn a_member_does_not_link_to_one_under_review() {
    let world = World::served();
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    use_real_git(&world);
    write_reviewed_member(&world);
    let link = "related_identifiers = [{ member = \"deposits/a\", relation = \"isDerivedFrom\" }]";
    write_member(&world, "b", "1.0", link);
    for _ in 0..2 {
        let ran = world.expect(15, &["apply", "--auto-approve", "--initial"]);
        let said = "it links to `deposits/a`, which is published when a community accepts it";
        assert!(ran.stderr.contains(said), "{ran}");
        assert!(!ran.stderr.contains("error:"), "{ran}");
        assert!(!ran.stderr.contains("not begun"), "{ran}");
    }
    let drafts = world.open_drafts();
    let is_reviewed = |draft: &&u64| find_request(&world, **draft)["status"] == "submitted";
    let reviewed: Vec<u64> = drafts.iter().filter(is_reviewed).copied().collect();
    assert_eq!(reviewed.len(), 1, "{drafts:?}");
    decide(&world, reviewed[0], "accept");
    let ran = world.expect(0, &["apply", "--auto-approve", "--initial"]);
    let said = format!("  DOI          10.5072/zenodo.{}", reviewed[0]);
    assert!(ran.stdout.contains(&said), "{ran}");
    world.expect(0, &["plan", "--detailed-exitcode"]);
}

#[test]
fn past_releases_do_not_begin_with_one_that_is_reviewed() {
    let world = World::served();
    backfill::prepare(&world);
    let text = world.read("zenodo.toml");
    let asked = format!("\n[[communities]]\nid = \"{COMMUNITY}\"\nreview = \"before-publish\"\n");
    world.write("zenodo.toml", &(text + &asked));
    world.requests();
    let args = ["backfill", "apply", "--tags", "v*", "--initial", "--auto-approve"];
    let ran = world.expect(11, &args);
    assert!(ran.stderr.contains("reviews the first version before it is published"), "{ran}");
    assert_eq!(world.writes(), []);
}
