//! What is never published, whatever a manifest says: git's and zrel's own files, dotenv files,
//! private keys, files of credentials, and the lock.
//!
//! Files that a pattern or a folder brings in are judged as the paths that a manifest spells out
//! (`manifest::part_fault`), and by a little more. Deliberately absent: a search for secrets in contents, except in files that are named as keys.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::manifest::part_fault;

/// Folders and files that are never published at any depth.
const FOLDERS: &[&str] = &[".git", ".zrel"];

/// Names of private keys as `ssh-keygen` makes them, besides those that a manifest may not name.
const KEYS: &[&str] = &["id_ecdsa_sk", "id_ed25519_sk", "id_xmss"];

/// How much of a `.pem` or `.key` file is searched, in bytes.
const SEARCHED: u64 = 1 << 20;

/// Says why a path (relative, with `/`) is never published, going by its name alone.
///
/// Case does not matter: some file systems don't distinguish it.
pub(super) fn why_never(rel: &str) -> Option<&'static str> {
    let lower = rel.to_ascii_lowercase();
    if lower.split('/').any(|part| FOLDERS.contains(&part)) {
        return Some("it belongs to git or to zrel");
    }
    let name = lower.rsplit('/').next().unwrap_or_default();
    // Also `.envrc`, `.env-production`, `.env_local`.
    if name.starts_with(".env") {
        return Some("dotenv files hold credentials");
    }
    if KEYS.contains(&name) {
        return Some("it is named as a private key");
    }
    if name == "zenodo.lock" {
        return Some("it is zrel's own record of what was published");
    }
    rel.split('/').find_map(part_fault)
}

/// Tells whether a `.pem` or `.key` file holds a private key; other names are not opened.
///
/// # Errors
/// When the file can't be read.
pub(super) fn holds_private_key(path: &Path) -> io::Result<bool> {
    let named_as_key = path
        .extension()
        .is_some_and(|ext| ext.eq_ignore_ascii_case("pem") || ext.eq_ignore_ascii_case("key"));
    if !named_as_key {
        return Ok(false);
    }
    let mut head = Vec::new();
    File::open(path)?.take(SEARCHED).read_to_end(&mut head)?;
    let wanted = b"PRIVATE KEY";
    Ok(head.windows(wanted.len()).any(|window| window == wanted))
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
        ] {
            assert!(why_never(name).is_some(), "{name}");
        }
        for name in [".gitignore", "environment.yml", "a.env", "id_rsa.pub", "git/config"] {
            assert!(why_never(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_key_file_is_a_secret_only_with_a_private_key_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(dir.path().join(name), text).unwrap();
            holds_private_key(&dir.path().join(name)).unwrap()
        };
        assert!(write("a.pem", "-----BEGIN RSA PRIVATE KEY-----\n"));
        assert!(write("a.KEY", "-----BEGIN PRIVATE KEY-----\n"));
        assert!(!write("b.pem", "-----BEGIN CERTIFICATE-----\n"));
        assert!(!write("b.txt", "-----BEGIN PRIVATE KEY-----\n"));
    }
}
