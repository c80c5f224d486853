//! Checks the module dependency table of docs/architecture.md against the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What `cli` may name: everything.
const ALL: &[&str] = &[
    "model",
    "clock",
    "disk",
    "vocab",
    "manifest",
    "inventory",
    "lock",
    "metadata_json",
    "toml_text",
    "desired",
    "profile",
    "observed",
    "compare",
    "wire",
    "http",
    "api",
    "refresh",
    "plan",
    "check",
    "event",
    "render",
    "apply",
    "local",
    "interop",
    "write_back",
    "terminal",
    "forge",
    "scheduler",
    "credential",
    "notify",
    "engine",
];

/// Module, the modules it may name, and whether it is pure (no I/O, no clock, no async).
const LAYERS: &[(&str, &[&str], bool)] = &[
    ("model", &[], true),
    ("clock", &[], false),
    ("disk", &[], false),
    ("vocab", &["model"], true),
    ("manifest", &["model", "vocab", "write_back"], true),
    ("inventory", &["model", "disk", "manifest", "write_back"], false),
    ("toml_text", &[], true),
    ("lock", &["model", "disk", "toml_text"], false),
    ("metadata_json", &["model"], true),
    ("desired", &["model", "manifest", "vocab", "compare", "write_back"], true),
    ("profile", &["model", "manifest", "desired", "metadata_json"], true),
    ("observed", &["model"], true),
    ("compare", &["model", "vocab"], true),
    ("wire", &["model", "observed", "metadata_json"], true),
    ("http", &["model", "clock"], false),
    ("api", &["model", "observed", "compare", "wire", "http"], false),
    ("refresh", &["model", "observed", "compare", "api"], false),
    ("plan", &["model", "desired", "observed", "compare", "metadata_json", "write_back"], true),
    ("check", &["model", "observed", "plan"], true),
    ("event", &["model", "plan"], true),
    ("render", &["model", "observed", "plan", "check", "event", "compare", "metadata_json"], true),
    (
        "apply",
        &[
            "model",
            "clock",
            "disk",
            "plan",
            "check",
            "compare",
            "event",
            "lock",
            "observed",
            "refresh",
            "inventory",
            "api",
        ],
        false,
    ),
    ("local", &["clock"], false),
    (
        "interop",
        &["model", "toml_text", "vocab", "manifest", "desired", "observed", "compare", "wire"],
        true,
    ),
    ("write_back", &["model"], true),
    ("terminal", &["model", "event", "render"], false),
    ("forge", &["http"], false),
    ("scheduler", &[], true),
    ("credential", &["disk", "toml_text"], false),
    ("notify", &["clock", "disk", "http"], false),
    (
        "engine",
        &[
            "model",
            "clock",
            "disk",
            "manifest",
            "inventory",
            "lock",
            "desired",
            "profile",
            "observed",
            "compare",
            "http",
            "api",
            "refresh",
            "plan",
            "check",
            "event",
            "render",
            "apply",
            "local",
            "interop",
            "write_back",
        ],
        false,
    ),
    ("cli", ALL, false),
];

/// Text that a pure module must not contain.
const IMPURE: &[&str] = &[
    "reqwest",
    "tokio",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "async fn",
    ".await",
    "println!",
    "eprintln!",
];

#[test]
fn modules_name_only_what_the_table_allows() {
    let mut problems = Vec::new();
    for (module, path, code) in sources() {
        let Some((_, allowed, pure)) = LAYERS.iter().find(|(name, ..)| *name == module) else {
            problems.push(format!("{}: module `{module}` has no row in LAYERS", path.display()));
            continue;
        };
        for named in crate_paths(&code) {
            if named != module && !allowed.contains(&named.as_str()) {
                problems.push(format!("{}: `{module}` names `crate::{named}`", path.display()));
            }
        }
        if *pure {
            for token in IMPURE.iter().filter(|token| code.contains(**token)) {
                problems.push(format!("{}: pure module holds `{token}`", path.display()));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// Files and folders of a module with I/O that are pure themselves.
const PURE_PARTS: &[&str] = &[
    "src/notify/channel.rs",
    "src/notify/channels",
    "src/notify/event.rs",
    "src/notify/message.rs",
    "src/notify/request.rs",
    "src/notify/settings.rs",
    "src/notify/signature.rs",
    "src/notify/text.rs",
];

#[test]
fn the_pure_parts_of_a_module_are_pure() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for part in PURE_PARTS {
        let files: Vec<_> = sources()
            .into_iter()
            .filter(|(_, path, _)| path.starts_with(root.join(part)))
            .collect();
        assert!(!files.is_empty(), "{part}");
        for (_, path, code) in files {
            let impure = IMPURE.iter().find(|token| code.contains(**token));
            assert_eq!(impure, None, "{} is a pure part", path.display());
        }
    }
}

#[test]
fn the_table_has_no_cycle() {
    let edges: BTreeMap<_, _> = LAYERS.iter().map(|(name, to, _)| (*name, *to)).collect();
    for start in edges.keys() {
        let mut seen = BTreeSet::new();
        let mut todo: Vec<&str> = edges[start].to_vec();
        while let Some(next) = todo.pop() {
            assert_ne!(next, *start, "`{start}` reaches itself");
            if seen.insert(next) {
                todo.extend(edges[next]);
            }
        }
    }
}

#[test]
fn every_source_file_opens_with_a_module_comment() {
    for (_, path, _) in sources() {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//!"), "{} lacks a `//!` first line", path.display());
    }
}

/// Returns (top-level module, path, code without comments) for each file below a module of `src`.
fn sources() -> Vec<(String, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&src, &mut found);
    found
        .into_iter()
        .filter_map(|path| {
            let relative = path.strip_prefix(&src).unwrap();
            let first = relative.iter().next().unwrap().to_str().unwrap();
            let module = first.trim_end_matches(".rs").to_owned();
            if module == "main" || module == "lib" {
                return None;
            }
            let code = without_comments(&fs::read_to_string(&path).unwrap());
            Some((module, path, code))
        })
        .collect()
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

/// Returns the module names that follow `crate::`, brace groups included.
fn crate_paths(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        // `ro_crate::` is another name.
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(group_heads(group)),
            None => names.extend(head(rest)),
        }
    }
    names
}

fn group_heads(group: &str) -> Vec<String> {
    let mut depth = 1;
    let mut heads = Vec::new();
    let mut item = String::new();
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => (),
        }
        if depth == 0 || (depth == 1 && c == ',') {
            heads.extend(head(item.trim()));
            item.clear();
            if depth == 0 {
                break;
            }
        } else {
            item.push(c);
        }
    }
    heads
}

fn head(text: &str) -> Option<String> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

/// Drops `//` comments, and everything from `#[cfg(test)]` on, since tests may name anything.
fn without_comments(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// The only modules where a crate or a call may be.
const ROOMS: &[(&str, &[&str])] = &[
    ("reqwest", &["http"]),
    ("hyper::", &["local"]),
    // Which proxy the client uses is found by the code that the client itself calls.
    ("hyper_util", &["local", "http"]),
    ("redb", &["local"]),
    ("TcpListener", &["local"]),
    ("clap", &["cli"]),
    ("std::env", &["cli"]),
    ("println!", &["terminal"]),
    ("print!", &["terminal"]),
    ("indicatif", &["terminal"]),
    ("rpassword", &["terminal"]),
    ("keyring::v1", &["credential"]),
    ("crate::local", &["cli", "engine", "local"]),
];

#[test]
fn crates_and_calls_are_only_in_their_allowed_modules() {
    let mut problems = Vec::new();
    for (module, path, code) in sources() {
        for (token, rooms) in ROOMS {
            let named = code
                .match_indices(token)
                .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'));
            if named && !rooms.contains(&module.as_str()) {
                problems.push(format!("{}: `{token}` outside {rooms:?}", path.display()));
            }
        }
        // `super::supervisors` is a module of that name.
        let mut rests = code.match_indices("super::super").map(|(at, it)| &code[at + it.len()..]);
        if rests.any(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')) {
            problems.push(format!("{}: `super::super` hides an edge", path.display()));
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn the_table_in_the_docs_is_the_table_that_is_tested() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let docs = fs::read_to_string(docs).unwrap();
    for (module, allowed, pure) in LAYERS {
        let allowed = if allowed == &ALL { "everything".to_owned() } else { allowed.join(", ") };
        let row = format!("| `{module}` | {} | {} |", allowed, if *pure { "yes" } else { "" });
        assert!(docs.contains(&row), "docs/architecture.md lacks the row\n{row}");
    }
}
