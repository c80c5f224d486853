//! Which paths a manifest may name: inside its folder, and nothing that must stay private.
//!
//! A manifest comes in pull requests, so it must not be able to publish a key or a password. This
//! judges the text of a path alone; symbolic links and what is on the disk are not looked at.

/// Folders and files that are never published, whatever a pattern says, in lower case.
const PRIVATE: &[&str] = &[
    ".git",
    ".zrel",
    ".ssh",
    ".gnupg",
    ".aws",
    ".env",
    ".envrc",
    ".netrc",
    "_netrc",
    ".npmrc",
    ".pypirc",
    ".pgpass",
    ".htpasswd",
    ".git-credentials",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
];

/// Endings of files that hold private keys, in lower case.
const KEY_ENDINGS: &[&str] =
    &[".pem", ".key", ".p12", ".pfx", ".ppk", ".jks", ".keystore", ".kdbx"];

/// Writes a path with single slashes and without `.` parts; `.` itself stays.
pub(super) fn normal(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let joined = parts.join("/");
    if joined.is_empty() { ".".to_owned() } else { joined }
}

/// Says why a manifest may not name a path, pattern or folder; none when it may.
///
/// `inventory` asks the same of every file that a pattern or a folder brings in.
pub fn path_fault(path: &str) -> Option<&'static str> {
    if path.contains('\\') {
        return Some("it holds a backslash: write `/` between folders");
    }
    if path.chars().any(char::is_control) {
        return Some("it holds a control character");
    }
    let drive = path.as_bytes().get(1) == Some(&b':')
        && path.starts_with(|c: char| c.is_ascii_alphabetic());
    if path.starts_with('/') || path.starts_with('~') || drive {
        return Some("it is not relative to the manifest's folder");
    }
    path.split('/').find_map(part_fault)
}

/// Says why a part of a path, between slashes, keeps a file from being published.
pub fn part_fault(part: &str) -> Option<&'static str> {
    if part == ".." {
        return Some("it leaves the manifest's folder");
    }
    let lower = part.to_lowercase();
    // Windows drops dots and blanks at the end of a name: `.git.` is `.git` there.
    let name = lower.trim_end_matches(['.', ' ']);
    if matches!(name, ".git" | ".zrel") {
        return Some("it names a folder of git's or zrel's own");
    }
    if name == ".env" || name.starts_with(".env.") {
        return Some("it names a file that holds passwords and tokens by custom");
    }
    if PRIVATE.contains(&name) {
        return Some("it names what holds keys or passwords by custom");
    }
    let is_key = KEY_ENDINGS.iter().any(|ending| name.ends_with(ending));
    is_key.then_some("its ending is one of private keys")
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
            assert_eq!(path_fault(good), None, "{good}");
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
            assert!(path_fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_path_is_written_in_one_way() {
        assert_eq!(normal("./a//b/./c/"), "a/b/c");
        assert_eq!(normal("./"), ".");
    }
}
