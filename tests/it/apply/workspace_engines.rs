//! What `zrel workspace export` prints, run by what reads it: workers that share the server's limit
//! of requests, are killed, and do a task twice.
//!
//! Snakemake is Python's; `.ci/run` installs it under `target/snakemake`, and here it is run where it
//! is found; with `ZREL_LINT` set it must be. `tests/engines/slurm.sh` does the same with SLURM.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use zrel::local::RateLimit;

use crate::support::world::{Ran, World, copy_folder};

use super::workspace::{
    ROOT, count_published, plan, start, start_in_git, write_member, write_root,
};

/// How many members the workspace has; each fifth has no record yet.
const N_MEMBERS: usize = 60;

/// How many workers the exported file runs at once.
const N_WORKERS: &str = "4";

/// Stands before zrel: kills some of the runs that fill a draft in the middle, the first one that
/// publishes after its first record, and does some tasks twice. What happens to a run is decided by
/// its arguments and by how often they came, so that it is the same each time. Notes how each run
/// ended, and keeps its log.
const UNRELIABLE_ZREL: &str = r#"#!/usr/bin/env bash
set -u
run=$(mktemp -d "$RUNS/XXXXXX")
printf '%s\n' "$*" >"$run/args"
nth=$(grep -lxF -e "$*" "$RUNS"/*/args | wc -l)
# The digest of a plan names the server's port, which is another one each time.
draw=$(($(sed 's/sha256:[0-9a-f]*//' <<<"$nth $*" | cksum | cut -d ' ' -f 1) % 100))
case "$*" in
*"--until fill"*) task=fill ;;
*"--until prepare"* | *"workspace list"*) task=prepare draw=99 ;;
*) task=publish draw=99 ;;
esac
again() { "$ZREL" "$@" 2>"$run/again.log"; }
if [ "$task" = publish ] && [ "$nth" -eq 1 ]; then
    "$ZREL" "$@" 2>"$run/log" &
    while [ -n "$(jobs -rp)" ] && ! grep -q '/publish status=202' "$run/log"; do sleep 0.02; done
    kill -KILL $!
    wait $!
elif [ "$draw" -lt 25 ] && [ "$nth" -le 2 ]; then
    "$ZREL" "$@" 2>"$run/log" &
    sleep "0.$((10 + draw * 2))"
    kill -KILL $!
    wait $!
elif [ "$draw" -lt 35 ] && [ "$nth" -le 3 ]; then
    (sleep 0.05; again "$@") &
    "$ZREL" "$@" 2>"$run/log"
elif [ "$draw" -lt 45 ]; then
    "$ZREL" "$@" 2>"$run/log" && again "$@"
else
    "$ZREL" "$@" 2>"$run/log"
fi
code=$?
wait
echo "$code" >"$run/code"
exit "$code"
"#;

/// Returns Snakemake, where it is installed.
#[expect(clippy::print_stderr, reason = "says that a test ran nothing")]
fn find_snakemake() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/snakemake/bin/snakemake");
    let is_there = path.exists();
    assert!(is_there || std::env::var_os("ZREL_LINT").is_none(), "snakemake is not installed");
    if !is_there {
        let words = "snakemake is not installed under target/snakemake: nothing is tested";
        eprintln!("{words}");
    }
    is_there.then_some(path)
}

/// Exports the file of an engine, and returns where it is.
fn export(world: &World, engine: &str, name: &str) -> PathBuf {
    let text = world.expect(0, &["workspace", "export", "--engine", engine]).stdout;
    world.write(name, &text);
    world.project().join(name)
}

/// Writes a program as `zrel`, and returns the folder for the path of programs.
fn write_program(world: &World, text: &str) -> PathBuf {
    let folder = world.path().join("programs");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("zrel"), text).unwrap();
    std::fs::set_permissions(folder.join("zrel"), PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

/// Runs Snakemake in the project, with this program as `zrel`.
fn run_snakemake(world: &World, snakemake: &Path, program: &str, args: &[&str]) -> Ran {
    let programs = write_program(world, program);
    let runs = world.path().join("runs");
    std::fs::create_dir_all(&runs).unwrap();
    let like_zrel = world.command(&[]);
    let mut command = Command::new(snakemake);
    command.env_clear().current_dir(world.project());
    // With the real time, by which the server counts.
    let own = like_zrel.get_envs().filter(|(name, _)| *name != "ZREL_NOW");
    command.envs(own.filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
    command.env("ZREL", env!("CARGO_BIN_EXE_zrel")).env("RUNS", runs);
    command.env("ZREL_LOG", "http=debug").env("TMPDIR", world.path());
    let limit = format!("zenodo={N_WORKERS}");
    command.args(["--cores", N_WORKERS, "--resources", &limit, "--rerun-incomplete", "--nocolor"]);
    command.args(args).output().unwrap().into()
}

/// Returns what the runs of zrel noted in the files of this name.
fn read_runs(world: &World, name: &str) -> Vec<String> {
    let runs = std::fs::read_dir(world.path().join("runs")).unwrap();
    let notes = runs.map(|run| std::fs::read_to_string(run.unwrap().path().join(name)));
    notes.filter_map(Result::ok).collect()
}

/// Returns the arguments, the exit code and the last lines of the log of each run that failed.
fn list_failures(world: &World) -> String {
    let runs = std::fs::read_dir(world.path().join("runs")).unwrap();
    let describe = |run: PathBuf| {
        let read = |name: &str| std::fs::read_to_string(run.join(name)).unwrap_or_default();
        let [args, code, log] = ["args", "code", "log"].map(read);
        let lines: Vec<&str> = log.lines().collect();
        let end = lines[lines.len().saturating_sub(20)..].join("\n");
        (code.trim() != "0").then(|| format!("{}: {}\n{end}\n\n", args.trim(), code.trim()))
    };
    runs.filter_map(|run| describe(run.unwrap().path())).collect()
}

/// Returns the configuration that names the reviewed plans.
fn config(world: &World) -> String {
    format!("digest={}", plan(world, &["--initial"])["digest"].as_str().unwrap())
}

fn name(n: usize) -> String {
    format!("m{n:02}")
}

/// Writes a member; each fourth links to the one before it.
fn write_numbered(world: &World, n: usize, label: &str) {
    let to = name(n.saturating_sub(1));
    let link = format!(
        "related_identifiers = [{{ member = \"deposits/{to}\", relation = \"references\" }}]"
    );
    write_member(world, &name(n), label, if n % 4 == 3 { &link } else { "" });
}

/// Makes a workspace of which most members have a version, and all have something to publish.
fn start_large() -> World {
    let mut world = World::served();
    world.git(&["init", "-q", "-b", "main"]);
    write_root(&world, ROOT);
    let numbers = 0..N_MEMBERS;
    for n in numbers.clone().filter(|n| n % 5 > 0) {
        // What it links to may have no record yet.
        write_member(&world, &name(n), "1.0", "");
    }
    world.expect(0, &["apply", "--initial", "--auto-approve", "--quiet"]);
    for n in numbers {
        write_numbered(&world, n, "1.1");
    }
    // As many as Zenodo allows in a minute, in two seconds.
    world.limit(RateLimit { n_requests: 100, window: 2 });
    world
}

/// Makes a workspace of three members without a record.
fn start_small() -> World {
    let world = World::served();
    start_in_git(&world);
    world
}

#[test]
fn killed_and_repeated_workers_of_snakemake_publish_each_member_once() {
    let Some(snakemake) = find_snakemake() else { return };
    let mut world = start_large();
    export(&world, "snakemake", "Snakefile");
    let config = config(&world);
    world.requests();
    let args = ["--config", &config, "flags=--initial"];
    let ran = run_snakemake(&world, &snakemake, UNRELIABLE_ZREL, &args);
    assert_eq!(ran.code, 0, "{}{ran}", list_failures(&world));
    // Workers were killed, and tasks were done twice.
    let codes = read_runs(&world, "code");
    let n_killed = codes.iter().filter(|code| code.trim() == "137").count();
    assert!(n_killed > 5 && read_runs(&world, "again.log").len() > 5, "{codes:?}");
    let n_publishers =
        read_runs(&world, "args").iter().filter(|args| !args.contains("--until")).count();
    assert!(n_publishers > 2, "the list, and a second run that publishes");
    // Each member has one new version, and no draft is left.
    let versions = world.own_depositions();
    let labelled =
        |label| versions.iter().filter(|one| one["metadata"]["version"] == label).count();
    assert_eq!((labelled("1.0"), labelled("1.1")), (N_MEMBERS - N_MEMBERS / 5, N_MEMBERS));
    assert_eq!((count_published(&world), world.open_drafts().len()), (versions.len(), 0));
    // A process that knows how many requests are left is never refused: it waits.
    let logs = [read_runs(&world, "log"), read_runs(&world, "again.log")].concat();
    let n_waited = logs.iter().filter(|log| log.contains("few requests are left")).count();
    assert!(n_waited > 5, "the limit was not felt");
    for log in &logs {
        let mut answers = log.lines().filter(|line| line.contains(" status="));
        answers.next();
        assert!(!answers.any(|line| line.contains(" status=429 ")), "{log}");
    }
    // Nothing is left to do, for zrel and for Snakemake. This plan's pauses take no time, by which
    // the limit counts.
    world.limit(RateLimit { n_requests: 100_000, window: 2 });
    world.expect(0, &["plan", "--detailed-exitcode"]);
    world.requests();
    let again = run_snakemake(&world, &snakemake, UNRELIABLE_ZREL, &args);
    assert_eq!((again.code, world.requests().len()), (0, 0), "{again}");
}

#[test]
fn only_the_reviewed_plans_are_prepared_and_a_final_code_is_not_tried_again() {
    let Some(snakemake) = find_snakemake() else { return };
    let world = start_small();
    export(&world, "snakemake", "Snakefile");
    let run = |args: &[&str]| run_snakemake(&world, &snakemake, UNRELIABLE_ZREL, args);
    let unnamed = run(&[]);
    assert_eq!(unnamed.code, 1, "{unnamed}");
    assert!(unnamed.stderr.contains("give the digest of the reviewed plans"), "{unnamed}");
    // What Snakemake would do, without doing it.
    let config = config(&world);
    let dry = run(&["--dry-run", "--config", &config, "flags=--initial"]);
    assert_eq!(dry.code, 0, "{dry}");
    assert!(read_runs(&world, "args").is_empty());

    let other = format!("digest=sha256:{}", "0".repeat(64));
    let refused = run(&["--config", &other, "flags=--initial"]);
    assert_eq!(refused.code, 1, "{refused}");
    assert!(refused.stderr.contains("exit code 10 needs a person"), "{refused}");
    // Three tries were left.
    assert_eq!(read_runs(&world, "code"), ["10\n"]);
    assert_eq!(world.own_depositions().len(), 0);
    // Snakemake, started again, begins anew.
    run(&["--config", &other, "flags=--initial"]);
    assert_eq!(read_runs(&world, "code"), ["10\n", "10\n"]);
    assert_eq!(world.own_depositions().len(), 0);
}

#[test]
fn a_worker_that_fails_for_good_leaves_everything_unpublished() {
    let Some(snakemake) = find_snakemake() else { return };
    let world = start_small();
    export(&world, "snakemake", "Snakefile");
    let broken = UNRELIABLE_ZREL
        .replace("code=$?\nwait", "code=$?\n[[ $* != *'-p deposits/b '* ]] || code=65\nwait");
    let config = config(&world);
    let args = ["--config", &config, "flags=--initial"];
    let ran = run_snakemake(&world, &snakemake, &broken, &args);
    assert_eq!(ran.code, 1, "{ran}");
    let finals = read_runs(&world, "code").iter().filter(|code| *code == "65\n").count();
    assert_eq!((finals, count_published(&world)), (1, 0), "{ran}");
    // Once a person has corrected it, the same command continues.
    let ran = run_snakemake(&world, &snakemake, UNRELIABLE_ZREL, &args);
    assert_eq!((ran.code, count_published(&world)), (0, 3), "{ran}");
}

#[test]
fn a_script_for_slurm_is_one_for_bash_and_wants_a_digest() {
    let world = World::served();
    start(&world);
    let script = export(&world, "slurm", "zrel-slurm.sh");
    let bash = |args: &[&str]| -> Ran {
        let mut command = Command::new("bash");
        command.current_dir(world.project()).args(args).output().unwrap().into()
    };
    let script = script.to_str().unwrap();
    assert_eq!(bash(&["-n", script]).code, 0);
    for args in [&[script][..], &[script, "sha256:1"], &[script, "--initial"]] {
        assert_eq!(bash(args).code, 64, "{args:?}");
    }
}

#[test]
fn files_are_for_roots_and_name_their_manifest_and_how_many_workers() {
    let world = World::served();
    start(&world);
    for engine in ["snakemake", "slurm", "github"] {
        let export = |args: &[&str]| {
            let all = [&["workspace", "export", "--engine", engine], args].concat();
            world.zrel(&all)
        };
        let text = export(&["--workers", "7"]).stdout;
        assert!(text.contains("zenodo.toml") && text.contains("1/7"), "{text}");
        for workers in ["0", "65", "x"] {
            assert_eq!(export(&["--workers", workers]).code, 64);
        }
        let one = export(&["-C", "deposits/a"]);
        assert_eq!(one.code, 64, "{one}");
        assert!(one.stderr.contains("is not the root of a workspace"), "{one}");
    }
    assert_eq!(world.requests().len(), 0);
    // From above the root, the commands name its manifest.
    let above = world.path().to_str().unwrap().to_owned();
    let from_above = |engine: &str| {
        let named = ["-C", &above, "-m", "project/zenodo.toml"];
        world.zrel(&[&named[..], &["workspace", "export", "--engine", engine]].concat())
    };
    let ran = from_above("slurm");
    assert!(ran.stdout.contains("\nmanifest=project/zenodo.toml\n"), "{ran}");
    let ran = from_above("github");
    assert_eq!(ran.code, 64, "{ran}");
    assert!(ran.stderr.contains("is not the root of a git repository"), "{ran}");
    let absolute = world.project().join("zenodo.toml");
    let ran =
        world.zrel(&["-m", absolute.to_str().unwrap(), "workspace", "export", "--engine", "slurm"]);
    assert_eq!(ran.code, 64, "{ran}");
    world.write("zenodo.toml", "[workspace]\nmembers = 5\n");
    world.expect(65, &["workspace", "export", "--engine", "slurm"]);
}

/// The runners of GitHub's workflow: each job has a checkout of its own, and the artifact.
struct Runners {
    world: World,
    workflow: String,
}

impl Runners {
    /// Checks the project out, and fetches the artifact.
    fn check_out(&self, name: &str) -> PathBuf {
        let folder = self.world.path().join(name);
        copy_folder(&self.world.project(), &folder);
        if self.artifact().exists() {
            copy_folder(&self.artifact(), &folder);
        }
        folder
    }

    fn artifact(&self) -> PathBuf {
        self.world.path().join("artifact")
    }

    /// Puts the locks and what was approved into the artifact.
    fn keep(&self, folder: &Path) {
        let kept =
            ["deposits/a", "deposits/b", "deposits/c"].map(|key| format!("{key}/zenodo.lock"));
        for name in kept.iter().map(String::as_str).chain([".zrel/approved.json"]) {
            let to = self.artifact().join(name);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(folder.join(name), to).unwrap();
        }
    }

    /// Runs a step in a checkout, and returns its exit code and its output.
    fn run_step(&self, folder: &Path, name: &str, given: &[(&str, &str)]) -> (i32, String) {
        let (_, step) = self.workflow.split_once(&format!("- name: {name}\n")).unwrap();
        let (_, lines) = step.split_once("run: |\n").unwrap();
        let lines = lines.lines().take_while(|line| line.starts_with("          "));
        let script = lines.map(|line| &line[10..]).collect::<Vec<_>>().join("\n");
        let output = self.world.path().join("output");
        std::fs::write(&output, "").unwrap();
        let mut command = self.world.command(&[]);
        let envs: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        command = Command::new("bash");
        command.args(["-e", "-c", &script]).current_dir(folder).env_clear().envs(envs);
        command.env("PATH", "/usr/bin:/bin").env("RUNNER_TEMP", self.world.path());
        command.env("GITHUB_OUTPUT", &output).env("MANIFEST", "zenodo.toml");
        command.env("FLAGS", "--initial").envs(given.iter().copied());
        let ran: Ran = command.output().unwrap().into();
        (ran.code, std::fs::read_to_string(output).unwrap())
    }
}

#[test]
fn jobs_of_github_publish_from_checkouts_of_their_own() {
    let has_jq = Command::new("jq").arg("--version").output().is_ok();
    assert!(has_jq || std::env::var_os("ZREL_LINT").is_none(), "jq is not installed");
    if !has_jq {
        return;
    }
    let world = start_small();
    let folder = world.path().join("zrel/bin");
    std::fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_zrel"), folder.join("zrel")).unwrap();
    let workflow = world.expect(0, &["workspace", "export", "--engine", "github"]).stdout;
    let digest = plan(&world, &["--initial"])["digest"].as_str().unwrap().to_owned();
    let runners = Runners { world, workflow };
    let prepare = runners.check_out("prepare");
    let open =
        |digest: &str| runners.run_step(&prepare, "Open the drafts", &[("DIGEST", digest)]).0;
    assert_eq!((open("soon"), open(&format!("sha256:{}", "0".repeat(64)))), (64, 10));
    assert_eq!(runners.world.own_depositions().len(), 0);
    assert_eq!(open(&digest), 0);
    runners.keep(&prepare);
    let (code, output) = runners.run_step(&prepare, "List the jobs", &[]);
    let matrix: serde_json::Value =
        serde_json::from_str(output.strip_prefix("matrix=").unwrap()).unwrap();
    let jobs = matrix["include"].as_array().unwrap();
    assert_eq!((code, jobs.len()), (0, 3));
    for job in jobs {
        let folder = runners.check_out(&format!("fill-{}", job["job"]));
        let (keys, digest) = (format!("{:#}", job["keys"]), job["digest"].as_str().unwrap());
        let given = [("KEYS", keys.as_str()), ("DIGEST", digest), ("ZREL_RATE_SHARE", "1/4")];
        assert_eq!(runners.run_step(&folder, "Fill the drafts", &given).0, 0);
    }
    assert_eq!(count_published(&runners.world), 0);
    // A job that runs again, in a checkout without the new locks, publishes nothing twice.
    for name in ["publish", "publish-again"] {
        let folder = runners.check_out(name);
        assert_eq!(runners.run_step(&folder, "Publish", &[("DIGEST", &digest)]).0, 0);
    }
    assert_eq!((count_published(&runners.world), runners.world.own_depositions().len()), (3, 3));
}
