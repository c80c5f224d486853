//! The manifest: any text ends in findings that lie inside it, and can be shown.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::Index;
use zrel::manifest::{format_manifest, parse};
use zrel::render::{Source, encode_findings, render_findings};

use super::{cases, damaged, damages};

/// The example, and every manifest of the test data.
fn corpus() -> &'static [String] {
    static CORPUS: OnceLock<Vec<String>> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut paths = vec![root.join("zenodo.toml.example")];
        for folder in ["valid", "invalid"] {
            let entries = std::fs::read_dir(root.join("tests/manifests").join(folder)).unwrap();
            paths.extend(entries.map(|entry| entry.unwrap().path()));
        }
        paths.retain(|path: &PathBuf| !is_expected(path));
        paths.sort();
        paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
    })
}

/// A formatted manifest keeps all its comments, and formats to itself.
fn holds_laid_out(text: &str) {
    let Some(format_manifest) = format_manifest(text) else { return };
    assert_eq!(laid_out_again(&format_manifest), format_manifest, "{text}");
    let comments = |text: &str| text.matches("# mark").count();
    assert_eq!(comments(&format_manifest), comments(text), "{text}\n---\n{format_manifest}");
}

fn laid_out_again(text: &str) -> String {
    format_manifest(text).unwrap_or_else(|| panic!("its layout has none: {text}"))
}

fn is_expected(path: &Path) -> bool {
    path.extension().is_some_and(|ext| ext == "expected")
}

fn holds(text: &str) {
    let parsed = parse(text, jiff::civil::date(2026, 11, 23));
    assert!(parsed.manifest.is_some() || !parsed.findings.is_empty());
    assert!(parsed.findings.len() <= 500, "more are unreadable");
    for finding in &parsed.findings {
        if let Some(label) = &finding.label {
            let (start, end) = (label.span.start, label.span.end);
            assert!(start <= end && end <= text.len(), "{start}..{end} of {}", text.len());
            assert!(text.is_char_boundary(start) && text.is_char_boundary(end));
        }
    }
    let source = Some(Source { path: "zenodo.toml", text });
    let shown = render_findings(&parsed.findings, source);
    // Colours are zrel's.
    assert!(!shown.contains(['\u{202e}', '\u{0}']) && !shown.contains("\u{1b}[2J"), "{shown:?}");
    encode_findings(&parsed.findings, source);
}

/// Lines that look like those of a manifest.
fn lines() -> impl Strategy<Value = String> {
    let key =
        "(server|metadata|files|record|title|creators|path|version|[a-z]{1,3}|\"[^\"]{0,3}\")";
    let value = "(\"[^\"]{0,6}\"|'[^']{0,6}'|[0-9]{1,20}|true|nan|\\[[^]]{0,9}\\]|\\{[^}]{0,9}\\}|20[0-9-]{2,9})";
    let written_as = |pattern: &str| proptest::string::string_regex(pattern).unwrap();
    let line = prop_oneof![
        written_as(&format!("\\[{key}(\\.{key})?\\]")),
        written_as(&format!("\\[\\[{key}\\]\\]")),
        written_as(&format!("{key} = {value}")),
        written_as(&format!("{key}\\.{key} = {value}")),
        written_as("\"\"\"[^\"]{0,9}"),
    ];
    proptest::collection::vec(line, 0..30).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn any_text_ends_in_findings(text in "\\PC{0,200}|[\\x00-\\x7f]{0,200}") {
        holds(&text);
    }

    #[test]
    fn anything_like_toml_ends_in_findings(text in lines()) {
        holds(&text);
    }

    #[test]
    fn a_damaged_manifest_ends_in_findings(which in any::<Index>(), all in damages()) {
        let text: &String = which.get(corpus());
        holds(&damaged(text, &all));
    }

    #[test]
    fn a_layout_keeps_every_comment(
        which in any::<Index>(),
        marks in proptest::collection::vec((any::<Index>(), "( |  |\t|\n){0,3}"), 0..12),
        all in damages(),
        is_damaged in any::<bool>(),
    ) {
        let text: &String = which.get(corpus());
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (number, (at, blanks)) in marks.iter().enumerate() {
            let line = at.get(&lines).clone();
            let at = at.index(lines.len());
            lines[at] = format!("{line}{blanks}# mark {number}");
        }
        let text = lines.join("\n");
        holds_laid_out(&if is_damaged { damaged(&text, &all) } else { text });
    }

    #[test]
    fn two_manifests_in_one_end_in_findings(a in any::<Index>(), b in any::<Index>(), cut in damages()) {
        let corpus = corpus();
        let text = format!("{}{}", corpus[a.index(corpus.len())], corpus[b.index(corpus.len())]);
        holds(&damaged(&text, &cut));
    }
}

#[test]
fn what_is_deep_long_or_many_ends() {
    let keys = |n: usize| (0..n).map(|n| format!("k{n} = {n}")).collect::<Vec<_>>().join("\n");
    for text in [
        "[".repeat(100_000),
        "a = ".to_owned() + &"[".repeat(100_000),
        "a = ".to_owned() + &"{ b = ".repeat(100_000),
        format!("[{}a]\n", "a.".repeat(100_000)),
        "[[a]]\n".repeat(50_000),
        format!("server = \"{}\"\n", "x".repeat(1_000_000)),
        format!("[metadata]\ntitle = \"{}\"\n", "é\\n".repeat(200_000)),
        format!("[metadata]\nkeywords = [{}]\n", "\"a\", ".repeat(50_000)),
        format!("[[files]]\npath = \"{}\"\n", "*".repeat(500_000)),
        format!("[[files]]\npath = \"{}\"\n", "{a,b}".repeat(100_000)),
        "\"\"\"".to_owned() + &"\n".repeat(1_000_000),
        "#".repeat(1_000_000),
        keys(100_000),
        format!("[metadata]\n{}", keys(60_000)),
    ] {
        holds(&text);
    }
}
