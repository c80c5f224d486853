//! What zrel does not do without a person's confirmation, or not at all; each with its exit code,
//! and with nothing sent.

use serde_json::json;

use crate::support::world::{FILES, Ran, World, manifest, publish_first};

/// Applies, which must end with this code and without a write.
#[track_caller]
fn expect_refusal(world: &World, code: i32, args: &[&str]) -> Ran {
    world.requests();
    let mut all = vec!["apply"];
    all.extend(args);
    let ran = world.expect(code, &all);
    assert_eq!(world.writes(), []);
    ran
}

#[test]
fn nothing_is_applied_without_confirmation() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "changed\n");
    world.manifest(&manifest("1.1", FILES));
    let ran = expect_refusal(&world, 13, &[]);
    assert!(ran.stderr.contains("--auto-approve"), "{ran}");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_label_that_is_taken_blocks() {
    let world = World::served();
    let first = publish_first(&world);
    world.write("a.csv", "changed\n");
    let ran = expect_refusal(&world, 11, &["--auto-approve"]);
    assert!(ran.stdout.contains("raise `version`"), "{ran}");
    world.manifest(&manifest("2.0", FILES));
    world.apply_then_expect_no_changes(&[]);
    // An older version's label is taken too.
    world.write("a.csv", "changed again\n");
    world.manifest(&manifest("1.0", FILES));
    let ran = expect_refusal(&world, 11, &["--auto-approve"]);
    assert!(ran.stdout.contains(&first.to_string()), "{ran}");
}

#[test]
fn a_first_record_needs_initial_and_no_record_of_the_same_title() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let ran = expect_refusal(&world, 13, &["--auto-approve"]);
    assert!(ran.stderr.contains("--initial"), "{ran}");
    world.apply_then_expect_no_changes(&["--initial"]);
    // Without the lock nothing names the record.
    world.remove("zenodo.lock");
    let ran = expect_refusal(&world, 11, &["--auto-approve", "--initial"]);
    assert!(ran.stdout.contains("--same-title"), "{ran}");
    world.apply_then_expect_no_changes(&["--initial", "--same-title"]);
}

#[test]
fn a_draft_that_another_client_renamed_is_not_made_twice() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    world.expect(0, &["apply", "--auto-approve", "--initial", "--no-publish"]);
    let draft = world.open_drafts()[0];
    world.put_metadata(draft, |metadata| metadata["title"] = "Another name".into());
    // As on another machine.
    world.remove("zenodo.lock");
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    let ran = expect_refusal(&world, 11, &["--auto-approve", "--initial"]);
    assert!(ran.stdout.contains(&draft.to_string()), "{ran}");
    world.apply_then_expect_no_changes(&["--adopt-draft", &draft.to_string()]);
    assert_eq!(world.n_records(), 1);
}

#[test]
fn a_record_renamed_by_another_client_while_publishing_is_not_made_twice() {
    let world = World::served();
    let first = publish_first(&world);
    world.edit_by_hand(first, |metadata| metadata["title"] = "Another name".into());
    world.remove("zenodo.lock");
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    let ran = expect_refusal(&world, 11, &["--auto-approve", "--initial"]);
    assert!(ran.stdout.contains(&first.to_string()), "{ran}");
    assert_eq!(world.n_records(), 1);
}

#[test]
fn the_concept_in_the_manifest_needs_no_lock() {
    let world = World::served();
    publish_first(&world);
    let concept = world.concept();
    world.remove("zenodo.lock");
    let bound = format!("[record.concept]\ntest = {concept}\n");
    world.manifest(&format!("{bound}{}", manifest("1.0", FILES)));
    world.expect_no_changes();
    world.write("a.csv", "changed\n");
    world.manifest(&format!("{bound}{}", manifest("1.1", FILES)));
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.n_versions(concept), 2);
}

#[test]
fn an_unfinished_version_of_ours_is_continued() {
    let world = World::served();
    let first = publish_first(&world);
    // Opened by hand and left as it is: nothing in it is foreign.
    let draft = world.new_version_by_hand(first)["id"].as_u64();
    world.expect_no_changes();
    world.write("a.csv", "changed\n");
    world.manifest(&manifest("1.1", FILES));
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.status()["latest"].as_u64(), draft);
    assert_eq!(world.open_drafts(), [0; 0]);
}

#[test]
fn a_foreign_version_draft_blocks_until_it_is_adopted() {
    let world = World::served();
    let first = publish_first(&world);
    let draft = world.new_version_by_hand(first);
    world.put_file(&draft, "thesis.pdf", "somebody's work\n");
    let id = draft["id"].as_u64().unwrap();
    world.expect_no_changes();
    world.write("a.csv", "changed\n");
    world.manifest(&manifest("1.1", FILES));
    let ran = expect_refusal(&world, 11, &["--auto-approve"]);
    assert!(ran.stdout.contains("thesis.pdf"), "{ran}");
    world.apply_then_expect_no_changes(&["--adopt-draft", &id.to_string()]);
    let record = world.deposition(id);
    assert_eq!(record["submitted"], true);
    assert_eq!(record["files"].as_array().unwrap().len(), 3, "{record:#}");
}

#[test]
fn a_foreign_edit_blocks_until_it_is_adopted() {
    let world = World::served();
    let first = publish_first(&world);
    world.action(first, "edit");
    world.put_metadata(first, |metadata| metadata["notes"] = json!("<p>by hand</p>"));
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    let ran = expect_refusal(&world, 11, &["--auto-approve"]);
    assert!(ran.stdout.contains("by hand"), "{ran}");
    world.apply_then_expect_no_changes(&["--adopt-draft", &first.to_string()]);
    assert!(world.deposition(first)["metadata"]["notes"].is_null());
    assert_eq!(world.open_drafts(), [0; 0]);
}

/// As after a run that was killed between opening an edit and writing it, continued on a fresh
/// machine: what is in the edit is what is published.
#[test]
fn an_unchanged_edit_is_continued() {
    let world = World::served();
    let first = publish_first(&world);
    let concept = world.concept();
    let more = manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}"));
    for with_lock in [true, false] {
        world.action(first, "edit");
        std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
        if with_lock {
            world.manifest(&more);
        } else {
            world.remove("zenodo.lock");
            let bound = format!("[record.concept]\ntest = {concept}\n");
            world.manifest(&format!("{bound}{}", more.replace("\"forms\"", "\"tables\"")));
        }
        world.apply_then_expect_no_changes(&[]);
        assert_eq!(world.n_versions(concept), 1);
        assert_eq!(world.open_drafts(), [0; 0]);
    }
    assert_eq!(world.deposition(first)["metadata"]["keywords"], json!(["tables"]));
}

#[test]
fn a_foreign_edit_of_any_field_blocks_without_a_lock() {
    let edits = [
        ("notes", json!("<p>by hand</p>"), "notes: <p>by hand</p>"),
        ("publication_date", json!("2020-02-02"), "publication_date: 2020-02-02"),
        ("license", json!("mit"), "license: mit"),
    ];
    for (field, value, words) in edits {
        let world = World::served();
        let first = publish_first(&world);
        let bound = format!("[record.concept]\ntest = {}\n", world.concept());
        world.remove("zenodo.lock");
        std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
        world.action(first, "edit");
        world.put_metadata(first, |metadata| metadata[field] = value.clone());
        let text = manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}"));
        world.manifest(&format!("{bound}{text}"));
        let ran = expect_refusal(&world, 11, &["--auto-approve"]);
        assert!(ran.stdout.contains("error[ZR0304]") && ran.stdout.contains(words), "{ran}");
        assert!(!ran.stdout.contains("keywords: removed"), "{ran}");
        world.apply_then_expect_no_changes(&["--adopt-draft", &first.to_string()]);
    }
}

/// As on a fresh machine that knows the record by the manifest alone: an edit that another client
/// left open must not be taken for what is published, or unchanged files get a new DOI.
#[test]
fn a_foreign_edit_of_the_label_makes_no_new_version_without_a_lock() {
    let world = World::served();
    let first = publish_first(&world);
    let concept = world.concept();
    world.remove("zenodo.lock");
    let bound = format!("[record.concept]\ntest = {concept}\n");
    world.manifest(&format!("{bound}{}", manifest("1.0", FILES)));
    world.action(first, "edit");
    world.put_metadata(first, |metadata| metadata["version"] = json!("9.9"));
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    // The published record matches the manifest: another client's edit does not matter.
    let plan = world.expect(0, &["plan"]);
    let note = format!("record {first} is being edited, and the edit is left as it is");
    assert!(plan.stdout.contains("No changes.") && plan.stdout.contains(&note), "{plan}");
    let edited = |keyword: &str| manifest("1.0", &format!("keywords = [\"{keyword}\"]\n{FILES}"));
    world.manifest(&format!("{bound}{}", edited("forms")));
    let ran = expect_refusal(&world, 11, &["--auto-approve"]);
    assert!(ran.stdout.contains("error[ZR0304]"), "{ran}");
    world.apply_then_expect_no_changes(&["--adopt-draft", &first.to_string()]);
    assert_eq!(world.n_versions(concept), 1);

    // An edit that lacks only the label is continued, and published under the same DOI.
    world.remove("zenodo.lock");
    world.action(first, "edit");
    world.put_metadata(first, |metadata| metadata["version"] = serde_json::Value::Null);
    world.manifest(&format!("{bound}{}", edited("tables")));
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.n_versions(concept), 1);
    assert_eq!(world.deposition(first)["metadata"]["version"], "1.0");
}

#[test]
fn a_foreign_first_draft_can_be_adopted() {
    let world = World::served();
    let body = json!({"metadata": {"title": "Tables of small forms"}});
    let draft = world.alice("POST", "/api/deposit/depositions", &body);
    let id = draft["id"].as_u64().unwrap();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let ran = expect_refusal(&world, 11, &["--auto-approve", "--initial"]);
    assert!(ran.stdout.contains("--adopt-draft"), "{ran}");
    world.apply_then_expect_no_changes(&["--adopt-draft", &id.to_string()]);
    assert_eq!(world.status()["latest"].as_u64(), Some(id));
}

#[test]
fn a_version_by_another_client_is_overwritten_only_by_name() {
    let world = World::served();
    let first = publish_first(&world);
    let draft = world.new_version_by_hand(first);
    let id = draft["id"].as_u64().unwrap();
    world.put_file(&draft, "z.csv", "by hand\n");
    world.put_metadata(id, |metadata| {
        metadata["version"] = json!("by hand");
        metadata["publication_date"] = json!("2026-11-01");
    });
    world.action(id, "publish");
    world.manifest(&manifest("1.1", FILES));
    let ran = expect_refusal(&world, 13, &["--auto-approve"]);
    assert!(ran.stderr.contains(&format!("--over {id}")), "{ran}");
    expect_refusal(&world, 13, &["--auto-approve", "--over", &first.to_string()]);
    world.apply_then_expect_no_changes(&["--over", &id.to_string()]);
    assert_eq!(world.n_versions(world.concept()), 3);
}

#[test]
fn an_edit_by_another_client_is_shown_field_by_field() {
    let world = World::served();
    let first = publish_first(&world);
    world.edit_by_hand(first, |metadata| metadata["title"] = json!("By hand"));
    let plan = world.plan_json(&[]);
    assert_eq!(plan["metadata"].as_array().unwrap().len(), 1, "{plan:#}");
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.deposition(first)["metadata"]["title"], "Tables of small forms");
}

#[test]
fn a_label_from_a_tag_is_known_at_the_tag() {
    let world = World::served();
    let tagged = manifest("x", FILES)
        .replace("version = \"x\"", "version = { from = \"git-tag\", strip = \"v\" }");
    world.manifest(&tagged);
    world.write("a.csv", "one\n");
    world.write(".gitignore", ".zrel/\nzenodo.lock\n");
    world.git(&["init", "--quiet"]);
    world.git(&["add", "."]);
    world.git(&["commit", "--quiet", "-m", "first"]);
    let plan = world.expect(0, &["plan"]).stdout;
    assert!(plan.contains("known at the tag"), "{plan}");
    expect_refusal(&world, 11, &["--auto-approve", "--initial"]);
    world.git(&["tag", "v1.0"]);
    world.apply_then_expect_no_changes(&["--initial"]);
    assert_eq!(world.status()["version"], "1.0");

    world.write("a.csv", "two\n");
    world.git(&["commit", "--quiet", "-am", "second"]);
    let plan = world.expect(0, &["plan"]).stdout;
    assert!(plan.contains("known at the tag"), "{plan}");
    expect_refusal(&world, 11, &["--auto-approve"]);
    world.git(&["tag", "v1.1"]);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.status()["version"], "1.1");
    // A commit after the tag that changes nothing of the record leaves nothing to do.
    world.write("README", "more\n");
    world.git(&["add", "README"]);
    world.git(&["commit", "--quiet", "-m", "third"]);
    world.expect_no_changes();
}

#[test]
fn an_archive_is_unchanged_while_its_content_is() {
    let world = World::served();
    let archive = "[[files]]\narchive = \"notebooks\"\nas = \"notebooks.zip\"\n";
    world.manifest(&manifest("1.0", archive));
    world.write("notebooks/one.txt", "one\n");
    world.write("notebooks/deep/two.txt", "two\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    // The same content written again has other times, and the archive is made anew.
    world.write("notebooks/one.txt", "one\n");
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    world.expect_no_changes();
    world.write("notebooks/one.txt", "changed\n");
    world.manifest(&manifest("1.1", archive));
    let plan = world.plan_json(&[]);
    assert_eq!(plan["files"].as_array().unwrap().len(), 1, "{plan:#}");
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.n_versions(world.concept()), 2);
}
