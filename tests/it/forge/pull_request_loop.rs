//! The whole loop, as the workflows of `zrel ci init github` go through it: a pull request from a
//! fork, the comment, the merge, the release that is started by hand, its tag, and a second pull
//! request. The release runs the steps of the workflow itself.
//!
//! Its output is in docs/ci.md; `ZREL_BLESS=1 cargo test` renews it there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::support::fake_forge::{FakeForge, Manner, NUMBER, Token};
use crate::support::world::{ALICE, Ran, World};

const BOT: &str = "release-bot";
const BOT_TOKEN: &str = "a-token-of-the-bot";
const BRANCH: &str = "more-rings";

/// A repository, checked out anew for each job, a Zenodo and a forge.
struct Loop {
    world: World,
    forge: FakeForge,
    jobs: usize,
    told: String,
}

impl Loop {
    fn new() -> Self {
        let mut world = World::served();
        world.set_now("2026-11-23T12:00:00Z");
        let forge = FakeForge::start(Manner::GitHub, BOT_TOKEN, Token::of(BOT));
        Self { world, forge, jobs: 0, told: String::new() }
    }

    /// Writes on the page what comes next.
    fn tell(&mut self, text: &str) {
        let _ = write!(self.told, "{text}\n\n");
    }

    fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=A", "-c", "user.email=a@example.org"])
            .args(args)
            .current_dir(self.world.project())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "git {args:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "."]);
        self.git(&["commit", "-q", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Checks a commit out into a new folder, as a job does: nothing of an earlier job is
    /// there.
    fn job(&mut self, commit: &str) -> PathBuf {
        self.jobs += 1;
        let folder = self.world.path().join(format!("job-{}", self.jobs));
        let text = folder.to_str().unwrap().to_owned();
        self.git(&["clone", "-q", ".", &text]);
        let checkout = ["-C", &text, "checkout", "-q", commit];
        self.git(&checkout);
        folder
    }

    /// Runs zrel in a job's folder, with nothing but these variables.
    fn zrel(&mut self, folder: &Path, args: &[&str], variables: &[(String, String)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zrel"));
        let ran: Ran = command
            .args(args)
            .current_dir(folder)
            .env_clear()
            .env("HOME", self.world.path().join("home"))
            .env("ZREL_NOW", "2026-11-23T12:00:00Z")
            .envs(variables.iter().cloned())
            .output()
            .unwrap()
            .into();
        assert_eq!(ran.code, 0, "zrel {args:?}\n{ran}");
        let line = args.join(" ");
        let line = line.replace(&format!(" --allow-server {}", self.host()), "");
        let shown = format!("$ zrel {line}\n{}", ran.stdout);
        let _ = write!(self.told, "```console\n{}\n```\n\n", self.settled(&shown).trim_end());
        ran
    }

    /// Makes a machine for a job of the release: a folder with zrel, as the workflow installs it.
    fn runner(&mut self) -> PathBuf {
        let folder = self.world.path().join(format!("runner-{}", self.jobs));
        std::fs::create_dir_all(folder.join("zrel/bin")).unwrap();
        let zrel = folder.join("zrel/bin/zrel");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_zrel"), zrel).unwrap();
        folder
    }

    /// Runs a step of the release workflow, with what it takes from elsewhere, and returns its
    /// outputs. The forge's repository is the folder `origin.git`.
    fn step(
        &mut self,
        (folder, runner): (&Path, &Path),
        name: &str,
        given: &[(&str, &str)],
    ) -> BTreeMap<String, String> {
        let script = read_script(name);
        let outputs = runner.join("outputs");
        std::fs::write(&outputs, "").unwrap();
        let origin = self.world.path().join("origin.git");
        let output = Command::new("bash")
            .args(["-e", "-c", &script])
            .current_dir(folder)
            .env_clear()
            .envs(given.iter().copied())
            .envs(self.owner())
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.world.path().join("home"))
            .env("ZREL_NOW", "2026-11-23T12:00:00Z")
            .env("RUNNER_TEMP", runner)
            .env("GITHUB_OUTPUT", &outputs)
            .env("GITHUB_ACTIONS", "true")
            .env("SERVER", "https://forge.example")
            .env("REPOSITORY", "ada/rings")
            .env("PUSH_TOKEN", "t")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", format!("url.{}.insteadOf", origin.display()))
            .env("GIT_CONFIG_VALUE_0", "https://x-access-token:t@forge.example/ada/rings")
            .output()
            .unwrap();
        let ran: Ran = output.into();
        assert_eq!(ran.code, 0, "{name}: {script}\n{ran}");
        if script.contains("bin/zrel") {
            let mut line = script.trim().replace("\"$RUNNER_TEMP/zrel/bin/zrel\"", "zrel");
            line = line.replace(" --out \"$RUNNER_TEMP/release.plan\"", "");
            for (variable, value) in given {
                line = line.replace(
                    &format!("${{{variable}:+--label \"${variable}\"}}"),
                    &format!("--label {value}"),
                );
                line = line.replace(&format!("\"${variable}\""), value);
            }
            let shown = format!("$ {line}\n{}", ran.stdout);
            let _ = write!(self.told, "```console\n{}\n```\n\n", self.settled(&shown).trim_end());
        }
        read_outputs(&std::fs::read_to_string(outputs).unwrap())
    }

    /// Replaces what differs each time by its name.
    fn settled(&self, text: &str) -> String {
        let text = text.replace(&self.host(), "127.0.0.1:47611");
        let lines = text.lines().map(|line| match line.split_once("http://127.0.0.1:") {
            Some((before, rest)) if rest.contains("#issuecomment") => {
                format!("{before}https://github.com{}", &rest[rest.find('/').unwrap()..])
            }
            _ => line.to_owned(),
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        // The digest covers the server's address, and so its port.
        let mut parts = text.split("sha256:");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + "sha256:DIGEST" + &part[64..])
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.world.port())
    }

    fn owner(&self) -> Vec<(String, String)> {
        vec![(format!("ZREL_TOKEN_127_0_0_1_{}", self.world.port()), ALICE.to_owned())]
    }

    /// What the commenting job has: the forge's variables and token, and no checkout.
    fn commenter(&self, head: &str) -> Vec<(String, String)> {
        let event = self.world.path().join("event.json");
        let run = json!({"workflow_run": {
            "head_sha": head, "head_branch": BRANCH, "pull_requests": [],
            "head_repository": {"owner": {"login": "fork"}},
        }});
        std::fs::write(&event, run.to_string()).unwrap();
        let event = event.to_str().unwrap().to_owned();
        let variables = self.forge.variables(BOT_TOKEN).into_iter();
        let variables = variables.map(|(name, value)| (name.to_owned(), value));
        variables.chain([("GITHUB_EVENT_PATH".to_owned(), event)]).collect()
    }

    /// Plans a pull request in one job, without a token, and comments from another.
    fn review(&mut self, head: &str) -> String {
        self.forge.open(NUMBER, "fork", BRANCH, head);
        let folder = self.job(head);
        let host = self.host();
        let plan = ["plan", "--public", "--allow-server", &host, "--out", "review.plan"];
        self.zrel(&folder, &plan, &[]);
        let empty = self.world.path().join(format!("empty-{}", self.jobs));
        std::fs::create_dir(&empty).unwrap();
        std::fs::copy(folder.join("review.plan"), empty.join("review.plan")).unwrap();
        let variables = self.commenter(head);
        let comment = ["comment", "--plan", "review.plan", "--allow-server", &host];
        self.zrel(&empty, &comment, &variables);
        let plan = std::fs::read_to_string(empty.join("review.plan")).unwrap();
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        plan["digest"].as_str().unwrap().to_owned()
    }

    fn comment(&self) -> String {
        let comments = self.forge.comments();
        assert_eq!(comments.len(), 1, "{comments:#?}");
        comments[0].body.clone()
    }
}

/// Returns the script of a step of the release workflow.
fn read_script(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workflow = root.join("src/forge/workflows/github-release.yml");
    let workflow = std::fs::read_to_string(workflow).unwrap();
    let (_, step) = workflow.split_once(&format!("- name: {name}\n")).unwrap();
    let (_, lines) = step.split_once("run: |\n").unwrap();
    let lines = lines.lines().take_while(|line| line.starts_with("          "));
    lines.map(|line| &line[10..]).collect::<Vec<_>>().join("\n")
}

/// Reads the outputs that a step wrote: `NAME=VALUE`, or `NAME<<END` with lines up to `END`.
fn read_outputs(text: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some((name, end)) = line.split_once("<<") {
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            outputs.insert(name.to_owned(), value.join("\n"));
        } else if let Some((name, value)) = line.split_once('=') {
            outputs.insert(name.to_owned(), value.to_owned());
        }
    }
    outputs
}

fn text(concept: &str) -> String {
    let binding = match concept {
        "" => String::new(),
        concept => format!("[record.concept]\ntest = \"{concept}\"\n\n"),
    };
    format!(
        "{binding}[metadata]\ntitle = \"Rings in a glass of tea\"\nupload_type = \"dataset\"\n\
         description = \"<p>One row an hour.</p>\"\ncreators = [{{ name = \"Example, Ada\" }}]\n\
         license = \"cc-by-4.0\"\nversion = {{ from = \"git-tag\", strip = \"v\" }}\n\n\
         [[files]]\npath = \"rings.csv\"\n\n[[files]]\npath = \"CITATION.cff\"\n\n\
         [[write]]\npath = \"CITATION.cff\"\n"
    )
}

/// Publishes version 1.0 by hand, and commits what zrel prints.
fn publish_first(all: &Loop) -> String {
    all.git(&["init", "-q", "-b", "main"]);
    all.world.write(".gitignore", ".zrel/\n");
    all.world.write("rings.csv", "hour,radius\n1,4.1\n");
    let citation = "cff-version: 1.2.0\ntitle: Rings in a glass of tea\nauthors:\n  - name: Ada\n";
    all.world.write("CITATION.cff", citation);
    all.write_manifest("");
    all.commit("first");
    all.world.expect(0, &["reserve", "--initial", "--label", "1.0"]);
    all.world.expect(0, &["write"]);
    all.commit("name the DOI");
    all.world.apply(&[]);
    all.git(&["tag", "v1.0"]);
    let concept = all.world.concept().to_string();
    all.write_manifest(&concept);
    all.commit("bind the record");
    let origin = all.world.path().join("origin.git");
    all.git(&["init", "-q", "--bare", origin.to_str().unwrap()]);
    all.git(&["push", "-q", origin.to_str().unwrap(), "main", "v1.0"]);
    concept
}

#[test]
fn a_pull_request_is_planned_commented_merged_published_and_tagged() {
    let mut all = Loop::new();
    let concept = publish_first(&all);

    all.tell("A pull request from a fork adds a row to `rings.csv`. The first job has no token of any kind:");
    all.git(&["checkout", "-q", "-b", BRANCH]);
    all.world.write("rings.csv", "hour,radius\n1,4.1\n2,5.8\n");
    let head = all.commit("one more hour");
    let digest = all.review(&head);
    let comment = all.comment();
    assert!(!comment.contains("**remove** | `version`"), "{comment}");
    let lead = "publishes once its DOI is in the files";
    assert!(comment.contains(&digest) && comment.contains(lead), "{comment}");

    all.tell("The comment, without its hidden first line:");
    let shown = comment.split_once('\n').unwrap().1.replace(&head, "COMMIT");
    let shown = all.settled(&shown.replace(&head[..12], "COMMIT"));
    let _ = write!(all.told, "````markdown\n{}\n````\n\n", shown.trim_end());

    all.tell("It is merged, and a person starts the release on `main` with the version 1.1. Its first job reserves the DOI, writes it, commits, and plans. The label and the DOI are known now, and the digest is the same as in the pull request:");
    all.git(&["checkout", "-q", "main"]);
    all.git(&["merge", "-q", "--no-ff", "-m", "merge", BRANCH]);
    let origin = all.world.path().join("origin.git");
    all.git(&["push", "-q", origin.to_str().unwrap(), "main"]);
    let prepared = all.prepare("1.1");
    assert_eq!(prepared["digest"], digest);

    all.tell("A reviewer of the environment `zenodo` approves the second job, which publishes exactly that. Then it tags the released commit:");
    all.publish(&prepared);
    let n_versions = all.world.n_versions(concept.parse().unwrap());
    assert_eq!(n_versions, 2);
    all.git(&["pull", "-q", "--tags", origin.to_str().unwrap(), "main"]);
    assert_eq!(all.git(&["rev-parse", "v1.1"]), prepared["commit"]);
    let tagged = all.git(&["show", "v1.1:CITATION.cff"]);
    let doi = all.world.status()["doi"].as_str().unwrap().to_owned();
    assert!(tagged.contains(&format!("doi: \"{doi}\"\n")), "{tagged}");

    all.tell("A second pull request touches only the README. There is nothing to do, and the comment becomes one line:");
    all.git(&["checkout", "-q", "-b", "words", "v1.1"]);
    all.git(&["merge", "-q", "main"]);
    all.world.write("README.md", "Rings.\n");
    let head = all.commit("words");
    all.review(&head);
    let comment = all.comment();
    let lines: Vec<&str> = comment.trim_end().lines().collect();
    assert!(lines.len() == 2 && lines[1].contains("no changes"), "{comment}");
    let last = all.settled(lines[1]);
    let _ = write!(all.told, "````markdown\n{last}\n````\n");

    compare_with_docs(&all.told);
}

impl Loop {
    fn write_manifest(&self, concept: &str) {
        self.world.manifest(&text(concept));
        let manifest = self.world.read("zenodo.toml") + "doi_prefix = \"10.5072\"\n";
        self.world.write("zenodo.toml", &manifest);
    }

    /// Runs the first job of the release, and returns its outputs.
    fn prepare(&mut self, version: &str) -> BTreeMap<String, String> {
        let (folder, runner) = (self.job("main"), self.runner());
        let at = (folder.as_path(), runner.as_path());
        let reserved = self.step(at, "Reserve the DOI", &[("LABEL", version)]);
        self.step(at, "Write it into the files", &[]);
        let given = [("VERSION", reserved["version"].as_str()), ("BRANCH", "main")];
        let committed = self.step(at, "Commit", &given);
        let planned = self.step(at, "Plan", &[]);
        assert_eq!(planned["changes"], "true");
        [
            ("commit", &committed["commit"]),
            ("digest", &planned["plan-digest"]),
            ("version", &reserved["version"]),
        ]
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .into()
    }

    /// Runs the second job of the release.
    fn publish(&mut self, prepared: &BTreeMap<String, String>) {
        let origin = self.world.path().join("origin.git");
        self.git(&["fetch", "-q", origin.to_str().unwrap(), "main"]);
        let (folder, runner) = (self.job(&prepared["commit"]), self.runner());
        let at = (folder.as_path(), runner.as_path());
        self.step(at, "Publish", &[("PLAN_DIGEST", prepared["digest"].as_str())]);
        let given = [
            ("COMMIT", prepared["commit"].as_str()),
            ("VERSION", prepared["version"].as_str()),
            ("BRANCH", "main"),
        ];
        self.step(at, "Tag, and commit the lock", &given);
    }
}

/// Compares the text with the section of docs/ci.md, or writes it there when blessed.
#[track_caller]
fn compare_with_docs(told: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- the loop: begin -->\n", "<!-- the loop: end -->\n");
    let (before, rest) = page.split_once(begin).unwrap();
    let (found, after) = rest.split_once(end).unwrap();
    if std::env::var_os("ZREL_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{begin}{told}{end}{after}")).unwrap();
        return;
    }
    let difference = similar::TextDiff::from_lines(found, told);
    assert!(found == told, "docs/ci.md\n{}", difference.unified_diff());
}
