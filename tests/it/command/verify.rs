//! `zrel verify`: a published version differs where it really differs, and what can't be checked is
//! never called the same.

use serde_json::{Value as Json, json};
use zrel::local::{ConcurrentAction, Fault, FaultKind};

use crate::apply::workspace;
use crate::command::command_line::{FakeServer, Project};
use crate::support::world::{BOB, FILES, Ran, World, manifest, publish_first};

/// Runs without the server's token.
#[track_caller]
fn expect_without_token(world: &World, code: i32, args: &[&str]) -> Ran {
    let mut command = world.command(args);
    command.env_remove(format!("ZREL_TOKEN_127_0_0_1_{}", world.port()));
    let ran: Ran = command.output().unwrap().into();
    assert_eq!(ran.code, code, "zrel {}\n{ran}", args.join(" "));
    ran
}

/// Lets the owner change the files of the latest version in place.
fn modify_files(world: &World) {
    let kind = FaultKind::Other(ConcurrentAction::ModifiesFiles);
    world.faults().set(vec![Fault::at(1, kind)]);
    world.alice("GET", "/api/user/records", &Json::Null);
    assert_eq!(world.faults().fired(), 1);
}

/// Returns what was found of the one record, by its kind.
fn list_kinds(document: &Json) -> Vec<&str> {
    assert_eq!(document["records"].as_array().unwrap().len(), 1, "{document:#}");
    let facts = document["records"][0]["facts"].as_array().unwrap();
    facts.iter().map(|fact| fact["what"].as_str().unwrap()).collect()
}

#[test]
fn a_release_is_what_lock_and_manifest_say() {
    let world = World::served();
    let id = publish_first(&world);
    world.requests();
    let ran = world.expect(0, &["verify"]);
    // The record, and where its concept points.
    assert_eq!(world.requests().len(), 3, "with one redirect");
    let concept = world.concept();
    let expected = format!(
        "10.5072/zenodo.{id}, version 1.0 (record {id})\n  = 3 files as the lock says, by MD5\n  \
         = 9 metadata fields as the manifest says\n  = concept {concept} points to \
         10.5072/zenodo.{id}, version 1.0\nNothing differs.\n"
    );
    assert_eq!(ran.stdout, expected);
    assert_eq!(ran.stderr, "");
    let document = world.expect(0, &["verify", "--format", "json"]).json();
    assert_eq!(list_kinds(&document), ["files_same", "metadata_same", "concept"]);
    let record = &document["records"][0];
    assert_eq!((&record["agreement"], &record["record"]), (&json!("same"), &json!(id)));
    assert_eq!(expect_without_token(&world, 0, &["verify"]).stdout, expected);
    assert_eq!(world.writes(), []);
}

#[test]
fn files_that_the_owner_changed_in_place_are_named() {
    let world = World::served();
    publish_first(&world);
    modify_files(&world);
    let ran = world.expect(2, &["verify"]);
    for line in [
        "  = 1 file as the lock says, by MD5\n",
        "  ~ a.csv: 18 B, MD5 ",
        "; the lock says ",
        "  - c.csv: not there; the lock has it with MD5 ",
        "  + other.txt: 18 B, MD5 ",
        "\n3 differences.\n",
    ] {
        assert!(ran.stdout.contains(line), "{line}\n{ran}");
    }
    assert!(ran.stderr.contains("within 30 days"), "{ran}");
    let document = world.expect(2, &["verify", "--format", "json"]).json();
    let kinds = list_kinds(&document);
    for kind in ["file_changed", "file_missing", "file_added", "metadata_same"] {
        assert!(kinds.contains(&kind), "{kind}\n{document:#}");
    }
    assert_eq!(document["records"][0]["agreement"], "differs");
}

#[test]
fn a_version_that_was_deleted_and_one_that_never_was_are_told_apart() {
    let world = World::served();
    let id = publish_first(&world);
    let reason = json!({"reason": "test-record", "comment": "a test"});
    world.alice("POST", &format!("/api/records/{id}/request-deletion"), &reason);
    let ran = world.expect(2, &["verify"]);
    assert!(ran.stdout.contains("  ! the record was deleted (410): Record deleted\n"), "{ran}");
    assert!(ran.stderr.contains("within 30 days"), "{ran}");
    let ran = world.expect(2, &["verify", "77777777"]);
    assert!(ran.stdout.contains("  ! the server does not have the record (404): "), "{ran}");
    assert!(!ran.stderr.contains("30 days"), "{ran}");
}

#[test]
fn a_newer_version_that_the_lock_does_not_have_is_named() {
    let world = World::served();
    let id = publish_first(&world);
    let draft = world.new_version_by_hand(id);
    let newer = draft["id"].as_u64().unwrap();
    world.put_file(&draft, "new.csv", "seven\n");
    world.put_metadata(newer, |metadata| metadata["publication_date"] = json!("2026-11-23"));
    world.action(newer, "publish");
    let ran = world.expect(2, &["verify"]);
    let line = format!("points to 10.5072/zenodo.{newer}, which the lock does not have\n");
    assert!(ran.stdout.contains(&line), "{ran}");
    assert!(ran.stdout.contains("= 3 files as the lock says") && ran.stdout.contains("\n1 diff"));
}

#[test]
fn a_manifest_of_the_next_version_is_no_drift_of_the_published_one() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "something else\n");
    world.remove("b.csv");
    world.manifest(&manifest("1.1", FILES).replace("Tables of small forms", "Another title"));
    let ran = world.expect(0, &["verify"]);
    assert!(ran.stdout.contains("= 3 files as the lock says, by MD5\n"), "{ran}");
    let why = "  ? metadata: not checked, the manifest describes version 1.1 now\n";
    assert!(ran.stdout.contains(why), "{ran}");
    assert!(ran.stdout.ends_with("Nothing that was checked differs; 1 part not checked.\n"));
    world.apply_then_expect_no_changes(&[]);
    let ran = world.expect(0, &["verify"]);
    assert!(ran.stdout.ends_with("Nothing differs.\n"), "{ran}");
}

#[test]
fn metadata_that_a_person_changed_on_the_page_differ() {
    let world = World::served();
    let id = publish_first(&world);
    world.edit_by_hand(id, |metadata| metadata["title"] = json!("Renamed on the page"));
    let ran = world.expect(2, &["verify"]);
    let change = "  ~ title                 Renamed on the page -> Tables of small forms\n";
    assert!(ran.stdout.contains(change), "{ran}");
    assert!(ran.stdout.contains("= 8 metadata fields as the manifest says\n"), "{ran}");
    let document = world.expect(2, &["verify", "--format", "json"]).json();
    let facts = document["records"][0]["facts"].as_array().unwrap();
    let field = facts.iter().find(|fact| fact["what"] == "field_changed").unwrap();
    assert_eq!(field["server"], "Renamed on the page");
    assert_eq!(field["manifest"], "Tables of small forms");
}

#[test]
fn a_download_compares_the_bytes_and_keeps_none() {
    let world = World::served();
    let id = publish_first(&world);
    let before = crate::command::command_line::all_files(&world.project());
    let ran = world.expect(0, &["verify", "--download"]);
    let line = "= 3 files downloaded, 28 B: each has the MD5 that the server announces; 3 files as \
                the receipt says, by SHA-256\n";
    assert!(ran.stdout.contains(line), "{ran}");
    assert_eq!(crate::command::command_line::all_files(&world.project()), before);
    // The bytes of one file rot on the server's disk.
    let blobs = crate::command::command_line::all_files(&world.path().join("server"));
    let (rotten, _) = blobs.iter().find(|(_, bytes)| *bytes == b"one,two\n").unwrap();
    std::fs::write(world.path().join("server").join(rotten), "one,twO\n").unwrap();
    world.expect(0, &["verify"]);
    let ran = world.expect(2, &["verify", "--download"]);
    assert!(ran.stdout.contains("  ~ a.csv: what comes has MD5 "), "{ran}");
    assert!(ran.stdout.contains("= 2 files downloaded, 20 B"), "{ran}");
    // Cut in half, it is asked for again.
    let cut = Fault {
        on: zrel::local::Matches::parse(&format!("GET /api/records/{id}/files/b.csv/*")).unwrap(),
        nth: 1,
        times: 1,
        kind: FaultKind::Cut,
    };
    world.faults().set(vec![cut]);
    let ran = world.expect(2, &["verify", "--download"]);
    assert_eq!(world.faults().fired(), 1);
    assert!(ran.stdout.contains("= 2 files downloaded, 20 B"), "{ran}");
}

#[test]
fn a_download_is_compared_with_the_receipt_of_the_release() {
    let world = World::served();
    let id = publish_first(&world);
    let name = format!(".zrel/receipts/test-{id}.json");
    let good = world.read(&name);
    // Other bytes with the same MD5 can't be made here: the receipt says another digest instead.
    let mut receipt: Json = serde_json::from_str(&good).unwrap();
    receipt["files"][1]["sha256"] = json!("0".repeat(64));
    world.write(&name, &receipt.to_string());
    let ran = world.expect(2, &["verify", "--download"]);
    assert!(ran.stdout.contains("  ~ b.csv: what comes has SHA-256 "), "{ran}");
    assert!(ran.stdout.contains("= 2 files downloaded, 12 B"), "{ran}");
    // A receipt of another record, and one that can't be read, say nothing.
    for bad in [good.replace(&id.to_string(), "77777777"), "{".to_owned()] {
        world.write(&name, &bad);
        let ran = world.expect(0, &["verify", "--download"]);
        assert!(ran.stdout.contains("that the server announces\n"), "{ran}");
    }
    // Where the owner changed a file, its MD5 says so already.
    world.write(&name, &good);
    modify_files(&world);
    let ran = world.expect(2, &["verify", "--download"]);
    assert!(ran.stdout.contains("announces; 1 file as the receipt says, by SHA-256\n"), "{ran}");
    assert!(!ran.stdout.contains("what comes has"), "{ran}");
}

#[test]
fn files_that_a_reader_may_not_see_are_not_called_the_same() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    let more = format!("access_right = \"restricted\"\naccess_conditions = \"Ask.\"\n{FILES}");
    world.manifest(&manifest("1.0", &more).replace("license = \"cc-by-4.0\"\n", ""));
    world.apply_then_expect_no_changes(&["--initial"]);
    let own = world.expect(0, &["verify", "--download"]);
    assert!(own.stdout.ends_with("Nothing differs.\n"), "{own}");
    let ran = expect_without_token(&world, 0, &["verify", "--download"]);
    assert!(ran.stdout.contains("  ? files: not checked, they are restricted"), "{ran}");
    assert!(!ran.stdout.contains("as the lock says"), "{ran}");
    assert!(ran.stdout.ends_with("Nothing that was checked differs; 1 part not checked.\n"));
}

#[test]
fn files_that_the_manifest_keeps_are_neither_added_nor_the_same() {
    let world = World::served();
    publish_first(&world);
    world.manifest(&manifest("1.1", "[[files]]\nkeep = \"*\"\n\n[[files]]\npath = \"a.csv\"\n"));
    world.write("a.csv", "other\n");
    world.apply_then_expect_no_changes(&[]);
    let ran = world.expect(0, &["verify"]);
    assert!(ran.stdout.contains("= 3 files as the lock says, by MD5\n"), "{ran}");
    // An apply with nothing to do leaves only the manifest's own files in the lock.
    world.apply(&[]);
    let ran = world.expect(0, &["verify"]);
    assert!(ran.stdout.contains("= 1 file as the lock says, by MD5\n"), "{ran}");
    assert!(ran.stdout.contains("  ? b.csv: not checked, the manifest keeps it"), "{ran}");
}

#[test]
fn records_are_named_by_doi_number_and_address() {
    let world = World::served();
    let first = publish_first(&world);
    world.write("a.csv", "other\n");
    world.manifest(&manifest("1.1", FILES));
    world.apply_then_expect_no_changes(&[]);
    let concept = world.concept();
    let page = format!("http://127.0.0.1:{}/records/{first}", world.port());
    let latest = world.status()["latest"].to_string();
    for name in [first.to_string(), page.clone()] {
        let ran = world.expect(0, &["verify", &name]);
        assert!(ran.stdout.starts_with(&format!("10.5072/zenodo.{first}, version 1.0 ")), "{ran}");
        assert!(ran.stdout.contains("  ? files: not checked, the lock has only those"), "{ran}");
    }
    // A concept means its latest version.
    let ran = world.expect(0, &["verify", &concept.to_string(), &latest]);
    let head = format!("10.5072/zenodo.{latest}, version 1.1 (record {latest})\n");
    assert_eq!(ran.stdout.matches(&head).count(), 2, "{ran}");
    assert!(ran.stdout.ends_with("Nothing differs.\n"), "{ran}");
    // Without a manifest a page says which server it is.
    world.remove("zenodo.toml");
    let ran = world.expect(0, &["verify", "--download", &page]);
    assert!(ran.stdout.contains("3 files, 28 B; nothing here knows their checksums\n"), "{ran}");
    assert!(ran.stdout.contains("= 3 files downloaded, 28 B"), "{ran}");
    world.expect(64, &["verify", "10.1234/forms.7"]);
    let ran = world.expect(64, &["verify", "forms"]);
    assert!(ran.stderr.contains("does not name a record"), "{ran}");
}

#[test]
fn a_record_of_another_user_is_looked_at_in_itself() {
    let world = World::served();
    publish_first(&world);
    let bob = |method: &str, path: &str, body: &Json| {
        let (status, answer) = world.ask(BOB, method, path, body);
        assert!(status < 300, "{method} {path}: {status} {answer:#}");
        answer
    };
    let metadata = json!({"metadata": {
        "title": "Of Bob", "upload_type": "dataset", "description": "<p>Tables.</p>",
        "creators": [{"name": "B, Bob"}], "publication_date": "2026-11-23",
    }});
    let draft = bob("POST", "/api/deposit/depositions", &metadata);
    let id = draft["id"].as_u64().unwrap();
    let bucket = draft["links"]["bucket"].as_str().unwrap();
    let path = format!("{}/b.txt", &bucket[bucket.find("/api/").unwrap()..]);
    let head = "application/octet-stream";
    let (status, answer) = world.ask_with(BOB, "PUT", &path, (head, b"of bob"));
    assert!(status < 300, "{status} {answer:#}");
    bob("POST", &format!("/api/deposit/depositions/{id}/actions/publish"), &Json::Null);
    let ran = world.expect(0, &["verify", "--download", &id.to_string()]);
    assert!(ran.stdout.contains("  = 1 file, 6 B; nothing here knows"), "{ran}");
    assert!(ran.stdout.contains("= 1 file downloaded, 6 B"), "{ran}");
    assert!(!ran.stdout.contains("lock"), "{ran}");
}

#[test]
fn a_manifest_without_a_lock_names_the_record_and_knows_no_file() {
    let world = World::served();
    let id = publish_first(&world);
    let binding = format!("[record.concept]\ntest = {}\n\n{FILES}", world.concept());
    world.remove("zenodo.lock");
    world.manifest(&manifest("1.0", &binding));
    let ran = world.expect(0, &["verify"]);
    assert!(ran.stdout.starts_with(&format!("10.5072/zenodo.{id}, version 1.0 ")), "{ran}");
    assert!(ran.stdout.contains("  ? files: not checked, the lock has no version"), "{ran}");
}

#[test]
fn before_the_first_release_there_is_nothing_to_verify() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let ran = world.expect(0, &["verify"]);
    assert_eq!(ran.stdout, "No version is published yet.\n");
    world.apply(&["--initial", "--no-publish"]);
    let ran = world.expect(0, &["verify"]);
    assert_eq!(ran.stdout, "No version is published yet.\n");
    let document = world.expect(0, &["verify", "--format", "json"]).json();
    assert_eq!(document, json!({"format_version": "1.0", "records": []}));
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn a_rehearsal_is_verified_and_a_failed_answer_is_no_agreement() {
    let world = World::local();
    publish_first_locally(&world);
    let ran = world.expect(0, &["verify", "--download"]);
    assert!(ran.stdout.ends_with("Nothing differs.\n"), "{ran}");
    let served = World::served();
    publish_first(&served);
    let kind = FaultKind::Status { status: 500, after: false };
    let on = zrel::local::Matches::any();
    served.faults().set(vec![Fault { on, nth: 1, times: usize::MAX, kind }]);
    let ran = served.expect(69, &["verify"]);
    assert!(!ran.stdout.contains("differs"), "{ran}");
}

fn publish_first_locally(world: &World) {
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn a_workspace_is_verified_and_waited_for_member_by_member() {
    let world = World::served();
    workspace::start(&world);
    world.expect(0, &["apply", "--auto-approve", "--initial"]);
    workspace::expect_no_changes(&world);
    let document = world.expect(0, &["verify", "--download", "--format", "json"]).json();
    let members = document["members"].as_array().unwrap();
    assert_eq!(members.len(), 3);
    for member in members {
        let record = &member["result"]["records"][0];
        assert_eq!(record["agreement"], "same", "{member:#}");
    }
    let ran = world.expect(0, &["wait"]);
    assert_eq!(ran.stdout.matches("\nready    10.5072/").count(), 3, "{ran}");
    modify_files(&world);
    let ran = world.expect(2, &["verify"]);
    assert_eq!(ran.stdout.matches("Nothing differs.\n").count(), 2, "{ran}");
    world.expect(0, &["verify", "-p", "deposits/a"]);
    world.expect(64, &["verify", "-p", "deposits/a", "10000002"]);
}

#[test]
fn a_server_that_refuses_everything_is_neither_the_same_nor_waited_for() {
    let refusal = r#"{"status": 403, "message": "Permission denied."}"#;
    let server = FakeServer::always("403 FORBIDDEN", "application/json", refusal);
    let project = Project::on(&server.url);
    for args in [&["verify", "1"] as &[&str], &["wait", "1", "--time-limit", "1h"]] {
        let ran = project.run_with_token(&server.url, args);
        ran.fails(77, &["Permission denied.", "the token came from"]);
    }
}
