//! A file of which only the name changes: deleted and sent again, and said to be renamed.

use serde_json::{Value as Json, json};

use crate::support::world::{FILES, World, manifest, publish_first};

use super::plan_integrity::forge;

/// A record whose next version has a file renamed, one deleted, one added of the same size.
fn renaming() -> World {
    let world = World::served();
    publish_first(&world);
    // `b.csv` goes, `c.csv` becomes `data-final.csv`, `d.csv` is new.
    world.remove("b.csv");
    std::fs::rename(world.project().join("c.csv"), world.project().join("data-final.csv")).unwrap();
    world.write("d.csv", "new\n");
    world.manifest(&manifest("1.1", FILES));
    world
}

/// Returns the change of a file in a plan's document.
fn find_change<'a>(plan: &'a mut Json, name: &str) -> &'a mut Json {
    let files = plan["files"].as_array_mut().unwrap();
    files.iter_mut().find(|file| file["file"] == name).unwrap()
}

#[test]
fn a_renamed_file_is_called_so_in_every_format_and_its_bytes_are_sent() {
    let world = renaming();
    let text = world.expect(0, &["plan"]).stdout;
    for part in [
        "new version 1.1, 2 files added (1 of them renamed), 2 files deleted (1 of them renamed), \
         1 metadata field changed, 8 B to upload.",
        "! not in the next version: b.csv. Earlier versions keep what they have.",
        "! renamed in the next version: c.csv to data-final.csv. Earlier versions keep",
        "  + upload   data-final.csv  4 B  (renamed from c.csv; the bytes are sent again)\n",
        "  + upload   d.csv           4 B\n",
        "  - delete   b.csv           16 B\n",
        "  - delete   c.csv           4 B  (renamed to data-final.csv)\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let markdown = world.expect(0, &["plan", "--format", "markdown"]).stdout;
    for part in [
        "> **Not in the next version:** `b.csv`. Earlier",
        "> **Renamed in the next version:** `c.csv` to `data-final.csv`. Earlier",
        "| upload | `data-final.csv` | 4 B, renamed from `c.csv`; the bytes are sent again |\n",
        "| upload | `d.csv` | 4 B |\n",
        "| **delete** | `c.csv` | 4 B, renamed to `data-final.csv` |\n",
    ] {
        assert!(markdown.contains(part), "{part}\n{markdown}");
    }
    let html = world.expect(0, &["plan", "--format", "html"]).stdout.replace("<wbr>", "");
    for part in [
        "data-final.csv (renamed from c.csv; the bytes are sent again)</td>",
        ">c.csv (renamed to data-final.csv)</td>",
        ">d.csv</td>",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    let mut plan = world.plan_json(&[]);
    assert_eq!(find_change(&mut plan, "data-final.csv")["renamed_from"], "c.csv");
    assert_eq!(find_change(&mut plan, "c.csv")["renamed_to"], "data-final.csv");
    for plain in ["b.csv", "d.csv"] {
        let change = find_change(&mut plan, plain);
        assert!(change["renamed_from"].is_null() && change["renamed_to"].is_null(), "{change:#}");
    }
    world.requests();
    world.apply_then_expect_no_changes(&[]);
    let mut sent: Vec<String> =
        world.requests().iter().filter_map(|it| Some(it.uploaded()?.to_owned())).collect();
    sent.sort();
    assert_eq!(sent, ["d.csv", "data-final.csv"]);
}

#[test]
fn a_saved_plan_with_a_renamed_file_is_shown_as_it_was_made_and_applied() {
    let world = renaming();
    let made = world.expect(0, &["plan", "--out", "release.plan", "--format", "markdown"]).stdout;
    assert!(made.contains("renamed from `c.csv`"), "{made}");
    let shown = world.expect(0, &["show", "release.plan", "--format", "markdown"]).stdout;
    assert_eq!(shown, made);
    world.expect(0, &["apply", "release.plan"]);
    world.expect_no_changes();
}

/// The digest does not cover which file was renamed.
#[test]
fn a_stale_plan_is_shown_without_its_renamed_files() {
    let world = renaming();
    world.expect(0, &["plan", "--out", "release.plan"]);
    world.write("d.csv", "other\n");
    for format in ["text", "markdown", "html"] {
        let shown = world.expect(0, &["show", "release.plan", "--format", format]).stdout;
        assert!(!shown.to_lowercase().contains("renamed"), "{shown}");
    }
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_saved_plan_that_says_nothing_of_renamed_files_is_still_applied() {
    let world = renaming();
    world.expect(0, &["plan", "--out", "release.plan"]);
    forge(&world, "release.plan", |plan| {
        for (name, key) in [("data-final.csv", "renamed_from"), ("c.csv", "renamed_to")] {
            let change = find_change(plan, name).as_object_mut().unwrap();
            assert!(change.shift_remove(key).is_some());
        }
    });
    let shown = world.expect(0, &["show", "release.plan"]).stdout;
    assert!(!shown.contains("renamed"), "{shown}");
    world.expect(0, &["apply", "release.plan"]);
    world.expect_no_changes();
}

#[test]
fn a_plan_whose_renamed_files_contradict_each_other_is_refused() {
    let world = renaming();
    world.expect(0, &["plan", "--out", "release.plan"]);
    let honest = world.read("release.plan");
    let lies: [fn(&mut Json); 5] = [
        // Only one side says it.
        |plan| find_change(plan, "d.csv")["renamed_from"] = json!("b.csv"),
        // The other side names another file.
        |plan| find_change(plan, "d.csv")["renamed_from"] = json!("c.csv"),
        // No such file.
        |plan| find_change(plan, "c.csv")["renamed_to"] = json!("z.csv"),
        // Another size.
        |plan| {
            find_change(plan, "d.csv")["renamed_from"] = json!("b.csv");
            find_change(plan, "b.csv")["renamed_to"] = json!("d.csv");
        },
        // A file that stays has no other name.
        |plan| find_change(plan, "a.csv")["renamed_to"] = json!("d.csv"),
    ];
    world.requests();
    for (number, lie) in lies.into_iter().enumerate() {
        world.write("release.plan", &honest);
        forge(&world, "release.plan", lie);
        for command in ["show", "apply"] {
            let ran = world.zrel(&[command, "release.plan"]);
            assert_eq!(ran.code, 65, "lie {number}: {ran}");
        }
    }
    assert_eq!(world.writes(), []);
    world.write("release.plan", &honest);
    world.expect(0, &["apply", "release.plan"]);
    world.expect_no_changes();
}

#[test]
fn a_plan_that_calls_a_file_renamed_which_has_other_bytes_is_not_applied() {
    let world = renaming();
    world.expect(0, &["plan", "--out", "release.plan"]);
    // `d.csv` has the size of `c.csv`, and other bytes: only the server's MD5 shows the lie.
    forge(&world, "release.plan", |plan| {
        let honest = find_change(plan, "data-final.csv").as_object_mut().unwrap();
        honest.shift_remove("renamed_from");
        find_change(plan, "d.csv")["renamed_from"] = json!("c.csv");
        find_change(plan, "c.csv")["renamed_to"] = json!("d.csv");
    });
    world.requests();
    let ran = world.expect(10, &["apply", "release.plan"]);
    let why = "the plan calls files renamed that have other bytes on the server";
    assert!(ran.stderr.contains(why), "{ran}");
    let shown = world.expect(0, &["show", "release.plan"]);
    assert!(shown.to_string().contains(why), "{shown}");
    assert_eq!(world.writes(), []);
    world.apply_then_expect_no_changes(&[]);
}
