//! The plan as a comment: rendered by a real GFM renderer, with any names and texts, and
//! within every budget.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::json;
use zrel::model::{
    Content, Doi, Field, FieldChange, FileChange, FileChangeKind, FileKey, Md5, Metadata, RecordId,
    Server, ServerKind, Value,
};
use zrel::observed::View;
use zrel::plan::{Action, Base, Operation, Plan, Reason, Step, Target};
use zrel::render::{Review, render_plan_markdown};

use crate::support::world::{FILES, World, manifest, publish_first};

/// The elements that a rendered plan may have.
const ELEMENTS: [&str; 17] = [
    "h3",
    "p",
    "blockquote",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "ul",
    "li",
    "strong",
    "code",
    "pre",
    "details",
    "summary",
    "sub",
];

static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"</?([A-Za-z0-9]+)([^<>]*)>").unwrap());
static CODE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)<code[^<>]*>[^<]*</code>").unwrap());
/// Text that a forge interprets outside of code: names, issues, links, commands.
static CALLS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"@\w|#\d|https?:|www\.|(?m)^/\w|!\d|\p{Cc}&&[^\n]").unwrap());

fn rendered(markdown: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    options.render.r#unsafe = true;
    comrak::markdown_to_html(markdown, &options)
}

/// Returns everything in a rendered comment that does not come from a plan.
pub(crate) fn foreign_parts(markdown: &str) -> Vec<String> {
    let html = rendered(markdown);
    let (comments, rest): (Vec<&str>, String) = {
        let marker = Regex::new(r"(?s)<!--.*?-->").unwrap();
        let comments = marker.find_iter(&html).map(|found| found.as_str()).collect();
        (comments, marker.replace_all(&html, "").into_owned())
    };
    let mut foreign: Vec<String> = Vec::new();
    if comments.len() != 1 || !html.starts_with("<!-- zrel:plan 1 ") {
        foreign.push(format!("{} comments", comments.len()));
    }
    for tag in TAG.captures_iter(&rest) {
        let is_known = ELEMENTS.contains(&&tag[1]);
        let is_plain = tag[2].is_empty() || tag[2].starts_with(" class=\"language-");
        if !(is_known && is_plain) {
            foreign.push(tag[0].to_owned());
        }
    }
    let opened = |tag: &str| rest.matches(tag).count();
    if opened("<h3>") != 1 || opened("<details>") > 2 || opened("<table>") > 1 {
        foreign.push("headings, folds or tables".to_owned());
    }
    let prose = CODE.replace_all(&rest, "").into_owned();
    let prose = TAG.replace_all(&prose, "");
    foreign.extend(CALLS.find_iter(&prose).map(|found| found.as_str().to_owned()));
    foreign
}

/// Names and texts that try to be markup.
const HOSTILE: [&str; 12] = [
    "</details><h1>approved</h1>.csv",
    "```.csv",
    "` @team #123 `.csv",
    "--> <!-- .csv",
    "a|b|c.csv",
    "[click](javascript:alert(1)).csv",
    "![x](https://example.org/x.png).csv",
    "https://example.org.csv",
    "**ready**.csv",
    "a``b|.csv",
    "<script>alert(1)</script>.csv",
    "&lt;b&gt; $x$ .csv",
];

#[test]
fn the_test_sees_what_is_foreign() {
    for text in ["@team", "#12", "<b>x</b>", "# x", "[x](y)", "https://a.b", "<!-- -->", "- [ ] a"]
    {
        let comment = format!("<!-- zrel:plan 1 x -->\n### x\n\n{text}\n");
        assert_ne!(foreign_parts(&comment), Vec::<String>::new(), "{text}");
    }
    let fine = "<!-- zrel:plan 1 x -->\n### x\n\n`@team`\n";
    assert_eq!(foreign_parts(fine), Vec::<String>::new());
}

#[test]
fn names_and_texts_stay_what_they_are() {
    let world = World::served();
    publish_first(&world);
    for name in HOSTILE {
        world.write(&name.replace('/', "\u{2215}"), name);
    }
    let title = HOSTILE.join(" ").replace('\\', "\\\\").replace('"', "'");
    let text = format!(
        "title = \"{title}\"\ndescription = '''<p>a</p>\n```\n</details>\n# @team #123'''\n\
         keywords = [\"@team\", \"a|b\", \"`\"]\n"
    );
    let base = manifest("1.1", FILES);
    let base =
        base.lines().filter(|line| !line.starts_with("title") && !line.starts_with("description"));
    let base = base.collect::<Vec<_>>().join("\n") + "\n";
    world.manifest(&base.replace("[metadata]\n", &format!("[metadata]\n{text}")));

    let comment = world.expect(0, &["plan", "--format", "markdown"]).stdout;
    assert_eq!(foreign_parts(&comment), Vec::<String>::new(), "{comment}");
    for name in HOSTILE {
        let first = name.chars().take(4).collect::<String>().replace('|', "\\u{7c}");
        assert!(comment.contains(&first), "{name}: {comment}");
    }
    assert!(comment.contains("**publishes**: new version `1.1`"), "{comment}");

    world.expect(0, &["plan", "--out", "a.plan", "--json-into", "plan.json"]);
    let shown = world.expect(0, &["show", "a.plan", "--format", "markdown"]).stdout;
    assert_eq!(shown, comment);
    let document: serde_json::Value = serde_json::from_str(&world.read("plan.json")).unwrap();
    assert!(comment.contains(document["digest"].as_str().unwrap()), "{comment}");
}

/// About 200 kB of words, every tenth another one.
fn long_text(other: &str) -> Value {
    let mut text = String::from("<p>");
    for n in 0..25_000 {
        let word = if n % 10 == 0 { other } else { "table" };
        let _ = write!(text, "{word}{} ", n % 97);
    }
    Value::Text(text + "</p>")
}

/// A new version with this many files deleted and as many added, and a description that is new.
fn large_plan(n_files: usize) -> Plan {
    let record = RecordId(7.into());
    let content = Content { size: 4, md5: Md5([7; 16]) };
    let kinds = [FileChangeKind::Deleted(4), FileChangeKind::Added(content)];
    let files = kinds.into_iter().flat_map(|kind| {
        (0..n_files).map(move |n| FileChange {
            key: FileKey::from_server(&format!("a table with a long name, number {n:06}.csv")),
            kind,
            renamed: (n % 2 == 1).then(|| FileKey::from_server(&format!("renamed {n:06}.csv"))),
        })
    });
    Plan {
        server: Server::built_in("zenodo").unwrap(),
        view: View::Owner,
        base: Base { version: Some(record), ..Base::default() },
        operation: Operation::NewVersion { from: record, draft: None },
        steps: vec![Step { number: 1, action: Action::Publish, reason: Reason::ManifestPublishes }],
        files: files.collect(),
        metadata: vec![FieldChange {
            field: Field::Description,
            before: Some(long_text("form")),
            after: Some(long_text("list")),
        }],
        communities: Vec::new(),
        sharing: zrel::plan::SharingPlan::default(),
        target: Target { metadata: Metadata::default(), files: Vec::new() },
        links: zrel::desired::Links::new(),
        metadata_origins: BTreeMap::new(),
        unresolved: Vec::new(),
        blockers: Vec::new(),
        settled: Vec::new(),
        flags: zrel::plan::PlanFlags::default(),
        noted: Vec::new(),
        metadata_api: zrel::plan::MetadataApi::Deposit,
        unsupported: Vec::new(),
        stray_draft: None,
    }
}

#[test]
fn five_thousand_files_and_a_long_description_fit_into_every_budget() {
    let plan = large_plan(2500);
    let finding = |severity: &str, code: &str| {
        json!({"severity": severity, "code": code, "summary": "look here ".repeat(90),
               "why": "because ".repeat(400), "hints": ["do this ".repeat(400)]})
    };
    let findings = [("note", "ZR0001"), ("warning", "ZR0002"), ("error", "ZR0003")];
    let findings = findings.map(|(severity, code)| finding(severity, code));
    let document = json!({"verdict": "blocked", "findings": findings});
    let review = Review::new(&plan, &document);
    for budget in [8192_usize, 12_000, 65_536, 262_143, 1_000_000] {
        let comment = render_plan_markdown(&review, budget);
        assert!(comment.len() <= budget, "{} of {budget} bytes", comment.len());
        assert!(comment.len() > budget.min(65_536) / 3, "{} of {budget} bytes", comment.len());
        let parts = [
            "**blocked**",
            "2500 files added",
            "2500 files deleted",
            "**Publishes:** a DOI is minted and can't be taken back",
            "**Not in the next version:**",
            "**Renamed in the next version:**",
            "**error** `ZR0003`",
            "**warning** `ZR0002`",
            "more changes**",
            "…",
            "plan `sha256:",
        ];
        for part in parts {
            assert!(comment.contains(part), "{part} in {budget} bytes: {comment:.1500}");
        }
        assert_eq!(foreign_parts(&comment), Vec::<String>::new());
    }
}

#[test]
fn an_edit_in_place_says_that_it_is_public_at_once() {
    let world = World::served();
    publish_first(&world);
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    let comment = world.expect(0, &["plan", "--format", "markdown"]).stdout;
    assert!(comment.contains("zrel: **publishes**: edit of record "), "{comment}");
    assert!(comment.contains("> **Publishes:** the change is public at once."), "{comment}");
    assert_eq!(foreign_parts(&comment), Vec::<String>::new(), "{comment}");
}

/// Texts of the most costly kinds: backticks, which need long fences, and characters of four bytes.
#[test]
fn costly_texts_fit_into_every_budget() {
    for costly in ["`", "\u{1f600}", "\u{202e}", "|"] {
        let long = costly.repeat(30_000);
        let mut plan = large_plan(50);
        plan.server = Server {
            name: long.clone(),
            kind: ServerKind::Other,
            url: long.clone(),
            doi_prefix: Some(long.clone()),
            mints_dois: true,
        };
        plan.base.label = Some(long.clone());
        plan.base.doi = Some(Doi::parse(&format!("10.5072/{}", "a".repeat(30_000))).unwrap());
        plan.metadata[0].after = Some(Value::Text(long.clone()));
        plan.target.metadata.set(Field::Title, Value::Text(long.clone()));
        plan.target.metadata.set(Field::Version, Value::Text(long.clone()));
        for file in &mut plan.files {
            file.key = FileKey::from_server(&long);
            file.renamed = file.renamed.as_ref().map(|_| FileKey::from_server(&long));
        }
        let told = json!({"severity": "error", "code": long, "summary": long, "hints": [long]});
        let about = json!({"manifest": long, "commit": long});
        let document = json!({"verdict": "blocked", "findings": [told], "about": about});
        for budget in [8192_usize, 20_000, 65_536, 1_000_000] {
            let comment = render_plan_markdown(&Review::new(&plan, &document), budget);
            assert!(comment.len() <= budget, "{costly:?}: {} of {budget}", comment.len());
            assert!(comment.contains("**blocked**"), "{costly:?}: {comment:.300}");
            assert!(
                comment.contains("**Publishes:** a DOI is minted and can't be taken back"),
                "{costly:?}: {comment:.300}"
            );
            assert!(comment.contains("error"), "{costly:?}: {comment:.300}");
            assert!(comment.contains("plan `sha256:"), "{costly:?}: {comment:.300}");
            assert_eq!(foreign_parts(&comment), Vec::<String>::new(), "{costly:?} {budget}");
        }
    }
}
