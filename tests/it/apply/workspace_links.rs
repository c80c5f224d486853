//! Links between the members of a workspace: each record has the concept DOIs of the others.

use serde_json::Value as Json;

use crate::support::world::World;

use super::workspace::{
    count_published, expect_no_changes, plan, refuse_publication, refuse_uploads, start,
    start_in_git, write_member, write_root,
};

/// Makes a workspace of three members, of which `a` and `b` link to each other.
fn start_linked(world: &World) {
    start_in_git(world);
    write_member(world, "a", "1.0", &link_to("deposits/b", "references"));
    write_member(world, "b", "1.0", &link_to("deposits/a", "isDerivedFrom"));
}

pub(super) fn link_to(key: &str, relation: &str) -> String {
    format!("related_identifiers = [{{ member = \"{key}\", relation = \"{relation}\" }}]")
}

pub(super) fn read_published(world: &World, title: &str) -> Json {
    let all = world.own_depositions();
    all.into_iter().find(|one| one["title"] == title && one["submitted"] == true).unwrap()
}

/// Expects that the records `a` and `b` have each other's concept DOI.
fn expect_linked(world: &World) {
    let (a, b) = (read_published(world, "Tables a"), read_published(world, "Tables b"));
    let linked = |one: &Json| one["metadata"]["related_identifiers"][0]["identifier"].clone();
    let concept = |one: &Json| format!("10.5072/zenodo.{}", one["conceptrecid"].as_str().unwrap());
    assert_eq!((linked(&a), linked(&b)), (concept(&b).into(), concept(&a).into()));
}

#[test]
fn two_records_that_link_to_each_other_have_both_dois_at_once() {
    let world = World::served();
    start_linked(&world);
    let before = plan(&world, &["--initial"]);
    let members = before["members"].as_array().unwrap();
    let verdicts: Vec<&Json> = members.iter().map(|one| &one["plan"]["verdict"]).collect();
    assert_eq!(verdicts, ["unlinked", "unlinked", "ready"], "{before}");
    let shown = world.expect(0, &["plan", "--initial"]).stdout;
    for words in [
        "publishes once the DOIs it links to are reserved",
        "note[ZR0327]: the DOI of `deposits/b` is not known yet",
    ] {
        assert!(shown.contains(words), "«{words}» in {shown}");
    }
    let one = world.expect(0, &["-C", "deposits/a", "plan", "--initial"]).stderr;
    assert!(one.contains("To do it: zrel apply --initial at the root of the workspace."), "{one}");
    // One alone can't be published before the other has a DOI.
    let alone = world.expect(11, &["-C", "deposits/a", "apply", "--initial", "--auto-approve"]);
    assert!(alone.stderr.contains("links to a member whose DOI is not known yet"), "{alone}");
    let chosen = ["apply", "-p", "deposits/a", "--initial", "--auto-approve"];
    let refused = world.expect(64, &chosen);
    assert!(refused.stderr.contains("name it as well: -p deposits/b"), "{refused}");
    assert_eq!(world.own_depositions().len(), 0);

    let digest = before["digest"].as_str().unwrap();
    let applied = world.expect(0, &["apply", "--initial", "--expect", digest]);
    assert!(applied.stdout.contains("Published Tables c 1.0"), "{applied}");
    expect_linked(&world);
    expect_no_changes(&world);
    assert_eq!((count_published(&world), world.own_depositions().len()), (3, 3));
    // A new version of one changes nothing in the other.
    write_member(&world, "a", "1.1", &link_to("deposits/b", "references"));
    world.expect(0, &["apply", "--auto-approve"]);
    expect_no_changes(&world);
}

#[test]
fn a_digest_from_before_the_dois_holds_after_a_failure() {
    let world = World::served();
    start_linked(&world);
    let digest = plan(&world, &["--initial"])["digest"].as_str().unwrap().to_owned();
    refuse_uploads(&world);
    let ran = world.zrel(&["apply", "--initial", "--expect", &digest]);
    assert_eq!(ran.code, 12, "{ran}");
    assert_eq!(count_published(&world), 0);
    world.faults().heal();
    // The DOIs are known now, and a plan that shows them has its own digest.
    let now = plan(&world, &["--initial"]);
    assert_ne!(now["digest"], digest.as_str());
    let concept = now["members"][0]["plan"]["links"]["deposits/b"].as_str().unwrap().to_owned();
    let target = &now["members"][0]["plan"]["target"]["metadata"]["related_identifiers"];
    assert_eq!(target[0]["identifier"], concept.as_str());
    world.expect(0, &["apply", "--initial", "--expect", &digest]);
    expect_linked(&world);
    expect_no_changes(&world);
    assert_eq!(world.own_depositions().len(), 3);
}

#[test]
fn a_link_to_a_released_member_is_its_doi_from_the_start() {
    let world = World::served();
    start(&world);
    world.expect(0, &["apply", "-p", "deposits/b", "--initial", "--auto-approve"]);
    write_member(&world, "a", "1.0", &link_to("deposits/b/", "references"));
    let one = plan(&world, &["-p", "deposits/a", "--initial"]);
    assert_eq!(one["members"][0]["plan"]["verdict"], "ready", "{one}");
    world.expect(0, &["-C", "deposits/a", "apply", "--initial", "--auto-approve"]);
    world.expect(0, &["-C", "deposits/a", "plan", "--detailed-exitcode"]);
    let b = read_published(&world, "Tables b");
    let a = read_published(&world, "Tables a");
    let concept = format!("10.5072/zenodo.{}", b["conceptrecid"].as_str().unwrap());
    assert_eq!(a["metadata"]["related_identifiers"][0]["identifier"], concept);
}

#[test]
fn links_that_lead_nowhere_are_shown_in_the_manifest() {
    let world = World::served();
    start(&world);
    let text = world.read("zenodo.toml");
    let other = "\n[servers.other]\nurl = \"http://127.0.0.1:9\"\ndoi_prefix = \"10.5072\"\n";
    write_root(&world, &text[..text.find("\n[servers").unwrap()]);
    world.write("zenodo.toml", &format!("{}{other}", world.read("zenodo.toml")));
    let path = "deposits/c/zenodo.toml";
    world.write(path, &format!("server = \"other\"\n{}", world.read(path)));
    for (link, words) in [
        (link_to("deposits/x", "cites"), "the workspace has no such member, but deposits/a"),
        (link_to("deposits/a", "cites"), "it is the record itself"),
        (link_to("deposits/c", "cites"), "it is on other"),
    ] {
        write_member(&world, "a", "1.0", &link);
        let ran = world.expect(65, &["-C", "deposits/a", "plan", "--initial"]);
        for words in ["error[ZR0168]", words, "zenodo.toml:5:"] {
            assert!(ran.stderr.contains(words), "«{words}» in {ran}");
        }
    }
    assert_eq!(world.requests().len(), 0);
}

#[test]
fn a_record_waits_while_one_that_it_links_to_can_not_be_published() {
    let mut world = World::served();
    // The n-th publication is that of the n-th member.
    world.set_jobs(1);
    start_linked(&world);
    write_member(&world, "a", "1.0", "");
    // `c` has no links and comes second.
    refuse_publication(&world, 1);
    let ran = world.zrel(&["apply", "--initial", "--auto-approve"]);
    assert_ne!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("not begun: deposits/b"), "{ran}");
    assert_eq!(count_published(&world), 1);
    world.faults().heal();
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    assert_eq!(count_published(&world), 3);
    expect_no_changes(&world);
}

#[test]
fn a_digest_holds_where_one_link_was_known_and_another_was_not() {
    let mut world = World::served();
    // The n-th publication is that of the n-th member.
    world.set_jobs(1);
    start_linked(&world);
    write_member(&world, "a", "1.0", "");
    world.expect(0, &["apply", "-p", "deposits/a", "--initial", "--auto-approve"]);
    let both = "related_identifiers = [{ member = \"deposits/a\", relation = \"cites\" }, \
                { member = \"deposits/b\", relation = \"cites\" }]";
    write_member(&world, "b", "1.0", "");
    write_member(&world, "c", "1.0", both);
    let digest = plan(&world, &["--initial"])["digest"].as_str().unwrap().to_owned();
    // Reserved by hand, then stopped before the last publication.
    world.expect(0, &["-C", "deposits/b", "reserve", "--initial"]);
    refuse_publication(&world, 2);
    assert_ne!(world.zrel(&["apply", "--initial", "--expect", &digest]).code, 0);
    assert_eq!(count_published(&world), 2);
    world.faults().heal();
    world.expect(0, &["apply", "--initial", "--expect", &digest]);
    expect_no_changes(&world);
}

#[test]
fn a_link_needs_a_doi_that_is_known_to_be_the_member_s() {
    let world = World::served();
    start_linked(&world);
    let own = "doi = \"10.1234/own\"";
    write_member(&world, "b", "1.0", own);
    let refused = world.expect(65, &["-C", "deposits/a", "plan", "--initial"]);
    assert!(refused.stderr.contains("it has a DOI of its own"), "{refused}");
    write_member(&world, "b", "1.0", "");
    let root = world.read("zenodo.toml");
    world.write("zenodo.toml", &root.replace("doi_prefix = \"10.5072\"\n", ""));
    let refused = world.expect(65, &["-C", "deposits/a", "plan", "--initial"]);
    assert!(refused.stderr.contains("has no `doi_prefix`"), "{refused}");
    assert_eq!(world.writes().len(), 0);
}

#[test]
fn a_collection_has_all_members_as_parts() {
    let world = World::served();
    start_linked(&world);
    write_member(&world, "c", "1.0", &parts_of("deposits/*"));
    let digest = plan(&world, &["--initial"])["digest"].as_str().unwrap().to_owned();
    world.requests();
    world.expect(0, &["apply", "--initial", "--expect", &digest]);
    expect_linked(&world);
    let list = |world: &World| {
        let concept = |title: &str| {
            let one = read_published(world, title);
            format!("10.5072/zenodo.{}", one["conceptrecid"].as_str().unwrap())
        };
        let found = read_published(world, "Tables c")["metadata"]["related_identifiers"].clone();
        let found = found.as_array().unwrap().iter();
        let found: Vec<(String, String)> = found
            .map(|one| {
                let text = |key: &str| one[key].as_str().unwrap().to_owned();
                (text("identifier"), text("relation"))
            })
            .collect();
        let parts = |titles: &[&str]| -> Vec<(String, String)> {
            titles.iter().map(|title| (concept(title), "hasPart".to_owned())).collect()
        };
        (found, parts(&["Tables a", "Tables b"]))
    };
    let (found, parts) = list(&world);
    assert_eq!(found, parts);
    // Its parts are published first.
    let published: Vec<String> = world
        .writes()
        .into_iter()
        .filter(|write| write.path.ends_with("/actions/publish"))
        .map(|write| write.path)
        .collect();
    let own = read_published(&world, "Tables c")["id"].to_string();
    assert!(published.last().unwrap().contains(&own), "{published:?}");
    expect_no_changes(&world);

    // Another member is another part: it changes the collection, and no other record.
    write_member(&world, "d", "1.0", "");
    let now = plan(&world, &["--initial"]);
    let kinds: Vec<&str> = now["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["plan"]["operation"]["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["nothing", "nothing", "edit", "new_record"]);
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    assert_eq!(list(&world).0.len(), 3);
    expect_no_changes(&world);

    write_member(&world, "c", "1.0", &parts_of("other/*"));
    let none = world.expect(65, &["-C", "deposits/c", "plan"]);
    assert!(none.stderr.contains("the link to member `other/*` can't be followed"), "{none}");
}

fn parts_of(pattern: &str) -> String {
    format!("related_identifiers = [{{ member = \"{pattern}\", relation = \"hasPart\" }}]")
}
