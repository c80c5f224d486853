//! The workflows that `zrel ci init` writes, that of `zrel workspace export`, and `action.yml`: what
//! is in them, and what their forges' published schemas and zizmor say of them.
//!
//! The two programs are Python's; `.ci/run` installs them under `target/lint-tools`, and here they
//! are run where they are found; with `ZREL_LINT` set they must be.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::apply::workspace::{ROOT, write_member};
use crate::support::world::World;

const FORGES: [&str; 3] = ["github", "forgejo", "gitlab"];

/// Sets a repository up for a forge, and returns the files that were written.
fn init(forge: &str) -> (World, Vec<PathBuf>) {
    let world = World::local();
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    let files = init_for(&world, "zenodo.toml", forge);
    (world, files)
}

/// Writes the workflows of a manifest.
fn init_for(world: &World, manifest: &str, forge: &str) -> Vec<PathBuf> {
    let ran = world.expect(0, &["-m", manifest, "ci", "init", forge]);
    let written = ran.stdout.lines().filter_map(|line| line.strip_prefix("Wrote "));
    let files: Vec<PathBuf> = written.map(|path| world.project().join(path)).collect();
    assert!(!files.is_empty(), "{ran}");
    files
}

/// Writes the workflow that publishes the members of a workspace.
fn export() -> (World, PathBuf) {
    let world = World::local();
    world.git(&["init", "-q", "-b", "main"]);
    world.write("zenodo.toml", &ROOT.replace("\"test\"", "\"local\""));
    write_member(&world, "a", "1.0", "");
    let text = world.expect(0, &["workspace", "export", "--engine", "github"]).stdout;
    let name = ".github/workflows/zrel-workspace.yml";
    world.write(name, &text);
    let path = world.project().join(name);
    (world, path)
}

/// Returns the workflows of GitHub's kind: of `zrel ci init` for a forge, and for GitHub that of
/// `zrel workspace export`.
fn write_all(forge: &str) -> (Vec<World>, Vec<PathBuf>) {
    let (world, mut files) = init(forge);
    let mut worlds = vec![world];
    if forge == "github" {
        let (world, file) = export();
        worlds.push(world);
        files.push(file);
    }
    (worlds, files)
}

#[test]
fn manifests_have_workflows_of_their_own_beside_each_other() {
    for forge in FORGES {
        let (world, usual) = init(forge);
        let before: Vec<String> = usual.iter().map(|file| text(file)).collect();
        let own = init_for(&world, "sub/data.toml", forge);
        let after: Vec<String> = usual.iter().map(|file| text(file)).collect();
        assert_eq!(before, after, "the others stay");
        for (file, usual) in own.iter().zip(&before) {
            let text = text(file);
            let calls = |text: &str, verb: &str| {
                text.matches(&format!("bin/zrel {verb}")).count()
                    + text.matches(&format!("bin/zrel\" {verb}")).count()
                    + text.matches(&format!(" -m sub/data.toml {verb}")).count()
            };
            for verb in ["plan --", "apply --", "reserve $", "write\n"] {
                let with = text.matches(&format!(" -m sub/data.toml {verb}")).count();
                assert_eq!((with, calls(&text, verb)), (calls(usual, verb), with), "{text}");
            }
            assert!(!text.contains("zenodo.toml"), "{text}");
            let name = file.file_name().unwrap().to_str().unwrap();
            assert!(name.contains("sub-data"), "{name}");
            // Groups and jobs of the same name would end or replace each other.
            for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
                let is_own = |part: &str| !line.contains(part) || line.contains("sub-data");
                assert!(
                    [
                        "zrel-plan",
                        "zrel-comment",
                        "zrel-release",
                        "zrel-reserve",
                        "zrel-build:",
                        "name: zrel "
                    ]
                    .iter()
                    .all(|part| is_own(part)),
                    "{line}"
                );
            }
        }
        let schema = if forge == "gitlab" { "vendor.gitlab-ci" } else { "vendor.github-workflows" };
        lint("check-jsonschema", &["--builtin-schema", schema], &own);
        let ran = world.expect(64, &["-m", "a b.toml", "ci", "init", forge]);
        assert!(ran.stderr.contains("can't be used in a workflow"), "{ran}");
    }
    // The comment follows the plan of the same manifest.
    let (world, _) = init("github");
    let files = init_for(&world, "data.toml", "github");
    assert!(text(&files[0]).contains("name: zrel plan-data\n"));
    assert!(text(&files[1]).contains("workflows: [zrel plan-data]\n"));
}

/// Returns a program of the lint tools, where it is installed.
fn tool(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("target/lint-tools/bin").join(name);
    let is_there = path.exists();
    assert!(is_there || std::env::var_os("ZREL_LINT").is_none(), "{name} is not installed");
    is_there.then_some(path)
}

/// Runs a program of the lint tools; none where it is not installed.
#[track_caller]
fn lint(name: &str, args: &[&str], files: &[PathBuf]) {
    let Some(tool) = tool(name) else { return };
    let output = Command::new(tool).args(args).args(files).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{name} {args:?} {files:?}\n{out}\n{err}");
}

fn action() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml")
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn they_are_as_their_forges_schemas_say() {
    for forge in FORGES {
        let (_worlds, files) = write_all(forge);
        let schema = if forge == "gitlab" { "vendor.gitlab-ci" } else { "vendor.github-workflows" };
        lint("check-jsonschema", &["--builtin-schema", schema], &files);
    }
    lint("check-jsonschema", &["--builtin-schema", "vendor.github-actions"], &[action()]);
}

#[test]
fn zizmor_finds_nothing_in_them() {
    for forge in ["github", "forgejo"] {
        let (_worlds, files) = write_all(forge);
        lint("zizmor", &["--offline", "--no-progress", "--strict-collection"], &files);
    }
    lint("zizmor", &["--offline", "--no-progress", "--strict-collection"], &[action()]);
}

#[test]
fn every_action_is_pinned_by_the_hash_of_its_commit() {
    for forge in FORGES {
        let (_worlds, files) = write_all(forge);
        for file in files {
            for line in text(&file).lines() {
                let Some((_, used)) = line.split_once("uses: ") else { continue };
                let (_, hash) = used.split_once('@').unwrap();
                let (hash, version) = hash.split_once(" # v").unwrap_or_else(|| panic!("{line}"));
                let is_hash = hash.len() == 40 && hash.bytes().all(|b| b.is_ascii_hexdigit());
                assert!(is_hash && !version.is_empty(), "{}: {line}", file.display());
            }
        }
    }
}

#[test]
fn a_plan_of_a_pull_request_has_no_secret_and_the_comment_runs_nothing_of_it() {
    let (_world, files) = init("github");
    let [plan, comment, release] = files.as_slice() else { panic!("{files:?}") };
    let (plan, comment, release) = (text(plan), text(comment), text(release));
    assert!(plan.contains("permissions:\n  contents: read\n"), "{plan}");
    assert!(!plan.contains("secrets.") && !plan.contains("github.token"), "{plan}");
    assert!(plan.contains("plan --public"), "{plan}");
    assert!(!comment.contains("checkout@") && !comment.contains("secrets."), "{comment}");
    assert!(comment.contains("permissions: {}\n"), "{comment}");
    assert!(release.contains("environment: zenodo\n"), "{release}");
    assert!(release.contains("apply --expect \"$PLAN_DIGEST\""), "{release}");
    // Only what asks Zenodo has its token: not the build, and no step of the forge's.
    for step in release.split("      - name: ").skip(1) {
        let asks = ["zrel\" reserve", "zrel\" plan", "zrel\" apply"];
        assert!(
            !step.contains("secrets.") || asks.iter().any(|zrel| step.contains(zrel)),
            "{step}"
        );
    }
}

#[test]
fn members_are_filled_without_the_right_to_publish_and_only_zrel_sees_a_token() {
    let (_world, path) = export();
    let text = text(&path);
    let (_, jobs) = text.split_once("\njobs:\n").unwrap();
    let (prepare, rest) = jobs.split_once("\n  fill:\n").unwrap();
    let (fill, rest) = rest.split_once("\n  publish:\n").unwrap();
    let (publish, locks) = rest.split_once("\n  locks:\n").unwrap();
    for (job, environment, call) in [
        (prepare, "zenodo-reserve", "apply --until prepare --expect \"$DIGEST\""),
        (fill, "zenodo-reserve", "apply --until fill --expect \"$DIGEST\""),
        (publish, "zenodo", "apply --expect \"$DIGEST\""),
    ] {
        assert!(job.contains(&format!("    environment: {environment}\n")), "{job}");
        assert_eq!(job.matches(" apply ").count(), 1, "{job}");
        assert!(job.contains(call), "{job}");
        assert!(!job.contains("contents: write"), "{job}");
        for step in job.split("      - name: ").skip(1) {
            assert!(!step.contains("secrets.") || step.contains("bin/zrel\""), "{step}");
        }
    }
    assert!(!locks.contains("secrets.") && locks.contains("contents: write"), "{locks}");
    assert!(text.contains("permissions:\n  contents: read\n"), "{text}");
    // What a person types reaches a shell as a variable only.
    for script in text.split("        run: ").skip(1) {
        let script =
            script.split("        env:").next().unwrap().split("      - name").next().unwrap();
        assert!(!script.contains("${{"), "{script}");
    }
}

#[test]
fn a_matrix_without_jobs_is_the_one_that_the_workflow_leaves_out() {
    let (world, file) = export();
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    let empty = world.expect(0, &["workspace", "matrix"]).stdout;
    let condition = format!("if: needs.prepare.outputs.matrix != '{}'\n", empty.trim());
    assert!(text(&file).contains(&condition), "{empty}");
}

#[test]
fn zrel_is_installed_before_anything_of_a_stranger_is_there() {
    for forge in ["github", "forgejo"] {
        let (_worlds, files) = write_all(forge);
        for file in files {
            let text = text(&file);
            for job in text.split("    steps:\n").skip(1) {
                // A job without zrel has no secret that a stranger's program could read.
                let Some(install) = job.find("cargo install") else {
                    assert!(!job.contains("bin/zrel") && !job.contains("secrets."), "{job}");
                    continue;
                };
                for foreign in ["/checkout@", "download-artifact@"] {
                    let there = job.find(foreign);
                    assert!(there.is_none_or(|at| install < at), "{}", file.display());
                }
            }
        }
    }
}

/// The workflows of a manifest with a server of its own pass the token of that server.
#[test]
fn another_server_has_its_own_token_and_is_allowed() {
    for forge in FORGES {
        let world = World::local();
        world.write(".git/HEAD", "ref: refs/heads/main\n");
        let servers = "[servers.institute]\nurl = \"https://repository.example.org\"\n";
        let manifest = crate::support::world::manifest("1.0", crate::support::world::FILES);
        let manifest = format!("server = \"institute\"\n{manifest}{servers}");
        world.write("zenodo.toml", &manifest);
        let all: String =
            init_for(&world, "zenodo.toml", forge).iter().map(|it| text(it)).collect();
        assert!(all.contains("ZREL_TOKEN_repository_example_org"), "{forge}: {all}");
        assert!(!all.contains("ZENODO_TOKEN"), "{forge}: {all}");
        for call in ["plan --public", "comment"] {
            let allowed = format!("{call} --allow-server repository.example.org");
            assert!(all.contains(&allowed), "{forge}: {all}");
        }
        let ran = world.expect(0, &["ci", "init", forge, "--force"]);
        assert!(!ran.stderr.contains("ZENODO_TOKEN"), "{ran}");
        // What a manifest with faults names is not known, and it is said.
        world.write("zenodo.toml", &manifest.replace("https://repository", "https://a$(id)b"));
        let ran = world.expect(0, &["ci", "init", forge, "--force"]);
        assert!(ran.stderr.contains("has faults"), "{ran}");
        assert!(init_text(&world).iter().all(|text| !text.contains("$(id)")), "{ran}");
    }
}

/// Returns the texts of all workflows of a folder.
fn init_text(world: &World) -> Vec<String> {
    let folders = [".github/workflows", ".forgejo/workflows", ".gitlab"];
    let found = folders.iter().filter_map(|it| std::fs::read_dir(world.project().join(it)).ok());
    found.flatten().map(|entry| text(&entry.unwrap().path())).collect()
}

#[test]
fn existing_files_are_overwritten_only_by_force() {
    let (world, files) = init("github");
    let before = text(&files[0]);
    std::fs::write(&files[0], "mine\n").unwrap();
    std::fs::remove_file(&files[1]).unwrap();
    let ran = world.expect(1, &["ci", "init", "github"]);
    assert!(ran.stderr.contains("hint: to overwrite them: --force"), "{ran}");
    assert_eq!(text(&files[0]), "mine\n");
    assert!(!files[1].exists(), "all or nothing");
    world.expect(0, &["ci", "init", "github", "--force"]);
    assert_eq!(text(&files[0]), before);
    let printed = world.expect(0, &["ci", "init", "github", "--stdout"]).stdout;
    assert!(printed.contains(&before), "{printed}");
}

#[test]
fn they_are_written_at_the_root_of_a_repository_only() {
    let world = World::local();
    let ran = world.expect(64, &["ci", "init", "gitlab"]);
    assert!(ran.stderr.contains("is not the root of a git repository"), "{ran}");
    assert!(!world.project().join(".gitlab").exists());
}

#[test]
fn the_digest_that_gitlabs_job_takes_out_of_a_plan_is_the_plans() {
    let (world, files) = init("gitlab");
    world.manifest(&crate::support::world::manifest("1.0", crate::support::world::FILES));
    world.write("a.csv", "one,two\n");
    let plan = world.expect(0, &["plan", "--out", ".zrel/release.plan", "--format", "json"]).json();
    let text = text(&files[0]);
    let line = text.lines().find(|line| line.trim_start().starts_with("PLAN_DIGEST=")).unwrap();
    let script = format!("{}\nprintf %s \"$PLAN_DIGEST\"", line.trim());
    let output =
        Command::new("sh").args(["-c", &script]).current_dir(world.project()).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), plan["digest"].as_str().unwrap());
}
