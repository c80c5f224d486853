//! `zrel history`: versions of one day have their time, and what changed between them is named.

use serde_json::json;

use crate::support::world::{FILES, Ran, World, manifest, publish_first};

/// Publishes two versions on one day, the second with a file replaced, deleted, added and renamed,
/// and one kept.
fn two_versions_of_a_day() -> World {
    let mut world = World::local();
    world.set_now("2026-11-29T08:31:00Z");
    world.manifest(&manifest("1.0", FILES));
    for (name, content) in
        [("a.csv", "one,two\n"), ("b.csv", "three\n"), ("c.csv", "six\n"), ("k.csv", "kept\n")]
    {
        world.write(name, content);
    }
    world.apply_then_expect_no_changes(&["--initial"]);
    world.set_now("2026-11-29T16:05:59Z");
    world.manifest(&manifest("1.1", FILES));
    world.write("a.csv", "one,two,three\n");
    world.remove("b.csv");
    world.write("d.csv", "new\n");
    std::fs::rename(world.project().join("c.csv"), world.project().join("data-final.csv")).unwrap();
    world.apply_then_expect_no_changes(&[]);
    world
}

#[test]
fn versions_of_one_day_differ_by_their_time_and_name_what_changed() {
    let world = two_versions_of_a_day();
    let shown = world.expect(0, &["history"]).stdout;
    let expected = "\
#  version  doi                      published (UTC)   publication date
2  1.1      10.5072/zenodo.10000003  2026-11-29 16:05  2026-11-29
   4 files, 27 B: 1 removed, 1 replaced, 1 renamed, 1 added, 1 kept
   - removed   b.csv                    6 B
   ~ replaced  a.csv                    8 B -> 14 B
   ~ renamed   c.csv -> data-final.csv  4 B
   + added     d.csv                    4 B
1  1.0      10.5072/zenodo.10000002  2026-11-29 08:31  2026-11-29
   4 files, 23 B
";
    assert_eq!(shown, expected);
    let full = world.expect(0, &["history", "--full"]).stdout;
    assert!(full.contains("   = kept      k.csv                    5 B\n"), "{full}");
    assert!(full.contains("   4 files, 23 B\n   + added  a.csv  8 B\n"), "{full}");
}

#[test]
fn the_document_has_the_files_of_each_version_and_what_became_of_them() {
    let world = two_versions_of_a_day();
    let document = world.expect(0, &["history", "--format", "json"]).json();
    assert_eq!(document["format_version"], "1.1");
    let (second, first) = (&document["versions"][0], &document["versions"][1]);
    assert_eq!(first["published"], "2026-11-29T08:31:00Z");
    assert_eq!(second["published"], "2026-11-29T16:05:59Z");
    assert_eq!((&first["compared_with"], &first["changes"]), (&json!(null), &json!(null)));
    assert_eq!(second["compared_with"], first["id"]);
    let md5 = "5d2dfbea120f23e84e689374aa2ba84f";
    let renamed = json!({
        "file": "data-final.csv",
        "change": "renamed",
        "before": {"file": "c.csv", "size": 4, "md5": md5},
        "after": {"file": "data-final.csv", "size": 4, "md5": md5},
    });
    let changes = second["changes"].as_array().unwrap();
    assert!(changes.contains(&renamed), "{second:#}");
    let words: Vec<_> = changes.iter().map(|it| [&it["file"], &it["change"]]).collect();
    let expected = json!([
        ["a.csv", "replaced"],
        ["b.csv", "removed"],
        ["d.csv", "added"],
        ["data-final.csv", "renamed"],
        ["k.csv", "kept"],
    ]);
    assert_eq!(json!(words), expected);
    assert_eq!(first["files"].as_array().unwrap().len(), 4);
    assert_eq!((&first["n_files"], &first["size_bytes"]), (&json!(4), &json!(23)));
}

#[test]
fn no_version_costs_a_request_of_its_own() {
    let world = World::served();
    publish_first(&world);
    let count = || {
        world.requests();
        world.expect(0, &["history", "--full"]);
        world.requests().len()
    };
    let with_one = count();
    for label in ["1.1", "1.2"] {
        world.write("a.csv", label);
        world.manifest(&manifest(label, FILES));
        world.apply_then_expect_no_changes(&[]);
    }
    assert_eq!(count(), with_one);
    // The record as both APIs show it, and its versions.
    assert_eq!(with_one, 3);
}

#[test]
fn files_that_a_reader_may_not_see_are_not_called_unchanged() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    let closed = |label: &str| {
        let more = format!("access_right = \"restricted\"\naccess_conditions = \"Ask.\"\n{FILES}");
        manifest(label, &more).replace("license = \"cc-by-4.0\"\n", "")
    };
    world.manifest(&closed("1.0"));
    world.apply_then_expect_no_changes(&["--initial"]);
    world.write("a.csv", "three\n");
    world.manifest(&closed("1.1"));
    world.apply_then_expect_no_changes(&[]);
    let own = world.expect(0, &["history"]).stdout;
    assert!(own.contains("~ replaced  a.csv  8 B -> 6 B"), "{own}");
    let mut command = world.command(&["history"]);
    command.env_remove(format!("ZREL_TOKEN_127_0_0_1_{}", world.port()));
    let ran: Ran = command.output().unwrap().into();
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(ran.stdout.matches("   files are not visible\n").count(), 2, "{ran}");
}
