//! Whole flows by the real binary: what a person does, one command after the other.

use serde_json::json;

use crate::support::world::{ALICE, BOB, FILES, World, manifest, publish_first};

#[test]
fn a_first_publication_on_the_local_server() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    assert_eq!(world.zrel(&["plan", "--detailed-exitcode"]).code, 2);
    world.apply_then_expect_no_changes(&[]);
    let record = world.expect(0, &["show", "--format", "json"]).json();
    assert_eq!(record["record"]["metadata"]["title"], "Tables of small forms");
    assert_eq!(record["record"]["files"][0]["file"], "a.csv");
}

#[test]
fn a_second_version_sends_only_what_changed() {
    let world = World::served();
    let first = publish_first(&world);
    let before = world.status();
    world.write("a.csv", "one,two,and more\n");
    world.remove("b.csv");
    std::fs::rename(world.project().join("c.csv"), world.project().join("d.csv")).unwrap();
    world.write("e.csv", "new\n");
    world.manifest(&manifest("1.1", FILES));
    world.requests();
    world.apply(&[]);
    let requests = world.requests();
    let mut sent: Vec<(&str, u64)> =
        requests.iter().filter_map(|r| Some((r.uploaded()?, r.bytes))).collect();
    sent.sort_unstable();
    assert_eq!(sent, [("a.csv", 17), ("d.csv", 4), ("e.csv", 4)]);
    // Three uploads and two deletions come on top of what every second version costs: two looks
    // for the plan, new version, metadata, read back, a look whether the version is still the
    // latest, publish, read again.
    assert!(requests.len() <= 8 + 5, "{requests:#?}");
    world.expect_no_changes();
    let asked = world.requests();
    assert!(asked.len() <= 2, "{asked:#?}");
    let after = world.status();
    assert_eq!(after["concept_doi"], before["concept_doi"]);
    assert_ne!(after["latest"].as_u64(), Some(first));
    let history = world.expect(0, &["history"]).stdout;
    assert!(history.contains("1.0") && history.contains("1.1"), "{history}");
}

#[test]
fn an_edit_in_place_keeps_the_doi() {
    let world = World::served();
    let first = publish_first(&world);
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    let plan = world.plan_json(&[]);
    assert_eq!(plan["metadata"].as_array().unwrap().len(), 1, "{plan:#}");
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.status()["latest"].as_u64(), Some(first));
    assert_eq!(world.deposition(first)["metadata"]["keywords"], json!(["forms"]));
}

const COMMUNITIES: &str =
    "[[communities]]\nid = \"c1\"\n[[communities]]\nid = \"user2-community\"\n";

#[test]
fn a_community_is_asked_once_and_its_answer_settles_it() {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&manifest("1.0", &format!("{FILES}{COMMUNITIES}")));
    let plan = world.plan_json(&[]);
    assert_eq!(plan["metadata"], json!([]));
    assert_eq!(plan["steps"].as_array().unwrap().len(), 2, "{plan:#}");
    world.requests();
    world.apply(&[]);
    let writes = world.writes();
    assert_eq!(writes.len(), 2, "{writes:#?}");
    assert!(writes.iter().all(|write| write.path.ends_with("/communities")), "{writes:#?}");
    world.expect_no_changes();
    assert_eq!(world.status()["latest"].as_u64(), Some(record));
}

#[test]
fn a_community_that_declined_is_asked_again_only_when_told() {
    let world = World::served();
    let record = publish_first(&world);
    let more = format!("{FILES}[[communities]]\nid = \"user2-community\"\n");
    world.manifest(&manifest("1.0", &more));
    world.apply_then_expect_no_changes(&[]);
    let requests = format!("/api/records/{record}/requests");
    let listed = world.alice("GET", &requests, &json!(null));
    let request = listed["hits"]["hits"][0]["id"].as_str().unwrap().to_owned();
    let decline = format!("/api/requests/{request}/actions/decline");
    let (status, answer) = world.ask(BOB, "POST", &decline, &json!({}));
    assert_eq!(status, 200, "{answer:#}");
    world.expect_no_changes();
    world.expect(2, &["plan", "--detailed-exitcode", "--ask-again", "user2-community"]);
    world.apply(&["--ask-again", "user2-community"]);
    world.expect_no_changes();
    let listed = world.alice("GET", &requests, &json!(null));
    assert_eq!(listed["hits"]["total"], 2, "{listed:#}");
}

#[test]
fn without_publish_a_draft_is_finished_and_published_later() {
    let world = World::served();
    world.manifest(&format!("[record]\npublish = false\n{}", manifest("1.0", FILES)));
    world.write("a.csv", "one\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    let drafts = world.open_drafts();
    assert_eq!(drafts.len(), 1);
    // Tomorrow it is still empty: the draft keeps its date.
    world.write("b.csv", "two\n");
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.open_drafts(), drafts);
    world.manifest(&manifest("1.0", FILES));
    world.requests();
    world.apply_then_expect_no_changes(&[]);
    assert!(world.requests().iter().all(|request| request.uploaded().is_none()));
    assert_eq!(world.open_drafts(), [0; 0]);
    assert_eq!(world.status()["latest"].as_u64(), Some(drafts[0]));
}

#[test]
fn no_publish_stops_each_kind_of_change_at_a_draft() {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    world.apply(&["--no-publish"]);
    assert_eq!(world.open_drafts(), [record]);
    world.expect(0, &["plan", "--detailed-exitcode", "--no-publish"]);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.open_drafts(), [0; 0]);

    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("2.0", FILES));
    world.apply(&["--no-publish"]);
    let draft = world.open_drafts();
    assert_eq!(draft.len(), 1);
    world.expect(0, &["plan", "--detailed-exitcode", "--no-publish"]);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.status()["latest"].as_u64(), Some(draft[0]));
    assert_eq!(world.n_versions(world.concept()), 2);
}

#[test]
fn every_command_gives_one_document() {
    let world = World::served();
    let record = publish_first(&world);
    let plan = world.plan_json(&[]);
    assert!(plan["format_version"].is_string(), "{plan:#}");
    assert!(plan["digest"].as_str().unwrap().starts_with("sha256:"), "{plan:#}");
    assert_eq!(plan["steps"], json!([]));
    let valid = world.expect(0, &["validate", "--format", "json"]).json();
    assert!(valid["findings"].is_array(), "{valid:#}");
    let shown = world.expect(0, &["show", "--format", "json"]).json();
    assert_eq!(shown["record"]["id"].as_u64(), Some(record));
    assert_eq!(shown["record"]["files"].as_array().unwrap().len(), 3);
    let history = world.expect(0, &["history", "--format", "json"]).json();
    assert!(history.to_string().contains(&record.to_string()), "{history:#}");
    let again = world.expect(0, &["apply", "--auto-approve", "--format", "json"]).json();
    assert_eq!(again["steps"], json!([]));
    world.write("a.csv", "changed\n");
    world.manifest(&manifest("1.1", FILES));
    let applied = world.expect(0, &["apply", "--auto-approve", "--format", "json"]).json();
    assert!(applied.to_string().contains("10."), "{applied:#}");
    for args in [&["show"][..], &["status"], &["history"], &["validate"], &["open", "--print"]] {
        let ran = world.expect(0, args);
        assert!(!ran.stdout.trim().is_empty(), "{args:?}: {ran}");
    }
}

#[test]
fn a_wrong_token_and_no_token_are_distinguished_from_a_wrong_record() {
    let mut world = World::served();
    publish_first(&world);
    world.set_token("wrong");
    let ran = world.expect(77, &["plan"]);
    assert!(!ran.stderr.contains("wrong-token"), "{ran}");
    world.set_token(BOB);
    world.manifest(&manifest("1.1", FILES));
    let plan = world.expect(11, &["plan"]);
    assert!(plan.stdout.contains("another account"), "{plan}");
    world.expect(11, &["apply", "--auto-approve"]);
    world.set_token("");
    world.expect(77, &["plan"]);
    world.set_token(ALICE);
    world.apply_then_expect_no_changes(&[]);
}

/// Returns the publication date of the latest version.
fn date(world: &World) -> String {
    let record = world.expect(0, &["show", "--format", "json"]).json();
    record["record"]["metadata"]["publication_date"].as_str().unwrap().to_owned()
}

#[test]
fn today_is_the_day_of_a_version_and_stays_it() {
    let mut world = World::local();
    let today = "publication_date = \"today\"\n";
    world.set_now("2026-11-23T23:59:00Z");
    world.manifest(&manifest("1.0", &format!("{today}{FILES}")));
    world.write("a.csv", "one\n");
    world.expect(0, &["plan", "--out", "release.plan"]);
    // Reviewed today, applied tomorrow: the date is that of the apply.
    world.set_now("2026-11-24T08:00:00Z");
    world.expect(0, &["apply", "release.plan"]);
    world.expect_no_changes();
    assert_eq!(date(&world), "2026-11-24");

    world.set_now("2026-12-24T08:00:00Z");
    world.expect_no_changes();
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{today}{FILES}")));
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(date(&world), "2026-11-24");

    world.write("a.csv", "two\n");
    world.manifest(&manifest("1.1", FILES));
    world.apply(&["--no-publish"]);
    world.set_now("2026-12-25T08:00:00Z");
    world.expect(0, &["plan", "--no-publish", "--detailed-exitcode"]);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(date(&world), "2026-12-25");
}

#[test]
fn a_record_with_its_own_doi_can_be_edited_and_has_no_second_version() {
    let world = World::served();
    let own = "doi = \"10.1234/made-elsewhere\"\n";
    world.manifest(&manifest("1.0", &format!("{own}{FILES}")));
    world.write("a.csv", "one\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    world.manifest(&manifest("1.0", &format!("{own}keywords = [\"forms\"]\n{FILES}")));
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.status()["doi"], "10.1234/made-elsewhere");
    world.write("a.csv", "two\n");
    world.manifest(&manifest("1.1", &format!("{own}{FILES}")));
    world.requests();
    let ran = world.expect(11, &["apply", "--auto-approve"]);
    assert!(ran.stdout.contains("made elsewhere"), "{ran}");
    assert_eq!(world.writes(), []);
}

#[test]
fn names_of_files_may_hold_anything_that_the_server_takes() {
    let world = World::served();
    world.manifest(&manifest("1.0", "[[files]]\npath = \"data/*\"\n"));
    let names = [
        "a b.txt",
        "50%.txt",
        "ünïcödé.txt",
        "a#b?.txt",
        "a+b&c=d.txt",
        "100%25.txt",
        "~'(x)!.txt",
    ];
    for name in names {
        world.write(&format!("data/{name}"), name);
    }
    world.apply_then_expect_no_changes(&["--initial"]);
    for name in names {
        world.write(&format!("data/{name}"), "changed");
    }
    world.manifest(&manifest("1.1", "[[files]]\npath = \"data/*\"\n"));
    world.apply_then_expect_no_changes(&[]);
    for name in &names[1..] {
        world.remove(&format!("data/{name}"));
    }
    world.manifest(&manifest("1.2", "[[files]]\npath = \"data/a b.txt\"\n"));
    world.apply_then_expect_no_changes(&[]);
}

/// The requests about a version are not those about the next: an answer given to one of them
/// counts for the record.
#[test]
fn what_a_community_was_asked_for_one_version_counts_for_the_next() {
    let world = World::served();
    publish_first(&world);
    let more = format!("{FILES}[[communities]]\nid = \"user2-community\"\n");
    world.manifest(&manifest("1.0", &more));
    world.apply_then_expect_no_changes(&[]);
    for (label, text) in [("1.1", "one,two,three\n"), ("1.2", "four\n")] {
        world.write("a.csv", text);
        world.manifest(&manifest(label, &more));
        world.requests();
        world.apply_then_expect_no_changes(&[]);
        let asked = world.writes().iter().filter(|w| w.path.ends_with("/communities")).count();
        assert_eq!(asked, 0, "{label}: it is pending");
    }
}

#[test]
fn a_community_that_declined_one_version_is_not_asked_for_the_next() {
    let world = World::served();
    let record = publish_first(&world);
    let more = format!("{FILES}[[communities]]\nid = \"user2-community\"\n");
    world.manifest(&manifest("1.0", &more));
    world.apply(&[]);
    let listed = world.alice("GET", &format!("/api/records/{record}/requests"), &json!(null));
    let request = listed["hits"]["hits"][0]["id"].as_str().unwrap().to_owned();
    let decline = format!("/api/requests/{request}/actions/decline");
    assert_eq!(world.ask(BOB, "POST", &decline, &json!({})).0, 200);
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("1.1", &more));
    world.apply_then_expect_no_changes(&[]);
    world.expect(2, &["plan", "--detailed-exitcode", "--ask-again", "user2-community"]);
    world.apply(&["--ask-again", "user2-community"]);
    world.expect_no_changes();
}

#[test]
fn a_plan_that_stops_at_a_draft_asks_no_community_and_says_so() {
    let world = World::served();
    let more = format!("{FILES}[[communities]]\nid = \"user2-community\"\n");
    world.manifest(&format!("[record]\npublish = false\n{}", manifest("1.0", &more)));
    world.write("a.csv", "one\n");
    let plan = world.plan_json(&["--initial"]);
    assert_eq!(plan["communities"][0]["ask"], false, "{plan:#}");
    let shown = world.expect(0, &["plan", "--initial"]).stdout;
    assert!(shown.contains("user2-community  is asked once a version is published"), "{shown}");
    assert!(!shown.contains("to ask"), "{shown}");
}

/// What was published does not depend on the current files of the folder.
#[test]
fn the_record_is_shown_whatever_the_files_are_like() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "");
    world.manifest(&manifest("2.0", "access_right = \"open\"\n[[files]]\npath = \"nowhere.csv\""));
    world.expect(65, &["plan"]);
    for verb in [&["history"][..], &["show"], &["open", "--print"]] {
        world.expect(0, verb);
    }
    assert!(world.expect(0, &["history"]).stdout.contains("1.0"));
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
}
