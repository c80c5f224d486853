//! The words that docs/glossary.md rules out are nowhere in the code, the messages or the
//! documentation.

use std::fs;
use std::path::{Path, PathBuf};

/// Places that may quote a word: the glossary itself, and texts that are not ours to change.
const EXCEPT: [&str; 3] = ["docs/glossary.md", "src/vocab/data", "tests/it/source/glossary.rs"];

/// Texts that saved plans hold and that are compared with what a plan says now: a better word
/// would refuse every plan that was saved before.
const IN_SAVED_PLANS: [(&str, &str); 4] = [
    ("docs/ci.md", "not to be seen"),
    ("src/check/warnings.rs", "not to be seen"),
    ("src/check/blockers.rs", "without a word"),
    ("src/check/blockers.rs", "taken away"),
];

#[test]
fn words_that_the_glossary_rules_out_are_not_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let words = list_forbidden(&fs::read_to_string(root.join("docs/glossary.md")).unwrap());
    assert!(words.len() > 15, "{words:?}");
    let mut found = Vec::new();
    for path in list_texts(root) {
        let name = path.strip_prefix(root).unwrap().display().to_string();
        if EXCEPT.iter().any(|except| name.starts_with(except)) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap().to_lowercase();
        for (number, line) in text.lines().enumerate() {
            let is_kept = |word: &str| IN_SAVED_PLANS.contains(&(name.as_str(), word));
            let is_in_line = |word: &&String| has_word(line, word) && !is_kept(word);
            found.extend(
                words
                    .iter()
                    .filter(is_in_line)
                    .map(|word| format!("{name}:{}: `{word}`", number + 1)),
            );
        }
    }
    assert!(found.is_empty(), "docs/glossary.md has a better word for:\n{}", found.join("\n"));
}

#[test]
fn a_word_is_found_in_names_and_texts_and_not_inside_another() {
    for line in ["the obstacle", "fn all_obstacle(", "an obstacle.", "obstacle"] {
        assert!(has_word(line, "obstacle"), "{line}");
    }
    for line in ["obstacles_x", "anobstacle", ""] {
        assert!(!has_word(line, "obstacle"), "{line}");
    }
}

/// Returns the first column of the table in the last section.
fn list_forbidden(glossary: &str) -> Vec<String> {
    let (_, section) = glossary.split_once("## Words that are not used").unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| "));
    let words = rows.filter_map(|row| row.split(" | ").next()).map(str::to_lowercase);
    words.filter(|word| !word.starts_with("---") && word != "not").collect()
}

fn list_texts(root: &Path) -> Vec<PathBuf> {
    let mut texts: Vec<PathBuf> =
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "zenodo.toml.example", "action.yml"]
            .map(|name| root.join(name))
            .to_vec();
    for (folder, endings) in [
        ("src", &["rs"][..]),
        ("tests/it", &["rs"]),
        ("tests/conformance", &["rs"]),
        ("examples", &["rs"]),
        ("docs", &["md"]),
    ] {
        add_texts(&root.join(folder), endings, &mut texts);
    }
    texts
}

fn add_texts(folder: &Path, endings: &[&str], texts: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let has_ending = |ending: &&str| path.extension().is_some_and(|it| it == *ending);
        if path.is_dir() {
            add_texts(&path, endings, texts);
        } else if endings.iter().any(has_ending) {
            texts.push(path);
        }
    }
}

/// Returns whether a line has a word; letters directly before or behind it make it another one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let behind = line[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !behind.is_some_and(char::is_alphanumeric)
    })
}
