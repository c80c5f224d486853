//! Saved plans and expected digests: zrel does exactly what was reviewed, or nothing.

use serde_json::json;

use crate::support::world::{FILES, World, manifest, publish_first};

/// A record, and a plan for its second version in `release.plan`.
fn saved() -> (World, u64) {
    let world = World::served();
    let record = publish_first(&world);
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("1.1", FILES));
    world.expect(0, &["plan", "--out", "release.plan"]);
    (world, record)
}

/// Applies the plan, which must be refused as stale without a write.
#[track_caller]
fn expect_stale(world: &World, why: &str) {
    world.requests();
    let ran = world.expect(10, &["apply", "release.plan"]);
    assert!(ran.stderr.contains(why), "{ran}");
    assert_eq!(world.writes(), []);
}

#[test]
fn a_plan_does_not_overwrite_another_file() {
    let (world, _) = saved();
    world.write("data.json", "{\"format_version\": 1}");
    world.expect(0, &["plan", "--out", "release.plan", "--json-into", "plan.json"]);
    world.expect(0, &["plan", "--out", "plan.json", "--json-into", "release.plan"]);
    for name in ["zenodo.toml", "a.csv", "data.json", "zenodo.lock"] {
        let before = world.read(name);
        for flag in ["--out", "--json-into"] {
            let ran = world.expect(64, &["plan", flag, name]);
            assert!(ran.stderr.contains("is not a plan of zrel's"), "{ran}");
            assert_eq!(world.read(name), before);
        }
    }
}

#[test]
fn a_document_is_not_written_where_it_would_be_published() {
    let world = World::served();
    let files = "[[files]]\narchive = \".\"\nas = \"all.zip\"\n\
        exclude = [\"zenodo.toml\", \"*.plan\", \"out\"]\n\
        [[files]]\npath = \"out/*.json\"\n";
    world.manifest(&manifest("1.0", files));
    world.write("a.csv", "one\n");
    world.write("out/a.json", "{}\n");
    world.write("sub/b.csv", "two\n");
    world.write(".gitignore", "*.tmp\n");
    let archive = "the archive of `.`";
    for (args, entry) in [
        (&["plan", "--out", "plan.json"][..], archive),
        (&["plan", "--json-into", "plan.json"], archive),
        (&["plan", "--out", "../project/sub/a.plan"], archive),
        (&["plan", "--out", "out/plan.json"], "`out/*.json`"),
        (&["show", "--json-into", "plan.json"], archive),
    ] {
        world.requests();
        let ran = world.expect(64, args);
        let path = args[2];
        let said = format!("`{path}` would be published with {entry}");
        assert!(ran.stderr.contains(&said), "{ran}");
        let name = path.rsplit('/').next().unwrap();
        let hint = format!("hint: write it elsewhere: {} ../{name}\n", args[1]);
        assert!(ran.stderr.contains(&hint), "{ran}");
        assert!(ran.stderr.contains("hint: or exclude it: exclude = ["), "{ran}");
        assert!(!world.project().join(path).exists());
        assert_eq!(world.requests(), []);
    }
    let good = ["a.plan", "../plan.json", "out/b.plan", "sub/plan.tmp", ".zrel/plan.json"];
    for path in good {
        world.expect(0, &["plan", "--out", path]);
    }
    world.expect(0, &["show", "../plan.json", "--json-into", "b.plan"]);
    let ran = world.expect(64, &["show", "../plan.json", "--json-into", "plan.json"]);
    assert!(ran.stderr.contains("would be published"), "{ran}");
    world.expect(0, &["apply", "a.plan"]);
}

#[test]
fn a_plan_of_another_manifest_is_reported_as_such() {
    let world = World::served();
    publish_first(&world);
    world.manifest_as("data.toml", &manifest("1.0", "[[files]]\npath = \"b.csv\"\n"));
    world.expect(0, &["-m", "data.toml", "plan", "--initial", "--same-title", "--out", "d.plan"]);
    world.requests();
    let ran = world.expect(10, &["apply", "d.plan"]);
    let cause = "the plan was made for `data.toml`, and this is `zenodo.toml`";
    assert!(ran.stderr.contains(cause), "{ran}");
    assert!(!ran.stderr.contains("another latest version"), "{ran}");
    assert!(ran.stderr.contains("zrel -m data.toml apply d.plan"), "{ran}");
    assert!(!ran.stderr.contains("make it again"), "{ran}");
    assert_eq!(world.writes(), []);
    let shown = world.expect(0, &["show", "d.plan"]).stdout;
    assert!(shown.contains(&format!("Stale:\n  {cause}\n")), "{shown}");
    world.expect(0, &["-m", "data.toml", "apply", "d.plan"]);
}

#[test]
fn a_saved_plan_is_applied_once() {
    let (world, _) = saved();
    let shown = world.expect(0, &["show", "release.plan"]).stdout;
    let planned = world.expect(0, &["plan"]).stdout;
    assert_eq!(shown, planned);
    world.expect(0, &["apply", "release.plan"]);
    world.expect_no_changes();
    world.requests();
    let again = world.expect(0, &["apply", "release.plan"]);
    assert!(again.stdout.contains("applied already"), "{again}");
    assert_eq!(world.writes(), []);
    assert_eq!(world.n_versions(world.concept()), 2);
}

#[test]
fn a_saved_first_publication_is_applied_once() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    world.expect(0, &["plan", "--out", "release.plan"]);
    world.expect(0, &["apply", "release.plan"]);
    world.expect_no_changes();
    world.requests();
    let again = world.expect(0, &["apply", "release.plan"]);
    assert!(again.stdout.contains("applied already"), "{again}");
    assert_eq!(world.writes(), []);
}

#[test]
fn a_saved_edit_is_applied_once() {
    let world = World::served();
    publish_first(&world);
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    world.expect(0, &["plan", "--out", "release.plan"]);
    world.expect(0, &["apply", "release.plan"]);
    world.expect_no_changes();
    let again = world.expect(0, &["apply", "release.plan"]);
    assert!(again.stdout.contains("applied already"), "{again}");
}

#[test]
fn a_plan_is_stale_when_the_manifest_changed() {
    let (world, _) = saved();
    world.manifest(&manifest("1.2", FILES));
    expect_stale(&world, "manifest");
}

#[test]
fn a_plan_is_stale_when_a_file_changed() {
    let (world, _) = saved();
    world.write("b.csv", "other\n");
    expect_stale(&world, "files have changed since the plan was made: `b.csv`");
    let shown = world.expect(0, &["show", "release.plan"]).stdout;
    assert!(
        shown.contains("Stale:\n  files have changed since the plan was made: `b.csv`"),
        "{shown}"
    );
}

#[test]
fn a_plan_is_stale_when_its_draft_changed() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("1.1", FILES));
    world.apply(&["--no-publish"]);
    world.write("d.csv", "new\n");
    world.expect(0, &["plan", "--out", "release.plan"]);
    let draft = world.open_drafts()[0];
    world.put_file(&world.deposition(draft), "x.csv", "by hand\n");
    expect_stale(&world, &format!("draft {draft} was changed"));
    world.expect(0, &["plan", "--out", "release.plan"]);
    world.put_metadata(draft, |metadata| metadata["keywords"] = json!(["by hand"]));
    expect_stale(&world, &format!("draft {draft} was changed"));
    world.apply_then_expect_no_changes(&[]);
    let shown = world.expect(0, &["show", "--format", "json", "release.plan"]).json();
    assert_eq!(shown["now"]["state"], "applied");
}

#[test]
fn a_plan_is_shown_where_there_is_nothing_to_compare_it_with() {
    let (world, _) = saved();
    world.remove("zenodo.toml");
    let ran = world.expect(0, &["show", "release.plan"]);
    assert!(ran.stdout.contains("Plan:"), "{ran}");
    assert!(ran.stderr.contains("Not compared with what is there now"), "{ran}");
}

#[test]
fn a_plan_is_stale_when_a_new_file_appeared() {
    let (world, _) = saved();
    world.write("x.csv", "new\n");
    expect_stale(&world, "files have changed");
}

#[test]
fn a_plan_is_stale_when_the_record_was_edited() {
    let (world, record) = saved();
    world.edit_by_hand(record, |metadata| metadata["keywords"] = json!(["by hand"]));
    expect_stale(&world, "edited on the server");
}

#[test]
fn a_plan_is_stale_when_another_version_was_published() {
    let (world, record) = saved();
    let draft = world.new_version_by_hand(record);
    let id = draft["id"].as_u64().unwrap();
    world.put_file(&draft, "z.csv", "by hand\n");
    world.put_metadata(id, |metadata| metadata["publication_date"] = json!("2026-11-01"));
    world.action(id, "publish");
    expect_stale(&world, "another latest version");
}

#[test]
fn a_plan_is_stale_under_other_flags_only_by_its_own() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("1.1", FILES));
    world.expect(0, &["plan", "--no-publish", "--out", "release.plan"]);
    world.expect(0, &["apply", "release.plan"]);
    assert_eq!(world.open_drafts().len(), 1);
    assert_eq!(world.n_versions(world.concept()), 2);
    world.expect(64, &["apply", "release.plan", "--no-publish"]);
}

#[test]
fn a_digest_approves_its_plan_and_no_other() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("1.1", FILES));
    let digest = world.plan_json(&[])["digest"].as_str().unwrap().to_owned();
    let other = format!("sha256:{}", "0".repeat(64));
    world.requests();
    world.expect(10, &["apply", "--expect", &other]);
    assert_eq!(world.writes(), []);
    world.expect(0, &["apply", "--expect", &digest]);
    world.expect_no_changes();
    world.requests();
    let again = world.expect(0, &["apply", "--expect", &digest]);
    assert!(again.stderr.contains("was not compared with the expected digest"), "{again}");
    assert_eq!(world.writes(), []);
}

#[test]
fn a_plan_that_was_tampered_with_is_refused() {
    let (world, _) = saved();
    let text = world.read("release.plan");
    for (name, broken) in [
        ("cut", text[..text.len() / 2].to_owned()),
        ("later", text.replacen("\"format_version\": \"1", "\"format_version\": \"9", 1)),
        ("none", "{}".to_owned()),
        ("another file", text.replace("a.csv", "evil.csv")),
    ] {
        assert_ne!(broken, text, "{name}");
        world.write("release.plan", &broken);
        world.requests();
        let ran = world.zrel(&["apply", "release.plan"]);
        assert_eq!(ran.code, 65, "{name}: {ran}");
        assert_eq!(world.writes(), []);
    }
}

#[test]
fn a_plan_that_was_saved_while_blocked_says_so_when_it_is_shown() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "one,two,three\n");
    world.expect(11, &["plan", "--out", "release.plan"]);
    let shown = world.expect(0, &["show", "release.plan"]).stdout;
    assert!(shown.contains("Blocked. Plan:"), "{shown}");
    assert!(shown.contains("error[ZR0307]"), "{shown}");
    assert!(shown.contains("hint: raise `version`"), "{shown}");
}

#[test]
fn a_saved_plan_asks_only_the_communities_that_it_names() {
    let world = World::served();
    let record = publish_first(&world);
    let more = format!("{FILES}[[communities]]\nid = \"user2-community\"\n");
    world.manifest(&manifest("1.0", &more));
    world.apply_then_expect_no_changes(&[]);
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("1.1", &more));
    world.expect(0, &["plan", "--out", "release.plan"]);
    world.expect(0, &["apply", "release.plan"]);
    // The request is withdrawn: the manifest asks for it again, the plan never did.
    let listed = world.alice("GET", &format!("/api/records/{record}/requests"), &json!(null));
    let request = listed["hits"]["hits"][0]["id"].as_str().unwrap().to_owned();
    let cancel = format!("/api/requests/{request}/actions/cancel");
    world.alice("POST", &cancel, &json!({}));
    world.expect(2, &["plan", "--detailed-exitcode"]);
    world.requests();
    let again = world.expect(0, &["apply", "release.plan"]);
    assert!(again.stdout.contains("applied already"), "{again}");
    assert_eq!(world.writes(), []);
}

#[test]
fn a_blocked_plan_exits_11_and_is_still_printed_and_saved() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "one,two,three\n");
    let ran = world.expect(11, &["plan", "--detailed-exitcode", "--out", "release.plan"]);
    assert!(ran.stdout.contains("ZR0307") && ran.stdout.contains("a.csv"), "{ran}");
    assert!(world.read("release.plan").contains("\"verdict\": \"blocked\""));
    for args in [&["status"][..], &["status", "--format", "json"]] {
        world.expect(11, args);
    }
    world.manifest(&manifest("1.1", FILES));
    world.expect(2, &["plan", "--detailed-exitcode", "--out", "release.plan"]);
    world.apply_then_expect_no_changes(&[]);
    world.expect(0, &["status"]);
}

#[test]
fn a_blocked_plan_does_not_suggest_an_apply() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "one,two,three\n");
    for args in [&["plan"][..], &["plan", "--out", "release.plan"]] {
        let ran = world.expect(11, args);
        assert!(!ran.stderr.contains("zrel apply"), "{ran}");
        assert!(ran.stderr.contains("blocked"), "{ran}");
    }
}
