//! Past releases: each tag as a version of one record, the oldest first.

use std::process::Command;

use serde_json::Value as Json;

use crate::support::world::{FILES, World, manifest};

use super::workspace::refuse_publication;

/// The tags of most tests, each with its day and the content of `a.csv`.
const TAGS: [(&str, &str, &str); 3] = [
    ("v0.1", "2021-03-01", "one\n"),
    ("v0.2", "2021-06-01", "one,two\n"),
    ("v1.0", "2022-01-15", "three\n"),
];

/// Runs git at noon (UTC) of a day.
pub(crate) fn git_on(world: &World, day: &str, args: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.org"])
        .args(args)
        .current_dir(world.project())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_COMMITTER_DATE", format!("{day}T12:00:00Z"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Makes a repository with tags, and a manifest that is not in them.
fn start() -> World {
    let world = World::served();
    prepare(&world);
    world
}

/// Makes a repository with tags in a world.
pub(crate) fn prepare(world: &World) {
    world.git(&["init", "-q", "-b", "main"]);
    world.write("same.csv", "always,the,same\n");
    for (tag, day, content) in TAGS {
        world.write("a.csv", content);
        world.write(".gitignore", ".zrel\n");
        git_on(world, day, &["add", "a.csv", "same.csv", ".gitignore"]);
        git_on(world, day, &["commit", "-qm", "work"]);
        git_on(world, day, &["tag", tag]);
    }
    world.manifest(&from_tags(FILES));
}

/// Returns a manifest whose label comes from a tag, with more tables.
fn from_tags(more: &str) -> String {
    manifest("", more).replace("version = \"\"", "version = { from = \"git-tag\" }")
}

fn plan(world: &World, args: &[&str]) -> Json {
    let all = [&["backfill", "plan", "--tags", "v*", "--format", "json"], args].concat();
    world.zrel(&all).json()
}

pub(crate) const APPLY: [&str; 6] =
    ["backfill", "apply", "--tags", "v*", "--initial", "--auto-approve"];

/// Label, date, and the names and sizes of the files.
type Version = (String, String, Vec<(String, u64)>);

/// Returns label, date and the names and sizes of the files of each version, the oldest first.
pub(crate) fn list_versions(world: &World) -> Vec<Version> {
    let mut all = world.own_depositions();
    all.retain(|one| one["submitted"] == true);
    all.sort_by_key(|one| one["id"].as_u64());
    let of = |one: &Json| {
        let text = |key: &str| one["metadata"][key].as_str().unwrap_or_default().to_owned();
        let mut files: Vec<(String, u64)> = one["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                (it["filename"].as_str().unwrap().to_owned(), it["filesize"].as_u64().unwrap())
            })
            .collect();
        files.sort();
        (text("version"), text("publication_date"), files)
    };
    all.iter().map(of).collect()
}

pub(crate) fn expect_nothing_left(world: &World) {
    let ran = world.expect(0, &["backfill", "plan", "--tags", "v*", "--detailed-exitcode"]);
    assert!(ran.stdout.contains("0 to publish"), "{ran}");
    assert!(world.open_drafts().is_empty());
    // The last tag is what the manifest says now.
    world.expect(0, &["plan", "--detailed-exitcode"]);
    let left = std::fs::read_dir(world.project().join(".zrel/backfill")).unwrap();
    let left: Vec<String> = left
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("tag-"))
        .collect();
    assert_eq!(left, [""; 0], "what is written of a tag is removed");
}

#[test]
fn each_tag_becomes_a_version_with_its_files_label_and_date() {
    let world = start();
    let planned = world.expect(0, &["backfill", "plan", "--tags", "v*", "--initial"]);
    for words in [
        "3 tags, 3 to publish",
        "v0.1  2021-03-01  publishes: new record 0.1",
        "v0.2  2021-06-01  publishes: new version 0.2, 1 file replaced",
        "basis   version 0.1, once it is published",
        "open a new version of the record",
        "Digest of the past releases sha256:",
    ] {
        assert!(planned.stdout.contains(words), "«{words}» in {planned}");
    }
    // No apply takes the digest of one of them.
    assert_eq!(planned.stdout.matches("sha256:").count(), 1, "{planned}");
    assert_eq!(world.own_depositions().len(), 0);

    let applied = world.expect(0, &APPLY);
    assert_eq!(applied.stdout.matches("\nPublished ").count(), 3, "{applied}");
    assert!(applied.stdout.contains("To bind the manifest to this record"), "{applied}");
    let file = |name: &str, size| (name.to_owned(), size);
    let version = |label: &str, date: &str, size| {
        (label.to_owned(), date.to_owned(), vec![file("a.csv", size), file("same.csv", 16)])
    };
    assert_eq!(
        list_versions(&world),
        [
            version("0.1", "2021-03-01", 4),
            version("0.2", "2021-06-01", 8),
            version("1.0", "2022-01-15", 6)
        ]
    );
    expect_nothing_left(&world);
    // What did not change was sent once.
    let sent = world.requests();
    let sent = sent.iter().filter(|request| request.uploaded() == Some("same.csv")).count();
    assert_eq!(sent, 1);
}

#[test]
fn a_failure_in_between_is_continued_with_the_same_digest() {
    let world = start();
    let digest = plan(&world, &["--initial"])["digest"].as_str().unwrap().to_owned();
    refuse_publication(&world, 2);
    let apply = ["backfill", "apply", "--tags", "v*", "--initial", "--expect", &digest];
    let ran = world.zrel(&apply);
    assert_ne!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("v0.2"), "{ran}");
    assert!(ran.stderr.contains("backfill apply --tags 'v*' --initial --expect "), "{ran}");
    assert_eq!(list_versions(&world).len(), 1);
    world.faults().heal();
    let ran = world.expect(0, &apply);
    assert_eq!(ran.stdout.matches("\nPublished ").count(), 2, "{ran}");
    assert_eq!(list_versions(&world).len(), 3);
    expect_nothing_left(&world);
    // Once more, with nothing left to do.
    world.expect(0, &apply);
}

#[test]
fn a_digest_of_other_plans_publishes_nothing() {
    let world = start();
    let digest = plan(&world, &["--initial"])["digest"].as_str().unwrap().to_owned();
    git_on(&world, "2022-02-02", &["tag", "v2.0"]);
    let apply = ["backfill", "apply", "--tags", "v*", "--initial", "--expect", &digest];
    let ran = world.expect(10, &apply);
    assert!(ran.stderr.contains("nothing was sent"), "{ran}");
    assert_eq!(world.own_depositions().len(), 0);
    let without = ["backfill", "apply", "--tags", "v*", "--initial"];
    world.expect(13, &without);
    world.expect(13, &["backfill", "apply", "--tags", "v*", "--auto-approve"]);
    assert_eq!(world.own_depositions().len(), 0);
}

#[test]
fn somebody_else_who_publishes_in_between_makes_the_digest_stale() {
    let world = start();
    let digest = plan(&world, &["--initial"])["digest"].as_str().unwrap().to_owned();
    let apply = ["backfill", "apply", "--tags", "v*", "--initial", "--expect", &digest];
    refuse_publication(&world, 2);
    world.zrel(&apply);
    world.faults().heal();
    world.expect(0, &["discard", "--auto-approve"]);
    let first = world.own_depositions()[0]["id"].as_u64().unwrap();
    let draft = world.new_version_by_hand(first)["id"].as_u64().unwrap();
    world.put_metadata(draft, |metadata| {
        metadata["version"] = "0.1.1".into();
        metadata["publication_date"] = "2021-04-01".into();
    });
    world.action(draft, "publish");
    let ran = world.expect(10, &apply);
    assert!(ran.stderr.contains("nothing was sent"), "{ran}");
    assert_eq!(list_versions(&world).len(), 2);
}

#[test]
fn a_tag_that_is_published_is_known_by_label_and_files() {
    let world = start();
    world.expect(0, &["backfill", "apply", "--tags", "v0.1", "--initial", "--auto-approve"]);
    // Another clone, without the lock: the server says which version it is.
    world.remove("zenodo.lock");
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    let concept = world.own_depositions()[0]["conceptrecid"].as_str().unwrap().to_owned();
    let bound = format!("{FILES}\n[record.concept]\ntest = \"{concept}\"\n");
    world.manifest(&from_tags(&bound));
    let planned = plan(&world, &[]);
    let states: Vec<&Json> =
        planned["releases"].as_array().unwrap().iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["published", "missing", "missing"], "{planned}");
    world.expect(0, &APPLY);
    expect_nothing_left(&world);
    assert_eq!(list_versions(&world).len(), 3);
}

#[test]
fn a_version_that_only_may_be_the_release_blocks() {
    let world = start();
    world.expect(0, &["backfill", "apply", "--tags", "v0.1", "--initial", "--auto-approve"]);
    let first = world.own_depositions()[0]["id"].as_u64().unwrap();
    // The label of a tag that is missing, on other files.
    let draft = world.new_version_by_hand(first)["id"].as_u64().unwrap();
    world.put_metadata(draft, |metadata| {
        metadata["version"] = "0.2".into();
        metadata["publication_date"] = "2021-06-01".into();
    });
    world.action(draft, "publish");
    let ran = world.expect(11, &["backfill", "plan", "--tags", "v*"]);
    for words in ["error[ZR0602]: `v0.2` may be published already", "other files", "--skip v0.2"] {
        assert!(format!("{ran}").contains(words), "«{words}» in {ran}");
    }
    let n = world.own_depositions().len();
    world.expect(11, &APPLY);
    assert_eq!(world.own_depositions().len(), n);
    let over = draft.to_string();
    world.expect(0, &[&APPLY[..], &["--skip", "v0.2", "--over", &over]].concat());
    assert_eq!(list_versions(&world).len(), 3);
    let left = ["backfill", "plan", "--tags", "v*", "--skip", "v0.2", "--detailed-exitcode"];
    world.expect(0, &left);
}

#[test]
fn a_tag_older_than_what_is_published_blocks_until_a_person_says_so() {
    let world = start();
    world.expect(0, &["backfill", "apply", "--tags", "v1.0", "--initial", "--auto-approve"]);
    let ran = world.expect(11, &["backfill", "plan", "--tags", "v*"]);
    let said = format!("{ran}");
    for words in [
        "error[ZR0603]: `v0.1` (2021-03-01), `v0.2` (2021-06-01) are not newer than the latest version",
        "1.0 (2022-01-15)",
        "they would take its place",
        "--after-latest",
    ] {
        assert!(said.contains(words), "«{words}» in {ran}");
    }
    world.expect(11, &APPLY);
    assert_eq!(list_versions(&world).len(), 1);
    // Who approved the blocked plans did not approve this.
    let blocked = plan(&world, &[])["digest"].as_str().unwrap().to_owned();
    let apply = ["backfill", "apply", "--tags", "v*", "--after-latest", "--expect", &blocked];
    world.expect(10, &apply);
    let ran = world.expect(0, &["backfill", "plan", "--tags", "v*", "--after-latest"]);
    assert!(format!("{ran}").contains("warning[ZR0603]"), "{ran}");
    world.expect(0, &[&APPLY[..], &["--after-latest"]].concat());
    let labels: Vec<String> = list_versions(&world).into_iter().map(|(label, ..)| label).collect();
    assert_eq!(labels, ["1.0", "0.1", "0.2"]);
    let left = ["backfill", "plan", "--tags", "v*", "--detailed-exitcode"];
    world.expect(0, &left);
}

#[test]
fn a_tag_whose_tree_lacks_a_file_is_named_and_nothing_is_sent() {
    let world = start();
    world.manifest(&from_tags("[[files]]\npath = \"late.csv\"\n"));
    world.write("late.csv", "late\n");
    let ran = world.expect(65, &["backfill", "plan", "--tags", "v*", "--initial"]);
    assert!(ran.stderr.contains("v0.1") && ran.stderr.contains("late.csv"), "{ran}");
    assert_eq!(world.writes().len(), 0);
}

#[test]
fn tags_that_are_none_or_have_one_label_are_refused() {
    let world = start();
    git_on(&world, "2022-02-02", &["tag", "1.0"]);
    for (args, code, words) in [
        (&["--tags", "x*"][..], 65, "no tag matches `x*`"),
        (&["--tags", "v*", "--tags", "w*"], 65, "no tag matches `w*`"),
        (&["--tags", "*"], 65, "`1.0`, `v1.0` have the same label, `1.0`"),
        (&["--tags", "v*", "--skip", "w"], 65, "`--skip w` matches no selected tag"),
        (&["--tags", "v*", "--skip", "v*"], 65, "every tag is skipped"),
    ] {
        let ran = world.expect(code, &[&["backfill", "plan"], args].concat());
        assert!(ran.stderr.contains(words) && ran.stderr.contains("ZR0601"), "{words}: {ran}");
    }
    assert_eq!(world.requests().len(), 0);
}

#[test]
fn the_assets_of_a_release_are_laid_over_its_files() {
    let world = start();
    world.manifest(&from_tags("[[files]]\npath = \"*.pdf\"\n"));
    for (tag, _, content) in TAGS {
        world.write(&format!("assets/{tag}/paper.pdf"), content);
    }
    // One that is in the tag as well is a contradiction.
    world.write("assets/v0.1/a.csv", "other\n");
    let ran = world.expect(65, &["backfill", "plan", "--tags", "v*", "--assets", "assets"]);
    assert!(ran.stderr.contains("has a file at this path"), "{ran}");
    world.remove("assets/v0.1/a.csv");
    let assets = [&APPLY[..], &["--assets", "assets"]].concat();
    world.expect(0, &assets);
    let sizes: Vec<u64> = list_versions(&world).iter().map(|(.., files)| files[0].1).collect();
    assert_eq!(sizes, [4, 8, 6]);
    let left = ["backfill", "plan", "--tags", "v*", "--assets", "assets", "--detailed-exitcode"];
    world.expect(0, &left);
}

#[test]
fn what_a_command_builds_is_kept_and_only_read_from_then_on() {
    let world = start();
    world.manifest(&from_tags("[[files]]\npath = \"build/*.txt\"\n"));
    let script = "mkdir build && (cat a.csv; echo token=${ZREL_TOKEN_127_0_0_1_1:-none} \
                  x=${SECRET:-none} $SOURCE_DATE_EPOCH; git describe --tags) > build/out.txt \
                  && touch build/other.log";
    let build = ["backfill", "build", "--tags", "v*", "--", "sh", "-c", script];
    let mut command = world.command(&build);
    command.env("SECRET", "s3cret");
    let ran: crate::support::world::Ran = command.output().unwrap().into();
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("v0.1: kept 1 file"), "{ran}");
    assert_eq!(world.requests().len(), 0, "a build asks no server");
    let kept = ".zrel/backfill/built/zenodo.toml/v0.2/files/build/out.txt";
    assert_eq!(world.read(kept), "one,two\ntoken=none x=none 1622548800\nv0.2\n");
    // Again: nothing runs.
    let again = world.expect(0, &["backfill", "build", "--tags", "v*", "--", "false"]);
    assert!(again.stdout.contains("v1.0: built already"), "{again}");
    let before = world.read(kept);
    world.write(kept, "changed\n");
    let ran = world.expect(65, &["backfill", "plan", "--tags", "v*"]);
    assert!(ran.stderr.contains("error[ZR0604]") && ran.stderr.contains("--rebuild"), "{ran}");
    world.write(kept, &before);

    world.expect(0, &APPLY);
    assert_eq!(list_versions(&world).len(), 3);
    let left = ["backfill", "plan", "--tags", "v*", "--detailed-exitcode"];
    world.expect(0, &left);
}

#[test]
fn a_build_that_fails_keeps_nothing_and_gets_no_credential() {
    let world = start();
    world.manifest(&from_tags("[[files]]\npath = \"build/*.txt\"\n"));
    let failing = ["backfill", "build", "--tags", "v*", "--", "sh", "-c", "exit 3"];
    let ran = world.expect(1, &failing);
    assert!(ran.stderr.contains("v0.1: `sh` failed; its files were not kept"), "{ran}");
    let silent = ["backfill", "build", "--tags", "v*", "--", "true"];
    let ran = world.expect(65, &silent);
    assert!(ran.stderr.contains("ZR0209"), "what the manifest names was not made: {ran}");
    let asking = ["backfill", "build", "--tags", "v*", "--env", "ZENODO_TOKEN", "--", "true"];
    world.expect(64, &asking);
    assert!(!world.project().join(".zrel/backfill/built/zenodo.toml/v0.1").exists());
}

#[test]
fn each_tag_may_have_its_own_manifest() {
    let world = World::served();
    world.git(&["init", "-q", "-b", "main"]);
    for (tag, day, content) in TAGS {
        world.write("a.csv", content);
        let text =
            manifest(&tag[1..], FILES).replace("Tables of small forms", &format!("Forms {tag}"));
        world.manifest(&text);
        git_on(&world, day, &["add", "a.csv", "zenodo.toml"]);
        git_on(&world, day, &["commit", "-qm", "work"]);
        git_on(&world, day, &["tag", "-m", tag, tag]);
    }
    world.expect(0, &[&APPLY[..], &["--own-manifest"]].concat());
    let mut all = world.own_depositions();
    all.sort_by_key(|one| one["id"].as_u64());
    let titles: Vec<&str> = all.iter().map(|one| one["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Forms v0.1", "Forms v0.2", "Forms v1.0"]);
    let left = ["backfill", "plan", "--tags", "v*", "--own-manifest", "--detailed-exitcode"];
    world.expect(0, &left);
    git_on(&world, "2020-01-01", &["rm", "-q", "--cached", "zenodo.toml"]);
    git_on(&world, "2023-01-01", &["commit", "-qm", "without"]);
    git_on(&world, "2023-01-01", &["tag", "v2.0"]);
    let ran = world.expect(65, &["backfill", "plan", "--tags", "v*", "--own-manifest"]);
    assert!(ran.stderr.contains("ZR0605") && ran.stderr.contains("v2.0"), "{ran}");
}

#[test]
fn all_tags_with_a_fault_are_named_at_once() {
    let world = start();
    world.git(&["rm", "-q", "a.csv", "same.csv"]);
    git_on(&world, "2023-01-01", &["commit", "-qm", "empty"]);
    git_on(&world, "2023-01-01", &["tag", "v2.0"]);
    git_on(&world, "2023-01-01", &["tag", "v2.1"]);
    let ran = world.expect(65, &["backfill", "plan", "--tags", "v*"]);
    for words in ["v2.0: ", "v2.1: ", "2 tags can't be planned; nothing was sent"] {
        assert!(ran.stderr.contains(words), "«{words}» in {ran}");
    }
    let json = world.expect(65, &["backfill", "plan", "--tags", "v*", "--format", "json"]).json();
    assert!(json.to_string().contains("v2.1: "), "{json}");
    assert_eq!(json["error"]["findings"].as_array().unwrap().len(), 2, "{json}");
    assert_eq!(world.writes().len(), 0);
}

#[test]
fn two_tags_with_the_same_files_are_two_versions() {
    let world = start();
    git_on(&world, "2022-02-02", &["commit", "-q", "--allow-empty", "-m", "nothing"]);
    git_on(&world, "2022-02-02", &["tag", "v1.1"]);
    world.expect(0, &["backfill", "apply", "--tags", "v1.0", "--initial", "--auto-approve"]);
    world.expect(0, &["backfill", "apply", "--tags", "v1.*", "--auto-approve"]);
    let labels: Vec<String> = list_versions(&world).into_iter().map(|(label, ..)| label).collect();
    assert_eq!(labels, ["1.0", "1.1"]);
    world.expect(0, &["backfill", "plan", "--tags", "v1.*", "--detailed-exitcode"]);
}

#[test]
fn an_archive_is_made_of_what_git_has_in_the_folder_of_the_manifest() {
    let world = World::served();
    world.git(&["init", "-q", "-b", "main"]);
    world.write(".gitignore", "*.log\n");
    world.write("other/elsewhere.txt", "not of this record\n");
    for (tag, day, content) in TAGS {
        world.write("deposits/a/src/run.sh", &format!("echo {content}"));
        world.write("deposits/a/src/made.log", "ignored\n");
        git_on(&world, day, &["add", "-A"]);
        git_on(&world, day, &["commit", "-qm", "work"]);
        git_on(&world, day, &["tag", tag]);
    }
    let archive = "[[files]]\narchive = \"src\"\n";
    world.manifest_as("deposits/a/zenodo.toml", &from_tags(archive));
    // What is changed and not committed now is of no tag.
    world.write("deposits/a/src/run.sh", "echo changed\n");
    let in_folder = |args: &[&str]| {
        let all = [&["-C", "deposits/a", "backfill"], args].concat();
        world.expect(0, &all)
    };
    in_folder(&APPLY[1..]);
    let planned = in_folder(&["plan", "--tags", "v*", "--detailed-exitcode"]);
    assert!(planned.stdout.contains("0 to publish"), "{planned}");
    assert_eq!(list_versions(&world).len(), 3);
    // The archive of the last tag is what a checkout of it has.
    world.git(&["checkout", "-q", "--", "."]);
    world.expect(0, &["-C", "deposits/a", "plan", "--detailed-exitcode"]);
}

#[test]
fn a_member_of_a_workspace_has_its_own_past_releases() {
    let world = start();
    let text = world.read("zenodo.toml");
    world.write("zenodo.toml", "[workspace]\nmembers = [\"deposits/*\"]\n");
    world.write("deposits/a/zenodo.toml", &text);
    for (tag, day, content) in TAGS {
        world.write("deposits/a/a.csv", content);
        git_on(&world, day, &["add", "deposits/a/a.csv"]);
        git_on(&world, day, &["commit", "-qm", "more"]);
        git_on(&world, day, &["tag", "-f", tag]);
    }
    let ran = world.expect(64, &["backfill", "plan", "--tags", "v*"]);
    assert!(ran.stderr.contains("-C DIR"), "{ran}");
    world.expect(0, &[&["-C", "deposits/a"], &APPLY[..]].concat());
    world.expect(
        0,
        &["-C", "deposits/a", "backfill", "plan", "--tags", "v*", "--detailed-exitcode"],
    );
    world.expect(0, &["plan", "--detailed-exitcode"]);
}

#[test]
fn texts_of_the_present_manifest_are_those_of_the_present() {
    let world = start();
    let text = from_tags(FILES)
        .replace("description = \"<p>Some tables.</p>\"", "description = { file = \"ABOUT.md\" }");
    world.manifest(&text);
    world.write("ABOUT.md", "Some tables of the present.\n");
    world.expect(0, &APPLY);
    for one in world.own_depositions() {
        let description = one["metadata"]["description"].as_str().unwrap();
        assert!(description.contains("of the present"), "{description}");
    }
    expect_nothing_left(&world);
}

#[test]
fn a_rehearsal_needs_no_account_and_leaves_the_lock_alone() {
    let world = World::local();
    prepare(&world);
    world.expect(0, &["backfill", "apply", "--tags", "v*", "--auto-approve"]);
    let left = ["backfill", "plan", "--tags", "v*", "--detailed-exitcode"];
    world.expect(0, &left);
    let history = world.expect(0, &["history"]).stdout;
    for label in ["0.1", "0.2", "1.0"] {
        assert!(history.contains(label), "{history}");
    }
    assert!(!world.project().join("zenodo.lock").exists());
}

#[test]
fn patterns_match_slashes_and_a_tag_that_is_no_version_is_refused() {
    let world = start();
    git_on(&world, "2022-02-02", &["tag", "release/2.0"]);
    git_on(&world, "2022-03-03", &["tag", "latest"]);
    let ran = world.expect(65, &["backfill", "plan", "--tags", "*"]);
    for words in ["`latest` is not a version", "`release/2.0` is not a version", "--skip latest"] {
        assert!(ran.stderr.contains(words), "«{words}» in {ran}");
    }
    let text =
        world.read("zenodo.toml").replace("\"git-tag\"", "\"git-tag\", strip = \"release/\"");
    world.write("zenodo.toml", &text);
    let ran = world.expect(0, &["backfill", "plan", "--tags", "*", "--skip", "lat*"]);
    for words in ["release/2.0  2022-01-15  ", "new version 2.0", "new version 1.0"] {
        assert!(ran.stdout.contains(words), "«{words}» in {ran}");
    }
    // One that is named itself is meant.
    world.expect(0, &["backfill", "plan", "--tags", "latest"]);
}

#[test]
fn a_plan_that_needs_a_confirmation_names_no_command_that_does_exactly_this() {
    let world = start();
    let ran = world.expect(0, &["backfill", "plan", "--tags", "v*"]);
    let said = format!("{ran}");
    assert!(!said.contains("To do exactly this"), "{ran}");
    assert!(said.contains("run `zrel backfill apply --tags 'v*' --initial`"), "{ran}");
    let digest = plan(&world, &[])["digest"].as_str().unwrap().to_owned();
    let apply = ["backfill", "apply", "--tags", "v*", "--expect", &digest];
    let ran = world.expect(13, &apply);
    assert!(ran.stderr.contains("run `zrel backfill apply --tags 'v*' --initial`"), "{ran}");
    assert_eq!(world.own_depositions().len(), 0);
}

#[test]
fn what_zrel_published_need_not_have_what_the_manifest_names_now() {
    let world = start();
    world.expect(0, &APPLY);
    world.write("late.csv", "late\n");
    git_on(&world, "2023-01-01", &["add", "late.csv"]);
    git_on(&world, "2023-01-01", &["commit", "-qm", "late"]);
    git_on(&world, "2023-01-01", &["tag", "v2.0"]);
    world.manifest(&from_tags(
        &format!("{FILES}\n[[files]]\npath = \"late.csv\"\nas = \"l.csv\"\n")
            .replace("path = \"*.csv\"", "path = \"*.csv\"\nexclude = [\"late.csv\"]"),
    ));
    world.expect(0, &APPLY);
    assert_eq!(list_versions(&world).len(), 4);
    expect_nothing_left(&world);
}

#[test]
fn assets_that_do_not_fit_the_tags_are_reported() {
    let world = start();
    world.write("assets/v0.1/more.csv", "more\n");
    world.write("assets/0.2/more.csv", "more\n");
    let ran = world.expect(65, &["backfill", "plan", "--tags", "v*", "--assets", "asets"]);
    assert!(ran.stderr.contains("can't use the folder of assets `asets`"), "{ran}");
    let ran = world.expect(0, &["backfill", "plan", "--tags", "v*", "--assets", "assets"]);
    let said = format!("{ran}");
    for words in [
        "warning[ZR0606]: no folder in `assets` for `v0.2`, `v1.0`",
        "warning[ZR0606]: no selected tag for `0.2` in `assets`",
    ] {
        assert!(said.contains(words), "«{words}» in {ran}");
    }
}

#[test]
fn a_build_is_made_again_when_the_manifest_names_another_file() {
    let world = start();
    world.manifest(&from_tags("[[files]]\npath = \"build/a.txt\"\n"));
    let build = ["backfill", "build", "--tags", "v*", "--", "sh", "-c"];
    let script = "mkdir build; cp a.csv build/a.txt; cp a.csv build/b.txt";
    world.expect(0, &[&build[..], &[script]].concat());
    world.manifest(&from_tags(
        "[[files]]\npath = \"build/*.txt\"\n\n[[files]]\npath = \"build/b.txt\"\nas = \"c.txt\"\n",
    ));
    let ran = world.expect(0, &[&build[..], &[script]].concat());
    assert!(ran.stdout.contains("v0.1: kept 2 files"), "{ran}");
    // One that fails leaves nothing of the one before.
    let rebuild = ["backfill", "build", "--tags", "v0.1", "--rebuild", "--", "false"];
    world.expect(1, &rebuild);
    let ran = world.expect(65, &["backfill", "plan", "--tags", "v0.1"]);
    assert!(ran.stderr.contains("`zrel backfill build` makes what is built"), "{ran}");
}

#[test]
fn a_digest_for_one_record_does_not_hold_for_another() {
    let world = start();
    world.expect(0, &["backfill", "apply", "--tags", "v0.1", "--initial", "--auto-approve"]);
    let lock = world.read("zenodo.lock");
    world.remove("zenodo.lock");
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    let same = ["--initial", "--same-title", "--auto-approve"];
    let other = ["backfill", "apply", "--tags", "v0.1", "--tags", "v0.2"];
    world.expect(0, &[&other[..], &same].concat());
    let other_lock = world.read("zenodo.lock");
    world.write("zenodo.lock", &lock);
    let digest = plan(&world, &[])["digest"].as_str().unwrap().to_owned();
    let apply = ["backfill", "apply", "--tags", "v*", "--expect", &digest];
    refuse_publication(&world, 2);
    world.zrel(&apply);
    world.faults().heal();
    assert_eq!(world.own_depositions().iter().filter(|one| one["submitted"] == true).count(), 4);
    // The branch with the other record is checked out.
    world.write("zenodo.lock", &other_lock);
    std::fs::remove_file(world.project().join(".zrel/journal-test")).ok();
    let ran = world.zrel(&apply);
    assert_eq!(ran.code, 10, "{ran}");
    world.write("zenodo.lock", &lock);
    assert_eq!(world.own_depositions().iter().filter(|one| one["submitted"] == true).count(), 4);
}

#[test]
fn a_tag_that_was_not_built_beside_others_that_were_is_a_fault() {
    let world = start();
    world.manifest(&from_tags("[[files]]\npath = \"**/*.csv\"\n"));
    let script = "mkdir out; grep -q one,two a.csv && exit 3; cp a.csv out/r.csv";
    world.expect(1, &["backfill", "build", "--tags", "v*", "--", "sh", "-c", script]);
    let ran = world.expect(65, &["backfill", "plan", "--tags", "v*"]);
    for words in ["error[ZR0604]: nothing was built for `v0.2`", "`v1.0`", "--skip v0.2"] {
        assert!(ran.stderr.contains(words), "«{words}» in {ran}");
    }
    let planned = plan(&world, &["--skip", "v0.2", "--skip", "v1.0"]);
    let added = &planned["releases"][0]["added"];
    assert_eq!(*added, serde_json::json!([{ "path": "out/r.csv", "from": "built" }]), "{planned}");
    let skip = ["backfill", "plan", "--tags", "v0.1"];
    let shown = world.expect(0, &skip).stdout;
    assert!(shown.contains("Not of the tag: out/r.csv (built)"), "{shown}");
}

#[test]
fn built_files_that_a_repository_brings_are_not_used() {
    let world = start();
    world.manifest(&from_tags("[[files]]\npath = \"**/*.csv\"\n"));
    let script = "mkdir out; echo fabricated > out/z.csv";
    world.expect(0, &["backfill", "build", "--tags", "v*", "--", "sh", "-c", script]);
    world.git(&["add", "-f", ".zrel/backfill/built"]);
    let ran = world.expect(65, &["backfill", "plan", "--tags", "v*"]);
    assert!(ran.stderr.contains("it is in the git repository, and was not built here"), "{ran}");
}

#[cfg(unix)]
#[test]
fn nothing_is_removed_through_a_link_below_zrels_folder() {
    let world = start();
    let kept = world.path().join("elsewhere/v0.1");
    std::fs::create_dir_all(&kept).unwrap();
    std::fs::write(kept.join("thesis.tex"), "precious").unwrap();
    for link in [".zrel/backfill/built/zenodo.toml", ".zrel/backfill/built", ".zrel/backfill"] {
        let place = world.project().join(link);
        std::fs::remove_dir_all(world.project().join(".zrel")).ok();
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(world.path().join("elsewhere"), &place).unwrap();
        let build = ["backfill", "build", "--tags", "v0.1", "--", "true"];
        let ran = world.zrel(&build);
        assert_ne!(ran.code, 0, "{link}: {ran}");
        let ran = world.zrel(&["backfill", "plan", "--tags", "v0.1"]);
        assert_ne!(ran.code, 0, "{link}: {ran}");
        assert_eq!(std::fs::read_to_string(kept.join("thesis.tex")).unwrap(), "precious", "{link}");
    }
}

#[cfg(unix)]
#[test]
fn a_build_is_in_a_folder_that_nobody_else_may_read() {
    let world = start();
    world.manifest(&from_tags("[[files]]\npath = \"mode.txt\"\n"));
    let script = "stat -c %a .. > mode.txt";
    world.expect(0, &["backfill", "build", "--tags", "v0.1", "--", "sh", "-c", script]);
    let mode = world.read(".zrel/backfill/built/zenodo.toml/v0.1/files/mode.txt");
    assert_eq!(mode, "700\n");
}

#[test]
fn tags_of_one_time_come_in_the_order_of_their_commits() {
    let world = World::served();
    world.git(&["init", "-q", "-b", "main"]);
    for (n, tag) in ["v1.0-rc1", "v1.0", "v1.9", "v1.10"].iter().enumerate() {
        world.write("a.csv", &format!("{n}\n"));
        let day = format!("2021-0{}-01", n + 1);
        git_on(&world, &day, &["add", "a.csv"]);
        git_on(&world, &day, &["commit", "-qm", "work"]);
        git_on(&world, "2024-01-01", &["tag", "-m", tag, tag]);
    }
    world.manifest(&from_tags(FILES));
    let planned = plan(&world, &["--initial"]);
    let tags: Vec<&Json> =
        planned["releases"].as_array().unwrap().iter().map(|it| &it["tag"]).collect();
    assert_eq!(tags, ["v1.0-rc1", "v1.0", "v1.9", "v1.10"]);
    let last = ["backfill", "apply", "--tags", "v1.10", "--initial", "--auto-approve"];
    world.expect(0, &last);
    world.expect(11, &["backfill", "plan", "--tags", "v*"]);
}

#[test]
fn without_a_command_it_is_an_apply() {
    let world = start();
    world.expect(64, &["backfill"]);
    world.expect(64, &["backfill", "--tags", "v*", "plan"]);
    world.expect(0, &["backfill", "--tags", "v*", "--initial", "--auto-approve"]);
    assert_eq!(list_versions(&world).len(), 3);
    expect_nothing_left(&world);
}

#[test]
fn a_document_alone_approves_nothing() {
    let world = start();
    let json = ["backfill", "apply", "--tags", "v*", "--initial", "--format", "json"];
    let ran = world.expect(64, &json);
    assert!(format!("{ran}").contains("--expect DIGEST"), "{ran}");
    refuse_publication(&world, 2);
    let ran = world.zrel(&[&json[..], &["--auto-approve"]].concat());
    assert!(ran.json().to_string().contains("v0.1 was published before it, as 10.5072/"), "{ran}");
}
