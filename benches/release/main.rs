//! How fast and how lean: `cargo bench`. Prints each figure beside its bar, and exits non-zero
//! when one is missed.
//!
//! The program under test is the release build of `zrel`, the server is `zrel serve` in a process
//! of its own, and the peers are `curl` and `md5sum`. Memory is the peak that Linux reports (`VmHWM`).
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a benchmark stops at the first surprise, and prints"
)]

mod backfill;
mod bars;
mod far_away;
mod files;
mod hashing;
mod hostile;
mod large;
mod members;
mod project;
mod server;
mod versions;

use std::process::ExitCode;

use bars::{Bars, Measure};

const MIB: u64 = 1024 * 1024;
const ZREL: &str = env!("CARGO_BIN_EXE_zrel");

fn main() -> ExitCode {
    // `cargo test` runs benches too, with `--test`: there is nothing to measure then.
    if std::env::args().any(|arg| arg == "--test") {
        return ExitCode::SUCCESS;
    }
    let mut bars = Bars::default();
    let all: [(&str, Measure); 13] = [
        ("second", versions::second_version),
        ("records", versions::second_version_by_records),
        ("creators", versions::many_creators),
        ("large", large::large_file),
        ("tls", large::large_file_over_tls),
        ("parallel", far_away::new_files),
        ("replaced", far_away::replaced_files),
        ("nothing", versions::nothing_changed),
        ("members", members::unchanged_members),
        ("changed", members::changed_members),
        ("backfill", backfill::past_releases),
        ("hashing", hashing::hashing),
        ("hostile", hostile::hostile_texts),
    ];
    // `cargo bench -- large` runs one of them.
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for (name, measure) in all {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            measure(&mut bars);
        }
    }
    if bars.missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
