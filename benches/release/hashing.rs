//! Hashing, beside `md5sum`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bars::Bars;
use crate::files::{settle, write_file, write_text};
use crate::project::{Project, Run};
use crate::server::Server;

/// A first plan, which hashes all files and searches them for secrets, against `md5sum` of the same
/// files. A text is searched to its end, other files only in their first MiB.
pub(crate) fn hashing(bars: &mut Bars) {
    let (one, many) = ((1, 2_000_000_000), (60, 50_000_000));
    hash_beside_md5sum(bars, "one file of 2 GB, not a text", one, write_file, 1.1);
    hash_beside_md5sum(bars, "one text of 2 GB", one, write_text, 1.1);
    hash_beside_md5sum(bars, "60 files of 50 MB, not texts", many, write_file, 0.6);
    hash_beside_md5sum(bars, "60 texts of 50 MB", many, write_text, 0.6);
}

/// Measures the whole of `zrel plan` without its digest cache, from the page cache: the best of
/// three turns of each, since other programs only ever add.
fn hash_beside_md5sum(
    bars: &mut Bars,
    what: &str,
    (n, size): (u64, u64),
    write: fn(&Path, u64, u64),
    bar: f64,
) {
    println!("{what}, digests not cached, the best of three turns");
    let server = Server::start();
    let project = Project::new(&server);
    let paths: Vec<PathBuf> = (0..n).map(|n| project.path(&format!("part-{n:03}.dat"))).collect();
    for (seed, path) in paths.iter().enumerate() {
        write(path, size, seed as u64);
    }
    project.manifest("1.0", "part-*.dat");
    settle();
    let turns: Vec<(Duration, Run)> = (0..3)
        .map(|_| {
            let md5sum = run_md5sum(&paths);
            // The first turn has no cache yet.
            let _ = fs::remove_dir_all(project.path(".zrel/cache"));
            (md5sum, project.run(&["plan"]))
        })
        .collect();
    let md5sum = turns.iter().map(|turn| turn.0).min().unwrap();
    let plan = turns.iter().map(|turn| turn.1.wall).min().unwrap();
    println!("  {:<34} {:>9.2} s", "md5sum", md5sum.as_secs_f64());
    println!("  {:<34} {:>9.2} s", "zrel plan", plan.as_secs_f64());
    let ratio = plan.as_secs_f64() / md5sum.as_secs_f64();
    bars.at_most("wall time, as a ratio to md5sum", ratio, bar, "");
    let peak = turns.iter().map(|turn| turn.1.peak_mib).fold(0.0, f64::max);
    bars.at_most("peak memory", peak, 40.0, "MiB");
}

fn run_md5sum(paths: &[PathBuf]) -> Duration {
    let start = Instant::now();
    let status = Command::new("md5sum").args(paths).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
    start.elapsed()
}
