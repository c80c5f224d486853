//! Files that need each other: this file lists each circle, with its reason.
//!
//! One file leads to another when its code names something that is defined there, by a `use` or by
//! a path in place; a name that a module only passes on counts for the file that defines it. That a
//! parent declares its children (`mod x;`) or passes on their names (`pub use x::Y`) ties it to
//! no file. A parent whose own code calls a child is tied to it like any other file, and so is a
//! child that names what its parent defines. What only tests name is cut off. A method call is
//! not a name of a file, so files that know each other only by methods of one type are not seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The intended circles: their files below `src`, sorted, and why they stay.
const CIRCLES: &[(&[&str], &str)] = &[];

#[test]
fn no_files_need_each_other_but_those_that_are_named_here() {
    let house = House::read();
    let edges = house.edges();
    let found = circles(&edges);
    let mut problems = Vec::new();
    for circle in &found {
        let files = house.sorted(circle);
        if !CIRCLES.iter().any(|(named, _)| *named == files) {
            let ties =
                edges.iter().filter(|(from, _)| circle.contains(*from)).flat_map(|(from, ties)| {
                    let ties = ties.iter().filter(|(to, _)| circle.contains(*to));
                    ties.map(|(to, names)| {
                        let names = names.iter().cloned().collect::<Vec<_>>().join(", ");
                        format!("  {} -> {}: {names}", house.shown(from), house.shown(to))
                    })
                });
            let ties = ties.collect::<Vec<_>>().join("\n");
            problems.push(format!("{files:?} need each other, and are not in CIRCLES\n{ties}"));
        }
    }
    for (named, reason) in CIRCLES {
        assert!(reason.len() > 20, "{named:?} has no reason");
        if !found.iter().any(|circle| house.sorted(circle) == *named) {
            problems.push(format!("{named:?} is not a circle any more: remove it from CIRCLES"));
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// A module by its path from the crate's root; the root is empty.
type Module = Vec<String>;

/// What a file takes from others: by file the names.
type Ties = BTreeMap<Module, BTreeSet<String>>;

/// All files of `src` that are modules.
struct House {
    files: BTreeMap<Module, File>,
}

struct File {
    /// Where it is below `src`.
    shown: String,
    /// What its `use` declarations bring in, by the name that they give it.
    uses: BTreeMap<String, Use>,
    /// The modules of which it takes everything (`use x::*`).
    globs: Vec<Vec<String>>,
    /// What it defines.
    items: BTreeSet<String>,
    /// Every path in its code, and every single word, outside of `use` declarations.
    named: Vec<Vec<String>>,
}

struct Use {
    path: Vec<String>,
    is_passed_on: bool,
}

impl House {
    fn read() -> Self {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut paths = Vec::new();
        walk(&src, &mut paths);
        let files = paths.iter().filter_map(|path| {
            let shown = path.strip_prefix(&src).unwrap().to_str().unwrap();
            let mut module: Module =
                shown.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            let last = module.last().map(String::as_str);
            if shown == "main.rs" {
                return None;
            }
            if shown == "lib.rs" || last == Some("mod") {
                module.pop();
            }
            Some((module, File::parse(shown, &fs::read_to_string(path).unwrap())))
        });
        Self { files: files.collect() }
    }

    fn shown(&self, module: &Module) -> &str {
        &self.files[module].shown
    }

    fn sorted(&self, circle: &[Module]) -> Vec<&str> {
        let mut files: Vec<&str> = circle.iter().map(|module| self.shown(module)).collect();
        files.sort_unstable();
        files
    }

    fn edges(&self) -> BTreeMap<Module, Ties> {
        self.files.keys().map(|module| (module.clone(), self.ties(module))).collect()
    }

    fn ties(&self, module: &Module) -> Ties {
        let file = &self.files[module];
        let mut paths: Vec<Vec<String>> = file.named.clone();
        // A name that is passed on ties only where the file's own code says it too.
        paths.extend(file.uses.values().filter(|used| !used.is_passed_on).map(|u| u.path.clone()));
        let mut ties = Ties::new();
        for path in paths {
            if let Some((to, name)) =
                self.resolve(module, &path, 0).and_then(|at| self.find(&at, 0))
                && to != *module
            {
                ties.entry(to).or_default().insert(name);
            }
        }
        ties
    }

    /// Returns a path of a file from the crate's root; none where it leads to another crate.
    fn resolve(&self, module: &Module, path: &[String], depth: usize) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let mut base = match first.as_str() {
            "crate" => Vec::new(),
            "self" => module.clone(),
            "super" => module.split_last()?.1.to_vec(),
            name => {
                let mut child = module.clone();
                child.push(name.to_owned());
                if self.files.contains_key(&child) {
                    child
                } else {
                    let used = self.files[module].uses.get(name)?;
                    if depth > 8 || used.path.first() == path.first() {
                        return None;
                    }
                    self.resolve(module, &used.path, depth + 1)?
                }
            }
        };
        for name in rest {
            if name == "super" {
                base.pop();
            } else {
                base.push(name.clone());
            }
        }
        Some(base)
    }

    /// Returns the file that defines what is at a path, and its name; none for a bare module.
    fn find(&self, path: &[String], depth: usize) -> Option<(Module, String)> {
        let within = (0..path.len()).rev().find(|n| self.files.contains_key(&path[..*n]))?;
        if self.files.contains_key(path) || depth > 8 {
            return None;
        }
        let (module, name) = (path[..within].to_vec(), &path[within]);
        let file = &self.files[&module];
        if file.items.contains(name) {
            return Some((module, name.clone()));
        }
        if let Some(used) = file.uses.get(name) {
            let mut at = self.resolve(&module, &used.path, 0)?;
            at.extend(path[within + 1..].iter().cloned());
            return self.find(&at, depth + 1);
        }
        let from_all = file.globs.iter().find_map(|glob| {
            let mut at = self.resolve(&module, glob, 0)?;
            at.extend(path[within..].iter().cloned());
            self.find(&at, depth + 1)
        });
        from_all.or_else(|| Some((module, name.clone())))
    }
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

/// Returns the sets of files of which each leads to each other one.
fn circles(edges: &BTreeMap<Module, Ties>) -> Vec<Vec<Module>> {
    let reach: BTreeMap<&Module, BTreeSet<&Module>> = edges
        .keys()
        .map(|start| {
            let mut seen = BTreeSet::new();
            let mut todo: Vec<&Module> = edges[start].keys().collect();
            while let Some(next) = todo.pop() {
                if seen.insert(next) {
                    todo.extend(edges[next].keys());
                }
            }
            (start, seen)
        })
        .collect();
    let mut found = BTreeSet::new();
    for (start, seen) in &reach {
        if seen.contains(start) {
            let circle = seen.iter().filter(|other| reach[**other].contains(*start));
            found.insert(circle.map(|module| (*module).clone()).collect::<Vec<_>>());
        }
    }
    found.into_iter().collect()
}

impl File {
    fn parse(shown: &str, text: &str) -> Self {
        let words = without_tests(&words(text));
        let mut file = Self {
            shown: shown.to_owned(),
            uses: BTreeMap::new(),
            globs: Vec::new(),
            items: BTreeSet::new(),
            named: Vec::new(),
        };
        let at = |index: usize| words.get(index).map_or("", String::as_str);
        let mut index = 0;
        while index < words.len() {
            match at(index) {
                "use" => {
                    let is_passed_on = index > 0 && matches!(at(index - 1), "pub" | ")");
                    let mut tree = Tree { words: &words, index: index + 1, leaves: Vec::new() };
                    tree.read(&[]);
                    index = tree.index;
                    for (path, name) in tree.leaves {
                        if name == "*" {
                            file.globs.push(path);
                        } else {
                            file.uses.insert(name, Use { path, is_passed_on });
                        }
                    }
                }
                "struct" | "enum" | "fn" | "const" | "static" | "type" | "trait" | "union"
                | "macro_rules" => {
                    let name = if at(index + 1) == "!" { index + 2 } else { index + 1 };
                    file.items.insert(at(name).to_owned());
                    index = name + 1;
                }
                word if is_name(word) && at(index.wrapping_sub(1)) != "." => {
                    let mut path = vec![word.to_owned()];
                    while at(index + 1) == "::" && is_name(at(index + 2)) {
                        path.push(at(index + 2).to_owned());
                        index += 2;
                    }
                    file.named.push(path);
                    index += 1;
                }
                _ => index += 1,
            }
        }
        file
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Reads what stands behind `use`.
struct Tree<'a> {
    words: &'a [String],
    index: usize,
    /// Whole paths, each with the name that it gives (`*` for all).
    leaves: Vec<(Vec<String>, String)>,
}

impl Tree<'_> {
    fn word(&self) -> &str {
        self.words.get(self.index).map_or("", String::as_str)
    }

    fn read(&mut self, before: &[String]) {
        let mut path = before.to_vec();
        loop {
            match self.word().to_owned().as_str() {
                "{" => {
                    self.index += 1;
                    while !matches!(self.word(), "}" | "") {
                        self.read(&path);
                        if self.word() == "," {
                            self.index += 1;
                        }
                    }
                    self.index += 1;
                    return;
                }
                "*" => {
                    self.index += 1;
                    self.leaves.push((path, "*".to_owned()));
                    return;
                }
                "::" => self.index += 1,
                // `x::{self}` names `x`.
                "self" if !before.is_empty() && path == before => self.index += 1,
                word if is_name(word) && word != "as" => {
                    path.push(word.to_owned());
                    self.index += 1;
                }
                _ => break,
            }
        }
        let mut name = path.last().cloned().unwrap_or_default();
        if self.word() == "as" {
            name.clone_from(&self.words[self.index + 1]);
            self.index += 2;
        }
        self.leaves.push((path, name));
    }
}

/// Splits code into names, `::` and single characters; comments, texts and lifetimes are left out.
fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let mut found = Vec::new();
    let mut index = 0;
    while index < chars.len() {
        let c = chars[index];
        if c == '/' && at(index + 1) == '/' {
            index += chars[index..].iter().take_while(|c| **c != '\n').count();
        } else if c == '"' {
            index = end_of_text(&chars, index + 1);
        } else if c == '\'' {
            // A character or a lifetime.
            let close = if at(index + 1) == '\\' {
                chars[index + 3..].iter().position(|c| *c == '\'').map(|n| index + 3 + n)
            } else {
                (at(index + 2) == '\'').then_some(index + 2)
            };
            let name = chars[index + 1..].iter().take_while(|c| is_part(**c)).count();
            index = close.map_or(index + 1 + name, |close| close + 1);
        } else if is_part(c) {
            let n = chars[index..].iter().take_while(|c| is_part(**c)).count();
            let word: String = chars[index..index + n].iter().collect();
            index += n;
            let hashes = chars[index..].iter().take_while(|c| **c == '#').count();
            if matches!(word.as_str(), "r" | "br") && at(index + hashes) == '"' {
                let close: Vec<char> = std::iter::once('"').chain(vec!['#'; hashes]).collect();
                let from = index + hashes + 1;
                let n = chars[from..].windows(close.len()).position(|part| part == close);
                index = from + n.unwrap() + close.len();
            } else {
                found.push(word);
            }
        } else {
            let is_path = c == ':' && at(index + 1) == ':';
            if is_path {
                found.push("::".to_owned());
            } else if !c.is_whitespace() {
                found.push(c.to_string());
            }
            index += if is_path { 2 } else { 1 };
        }
    }
    found
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn end_of_text(chars: &[char], mut index: usize) -> usize {
    while index < chars.len() && chars[index] != '"' {
        index += if chars[index] == '\\' { 2 } else { 1 };
    }
    index + 1
}

/// Leaves out each item below `#[cfg(test)]`.
fn without_tests(words: &[String]) -> Vec<String> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut index = 0;
    while index < words.len() {
        if words[index..].iter().take(MARK.len()).eq(MARK.iter()) {
            index = end_of_item(words, index + MARK.len());
        } else {
            kept.push(words[index].clone());
            index += 1;
        }
    }
    kept
}

fn end_of_item(words: &[String], mut index: usize) -> usize {
    let mut depth = 0;
    while index < words.len() {
        match words[index].as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" if depth == 1 => return index + 1,
            ")" | "]" | "}" => depth -= 1,
            ";" if depth == 0 => return index + 1,
            _ => (),
        }
        index += 1;
    }
    index
}

#[test]
fn paths_are_read_as_the_compiler_does() {
    let file = File::parse(
        "a.rs",
        "use super::{b::{self, C as D}, e}; pub use f::*; // use g;\n\
         #[cfg(test)]\nmod tests { use super::h; }\n\
         fn i<'a>(j: &'a str) -> k::L { m('\"', \"n::o\", r#\"p\"#) }",
    );
    let uses: Vec<_> = file.uses.iter().map(|(name, used)| (name.as_str(), &used.path)).collect();
    let path = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
    let expected = [("D", path("super::b::C")), ("b", path("super::b")), ("e", path("super::e"))];
    assert_eq!(uses, expected.iter().map(|(name, path)| (*name, path)).collect::<Vec<_>>());
    assert_eq!(file.globs, [path("f")]);
    assert_eq!(file.items.iter().collect::<Vec<_>>(), ["i"]);
    let named: Vec<String> = file.named.iter().map(|path| path.join("::")).collect();
    assert_eq!(named, ["pub", "j", "str", "k::L", "m"]);
}
