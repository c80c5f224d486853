//! An apply that stops after a phase: what engines and their workers call.

use std::process::Child;

use serde_json::Value as Json;

use crate::support::world::{World, copy_folder};

use super::workspace::{count_published, expect_no_changes, plan, start_in_git, write_member};

const KEYS: [&str; 3] = ["deposits/a", "deposits/b", "deposits/c"];

/// Makes a workspace of three members, of which `a` links to `b`.
fn start_linked() -> World {
    let world = World::served();
    start_in_git(&world);
    let link = "related_identifiers = [{ member = \"deposits/b\", relation = \"references\" }]";
    write_member(&world, "a", "1.0", link);
    world
}

/// Copies the project without what zrel keeps on one machine, and returns where it is.
fn clone_project(world: &World, n: usize) -> String {
    let to = world.path().join(format!("machine-{n}"));
    copy_folder(&world.project(), &to);
    for folder in [".", "deposits/a", "deposits/b", "deposits/c"] {
        let kept = to.join(folder).join(".zrel");
        if kept.exists() {
            std::fs::remove_dir_all(kept).unwrap();
        }
    }
    to.to_str().unwrap().to_owned()
}

fn digest(plan: &Json) -> String {
    plan["digest"].as_str().unwrap().to_owned()
}

fn count_drafts(world: &World) -> usize {
    world.own_depositions().iter().filter(|one| one["submitted"] == false).count()
}

#[test]
fn workers_fill_what_one_run_prepared_and_one_run_publishes() {
    let world = start_linked();
    let set = digest(&plan(&world, &["--initial"]));
    let prepare = ["apply", "--until", "prepare", "--initial", "--expect", &set];
    world.expect(0, &prepare);
    assert_eq!((count_drafts(&world), count_published(&world)), (3, 0));
    // Again, as an engine may.
    world.expect(0, &prepare);
    assert_eq!((count_drafts(&world), count_published(&world)), (3, 0));
    let prepared = plan(&world, &["--initial"]);
    let digests: Vec<String> = (0..3).map(|n| digest(&prepared["members"][n]["plan"])).collect();
    // On other machines, which have the checkout with the locks alone; one of them does it twice.
    let machines: Vec<String> = (0..4).map(|n| clone_project(&world, n)).collect();
    let mut workers: Vec<Child> = machines
        .iter()
        .enumerate()
        .map(|(n, machine)| {
            let (key, digest) = (KEYS[n % 3], &digests[n % 3]);
            let worker = ["-C", machine, "apply", "-p", key, "--until", "fill", "--initial"];
            world.start(&[&worker[..], &["--expect", digest]].concat())
        })
        .collect();
    let codes: Vec<Option<i32>> =
        workers.iter_mut().map(|worker| worker.wait().unwrap().code()).collect();
    assert_eq!(codes[1..3], [Some(0), Some(0)], "{codes:?}");
    world.zrel(&["apply", "-p", KEYS[0], "--until", "fill", "--initial", "--expect", &digests[0]]);
    assert_eq!((count_drafts(&world), count_published(&world)), (3, 0));
    world.requests();
    world.expect(0, &["apply", "--initial", "--expect", &set]);
    // The drafts are as planned: nothing is sent but the publications.
    let writes = world.writes();
    assert!(writes.iter().all(|write| write.path.ends_with("/actions/publish")), "{writes:?}");
    expect_no_changes(&world);
    assert_eq!((count_drafts(&world), count_published(&world)), (0, 3));
}

#[test]
fn a_phase_says_what_it_did_and_takes_no_other_digest() {
    let world = start_linked();
    let other = "0".repeat(64);
    for phase in ["prepare", "fill"] {
        world.expect(10, &["apply", "--until", phase, "--initial", "--expect", &other]);
    }
    assert_eq!(world.own_depositions().len(), 0);
    let args = ["apply", "--until", "fill", "--initial", "--format", "json"];
    let filled = world.expect(0, &args).json();
    let members = filled["members"].as_array().unwrap();
    assert_eq!(members.len(), 3, "{filled}");
    for member in members {
        assert_eq!(member["exit_code"], 0);
        assert!(member["result"]["draft"]["id"].is_u64(), "{filled}");
        assert!(member["result"]["record"].is_null(), "{filled}");
    }
    assert_eq!((count_drafts(&world), count_published(&world)), (3, 0));
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    expect_no_changes(&world);
    let one = world.expect(64, &["-C", "deposits/a", "apply", "--until", "fill"]);
    assert!(one.stderr.contains("--until is for the root of a workspace"), "{one}");
}

#[test]
fn members_are_listed_for_engines_and_spread_over_jobs() {
    let world = start_linked();
    let list = |args: &[&str]| {
        world.expect(0, &[&["workspace", "list", "--format", "json"], args].concat()).json()
    };
    let listed = list(&["--initial"]);
    let plans = plan(&world, &["--initial"]);
    assert_eq!(listed["digest"], plans["digest"]);
    for n in 0..3 {
        let (one, plan) = (&listed["members"][n], &plans["members"][n]["plan"]);
        assert_eq!(
            (&one["key"], &one["path"]),
            (&plans["members"][n]["key"], &plans["members"][n]["path"])
        );
        assert_eq!(one["digest"], plan["digest"]);
        assert_eq!(one["operation"], "new_record");
        assert_eq!((&one["files"], &one["bytes"]), (&1.into(), &plan["upload_bytes"]));
    }
    assert_eq!(listed["members"][0]["depends"], serde_json::json!(["deposits/b"]));
    let text = world.expect(0, &["workspace", "list", "--initial"]).stdout;
    assert!(text.contains("  deposits/c  publishes: new record 1.0"), "{text}");

    let matrix = |args: &[&str]| {
        let ran = world.expect(0, &[&["workspace", "matrix"], args].concat());
        assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
        ran.json()["include"].as_array().unwrap().clone()
    };
    assert_eq!(matrix(&["--initial"]).len(), 3);
    let jobs = matrix(&["--initial", "--max", "2"]);
    let keys: Vec<String> = jobs.iter().map(|job| job["keys"].to_string()).collect();
    assert_eq!(keys, [r#"["deposits/a","deposits/c"]"#, r#"["deposits/b"]"#]);
    assert_eq!(jobs[0]["args"], "-p deposits/a -p deposits/c");
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    // Members without changes need no job.
    assert!(matrix(&[]).is_empty());
    let done = list(&[]);
    assert_eq!(done["members"][0]["changes"], false);
    world.write("deposits/b/zenodo.toml", "[metadata]\ntitle = 5\n");
    let listed = world.expect(65, &["workspace", "list", "--format", "json"]).json();
    assert!(listed["members"][1]["error"]["message"].is_string(), "{listed}");
    let refused = world.expect(65, &["workspace", "matrix"]);
    assert!(refused.stderr.contains("has a fault"), "{refused}");
    let one = world.expect(64, &["-C", "deposits/a", "workspace", "list"]);
    assert!(one.stderr.contains("is not the root of a workspace"), "{one}");
}

#[test]
fn a_member_with_a_doi_of_its_own_needs_no_reservation() {
    let world = start_linked();
    write_member(&world, "c", "1.0", "doi = \"10.1234/abcd\"");
    world.expect(0, &["apply", "--until", "prepare", "--initial"]);
    assert_eq!((count_drafts(&world), count_published(&world)), (2, 0));
    world.expect(0, &["apply", "--until", "fill", "--initial"]);
    assert_eq!((count_drafts(&world), count_published(&world)), (3, 0));
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    expect_no_changes(&world);
}
