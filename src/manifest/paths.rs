//! Which paths a manifest may name: inside its folder, and nothing that must stay private.
//!
//! A manifest comes in pull requests, so it must not be able to publish a key or a password. Only
//! the text of a path is checked here; symbolic links and the disk are not read.

use crate::model::Sensitive;

/// Folders that are never published, whatever a pattern says, in lower case.
const FOLDERS: &[&str] = &[".ssh", ".gnupg", ".aws"];

/// Files of credentials, in lower case.
const CREDENTIALS: &[&str] =
    &[".netrc", "_netrc", ".npmrc", ".pypirc", ".pgpass", ".htpasswd", ".git-credentials"];

/// Names of private keys as `ssh-keygen` makes them.
const KEYS: &[&str] = &["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"];

/// Endings of files that hold private keys, in lower case.
const KEY_ENDINGS: &[&str] =
    &[".pem", ".key", ".p12", ".pfx", ".ppk", ".jks", ".keystore", ".kdbx"];

/// Returns a path with single slashes and without `.` parts; `.` itself stays.
pub(super) fn normalize_path(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let joined = parts.join("/");
    if joined.is_empty() { ".".to_owned() } else { joined }
}

/// Why a path may not be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathFault {
    /// Why, in words.
    pub why: &'static str,
    /// The kind under which a manifest may allow it, for a file that is named by its path.
    pub kind: Option<Sensitive>,
}

impl PathFault {
    fn never(why: &'static str) -> Self {
        Self { why, kind: None }
    }

    fn unless(kind: Sensitive, why: &'static str) -> Self {
        Self { why, kind: Some(kind) }
    }
}

/// Returns why a manifest may not name a path, pattern or folder; `None` when it may.
///
/// `inventory` checks every file that a pattern or a folder brings in.
pub fn find_path_fault(path: &str) -> Option<PathFault> {
    find_path_fault_unless(path, &[])
}

/// Returns the same for a file's path for which the manifest allows some kinds.
pub(super) fn find_path_fault_unless(path: &str, allowed: &[Sensitive]) -> Option<PathFault> {
    if path.contains('\\') {
        return Some(PathFault::never("it holds a backslash: write `/` between folders"));
    }
    if path.chars().any(char::is_control) {
        return Some(PathFault::never("it holds a control character"));
    }
    // `C:x` is not absolute on Unix, and leads out of the folder on Windows.
    let drive = path.as_bytes().get(1) == Some(&b':')
        && path.starts_with(|c: char| c.is_ascii_alphabetic());
    if path.starts_with('/') || path.starts_with('~') || drive {
        return Some(PathFault::never("it is not relative to the manifest's folder"));
    }
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let in_folders = folders.split('/').find_map(find_part_fault);
    // `allow` covers one file, and not a folder with all files below it.
    let in_folders = in_folders.map(|fault| PathFault::never(fault.why));
    let is_allowed = |fault: &PathFault| fault.kind.is_some_and(|kind| allowed.contains(&kind));
    in_folders.or_else(|| find_part_fault(name).filter(|fault| !is_allowed(fault)))
}

/// Returns why a part of a path, between slashes, keeps a file from being published.
pub fn find_part_fault(part: &str) -> Option<PathFault> {
    if part == ".." {
        return Some(PathFault::never("it leaves the manifest's folder"));
    }
    let lower = part.to_lowercase();
    // Windows drops dots and blanks at the end of a name: `.git.` is `.git` there.
    let name = lower.trim_end_matches(['.', ' ']);
    if matches!(name, ".git" | ".zrel") {
        return Some(PathFault::never("it names a folder of git's or zrel's own"));
    }
    if matches!(name, ".env" | ".envrc") || name.starts_with(".env.") {
        let why = "it names a file that holds passwords and tokens by custom";
        return Some(PathFault::unless(Sensitive::Dotenv, why));
    }
    if FOLDERS.contains(&name) {
        return Some(PathFault::never("it names what holds keys or passwords by custom"));
    }
    if CREDENTIALS.contains(&name) {
        let why = "it names what holds keys or passwords by custom";
        return Some(PathFault::unless(Sensitive::Token, why));
    }
    if KEYS.contains(&name) {
        return Some(PathFault::unless(Sensitive::PrivateKey, "it is named as a private key"));
    }
    let is_key = KEY_ENDINGS.iter().any(|ending| name.ends_with(ending));
    is_key.then_some(PathFault::unless(Sensitive::PrivateKey, "its ending is one of private keys"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths_are_taken() {
        for good in [
            "paper.pdf",
            "build/paper.pdf",
            "data/*.csv",
            "**/*.txt",
            ".",
            "./a",
            "environment.yml",
            ".zenodo.json",
            ".gitignore",
            "gitlog",
            "a..b",
            "keys.csv",
        ] {
            assert_eq!(find_path_fault(good), None, "{good}");
        }
    }

    #[test]
    fn paths_outside_and_private_ones_are_not() {
        for bad in [
            "../a",
            "a/../../b",
            "/etc/passwd",
            "C:/x",
            "c:x",
            "~/x",
            "a\\b",
            "a\nb",
            ".git/config",
            "sub/.GIT/config",
            ".git./config",
            ".zrel",
            ".env",
            "a/.env.local",
            ".env/x",
            "id_rsa",
            "certs/server.pem",
            "*.KEY",
            ".ssh/config",
        ] {
            assert!(find_path_fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn what_is_allowed_is_a_file_of_its_kind_and_no_folder() {
        let fault =
            |path| find_path_fault_unless(path, &[Sensitive::Dotenv, Sensitive::PrivateKey]);
        for good in [".env", "a/.env.example", "test/id_rsa", "tests/ca.pem"] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in [".env/x", ".git/config", ".ssh/id_rsa", ".npmrc", "../.env", "/.env"] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_path_is_written_in_one_way() {
        assert_eq!(normalize_path("./a//b/./c/"), "a/b/c");
        assert_eq!(normalize_path("./"), ".");
    }
}
