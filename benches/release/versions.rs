//! A second version, and a plan with nothing to do.

use std::time::Duration;

use crate::MIB;
use crate::bars::Bars;
use crate::files::write_file;
use crate::project::{Project, Run};
use crate::server::Server;

/// A second version of 20 files of 5 MiB, of which one changed.
pub(crate) fn second_version(bars: &mut Bars) {
    println!("second version, 20 files of 5 MiB, one changed");
    let server = Server::start();
    let project = Project::new(&server);
    for n in 0..20 {
        write_file(&project.path(&format!("data-{n:02}.bin")), 5 * MIB, n);
    }
    project.manifest("1.0", "data-*.bin");
    project.run(&["apply", "--auto-approve", "--initial"]);
    write_file(&project.path("data-07.bin"), 5 * MIB, 99);
    project.manifest("1.1", "data-*.bin");
    let before = server.requests().len();
    let run = project.run(&["apply", "--auto-approve"]);
    let requests = server.requests().split_off(before);
    let sent: u64 =
        requests.iter().filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum();
    let curl = server.version_by_curl(&project.path("data-07.bin"));
    // Of a server that only the manifest names, zrel asks once which APIs it has; it knows Zenodo's.
    let is_asked = |line: &&String| !line.contains("HEAD /api/deposit/depositions");
    let n_requests = requests.iter().filter(is_asked).count();
    bars.at_most("requests, without that for the APIs", n_requests as f64, 6.0, "requests");
    bars.at_most("bytes in request bodies", sent as f64 / MIB as f64, 5.02, "MiB");
    bars.at_most("peak memory", run.peak_mib, 40.0, "MiB");
    println!("  {:<34} {:>9.2} s", "wall time", run.wall.as_secs_f64());
    println!(
        "  {:<34} {:>9.2} s  (the four writes, no check)",
        "wall time of curl",
        curl.as_secs_f64()
    );
}

/// A second version of 20 files of 5 MiB, of which one changed, with metadata that only the records
/// API writes; and a plan with nothing changed.
pub(crate) fn second_version_by_records(bars: &mut Bars) {
    println!("second version by the records API, 20 files of 5 MiB, one changed");
    let server = Server::start();
    let project = Project::new(&server);
    for n in 0..20 {
        write_file(&project.path(&format!("data-{n:02}.bin")), 5 * MIB, n);
    }
    let rich = "copyright = \"© 2026\"\nlanguages = [\"en\", \"de\"]\n";
    project.manifest_with("1.0", "data-*.bin", rich);
    project.run(&["apply", "--auto-approve", "--initial"]);
    write_file(&project.path("data-07.bin"), 5 * MIB, 99);
    project.manifest_with("1.1", "data-*.bin", rich);
    let before = server.requests().len();
    project.run(&["apply", "--auto-approve"]);
    let requests = server.requests().split_off(before);
    let sent: u64 =
        requests.iter().filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum();
    bars.at_most("requests", requests.len() as f64, 12.0, "requests");
    bars.at_most("bytes in request bodies", sent as f64 / MIB as f64, 5.02, "MiB");
    let before = server.requests().len();
    project.run(&["plan"]);
    bars.at_most("requests of a plan", (server.requests().len() - before) as f64, 1.0, "requests");
}

/// A plan of a record with 3,000 creators, each with a ROR id.
pub(crate) fn many_creators(bars: &mut Bars) {
    println!("plan of a record with 3,000 creators");
    let server = Server::start();
    let project = Project::new(&server);
    write_file(&project.path("data-00.bin"), MIB, 1);
    let creators = |last: &str| {
        let one = |n| {
            format!(
                "{{ name = \"Author, {n}\", affiliations = [\"One\", {{ ror = \"01ggx4157\" }}] }}"
            )
        };
        let all: Vec<String> = (0..2_999).map(one).collect();
        format!("creators = [{}, {{ name = \"{last}\" }}]\n", all.join(", "))
    };
    project.manifest_of("1.0", "data-*.bin", &creators("Last, First"));
    project.run(&["apply", "--auto-approve", "--initial"]);
    project.manifest_of("1.0", "data-*.bin", &creators("Last, Second"));
    project.run(&["plan"]);
    let runs: Vec<Run> = (0..5).map(|_| project.run(&["plan"])).collect();
    let mut walls: Vec<Duration> = runs.iter().map(|run| run.wall).collect();
    walls.sort();
    bars.at_most("wall time (median of 5)", walls[2].as_secs_f64() * 1000.0, 200.0, "ms");
    let peak = runs.iter().map(|run| run.peak_mib).fold(0.0, f64::max);
    bars.at_most("peak memory", peak, 40.0, "MiB");
}

/// A plan with nothing changed over 100 files of 20 MiB, digests cached.
pub(crate) fn nothing_changed(bars: &mut Bars) {
    println!("plan, nothing changed, 100 files of 20 MiB");
    let server = Server::start();
    let project = Project::new(&server);
    for n in 0..100 {
        write_file(&project.path(&format!("part-{n:03}.bin")), 20 * MIB, n);
    }
    project.manifest("1.0", "part-*.bin");
    project.run(&["apply", "--auto-approve", "--initial"]);
    std::thread::sleep(Duration::from_secs(3));
    project.run(&["plan"]);
    let before = server.requests().len();
    let runs: Vec<Run> = (0..5).map(|_| project.run(&["plan"])).collect();
    let requests = server.requests().len() - before;
    let mut walls: Vec<Duration> = runs.iter().map(|run| run.wall).collect();
    walls.sort();
    bars.at_most("wall time (median of 5)", walls[2].as_secs_f64() * 1000.0, 100.0, "ms");
    bars.at_most("requests", requests as f64 / 5.0, 1.0, "requests");
}
