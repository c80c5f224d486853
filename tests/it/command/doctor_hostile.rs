//! `zrel doctor` and `--fix` beside other people, other runs, hostile names and bad connections.

use serde_json::json;
use zrel::local::{ConcurrentAction, Fault, FaultKind, Matches};

use super::doctor::{examine, find, fix, leave_foreign_draft, set_pids, state};
use super::doctor_fix::{hold_doi, prefixed, reserve};
use crate::support::lock_text::note_draft;
use crate::support::terminal::type_into;
use crate::support::world::{FILES, World, leave_draft, manifest, publish_first};

fn meet(world: &World, on: &str, kind: FaultKind) {
    let on = Matches::parse(on).unwrap();
    world.faults().set(vec![Fault { on, nth: 1, times: 1, kind }]);
}

#[test]
fn a_refused_credential_ends_a_fix() {
    let mut world = World::served();
    let id = leave_draft(&world);
    set_pids(&world, id, &json!({"doi": {"identifier": "", "provider": "external"}}));
    world.requests();
    world.set_token("wrong");
    let ran = world.expect(77, &["doctor", "--fix", "--auto-approve"]);
    assert!(!ran.stderr.contains("nothing that a call mends"), "{ran}");
    assert_eq!(world.writes(), []);
}

#[test]
fn without_a_network_a_fix_ends_and_says_so() {
    let mut world = World::served();
    leave_draft(&world);
    world.stop();
    let args = ["doctor", "--fix", "--auto-approve", "--time-limit", "20s"];
    let ran = world.expect(69, &args);
    assert!(!ran.stderr.contains("nothing that a call mends"), "{ran}");
}

#[test]
fn a_draft_that_can_not_be_read_is_no_whole_one() {
    let world = World::served();
    let id = leave_draft(&world);
    let on = Matches::parse(&format!("GET /api/deposit/depositions/{id}")).unwrap();
    let kind = FaultKind::Status { status: 500, after: false };
    world.faults().set(vec![Fault { on, nth: 1, times: 1000, kind }]);
    let ran = world.expect(69, &["doctor", "--fix", "--auto-approve"]);
    assert!(!ran.stderr.contains("nothing that a call mends"), "{ran}");
}

#[test]
fn the_draft_of_another_record_is_let_alone() {
    let world = World::served();
    publish_first(&world);
    let other = world.alice("POST", "/api/deposit/depositions", &json!({}));
    let other = other["id"].as_u64().unwrap();
    world.native("POST", &format!("/api/records/{other}/draft/files"), &json!([{"key": "x.csv"}]));
    let lock = world.project().join("zenodo.lock");
    note_draft(&lock, ("test", &world.address()), other);
    let checks = examine(&world);
    assert!(checks.iter().all(|check| check["draft"] != other), "{checks:#?}");
    assert_eq!(fix(&world, 0), [""; 0]);
}

#[test]
fn what_is_in_the_draft_of_another_client_is_not_in_a_public_log() {
    let world = World::served();
    let left = leave_foreign_draft(&world);
    for args in [&["doctor"][..], &["doctor", "--fix"], &["doctor", "--fix", "--auto-approve"]] {
        let output = world.command(args).env("CI", "true").output().unwrap();
        let ran = crate::support::world::Ran::from(output);
        let is_fix = args.len() > 1;
        assert_eq!(ran.code, if is_fix { 13 } else { 11 }, "{ran}");
        let text = ran.to_string();
        assert!(!text.contains("theirs.csv") && text.contains(&left.to_string()), "{ran}");
        assert!(is_fix || text.contains("BLOCKS  draft"), "{ran}");
    }
}

#[test]
fn a_draft_that_changes_after_it_was_shown_is_left() {
    let world = World::served();
    let left = leave_foreign_draft(&world);
    meet(&world, "POST *", FaultKind::Other(ConcurrentAction::EditsDraft));
    let ran = type_into(&world, "doctor --fix", "yes\n");
    assert!(ran.code != 0 && ran.stdout.contains("another client changed draft"), "{ran}");
    world.faults().heal();
    assert_eq!(world.open_drafts(), [left]);
    let title = world.deposition(left)["metadata"]["title"].clone();
    assert_eq!(title, "Changed by another client");
}

#[test]
fn a_doi_is_not_sent_over_what_another_client_wrote() {
    let world = World::served();
    prefixed(&world, "1.0");
    let id = reserve(&world);
    hold_doi(&world, id);
    meet(&world, "PUT *", FaultKind::Other(ConcurrentAction::EditsDraft));
    let ran = world.zrel(&["doctor", "--fix", "--auto-approve"]);
    assert!(ran.code != 0 && ran.stderr.contains("another client changed draft"), "{ran}");
    world.faults().heal();
    let draft = world.native("GET", &format!("/api/records/{id}/draft"), &json!(null));
    assert_eq!(draft["metadata"]["title"], "Changed by another client");
    // The next one sends what is there then.
    fix(&world, 0);
    let draft = world.native("GET", &format!("/api/records/{id}/draft"), &json!(null));
    assert_eq!(draft["metadata"]["title"], "Changed by another client");
    world.apply_then_expect_no_changes(&["--initial"]);
}

/// The answer to what was sent counts, so that no whole draft is offered to be discarded.
#[test]
fn a_late_read_after_the_doi_was_sent_offers_no_discard() {
    let world = World::served();
    prefixed(&world, "1.0");
    let id = reserve(&world);
    hold_doi(&world, id);
    meet(&world, "PUT *", FaultKind::VisibleLate { reads: 6, answered: true });
    assert_eq!(fix(&world, 0), [format!("PUT /api/records/{id}/draft")]);
    assert_eq!(world.open_drafts(), [id]);
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn a_fix_beside_another_run_sends_nothing() {
    let world = World::served();
    let id = leave_draft(&world);
    set_pids(&world, id, &json!({"doi": {"identifier": "", "provider": "external"}}));
    let run = std::fs::File::options().append(true).open(world.project().join(".zrel/run.lock"));
    let run = run.unwrap();
    run.lock().unwrap();
    world.requests();
    let ran = world.zrel(&["doctor", "--fix", "--auto-approve"]);
    assert!(ran.code != 0, "{ran}");
    assert_eq!(world.writes(), []);
}

#[test]
fn hostile_names_are_escaped_and_many_are_counted() {
    let world = World::served();
    let id = leave_draft(&world);
    let hostile = "a\u{1b}[2J\n  DELETE /api/records/1\u{202e}.csv";
    let mut files = vec![json!({"key": hostile})];
    files.extend((0..30).map(|n| json!({"key": format!("half-{n:02}.csv")})));
    world.native("POST", &format!("/api/records/{id}/draft/files"), &json!(files));
    let shown = world.zrel(&["doctor"]).to_string();
    let text = find(&examine(&world), "uncommitted-files")["text"].to_string();
    assert!(text.contains("31 files") && text.contains("and 21 more"), "{text}");
    let ran = world.expect(13, &["doctor", "--fix"]).to_string();
    for said in [&shown, &ran] {
        assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said}");
    }
    // The call is shown as it is sent.
    assert!(ran.contains("/draft/files/a%1B%5B2J%0A%20%20DELETE%20%2Fapi%2Frecords%2F1"), "{ran}");
    assert!(!ran.lines().any(|line| line.trim() == "DELETE /api/records/1"), "{ran}");
    assert_eq!(fix(&world, 0).len(), 31);
    world.apply_then_expect_no_changes(&[]);
}

/// A title of another client is shown before a person answers.
#[test]
fn a_hostile_title_is_escaped_where_a_draft_is_shown() {
    let world = World::served();
    let left = leave_foreign_draft(&world);
    let path = format!("/api/records/{left}/draft");
    let mut draft = world.native("GET", &path, &json!(null));
    draft["metadata"]["title"] = json!("Tables \u{202e}seY\u{2066} of forms");
    world.native("PUT", &path, &draft);
    let ran = world.expect(13, &["doctor", "--fix"]).to_string();
    assert!(!ran.contains(['\u{202e}', '\u{2066}']), "{ran}");
    let checks = examine(&world);
    assert_eq!(state(&checks, "draft"), "blocks");
}

#[test]
fn a_draft_whose_doi_no_call_changes_is_offered_to_be_discarded() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", FILES));
    world.write("zenodo.toml", &(world.read("zenodo.toml") + "doi_prefix = \"10.5072\"\n"));
    world.apply(&["--initial", "--no-publish"]);
    let id = world.open_drafts()[0];
    world.put_metadata(id, |metadata| metadata["doi"] = json!(format!("10.5072/zenodo.{id}")));
    assert_eq!(state(&examine(&world), "poisoned-doi"), "blocks");
    world.expect(13, &["doctor", "--fix", "--auto-approve"]);
    let ran = type_into(&world, "doctor --fix", "yes\n");
    assert_eq!((ran.code, world.open_drafts()), (0, vec![]), "{ran}");
    world.apply_then_expect_no_changes(&["--initial"]);
}
