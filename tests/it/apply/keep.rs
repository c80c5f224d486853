//! `keep`: files of the published version that stay as they are, without a copy on the disk.

use serde_json::{Value as Json, json};

use crate::support::world::{Request, World, manifest, publish_first};

const KEEP_ALL: &str = "[[files]]\nkeep = \"*\"\n";

/// Publishes version 1.0 with three files, and leaves the folder as a fresh checkout has it: without
/// them.
fn published() -> (World, u64) {
    let world = World::served();
    let id = publish_first(&world);
    for name in ["a.csv", "b.csv", "c.csv"] {
        world.remove(name);
    }
    world.requests();
    (world, id)
}

fn is_about_files(request: &Request) -> bool {
    request.path.contains("/files/") || request.path.ends_with("/files")
}

/// Returns the files of a deposition: name and MD5, sorted.
fn files(world: &World, id: u64) -> Vec<(String, String)> {
    let deposition = world.deposition(id);
    let files = deposition["files"].as_array().unwrap().iter();
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let mut files: Vec<_> =
        files.map(|file| (text(&file["filename"]), text(&file["checksum"]))).collect();
    files.sort();
    files
}

fn names(world: &World, id: u64) -> Vec<String> {
    files(world, id).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn the_abstract_is_changed_from_a_fresh_checkout() {
    let (world, id) = published();
    let before = files(&world, id);
    world.manifest(&manifest("1.0", KEEP_ALL).replace("Some tables.", "Some better tables."));
    let ran = world.expect(0, &["validate"]);
    assert!(ran.stdout.contains("what `keep` names"), "{ran}");
    let plan = world.plan_json(&[]);
    assert_eq!(plan["operation"]["kind"], "edit", "{plan:#}");
    assert_eq!(plan["upload_bytes"], 0);
    world.requests();
    world.apply_then_expect_no_changes(&[]);
    let written = world.writes();
    assert!(!written.is_empty() && !written.iter().any(is_about_files), "{written:?}");
    assert_eq!(files(&world, id), before);
    assert_eq!(world.deposition(id)["metadata"]["description"], "<p>Some better tables.</p>");
}

#[test]
fn a_new_version_replaces_one_file_and_keeps_the_rest() {
    let (world, first) = published();
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("2.0", &format!("{KEEP_ALL}[[files]]\npath = \"a.csv\"\n")));
    let plan = world.plan_json(&[]);
    let changes: Vec<_> = plan["files"].as_array().unwrap().iter().collect();
    let changes: Vec<_> = changes.iter().map(|it| (&it["file"], &it["change"])).collect();
    let (replaced, kept) = (json!("replaced"), json!("kept"));
    let (a, b, c) = (json!("a.csv"), json!("b.csv"), json!("c.csv"));
    assert_eq!(changes, [(&a, &replaced), (&b, &kept), (&c, &kept)]);
    let target: Vec<_> = plan["target"]["files"].as_array().unwrap().iter().collect();
    let target: Vec<_> = target.iter().map(|it| (&it["file"], &it["kept"])).collect();
    assert_eq!(target, [(&a, &json!(false)), (&b, &json!(true)), (&c, &json!(true))]);
    for (format, shown) in [
        ("text", "2 files kept, 20 B not sent again"),
        ("markdown", "2 files"),
        ("html", "<td>keep</td><td class=\"name\">b.<wbr>csv</td>"),
    ] {
        let plan = world.expect(0, &["plan", "--format", format]);
        assert!(plan.stdout.contains(shown), "{format}: {plan}");
    }
    world.requests();
    world.apply_then_expect_no_changes(&[]);
    let sent: Vec<_> = world.writes().into_iter().filter(is_about_files).collect();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].path.contains("/a.csv"), "{sent:?}");
    let second = world.status()["latest"].as_u64().unwrap();
    assert_ne!(second, first);
    assert_eq!(names(&world, second), ["a.csv", "b.csv", "c.csv"]);
    assert_eq!(files(&world, second)[1..], files(&world, first)[1..]);
    // Other files are deleted from the next version; a saved plan of that is applied as it is.
    world.remove("a.csv");
    world.manifest(&manifest("3.0", "[[files]]\nkeep = \"[ac].csv\"\nexclude = [\"c*\"]\n"));
    world.expect(0, &["plan", "--out", "saved.json"]);
    let shown = world.expect(0, &["show", "saved.json"]);
    assert!(shown.to_string().contains("2 files deleted"), "{shown}");
    world.expect(0, &["apply", "saved.json"]);
    world.expect_no_changes();
    let third = world.status()["latest"].as_u64().unwrap();
    assert_eq!(files(&world, third), files(&world, second)[..1]);
}

#[test]
fn the_digest_covers_what_is_kept() {
    let (world, _) = published();
    let mut digests = Vec::new();
    // The digest covers what a reader sees, so the same files by another glob are another plan.
    for keep in ["*", "*.csv", "[ab].csv", "a.csv"] {
        world.manifest(&manifest("2.0", &format!("[[files]]\nkeep = \"{keep}\"\n")));
        let digest = world.plan_json(&[])["digest"].clone();
        assert!(!digests.contains(&digest), "{keep}");
        digests.push(digest);
    }
}

#[test]
fn a_keep_that_names_nothing_blocks() {
    let (world, _) = published();
    for keep in ["d.csv", "*.txt", "A.csv"] {
        let more = format!("{KEEP_ALL}[[files]]\nkeep = \"{keep}\"\n");
        for label in ["1.0", "2.0"] {
            world.manifest(&manifest(label, &more));
            let plan = world.expect(11, &["plan"]);
            let said = plan.to_string();
            assert!(
                said.contains("ZR0320") && said.contains("`a.csv`, `b.csv`, `c.csv`"),
                "{said}"
            );
            world.requests();
            world.expect(11, &["apply", "--auto-approve"]);
            assert_eq!(world.writes(), []);
        }
    }
    let fresh = World::served();
    fresh.write("a.csv", "one\n");
    fresh.manifest(&manifest("1.0", &format!("{KEEP_ALL}[[files]]\npath = \"a.csv\"\n")));
    let plan = fresh.expect(11, &["plan", "--initial"]);
    assert!(plan.to_string().contains("there is none yet"), "{plan}");
    fresh.expect(11, &["apply", "--auto-approve", "--initial"]);
    assert_eq!(fresh.writes(), []);
}

#[test]
fn a_draft_that_lost_a_kept_file_blocks_until_it_is_discarded() {
    let (world, id) = published();
    let draft = world.new_version_by_hand(id);
    let number = draft["id"].as_u64().unwrap();
    let file = draft["files"].as_array().unwrap().iter().find(|it| it["filename"] == "b.csv");
    let path = format!(
        "/api/deposit/depositions/{number}/files/{}",
        file.unwrap()["id"].as_str().unwrap()
    );
    world.alice("DELETE", &path, &Json::Null);
    world.manifest(&manifest("2.0", KEEP_ALL));
    let adopt = ["--adopt-draft", &number.to_string()];
    let plan = world.expect(11, &["plan", adopt[0], adopt[1]]);
    let said = plan.to_string();
    assert!(said.contains("ZR0321") && said.contains("`b.csv`"), "{said}");
    world.expect(11, &["apply", "--auto-approve", adopt[0], adopt[1]]);
    world.alice("DELETE", &format!("/api/deposit/depositions/{number}"), &Json::Null);
    world.apply_then_expect_no_changes(&[]);
    let second = world.status()["latest"].as_u64().unwrap();
    assert_eq!(files(&world, second), files(&world, id));
}

#[test]
fn a_public_plan_can_t_keep_what_it_can_t_see() {
    let world = World::served();
    world.write("a.csv", "one\n");
    let closed = |files: &str| {
        manifest("1.0", files).replace("license = \"cc-by-4.0\"", "access_right = \"restricted\"")
    };
    world.manifest(&closed("[[files]]\npath = \"a.csv\"\n"));
    world.apply_then_expect_no_changes(&["--initial"]);
    world.remove("a.csv");
    world.manifest(&closed(KEEP_ALL));
    world.expect_no_changes();
    let host = format!("127.0.0.1:{}", world.port());
    let plan = world.expect(11, &["plan", "--public", "--allow-server", &host]);
    assert!(plan.to_string().contains("`keep` names some of them"), "{plan}");
}

#[test]
fn what_goes_with_files_of_the_disk_does_not_go_with_keep() {
    let world = World::local();
    world.write("a.csv", "one\n");
    for (entries, code) in [
        ("keep = \"*\"\npath = \"a.csv\"", "ZR01"),
        ("keep = \"*\"\narchive = \"data\"", "ZR01"),
        ("keep = \"a.csv\"\nas = \"b.csv\"", "`as` does not go with `keep`"),
        ("keep = \"a.csv\"\nallow = [\"token\"]", "`allow` does not go with `keep`"),
        ("keep = \"a[\"", "is not a pattern"),
        (
            "keep = \"a.csv\"\n[[files]]\npath = \"a.csv\"",
            "`a.csv` is kept, and comes from the disk",
        ),
        ("keep = \"a.csv\"\n[[files]]\npath = \"*.csv\"", "`a.csv` is kept, and `a.csv` would"),
        ("keep = \"a.csv\"\n[[files]]\nkeep = \"a.csv\"", "two entries for `a.csv`"),
    ] {
        world.manifest(&manifest("1.0", &format!("[[files]]\n{entries}\n")));
        let ran = world.expect(65, &["validate"]);
        assert!(ran.to_string().contains(code), "{entries}: {ran}");
    }
}

#[test]
fn names_with_a_slash_are_kept_too() {
    let world = World::served();
    world.write("a.csv", "one\n");
    world.write("repo.zip", "zip");
    let repo = "[[files]]\npath = \"repo.zip\"\nas = \"owner/repo-v1.0.zip\"\n";
    world.manifest(&manifest("1.0", &format!("[[files]]\npath = \"a.csv\"\n{repo}")));
    world.apply_then_expect_no_changes(&["--initial"]);
    world.remove("repo.zip");
    world.write("a.csv", "one,two\n");
    for (label, keep) in [("2.0", "*.zip"), ("3.0", "owner/*"), ("4.0", "owner/repo-v1.0.zip")] {
        let keep = format!("[[files]]\nkeep = \"{keep}\"\n");
        world.manifest(&manifest(label, &format!("[[files]]\npath = \"a.csv\"\n{keep}")));
        world.requests();
        world.apply_then_expect_no_changes(&[]);
        let written = world.writes();
        assert!(!written.iter().any(|write| write.path.contains("repo")), "{written:?}");
        let latest = world.status()["latest"].as_u64().unwrap();
        assert_eq!(names(&world, latest), ["a.csv", "owner/repo-v1.0.zip"]);
    }
}
