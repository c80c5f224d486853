//! Servers of InvenioRDM whose records have DOIs as an option, or none.

use serde_json::{Value as Json, json};

use super::{backfill, receipts};
use crate::command::plan_schema::faults;
use crate::support::world::{FILES, Ran, World, manifest};

const PUBLISHER: &str = "publisher = \"Institute of Forms\"\n";

/// Writes a manifest with this version label and more fields; `server` is added to the server's table.
fn write(world: &World, label: &str, more: &str, server: &str) {
    world.manifest(&manifest(label, &format!("{more}{PUBLISHER}{FILES}")));
    world.write("zenodo.toml", &format!("{}{server}", world.read("zenodo.toml")));
}

fn served() -> World {
    let world = World::served_with_optional_dois();
    world.write("a.csv", "a,1\n");
    world
}

fn latest(world: &World) -> Json {
    let id = world.status()["latest"].as_str().unwrap().to_owned();
    world.native("GET", &format!("/api/records/{id}"), &Json::Null)
}

fn run_each(world: &World, commands: &[&[&str]]) -> Vec<Ran> {
    commands.iter().map(|command| world.expect(0, command)).collect()
}

#[test]
fn a_record_without_a_doi_has_its_whole_life() {
    let world = served();
    write(&world, "1.0", "", "dois = false\n");
    let plan = world.plan_json(&["--initial"]);
    assert_eq!(plan["server"]["dois"], false);
    assert_eq!(faults(&plan), Vec::<String>::new());
    let steps = plan["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["action"] != "reserve_doi"), "{plan:#}");
    let shown = world.expect(0, &["plan", "--initial"]).stdout;
    assert!(shown.contains("! publishes: it can't be taken back, and has no DOI"), "{shown}");
    assert!(shown.contains("publish, without a DOI: can't be undone"), "{shown}");
    world.apply_then_expect_no_changes(&["--initial"]);
    let id = world.status()["latest"].as_str().unwrap().to_owned();
    let shown = world.expect(0, &["plan"]).stdout;
    assert!(shown.contains(&format!("basis   version 1.0, no DOI (record {id})")), "{shown}");
    assert!(shown.contains(&format!("Record {id} is as the manifest says")), "{shown}");
    let shown = world.expect(0, &["status"]).stdout;
    assert!(shown.contains(&format!("latest    1.0, no DOI (record {id})")), "{shown}");
    let first = latest(&world);
    assert_eq!(first["metadata"]["publisher"], "Institute of Forms");
    assert_eq!((&first["pids"]["doi"], &first["parent"]["pids"]), (&Json::Null, &json!({})));
    // A new version, and an edit of it.
    world.write("a.csv", "a,2\n");
    write(&world, "1.1", "", "dois = false\n");
    world.apply_then_expect_no_changes(&[]);
    write(&world, "1.1", "keywords = [\"forms\"]\n", "dois = false\n");
    let shown = world.expect(0, &["plan"]).stdout;
    assert!(shown.contains("in place, 1 metadata field changed."), "{shown}");
    assert!(shown.contains("! publish, without a DOI as before"), "{shown}");
    world.apply_then_expect_no_changes(&[]);
    let second = latest(&world);
    assert_eq!(second["versions"]["index"], 2);
    assert_eq!(second["metadata"]["subjects"][0]["subject"], "forms");
    let host = format!("127.0.0.1:{}", world.port());
    let ran = run_each(
        &world,
        &[
            &["plan", "--public", "--allow-server", &host, "--detailed-exitcode"],
            &["verify"],
            &["status"],
            &["history"],
            &["show"],
            &["lock", "--rebuild"],
            &["plan", "--detailed-exitcode"],
        ],
    );
    assert!(ran.iter().all(|ran| !ran.stdout.contains("10.5072")), "{ran:#?}");
    let receipts = receipts::read_all(&world);
    assert_eq!(receipts.len(), 2);
    assert!(receipts.iter().all(|receipt| receipt["doi"].is_null()), "{receipts:#?}");
    let page = format!("http://{host}/records/{}", second["id"].as_str().unwrap());
    world.expect(0, &["import", &page, "--server", "institute", "-m", "imported.toml"]);
    assert!(world.read("imported.toml").contains("dois = false\n"));
}

#[test]
fn a_saved_plan_and_its_digest_say_that_there_is_no_doi() {
    let world = served();
    write(&world, "1.0", "", "dois = false\n");
    world.expect(0, &["plan", "--initial", "--out", "none.plan"]);
    let none = world.plan_json(&["--initial"])["digest"].clone();
    let changed = world.read("none.plan").replace("\"dois\": false", "\"dois\": true");
    world.write("changed.plan", &changed);
    world.expect(65, &["show", "changed.plan"]);
    write(&world, "1.0", "", "");
    let some = world.plan_json(&["--initial"])["digest"].clone();
    assert_ne!(none, some);
    world.expect(10, &["apply", "none.plan"]);
    world.expect(10, &["apply", "--initial", "--expect", none.as_str().unwrap()]);
    // The same server gives one where it is asked.
    world.apply_then_expect_no_changes(&["--initial"]);
    assert!(world.status()["doi"].as_str().unwrap().starts_with("10.5072/"));
}

#[test]
fn what_needs_a_doi_is_refused_where_there_is_none() {
    let world = served();
    write(&world, "1.0", "", "dois = false\n");
    let ran = world.expect(64, &["reserve"]);
    assert!(ran.stderr.contains("test gives no DOIs, as the manifest says"), "{ran}");
    assert!(ran.stderr.contains("remove `dois = false` under [servers.test]"), "{ran}");
    write(&world, "1.0", "", "dois = false\ndoi_prefix = \"10.5072\"\n");
    let ran = world.expect(65, &["validate"]);
    assert!(ran.stderr.contains("a server without DOIs has no `doi_prefix`"), "{ran}");
    write(&world, "1.0", "", "dois = false\n\n[[write]]\npath = \"CITATION.cff\"\n");
    world.write("CITATION.cff", "cff-version: 1.2.0\ntitle: Forms\ndoi: 10.5072/x\n");
    let ran = world.expect(65, &["plan", "--initial"]);
    assert!(
        ran.stderr.contains("error[ZR0164]: `[[write]]` writes a DOI, and `test` gives none"),
        "{ran}"
    );
}

#[test]
fn a_doi_that_another_client_reserved_stops_the_publication() {
    let world = served();
    write(&world, "1.0", "", "dois = false\n");
    world.expect(0, &["apply", "--initial", "--auto-approve", "--no-publish"]);
    let draft = world.status()["draft"].as_str().unwrap().to_owned();
    world.native("POST", &format!("/api/records/{draft}/draft/pids/doi"), &json!({}));
    let ran = world.expect(11, &["plan", "--initial"]);
    assert!(ran.stdout.contains("ZR0332"), "{ran}");
    world.native("DELETE", &format!("/api/records/{draft}/draft/pids/doi"), &Json::Null);
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn a_doi_of_ones_own_is_published_where_the_server_gives_none() {
    let world = served();
    write(&world, "1.0", "doi = \"10.1234/forms\"\n", "dois = false\n");
    let shown = world.expect(0, &["plan", "--initial"]).stdout;
    assert!(shown.contains("publish as 10.1234/forms: can't be undone"), "{shown}");
    world.apply_then_expect_no_changes(&["--initial"]);
    let pid = &latest(&world)["pids"]["doi"];
    assert_eq!(
        (&pid["identifier"], &pid["provider"]),
        (&json!("10.1234/forms"), &json!("external"))
    );
}

#[test]
fn a_server_with_the_deposit_api_gives_a_doi_to_every_record() {
    let world = World::served();
    world.write("a.csv", "a,1\n");
    write(&world, "1.0", "", "dois = false\n");
    for args in [&["plan", "--initial"][..], &["apply", "--initial", "--auto-approve"]] {
        let ran = world.expect(11, args);
        assert!(ran.stdout.contains("error[ZR0338]"), "{ran}");
    }
    assert_eq!(world.writes(), []);
}

#[test]
fn a_doi_that_nobody_planned_is_no_success() {
    let world = World::served_by_records();
    world.write("a.csv", "a,1\n");
    write(&world, "1.0", "", "dois = false\n");
    let ran = world.expect(12, &["apply", "--initial", "--auto-approve"]);
    assert!(ran.stderr.contains("10.5072/"), "{ran}");
    // What is there is the same as is wanted otherwise, and the plan says what is not.
    let ran = world.expect(0, &["plan", "--detailed-exitcode"]);
    assert!(ran.stdout.contains("warning[ZR0421]"), "{ran}");
    world.write("a.csv", "a,2\n");
    write(&world, "1.1", "", "dois = false\n");
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("warning[ZR0421]"), "{ran}");
    world.expect(12, &["apply", "--auto-approve"]);
    // An edit keeps the DOI.
    write(&world, "1.1", "keywords = [\"forms\"]\n", "dois = false\n");
    world.apply_then_expect_no_changes(&[]);
    write(&world, "1.2", "keywords = [\"forms\"]\n", "");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn no_publisher_is_made_up() {
    let world = served();
    write(&world, "1.0", "", "dois = false\n");
    world.write("zenodo.toml", &world.read("zenodo.toml").replace(PUBLISHER, ""));
    let ran = world.expect(11, &["plan", "--initial"]);
    assert!(ran.stdout.contains("error[ZR0333]"), "{ran}");
}

#[test]
fn past_releases_get_no_doi_either() {
    let world = served();
    backfill::prepare(&world);
    let text = world.read("zenodo.toml");
    let text = text.replacen("[[files]]", &format!("{PUBLISHER}[[files]]"), 1);
    world.write("zenodo.toml", &format!("{text}dois = false\n"));
    let json = ["backfill", "plan", "--tags", "v*", "--initial", "--format", "json"];
    let planned = world.zrel(&json);
    assert!(planned.stdout.contains("ZR0417"), "{planned}");
    assert!(!planned.stdout.contains("ZR0421"), "{planned}");
    world.expect(0, &backfill::APPLY);
    assert_eq!(latest(&world)["versions"]["index"], 3);
    let ran = world.expect(0, &["backfill", "plan", "--tags", "v*"]);
    assert!(!ran.stdout.contains("10.5072"), "{ran}");
}
