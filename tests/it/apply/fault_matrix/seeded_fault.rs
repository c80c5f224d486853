//! The matrix can fail: faults that are put into the client on purpose turn it red.

use std::collections::BTreeSet;

use super::walk::{Choice, Course, walk_all};

/// A fault of the client, and the cells that must detect it.
const PLANTED: [(&str, &str); 5] = [
    ("blind-publish", "next version/504-after/"),
    ("no-read-back", "next version/file-lost/"),
    ("second-newversion", "next version/504-after/"),
    ("lost-journal-entry", "first publication/kill-after/"),
    ("unlooked-answer", "next version/answer-of-other/"),
];

#[test]
#[cfg(any(debug_assertions, feature = "failpoints"))]
fn the_matrix_sees_faults_that_are_put_into_the_client() {
    let course = |cells: &str, seeded_fault| Course {
        choice: Choice::Named(cells.to_owned()),
        seeded_fault,
    };
    let broken = PLANTED.map(|(fault, cells)| course(cells, Some(fault)));
    let cells: BTreeSet<&str> = PLANTED.into_iter().map(|(_, cells)| cells).collect();
    let sound = cells.into_iter().map(|cells| course(cells, None));
    let tallies = walk_all(&broken.into_iter().chain(sound).collect::<Vec<_>>());
    let (broken, sound) = tallies.split_at(PLANTED.len());
    for tally in sound {
        tally.expect_converged();
    }
    for ((fault, _), tally) in PLANTED.iter().zip(broken) {
        super::print(&format!("seeded: {fault}: {}", tally.line()));
        assert!(tally.is_red(), "{fault} was not seen");
    }
}
