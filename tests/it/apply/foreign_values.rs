//! What another client puts into a draft that zrel publishes: a DOI, or a value that no field of a
//! manifest says. Neither is published unseen.

use serde_json::{Value as Json, json};

use crate::command::doctor::set_pids;
use crate::support::world::{FILES, World, manifest};

/// A manifest whose metadata the records API writes.
fn rich(label: &str, more: &str) -> String {
    manifest(label, &format!("copyright = \"(c) 2026 Weiss\"\n{more}{FILES}"))
}

fn foreign_doi(doi: &str) -> Json {
    json!({"doi": {"identifier": doi, "provider": "external"}})
}

/// Leaves a finished draft of a first release, and returns its id.
fn leave_ready_draft(manifest: &str) -> (World, u64) {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(manifest);
    world.apply(&["--initial", "--no-publish"]);
    let id = world.open_drafts()[0];
    (world, id)
}

#[test]
fn a_draft_with_a_doi_that_nobody_planned_is_not_published() {
    for text in [rich("1.0", ""), manifest("1.0", FILES)] {
        let (world, id) = leave_ready_draft(&text);
        for doi in [format!("10.1234/{id}"), format!("10.1234/foo.{id}"), "10.1234/x".to_owned()] {
            set_pids(&world, id, &foreign_doi(&doi));
            let plan = world.expect(11, &["plan"]);
            assert!(plan.stdout.contains("ZR0332") && plan.stdout.contains(&doi), "{plan}");
            let ran = world.expect(11, &["apply", "--auto-approve"]);
            assert!(ran.stdout.contains("ZR0332") || ran.stderr.contains("ZR0332"), "{ran}");
        }
        world.expect(0, &["discard", &id.to_string(), "--auto-approve"]);
        world.apply_then_expect_no_changes(&["--initial"]);
    }
}

#[test]
fn a_record_keeps_its_own_doi_when_an_edit_of_it_has_another() {
    for more in ["copyright = \"(c) 2026 Weiss\"\n", ""] {
        let world = World::served();
        world.write("a.csv", "one,two\n");
        world.manifest(&manifest("1.0", &format!("doi = \"10.1234/mine\"\n{more}{FILES}")));
        world.apply_then_expect_no_changes(&["--initial"]);
        let id = world.status()["latest"].as_u64().unwrap();
        world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{more}{FILES}")));
        world.native("POST", &format!("/api/records/{id}/draft"), &json!({}));
        set_pids(&world, id, &foreign_doi("10.1234/evil"));
        let plan = world.expect(11, &["plan"]);
        assert!(plan.stdout.contains("ZR0332") && plan.stdout.contains("10.1234/evil"), "{plan}");
        world.expect(11, &["apply", "--auto-approve", "--adopt-draft", &id.to_string()]);
        world.expect(0, &["discard", &id.to_string(), "--auto-approve"]);
        world.apply_then_expect_no_changes(&[]);
        let record = world.native("GET", &format!("/api/records/{id}"), &Json::Null);
        assert_eq!(record["pids"]["doi"]["identifier"], "10.1234/mine", "{record:#}");
    }
}

#[test]
fn a_doi_that_an_edit_changes_is_named_in_the_plan() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", &format!("doi = \"10.1234/one\"\n{FILES}")));
    world.apply_then_expect_no_changes(&["--initial"]);
    world.manifest(&manifest("1.0", &format!("doi = \"10.1234/two\"\n{FILES}")));
    let plan = world.expect(0, &["plan"]).stdout;
    assert!(plan.contains("DOI 10.1234/one becomes 10.1234/two: can't be undone"), "{plan}");
    assert!(plan.contains("new DOI 10.1234/two") && !plan.contains("same DOI"), "{plan}");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn an_edit_that_lost_its_doi_is_finished() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&rich("1.0", ""));
    world.apply_then_expect_no_changes(&["--initial"]);
    let id = world.status()["latest"].as_u64().unwrap();
    world.native("POST", &format!("/api/records/{id}/draft"), &json!({}));
    set_pids(&world, id, &json!({}));
    world.manifest(&rich("1.0", "keywords = [\"forms\"]\n"));
    world.expect(0, &["plan"]);
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_file_is_removed_from_a_version_that_the_records_api_writes() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&rich("1.0", ""));
    world.apply_then_expect_no_changes(&["--initial"]);
    world.remove("a.csv");
    world.write("b.csv", "one,two\n");
    world.manifest(&rich("2.0", ""));
    world.apply_then_expect_no_changes(&[]);
}

/// Puts what no field of a manifest says into a draft.
fn add_extras(world: &World, id: u64) {
    let path = format!("/api/records/{id}/draft");
    let mut draft = world.native("GET", &path, &Json::Null);
    draft["metadata"]["resource_type"] = json!({"id": "software-computationalnotebook"});
    draft["metadata"]["references"] =
        json!([{"reference": "Doe", "scheme": "doi", "identifier": "10.1234/foreign"}]);
    world.native("PUT", &path, &draft);
}

#[test]
fn what_another_client_adds_to_a_draft_is_not_published() {
    for more in ["copyright = \"(c) 2026 Weiss\"\n", ""] {
        let text = |keyword: &str| {
            let text = manifest(
                "1.0",
                &format!("keywords = [\"{keyword}\"]\nreferences = [\"Doe\"]\n{more}{FILES}"),
            );
            text.replace("\"dataset\"", "\"software\"")
        };
        let (world, id) = leave_ready_draft(&text("one"));
        add_extras(&world, id);
        // Nothing that a manifest says differs.
        let plan = world.expect(0, &["plan"]);
        assert!(plan.stdout.contains("~ replace the metadata"), "{plan}");
        assert!(plan.stdout.contains("loses references[0].identifier"), "{plan}");
        world.expect(0, &["apply", "--auto-approve", "--no-publish"]);
        add_extras(&world, id);
        world.manifest(&text("two"));
        world.apply_then_expect_no_changes(&[]);
        let record = world.native("GET", &format!("/api/records/{id}"), &Json::Null);
        assert_eq!(record["metadata"]["resource_type"]["id"], "software", "{record:#}");
        assert!(record["metadata"]["references"][0]["identifier"].is_null(), "{record:#}");
    }
}
