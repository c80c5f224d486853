//! What is said of a release that goes through a draft, and of long records.

use std::fmt::Write;

use crate::support::terminal::type_into;
use crate::support::world::{FILES, World, manifest};

#[test]
fn a_release_through_a_draft_says_what_a_direct_one_says() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    world.write("b.csv", "two\n");
    world.apply(&["--no-publish"]);
    world.write("b.csv", "three\n");
    let plan = world.expect(0, &["plan"]);
    // One of the two is not sent again, and no line says that it is.
    let there = "= 1 file of these, 4 B, in draft 10000002 already, not sent again";
    assert!(plan.stdout.contains(there), "{plan}");
    let markdown = world.expect(0, &["plan", "--format", "markdown"]);
    assert!(markdown.stdout.contains("1 file of these, 4 B, in draft"), "{markdown}");
    let page = world.expect(0, &["plan", "--format", "html"]);
    assert!(page.stdout.contains("1 file of these, 4 B, in draft"), "{page}");
    let published = world.apply(&[]);
    assert!(published.stdout.contains("[record.concept]\nlocal = "), "{published}");
    world.expect_no_changes();
}

#[test]
fn a_page_of_the_local_server_is_offered_with_the_manifest_that_was_named() {
    let world = World::local();
    world.manifest_as("data.toml", &manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let ran = world.expect(0, &["-m", "data.toml", "apply", "--auto-approve"]);
    assert!(ran.stdout.contains("page         zrel -m data.toml open\n"), "{ran}");
    let shown = world.expect(0, &["-m", "data.toml", "show"]);
    assert!(shown.stdout.contains("page         zrel -m data.toml open\n"), "{shown}");
}

#[test]
fn a_record_with_many_files_and_people_is_folded_with_counts() {
    let world = World::local();
    let mut people = String::new();
    for n in 0..30 {
        world.write(&format!("run-{n:02}.csv"), &format!("{n}\n"));
        let _ = write!(people, "{{ name = \"Person{n}, P.\" }}, ");
    }
    let text = manifest("1.0", FILES).replace("{ name = \"Weiss, Tobias\" }", &people);
    world.manifest(&text);
    world.apply(&[]);
    let folded = world.expect(0, &["show"]);
    for words in ["; … 20 more\n", "  … 20 more\n", "--full shows all of them."] {
        assert!(folded.stdout.contains(words), "«{words}» in {folded}");
    }
    let full = world.expect(0, &["show", "--full"]);
    assert!(full.stdout.contains("Person29") && full.stdout.contains("run-29.csv"), "{full}");
    assert!(!full.stdout.contains("--full"), "{full}");
}

#[test]
fn bind_writes_the_record_into_the_manifest_and_keeps_the_rest() {
    let world = World::served();
    world.manifest(&format!("# Ours.\n{}", manifest("1.0", FILES)));
    world.write("a.csv", "one\n");
    let before = world.read("zenodo.toml");
    let ran = world.apply(&["--initial", "--bind"]);
    assert!(ran.stdout.contains("Wrote [record.concept] into zenodo.toml"), "{ran}");
    let line = format!("[record.concept]\ntest = \"10.5072/zenodo.{}\"\n", world.concept());
    assert_eq!(world.read("zenodo.toml"), format!("{before}\n{line}"));
    world.expect_no_changes();
    // Bound already: nothing is written or offered.
    world.write("a.csv", "two\n");
    world.write("zenodo.toml", &world.read("zenodo.toml").replace("\"1.0\"", "\"1.1\""));
    let bound = world.read("zenodo.toml");
    let ran = world.apply(&["--bind"]);
    assert!(!ran.stdout.contains("[record.concept]"), "{ran}");
    assert_eq!(world.read("zenodo.toml"), bound);
    world.expect_no_changes();
    // On another machine the manifest alone names the record.
    world.remove("zenodo.lock");
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    world.expect_no_changes();
}

#[test]
fn a_person_at_the_terminal_is_asked_whether_the_manifest_is_to_name_the_record() {
    for (answer, is_bound) in [("y\n", true), ("\n", false), ("", false)] {
        let world = World::served();
        world.manifest(&manifest("1.0", FILES));
        world.write("a.csv", "one\n");
        let ran = type_into(&world, "apply --initial", &format!("1.0\n{answer}"));
        assert_eq!(ran.code, 0, "{ran}");
        assert!(ran.stdout.contains("so that it names this record? [y/N]"), "{ran}");
        assert_eq!(world.read("zenodo.toml").contains("[record.concept]"), is_bound, "{ran}");
        assert_eq!(ran.stdout.contains("To bind the manifest to this record"), !is_bound, "{ran}");
        world.expect_no_changes();
    }
}

#[test]
fn a_manifest_that_can_not_be_bound_gets_the_lines() {
    let world = World::served();
    let inline = manifest("1.0", &format!("[record]\nconcept = {{ other = 3 }}\n{FILES}"));
    world.manifest(&inline);
    let text = world.read("zenodo.toml") + "[servers.other]\nurl = \"http://127.0.0.1:9\"\n";
    world.write("zenodo.toml", &text);
    world.write("a.csv", "one\n");
    let ran = world.apply(&["--initial", "--bind"]);
    assert!(ran.stdout.contains("To bind the manifest to this record, add to"), "{ran}");
    assert_eq!(world.read("zenodo.toml"), text);
    world.expect_no_changes();
}
