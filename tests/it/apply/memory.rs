//! What zrel remembers in files: never trusted when damaged, never lost, and rewritten from what
//! the server says.
//!
//! How single bytes are read is tested beside the code, in `lock`, `journal`, `cache` and `disk`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::lock_text::{as_format_1, copy_entry, fact};
use crate::support::world::{FILES, World, manifest, publish_first};

/// Another server's entry, with a comment that zrel does not write.
fn other_entry(lock: &str) -> String {
    let both = copy_entry((lock, "zenodo.toml", "test"), (lock, "zenodo.toml", "zenodo"));
    let at = both.find("[manifest.\"zenodo.toml\".zenodo]").unwrap();
    let section = both[at..].split("\n\n").next().unwrap();
    section.replace("\nlast", "\n# A remark.\nlast") + "\n"
}

/// The lines before the first entry, and the last line.
fn frame(world: &World) -> (String, String) {
    let lock = world.read("zenodo.lock");
    let head = lock.split("\n[").next().unwrap().to_owned();
    (head, lock.lines().last().unwrap().to_owned())
}

fn at(world: &World, name: &str) -> PathBuf {
    world.project().join(name)
}

fn damaged_names(world: &World) -> Vec<String> {
    let entries = std::fs::read_dir(world.project()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.contains(".damaged")).collect();
    names.sort();
    names
}

#[cfg(unix)]
fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A name, and what is done to a file.
#[cfg(unix)]
type Damage = (&'static str, fn(&Path));

/// Puts nothing, or something that is not a lock, in place of a file.
#[cfg(unix)]
fn damages() -> Vec<Damage> {
    use std::fs;
    let first_half = |path: &Path| {
        let text = fs::read(path).unwrap();
        fs::write(path, &text[..text.len() / 2]).unwrap();
    };
    vec![
        ("empty", |path| fs::write(path, "").unwrap()),
        ("cut short", first_half),
        ("no text", |path| fs::write(path, b"format = 1\n\xff\n").unwrap()),
        ("rubbish", |path| fs::write(path, "{\"format\": 1").unwrap()),
        ("1 GB", |path| fs::File::create(path).unwrap().set_len(1 << 30).unwrap()),
        ("a folder", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("a FIFO", |path| {
            fs::remove_file(path).unwrap();
            make_fifo(path);
        }),
        ("a link", |path| {
            let aside = path.with_extension("aside");
            fs::rename(path, &aside).unwrap();
            std::os::unix::fs::symlink(aside, path).unwrap();
        }),
    ]
}

#[cfg(unix)]
fn clear(path: &Path) {
    if std::fs::symlink_metadata(path).is_ok_and(|there| there.is_dir()) {
        std::fs::remove_dir(path).unwrap();
    } else {
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_missing_lock_is_rewritten_and_the_plan_is_the_same() {
    let world = World::served();
    let record = publish_first(&world);
    let concept = world.concept();
    let before = world.read("zenodo.lock");
    world.remove("zenodo.lock");
    world.requests();
    let unnamed = world.expect(64, &["lock", "--rebuild"]);
    assert!(unnamed.stderr.contains("--concept ID"), "{unnamed}");
    assert_eq!(world.requests(), []);
    let ran = world.expect(0, &["lock", "--rebuild", "--concept", &concept.to_string()]);
    assert!(ran.stdout.contains(&format!("last      {record}, version 1.0")), "{ran}");
    assert_eq!(world.writes(), []);
    assert_eq!(world.read("zenodo.lock"), before);
    assert_eq!(damaged_names(&world), [""; 0]);
    world.expect_no_changes();
}

#[test]
fn a_lock_of_several_versions_is_rewritten() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "changed\n");
    world.manifest(&manifest("1.1", FILES));
    world.apply_then_expect_no_changes(&[]);
    let before = world.read("zenodo.lock");
    let doi = format!("https://doi.org/10.5281/zenodo.{}", world.concept());
    world.remove("zenodo.lock");
    world.expect(0, &["lock", "--rebuild", "--concept", &doi]);
    assert_eq!(world.read("zenodo.lock"), before);
    world.expect_no_changes();
    // A published label cannot be published again, also by a rewritten lock.
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "changed again\n");
    let plan = world.expect(11, &["plan"]);
    assert!(plan.stdout.contains("1.0"), "{plan}");
    world.expect(11, &["apply", "--auto-approve"]);
}

#[cfg(unix)]
#[test]
fn a_damaged_lock_is_reported_kept_and_rewritten() {
    let world = World::served();
    publish_first(&world);
    let concept = world.concept().to_string();
    let good = world.read("zenodo.lock");
    let path = at(&world, "zenodo.lock");
    for (number, (what, damage)) in damages().into_iter().enumerate() {
        damage(&path);
        world.requests();
        for verb in ["plan", "apply", "status", "lock"] {
            let ran = world.expect(65, &[verb]);
            assert!(ran.stderr.contains("zenodo.lock`"), "{what}: {ran}");
            assert!(ran.stderr.contains("zrel lock --rebuild"), "{what}: {ran}");
        }
        assert_eq!(world.requests(), [], "{what}");
        world.expect(0, &["lock", "--rebuild", "--concept", &concept]);
        assert_eq!(world.writes(), [], "{what}");
        assert_eq!(world.read("zenodo.lock"), good, "{what}");
        assert_eq!(damaged_names(&world).len(), number + 1, "{what}");
        world.expect_no_changes();
    }
}

#[test]
fn an_entry_without_its_last_version_is_damaged() {
    let world = World::served();
    publish_first(&world);
    let good = world.read("zenodo.lock");
    let lines = good.lines().filter(|line| !line.starts_with("last = "));
    let bad = lines.collect::<Vec<_>>().join("\n") + "\n";
    world.write("zenodo.lock", &bad);
    world.requests();
    for verb in ["plan", "apply", "status", "lock"] {
        let ran = world.expect(65, &[verb]);
        let said = "it is damaged: `manifest.\"zenodo.toml\".test.last` is missing";
        assert!(ran.stderr.contains(said), "{ran}");
        assert!(ran.stderr.contains("zrel lock --rebuild"), "{ran}");
    }
    assert_eq!(world.requests(), []);
    world.expect(0, &["lock", "--rebuild"]);
    assert_eq!(world.read("zenodo.lock"), good);
    world.expect_no_changes();
}

#[test]
fn an_entry_of_a_draft_alone_has_no_last_version_and_is_whole() {
    for bound in [false, true] {
        let world = World::served();
        if bound {
            // Bound by the manifest alone: the lock has no version.
            publish_first(&world);
            let concept = format!("[record.concept]\ntest = \"{}\"\n", world.concept());
            world.remove("zenodo.lock");
            world.manifest(&manifest("1.1", &format!("{FILES}{concept}")));
        } else {
            world.manifest(&manifest("1.0", FILES));
        }
        world.write("a.csv", "changed\n");
        world.expect(0, &["apply", "--auto-approve", "--initial", "--no-publish"]);
        let lock = world.read("zenodo.lock");
        assert!(lock.contains("files.") && !lock.contains("last = "), "{lock}");
        world.expect(0, &["lock"]);
        if bound {
            // Another client deletes the draft, and the next run opens another one.
            let draft = world.open_drafts()[0];
            let path = format!("/api/deposit/depositions/{draft}");
            world.alice("DELETE", &path, &serde_json::Value::Null);
            world.expect(0, &["status"]);
            world.apply(&["--no-publish"]);
        }
        world.expect(0, &["lock", "--rebuild"]);
        world.apply_then_expect_no_changes(&[]);
    }
}

#[test]
fn entries_of_other_servers_stay_and_what_can_not_be_read_is_named() {
    let world = World::served();
    publish_first(&world);
    let good = world.read("zenodo.lock");
    let (head, end) = frame(&world);
    let own = &good[head.len()..good.len() - end.len() - 2];
    let bad_own = own.replace("last = ", "last = x");
    let other = other_entry(&good);
    world.write("zenodo.lock", &format!("{head}{bad_own}\n{other}\n{end}\n"));
    let ran = world.expect(65, &["plan"]);
    assert!(ran.stderr.contains("damaged in line"), "{ran}");
    let concept = fact(&good, "concept");
    let ran = world.expect(0, &["lock", "--rebuild", "--concept", concept, "--format", "json"]);
    assert_eq!(ran.json()["lost"], serde_json::json!([]), "{ran}");
    assert_eq!(world.read("zenodo.lock"), format!("{head}{own}\n{other}\n{end}\n"));
    world.expect_no_changes();
    let bad_other = other.replace("concept = ", "concept = x");
    world.write("zenodo.lock", &format!("{head}{own}\n{bad_other}\n{end}\n"));
    let ran = world.expect(0, &["lock", "--rebuild"]);
    assert!(ran.stderr.contains("the entry of `zenodo` could not be read"), "{ran}");
    assert_eq!(world.read("zenodo.lock"), good);
    assert_eq!(damaged_names(&world), ["zenodo.lock.damaged", "zenodo.lock.damaged-2"]);
    assert!(world.read("zenodo.lock.damaged-2").contains(&bad_other));
}

#[test]
fn a_draft_is_ours_only_where_a_file_says_so() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "changed\n");
    world.manifest(&manifest("1.1", FILES));
    world.apply(&["--no-publish"]);
    let good = world.read("zenodo.lock");
    let draft = good.lines().find(|line| line.starts_with("draft = ")).unwrap().to_owned();
    world.write("zenodo.lock", &good.replace("format = 2\n", "format = 2\n\n[zenodo]\nx = 1\n"));
    world.expect(0, &["lock", "--rebuild"]);
    assert!(world.read("zenodo.lock").contains(&draft));
    let concept = world.expect(0, &["lock", "--format", "json"]).json();
    let concept = concept["servers"]["test"]["concept"].to_string();
    world.remove("zenodo.lock");
    world.expect(0, &["lock", "--rebuild", "--concept", &concept]);
    assert!(!world.read("zenodo.lock").contains("draft = "));
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.n_versions(concept.parse().unwrap()), 2);
}

#[test]
fn another_concept_is_not_recorded() {
    let mut world = World::served();
    let record = publish_first(&world).to_string();
    let concept = world.concept().to_string();
    let good = world.read("zenodo.lock");
    for (named, code, phrase) in [
        (record.as_str(), 65, concept.as_str()),
        ("999999", 65, "there is no record 999999"),
        ("rubbish", 64, "--concept"),
    ] {
        let ran = world.expect(code, &["lock", "--rebuild", "--concept", named]);
        assert!(ran.stderr.contains(phrase), "{ran}");
        assert_eq!(world.read("zenodo.lock"), good);
    }
    world.set_token(crate::support::world::BOB);
    let ran = world.expect(77, &["lock", "--rebuild"]);
    assert!(ran.stderr.contains("belongs to another account"), "{ran}");
    assert_eq!(world.read("zenodo.lock"), good);
}

#[test]
fn a_flipped_concept_never_writes_to_another_record() {
    let world = World::served();
    publish_first(&world);
    let good = world.read("zenodo.lock");
    let first = world.concept();
    world.remove("zenodo.lock");
    let other = manifest("1.0", FILES).replace("small forms", "large forms");
    world.manifest(&other.replace("Some tables", "Large tables"));
    world.apply_then_expect_no_changes(&["--initial"]);
    let second = world.concept();
    world.manifest(&manifest("1.1", FILES));
    world.write("zenodo.lock", &good.replace(&first.to_string(), &second.to_string()));
    world.requests();
    // The checksum does not match; without one the server contradicts it.
    let ran = world.expect(65, &["apply", "--auto-approve"]);
    assert!(
        ran.stderr.contains("the checksum of `manifest.\"zenodo.toml\".test.concept`"),
        "{ran}"
    );
    assert_eq!(world.requests(), []);
    let unsummed = as_format_1(&good, "zenodo.toml");
    world.write("zenodo.lock", &unsummed.replace(&first.to_string(), &second.to_string()));
    let ran = world.expect(11, &["apply", "--auto-approve"]);
    assert!(ran.stdout.contains("ZR0322"), "{ran}");
    assert_eq!(world.writes(), [], "{ran}");
    // No flag allows it: the lock has to be right.
    let over = world.zrel(&["status", "--format", "json"]).json()["latest"].to_string();
    world.expect(11, &["apply", "--auto-approve", "--over", &over]);
    assert_eq!(world.writes(), [], "{ran}");
}

#[test]
fn the_lock_of_the_local_server_is_rewritten_too() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    let concept = world.concept().to_string();
    world.write(".zrel/local.lock", "rubbish");
    let ran = world.expect(65, &["plan"]);
    assert!(ran.stderr.contains("local.lock` can't be trusted"), "{ran}");
    assert!(!ran.stderr.contains("git"), "it is not committed: {ran}");
    world.expect(0, &["lock", "--rebuild", "--concept", &concept]);
    world.expect_no_changes();
    assert!(world.read(".zrel/local.lock.damaged") == "rubbish");
}

#[test]
fn the_lock_is_shown() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    assert_eq!(world.expect(0, &["lock"]).stdout, "No record is bound yet.\n");
    let record = publish_first(&world);
    world.requests();
    let shown = world.expect(0, &["lock"]).stdout;
    let concept = world.expect(0, &["lock", "--format", "json"]).json();
    assert_eq!(world.requests(), [], "nothing is asked");
    let entry = &concept["servers"]["test"];
    let wanted = format!(
        "manifest  zenodo.toml\nserver    test ({})\nconcept   {}\nlast      {record}, version 1.0\ndraft     none\n\
         versions  1\nfiles     3\n",
        entry["url"].as_str().unwrap(),
        entry["concept"]
    );
    assert_eq!(shown, wanted);
    assert_eq!(entry["versions"][0]["label"], "1.0");
}

/// Merges two changes of a base as git does.
fn merge(folder: &Path, ours: &str, base: &str, theirs: &str) -> (bool, String) {
    for (name, text) in [("ours", ours), ("base", base), ("theirs", theirs)] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let ran = Command::new("git")
        .args(["merge-file", "-p", "ours", "base", "theirs"])
        .current_dir(folder)
        .output()
        .unwrap();
    (ran.status.success(), String::from_utf8(ran.stdout).unwrap())
}

#[test]
fn branches_that_publish_to_different_servers_merge() {
    let world = World::served();
    publish_first(&world);
    let own = world.read("zenodo.lock");
    let base = copy_entry((&own, "zenodo.toml", "test"), (&own, "zenodo.toml", "yard"));
    world.write("zenodo.lock", &base);
    world.write("a.csv", "changed\n");
    world.manifest(&manifest("1.1", FILES));
    world.apply_then_expect_no_changes(&[]);
    let ours = world.read("zenodo.lock");
    let theirs = copy_entry((&ours, "zenodo.toml", "test"), (&base, "zenodo.toml", "yard"));
    let (is_clean, merged) = merge(world.path(), &ours, &base, &theirs);
    assert!(is_clean, "{merged}");
    world.write("zenodo.lock", &merged);
    world.expect_no_changes();
    // Both publish to one server: git says so, and so does zrel, with the line.
    let clash = ours.replace("1.1", "1.2");
    let (is_clean, merged) = merge(world.path(), &ours, &base, &clash);
    assert!(!is_clean, "{merged}");
    let line = merged.lines().position(|line| line.starts_with("<<<<<<<")).unwrap() + 1;
    world.write("zenodo.lock", &merged);
    let ran = world.expect(65, &["plan"]);
    assert!(ran.stderr.contains(&format!("line {line} is a conflict marker")), "{ran}");
    world.expect(0, &["lock", "--rebuild", "--concept", fact(&ours, "concept")]);
    world.expect_no_changes();
}

#[cfg(unix)]
#[test]
fn an_invalid_journal_is_reported_and_nothing_is_sent() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    let path = at(&world, ".zrel/journal-local");
    for (what, damage) in damages() {
        if ["empty", "cut short", "rubbish"].contains(&what) {
            continue;
        }
        world.write(".zrel/journal-local", "{\"at\":\"begin\"}\n{}\n");
        damage(&path);
        for args in [&["plan"] as &[&str], &["apply", "--initial", "--auto-approve"]] {
            let ran = world.expect(65, args);
            assert!(ran.stderr.contains("journal"), "{what}: {ran}");
            assert!(ran.stderr.contains("hint: remove it"), "{what}: {ran}");
        }
        clear(&path);
    }
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[cfg(unix)]
#[test]
fn an_invalid_plan_is_reported_and_nothing_is_sent_or_overwritten() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "changed\n");
    world.manifest(&manifest("1.1", FILES));
    let path = at(&world, "a.plan");
    for (what, damage) in damages() {
        world.expect(0, &["plan", "--out", "a.plan"]);
        damage(&path);
        world.requests();
        for verb in ["apply", "show"] {
            let ran = world.expect(65, &[verb, "a.plan"]);
            assert!(ran.stderr.contains("can't use the plan `a.plan`"), "{what}: {ran}");
        }
        assert_eq!(world.requests(), [], "{what}");
        if !std::fs::symlink_metadata(&path).unwrap().is_file() {
            let ran = world.expect(1, &["plan", "--out", "a.plan"]);
            assert!(ran.stderr.contains("not a file"), "{what}: {ran}");
        }
        clear(&path);
    }
}

#[cfg(unix)]
#[test]
fn a_plan_whose_decisions_are_damaged_is_refused() {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "changed\n");
    world.manifest(&manifest("1.1", FILES));
    world.expect(0, &["plan", "--out", "a.plan"]);
    let good: serde_json::Value = serde_json::from_str(&world.read("a.plan")).unwrap();
    for part in ["no_publish", "initial", "same_title", "adopt_draft", "over", "ask_again"] {
        let mut bad = good.clone();
        bad["decisions"][part] = "x".into();
        world.write("b.plan", &bad.to_string());
        let ran = world.expect(65, &["apply", "b.plan"]);
        assert!(ran.stderr.contains("`decisions` is missing or not understood"), "{ran}");
        bad["decisions"].as_object_mut().unwrap().remove(part);
        world.write("b.plan", &bad.to_string());
        world.expect(65, &["apply", "b.plan"]);
    }
    // What the digest does not cover, such as where the plan comes from, has a checksum.
    let mut bad = good.clone();
    bad["about"]["commit"] = "0a1b".repeat(10).into();
    world.write("b.plan", &bad.to_string());
    let ran = world.expect(65, &["show", "b.plan"]);
    assert!(ran.stderr.contains("its checksum does not match"), "{ran}");
    world.expect(0, &["apply", "a.plan"]);
    world.expect_no_changes();
}

#[cfg(unix)]
#[test]
fn a_fifo_in_the_place_of_a_lock_file_does_not_hold_a_run_up() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    world.write(".zrel/x", "");
    let path = at(&world, ".zrel/run.lock");
    make_fifo(&path);
    let ran = world.expect(1, &["apply", "--initial", "--auto-approve"]);
    assert!(ran.stderr.contains("it is a FIFO, not a file"), "{ran}");
    clear(&path);
    world.write(".zrel/local/x", "");
    for (name, code) in [("owner.lock", 1), ("users.lock", 0), ("port", 0), ("server.json", 0)] {
        let path = at(&world, ".zrel/local").join(name);
        // Some exist from the last turn, and some are removed with the server.
        let _ = std::fs::remove_file(&path);
        make_fifo(&path);
        let ran = world.expect(code, &["plan"]);
        assert!(code == 0 || ran.stderr.contains("it is not a file"), "{name}: {ran}");
        let _ = std::fs::remove_file(&path);
    }
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[cfg(unix)]
#[test]
fn a_damaged_cache_changes_no_plan() {
    let world = World::served();
    publish_first(&world);
    let path = at(&world, ".zrel/cache/digests");
    for (what, damage) in damages() {
        if std::fs::symlink_metadata(&path).is_err() {
            world.write(".zrel/cache/digests", "");
        }
        damage(&path);
        let plan = world.expect(0, &["plan"]);
        assert!(plan.stdout.contains("No changes."), "{what}: {plan}");
        clear(&path);
    }
}

#[test]
fn damaged_data_of_the_local_server_are_reported_with_a_way_out() {
    let world = World::local();
    publish_first(&world);
    let state = world.project().join(".zrel/local/state.redb");
    std::fs::File::options().write(true).open(&state).unwrap().set_len(100).unwrap();
    let ran = world.expect(65, &["plan"]);
    assert!(ran.stderr.contains("zrel serve --set-aside"), "{ran}");
    assert!(world.project().join(".zrel/local.lock").exists());
    // The lock's entries of the records that are set aside move with them.
    world.expect(0, &["serve", "--set-aside"]);
    assert!(!world.project().join(".zrel/local.lock").exists());
    world.apply_then_expect_no_changes(&["--initial"]);
}
