//! Discarding a draft whose DOI others carry: it would lead nowhere there, and a person has to say so.

use serde_json::json;

use crate::support::terminal::type_into;
use crate::support::world::{FILES, World, manifest};

use super::workspace::{expect_no_changes, start_in_git, write_member};
use super::workspace_links::link_to;

/// Makes a project with a file that carries its DOI.
fn make_project(world: &World) {
    let more = format!("{FILES}\n[[write]]\npath = \"README.md\"\n");
    world.manifest(&manifest("1.0", &more));
    world.write("zenodo.toml", &(world.read("zenodo.toml") + "doi_prefix = \"10.5072\"\n"));
    world.write("README.md", "<!-- zrel:doi --><!-- /zrel:doi -->\n");
    world.write("a.csv", "one\n");
}

/// Reserves the DOI, writes it into the file, and returns it.
fn reserve_and_write(world: &World) -> String {
    let reserved = world.expect(0, &["reserve", "--initial", "--format", "json"]).json();
    world.expect(0, &["write"]);
    world.requests();
    reserved["doi"].as_str().unwrap().to_owned()
}

/// Expects that the draft is discarded by its DOI alone, and that another release begins anew.
fn expect_given_up(world: &World, doi: &str) {
    let other = world.expect(64, &["discard", "--dead-doi", "10.5072/zenodo.1"]);
    assert!(other.stderr.contains(&format!("the draft has {doi}")), "{other}");
    assert_eq!(world.writes().len(), 0);
    world.expect(0, &["discard", "--dead-doi", doi]);
    assert!(world.open_drafts().is_empty());
}

#[test]
fn a_doi_that_is_committed_is_given_up_by_name_alone() {
    let world = World::served();
    make_project(&world);
    world.git(&["init", "-q"]);
    world.git(&["add", "-A"]);
    world.git(&["commit", "-qm", "work"]);
    // What is only on the disk, others have not got.
    reserve_and_write(&world);
    world.expect(0, &["discard", "--auto-approve"]);
    let doi = reserve_and_write(&world);
    world.git(&["commit", "-qam", "release"]);
    world.write("README.md", "Another text.\n");
    for args in [&["discard"][..], &["discard", "--auto-approve"]] {
        let refused = world.expect(13, args);
        let words = format!("! {doi} leads nowhere, for good, once the draft is discarded:");
        assert!(refused.stdout.contains(&words), "{refused}");
        assert!(refused.stdout.contains("  README.md names it"), "{refused}");
        assert!(refused.stderr.contains(&format!("zrel discard --dead-doi {doi}")), "{refused}");
    }
    expect_given_up(&world, &doi);
    world.git(&["checkout", "-q", "README.md"]);
    let doi = reserve_and_write(&world);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.status()["doi"], doi.as_str());
}

#[test]
fn outside_of_git_the_file_on_the_disk_counts() {
    let world = World::served();
    make_project(&world);
    let doi = reserve_and_write(&world);
    let refused = world.expect(13, &["discard", "--auto-approve"]);
    assert!(refused.stdout.contains("  README.md names it"), "{refused}");
    expect_given_up(&world, &doi);
    reserve_and_write(&world);
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_person_types_the_doi_at_a_terminal() {
    let world = World::served();
    make_project(&world);
    let doi = reserve_and_write(&world);
    let declined = type_into(&world, "discard", "yes\nyes\nyes\n");
    assert!(declined.stdout.contains("type its DOI"), "{declined}");
    assert_eq!((declined.code, world.open_drafts().len()), (13, 1), "{declined}");
    assert_eq!(world.writes().len(), 0);
    let done = type_into(&world, "discard", &format!("{doi}\n"));
    assert_eq!((done.code, world.open_drafts().len()), (0, 0), "{done}");
    reserve_and_write(&world);
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_published_member_that_links_to_the_draft_is_named() {
    let world = World::served();
    start_in_git(&world);
    let discard = |more: &[&str]| world.zrel(&[&["-C", "deposits/a", "discard"], more].concat());
    let reserve = |more: &[&str]| {
        let args = [&["-C", "deposits/a", "reserve", "--format", "json"], more].concat();
        world.expect(0, &args).json()
    };
    write_member(&world, "b", "1.0", &link_to("deposits/*", "hasPart"));
    let reserved = reserve(&["--initial"]);
    // Nothing is published with the DOI yet.
    assert_eq!(discard(&["--auto-approve"]).code, 0);
    let again = reserve(&["--initial"]);
    assert_ne!(again["doi"], reserved["doi"]);
    let c = world.read("deposits/c/zenodo.toml");
    world.remove("deposits/c/zenodo.toml");
    world.expect(0, &["-C", "deposits/b", "apply", "--initial", "--auto-approve"]);
    world.write("deposits/c/zenodo.toml", &c);
    let own = world.expect(0, &["-C", "deposits/b", "status", "--format", "json"]).json();
    let own = own["doi"].as_str().unwrap().to_owned();
    world.requests();
    let refused = discard(&["--auto-approve"]);
    let words = format!("  deposits/b ({own}) links to it, and is published");
    assert!(refused.code == 13 && refused.stdout.contains(&words), "{refused}");
    assert_eq!(world.writes().len(), 0);
    world.expect(0, &["-C", "deposits/a", "apply", "--auto-approve"]);

    // The concept leads to the first version from now on: the draft of a second one endangers nobody.
    write_member(&world, "a", "1.1", "");
    reserve(&[]);
    assert_eq!(discard(&["--auto-approve"]).code, 0);
    // A link to the version itself is one to the draft.
    let doi = reserve(&[])["doi"].as_str().unwrap().to_owned();
    let link = link_to("deposits/a", "cites").replace("cites\"", "cites\", doi = \"version\"");
    write_member(&world, "b", "1.1", &link);
    world.expect(0, &["-C", "deposits/b", "apply", "--auto-approve"]);
    let refused = discard(&["--auto-approve"]);
    assert!(refused.code == 13 && refused.stdout.contains("  deposits/b ("), "{refused}");
    // Also where its manifest has the link no more, or can't be read: the lock says what it has.
    for manifest in ["title = 1\n", "[metadata]\n"] {
        let kept = world.read("deposits/b/zenodo.toml");
        world.write("deposits/b/zenodo.toml", manifest);
        let refused = discard(&["--auto-approve"]);
        assert!(refused.code == 13 && refused.stdout.contains("  deposits/b ("), "{refused}");
        world.write("deposits/b/zenodo.toml", &kept);
    }
    assert_eq!(discard(&["--dead-doi", &doi]).code, 0);
    // The record that was published keeps the dead DOI, and the next plan says nothing of it.
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    expect_no_changes(&world);
}

#[test]
fn an_edit_endangers_no_doi() {
    let world = World::served();
    make_project(&world);
    reserve_and_write(&world);
    world.apply_then_expect_no_changes(&[]);
    let latest = world.status()["latest"].as_u64().unwrap();
    world.action(latest, "edit");
    world.put_metadata(latest, |metadata| metadata["title"] = json!("Other"));
    let refused = world.expect(64, &["discard", &latest.to_string(), "--dead-doi", "10.1/a"]);
    assert!(refused.stderr.contains("no DOI is given up with this draft"), "{refused}");
    world.expect(0, &["discard", &latest.to_string(), "--auto-approve"]);
    world.expect_no_changes();
}
