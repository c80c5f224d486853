//! Many members of a workspace: nothing changed, and one file changed in each.

use std::fs;
use std::time::{Duration, Instant};

use crate::bars::Bars;
use crate::far_away::start_behind;
use crate::files::settle;
use crate::project::Project;
use crate::server::Server;

/// A plan of 1,000 members of which none changed.
pub(crate) fn unchanged_members(bars: &mut Bars) {
    println!("plan, nothing changed, 1,000 members with a file each");
    let server = Server::start();
    let project = Project::new(&server);
    write_workspace(&project, &server, 1000);
    let first = project.run(&["apply", "--auto-approve", "--initial"]);
    println!("  {:<34} {:>9.2} s", "the first release of all", first.wall.as_secs_f64());
    // Right after an apply a listing is not trusted.
    std::thread::sleep(Duration::from_secs(61));
    project.run(&["plan"]);
    let before = server.requests().len();
    let run = project.run(&["plan", "--detailed-exitcode"]);
    let requests = server.requests().len() - before;
    bars.at_most("requests", requests as f64, 29.0, "requests");
    bars.at_most("wall time", run.wall.as_secs_f64(), 10.0, "s");
    bars.at_most("peak memory", run.peak_mib, 200.0, "MiB");
}

/// How many members have a new version.
const N_CHANGED: usize = 40;

/// A new version of 40 members with one changed file each, through a proxy that delays each answer,
/// beside as many applies of single records one after the other.
pub(crate) fn changed_members(bars: &mut Bars) {
    println!("{N_CHANGED} members with one changed file each, 100 ms");
    let server = start_behind(Duration::from_millis(100));
    let project = Project::new(&server);
    write_workspace(&project, &server, N_CHANGED);
    project.run(&["apply", "--auto-approve", "--initial"]);
    let release = |version: &str| {
        for n in 0..N_CHANGED {
            write_member(&project, n, version);
        }
        settle();
    };
    release("1.1");
    let start = Instant::now();
    for n in 0..N_CHANGED {
        project.run_in(&format!("deposits/m{n:04}"), &["apply", "--auto-approve"]);
    }
    let singles = start.elapsed();
    release("1.2");
    let together = project.run(&["apply", "--auto-approve"]);
    println!("  {:<34} {:>9.2} s", "one after the other", singles.as_secs_f64());
    println!("  {:<34} {:>9.2} s", "as a workspace", together.wall.as_secs_f64());
    let ratio = together.wall.as_secs_f64() / singles.as_secs_f64();
    bars.at_most("as a ratio to one after the other", ratio, 0.33, "");
    bars.at_most("peak memory", together.peak_mib, 64.0, "MiB");
}

/// Writes a workspace with so many members.
pub(crate) fn write_workspace(project: &Project<'_>, server: &Server, n_members: usize) {
    let root = format!(
        "[workspace]\nmembers = [\"deposits/*\"]\nserver = \"bench\"\n\n[workspace.metadata]\n\
         upload_type = \"dataset\"\nlicense = \"CC0-1.0\"\n\
         creators = [{{ name = \"Example, Ada\" }}]\n\n[servers.bench]\nurl = \"{}\"\n\
         doi_prefix = \"10.5072\"\n",
        server.url
    );
    fs::write(project.path("zenodo.toml"), root).unwrap();
    for n in 0..n_members {
        write_member(project, n, "1.0");
    }
}

/// Writes a member with a file of its version.
pub(crate) fn write_member(project: &Project<'_>, n: usize, version: &str) {
    let folder = project.path(&format!("deposits/m{n:04}"));
    fs::create_dir_all(&folder).unwrap();
    let text = format!(
        "[metadata]\ntitle = \"Tables {n}\"\ndescription = \"<p>Tables number {n}.</p>\"\n\
         publication_date = 2026-06-01\nversion = \"{version}\"\n\n[[files]]\npath = \"*.csv\"\n"
    );
    fs::write(folder.join("zenodo.toml"), text).unwrap();
    fs::write(folder.join("data.csv"), format!("{n},{version}\n")).unwrap();
}
