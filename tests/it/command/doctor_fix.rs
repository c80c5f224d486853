//! `zrel doctor --fix` where more than one call may be needed, or a person: a DOI that the server
//! holds, a draft of another client, files that were opened to be changed.

use serde_json::json;
use zrel::local::{ConcurrentAction, Fault, FaultKind};

use super::doctor::{examine, find, fix, leave_foreign_draft, state};
use crate::support::terminal::type_into;
use crate::support::world::{FILES, World, manifest, publish_first};

/// Adds the server's prefix, so that zrel knows the DOI of each draft.
pub(crate) fn prefixed(world: &World, label: &str) {
    world.manifest(&manifest(label, FILES));
    world.write("zenodo.toml", &(world.read("zenodo.toml") + "doi_prefix = \"10.5072\"\n"));
}

/// Leaves a reserved draft, and returns its number.
pub(crate) fn reserve(world: &World) -> u64 {
    world.write("a.csv", "one,two\n");
    world.expect(0, &["reserve", "--initial"]);
    world.open_drafts()[0]
}

/// Makes the server hold the DOI of the draft, which does not show it.
pub(crate) fn hold_doi(world: &World, id: u64) {
    let path = format!("/api/records/{id}/draft");
    if world.native("GET", &path, &json!(null))["pids"]["doi"].is_null() {
        world.native("POST", &format!("{path}/pids/doi"), &json!({}));
    }
    world.faults().set(vec![Fault::at(1, FaultKind::Other(ConcurrentAction::LosesDoi))]);
    assert_eq!(world.native("GET", &path, &json!(null))["pids"], json!({}));
    world.faults().heal();
}

#[test]
fn a_server_that_holds_the_doi_refuses_to_reserve_and_to_publish() {
    let world = World::served();
    prefixed(&world, "1.0");
    let id = reserve(&world);
    hold_doi(&world, id);
    let path = format!("/api/records/{id}/draft/pids/doi");
    let (status, answer) = world.ask("alice-token", "POST", &path, &json!({}));
    assert_eq!((status, &answer["errors"][0]["field"]), (400, &json!("pids.doi")), "{answer}");
    assert_eq!(answer["errors"][0]["messages"][0], "A PID already exists for type doi");
    let ran = world.expect(12, &["apply", "--auto-approve", "--initial"]);
    assert!(ran.stderr.contains("Missing DOI for required field."), "{ran}");
    assert!(ran.stderr.contains("doctor --fix"), "{ran}");
}

#[test]
fn a_doi_that_the_server_holds_is_sent_back_and_the_draft_is_published() {
    let world = World::served();
    prefixed(&world, "1.0");
    let id = reserve(&world);
    hold_doi(&world, id);
    let before = world.native("GET", &format!("/api/records/{id}/draft"), &json!(null));
    assert_eq!(fix(&world, 0), [format!("PUT /api/records/{id}/draft")]);
    let after = world.native("GET", &format!("/api/records/{id}/draft"), &json!(null));
    assert_eq!(after["pids"]["doi"]["identifier"], format!("10.5072/zenodo.{id}"));
    for part in ["metadata", "custom_fields", "access", "files"] {
        assert_eq!(before[part], after[part], "{part}");
    }
    assert!(examine(&world).iter().all(|check| check["kind"] != "lost-doi"));
    world.apply_then_expect_no_changes(&["--initial"]);
    let record = world.native("GET", &format!("/api/records/{id}"), &json!(null));
    assert_eq!(record["pids"]["doi"]["identifier"], format!("10.5072/zenodo.{id}"));
}

/// Nothing was reserved by zrel: that an apply was refused is what shows it.
#[test]
fn a_doi_that_was_never_reserved_by_zrel_is_sent_back_after_an_apply_failed() {
    let world = World::served();
    prefixed(&world, "1.0");
    world.write("a.csv", "one,two\n");
    world.apply(&["--initial", "--no-publish"]);
    let id = world.open_drafts()[0];
    hold_doi(&world, id);
    assert!(examine(&world).iter().all(|check| check["kind"] != "lost-doi"), "nothing shows it");
    world.expect(12, &["apply", "--auto-approve"]);
    assert_eq!(state(&examine(&world), "lost-doi"), "note");
    assert_eq!(fix(&world, 0), [format!("PUT /api/records/{id}/draft")]);
    world.apply_then_expect_no_changes(&[]);
}

/// On Zenodo zrel knows the DOI of a draft without a call, and the draft has none until it is published.
#[test]
fn a_reserved_draft_is_whole_without_a_doi_where_the_prefix_is_known() {
    let world = World::served();
    prefixed(&world, "1.0");
    reserve(&world);
    assert_eq!(state(&examine(&world), "lost-doi"), "good");
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn a_doi_that_is_not_known_can_only_be_discarded_with_its_draft() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    let id = reserve(&world);
    hold_doi(&world, id);
    // The server refuses to reserve it, and without its prefix nothing can be sent back.
    let ran = world.expect(13, &["doctor", "--fix", "--auto-approve"]);
    assert!(ran.stderr.contains("still broken"), "{ran}");
    assert!(ran.stderr.contains(&format!("discard {id} --auto-approve")), "{ran}");
    assert!(ran.stdout.contains("Tables of small forms"), "what is in it is shown: {ran}");
    assert_eq!(world.open_drafts(), [id]);
    world.requests();
    let ran = type_into(&world, "doctor --fix", "yes\nyes\n");
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(world.open_drafts(), [0; 0]);
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn a_draft_of_another_client_is_discarded_after_a_person_saw_it() {
    let world = World::served();
    let left = leave_foreign_draft(&world);
    world.requests();
    for args in [&["doctor", "--fix"][..], &["doctor", "--fix", "--auto-approve"]] {
        let ran = world.expect(13, args);
        assert!(ran.stdout.contains("theirs.csv"), "what is in it is shown: {ran}");
        assert!(ran.stderr.contains(&format!("discard {left} --auto-approve")), "{ran}");
        assert!(ran.stderr.contains(&format!("--adopt-draft {left}")), "{ran}");
    }
    let ran = type_into(&world, "doctor --fix", "no\n");
    assert_eq!((ran.code, world.writes()), (13, vec![]), "{ran}");
    let ran = type_into(&world, "doctor --fix", "yes\n");
    assert_eq!((ran.code, world.writes().len()), (0, 1), "{ran}");
    world.apply_then_expect_no_changes(&[]);
}

/// Publishes, opens the files, and changes them; returns the record.
fn open_files(world: &World) -> u64 {
    let id = publish_first(world);
    world.native("POST", &format!("/api/records/{id}/file-modification"), &json!({}));
    let edit = world.deposition(id);
    world.put_file(&edit, "theirs.csv", "theirs\n");
    world.put_file(&edit, "a.csv", "replaced\n");
    let path = format!("/api/records/{id}/draft/files/b.csv");
    world.native("DELETE", &path, &json!(null));
    id
}

#[test]
fn an_edit_of_files_is_published_in_time_alone() {
    let port = World::served_apart().port();
    let mut world = World::served_at(port, "2026-10-01T12:00:00Z");
    let id = open_files(&world);
    world.travel_to("2026-11-01T12:00:00Z");
    let checks = examine(&world);
    assert!(checks.iter().all(|check| check["kind"] != "expired-files"), "{checks:#?}");
    let (status, _) = world.ask(
        "alice-token",
        "POST",
        &format!("/api/records/{id}/file-modification"),
        &json!({}),
    );
    assert_eq!(status, 403, "after 30 days");
    world.action(id, "publish");
    let files = world.deposition(id)["files"].as_array().unwrap().len();
    assert_eq!(files, 3);
}

#[test]
fn an_edit_of_files_whose_time_is_over_is_discarded_and_the_next_one_is_published() {
    let port = World::served_apart().port();
    let mut world = World::served_at(port, "2026-10-01T12:00:00Z");
    let id = open_files(&world);
    world.travel_to("2026-11-20T12:00:00Z");
    let published = world.native("GET", &format!("/api/records/{id}"), &json!(null));
    let checks = examine(&world);
    assert_eq!(state(&checks, "expired-files"), "note", "the plan needs no edit");
    let text = find(&checks, "expired-files")["text"].as_str().unwrap();
    for part in
        ["`theirs.csv`, which was added", "`a.csv`, which was replaced", "removal of `b.csv`"]
    {
        assert!(text.contains(part), "{text}");
    }
    let path = format!("/api/deposit/depositions/{id}/actions/publish");
    let (status, answer) = world.ask("alice-token", "POST", &path, &json!({}));
    assert_eq!(status, 400, "{answer}");
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    assert_eq!(state(&examine(&world), "expired-files"), "blocks");
    world.expect(11, &["apply", "--auto-approve"]);
    let writes = fix(&world, 0);
    assert_eq!(writes, [format!("POST /api/deposit/depositions/{id}/actions/discard")]);
    let after = world.native("GET", &format!("/api/records/{id}"), &json!(null));
    assert_eq!(published["files"], after["files"]);
    world.apply_then_expect_no_changes(&[]);
}

/// Nothing shows that the files were opened: the apply that is refused says what to do.
#[test]
fn an_edit_whose_files_were_opened_and_not_changed_is_named_by_the_apply() {
    let port = World::served_apart().port();
    let mut world = World::served_at(port, "2026-10-01T12:00:00Z");
    let id = publish_first(&world);
    world.native("POST", &format!("/api/records/{id}/file-modification"), &json!({}));
    world.travel_to("2026-11-20T12:00:00Z");
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    let ran = world.expect(12, &["apply", "--auto-approve"]);
    assert!(ran.stderr.contains("grace period has passed"), "{ran}");
    assert!(ran.stderr.contains(&format!("discard {id}")), "{ran}");
    world.expect(0, &["discard", &id.to_string(), "--auto-approve"]);
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_file_that_another_client_is_sending_is_deleted_by_a_person_only() {
    let world = World::served();
    let record = publish_first(&world);
    let draft = world.new_version_by_hand(record)["id"].as_u64().unwrap();
    let files = format!("/api/records/{draft}/draft/files");
    world.native("POST", &files, &json!([{"key": "theirs.csv"}]));
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("2.0", FILES));
    world.requests();
    let ran = world.expect(13, &["doctor", "--fix", "--auto-approve"]);
    assert!(ran.stderr.contains("confirm at a terminal"), "{ran}");
    assert_eq!(world.writes(), []);
    let ran = type_into(&world, "doctor --fix", "yes\n");
    assert!(ran.stdout.contains("Mended."), "{ran}");
}
