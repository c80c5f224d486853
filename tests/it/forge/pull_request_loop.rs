//! The whole loop, as the workflows of `zrel ci init github` go through it: a pull request from a
//! fork, the comment, the merge, the tag, the release, and a second pull request.
//!
//! Its output is in docs/ci.md; `ZREL_BLESS=1 cargo test` renews it there.

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

fn text(concept: &str) -> String {
    let binding = match concept {
        "" => String::new(),
        concept => format!("[record.concept]\ntest = \"{concept}\"\n\n"),
    };
    format!(
        "{binding}[metadata]\ntitle = \"Rings in a glass of tea\"\nupload_type = \"dataset\"\n\
         description = \"<p>One row an hour.</p>\"\ncreators = [{{ name = \"Example, Ada\" }}]\n\
         license = \"cc-by-4.0\"\nversion = {{ from = \"git-tag\", strip = \"v\" }}\n\n\
         [[files]]\npath = \"rings.csv\"\n"
    )
}

#[test]
fn a_pull_request_is_planned_commented_merged_tagged_and_published() {
    let mut all = Loop::new();
    all.git(&["init", "-q", "-b", "main"]);
    all.world.write(".gitignore", "/zenodo.lock\n.zrel/\n");
    all.world.write("rings.csv", "hour,radius\n1,4.1\n");
    all.world.manifest(&text(""));
    all.commit("first");
    all.git(&["tag", "v1.0"]);
    all.world.apply(&["--initial"]);
    let concept = all.world.concept().to_string();
    all.world.manifest(&text(&concept));
    let main = all.commit("bind the record");

    all.tell("A pull request from a fork adds a row to `rings.csv`. The first job has no token of any kind:");
    all.git(&["checkout", "-q", "-b", BRANCH]);
    all.world.write("rings.csv", "hour,radius\n1,4.1\n2,5.8\n");
    let head = all.commit("one more hour");
    let digest = all.review(&head);
    let comment = all.comment();
    assert!(!comment.contains("**remove** | `version`"), "{comment}");
    assert!(comment.contains(&digest) && comment.contains("publishes at the tag"), "{comment}");

    all.tell("The comment, without its hidden first line:");
    let shown = comment.split_once('\n').unwrap().1.replace(&head, "COMMIT");
    let shown = all.settled(&shown.replace(&head[..12], "COMMIT"));
    let _ = write!(all.told, "````markdown\n{}\n````\n\n", shown.trim_end());

    all.tell("It is merged, and the merge is tagged `v1.1`. The release's first job plans again, still without a token: the label is known now, and the digest is the same.");
    all.git(&["checkout", "-q", "main"]);
    all.git(&["merge", "-q", "--no-ff", "-m", "merge", BRANCH]);
    all.git(&["tag", "v1.1"]);
    let host = all.host();
    let folder = all.job("v1.1");
    let plan = ["plan", "--public", "--allow-server", &host];
    let at_tag = all.zrel(&folder, &plan, &[]);
    assert!(at_tag.stdout.contains(&digest), "{at_tag}");

    all.tell("A reviewer of the environment approves the second job. Only that job has the token of Zenodo:");
    let owner = all.owner();
    let folder = all.job("v1.1");
    all.zrel(&folder, &["apply", "--expect", &digest], &owner);
    let n_versions = all.world.n_versions(concept.parse().unwrap());
    assert_eq!(n_versions, 2);

    all.tell("A second pull request touches only the README. There is nothing to do, and the comment becomes one line:");
    all.git(&["checkout", "-q", "-b", "words", "main"]);
    all.world.write("README.md", "Rings.\n");
    let head = all.commit("words");
    all.review(&head);
    let comment = all.comment();
    let lines: Vec<&str> = comment.trim_end().lines().collect();
    assert!(lines.len() == 2 && lines[1].contains("no changes"), "{comment}");
    let last = all.settled(lines[1]);
    let _ = write!(all.told, "````markdown\n{last}\n````\n");
    assert_ne!(main, head);

    compare_with_docs(&all.told);
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
