//! Entries of a manifest that was renamed, or is gone for good.

use std::path::Path;

use super::guard;
use super::types::{Key, LockError};
use super::view::Lock;

/// Why entries can't be given another manifest's name.
#[derive(Debug, thiserror::Error)]
pub enum RenameError {
    /// Both have an entry for a server, and nothing says which is right.
    #[error("`{manifest}` has an entry for `{server}` already")]
    Taken {
        /// The new name.
        manifest: String,
        /// The server.
        server: String,
    },
    /// The lock can't be used.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// Checks that [`rename_entries`] can be done, and returns the servers that have an entry under the old
/// name.
///
/// # Errors
/// [`RenameError`].
pub fn check_rename(path: &Path, old: &str, new: &str) -> Result<Vec<String>, RenameError> {
    let lock = Lock::load(path, old)?;
    let servers = list_servers(&lock, old);
    let taken = servers.iter().find(|server| lock.facts.contains_key(&Key::new(new, *server)));
    match taken {
        Some(server) => {
            Err(RenameError::Taken { manifest: new.to_owned(), server: server.clone() })
        }
        None => Ok(servers),
    }
}

/// Gives all entries of a manifest another manifest's name; other writers wait meanwhile.
///
/// # Errors
/// [`RenameError`]; the lock is then as it was.
pub fn rename_entries(path: &Path, old: &str, new: &str) -> Result<(), RenameError> {
    let _nobody_else = guard::hold_write_lock(path)?;
    // Checked again under the guard: another run may have written since.
    let servers = check_rename(path, old, new)?;
    // A run that was killed half way is repeated, and finds its work done.
    if servers.is_empty() {
        return Ok(());
    }
    let mut lock = Lock::load(path, new)?;
    for server in servers {
        if let Some(entry) = lock.facts.remove(&Key::new(old, &server)) {
            lock.facts.insert(Key::new(new, server), entry);
        }
    }
    Ok(lock.save(path)?)
}

/// Removes all entries of a manifest from the lock; other writers wait meanwhile.
///
/// # Errors
/// [`LockError`]; the lock is then as it was.
pub fn remove_entries(path: &Path, manifest: &str) -> Result<(), LockError> {
    let _nobody_else = guard::hold_write_lock(path)?;
    let mut lock = Lock::load(path, manifest)?;
    if list_servers(&lock, manifest).is_empty() {
        return Ok(());
    }
    lock.facts.retain(|key, _| key.manifest != manifest);
    lock.save(path)
}

fn list_servers(lock: &Lock, manifest: &str) -> Vec<String> {
    let keys = lock.facts.keys().filter(|key| key.manifest == manifest);
    keys.map(|key| key.server.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConceptId, Server};

    #[test]
    fn entries_get_another_name_unless_it_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zenodo.lock");
        let server = |name| Server::built_in(name).unwrap();
        let bind = |manifest: &str, name, concept: u64| {
            let mut lock = Lock::load(&path, manifest).unwrap();
            lock.entry_mut(&server(name)).bind(ConceptId(concept.into()));
            lock.save(&path).unwrap();
        };
        bind("a.toml", "zenodo", 1);
        bind("a.toml", "sandbox", 2);
        bind("b.toml", "zenodo", 3);
        let before = std::fs::read(&path).unwrap();
        let error = rename_entries(&path, "a.toml", "b.toml").unwrap_err();
        assert_eq!(error.to_string(), "`b.toml` has an entry for `zenodo` already");
        assert_eq!(std::fs::read(&path).unwrap(), before);
        remove_entries(&path, "b.toml").unwrap();
        rename_entries(&path, "a.toml", "b.toml").unwrap();
        let lock = Lock::load(&path, "b.toml").unwrap();
        let keys: Vec<_> = lock.entries().keys().map(|key| key.manifest.as_str()).collect();
        assert_eq!(keys, ["b.toml", "b.toml"]);
        assert_eq!(lock.entry(&server("zenodo")).unwrap().concept, Some(ConceptId(1.into())));
        // Once more changes nothing: what was killed half way is just done again.
        rename_entries(&path, "a.toml", "b.toml").unwrap();
        assert_eq!(Lock::load(&path, "b.toml").unwrap(), lock);
    }
}
