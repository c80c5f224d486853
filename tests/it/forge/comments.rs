//! `zrel comment` against a fake of each of the three forges.

use serde_json::json;

use crate::support::fake_forge::{Comment, FakeForge, InjectedFault, Manner, NUMBER, Token};
use crate::support::world::{FILES, Ran, World, manifest};

const TOKEN: &str = "a-token-of-the-bot";
const BOT: &str = "release-bot";

/// A project with a plan, and a forge to comment on.
struct Review {
    world: World,
    forge: FakeForge,
    manner: Manner,
}

impl Review {
    fn new(manner: Manner) -> Self {
        Self::with(manner, Token::of(BOT))
    }

    fn with(manner: Manner, token: Token) -> Self {
        let world = World::local();
        world.manifest(&manifest("1.0", FILES));
        world.write("a.csv", "one,two\n");
        let review = Self { world, forge: FakeForge::start(manner, TOKEN, token), manner };
        review.plan();
        review
    }

    fn plan(&self) {
        self.world.expect(0, &["plan", "--public", "--out", "release.plan"]);
    }

    /// Runs the verb as the forge's CI would for its pull request.
    fn comment(&self, args: &[&str]) -> Ran {
        self.comment_with(args, &[])
    }

    fn comment_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        let number = NUMBER.to_string();
        let mut all = vec!["comment", "--plan", "release.plan"];
        if self.manner != Manner::GitLab && !args.contains(&"--event") {
            all.extend(["--number", &number]);
        }
        all.extend(args.iter().filter(|arg| **arg != "--event"));
        let mut command = self.world.command(&all);
        for (name, value) in self.forge.variables(TOKEN) {
            command.env(name, value);
        }
        command.envs(variables.iter().copied());
        command.output().unwrap().into()
    }

    #[track_caller]
    fn says(&self, args: &[&str], outcome: &str) -> Comment {
        let mut all = args.to_vec();
        all.extend(["--format", "json"]);
        let ran = self.comment(&all);
        assert_eq!(ran.code, 0, "{ran}");
        assert_eq!(ran.json()["outcome"], outcome, "{ran}");
        let own: Vec<_> = self.own_comments();
        assert_eq!(own.len(), 1, "{own:#?}");
        own.into_iter().next().unwrap()
    }

    fn own_comments(&self) -> Vec<Comment> {
        self.forge.comments().into_iter().filter(|comment| comment.author == BOT).collect()
    }
}

#[test]
fn there_is_one_comment_and_it_is_changed_in_place() {
    for manner in Manner::ALL {
        let review = Review::new(manner);
        let first = review.says(&[], "created");
        assert!(first.body.starts_with("<!-- zrel:plan "), "{}", first.body);
        assert!(first.body.contains("Tables of small forms"), "{}", first.body);
        assert_eq!(review.says(&[], "unchanged"), first);
        review.world.write("b.csv", "three\n");
        review.plan();
        let second = review.says(&[], "updated");
        assert_eq!(second.id, first.id, "{manner:?}");
        assert!(second.body.contains("b.csv"), "{}", second.body);
        review.world.apply_then_expect_no_changes(&[]);
    }
}

#[test]
fn nothing_to_do_is_one_line_in_an_existing_comment_and_makes_none() {
    for manner in Manner::ALL {
        let review = Review::new(manner);
        review.world.apply_then_expect_no_changes(&[]);
        review.plan();
        let ran = review.comment(&["--format", "json"]);
        assert_eq!((ran.code, ran.json()["outcome"].as_str()), (0, Some("silent")), "{ran}");
        assert_eq!(review.forge.comments(), []);
        assert!(review.forge.requests().iter().all(|request| request.starts_with("GET ")));

        review.world.manifest(&manifest("1.1", FILES));
        review.world.write("b.csv", "three\n");
        review.plan();
        let made = review.says(&[], "created");
        review.world.apply_then_expect_no_changes(&[]);
        review.plan();
        let short = review.says(&[], "updated");
        assert_eq!(short.id, made.id);
        let lines: Vec<&str> = short.body.trim_end().lines().collect();
        assert_eq!(lines.len(), 2, "the marker and one line: {lines:#?}");
        assert!(lines[1].to_lowercase().contains("no changes."), "{lines:#?}");
    }
}

#[test]
fn the_comment_is_found_on_the_last_page() {
    for manner in Manner::ALL {
        let review = Review::new(manner);
        for n in 0..230 {
            review.forge.put("reader", &format!("comment {n}"));
        }
        let first = review.says(&[], "created");
        for n in 0..15 {
            review.forge.put("reader", &format!("later {n}"));
        }
        review.forge.requests();
        assert_eq!(review.says(&[], "unchanged"), first);
        let pages = review.forge.requests().iter().filter(|line| line.contains("page=")).count();
        assert_eq!(pages, if manner == Manner::Forgejo { 1 } else { 3 }, "{manner:?}");
    }
}

#[test]
fn a_stranger_who_writes_the_marker_gets_no_comment_changed() {
    for manner in Manner::ALL {
        let review = Review::new(manner);
        let ours = review.says(&[], "created");
        let other = Review::new(manner);
        other.forge.put("stranger", &ours.body);
        other.forge.put("reader", &format!("> {}", ours.body));
        let made = other.says(&[], "created");
        assert_eq!(made.body, ours.body);
        let strangers: Vec<_> =
            other.forge.comments().into_iter().filter(|c| c.author != BOT).collect();
        assert_eq!(strangers[0].body, ours.body);
        assert_eq!(other.says(&[], "unchanged"), made);
    }
}

#[test]
fn the_token_of_a_workflow_is_asked_whose_it_is_by_the_other_interface() {
    let review = Review::with(Manner::GitHub, Token::of_app(BOT));
    let made = review.says(&[], "created");
    assert_eq!(review.says(&[], "unchanged"), made);
    assert!(review.forge.requests().iter().any(|line| line.starts_with("POST /api/graphql")));
}

#[test]
fn where_the_forge_does_not_say_whose_the_token_is_a_flag_does() {
    let review = Review::with(Manner::Forgejo, Token::of_app(BOT));
    let made = review.says(&[], "created");
    let ran = review.comment(&[]);
    assert_eq!(ran.code, 77, "{ran}");
    assert!(ran.stderr.contains("--author LOGIN"), "{ran}");
    assert_eq!(review.says(&["--author", BOT], "unchanged"), made);
}

#[test]
fn a_read_only_token_is_reported_with_what_it_lacks() {
    for manner in Manner::ALL {
        let review = Review::with(manner, Token::of(BOT).reading());
        let ran = review.comment(&["--format", "json"]);
        assert_eq!(ran.code, 77, "{ran}");
        let error = &ran.json()["error"];
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("the token may not do that"), "{ran}");
        assert_ne!(error["hints"], json!([]), "{ran}");
        assert_eq!(review.forge.comments(), []);
    }
}

#[test]
fn an_unknown_token_or_a_missing_one_ends_with_77() {
    for (manner, name) in
        Manner::ALL.into_iter().zip(["GITHUB_TOKEN", "FORGEJO_TOKEN", "GITLAB_TOKEN"])
    {
        let review = Review::new(manner);
        let ran = review.comment_with(&[], &[(name, "a-token-of-nobody")]);
        assert_eq!(ran.code, 77, "{ran}");
        assert!(ran.stderr.contains("the token is refused"), "{ran}");
        assert!(!ran.stderr.contains("a-token-of-nobody"), "{ran}");
        let ran = review.comment_with(&[], &[(name, "")]);
        assert_eq!(ran.code, 77, "{ran}");
        assert!(ran.stderr.contains(name), "{ran}");
    }
}

#[test]
fn the_job_token_of_gitlab_is_reported_as_useless() {
    let review = Review::new(Manner::GitLab);
    let ran = review.comment_with(&[], &[("GITLAB_TOKEN", "")]);
    assert_eq!(ran.code, 77, "{ran}");
    assert!(ran.stderr.contains("CI_JOB_TOKEN may not write comments"), "{ran}");
    assert_eq!(review.forge.requests(), Vec::<String>::new());
}

#[test]
fn a_comment_whose_answer_was_lost_is_not_made_twice() {
    for manner in Manner::ALL {
        let review = Review::new(manner);
        review.forge.next(InjectedFault::WriteUnanswered);
        let made = review.says(&[], "created");
        assert_eq!(review.says(&[], "unchanged"), made);
    }
}

#[test]
fn too_many_requests_end_with_75_and_a_redirect_is_not_followed() {
    for manner in Manner::ALL {
        let review = Review::new(manner);
        review.forge.next(InjectedFault::RateLimited);
        let ran = review.comment(&[]);
        assert_eq!(ran.code, 75, "{ran}");
        review.forge.requests();
        review.forge.next(InjectedFault::Moved);
        let ran = review.comment(&[]);
        assert_eq!(ran.code, 1, "{ran}");
        assert!(ran.stderr.contains("zrel does not follow with a token"), "{ran}");
        assert_eq!(review.forge.requests().len(), 1);
    }
}

#[test]
fn a_missing_pull_request_is_reported() {
    let review = Review::new(Manner::GitHub);
    let mut command = review.world.command(&["comment", "--plan", "release.plan", "--number", "8"]);
    command.envs(review.forge.variables(TOKEN));
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stderr.contains("pull request #8"), "{ran}");
}

#[test]
fn the_event_of_a_pull_request_names_it() {
    for manner in [Manner::GitHub, Manner::Forgejo] {
        let review = Review::new(manner);
        review.world.write("event.json", &json!({"pull_request": {"number": NUMBER}}).to_string());
        let event = review.world.project().join("event.json");
        let ran =
            review.comment_with(&["--event"], &[("GITHUB_EVENT_PATH", event.to_str().unwrap())]);
        assert_eq!(ran.code, 0, "{ran}");
        assert_eq!(review.own_comments().len(), 1);
    }
}

#[test]
fn a_run_of_a_workflow_finds_the_pull_request_by_its_head_and_not_by_what_it_brings() {
    let review = Review::new(Manner::GitHub);
    let event = |commit: &str| {
        let run = json!({"workflow_run": {
            "head_sha": commit, "head_branch": "fix/rings & tea", "pull_requests": [],
            "head_repository": {"owner": {"login": "fork"}},
        }});
        review.world.write("event.json", &run.to_string());
        let event = review.world.project().join("event.json");
        review.comment_with(&["--event"], &[("GITHUB_EVENT_PATH", event.to_str().unwrap())])
    };
    review.forge.open(99, "somebody", "fix/rings & tea", "c0ffee");
    review.forge.open(NUMBER, "fork", "fix/rings & tea", "c0ffee");
    let ran = event("c0ffee");
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("Commented on pull request #7"), "{ran}");
    let ran = event("0ld");
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("no comment was written"), "{ran}");
    assert_eq!(review.own_comments().len(), 1);
}

#[test]
fn an_api_that_is_not_the_forges_own_gets_no_token() {
    let review = Review::new(Manner::GitHub);
    let ran = review.comment_with(&[], &[("GITHUB_SERVER_URL", "https://github.com")]);
    assert_eq!(ran.code, 64, "{ran}");
    assert!(ran.stderr.contains("is not that of the forge"), "{ran}");
    assert_eq!(review.forge.requests(), Vec::<String>::new());
}

#[test]
fn a_plan_for_a_server_that_is_not_allowed_gets_no_comment() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    let host = format!("127.0.0.1:{}", world.port());
    world.expect(0, &["plan", "--public", "--allow-server", &host, "--out", "release.plan"]);
    let forge = FakeForge::start(Manner::GitHub, TOKEN, Token::of(BOT));
    let review = Review { world, forge, manner: Manner::GitHub };
    let ran = review.comment(&[]);
    assert_eq!(ran.code, 11, "{ran}");
    assert_eq!(review.forge.requests(), Vec::<String>::new());
    review.says(&["--allow-server", &host], "created");
}

#[test]
fn a_plan_that_was_made_with_a_token_gets_no_comment() {
    let review = Review::new(Manner::GitHub);
    review.world.expect(0, &["plan", "--out", "release.plan"]);
    let ran = review.comment(&[]);
    assert_eq!(ran.code, 11, "{ran}");
    assert!(ran.stderr.contains("zrel plan --public"), "{ran}");
    assert_eq!(review.forge.requests(), Vec::<String>::new());
}

#[test]
fn outside_of_any_ci_the_forge_has_to_be_named() {
    let review = Review::new(Manner::GitHub);
    let ran = review.world.expect(64, &["comment", "--plan", "release.plan"]);
    assert!(ran.stderr.contains("--forge github, forgejo or gitlab"), "{ran}");
    let ran = review.world.expect(64, &["comment", "--plan", "release.plan", "--forge", "gitlab"]);
    assert!(ran.stderr.contains("CI_API_V4_URL"), "{ran}");
}

#[test]
fn a_comment_stays_within_its_budget() {
    for manner in Manner::ALL {
        let review = Review::new(manner);
        for n in 0..400 {
            review.world.write(&format!("data/{n:04}-{}.csv", "x".repeat(120)), &n.to_string());
        }
        review.world.manifest(&manifest("1.0", "[[files]]\npath = \"data/*.csv\"\n"));
        review
            .world
            .expect(0, &["plan", "--public", "--max-files", "5000", "--out", "release.plan"]);
        let made = review.says(&[], "created");
        assert!(made.body.len() <= if manner == Manner::GitLab { 1_000_000 } else { 65_536 });
        assert!(made.body.len() > 1000);
        let short = review.says(&["--budget", "9000"], "updated");
        assert!(short.body.len() <= 9000, "{}", short.body.len());
        let ran = review.comment(&["--budget", "20"]);
        assert_eq!(ran.code, 64, "{ran}");
    }
}

#[test]
fn a_comment_says_nothing_that_the_digest_does_not_cover_of_renamed_files() {
    let review = Review::new(Manner::GitHub);
    review.world.apply_then_expect_no_changes(&[]);
    review.world.remove("a.csv");
    review.world.write("b.csv", "one,two\n");
    review.world.manifest(&manifest("1.1", FILES));
    review.plan();
    let plan = review.world.read("release.plan");
    assert!(plan.contains("\"renamed_from\": \"a.csv\""), "{plan}");
    let body = review.says(&[], "created").body;
    assert!(body.contains("**Not in the next version:** `a.csv`."), "{body}");
    assert!(!body.contains("renamed"), "{body}");
    review.world.apply_then_expect_no_changes(&[]);
}

/// Names another server in a saved plan, with the digest and the checksum that go with it, as
/// the plan's author could.
fn rename_server(review: &Review, name: &str, url: &str) {
    use sha2::Digest as _;
    let text = review.world.read("release.plan");
    let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut plan = zrel::plan::decode_plan(&document).unwrap();
    name.clone_into(&mut plan.server.name);
    url.clone_into(&mut plan.server.url);
    document["server"]["name"] = name.into();
    document["server"]["url"] = url.into();
    document["digest"] = format!("sha256:{}", zrel::plan::compute_digest(&plan)).into();
    document.as_object_mut().unwrap().shift_remove("checksum");
    let sum = sha2::Sha256::digest(document.to_string().as_bytes());
    document["checksum"] = format!("sha256:{}", zrel::model::Sha256(sum.into())).into();
    review.world.write("release.plan", &document.to_string());
}

#[test]
fn a_plan_that_only_calls_its_server_zenodo_gets_no_comment() {
    let review = Review::new(Manner::GitHub);
    rename_server(&review, "zenodo", "https://zenodo.org");
    let ran = review.comment(&[]);
    assert_eq!(ran.code, 0, "{ran}");
    review.forge.requests();
    rename_server(&review, "elsewhere", "https://evil.example");
    let ran = review.comment(&[]);
    assert_eq!(ran.code, 11, "{ran}");
    assert!(ran.stderr.contains("`evil.example`, which is not built in"), "{ran}");
    rename_server(&review, "zenodo", "https://evil.example");
    let ran = review.comment(&[]);
    assert_eq!(ran.code, 65, "{ran}");
    assert!(ran.stderr.contains("`server` is missing or not understood"), "{ran}");
    assert_eq!(review.forge.requests(), Vec::<String>::new());
}

#[test]
fn an_invalid_plan_gets_no_comment() {
    let review = Review::new(Manner::GitHub);
    let plan = review.world.read("release.plan");
    let deep = "[".repeat(100_000);
    for text in ["", "{}", "null", "<html>", &deep, &plan[..plan.len() / 2]] {
        review.world.write("release.plan", text);
        let ran = review.comment(&["--format", "json"]);
        assert_eq!(ran.code, 65, "{ran}");
        assert_eq!(ran.json()["error"]["exit_code"], 65, "{ran}");
    }
    review.world.remove("release.plan");
    #[cfg(unix)]
    {
        review.world.write("elsewhere.plan", &plan);
        let link = review.world.project().join("release.plan");
        std::os::unix::fs::symlink("elsewhere.plan", &link).unwrap();
        assert_eq!(review.comment(&[]).code, 65, "an archive may hold a link");
    }
    assert_eq!(review.forge.requests(), Vec::<String>::new());
}
