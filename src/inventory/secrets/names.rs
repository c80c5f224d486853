//! Names that are never published, whatever a manifest says: files of git and zrel, dotenv files,
//! private keys, files of credentials, and the lock.
//!
//! Files that a pattern or a folder includes are judged like paths that a manifest spells out
//! (`manifest::part_fault`), and a little more strictly. A manifest may allow some names, for a
//! file that it spells out. Deliberately absent: a search in contents (`scan`).

use crate::manifest::{PathFault, find_part_fault};
use crate::model::Sensitive;

/// Folders and files that are never published at any depth.
const FOLDERS: &[&str] = &[".git", ".zrel"];

/// Names of private keys as `ssh-keygen` creates them, besides those that a manifest may not name.
const KEYS: &[&str] = &["id_ecdsa_sk", "id_ed25519_sk", "id_xmss"];

/// Returns why a path (relative, with `/`) is never published, judged by its name alone.
///
/// Case does not matter: some file systems don't distinguish it.
pub(in crate::inventory) fn check_name(rel: &str) -> Option<PathFault> {
    let never = |why| Some(PathFault { why, kind: None });
    let lower = rel.to_ascii_lowercase();
    if lower.split('/').any(|part| FOLDERS.contains(&part)) {
        return never("it belongs to git or to zrel");
    }
    let name = lower.rsplit('/').next().unwrap_or_default();
    if name == "zenodo.lock" || name.starts_with("zenodo.lock.damaged") {
        return never("it is zrel's own record of what was published");
    }
    let (folders, last) = rel.rsplit_once('/').unwrap_or(("", rel));
    // `allow` covers a file's own name only, never a whole folder of secrets.
    if let Some(fault) = folders.split('/').find_map(find_part_fault) {
        return never(fault.why);
    }
    // Also `.envrc`, `.env-production`, `.env_local`.
    if name.starts_with(".env") {
        let why = "dotenv files hold credentials";
        return Some(PathFault { why, kind: Some(Sensitive::Dotenv) });
    }
    if KEYS.contains(&name) {
        let why = "it is named as a private key";
        return Some(PathFault { why, kind: Some(Sensitive::PrivateKey) });
    }
    find_part_fault(last)
}

/// Returns whether a name is that of an editor's backup, or of a file that a file manager leaves
/// behind.
pub(in crate::inventory) fn is_backup(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    // A name that is only the ending, such as `.bak`, is not a backup of anything.
    let has = |ending: &str| lower.len() > ending.len() && lower.ends_with(ending);
    [".ds_store", "thumbs.db", "desktop.ini"].contains(&lower.as_str())
        || ["~", ".swp", ".swo", ".bak", ".orig"].into_iter().any(has)
        || lower.starts_with(".#")
        || (lower.starts_with('#') && has("#"))
        || lower.starts_with("._")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_name_at_any_depth_and_in_any_case() {
        for name in [
            ".git/config",
            "a/.GIT/x",
            ".zrel/cache/digests",
            ".env",
            "a/.env.local",
            ".envrc",
            "a/.env-production",
            ".netrc",
            "home/.PYPIRC",
            ".ssh/config",
            "home/.aws/credentials",
            ".git-credentials",
            "a/store.p12",
            "keys/id_ecdsa_sk",
            "id_rsa",
            "keys/id_ed25519",
            "zenodo.lock",
            "a/zenodo.lock.damaged-2",
        ] {
            assert!(check_name(name).is_some(), "{name}");
        }
        for name in [".gitignore", "environment.yml", "a.env", "id_rsa.pub", "git/config"] {
            assert!(check_name(name).is_none(), "{name}");
        }
    }

    #[test]
    fn leftovers_are_known_by_name() {
        for name in [
            "a.txt~",
            ".#a",
            "#a#",
            ".a.swp",
            "a.BAK",
            "a.orig",
            ".DS_Store",
            "Thumbs.db",
            "desktop.ini",
            "._a",
        ] {
            assert!(is_backup(name), "{name}");
        }
        for name in ["a", "~", "#", "#a", "original", "a.origin", "bak", ".bak"] {
            assert!(!is_backup(name), "{name}");
        }
    }
}
