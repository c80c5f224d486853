//! Replays every recording of `tests/contract` against the embedded server.
//!
//! The rules of comparison are those of the recorder: placeholders for ids, times and addresses,
//! what no client of a deposit reads left out, lists of files compared by name, and any refusal
//! in place of a fault of the real server's own.

#![expect(clippy::wildcard_enum_match_arm, reason = "the variants of a JSON value do not grow")]

mod normalise;
mod replay;

use std::fs;
use std::path::{Path, PathBuf};

use zrel::local::{Running, ServeOptions, parse_seed, start};

/// Returns the folder of the recordings.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract")
}

/// Starts a server with the users and communities that the recordings start from.
pub(crate) async fn seeded_server(data: &Path) -> Running {
    let seed = fs::read_to_string(folder().join("seed.toml")).unwrap();
    let mut options = ServeOptions::new(data.to_owned());
    options.seed = Some(parse_seed(&seed).unwrap());
    start(options).await.unwrap()
}

#[tokio::test]
async fn every_recorded_request_is_answered_as_zenodo_answered_it() {
    let data = tempfile::tempdir().unwrap();
    let server = seeded_server(data.path()).await;
    let mut paths: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    assert_eq!(paths.len(), 59, "recordings in {}", folder().display());
    let mut faults = Vec::new();
    let mut n_steps = 0;
    for path in &paths {
        let (n, found) = replay::scenario(path, server.base_url()).await;
        n_steps += n;
        faults.extend(found);
    }
    server.stop().await;
    assert_eq!(n_steps, 755);
    assert!(faults.is_empty(), "\n{}\n{} differences", faults.join("\n"), faults.len());
}

#[tokio::test]
async fn a_difference_is_seen() {
    let data = tempfile::tempdir().unwrap();
    let server = seeded_server(data.path()).await;
    let text = fs::read_to_string(folder().join("create-empty.json")).unwrap();
    let changed = data.path().join("changed.json");
    fs::write(&changed, text.replace("\"unsubmitted\"", "\"submitted\"")).unwrap();
    let (_, faults) = replay::scenario(&changed, server.base_url()).await;
    server.stop().await;
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].contains("/body/state"), "{faults:?}");
}
