//! A DOI before the release: reserved, kept until the release, and given back.

use serde_json::{Value as Json, json};

use crate::support::world::{FILES, World, manifest, publish_first};

/// Reserves, and returns the document.
fn reserve(world: &World, args: &[&str]) -> Json {
    let mut all = vec!["reserve", "--format", "json"];
    all.extend(args);
    world.expect(0, &all).json()
}

/// Writes a manifest whose server has a known prefix.
fn write_manifest(world: &World, text: &str) {
    world.manifest(text);
    world.write("zenodo.toml", &(world.read("zenodo.toml") + "doi_prefix = \"10.5072\"\n"));
}

/// Commits a release whose version comes from a tag that is not made yet.
fn commit_for_a_tag(world: &World) {
    world.git(&["init", "-q"]);
    let text = manifest("1.0", FILES).replace("\"1.0\"", "{ from = \"git-tag\" }");
    write_manifest(world, &text);
    world.write("a.csv", "one\n");
    world.git(&["add", "."]);
    world.git(&["commit", "-qm", "release"]);
}

fn doi(id: &Json) -> String {
    format!("10.5072/zenodo.{id}")
}

#[test]
fn a_first_release_is_published_under_the_doi_that_was_reserved() {
    let mut world = World::served();
    world.set_now("2026-11-20T12:00:00Z");
    write_manifest(&world, &manifest("1.0", FILES));
    // No file of the release is needed yet.
    let refused = world.expect(13, &["reserve"]);
    assert!(refused.stderr.contains("zrel reserve --initial"), "{refused}");
    assert_eq!(world.own_depositions().len(), 0);
    let reserved = reserve(&world, &["--initial"]);
    assert_eq!(reserved["doi"], doi(&reserved["draft"]));
    assert_eq!((&reserved["version"], &reserved["date"]), (&json!("1.0"), &json!("2026-11-20")));

    // Days later, with the same DOI and the date that the files may carry.
    world.set_now("2026-11-25T12:00:00Z");
    assert_eq!(reserve(&world, &[]), reserved);
    world.write("a.csv", &format!("cite {}\n", reserved["doi"]));
    assert_eq!(world.status()["reserved"]["doi"], reserved["doi"]);
    let plan = world.expect(0, &["plan"]);
    for words in [
        "(its DOI was reserved)",
        &format!("publish as {}", reserved["doi"].as_str().unwrap()),
        "the publication date is 2026-11-20",
    ] {
        assert!(plan.stdout.contains(words), "«{words}» in {plan}");
    }
    world.apply_then_expect_no_changes(&[]);
    let record = world.deposition(reserved["draft"].as_u64().unwrap());
    assert_eq!(record["doi"], reserved["doi"]);
    assert_eq!(record["conceptdoi"], reserved["concept_doi"]);
    assert_eq!(record["metadata"]["publication_date"], "2026-11-20");
    assert_eq!(world.status()["reserved"], json!(null));
    assert!(!world.read("zenodo.lock").contains("reserved"));
}

#[test]
fn the_next_version_is_published_under_the_doi_that_was_reserved() {
    let world = World::served();
    let first = publish_first(&world);
    // The files are those of the first version: a reservation opens a version all the same.
    write_manifest(&world, &manifest("1.1", FILES));
    world.requests();
    let reserved = reserve(&world, &[]);
    let paths: Vec<String> = world.writes().into_iter().map(|write| write.path).collect();
    assert_eq!(paths, [format!("/api/deposit/depositions/{first}/actions/newversion")]);
    assert_eq!(reserve(&world, &[]), reserved);
    assert_eq!(world.writes().len(), 0, "the second one only reads");
    assert_eq!(reserved["concept_doi"], doi(&json!(world.concept())));
    // Another machine has only what was committed.
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    world.write("a.csv", "one,two,three\n");
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.status()["doi"], reserved["doi"]);
    assert_ne!(world.status()["latest"], first);
}

#[test]
fn a_server_without_a_known_prefix_is_asked_for_the_doi_once() {
    let world = World::served();
    publish_first(&world);
    world.manifest(&manifest("1.1", FILES));
    world.requests();
    let reserved = reserve(&world, &[]);
    let paths: Vec<String> = world.writes().into_iter().map(|write| write.path).collect();
    assert_eq!(paths.len(), 2);
    assert_eq!(paths[1], format!("/api/records/{}/draft/pids/doi", reserved["draft"]));
    assert_eq!(
        (&reserved["doi"], &reserved["concept_doi"]),
        (&json!(doi(&reserved["draft"])), &json!(null))
    );
    assert_eq!(reserve(&world, &[]), reserved);
    assert_eq!(world.writes().len(), 0);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.status()["doi"], reserved["doi"]);
}

#[test]
fn the_plan_of_a_pull_request_holds_after_a_reservation() {
    let world = World::served();
    publish_first(&world);
    write_manifest(&world, &manifest("1.1", FILES));
    let digest = world.plan_json(&[])["digest"].as_str().unwrap().to_owned();
    reserve(&world, &[]);
    assert_eq!(world.plan_json(&[])["digest"], digest);
    world.expect(0, &["apply", "--expect", &digest]);
    world.expect_no_changes();
}

#[test]
fn a_doi_that_was_reserved_for_another_label_is_not_used() {
    let world = World::served();
    publish_first(&world);
    write_manifest(&world, &manifest("1.1", FILES));
    let reserved = reserve(&world, &[]);
    write_manifest(&world, &manifest("1.2", FILES));
    let ran = world.expect(11, &["apply", "--auto-approve"]);
    for words in ["error[ZR0323]", "version `1.1`", "version `1.2`", "zrel reserve"] {
        assert!(ran.stdout.contains(words), "«{words}» in {ran}");
    }
    let again = reserve(&world, &[]);
    assert_eq!((&again["doi"], &again["version"]), (&reserved["doi"], &json!("1.2")));
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.status()["doi"], reserved["doi"]);
}

#[test]
fn a_label_that_comes_from_a_tag_is_reserved_before_the_tag() {
    let world = World::served();
    commit_for_a_tag(&world);
    let refused = world.expect(64, &["reserve", "--initial"]);
    assert!(refused.stderr.contains("reserve --label LABEL"), "{refused}");
    let reserved = reserve(&world, &["--initial", "--label", "1.0"]);
    assert_eq!(reserved["version"], "1.0");
    assert_eq!(reserve(&world, &[]), reserved);
    // Published before the tag is made, which then names what is published.
    world.apply(&[]);
    assert_eq!(world.status()["version"], "1.0");
    assert_eq!(world.status()["doi"], reserved["doi"]);
    world.git(&["tag", "v1.0"]);
    world.expect_no_changes();
    // A label that the manifest has is not given twice.
    write_manifest(&world, &manifest("1.1", FILES));
    world.expect(64, &["reserve", "--label", "1.1"]);
}

#[test]
fn a_forgotten_draft_of_the_same_title_is_offered_and_no_second_one() {
    let world = World::served();
    write_manifest(&world, &manifest("1.0", FILES));
    let reserved = reserve(&world, &["--initial"]);
    world.remove("zenodo.lock");
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    let refused = world.expect(11, &["reserve", "--initial"]);
    let draft = reserved["draft"].to_string();
    let hint = format!("zrel reserve --adopt-draft {draft}");
    assert!(refused.stderr.contains(&hint), "{refused}");
    assert!(!refused.stderr.contains("--same-title"), "{refused}");
    assert_eq!(reserve(&world, &["--adopt-draft", &draft])["doi"], reserved["doi"]);
    assert_eq!(world.own_depositions().len(), 1);
    world.write("a.csv", "one\n");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn what_was_reserved_is_given_back() {
    let world = World::served();
    write_manifest(&world, &manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let reserved = reserve(&world, &["--initial"]);
    let refused = world.expect(13, &["discard"]);
    assert!(refused.stdout.contains("Tables of small forms"), "{refused}");
    assert_eq!(world.open_drafts().len(), 1);
    let done = world.expect(0, &["discard", "--auto-approve"]);
    assert!(done.stdout.contains(&format!("Discarded draft {}", reserved["draft"])), "{done}");
    assert_eq!(world.open_drafts(), [0; 0]);
    let nothing = world.expect(1, &["discard", "--auto-approve"]);
    assert!(nothing.stderr.contains("there is nothing to discard"), "{nothing}");
    // Nothing is bound any more: the next release begins anew.
    world.apply_then_expect_no_changes(&["--initial"]);
    let first = world.status()["latest"].as_u64().unwrap();

    // A draft of the next version: what is published stays, and is still bound.
    write_manifest(&world, &manifest("1.1", FILES));
    reserve(&world, &[]);
    world.expect(0, &["discard", "--auto-approve"]);
    assert_eq!(world.open_drafts(), [0; 0]);
    assert_eq!(world.status()["latest"], first);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.n_versions(world.concept()), 2);
}

#[test]
fn only_a_draft_that_is_named_or_zrel_s_is_discarded() {
    let world = World::served();
    let first = publish_first(&world);
    // An edit of another client, which only drops what was not published.
    world.action(first, "edit");
    world.put_metadata(first, |metadata| metadata["title"] = json!("Other"));
    let refused = world.expect(1, &["discard", "--auto-approve"]);
    assert!(refused.stderr.contains(&format!("zrel discard {first}")), "{refused}");
    let wrong = world.expect(1, &["discard", "1", "--auto-approve"]);
    assert!(wrong.stderr.contains("no draft or edit 1"), "{wrong}");
    assert_eq!(world.deposition(first)["metadata"]["title"], "Other");
    let done = world.expect(0, &["discard", &first.to_string(), "--auto-approve"]);
    assert!(done.stdout.contains("what is published stays"), "{done}");
    assert_eq!(world.deposition(first)["metadata"]["title"], "Tables of small forms");
    world.expect_no_changes();
    // Published: there is nothing to discard, whoever asks.
    world.expect(1, &["discard", &first.to_string(), "--auto-approve"]);
    assert_eq!(world.status()["latest"], first);
}

#[test]
fn a_draft_that_was_discarded_by_hand_is_forgotten() {
    let world = World::served();
    write_manifest(&world, &manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let reserved = reserve(&world, &["--initial"]);
    world.action(reserved["draft"].as_u64().unwrap(), "discard");
    let done = world.expect(0, &["discard"]);
    assert!(done.stdout.contains("is gone already, and is forgotten"), "{done}");
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn an_export_has_the_doi_that_was_reserved() {
    let world = World::served();
    publish_first(&world);
    write_manifest(&world, &manifest("1.1", FILES));
    let reserved = reserve(&world, &[]);
    let export = world.expect(0, &["export", "cff"]);
    assert!(export.stdout.contains(reserved["doi"].as_str().unwrap()), "{export}");
}

#[test]
fn the_way_out_of_an_unknown_draft_leads_out() {
    let world = World::served();
    let first = publish_first(&world);
    let draft = world.new_version_by_hand(first);
    world.put_file(&draft, "other.csv", "by hand\n");
    write_manifest(&world, &manifest("1.1", FILES));
    let blocked = world.expect(11, &["plan"]);
    let hint = format!("`zrel discard {}`", draft["id"]);
    assert!(blocked.stdout.contains(&hint), "{blocked}");
    world.expect(0, &["discard", &draft["id"].to_string(), "--auto-approve"]);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.n_versions(world.concept()), 2);
}

#[test]
fn a_manifest_with_a_doi_of_its_own_has_none_reserved() {
    let world = World::served();
    write_manifest(&world, &manifest("1.0", &format!("doi = \"10.1234/abc.def\"\n{FILES}")));
    let refused = world.expect(64, &["reserve", "--initial"]);
    assert!(refused.stderr.contains("10.1234/abc.def"), "{refused}");
    assert_eq!(world.own_depositions().len(), 0);
    // Added later: the plan says which DOI will be published.
    write_manifest(&world, &manifest("1.0", FILES));
    reserve(&world, &["--initial"]);
    write_manifest(&world, &manifest("1.0", &format!("doi = \"10.1234/abc.def\"\n{FILES}")));
    world.write("a.csv", "one\n");
    let plan = world.expect(0, &["plan"]);
    assert!(plan.stdout.contains("publish as 10.1234/abc.def"), "{plan}");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_reserved_draft_that_is_gone_blocks_until_a_person_decides() {
    let world = World::served();
    publish_first(&world);
    write_manifest(&world, &manifest("1.1", FILES));
    let reserved = reserve(&world, &[]);
    world.action(reserved["draft"].as_u64().unwrap(), "discard");
    let blocked = world.expect(11, &["apply", "--auto-approve"]);
    assert!(blocked.stdout.contains("error[ZR0324]"), "{blocked}");
    let again = reserve(&world, &[]);
    assert_ne!(again["doi"], reserved["doi"]);
    world.action(again["draft"].as_u64().unwrap(), "discard");
    world.expect(0, &["discard"]);
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_first_draft_that_is_gone_is_forgotten_as_the_hint_says() {
    let world = World::served();
    write_manifest(&world, &manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let reserved = reserve(&world, &["--initial"]);
    world.action(reserved["draft"].as_u64().unwrap(), "discard");
    let blocked = world.expect(11, &["plan"]);
    assert!(blocked.stdout.contains("`zrel discard` forgets it"), "{blocked}");
    world.expect(0, &["discard"]);
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn what_was_published_is_not_said_to_be_gone() {
    let world = World::served();
    publish_first(&world);
    write_manifest(&world, &manifest("1.1", FILES));
    let reserved = reserve(&world, &[]);
    let id = reserved["draft"].as_u64().unwrap();
    world.put_metadata(id, |metadata| metadata["version"] = json!("1.1"));
    world.action(id, "publish");
    let refused = world.expect(1, &["discard", "--auto-approve"]);
    let words = format!("draft {id} was published, as {}", reserved["doi"].as_str().unwrap());
    assert!(refused.stderr.contains(&words), "{refused}");
    assert_eq!(world.deposition(id)["state"], "done");
}

#[test]
fn files_that_no_commit_has_are_not_released_under_a_reserved_tag() {
    let world = World::served();
    commit_for_a_tag(&world);
    for label in ["", "v1.0", "1.0\u{200b}", "1 0"] {
        world.expect(64, &["reserve", "--initial", "--label", label]);
    }
    let reserved = reserve(&world, &["--initial", "--label", "1.0"]);
    let cff = world.expect(0, &["export", "cff"]);
    for words in [reserved["doi"].as_str().unwrap(), "version: \"1.0\"", "date-released:"] {
        assert!(cff.stdout.contains(words), "«{words}» in {cff}");
    }
    world.write("a.csv", "edited\n");
    let refused = world.expect(65, &["apply", "--auto-approve"]);
    assert!(refused.stderr.contains("error[ZR0145]"), "{refused}");
    world.git(&["commit", "-qam", "edited"]);
    world.apply(&[]);
}

#[test]
fn an_edit_beside_a_reserved_draft_is_discarded_by_its_own_number() {
    let world = World::served();
    let first = publish_first(&world);
    world.action(first, "edit");
    write_manifest(&world, &manifest("1.1", FILES));
    let reserved = reserve(&world, &[]);
    let asked = world.expect(13, &["discard", &first.to_string()]);
    assert!(asked.stderr.contains(&format!("zrel discard {first} --auto-approve")), "{asked}");
    world.expect(0, &["discard", &first.to_string(), "--auto-approve"]);
    assert_eq!(world.open_drafts(), [reserved["draft"].as_u64().unwrap()]);
    let wrong = world.expect(1, &["discard", "1", "--auto-approve"]);
    assert!(!wrong.stderr.contains("to discard it"), "{wrong}");
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.status()["doi"], reserved["doi"]);
}

#[test]
fn a_reservation_without_any_change_is_released_when_it_is_applied() {
    let world = World::served();
    publish_first(&world);
    let unlabelled = manifest("1.0", FILES).replace("version = \"1.0\"\n", "");
    write_manifest(&world, &unlabelled);
    world.apply_then_expect_no_changes(&[]);
    let reserved = reserve(&world, &[]);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.status()["doi"], reserved["doi"]);
}
