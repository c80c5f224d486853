//! Receipts: each release has one, as the schema says, and none of them decides how an apply ends.

use std::process::Stdio;
use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use zrel::local::{Fault, FaultKind, Matches};

use super::{backfill, workspace};
use crate::support::world::{ALICE, FILES, World, manifest, publish_first};

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let mut schema: Json =
        serde_json::from_str(include_str!("../../../schema/receipt.schema.json")).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    // A key that the schema lacks must be found.
    schema["additionalProperties"] = json!(false);
    schema["properties"]["files"]["items"]["additionalProperties"] = json!(false);
    jsonschema::draft7::new(&schema).unwrap()
});

/// Returns the names of all receipts, sorted.
fn list(world: &World) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(world.project().join(".zrel/receipts")) else {
        return Vec::new();
    };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Returns the receipt of a version, which must be as the schema says.
#[track_caller]
fn read(world: &World, id: u64) -> Json {
    read_named(world, &format!("test-{id}.json"))
}

/// Returns every receipt, each of which must be as the schema says.
pub(super) fn read_all(world: &World) -> Vec<Json> {
    list(world).iter().map(|name| read_named(world, name)).collect()
}

#[track_caller]
fn read_named(world: &World, name: &str) -> Json {
    let text = world.read(&format!(".zrel/receipts/{name}"));
    assert!(!text.contains(ALICE), "{text}");
    let receipt = serde_json::from_str(&text).unwrap();
    let faults: Vec<String> = SCHEMA.iter_errors(&receipt).map(|it| it.to_string()).collect();
    assert_eq!(faults, Vec::<String>::new(), "{receipt:#}");
    receipt
}

#[test]
fn each_release_has_a_receipt_and_nothing_else_has() {
    let world = World::served();
    let first = publish_first(&world);
    assert_eq!(list(&world), [format!("test-{first}.json")]);
    // An edit and a draft are no releases.
    world.manifest(&manifest("1.0", FILES).replace("small forms", "smaller forms"));
    world.apply_then_expect_no_changes(&[]);
    world.write("a.csv", "other\n");
    world.manifest(&manifest("1.1", FILES));
    world.apply(&["--no-publish"]);
    assert_eq!(list(&world), [format!("test-{first}.json")]);
    let digest = world.plan_json(&[])["digest"].clone();
    world.apply_then_expect_no_changes(&[]);
    let second = world.status()["latest"].as_u64().unwrap();
    assert_eq!(list(&world).len(), 2);
    let receipt = read(&world, second);
    assert_eq!((&receipt["previous"], &receipt["plan_digest"]), (&json!(first), &digest));
    assert_eq!(receipt["version"], "1.1");
    assert_eq!(receipt["doi"], format!("10.5072/zenodo.{second}"));
    assert_eq!(receipt["commit"], Json::Null);
    assert_eq!(
        receipt["files"][0],
        json!({
            "file": "a.csv",
            "path": "a.csv",
            "size": 6,
            "md5": "ba7790b1708b71cb2b61b1a30d824712",
            "sha256": "7e4fa2eb8c7ac089739d5defc4489fad68a100d92082ca35c6b40a4524821f87",
        })
    );
    // With nothing to do, none is written, and none is changed.
    let text = world.read(&format!(".zrel/receipts/test-{second}.json"));
    world.apply(&[]);
    assert_eq!(world.read(&format!(".zrel/receipts/test-{second}.json")), text);
}

#[test]
fn the_commit_is_named_and_a_kept_file_has_no_digest_of_its_own() {
    let world = World::served();
    publish_first(&world);
    world.git(&["init", "-q", "."]);
    world
        .manifest(&manifest("1.1", "[[files]]\nkeep = \"b.csv\"\n\n[[files]]\npath = \"a.csv\"\n"));
    world.write("a.csv", "other\n");
    world.git(&["add", "zenodo.toml", "a.csv"]);
    world.git(&["commit", "-q", "-m", "x"]);
    world.apply_then_expect_no_changes(&[]);
    let id = world.status()["latest"].as_u64().unwrap();
    let receipt = read(&world, id);
    assert_eq!(receipt["commit"].as_str().unwrap().len(), 40, "{receipt:#}");
    let kept = &receipt["files"][1];
    assert_eq!(kept["file"], "b.csv");
    assert_eq!((&kept["path"], &kept["sha256"]), (&Json::Null, &Json::Null));
    assert!(kept["md5"].is_string());
}

#[test]
fn a_run_that_was_cut_off_after_the_publication_gets_its_receipt_from_the_next() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let digest = world.plan_json(&["--initial"])["digest"].clone();
    // No answer to the publication arrives, nor to the looks after it.
    let on = |on| Matches::parse(on).unwrap();
    let publish = "POST /api/deposit/depositions/*/actions/publish";
    let look = "GET /api/deposit/depositions/*";
    world.faults().set(vec![
        Fault { on: on(publish), nth: 1, times: 1, kind: FaultKind::ResetAfter },
        Fault { on: on(look), nth: 1, times: 200, kind: FaultKind::ResetBefore },
    ]);
    world.expect(14, &["apply", "--auto-approve", "--initial"]);
    assert_eq!(list(&world), Vec::<String>::new());
    world.faults().set(Vec::new());
    world.apply_then_expect_no_changes(&["--initial"]);
    let id = world.status()["latest"].as_u64().unwrap();
    let receipt = read(&world, id);
    assert_eq!((&receipt["begun"], &receipt["plan_digest"]), (&Json::Null, &digest));
    assert!(receipt["files"][0]["sha256"].is_string(), "{receipt:#}");
}

/// As after a kill between the lock and the receipt: the journal is gone already.
#[test]
fn a_receipt_that_is_missing_is_made_afterwards_from_the_lock() {
    let world = World::served();
    let first = publish_first(&world);
    world.write("a.csv", "other\n");
    world.manifest(&manifest("1.1", FILES));
    world.apply_then_expect_no_changes(&[]);
    let second = world.status()["latest"].as_u64().unwrap();
    let whole = read(&world, second);
    assert_eq!(whole["afterwards"], false);
    world.remove(&format!(".zrel/receipts/test-{second}.json"));
    // What only reads leaves it.
    world.expect(0, &["verify"]);
    assert_eq!(list(&world), [format!("test-{first}.json")]);
    world.apply_then_expect_no_changes(&[]);
    let mut made = read(&world, second);
    assert_eq!(made["afterwards"], true);
    for unknown in ["plan_digest", "begun", "commit", "manifest_sha256"] {
        assert_eq!(made[unknown], Json::Null, "{unknown}");
        made[unknown] = whole[unknown].clone();
    }
    made["afterwards"] = json!(false);
    made["recorded"] = whole["recorded"].clone();
    assert_eq!(made, whole);
    world.expect(0, &["verify", "--download"]);
    // Only the last one, and once.
    world.remove(&format!(".zrel/receipts/test-{first}.json"));
    let text = world.read(&format!(".zrel/receipts/test-{second}.json"));
    world.apply(&[]);
    assert_eq!(list(&world), [format!("test-{second}.json")]);
    assert_eq!(world.read(&format!(".zrel/receipts/test-{second}.json")), text);
}

#[test]
fn a_version_that_was_published_elsewhere_gets_no_receipt() {
    let world = World::served();
    let first = publish_first(&world);
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    // As in a new clone: the lock has the version, and nothing was released here.
    world.apply_then_expect_no_changes(&[]);
    world.apply(&[]);
    assert_eq!(list(&world), Vec::<String>::new());
    world.write("a.csv", "other\n");
    world.manifest(&manifest("1.1", FILES));
    world.apply_then_expect_no_changes(&[]);
    // Releases are made here now; this one is not.
    let draft = world.new_version_by_hand(first);
    world.put_file(&draft, "a.csv", "by hand\n");
    world
        .put_metadata(draft["id"].as_u64().unwrap(), |metadata| metadata["version"] = json!("1.2"));
    world.action(draft["id"].as_u64().unwrap(), "publish");
    world.write("a.csv", "by hand\n");
    world.manifest(&manifest("1.2", FILES));
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(list(&world).len(), 1);
}

/// Kills an apply right after it noted in its journal that a version is published; returns the world,
/// the version, and the digest of its plan.
fn kill_after_publishing() -> (World, u64, Json) {
    // Where that is among the writes of the journal depends on what is written before.
    for at in (12..40).step_by(2) {
        let world = World::served();
        world.manifest(&manifest("1.0", FILES));
        world.write("a.csv", "one\n");
        let digest = world.plan_json(&["--initial"])["digest"].clone();
        let marker = world.path().join("held");
        let mut command = world.command(&["apply", "--auto-approve", "--initial"]);
        command.env("ZREL_TEST_HOLD", format!("{at}:{}", marker.display()));
        let mut child = command.spawn().unwrap();
        while !marker.exists() {
            assert!(child.try_wait().unwrap().is_none(), "write {at} was not made");
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        if world.read(&find_journal(&world)).contains(r#""at":"published""#) {
            let id = world.status()["latest"].as_u64().unwrap();
            assert_eq!(list(&world), Vec::<String>::new());
            return (world, id, digest);
        }
    }
    panic!("no write says that it is published");
}

fn find_journal(world: &World) -> String {
    let entries = std::fs::read_dir(world.project().join(".zrel")).unwrap();
    let mut names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    format!(".zrel/{}", names.find(|name| name.starts_with("journal-")).unwrap())
}

#[test]
fn a_run_that_is_killed_after_the_publication_gets_its_receipt_from_the_next() {
    let (world, id, digest) = kill_after_publishing();
    world.apply_then_expect_no_changes(&[]);
    let receipt = read(&world, id);
    assert_eq!((&receipt["afterwards"], &receipt["plan_digest"]), (&json!(true), &digest));
}

#[test]
fn a_receipt_that_can_not_be_written_is_a_warning() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    world.write(".zrel/receipts", "in the way\n");
    let ran = world.apply(&["--initial", "--quiet"]);
    assert!(ran.stdout.contains("Published "), "{ran}");
    assert!(ran.stderr.contains("warning: the release is done, and its receipt"), "{ran}");
    world.expect_no_changes();
}

#[test]
fn the_program_includes_the_schema() {
    let world = World::local();
    let shown = world.expect(0, &["schema", "--receipt", "--stdout"]).stdout;
    assert_eq!(shown, include_str!("../../../schema/receipt.schema.json"));
    let page = include_str!("../../../docs/after-release.md");
    let example = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(SCHEMA.is_valid(&serde_json::from_str(example).unwrap()), "{example}");
    world.expect(0, &["schema", "--receipt"]);
    assert_eq!(world.read(".zrel/receipt.schema.json"), shown);
    let mut command = world.command(&["schema", "--receipt", "--plan"]);
    assert_eq!(command.stdout(Stdio::null()).status().unwrap().code(), Some(64));
}

#[test]
fn each_member_of_a_workspace_and_each_past_release_has_its_receipt() {
    let world = World::served();
    workspace::start(&world);
    world.expect(0, &["apply", "--auto-approve", "--initial"]);
    for member in ["a", "b", "c"] {
        let folder = world.project().join("deposits").join(member).join(".zrel/receipts");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1, "{member}");
    }
    workspace::expect_no_changes(&world);

    let world = World::served();
    backfill::prepare(&world);
    world.expect(0, &backfill::APPLY);
    let receipts: Vec<Json> = list(&world)
        .iter()
        .map(|name| serde_json::from_str(&world.read(&format!(".zrel/receipts/{name}"))).unwrap())
        .collect();
    let labels: Vec<&str> = receipts.iter().map(|it| it["version"].as_str().unwrap()).collect();
    assert_eq!(labels, ["0.1", "0.2", "1.0"]);
    // Each names the commit of its tag, and has the digests of the files that it had there.
    let output = std::process::Command::new("git")
        .args(["rev-parse", "v0.1", "v0.2", "v1.0"])
        .current_dir(world.project())
        .output()
        .unwrap();
    let commits = String::from_utf8(output.stdout).unwrap();
    let named: Vec<&str> = receipts.iter().map(|it| it["commit"].as_str().unwrap()).collect();
    assert_eq!(named, commits.lines().collect::<Vec<_>>());
    assert!(receipts.iter().all(|it| it["files"][0]["sha256"].is_string()), "{receipts:#?}");
    backfill::expect_nothing_left(&world);
}
