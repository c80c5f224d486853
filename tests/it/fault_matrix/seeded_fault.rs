//! The matrix can fail: faults that are put into the client on purpose turn it red.

use super::scenario::SCENARIOS;
use super::walk::{Choice, walk_planted};

/// A fault of the client, and the cells that must detect it.
const PLANTED: [(&str, &str); 5] = [
    ("blind-publish", "next version/504-after/"),
    ("no-read-back", "next version/file-lost/"),
    ("second-newversion", "next version/504-after/"),
    ("lost-journal-entry", "first publication/kill-after/"),
    ("unlooked-answer", "next version/answer-of-other/"),
];

#[test]
#[cfg(debug_assertions)]
fn the_matrix_sees_faults_that_are_put_into_the_client() {
    for (fault, cells) in PLANTED {
        let choice = Choice::Named(cells.to_owned());
        let sound = walk_planted(&choice, SCENARIOS, None);
        sound.expect_converged();
        let broken = walk_planted(&choice, SCENARIOS, Some(fault));
        super::print(&format!("seeded: {fault}: {}", broken.line()));
        assert!(broken.is_red(), "{fault} was not seen");
    }
}
