//! `zrel doctor`: the machine, the connection, the project and every draft, and a part that fails
//! keeps no other from being looked at; and `--fix`, after which an apply publishes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value as Json, json};

use crate::apply::certificate::SelfSigned;
use crate::apply::safety::{Fate, Proxy};
use crate::apply::workspace::{ROOT, write_member, write_root};
use crate::support::world::{FILES, World, leave_draft, manifest, publish_first};

/// Runs the doctor, and returns its checks. It must exit as its document says, and write nothing.
#[track_caller]
pub(crate) fn examine(world: &World) -> Vec<Json> {
    world.requests();
    let ran = world.zrel(&["doctor", "--format", "json"]);
    let document: Json = ran.json();
    assert_eq!(ran.code, if document["blocked"] == true { 11 } else { 0 }, "{ran}");
    assert_eq!(world.writes(), [], "{ran}");
    document["checks"].as_array().unwrap().clone()
}

/// Returns the state of the checks of a kind, which must be there.
#[track_caller]
pub(crate) fn state<'a>(checks: &'a [Json], kind: &str) -> &'a str {
    find(checks, kind)["state"].as_str().unwrap()
}

#[track_caller]
pub(crate) fn find<'a>(checks: &'a [Json], kind: &str) -> &'a Json {
    let found = checks.iter().find(|check| check["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} in {checks:#?}"))
}

/// Leaves a draft of a new version by another client, which the plan needs; returns it.
pub(crate) fn leave_foreign_draft(world: &World) -> u64 {
    let id = publish_first(world);
    let draft = world.new_version_by_hand(id);
    world.put_file(&draft, "theirs.csv", "theirs\n");
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("2.0", FILES));
    draft["id"].as_u64().unwrap()
}

#[test]
fn all_is_well_after_a_release() {
    let world = World::served();
    publish_first(&world);
    let checks = examine(&world);
    for kind in [
        "version",
        "manifest",
        "lock",
        "journal",
        "run",
        "proxy",
        "connection",
        "clock",
        "credential",
        "rate",
        "draft",
        "plan",
    ] {
        assert_eq!(state(&checks, kind), "good", "{checks:#?}");
    }
    assert!(find(&checks, "rate")["text"].as_str().unwrap().contains("requests are left until"));
    let source = find(&checks, "credential")["text"].as_str().unwrap();
    assert!(
        source.contains("ZREL_TOKEN_127_0_0_1_") && !source.contains("alice-token"),
        "{source}"
    );
    let text = world.expect(0, &["doctor"]).stdout;
    assert!(text.contains("Nothing that was looked at stands in the way"), "{text}");
    assert!(text.contains("plan               No changes."), "{text}");
}

#[test]
fn a_rehearsal_needs_no_credential() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    let ran = world.expect(0, &["doctor"]);
    assert!(ran.stdout.contains("the local server makes its own"), "{ran}");
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn a_refused_a_missing_and_an_unreadable_credential_stand_in_the_way() {
    let mut world = World::served();
    publish_first(&world);
    let token = format!("ZREL_TOKEN_127_0_0_1_{}", world.port());
    let output = world.command(&["doctor"]).env_remove(&token).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(11), "{text}");
    assert!(text.contains("BLOCKS  credential         there is none for 127.0.0.1"), "{text}");
    assert!(text.contains("ok      connection"), "the server is asked all the same: {text}");
    world.set_token("wrong");
    let checks = examine(&world);
    assert_eq!(state(&checks, "credential"), "blocks");
    assert_eq!(state(&checks, "connection"), "good");
    assert_eq!(state(&checks, "draft"), "not-checked");
    world.set_token("two words");
    assert_eq!(state(&examine(&world), "credential"), "blocks");
}

#[test]
fn without_a_server_the_rest_is_looked_at() {
    let mut world = World::served();
    publish_first(&world);
    world.stop();
    let ran = world.expect(11, &["doctor", "--format", "json", "--time-limit", "20s"]);
    let document = ran.json();
    let checks = document["checks"].as_array().unwrap();
    assert_eq!(state(checks, "connection"), "blocks");
    assert_eq!(
        find(checks, "connection")["apply"],
        "stops before it sends anything (exit code 69)"
    );
    assert_eq!((state(checks, "lock"), state(checks, "credential")), ("good", "good"));
}

#[test]
fn an_untrusted_certificate_is_named() {
    let server = SelfSigned::start();
    let world = World::local();
    let text = format!(
        "server = \"test\"\n{}\n[servers.test]\nurl = \"{}\"\n",
        manifest("1.0", FILES),
        server.url
    );
    world.write("zenodo.toml", &text);
    let ran = world.expect(11, &["doctor"]);
    assert!(ran.stdout.contains("certificate is not trusted"), "{ran}");
    assert!(ran.stdout.contains("(exit code 76)"), "{ran}");
    assert_eq!(server.count_heard(), 0);
}

#[test]
fn a_proxy_of_the_environment_is_named_without_its_password() {
    let world = World::local();
    let start = manifest("1.0", FILES);
    let text = format!("server = \"test\"\n{start}\n[servers.test]\nurl = \"https://z.invalid\"\n");
    world.write("zenodo.toml", &text);
    let mut command = world.command(&["doctor", "--time-limit", "5s"]);
    // No proxy listens there, so that nothing leaves this machine.
    let output = command.env("HTTPS_PROXY", "http://me:secret@127.0.0.1:9").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("go through http://127.0.0.1:9, as the environment says"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn a_faulty_manifest_keeps_nothing_else_from_being_looked_at() {
    let world = World::served();
    publish_first(&world);
    world.manifest(&manifest("1.0", FILES).replace("upload_type", "upload_typ"));
    let checks = examine(&world);
    assert_eq!(state(&checks, "manifest"), "blocks");
    assert!(find(&checks, "manifest")["text"].as_str().unwrap().contains("ZR0102"));
    for kind in ["lock", "run", "connection", "clock", "credential"] {
        assert_eq!(state(&checks, kind), "good", "{checks:#?}");
    }
    world.write("zenodo.toml", "title = \n");
    assert_eq!(state(&examine(&world), "connection"), "not-checked");
    world.remove("zenodo.toml");
    let checks = examine(&world);
    assert_eq!((state(&checks, "manifest"), state(&checks, "lock")), ("blocks", "good"));
}

#[test]
fn a_damaged_lock_and_another_run_stand_in_the_way() {
    let world = World::served();
    publish_first(&world);
    let lock = world.read("zenodo.lock");
    world.write("zenodo.lock", &lock.replace("1.0", "1.9"));
    let checks = examine(&world);
    assert_eq!(state(&checks, "lock"), "blocks");
    assert_eq!(state(&checks, "connection"), "good");
    world.write("zenodo.lock", &lock);
    let run = std::fs::File::options().append(true).open(world.project().join(".zrel/run.lock"));
    let run = run.unwrap();
    run.lock().unwrap();
    assert_eq!(state(&examine(&world), "run"), "blocks");
    drop(run);
    assert_eq!(state(&examine(&world), "run"), "good");
}

#[test]
fn a_clock_that_is_wrong_is_noted() {
    let mut world = World::served();
    publish_first(&world);
    world.set_now("2031-01-01T00:00:00Z");
    let checks = examine(&world);
    assert_eq!(state(&checks, "clock"), "note");
    assert!(
        find(&checks, "clock")["text"].as_str().unwrap().ends_with("minutes ahead of the server's")
    );
}

#[test]
fn files_that_were_never_committed_are_named_with_what_an_apply_does() {
    let world = World::served();
    let id = leave_draft(&world);
    let path = format!("/api/records/{id}/draft/files");
    world.native("POST", &path, &json!([{"key": "half.csv"}]));
    let checks = examine(&world);
    let check = find(&checks, "uncommitted-files");
    assert_eq!((check["state"].as_str(), check["draft"].as_u64()), (Some("note"), Some(id)));
    assert!(check["text"].as_str().unwrap().contains("`half.csv`"), "{check}");
    assert_eq!(check["apply"], "deletes them before it publishes");
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(find(&examine(&world), "draft")["text"], "no draft and no edit is open");
}

#[test]
fn files_of_another_client_that_were_never_committed_block() {
    let world = World::served();
    let id = publish_first(&world);
    world.native("POST", &format!("/api/records/{id}/draft"), &json!({}));
    let path = format!("/api/records/{id}/draft/files");
    world.native("POST", &path, &json!([{"key": "half.csv"}]));
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    let checks = examine(&world);
    assert_eq!(state(&checks, "uncommitted-files"), "blocks");
    assert_eq!(state(&checks, "draft"), "blocks");
    assert!(find(&checks, "plan")["text"].as_str().unwrap().contains("ZR0304"), "{checks:#?}");
    world.expect(11, &["apply", "--auto-approve"]);
}

#[test]
fn a_doi_that_is_empty_or_lost_is_named() {
    let world = World::served();
    let id = leave_draft(&world);
    let path = format!("/api/records/{id}/draft");
    let mut draft = world.native("GET", &path, &json!(null));
    draft["pids"] = json!({"doi": {"identifier": "", "provider": "external"}});
    world.native("PUT", &path, &draft);
    let checks = examine(&world);
    assert_eq!(state(&checks, "empty-doi"), "note");
    assert!(find(&checks, "empty-doi")["apply"].as_str().unwrap().starts_with("reserves the DOI"));
    world.apply_then_expect_no_changes(&[]);
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("2.0", FILES));
    world.expect(0, &["reserve"]);
    let id = world.open_drafts()[0];
    assert!(examine(&world).iter().all(|check| check["kind"] != "lost-doi"));
    let path = format!("/api/records/{id}/draft");
    let mut draft = world.native("GET", &path, &json!(null));
    draft["pids"] = json!({});
    world.native("PUT", &path, &draft);
    assert_eq!(find(&examine(&world), "lost-doi")["draft"], id);
}

#[test]
fn an_edit_with_its_own_doi_blocks_and_one_without_does_not() {
    let world = World::served();
    let id = publish_first(&world);
    world.action(id, "edit");
    assert!(examine(&world).iter().all(|check| check["kind"] != "poisoned-doi"));
    world.put_metadata(id, |metadata| metadata["doi"] = json!(format!("10.5072/zenodo.{id}")));
    let checks = examine(&world);
    assert_eq!(state(&checks, "poisoned-doi"), "blocks");
    assert_eq!(find(&checks, "poisoned-doi")["draft"], id);
}

#[test]
fn a_new_version_with_files_of_another_client_blocks() {
    let world = World::served();
    let id = publish_first(&world);
    let draft = world.new_version_by_hand(id);
    world.put_file(&draft, "theirs.csv", "theirs\n");
    // While the plan needs no draft, it does not stand in the way.
    let checks = examine(&world);
    assert_eq!(state(&checks, "draft"), "good");
    assert_eq!(find(&checks, "draft")["apply"], "leaves it as it is");
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("2.0", FILES));
    let checks = examine(&world);
    assert_eq!(state(&checks, "draft"), "blocks");
    assert!(find(&checks, "draft")["text"].as_str().unwrap().contains("theirs.csv"), "{checks:#?}");
    world.expect(11, &["apply", "--auto-approve"]);
}

#[test]
fn a_draft_under_review_waits() {
    let world = World::served();
    let id = leave_draft(&world);
    let uuid =
        world.native("GET", "/api/communities/user2-open-review", &json!(null))["id"].clone();
    let review = format!("/api/records/{id}/draft/review");
    let body = json!({"receiver": {"community": uuid}, "type": "community-submission"});
    world.native("PUT", &review, &body);
    world.native("POST", &format!("/api/records/{id}/draft/actions/submit-review"), &json!({}));
    let checks = examine(&world);
    // The plan is blocked by it, and counts it.
    assert_eq!((state(&checks, "under-review"), state(&checks, "plan")), ("note", "blocks"));
    assert_eq!(fix(&world, 11), [""; 0]);
    world.expect(15, &["apply", "--auto-approve"]);
}

/// An edit and a draft of a new version may be open at once, and a plan looks at one of them.
#[test]
fn every_draft_is_looked_at() {
    let world = World::served();
    let id = publish_first(&world);
    world.new_version_by_hand(id);
    world.action(id, "edit");
    let checks = examine(&world);
    assert_eq!(checks.iter().filter(|check| check["kind"] == "draft").count(), 2, "{checks:#?}");
}

/// Mends without a question, and returns what was written: method and path.
#[track_caller]
pub(crate) fn fix(world: &World, code: i32) -> Vec<String> {
    world.requests();
    world.expect(code, &["doctor", "--fix", "--auto-approve"]);
    world.writes().iter().map(|write| format!("{} {}", write.method, write.path)).collect()
}

/// Makes the DOI of a draft that was reserved be missing from it, and returns the draft.
pub(crate) fn lose_doi(world: &World) -> u64 {
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", FILES));
    world.expect(0, &["reserve", "--initial"]);
    let id = world.open_drafts()[0];
    set_pids(world, id, &json!({}));
    id
}

pub(crate) fn set_pids(world: &World, id: u64, pids: &Json) {
    let path = format!("/api/records/{id}/draft");
    let mut draft = world.native("GET", &path, &json!(null));
    draft["pids"] = pids.clone();
    world.native("PUT", &path, &draft);
}

#[test]
fn nothing_is_mended_without_a_confirmation() {
    let world = World::served();
    let id = leave_draft(&world);
    world.native("POST", &format!("/api/records/{id}/draft/files"), &json!([{"key": "half.csv"}]));
    world.requests();
    let ran = world.expect(13, &["doctor", "--fix"]);
    let call = format!("DELETE /api/records/{id}/draft/files/half.csv");
    assert!(ran.stderr.contains(&call), "{ran}");
    assert!(ran.stderr.contains("doctor --fix --auto-approve"), "{ran}");
    assert_eq!(world.writes(), []);
    world.expect(64, &["doctor", "--fix", "--format", "json"]);
    assert_eq!(world.writes(), []);
}

#[test]
fn files_that_were_never_committed_are_deleted_and_the_edit_is_published() {
    let world = World::served();
    let id = publish_first(&world);
    world.native("POST", &format!("/api/records/{id}/draft"), &json!({}));
    let path = format!("/api/records/{id}/draft/files");
    world.native("POST", &path, &json!([{"key": "half.csv"}, {"key": "in/half.csv"}]));
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    world.expect(11, &["apply", "--auto-approve"]);
    let writes = fix(&world, 0);
    assert_eq!(writes.len(), 2, "{writes:?}");
    assert!(writes.iter().all(|write| write.starts_with("DELETE ")), "{writes:?}");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_doi_that_is_empty_is_reserved_and_the_draft_is_published() {
    let world = World::served();
    let id = leave_draft(&world);
    set_pids(&world, id, &json!({"doi": {"identifier": "", "provider": "external"}}));
    assert_eq!(fix(&world, 0), [format!("POST /api/records/{id}/draft/pids/doi")]);
    assert!(examine(&world).iter().all(|check| check["kind"] != "empty-doi"));
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_doi_that_was_lost_is_reserved_again_and_the_draft_is_published() {
    let world = World::served();
    let id = lose_doi(&world);
    assert_eq!(fix(&world, 0), [format!("POST /api/records/{id}/draft/pids/doi")]);
    assert!(examine(&world).iter().all(|check| check["kind"] != "lost-doi"));
    world.apply_then_expect_no_changes(&["--initial"]);
    let record = world.native("GET", &format!("/api/records/{id}"), &json!(null));
    assert_eq!(record["pids"]["doi"]["identifier"], format!("10.5072/zenodo.{id}"));
}

/// The deadlock of invenio-rdm-records issue 1757, in the words of its report.
#[test]
fn a_reservation_that_the_server_holds_is_left_by_discarding_the_draft() {
    let mut world = World::served();
    let is_held = Arc::new(AtomicBool::new(false));
    let holds = Arc::clone(&is_held);
    let proxy = Proxy::before_port(world.port(), move |request| {
        let is_reserving = request.starts_with("POST ") && request.ends_with("/draft/pids/doi");
        if is_reserving && holds.load(Ordering::SeqCst) {
            return Fate::Refuse(
                "400 BAD REQUEST",
                r#"{"status": 400, "message": "A validation error occurred.", "errors":
                [{"field": "pids.doi", "messages": ["A PID already exists for type doi"]}]}"#,
            );
        }
        Fate::Pass
    });
    world.go_through(proxy.port);
    let id = lose_doi(&world);
    is_held.store(true, Ordering::SeqCst);
    let ran = world.expect(13, &["doctor", "--fix", "--auto-approve"]);
    assert!(ran.stderr.contains("still broken"), "{ran}");
    assert!(ran.stderr.contains(&format!("discard {id} --auto-approve")), "{ran}");
    world.expect(0, &["discard", &id.to_string(), "--auto-approve"]);
    world.apply_then_expect_no_changes(&["--initial"]);
    assert_eq!(world.open_drafts(), [0; 0]);
}

#[test]
fn an_edit_with_its_own_doi_is_discarded_and_the_next_one_is_published() {
    let world = World::served();
    let id = publish_first(&world);
    world.action(id, "edit");
    world.put_metadata(id, |metadata| metadata["doi"] = json!(format!("10.5072/zenodo.{id}")));
    let published = world.native("GET", &format!("/api/records/{id}"), &json!(null));
    let writes = fix(&world, 0);
    assert_eq!(writes, [format!("POST /api/deposit/depositions/{id}/actions/discard")]);
    let after = world.native("GET", &format!("/api/records/{id}"), &json!(null));
    assert_eq!(published["metadata"], after["metadata"]);
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_fix_discards_no_draft_of_a_new_version() {
    let world = World::served();
    let left = leave_foreign_draft(&world);
    assert_eq!(fix(&world, 13), [""; 0]);
    world.expect(0, &["discard", &left.to_string(), "--auto-approve"]);
    world.apply_then_expect_no_changes(&[]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_person_is_asked_at_a_terminal() {
    use crate::support::terminal::type_into;
    let world = World::served();
    let id = leave_draft(&world);
    world.native("POST", &format!("/api/records/{id}/draft/files"), &json!([{"key": "half.csv"}]));
    world.requests();
    let ran = type_into(&world, "doctor --fix", "no\n");
    assert_eq!((ran.code, world.writes()), (13, vec![]), "{ran}");
    let ran = type_into(&world, "doctor --fix", "yes\n");
    assert_eq!((ran.code, world.writes().len()), (0, 1), "{ran}");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_damaged_journal_stands_in_the_way() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    world.write(".zrel/journal-local", "nothing that zrel writes\n");
    let ran = world.expect(11, &["doctor"]);
    assert!(ran.stdout.contains("BLOCKS  journal"), "{ran}");
    assert!(ran.stdout.contains("ok      connection"), "{ran}");
}

#[test]
fn at_the_root_of_a_workspace_each_member_is_looked_at() {
    let world = World::served();
    write_root(&world, ROOT);
    write_member(&world, "a", "1.0", "");
    write_member(&world, "b", "1.0", "");
    let ran = world.expect(0, &["doctor"]);
    for key in ["== deposits/a", "== deposits/b"] {
        assert!(ran.stdout.contains(key), "{ran}");
    }
    assert!(!ran.stdout.contains("ZR0104"), "{ran}");
}

#[test]
fn a_draft_that_apply_submits_is_not_said_to_be_published() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    let community = "[[communities]]\nid = \"user2-community\"\nreview = \"before-publish\"\n";
    world.manifest(&manifest("1.0", &format!("{FILES}\n{community}")));
    world.expect(0, &["apply", "--no-publish", "--auto-approve", "--initial"]);
    let ran = world.expect(0, &["doctor"]);
    let said = "apply: continues it, and submits it to community user2-community for review";
    assert!(ran.stdout.contains(said), "{ran}");
}
