//! What the program did before it was rebuilt, kept as files under `tests/heritage`: the same
//! manifests, commands and kills give the same exit codes, digests, requests and locks, and files
//! that it wrote then are still read.
//!
//! `ZREL_BLESS=1 cargo test --test it heritage` rewrites what is compared. Plans, locks and
//! journals (`plans`, `locks`, `journals`) are only written where they are missing: a later program
//! must read those of an earlier one. `stored` shows those that a run before it wrote. Where to start reading: `transcript`. Deliberately absent:
//! words for people, which may change.

mod journals;
mod manifests;
mod scenarios;
mod stored;
mod transcript;

use std::fs;
use std::path::{Path, PathBuf};

/// The time of all commands and servers.
const NOW: &str = "2026-11-23T12:00:00Z";

/// The port of the server in plans and locks that are kept.
const PORT_OF_LOCKS: u16 = 19_318;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/heritage")
}

fn is_blessed() -> bool {
    std::env::var_os("ZREL_BLESS").is_some()
}

/// Compares with what is kept, or writes it when blessed.
#[track_caller]
fn expect_kept(name: &str, text: &str) {
    let path = folder().join(name);
    if is_blessed() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let diff = similar::TextDiff::from_lines(kept.as_str(), text);
    let diff = diff.unified_diff().context_radius(6).header("kept", "now").to_string();
    assert!(kept == text, "tests/heritage/{name} is not what comes of it now\n{diff}");
}

/// Returns a file that an earlier program wrote; where there is none and it is blessed, `make` gives
/// one that is kept from now on.
#[track_caller]
fn from_then(name: &str, make: impl FnOnce() -> String) -> String {
    let path = folder().join(name);
    if is_blessed() && !path.exists() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, make()).unwrap();
    }
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
