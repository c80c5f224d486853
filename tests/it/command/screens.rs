//! What a person sees of a long plan: what is cut, what is repeated, and how wide it is.

use crate::support::world::{FILES, World, manifest, publish_first};

/// How many files are removed, replaced and added.
const N: usize = 40;

/// Returns a manifest with a description of 88 kB and many keywords.
fn long_manifest(version: &str, phrase: &str, first_keyword: usize) -> String {
    let words = first_keyword..first_keyword + N;
    let words: Vec<String> = words.map(|n| format!("\"keyword {n}\"")).collect();
    let more = format!("keywords = [{}]\n{FILES}", words.join(", "));
    let text = format!("<p>{}the end</p>", phrase.repeat(88_000 / phrase.len()));
    manifest(version, &more).replace("<p>Some tables.</p>", &text)
}

/// Returns a world whose next version removes, replaces and adds many files, and changes a long
/// description and all keywords.
fn prepare_long_plan() -> World {
    let world = World::served();
    for n in 0..N {
        world.write(&format!("old-{n:02}.csv"), &format!("old {n}\n"));
        world.write(&format!("same-{n:02}.csv"), &format!("first {n}\n"));
    }
    world.manifest(&long_manifest("1.0", "several words ", 0));
    world.apply(&["--initial"]);
    for n in 0..N {
        std::fs::remove_file(world.project().join(format!("old-{n:02}.csv"))).unwrap();
        world.write(&format!("same-{n:02}.csv"), &format!("second {n}\n"));
        world.write(&format!("new-{n:02}.csv"), &format!("new {n}\n"));
    }
    world.manifest(&long_manifest("2.0", "other phrases ", N));
    world
}

#[test]
fn a_long_plan_is_cut_and_full_shows_all_of_it() {
    let world = prepare_long_plan();
    let cut = world.expect(0, &["plan"]).stdout;
    for note in [
        "  - delete   … 30 more",
        "  ~ replace  … 30 more",
        "  + upload   … 30 more",
        "more characters removed, ",
        "      - … 30 more",
        "      + … 30 more",
        "more like these, up to step ",
        "Long texts and lists are cut: --full shows all of them.",
    ] {
        assert!(cut.contains(note), "{note}\n{cut}");
    }
    assert!(cut.lines().count() < 110, "{} lines\n{cut}", cut.lines().count());
    assert!(cut.len() < 9_000, "{} bytes\n{cut}", cut.len());
    let full = world.expect(0, &["plan", "--full"]).stdout;
    for n in 0..N {
        for name in ["old", "same", "new"] {
            assert!(full.contains(&format!(" {name}-{n:02}.csv ")), "{name}-{n:02}");
        }
        assert!(full.contains(&format!("- keyword {n}\n")), "{n}");
        assert!(full.contains(&format!("+ keyword {}\n", N + n)), "{n}");
    }
    assert!(!full.contains('…') && !full.contains("--full"), "{full}");
    assert_eq!(full.matches("other").count(), 88_000 / "other phrases ".len());
    // The numbers in the notes are those of what is left out.
    let digest =
        |text: &str| text.lines().find(|line| line.starts_with("Digest")).map(str::to_owned);
    assert_eq!(digest(&cut), digest(&full));
    world.expect(0, &["plan", "--out", "saved.plan"]);
    let shown = world.expect(0, &["show", "saved.plan", "--full"]).stdout;
    assert!(shown.starts_with(&full), "{shown}");
    let ran = world.expect(0, &["apply", "--auto-approve", "--full"]);
    assert!(ran.stdout.starts_with(&full), "{ran}");
    world.expect_no_changes();
}

#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_undone_stands_right_above_the_question() {
    use crate::support::terminal::type_into;
    let world = prepare_long_plan();
    let ran = type_into(&world, "apply", "\n");
    assert_eq!(ran.code, 13, "{ran}");
    let (above, _) = ran.stdout.split_once("To publish, type `2.0`:").unwrap();
    let last: Vec<&str> = above.lines().rev().take(12).collect();
    for part in ["Plan:", "publishes: a DOI is minted", "not in the next version: old-00.csv"] {
        assert!(last.iter().any(|line| line.contains(part)), "{part}\n{ran}");
    }
    world.apply(&[]);
    world.expect_no_changes();
}

#[test]
#[cfg(target_os = "linux")]
fn no_line_is_wider_than_the_terminal_where_its_words_allow_it() {
    use crate::support::terminal::type_into_columns;
    let world = prepare_long_plan();
    for columns in [60, 80, 100] {
        let ran = type_into_columns(&world, columns, "plan --color never", "");
        assert_eq!(ran.code, 0, "{ran}");
        for line in ran.stdout.lines().filter(|line| line.chars().count() > columns) {
            // Only one word that no line could hold, such as a digest.
            assert_eq!(line.split_whitespace().count(), 1, "{columns}: {line}");
        }
    }
    // So narrow a terminal shows little, and everything.
    let ran = type_into_columns(&world, 20, "plan --color never", "");
    assert_eq!(ran.code, 0, "{ran}");
    let words = |text: &str| text.split_whitespace().collect::<String>();
    let wide = world.expect(0, &["plan"]);
    assert_eq!(words(&ran.stdout), words(&format!("{}{}", wide.stdout, wide.stderr)));
    world.apply(&[]);
    world.expect_no_changes();
}

#[test]
fn a_quiet_run_says_what_it_did_and_what_went_wrong() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "other\n");
    world.manifest(&manifest("1.1", FILES));
    let ran = world.expect(0, &["plan", "--quiet"]);
    assert!(ran.stdout.contains("Plan:") && ran.stderr.is_empty(), "{ran}");
    let ran = world.expect(13, &["apply", "-q"]);
    assert!(ran.stderr.contains("nobody can be asked here"), "{ran}");
    let ran = world.expect(0, &["apply", "-q", "--auto-approve"]);
    assert!(ran.stdout.contains("Published") && ran.stderr.is_empty(), "{ran}");
    world.expect_no_changes();
    let ran = world.expect(64, &["plan", "--quiet", "--verbose"]);
    assert!(ran.stderr.contains("cannot be used with"), "{ran}");
}

#[test]
#[cfg(target_os = "linux")]
fn an_end_of_input_at_the_question_is_a_no() {
    use crate::support::terminal::type_into;
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    // Ctrl-D in an empty line ends the input.
    let ran = type_into(&world, "apply --initial", "\u{4}");
    assert_eq!(ran.code, 13, "{ran}");
    let after = ran.stdout.split_once("type `1.0`:").unwrap().1;
    let (question, error) = after.split_once('\n').unwrap();
    assert!(!question.contains("error"), "{ran}");
    assert!(error.starts_with("error: not confirmed; nothing was sent"), "{ran}");
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_dumb_terminal_gets_no_colours_and_no_moves_of_the_cursor() {
    use crate::support::terminal::type_into_as;
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let ran = type_into_as(&world, "xterm", "plan --initial");
    assert!(ran.stdout.contains('\u{1b}'), "{ran}");
    let ran = type_into_as(&world, "dumb", "apply --initial --auto-approve");
    assert_eq!(ran.code, 0, "{ran}");
    assert!(!ran.stdout.contains('\u{1b}'), "{ran}");
    world.expect_no_changes();
}

#[test]
fn a_reader_that_has_read_enough_is_no_failure() {
    let world = prepare_long_plan();
    let mut command = world.command(&["plan", "--full"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Closed before the first byte is read.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(!said.contains("error"), "{said}");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_shown_record_is_cut_with_its_rest_counted_and_full_shows_it() {
    let world = World::served();
    world.manifest(&long_manifest("1.0", "several words ", 0));
    world.write("a.csv", "one\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    let cut = world.expect(0, &["show"]).stdout;
    assert!(cut.contains("more characters)") && cut.len() < 3_000, "{cut}");
    let full = world.expect(0, &["show", "--full"]).stdout;
    assert!(full.contains("words the end</p>") && !full.contains('…'), "{full}");
}
