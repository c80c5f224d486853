//! Past releases: 20 tags that were never published.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::bars::Bars;
use crate::far_away::start_behind;
use crate::project::Project;
use crate::server::Server;

/// How many tags there are.
const N_TAGS: usize = 20;

/// 20 tags with one changed file each, through a proxy that delays each answer, beside a checkout and
/// an apply for each of them by hand.
pub(crate) fn past_releases(bars: &mut Bars) {
    println!("{N_TAGS} past releases with one changed file each, 100 ms");
    let server = start_behind(Duration::from_millis(100));
    let (by_hand, together) = (Project::new(&server), Project::new(&server));
    write_repository(&by_hand, &server, "by hand");
    write_repository(&together, &server, "together");

    let start = Instant::now();
    for n in 0..N_TAGS {
        git(&by_hand, &["checkout", "-q", &name(n)]);
        by_hand.run(&["apply", "--auto-approve", "--initial"]);
    }
    let singles = start.elapsed();
    let before = server.requests().len();
    let tags = ["backfill", "apply", "--tags", "v*", "--auto-approve", "--initial"];
    let run = together.run(&tags);
    let requests = server.requests().len() - before;
    println!("  {:<34} {:>9.2} s", "a checkout and an apply each", singles.as_secs_f64());
    println!("  {:<34} {:>9.2} s", "zrel backfill apply", run.wall.as_secs_f64());
    let ratio = run.wall.as_secs_f64() / singles.as_secs_f64();
    bars.at_most("as a ratio to one by one", ratio, 1.1, "");
    bars.at_most("requests a tag", requests as f64 / N_TAGS as f64, 8.0, "requests");
    bars.at_most("peak memory", run.peak_mib, 64.0, "MiB");
}

fn name(n: usize) -> String {
    format!("v1.{n}")
}

/// Makes a repository whose tags have a file that changes, and one that stays.
fn write_repository(project: &Project<'_>, server: &Server, title: &str) {
    let manifest = format!(
        "server = \"bench\"\n\n[metadata]\ntitle = \"Tables {title}\"\nupload_type = \"dataset\"\n\
         license = \"CC0-1.0\"\ncreators = [{{ name = \"Example, Ada\" }}]\n\
         description = \"<p>Tables, caught up {title}.</p>\"\n\
         version = {{ from = \"git-tag\", strip = \"v\" }}\n\n[[files]]\npath = \"*.csv\"\n\n\
         [servers.bench]\nurl = \"{}\"\ndoi_prefix = \"10.5072\"\n",
        server.url
    );
    fs::write(project.path("zenodo.toml"), manifest).unwrap();
    fs::write(project.path("same.csv"), "always,the,same\n").unwrap();
    git(project, &["init", "-q", "-b", "main"]);
    for n in 0..N_TAGS {
        fs::write(project.path("data.csv"), format!("{n},{title}\n")).unwrap();
        git(project, &["add", "data.csv", "same.csv", "zenodo.toml"]);
        git(project, &["commit", "-qm", "work"]);
        git(project, &["tag", &name(n)]);
    }
}

fn git(project: &Project<'_>, args: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=Bench", "-c", "user.email=bench@example.org"])
        .args(args)
        .current_dir(project.path("."))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}
