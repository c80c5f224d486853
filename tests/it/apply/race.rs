//! Two clients write the metadata of one draft at the same moment: the loser gets 400
//! `Invalid value dataset.` (zenodo-notes.md, 2026-11-23), which says nothing about its metadata.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::apply::safety::{Fate, Folder, Proxy, Server, said};

const STATUS: &str = "400 BAD REQUEST";
const MISLEADING: &str = r#"{"status":400,"message":"Invalid value dataset."}"#;

/// Returns whether a request writes the metadata of a draft.
fn is_put(request: &str) -> bool {
    request.starts_with("PUT /api/deposit/depositions/")
}

/// A first publication through a proxy that decides on each writing of metadata, by its number
/// from 0 and the draft's path.
fn release(
    server: &Server,
    fate: impl Fn(usize, &str) -> Fate + Send + Sync + 'static,
) -> (Folder, Arc<AtomicUsize>) {
    let n_puts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&n_puts);
    let proxy = Proxy::before(server, move |request| {
        if !is_put(request) {
            return Fate::Pass;
        }
        fate(counted.fetch_add(1, Ordering::SeqCst), request.trim_start_matches("PUT "))
    });
    (Folder::new(proxy.port, "1", ""), n_puts)
}

fn expect_no_changes(folder: &Folder) {
    let plan = said(&folder.zrel(&["plan"]));
    assert!(plan.contains("No changes"), "{plan}");
}

#[test]
fn a_write_that_lost_without_a_rival_is_made_once_more() {
    let server = Server::start();
    let (folder, n_puts) = release(&server, |n, _| match n {
        0 => Fate::Refuse(STATUS, MISLEADING),
        _ => Fate::Pass,
    });
    let (code, said) = folder.apply(&["--initial"]);
    assert_eq!((code, server.n_versions()), (0, 1), "{said}");
    assert!(said.contains("another client may have written just now"), "{said}");
    assert_eq!(n_puts.load(Ordering::SeqCst), 2);
    expect_no_changes(&folder);
}

#[test]
fn a_write_that_arrived_despite_an_error_is_not_made_again() {
    let server = Server::start();
    let (folder, n_puts) = release(&server, |_, _| Fate::RefuseAfter(STATUS, MISLEADING));
    let (code, said) = folder.apply(&["--initial"]);
    assert_eq!((code, server.n_versions()), (0, 1), "{said}");
    assert_eq!(n_puts.load(Ordering::SeqCst), 1);
    expect_no_changes(&folder);
}

#[test]
fn another_client_s_content_is_not_overwritten() {
    let server = Arc::new(Server::start());
    // The proxy outlives the test, and must not keep the server running.
    let other = Arc::downgrade(&server);
    let (folder, n_puts) = release(&server, move |n, path| {
        if n > 0 {
            return Fate::Pass;
        }
        let metadata = json!({"metadata": {"title": "Theirs", "upload_type": "dataset"}});
        let other = other.upgrade().unwrap();
        let (status, answer) = other.call("PUT", path, &metadata);
        assert_eq!(status, 200, "{answer}");
        Fate::Refuse(STATUS, MISLEADING)
    });
    let (code, said) = folder.apply(&["--initial"]);
    assert_eq!((code, server.n_versions()), (12, 0), "{said}");
    assert!(said.contains("another client changed the draft meanwhile"), "{said}");
    assert_eq!(n_puts.load(Ordering::SeqCst), 1);
    let all = server.get("/api/deposit/depositions?size=100");
    let titles: Vec<&Value> = all.as_array().unwrap().iter().map(|one| &one["title"]).collect();
    assert_eq!(titles, [&json!("Theirs")]);
    let (code, said) = folder.apply(&["--initial"]);
    assert_eq!((code, server.n_versions()), (0, 1), "{said}");
    expect_no_changes(&folder);
}

#[test]
fn a_word_that_the_server_does_not_take_is_refused_after_one_more_try() {
    let server = Server::start();
    let (folder, n_puts) = release(&server, |_, _| Fate::Refuse(STATUS, MISLEADING));
    let (code, said) = folder.apply(&["--initial"]);
    assert_eq!((code, server.n_versions()), (12, 0), "{said}");
    assert!(said.contains("Invalid value dataset."), "{said}");
    assert_eq!(n_puts.load(Ordering::SeqCst), 2);
}

#[test]
fn a_word_that_was_not_sent_is_an_ordinary_refusal() {
    let server = Server::start();
    let (folder, n_puts) = release(&server, |_, _| {
        Fate::Refuse(STATUS, r#"{"status":400,"message":"Invalid value poster."}"#)
    });
    let (code, said) = folder.apply(&["--initial"]);
    assert_eq!((code, server.n_versions()), (12, 0), "{said}");
    assert_eq!(n_puts.load(Ordering::SeqCst), 1);
}
