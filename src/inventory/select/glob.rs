//! Patterns, and what they match.
//!
//! The walk begins at the last folder that the pattern spells out, and enters only folders that can
//! hold a match. A hidden file is matched only by a pattern part that begins with a dot itself.
//! Deliberately absent: paths without a pattern (`safe_path`), and `.gitignore` (only archives apply
//! it).

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::disk;
use crate::manifest::Located;
use crate::model::{Finding, Span};

use super::safe_path::{self, Fault, SafePath};
use crate::inventory::codes;
use crate::inventory::secrets::names;
use crate::inventory::walk::{self, Rules, WALK_LIMIT, WalkFault};

/// Returns whether a path is a pattern.
pub(in crate::inventory) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', ']', '{', '}', '\\'])
}

fn compile_glob(text: &str) -> Result<globset::Glob, globset::Error> {
    // Backslash escapes on every system: a manifest means the same everywhere.
    GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build()
}

/// Compiles one glob. As a set: alone, globset panics at one that is too large or too deep.
fn compile_matcher(text: &str) -> Result<GlobSet, globset::Error> {
    GlobSetBuilder::new().add(compile_glob(text)?).build()
}

/// Makes the finding for a text that is no glob.
fn report_bad_glob(text: &str, error: &globset::Error) -> Finding {
    const MAX_CHARS: usize = 60;
    let more = if text.chars().nth(MAX_CHARS).is_some() { "…" } else { "" };
    let shown: String = text.chars().take(MAX_CHARS).collect();
    // Its own words would be the whole expression that it made of the glob.
    let is_too_large = matches!(error.kind(), globset::ErrorKind::Regex(_));
    let why = if is_too_large {
        "it is too large, or braces stand too deep".to_owned()
    } else {
        error.kind().to_string()
    };
    Finding::error(codes::BAD_GLOB, format!("`{shown}{more}` is not a valid glob"))
        .because(why)
        .hint("write `*`, `?`, `**`, `[a-z]` or `{a,b}`; put `\\` before a character that is meant itself")
}

/// Globs of what to leave out. A folder that matches is left out with all below it.
#[derive(Debug, Clone)]
pub(in crate::inventory) struct Excludes(GlobSet);

impl Excludes {
    /// Compiles the globs; an invalid one becomes a finding.
    ///
    /// # Errors
    /// The findings, each at its glob.
    pub(in crate::inventory) fn parse(texts: &[Located<String>]) -> Result<Self, Vec<Finding>> {
        let mut set = GlobSetBuilder::new();
        let mut findings = Vec::new();
        for text in texts {
            let bare = text.value.strip_prefix("./").unwrap_or(&text.value);
            match compile_glob(bare.trim_end_matches('/')) {
                Ok(glob) => {
                    set.add(glob);
                }
                Err(error) => findings.push(report_bad_glob(&text.value, &error).at(text.span, "")),
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        set.build().map(Self).map_err(|error| {
            let all = texts.iter().map(|text| text.value.as_str()).collect::<Vec<_>>().join(", ");
            let span = texts.first().map_or(Span { start: 0, end: 0 }, |text| text.span);
            vec![report_bad_glob(&all, &error).at(span, "")]
        })
    }

    /// Returns whether a path or a folder that it is in is left out.
    pub(in crate::inventory) fn leave_out(&self, rel: &Path) -> bool {
        rel.ancestors().any(|path| path != Path::new("") && self.0.is_match(path))
    }
}

/// A compiled pattern.
#[derive(Debug)]
struct Pattern {
    whole: GlobSet,
    /// The pattern part by part; none when it can't be taken apart (a brace around a slash).
    parts: Option<Vec<Part>>,
}

#[derive(Debug)]
struct Part {
    text: String,
    matcher: GlobSet,
}

impl Pattern {
    fn parse(parts: &[&str]) -> Result<Self, globset::Error> {
        let whole = compile_matcher(&parts.join("/"))?;
        let each: Option<Vec<Part>> = parts
            .iter()
            .map(|text| {
                let matcher = compile_matcher(text).ok()?;
                Some(Part { text: (*text).to_owned(), matcher })
            })
            .collect();
        Ok(Self { whole, parts: each })
    }

    fn is_match(&self, rel: &Path) -> bool {
        self.whole.is_match(rel) && rel.iter().all(|name| self.names_dot(Path::new(name)))
    }

    /// Returns whether a name is not hidden, or is matched by a part that begins with a dot too.
    fn names_dot(&self, name: &Path) -> bool {
        if !name.as_os_str().as_encoded_bytes().starts_with(b".") {
            return true;
        }
        let parts = self.parts.as_deref().unwrap_or_default();
        parts.iter().any(|part| part.text.starts_with('.') && part.matcher.is_match(name))
    }

    /// Returns whether a folder can hold a match.
    fn may_hold(&self, folder: &Path) -> bool {
        if !folder.iter().all(|name| self.names_dot(Path::new(name))) {
            return false;
        }
        let Some(parts) = &self.parts else { return true };
        let mut parts = parts.iter();
        for name in folder {
            match parts.next() {
                None => return false,
                Some(part) if part.text == "**" => return true,
                Some(part) if !part.matcher.is_match(Path::new(name)) => return false,
                Some(_) => (),
            }
        }
        parts.next().is_some()
    }
}

/// What a walk found.
#[derive(Debug, Default)]
pub(in crate::inventory) struct Found {
    /// Files, sorted by path.
    pub(in crate::inventory) files: Vec<SafePath>,
    /// What is wrong, still without a place in the manifest.
    pub(in crate::inventory) findings: Vec<Finding>,
    /// What matched and is named as a secret, by path, sorted.
    pub(in crate::inventory) left_out: Vec<String>,
}

/// Finds the files that a pattern matches. Secrets are passed over.
pub(in crate::inventory) fn expand(root: &Path, text: &str, excludes: &Excludes) -> Found {
    let mut found = Found::default();
    if let Err(finding) = search(root, text, excludes, WALK_LIMIT, &mut found) {
        found.findings.push(finding);
    }
    found.files.sort_by(|a, b| a.rel.cmp(&b.rel));
    found.left_out.sort();
    if found.files.is_empty() && found.findings.is_empty() {
        found.findings.push(
            Finding::error(codes::NO_MATCH, format!("`{text}` matches no file"))
                .because(
                    "hidden files are matched only where the pattern has the dot, secrets never",
                )
                .hint("check the spelling, or build the files first"),
        );
    }
    found
}

/// Returns whether a pattern matches a path; a text that is no pattern matches none.
pub(in crate::inventory) fn is_match(text: &str, rel: &Path) -> bool {
    let pattern = safe_path::split_parts(text).ok().and_then(|parts| Pattern::parse(&parts).ok());
    pattern.is_some_and(|pattern| pattern.is_match(rel))
}

/// Returns whether a pattern can match below a folder; a text that is no pattern can't.
pub(in crate::inventory) fn may_hold(text: &str, folder: &Path) -> bool {
    let pattern = safe_path::split_parts(text).ok().and_then(|parts| Pattern::parse(&parts).ok());
    pattern.is_some_and(|pattern| pattern.may_hold(folder))
}

fn search(
    root: &Path,
    text: &str,
    excludes: &Excludes,
    limit: usize,
    found: &mut Found,
) -> Result<(), Finding> {
    let parts = safe_path::split_parts(text).map_err(Fault::finding)?;
    let pattern = Pattern::parse(&parts).map_err(|error| report_bad_glob(text, &error))?;
    let pattern = Arc::new(pattern);
    let spelled = parts.iter().take(parts.len().saturating_sub(1));
    let prefix: Vec<&str> = spelled.take_while(|part| !is_pattern(part)).copied().collect();
    let rel = prefix.join("/");
    if let Some(why) = names::check_name(&rel) {
        return Err(Fault::Secret(rel, why).finding());
    }
    let (_, metadata) = match safe_path::find_safe_place(root, &prefix) {
        Err(Fault::Missing(_)) => return Ok(()),
        found => found.map_err(Fault::finding)?,
    };
    if !metadata.is_dir() {
        return Ok(());
    }
    let enters = {
        let (pattern, excludes) = (Arc::clone(&pattern), excludes.clone());
        move |rel: &Path| {
            let is_named = !excludes.leave_out(rel) && names::check_name(&show_path(rel)).is_none();
            is_named && pattern.may_hold(rel)
        }
    };
    let folder: PathBuf = prefix.iter().collect();
    for rel in walk::walk_folder(root, &folder, Rules::None, limit, enters) {
        match rel {
            Ok(rel) if excludes.leave_out(&rel) => {}
            Ok(rel) => visit(root, &pattern, &rel, found),
            Err(WalkFault::TooLong) => return Err(report_too_long(text, limit)),
            Err(WalkFault::Unreadable(rel, error)) => {
                return Err(Fault::Unreadable(show_path(&rel), error).finding());
            }
        }
    }
    Ok(())
}

fn report_too_long(text: &str, limit: usize) -> Finding {
    Finding::error(
        codes::WALK_TOO_LONG,
        format!("`{text}` walks through more than {limit} files and folders"),
    )
    .hint("spell out more folders before the first `*`, or leave large folders out with `exclude`")
}

/// Takes a file or a fault from one entry of a folder.
fn visit(root: &Path, pattern: &Pattern, rel: &Path, found: &mut Found) {
    let path = root.join(rel);
    let metadata = match fs::symlink_metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) => {
            found.findings.push(Fault::Unreadable(show_path(rel), error).finding());
            return;
        }
    };
    let is_match = pattern.is_match(rel);
    let text = show_path(rel);
    if let Some(fault) = names::check_name(&text) {
        if fault.kind.is_some() && is_match {
            found.left_out.push(text);
        }
        return;
    }
    if is_match {
        match take(rel, path, metadata) {
            Ok(place) => found.files.push(place),
            Err(finding) => found.findings.push(finding),
        }
    } else if metadata.is_symlink() {
        found.findings.extend(warn_unfollowed(&path, rel, pattern));
    }
}

/// Warns of a folder that is a link, where the pattern could have matched below it.
fn warn_unfollowed(path: &Path, rel: &Path, pattern: &Pattern) -> Option<Finding> {
    let is_folder = fs::metadata(path).is_ok_and(|target| target.is_dir());
    (is_folder && pattern.may_hold(rel)).then(|| {
        Finding::warning(
            codes::SYMLINK,
            format!("`{}` is a symbolic link to a folder, and was not followed", show_path(rel)),
        )
        .hint("name the real folder, or leave the link out with `exclude`")
    })
}

/// Takes a file that matches.
fn take(rel: &Path, path: PathBuf, metadata: Metadata) -> Result<SafePath, Finding> {
    if metadata.is_symlink() {
        return Err(Fault::Symlink(show_path(rel)).finding());
    }
    if let Some(what) = disk::describe_other_kind(&metadata) {
        return Err(Fault::NotFile(show_path(rel), what).finding());
    }
    let Some(rel) = join_slashes(rel) else { return Err(report_not_unicode(rel)) };
    Ok(SafePath { rel, path, metadata })
}

/// Makes the finding for a name that is not Unicode.
pub(in crate::inventory) fn report_not_unicode(rel: &Path) -> Finding {
    Finding::error(codes::BAD_NAME, format!("`{}` has a name that is not Unicode", show_path(rel)))
        .hint("rename it")
}

/// Joins a relative path with `/`; none when it is not Unicode.
pub(in crate::inventory) fn join_slashes(rel: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = rel.iter().map(std::ffi::OsStr::to_str).collect();
    parts.map(|parts| parts.join("/"))
}

/// Joins a relative path with `/` for a message.
pub(in crate::inventory) fn show_path(rel: &Path) -> String {
    let parts: Vec<_> = rel.iter().map(std::ffi::OsStr::to_string_lossy).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(names: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in names {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        dir
    }

    fn excludes(texts: &[&str]) -> Excludes {
        let span = Span { start: 0, end: 0 };
        let texts: Vec<_> =
            texts.iter().map(|text| Located { value: (*text).to_owned(), span }).collect();
        Excludes::parse(&texts).unwrap()
    }

    fn names(dir: &tempfile::TempDir, pattern: &str, without: &[&str]) -> Vec<String> {
        let found = expand(dir.path(), pattern, &excludes(without));
        found.files.into_iter().map(|place| place.rel).collect()
    }

    #[test]
    fn a_pattern_matches_within_its_folder_only() {
        let dir = tree(&["data/a.csv", "data/b.csv", "data/sub/c.csv", "d.csv", "data/e.txt"]);
        assert_eq!(names(&dir, "data/*.csv", &[]), ["data/a.csv", "data/b.csv"]);
        assert_eq!(names(&dir, "./data/*.csv", &["data/a*"]), ["data/b.csv"]);
        assert_eq!(names(&dir, "data/**/*.csv", &["data/sub"]), ["data/a.csv", "data/b.csv"]);
        assert_eq!(names(&dir, "**/c.csv", &[]), ["data/sub/c.csv"]);
        assert_eq!(
            names(&dir, "{d,data/{a,e}}.{csv,txt}", &[]),
            ["d.csv", "data/a.csv", "data/e.txt"]
        );
        assert_eq!(names(&dir, "*/sub/[a-c].csv", &[]), ["data/sub/c.csv"]);
    }

    #[test]
    fn hidden_files_need_the_dot_and_secrets_never_match() {
        let dir = tree(&[
            ".a",
            "b",
            ".env",
            ".git/c",
            ".zrel/d",
            "zenodo.lock",
            ".x/.y",
            "k/id_rsa",
            ".netrc",
            ".envrc",
            ".x/.npmrc",
            ".ssh/.z",
        ]);
        assert_eq!(names(&dir, "**", &[]), ["b"]);
        assert_eq!(names(&dir, ".*", &[]), [".a"]);
        assert_eq!(names(&dir, ".x/.*", &[]), [".x/.y"]);
        assert_eq!(names(&dir, ".*/.*", &[]), [".x/.y"]);
        let found = expand(dir.path(), ".git/*", &excludes(&[]));
        assert_eq!(found.findings[0].code, codes::NEVER_PUBLISHED);
        fs::write(dir.path().join("b"), "-----BEGIN PRIVATE KEY-----").unwrap();
        fs::rename(dir.path().join("b"), dir.path().join("b.pem")).unwrap();
        assert_eq!(names(&dir, "*.pem", &[]), [""; 0]);
    }

    #[test]
    fn what_matches_nothing_or_is_no_glob_is_a_finding() {
        let dir = tree(&["a"]);
        for (pattern, code) in [
            ("b*", codes::NO_MATCH),
            ("no/*", codes::NO_MATCH),
            ("[", codes::BAD_GLOB),
            ("../*", codes::OUTSIDE),
        ] {
            let found = expand(dir.path(), pattern, &excludes(&[]));
            assert_eq!(found.findings.len(), 1, "{pattern}");
            assert_eq!(found.findings[0].code, code, "{pattern}");
        }
    }

    #[test]
    fn a_walk_ends_at_its_limit() {
        let dir = tree(&["a/1", "a/2", "a/3"]);
        let mut found = Found::default();
        let finding = search(dir.path(), "**/*", &excludes(&[]), 3, &mut found).unwrap_err();
        assert_eq!(finding.code, codes::WALK_TOO_LONG);
        let mut found = Found::default();
        assert!(search(dir.path(), "**/*", &excludes(&[]), 4, &mut found).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_faults_where_they_match_and_never_followed() {
        let dir = tree(&["data/a.csv"]);
        std::os::unix::fs::symlink("a.csv", dir.path().join("data/l.csv")).unwrap();
        std::os::unix::fs::symlink("data", dir.path().join("other")).unwrap();
        let found = expand(dir.path(), "data/*.csv", &excludes(&[]));
        assert_eq!(found.findings[0].code, codes::SYMLINK);
        let found = expand(dir.path(), "*/*.csv", &excludes(&["data/l.csv"]));
        assert_eq!(found.files.len(), 1);
        assert_eq!(found.findings[0].severity, crate::model::Severity::Warning);
        let found = expand(dir.path(), "other/*.csv", &excludes(&[]));
        assert_eq!(found.findings[0].code, codes::SYMLINK);
    }
}
