//! The last lines of a plan and of an apply say what was done, and suggested commands work.

use zrel::check::check;
use zrel::model::{ConceptId, Server};
use zrel::plan::Blocker;

use crate::support::universe::{LATEST, universe};
use crate::support::world::{FILES, World, manifest, publish_first};

#[test]
fn an_edit_is_not_called_a_publication() {
    let world = World::served();
    publish_first(&world);
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    let ran = world.apply_then_expect_no_changes(&[]);
    assert!(ran.stdout.contains("\nChanged the metadata of Tables of small forms"), "{ran}");
    assert!(!ran.stdout.contains("\nPublished"), "{ran}");
}

#[test]
fn suggested_commands_have_the_flags_of_the_plan() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    world.write("other.toml", &world.read("zenodo.toml"));
    let ran = world.expect(0, &["plan", "-m", "other.toml", "--initial", "--no-publish"]);
    let offer = "To do it: zrel -m other.toml apply --no-publish --initial\n";
    assert!(ran.stderr.contains(offer), "{ran}");
    let mut command: Vec<&str> = offer.trim().split(' ').skip(4).collect();
    command.push("--auto-approve");
    world.expect(0, &command);
    let plan = ["plan", "-m", "other.toml", "--no-publish", "--detailed-exitcode"];
    let again = world.expect(0, &plan);
    assert!(again.stdout.contains("No changes."), "{again}");
}

#[test]
fn the_way_past_a_blocker_is_suggested_with_folder_and_manifest() {
    let world = World::served();
    world.write("sub/a.csv", "one\n");
    world.manifest_as("sub/other.toml", &manifest("1.0", FILES));
    let at = ["-C", "sub", "-m", "other.toml"];
    let run = |code: i32, more: &[&str]| world.expect(code, &[&at[..], more].concat());
    let zrel = "zrel -C sub -m other.toml";
    // A first record needs confirmation; a saved plan suggests the same, and is read as written.
    for ran in [run(0, &["plan", "--out", "first.plan"]), run(0, &["show", "first.plan"])] {
        assert!(ran.stdout.contains(&format!("or run `{zrel} apply --initial`")), "{ran}");
    }
    let ran = run(13, &["apply"]);
    assert!(ran.stderr.contains(&format!("or run `{zrel} apply --initial`")), "{ran}");
    let ran = run(13, &["apply", "--initial"]);
    let offer = format!("{zrel} apply --initial --auto-approve");
    assert!(ran.stderr.contains(&offer), "{ran}");
    let command: Vec<&str> = offer.split(' ').skip(1).collect();
    world.expect(0, &command);
    // A version that zrel did not apply, then a draft that is not zrel's.
    let ran = run(0, &["status", "--format", "json"]);
    let record = ran.json()["latest"].as_u64().unwrap();
    let draft = world.new_version_by_hand(record)["id"].as_u64().unwrap();
    world.put_metadata(draft, |metadata| metadata["notes"] = "<p>by hand</p>".into());
    world.manifest_as("sub/other.toml", &manifest("1.1", FILES));
    let ran = run(11, &["plan"]);
    assert!(ran.stdout.contains(&format!("`{zrel} apply --adopt-draft {draft}`")), "{ran}");
    // The document may be read elsewhere, and names no folder of this machine.
    let ran = run(11, &["plan", "--format", "json"]);
    assert!(ran.stdout.contains(&format!("`zrel apply --adopt-draft {draft}`")), "{ran}");
}

#[test]
fn the_lock_of_the_local_server_is_named_where_it_is() {
    for (name, file, other) in
        [("local", ".zrel/local.lock", "zenodo.lock"), ("zenodo", "zenodo.lock", "local.lock")]
    {
        let mut plan = universe().plan();
        plan.server = Server::built_in(name).unwrap();
        plan.blockers = vec![
            Blocker::BindingChanged { lock: ConceptId(1.into()), manifest: ConceptId(2.into()) },
            Blocker::AnotherWork {
                version: LATEST,
                title: "Rings".to_owned(),
                creators: Vec::new(),
            },
        ];
        let checked = check(plan);
        for code in ["ZR0312", "ZR0319"] {
            let finding = checked.findings().iter().find(|finding| finding.code == code).unwrap();
            let said = format!("{} {}", finding.summary, finding.hints.join(" "));
            assert!(said.contains(file) && !said.contains(other), "{said}");
        }
    }
}

/// The local server of a command ends with it.
#[test]
fn the_page_of_the_local_server_is_a_command() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let ran = world.apply(&["--initial", "--no-publish"]);
    assert!(ran.stdout.contains("\n  page         zrel open\n"), "{ran}");
    let draft = world.expect(0, &["show"]);
    assert!(draft.stdout.contains("\npage         zrel open\n"), "{draft}");
    let published = world.apply(&[]);
    let record = world.expect(0, &["show"]);
    assert!(record.stdout.contains("\npage         zrel open\n"), "{record}");
    for ran in [ran, draft, published, record] {
        assert!(!ran.stdout.contains("127.0.0.1"), "{ran}");
    }
}

#[test]
fn a_damaged_lock_is_settled_by_a_command() {
    let world = World::local();
    publish_first(&world);
    let concept = world.concept().to_string();
    let lock = world.read(".zrel/local.lock");
    for bad in [lock.replacen("last = 1", "last = 2", 1), format!("<<<<<<< a\n{lock}")] {
        world.write(".zrel/local.lock", &bad);
        let ran = world.expect(65, &["plan"]);
        assert!(ran.stderr.contains("local.lock` can't be trusted"), "{ran}");
        assert!(ran.stderr.contains("`zrel lock --rebuild`"), "{ran}");
        assert!(!ran.stderr.contains("hint: settle") && !ran.stderr.contains("git"), "{ran}");
        world.expect(0, &["lock", "--rebuild", "--concept", &concept]);
        assert_eq!(world.read(".zrel/local.lock"), lock);
        world.expect_no_changes();
    }
}

#[test]
fn a_finished_plan_counts_the_fields_that_were_set() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let count = |text: &str| {
        let before = text.split(" metadata fields").next().unwrap();
        before.rsplit(' ').next().unwrap().parse::<usize>().unwrap()
    };
    let set = count(&world.expect(0, &["plan"]).stdout);
    world.apply(&[]);
    let same = count(&world.expect(0, &["plan"]).stdout);
    assert_eq!(same, set);
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains(&format!("({set} unchanged)")), "{ran}");
}

#[test]
fn a_draft_that_agrees_is_named_and_shown() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("1.1", FILES));
    let ran = world.expect(0, &["plan", "--no-publish"]);
    assert!(ran.stdout.contains(", not published.\n"), "{ran}");
    let ran = world.expect(0, &["plan"]);
    assert!(!ran.stdout.contains("not published"), "{ran}");
    world.apply(&["--no-publish"]);
    let draft = world.open_drafts()[0];
    let ran = world.expect(0, &["plan", "--no-publish", "--detailed-exitcode"]);
    let said = format!("No changes. Draft {draft} is as the manifest says");
    assert!(ran.stdout.contains(&said), "{ran}");
    let shown = world.expect(0, &["show"]);
    assert!(shown.stdout.contains(&format!("Open draft {draft} of a new version")), "{shown}");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_forgotten_draft_is_not_attributed_to_a_run() {
    let world = World::served();
    let record = publish_first(&world);
    world.new_version_by_hand(record);
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("1.1", FILES));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("it holds only what is published or planned"), "{ran}");
    assert!(!ran.stdout.contains("earlier run"), "{ran}");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn what_can_not_be_had_counts_no_files() {
    let mut world = World::served();
    publish_first(&world);
    world.set_token(crate::support::world::BOB);
    let ran = world.expect(11, &["plan"]);
    assert!(ran.stdout.contains("Blocked. Plan: nothing can be planned.\n"), "{ran}");
}

#[test]
fn a_token_is_offered_at_the_server_s_own_address() {
    let mut world = World::served();
    publish_first(&world);
    world.set_token("");
    let ran = world.expect(77, &["plan"]);
    let offer = format!("make one at http://127.0.0.1:{}/account", world.port());
    assert!(ran.stderr.contains(&offer), "{ran}");
}

fn commit(world: &World, tag: &str) {
    world.git(&["add", "-A"]);
    world.git(&["commit", "-q", "-m", tag]);
    world.git(&["tag", tag]);
}

#[test]
fn tags_that_name_no_version_are_named_in_the_plan() {
    let world = World::served();
    world.write("a.csv", "one\n");
    let text = manifest("1.0", FILES)
        .replace("version = \"1.0\"", "version = { from = \"git-tag\", strip = \"release-\" }");
    world.manifest(&text);
    world.git(&["init", "-q", "-b", "main"]);
    commit(&world, "v1.0.0");
    let ran = world.expect(0, &["plan", "--initial"]);
    assert!(ran.stdout.contains("no tag on the commit names a version"), "{ran}");
    assert!(ran.stdout.contains("the commit has `v1.0.0`"), "{ran}");
    world.manifest(&text.replace(", strip = \"release-\"", ""));
    commit(&world, "v1.0.1");
    let ran = world.expect(0, &["plan", "--initial"]);
    assert!(ran.stdout.contains("Plan: new record 1.0.1"), "{ran}");
    world.apply_then_expect_no_changes(&["--initial"]);
}
