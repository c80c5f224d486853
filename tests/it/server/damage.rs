//! A damaged data folder of the local server: zrel reports it, checks it on demand, and sets it
//! aside, with nothing deleted.

use std::path::PathBuf;

use crate::support::world::{FILES, World, manifest};

/// How many flips are tried with the whole program; more are tried beside `src/local/rows.rs`.
const FLIPS: u64 = 48;

/// A world whose local server has a record of two versions.
fn rehearsed() -> World {
    let world = World::local();
    world.write("a.csv", "one,two\n");
    for label in ["1.0", "1.1"] {
        world.manifest(&manifest(label, FILES));
        world.write("b.csv", label);
        world.apply_then_expect_no_changes(&["--initial"]);
    }
    world
}

fn state(world: &World) -> PathBuf {
    world.project().join(".zrel/local/state.redb")
}

/// Returns the places of bits to flip: spread over the head and over all that is not empty.
fn paths(bytes: &[u8], count: u64) -> Vec<(usize, u8)> {
    let filled: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    (0..count)
        .map(|n| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let pick = usize::try_from(random >> 8).unwrap();
            let at = if n % 3 == 0 { pick % 512 } else { filled[pick % filled.len()] };
            (at, 1 << (random % 8))
        })
        .collect()
}

#[test]
fn a_flipped_bit_is_reported_clearly_or_does_no_harm() {
    let world = rehearsed();
    let whole = std::fs::read(state(&world)).unwrap();
    let mut n_damaged = 0;
    for (at, bit) in paths(&whole, FLIPS) {
        let mut bytes = whole.clone();
        bytes[at] ^= bit;
        std::fs::write(state(&world), &bytes).unwrap();
        let ran = world.zrel(&["plan"]);
        assert!(!ran.stderr.contains("panicked"), "byte {at}, bit {bit}\n{ran}");
        if ran.code == 0 {
            assert!(ran.stdout.contains("No changes."), "byte {at}, bit {bit}\n{ran}");
        } else {
            n_damaged += 1;
            assert_eq!(ran.code, 65, "byte {at}, bit {bit}\n{ran}");
            for phrase in ["state.redb is damaged: ", "hint: ", "zrel serve --set-aside"] {
                assert!(ran.stderr.contains(phrase), "byte {at}, bit {bit}: «{phrase}»\n{ran}");
            }
            assert_eq!(std::fs::read(state(&world)).unwrap(), bytes, "it is left as it is");
        }
    }
    assert!(n_damaged > FLIPS / 8, "{n_damaged} of {FLIPS} flips were seen");
    std::fs::write(state(&world), whole).unwrap();
    world.expect_no_changes();
}

#[test]
fn damaged_data_are_set_aside_and_a_rehearsal_starts_again() {
    let mut world = rehearsed();
    let ran = world.expect(0, &["serve", "--check"]);
    assert_eq!(
        ran.stdout,
        "The data in ./.zrel/local are whole: 2 published versions, 0 drafts, 3 files.\n"
    );
    let mut bytes = std::fs::read(state(&world)).unwrap();
    let half = bytes.len() / 2;
    bytes.truncate(half);
    std::fs::write(state(&world), &bytes).unwrap();
    for args in [&["serve", "--check"] as &[&str], &["serve"], &["plan"], &["apply"]] {
        let ran = world.expect(65, args);
        assert!(ran.stderr.contains("is damaged: "), "{ran}");
    }

    world.write(".zrel/journal-local", "what an apply left\n");
    world.set_now("2026-11-28T14:30:00Z");
    let ran = world.expect(0, &["serve", "--set-aside"]);
    assert!(ran.stdout.contains("./.zrel/local-2026-11-28T14-30-00Z now"), "{ran}");
    let aside = world.project().join(".zrel/local-2026-11-28T14-30-00Z");
    assert_eq!(std::fs::read(aside.join("state.redb")).unwrap(), bytes);
    assert_eq!(std::fs::read_dir(aside.join("blobs")).unwrap().count(), 3);
    for name in ["local.lock", "journal-local"] {
        assert!(aside.join(name).exists() && !world.project().join(".zrel").join(name).exists());
    }
    assert_eq!(
        world.expect(0, &["serve", "--check"]).stdout,
        "The data in ./.zrel/local are whole: 0 published versions, 0 drafts, 0 files.\n"
    );
    world.apply_then_expect_no_changes(&["--initial"]);
    // Again at the same moment: the first folder stays as it is.
    let ran = world.expect(0, &["serve", "--set-aside"]);
    assert!(ran.stdout.contains("local-2026-11-28T14-30-00Z-2 now"), "{ran}");
    assert_eq!(std::fs::read(aside.join("state.redb")).unwrap(), bytes);
    let ran = world.expect(0, &["serve", "--set-aside"]);
    assert_eq!(ran.stdout, "There are no data in ./.zrel/local.\n");
}

#[test]
fn a_state_that_is_gone_takes_no_file_with_it() {
    let world = rehearsed();
    let blobs = || std::fs::read_dir(world.project().join(".zrel/local/blobs")).unwrap().count();
    let whole = std::fs::read(state(&world)).unwrap();
    for is_gone in [false, true] {
        std::fs::write(state(&world), "").unwrap();
        if is_gone {
            std::fs::remove_file(state(&world)).unwrap();
        }
        let all: [&[&str]; 4] =
            [&["serve", "--check"], &["plan"], &["status"], &["apply", "--auto-approve"]];
        for args in all {
            let ran = world.expect(65, args);
            assert!(
                ran.stderr.contains("it is missing or empty, but file contents exist"),
                "{ran}"
            );
            assert!(ran.stderr.contains("zrel serve --set-aside"), "{ran}");
            assert_eq!(blobs(), 3);
        }
    }
    std::fs::write(state(&world), whole).unwrap();
    world.expect_no_changes();
}

#[test]
fn a_damaged_file_of_a_record_is_named() {
    let world = rehearsed();
    let blobs = world.project().join(".zrel/local/blobs");
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(blobs).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort_by_key(|path| std::fs::read(path).unwrap());
    // `1.0`, `1.1` and `one,two`.
    std::fs::write(&all[0], "2.0").unwrap();
    std::fs::write(&all[1], "1.12").unwrap();
    std::fs::remove_file(&all[2]).unwrap();
    let ran = world.expect(65, &["serve", "--check"]);
    for phrase in [
        "error: files in ./.zrel/local are damaged",
        "`b.csv` of 10000002 does not match its checksum",
        "has 4 bytes instead of 3",
        "`a.csv` of 10000002 is missing",
        "zrel serve --set-aside",
    ] {
        assert!(ran.stderr.contains(phrase), "«{phrase}» in {ran}");
    }
}

#[test]
fn data_that_are_in_use_are_left_alone() {
    let world = World::served();
    let data = world.path().join("server");
    let data = data.to_str().unwrap();
    for flag in ["--check", "--set-aside"] {
        let ran = world.expect(75, &["serve", "--data", data, flag]);
        assert!(ran.stderr.contains("another zrel uses"), "{ran}");
    }
    let ran = world.expect(1, &["serve", "--data", "nowhere", "--check"]);
    assert!(ran.stderr.contains("there is no folder `./nowhere`"), "{ran}");
    assert!(!world.project().join("nowhere").exists());
    world.expect(64, &["serve", "--check", "--set-aside"]);
}
