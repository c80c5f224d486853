//! For any bytes: no reader of zrel panics, hangs, or accepts invalid input.
//!
//! `cargo test --test it properties` runs each property a few hundred times, about a minute in all.
//! `ZREL_CASES=20 cargo test --test it properties` runs each twenty times as often. Generators
//! begin with real texts (the example manifest, the recorded answers of the contract) and damage
//! them: random bytes alone seldom get far. A failure prints the smallest input that was found; it
//! becomes a test of its own beside the code.

mod answers;
mod html;
mod initiated;
mod manifests;
mod memory;
mod plans;
mod texts;

use proptest::prelude::*;
use proptest::sample::Index;

/// Returns how often a property is run: `n` times, multiplied by `ZREL_CASES`.
pub(crate) fn cases(n: u32) -> ProptestConfig {
    let times = std::env::var_os("ZREL_CASES");
    let times: u32 = times.map_or(1, |times| times.to_str().unwrap().parse().unwrap());
    // A generator that skips some cases must not end a long run.
    let max_local_rejects = n * times + 65_536;
    ProptestConfig {
        cases: n * times,
        max_local_rejects,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// One damage of a text: where, how many bytes are taken out, what is put in.
type Damage = (Index, usize, String);

/// Up to four damages, among them what parsers stumble over.
fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let put_in = prop_oneof![
        4 => "[\\PC]{0,4}",
        2 => "[\\x00-\\x7f]{0,3}",
        1 => Just("[".repeat(300)),
        1 => Just("{\"a\":".repeat(300)),
        1 => Just("99999999999999999999999999".to_owned()),
        1 => Just("-1e999".to_owned()),
        1 => Just("\u{feff}\u{202e}\u{0}\u{1b}[2J".to_owned()),
        1 => Just("\n".to_owned()),
    ];
    proptest::collection::vec((any::<Index>(), 0_usize..40, put_in), 1..5)
}

/// Damages a text; it stays UTF-8.
fn damaged(text: &str, damages: &[Damage]) -> String {
    let mut text = text.to_owned();
    for (at, length, put_in) in damages {
        let start = text.floor_char_boundary(at.index(text.len() + 1));
        let end = text.floor_char_boundary((start + length).min(text.len()));
        text.replace_range(start..end, put_in);
    }
    text
}
