//! Releases through a proxy that delays each answer, beside curl.

mod delay;

use std::path::PathBuf;
use std::time::Duration;

use crate::MIB;
use crate::bars::Bars;
use crate::files::{settle, write_file};
use crate::project::Project;
use crate::server::Server;

use delay::delay_answers;

/// First releases through a proxy that delays each answer, against `curl -Z` with as many uploads
/// at once through the same proxy in the same run.
pub(crate) fn new_files(bars: &mut Bars) {
    let millis = Duration::from_millis;
    first_release(bars, (100, 5 * MIB), millis(100), 4);
    first_release(bars, (100, 5 * MIB), millis(100), 8);
    first_release(bars, (50, MIB / 4), millis(150), 4);
}

fn first_release(bars: &mut Bars, files: (u64, u64), delay: Duration, jobs: usize) {
    let (n, size) = files;
    println!("{n} new files of {} KiB, {} ms, {jobs} at once", size / 1024, delay.as_millis());
    let server = start_behind(delay);
    let project = Project::new(&server);
    let paths: Vec<PathBuf> = (0..n).map(|n| project.path(&format!("part-{n:03}.bin"))).collect();
    for (seed, path) in paths.iter().enumerate() {
        write_file(path, size, seed as u64);
    }
    project.manifest("1.0", "part-*.bin");
    std::thread::sleep(Duration::from_secs(3));
    project.run(&["plan"]);
    settle();
    let curl = server.upload_all_by_curl(&paths, jobs);
    settle();
    let jobs = jobs.to_string();
    let run = project.run(&["apply", "--auto-approve", "--initial", "--jobs", &jobs]);
    let uploads = server.all_uploads(paths.len());
    println!("  {:<34} {:>9.2} s", "curl -Z", curl.as_secs_f64());
    println!("  {:<34} {:>9.2} s", "zrel, the uploads", uploads.as_secs_f64());
    println!("  {:<34} {:>9.2} s", "zrel, the whole apply", run.wall.as_secs_f64());
    let ratio = |wall: Duration| wall.as_secs_f64() / curl.as_secs_f64();
    bars.at_most("uploads, as a ratio to curl -Z", ratio(uploads), 1.15, "");
    bars.at_most("whole apply, as a ratio to curl -Z", ratio(run.wall), 1.3, "");
    bars.at_most("peak memory", run.peak_mib, 48.0, "MiB");
}

/// A new version through a proxy that delays each answer, half of whose files have new bytes: zrel
/// deletes these and uploads them again, several at once. Against a curl that does the same.
pub(crate) fn replaced_files(bars: &mut Bars) {
    let (n, n_replaced, size, jobs) = (60, 30, MIB, 4);
    println!("{n_replaced} of {n} files of 1 MiB replaced, 100 ms, {jobs} at once");
    let server = start_behind(Duration::from_millis(100));
    let project = Project::new(&server);
    let paths: Vec<PathBuf> = (0..n).map(|n| project.path(&format!("part-{n:03}.bin"))).collect();
    for (seed, path) in paths.iter().enumerate() {
        write_file(path, size, seed as u64);
    }
    project.manifest("1.0", "part-*.bin");
    project.run(&["apply", "--auto-approve", "--initial"]);
    for (seed, path) in paths.iter().enumerate().take(n_replaced) {
        write_file(path, size, 1000 + seed as u64);
    }
    project.manifest("1.1", "part-*.bin");
    std::thread::sleep(Duration::from_secs(3));
    project.run(&["plan"]);
    settle();
    let curl = server.replace_by_curl(&paths[..n_replaced], jobs);
    settle();
    let run = project.run(&["apply", "--auto-approve"]);
    println!("  {:<34} {:>9.2} s", "curl, deletes and uploads", curl.as_secs_f64());
    println!("  {:<34} {:>9.2} s", "zrel, the whole apply", run.wall.as_secs_f64());
    let ratio = run.wall.as_secs_f64() / curl.as_secs_f64();
    bars.at_most("whole apply, as a ratio to curl", ratio, 1.3, "");
    bars.at_most("peak memory", run.peak_mib, 48.0, "MiB");
}

/// Starts a server whose answers are late.
pub(crate) fn start_behind(delay: Duration) -> Server {
    let mut server = Server::start();
    delay_answers(server.port(), delay);
    server.url = format!("http://[::1]:{}", server.port());
    server
}
