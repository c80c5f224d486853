//! Links between the members of a workspace by the DOI of a version: fixed when the linking version is
//! published, so that a member's later release is no change of the others.

use serde_json::{Value as Json, json};

use crate::support::world::World;

use super::workspace::{
    count_published, expect_no_changes, plan, refuse_publication, refuse_uploads, start_in_git,
    write_member, write_root,
};
use super::workspace_links::link_to;

/// Makes a workspace of three members, of which `a` and `b` link to each other's version.
fn start_linked(world: &World) {
    start_in_git(world);
    write_linked(world, "1.0", "1.0");
}

/// Writes `a` and `b` with these labels.
fn write_linked(world: &World, a: &str, b: &str) {
    write_member(world, "a", a, &link_to_version("deposits/b"));
    write_member(world, "b", b, &link_to_version("deposits/a"));
}

fn link_to_version(key: &str) -> String {
    format!(
        "related_identifiers = [{{ member = \"{key}\", doi = \"version\", relation = \"cites\" }}]"
    )
}

/// Returns the published version of a member that has this label, as the server has it.
fn read_version(world: &World, name: &str, label: &str) -> Json {
    let title = format!("Tables {name}");
    let is_wanted = |one: &Json| {
        one["title"] == title.as_str()
            && one["submitted"] == true
            && one["metadata"]["version"] == label
    };
    let all = world.own_depositions();
    let found = all.into_iter().find(is_wanted);
    let id = found.unwrap_or_else(|| panic!("{name} {label} is not published"))["id"].clone();
    world.deposition(id.as_u64().unwrap())
}

fn read_doi(world: &World, name: &str, label: &str) -> String {
    read_version(world, name, label)["doi"].as_str().unwrap().to_owned()
}

/// Returns what a version links to.
fn list_related(world: &World, name: &str, label: &str) -> Vec<String> {
    let version = read_version(world, name, label);
    let related = version["metadata"]["related_identifiers"].as_array().cloned();
    let related = related.unwrap_or_default();
    related.iter().map(|one| one["identifier"].as_str().unwrap().to_owned()).collect()
}

/// Expects that these versions of `a` and `b` have each other's DOI.
fn expect_linked(world: &World, a: &str, b: &str) {
    assert_eq!(list_related(world, "a", a), [read_doi(world, "b", b)]);
    assert_eq!(list_related(world, "b", b), [read_doi(world, "a", a)]);
}

fn list_kinds(plan: &Json) -> Vec<&str> {
    let members = plan["members"].as_array().unwrap().iter();
    members.map(|one| one["plan"]["operation"]["kind"].as_str().unwrap()).collect()
}

fn read_digest(world: &World, args: &[&str]) -> String {
    plan(world, args)["digest"].as_str().unwrap().to_owned()
}

#[test]
fn versions_that_link_to_each_other_are_published_at_once() {
    let world = World::served();
    start_linked(&world);
    let before = plan(&world, &["--initial"]);
    assert_eq!(before["members"][0]["plan"]["version_links"], json!({ "deposits/b": null }));
    assert_eq!(before["members"][0]["plan"].get("links"), None);
    let shown = world.expect(0, &["plan", "--initial"]).stdout;
    let words = "note[ZR0327]: the DOI of the version of `deposits/b` is not known yet";
    assert!(shown.contains(words), "{shown}");
    let alone = world.expect(11, &["-C", "deposits/a", "apply", "--initial", "--auto-approve"]);
    assert!(alone.stderr.contains("links to a member whose DOI is not known yet"), "{alone}");
    let chosen = ["apply", "-p", "deposits/a", "--initial", "--auto-approve"];
    let refused = world.expect(64, &chosen);
    assert!(refused.stderr.contains("name it as well: -p deposits/b"), "{refused}");
    assert_eq!(world.own_depositions().len(), 0);
    let digest = before["digest"].as_str().unwrap();
    world.expect(0, &["apply", "--initial", "--expect", digest]);
    expect_linked(&world, "1.0", "1.0");
    expect_no_changes(&world);
    let listed = world.expect(0, &["workspace", "list", "--format", "json"]).json();
    assert_eq!(listed["members"][0]["depends"], json!(["deposits/b"]));

    // The next versions, again of both at once.
    write_linked(&world, "1.1", "1.1");
    let digest = read_digest(&world, &[]);
    world.expect(0, &["apply", "--expect", &digest]);
    expect_linked(&world, "1.1", "1.1");
    expect_linked(&world, "1.0", "1.0");
    expect_no_changes(&world);
    assert_eq!(count_published(&world), 5);
}

#[test]
fn a_later_release_of_a_member_is_no_change_of_the_others() {
    let world = World::served();
    start_linked(&world);
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    let lock = world.read("deposits/a/zenodo.lock");
    let first = read_doi(&world, "b", "1.0");
    assert!(lock.contains(&format!("links.\"deposits/b\" = \"{first}\" # ")), "{lock}");

    write_linked(&world, "1.0", "2.0");
    assert_eq!(list_kinds(&plan(&world, &[])), ["nothing", "new_version", "nothing"]);
    world.expect(0, &["apply", "--auto-approve"]);
    expect_no_changes(&world);
    assert_eq!(list_related(&world, "a", "1.0"), [first]);
    assert_eq!(world.read("deposits/a/zenodo.lock"), lock);

    // An edit in place keeps the link as well.
    let path = "deposits/a/zenodo.toml";
    world.write(path, &world.read(path).replace("About a", "More about a"));
    assert_eq!(list_kinds(&plan(&world, &[])), ["edit", "nothing", "nothing"]);
    world.expect(0, &["apply", "--auto-approve"]);
    assert_eq!(list_related(&world, "a", "1.0"), [read_doi(&world, "b", "1.0")]);
    expect_no_changes(&world);

    // Its own next version links to what the member describes then.
    write_linked(&world, "1.1", "2.0");
    let now = plan(&world, &[]);
    let second = read_doi(&world, "b", "2.0");
    assert_eq!(now["members"][0]["plan"]["verdict"], "ready", "{now}");
    assert_eq!(now["members"][0]["plan"]["version_links"], json!({ "deposits/b": second }));
    world.expect(0, &["-C", "deposits/a", "apply", "--auto-approve"]);
    assert_eq!(list_related(&world, "a", "1.1"), [second]);
    assert_eq!(list_related(&world, "b", "2.0"), [read_doi(&world, "a", "1.0")]);
    expect_no_changes(&world);
}

#[test]
fn a_digest_from_before_the_dois_holds_after_a_failure() {
    let mut world = World::served();
    world.set_jobs(1);
    start_linked(&world);
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    write_linked(&world, "1.1", "1.1");
    let digest = read_digest(&world, &[]);
    refuse_uploads(&world);
    assert_ne!(world.zrel(&["apply", "--expect", &digest]).code, 0);
    assert_eq!(count_published(&world), 3);
    world.faults().heal();
    assert_ne!(read_digest(&world, &[]), digest, "the DOIs are known now");
    refuse_publication(&world, 2);
    assert_ne!(world.zrel(&["apply", "--expect", &digest]).code, 0);
    assert_eq!(count_published(&world), 4);
    world.faults().heal();
    world.expect(0, &["apply", "--expect", &digest]);
    expect_linked(&world, "1.1", "1.1");
    expect_no_changes(&world);
    assert_eq!(count_published(&world), 5);
}

#[test]
fn a_digest_holds_where_the_version_was_reserved_by_hand_since() {
    let world = World::served();
    start_linked(&world);
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    write_linked(&world, "1.1", "1.1");
    let digest = read_digest(&world, &[]);
    world.expect(0, &["-C", "deposits/a", "reserve"]);
    world.expect(0, &["-C", "deposits/b", "reserve"]);
    world.expect(0, &["apply", "--expect", &digest]);
    expect_linked(&world, "1.1", "1.1");
    expect_no_changes(&world);
}

#[test]
fn a_record_links_to_a_concept_that_is_known_and_to_a_version_that_is_not() {
    let world = World::served();
    start_linked(&world);
    write_member(&world, "a", "1.0", "");
    write_member(&world, "b", "1.0", "");
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    let both = "related_identifiers = [{ member = \"deposits/b\", relation = \"cites\" }, \
                { member = \"deposits/b\", doi = \"version\", relation = \"cites\" }]";
    write_member(&world, "a", "1.1", both);
    write_member(&world, "b", "1.1", "");
    let before = plan(&world, &[]);
    let concept = read_version(&world, "b", "1.0")["conceptdoi"].clone();
    let a = &before["members"][0]["plan"];
    assert_eq!(a["links"], json!({ "deposits/b": concept }));
    assert_eq!(a["version_links"], json!({ "deposits/b": null }));
    let listed = world.expect(0, &["workspace", "list", "--format", "json"]).json();
    assert_eq!(listed["members"][0]["depends"], json!(["deposits/b"]));
    refuse_uploads(&world);
    let digest = before["digest"].as_str().unwrap();
    assert_ne!(world.zrel(&["apply", "--expect", digest]).code, 0);
    world.faults().heal();
    world.expect(0, &["apply", "--expect", digest]);
    let wanted = [concept.as_str().unwrap().to_owned(), read_doi(&world, "b", "1.1")];
    assert_eq!(list_related(&world, "a", "1.1"), wanted);
    expect_no_changes(&world);
}

#[test]
fn a_version_that_only_a_lock_does_not_know_is_found_and_no_draft_is_opened() {
    let world = World::served();
    start_linked(&world);
    write_member(&world, "a", "1.0", "");
    write_member(&world, "b", "1.0", "");
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    let concept = read_version(&world, "b", "1.0")["conceptrecid"].as_str().unwrap().to_owned();
    let bind = format!("\n[record.concept]\ntest = {concept}\n");
    let write_b = |more: &str| {
        write_member(&world, "b", "1.0", more);
        let path = "deposits/b/zenodo.toml";
        world.write(path, &format!("{}{bind}", world.read(path)));
    };
    // A clone has the concept, and no lock. Once nothing changes in the member, once it is edited.
    for (own, label, wanted) in [("", "1.1", "nothing"), ("notes = \"More.\"", "1.2", "edit")] {
        write_b(own);
        world.remove("deposits/b/zenodo.lock");
        write_member(&world, "a", label, &link_to_version("deposits/b"));
        let alone = world.zrel(&["-C", "deposits/a", "plan", "--format", "json"]).json();
        assert_eq!(alone["verdict"], "unlinked", "{alone}");
        // At the root, the plan of the member says which version it describes.
        let before = plan(&world, &[]);
        assert_eq!(list_kinds(&before), ["new_version", wanted, "nothing"]);
        assert_eq!(before["members"][0]["plan"]["verdict"], "ready", "{before}");
        let refused = world.expect(64, &["apply", "-p", "deposits/a", "--auto-approve"]);
        assert!(refused.stderr.contains("name it as well: -p deposits/b"), "{refused}");
        world.requests();
        let digest = before["digest"].as_str().unwrap();
        world.expect(0, &["apply", "--expect", digest]);
        let drafts =
            world.writes().into_iter().filter(|write| write.path.ends_with("/newversion")).count();
        assert_eq!(drafts, 1, "only that of `a`");
        assert_eq!(list_related(&world, "a", label), [read_doi(&world, "b", "1.0")]);
        expect_no_changes(&world);
    }
    assert!(world.open_drafts().is_empty());
}

#[test]
fn a_collection_has_the_versions_of_its_parts() {
    let world = World::served();
    start_linked(&world);
    write_member(&world, "c", "1.0", &link_to_version("deposits/*").replace("cites", "hasPart"));
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    let wanted = [read_doi(&world, "a", "1.0"), read_doi(&world, "b", "1.0")];
    assert_eq!(list_related(&world, "c", "1.0"), wanted);
    expect_no_changes(&world);
    // A member that is added is another part; the others stay as they were published.
    write_linked(&world, "1.1", "1.0");
    write_member(&world, "d", "1.0", "");
    let kinds = plan(&world, &["--initial"]);
    assert_eq!(list_kinds(&kinds), ["new_version", "nothing", "edit", "new_record"]);
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    let wanted = [&wanted[..], &[read_doi(&world, "d", "1.0")]].concat();
    assert_eq!(list_related(&world, "c", "1.0"), wanted);
    expect_no_changes(&world);
}

#[test]
fn a_link_that_an_edit_adds_is_fixed_with_the_edit() {
    let world = World::served();
    start_linked(&world);
    write_member(&world, "a", "1.0", "");
    write_member(&world, "b", "1.0", "");
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    write_member(&world, "a", "1.0", &link_to_version("deposits/b"));
    assert_eq!(list_kinds(&plan(&world, &[])), ["edit", "nothing", "nothing"]);
    world.expect(0, &["apply", "--auto-approve"]);
    expect_no_changes(&world);
    write_member(&world, "b", "2.0", "");
    world.expect(0, &["apply", "--auto-approve"]);
    assert_eq!(list_related(&world, "a", "1.0"), [read_doi(&world, "b", "1.0")]);
    expect_no_changes(&world);
    // Without the link, its version is forgotten.
    write_member(&world, "a", "1.0", "");
    world.expect(0, &["apply", "--auto-approve"]);
    assert!(!world.read("deposits/a/zenodo.lock").contains("links."));
    expect_no_changes(&world);
}

#[test]
fn a_run_that_ended_before_it_wrote_the_lock_goes_on() {
    let mut world = World::served();
    world.set_jobs(1);
    start_linked(&world);
    world.expect(0, &["apply", "--initial", "--no-publish", "--auto-approve"]);
    let filled = world.read("deposits/a/zenodo.lock");
    // `c` has no links and comes first, then `a`.
    refuse_publication(&world, 3);
    assert_ne!(world.zrel(&["apply", "--initial", "--auto-approve"]).code, 0);
    world.faults().heal();
    assert_eq!(count_published(&world), 2);
    let published = world.read("deposits/a/zenodo.lock");
    assert!(published.contains("links.\"deposits/b\""), "{published}");
    world.write("deposits/a/zenodo.lock", &filled);
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    assert_eq!(world.read("deposits/a/zenodo.lock"), published);
    expect_linked(&world, "1.0", "1.0");
    expect_no_changes(&world);
    assert_eq!(world.own_depositions().len(), 3);
}

#[test]
fn a_version_that_was_published_elsewhere_keeps_its_links() {
    let world = World::served();
    start_linked(&world);
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    write_linked(&world, "1.1", "1.1");
    let paths = ["deposits/a/zenodo.lock", "deposits/b/zenodo.lock"];
    let locks = paths.map(|path| {
        world.expect(0, &["-C", path.trim_end_matches("/zenodo.lock"), "reserve"]);
        world.read(path)
    });
    // As a workflow does it, whose locks never get here.
    world.expect(0, &["apply", "--auto-approve"]);
    for (path, lock) in paths.iter().zip(&locks) {
        world.write(path, lock);
    }
    expect_no_changes(&world);
    write_linked(&world, "1.1", "2.0");
    assert_eq!(list_kinds(&plan(&world, &[])), ["nothing", "new_version", "nothing"]);
    world.expect(0, &["apply", "--auto-approve"]);
    expect_no_changes(&world);
    assert_eq!(list_related(&world, "a", "1.1"), [read_doi(&world, "b", "1.1")]);
    assert_eq!(list_related(&world, "b", "2.0"), [read_doi(&world, "a", "1.1")]);
}

#[test]
fn workers_fill_members_whose_versions_link_to_each_other() {
    let world = World::served();
    start_linked(&world);
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    write_linked(&world, "1.1", "1.1");
    let digest = read_digest(&world, &[]);
    world.expect(0, &["apply", "--until", "prepare", "--expect", &digest]);
    for key in ["deposits/b", "deposits/a"] {
        world.expect(0, &["apply", "-p", key, "--until", "fill", "--auto-approve"]);
    }
    world.expect(0, &["apply", "--expect", &digest]);
    expect_linked(&world, "1.1", "1.1");
    expect_no_changes(&world);
}

#[test]
fn labels_from_a_git_tag_have_the_digest_of_before_the_tag() {
    let world = World::served();
    start_linked(&world);
    let commit = |label: &str| {
        write_linked(&world, label, label);
        for name in ["a", "b", "c"] {
            let path = format!("deposits/{name}/zenodo.toml");
            let text = world.read(&path).replace("1.0", label);
            let version = format!("version = \"{label}\"");
            world.write(&path, &text.replace(&version, "version = { from = \"git-tag\" }"));
            world.write(&format!("deposits/{name}/a.csv"), &format!("{name} {label}\n"));
        }
        world.git(&["add", "-A"]);
        world.git(&["commit", "-qm", label]);
    };
    for label in ["1.0", "1.1"] {
        commit(label);
        // What is reviewed has no tag yet.
        let digest = read_digest(&world, &["--initial"]);
        world.git(&["tag", label]);
        world.expect(0, &["apply", "--initial", "--expect", &digest]);
        expect_linked(&world, label, label);
        expect_no_changes(&world);
        // Between two releases, nothing says what the next label will be.
        world.git(&["add", "-A"]);
        world.git(&["commit", "-qm", "locks"]);
        expect_no_changes(&world);
    }
    assert_eq!(count_published(&world), 6);
}

#[test]
fn links_to_versions_that_can_not_be_told_are_shown_in_the_manifest() {
    let world = World::served();
    start_linked(&world);
    let without_version = |name: &str| {
        let path = format!("deposits/{name}/zenodo.toml");
        world.write(&path, &world.read(&path).replace("version = \"1.0\"\n", ""));
    };
    without_version("b");
    let ran = world.expect(65, &["-C", "deposits/b", "plan", "--initial"]);
    for words in ["error[ZR0168]", "needs a `version` here", "zenodo.toml:4:"] {
        assert!(ran.stderr.contains(words), "«{words}» in {ran}");
    }
    write_member(&world, "b", "1.0", "");
    without_version("b");
    let ran = world.expect(65, &["-C", "deposits/a", "plan", "--initial"]);
    for words in ["error[ZR0168]", "it has no `version`", "zenodo.toml:5:"] {
        assert!(ran.stderr.contains(words), "«{words}» in {ran}");
    }
    write_member(&world, "b", "1.0", "");
    write_member(
        &world,
        "a",
        "1.0",
        &link_to("deposits/b", "cites").replace("cites\"", "cites\", doi = \"newest\""),
    );
    let ran = world.expect(65, &["-C", "deposits/a", "plan", "--initial"]);
    assert!(ran.stderr.contains("unknown DOI of a member `newest`"), "{ran}");
    // A version that all members have by the workspace is as good.
    let root = world.read("zenodo.toml");
    let root = &root[..root.find("\n[servers").unwrap()];
    write_root(&world, &format!("{root}version = \"1.0\"\n"));
    write_linked(&world, "1.0", "1.0");
    without_version("a");
    without_version("b");
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    expect_linked(&world, "1.0", "1.0");
    expect_no_changes(&world);
}

#[test]
fn a_draft_that_somebody_else_published_is_not_taken_for_the_next_version() {
    let world = World::served();
    start_linked(&world);
    write_member(&world, "b", "1.5", "");
    write_member(&world, "a", "1.0", "");
    let draft = ["-C", "deposits/b", "apply", "--initial", "--no-publish", "--auto-approve"];
    world.expect(0, &draft);
    let id = world.open_drafts()[0];
    world.action(id, "publish");
    // The lock has the draft, and the manifest describes the version after it.
    write_member(&world, "a", "1.0", &link_to_version("deposits/b"));
    write_member(&world, "b", "2.0", "");
    world.write("deposits/b/data.csv", "another,table\n");
    let before = plan(&world, &["--initial"]);
    assert_eq!(before["members"][0]["plan"]["verdict"], "unlinked", "{before}");
    let digest = before["digest"].as_str().unwrap();
    world.expect(0, &["apply", "--initial", "--expect", digest]);
    assert_eq!(list_related(&world, "a", "1.0"), [read_doi(&world, "b", "2.0")]);
    expect_no_changes(&world);
}
