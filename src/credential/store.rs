//! What is kept for each server, whichever place it is in.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::kept::{Kept, Kind, Listed, Place, read_kept, write_kept};
use super::keyring::{Keyring, KeyringError};
use crate::disk;

/// The most that is read of the file. Bytes.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// Keeps credentials by host.
#[derive(Debug, Clone)]
pub struct Store {
    path: PathBuf,
    keyring: Keyring,
}

/// Why a credential can't be kept, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file can't be read or written.
    #[error("can't use `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not one that zrel wrote.
    #[error("can't use `{}`: {fault}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// Others can read the file.
    #[error("others can read `{}`, which has a credential", .0.display())]
    Exposed(PathBuf),
    /// The keyring.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The keyring has lost what it was given.
    #[error("the keyring has no credential for {0} any more")]
    Lost(String),
}

impl Store {
    /// Uses the file in the folder of the user's configuration, and a keyring.
    pub fn new(folder: &Path, keyring: Keyring) -> Self {
        Self { path: folder.join("credentials.toml"), keyring }
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what is kept, by host.
    ///
    /// # Errors
    /// A [`StoreError`] of the file; the keyring is not asked.
    pub fn list(&self) -> Result<Vec<(String, Kept)>, StoreError> {
        Ok(self.read()?.into_iter().collect())
    }

    /// Returns what is kept for a host.
    ///
    /// # Errors
    /// A [`StoreError`] of the file; the keyring is not asked.
    pub fn find(&self, host: &str) -> Result<Option<Kept>, StoreError> {
        Ok(self.read()?.remove(host))
    }

    /// Returns the secret that is kept for a host.
    ///
    /// # Errors
    /// [`StoreError::Lost`] when the keyring has it no longer, and those of the keyring.
    pub fn read_secret(&self, host: &str, kept: &Kept) -> Result<SecretString, StoreError> {
        match &kept.place {
            Place::File(secret) => Ok(secret.clone()),
            Place::Keyring => {
                self.keyring.get(host)?.ok_or_else(|| StoreError::Lost(host.to_owned()))
            }
        }
    }

    /// Gives a secret to the keyring. It counts once it is listed, see [`Self::list_as_kept`].
    ///
    /// # Errors
    /// A [`KeyringError`].
    pub fn put_in_keyring(&self, host: &str, secret: &SecretString) -> Result<(), KeyringError> {
        self.keyring.put(host, secret)
    }

    /// Lists what is kept for a host from now on, with the secret itself if the file keeps it.
    ///
    /// # Errors
    /// A [`StoreError`] of the file.
    pub fn list_as_kept(&self, host: &str, kept: &Kept) -> Result<(), StoreError> {
        self.change(|listed| {
            let earlier = listed.insert(host.to_owned(), kept.clone());
            // Of two places the one that is not listed would keep a secret that nobody looks for.
            let is_left = matches!(kept.place, Place::File(_))
                && earlier.is_some_and(|it| matches!(it.place, Place::Keyring));
            if is_left {
                // A keyring that is gone since keeps no new secret from being listed.
                let _ = self.keyring.remove(host);
            }
        })
    }

    /// Removes what is kept for a host; returns what it was, if there was anything.
    ///
    /// # Errors
    /// A [`StoreError`]; what the keyring refuses to remove stays listed.
    pub fn remove(&self, host: &str) -> Result<Option<Kind>, StoreError> {
        let Some(kept) = self.find(host)? else { return Ok(None) };
        if matches!(kept.place, Place::Keyring) {
            self.keyring.remove(host)?;
        }
        self.change(|listed| {
            listed.remove(host);
        })?;
        Ok(Some(kept.kind))
    }

    /// Finds out whether there is a keyring that answers.
    ///
    /// # Errors
    /// A [`KeyringError`].
    pub fn check_keyring(&self, host: &str) -> Result<(), KeyringError> {
        self.keyring.get(host).map(drop)
    }

    fn change(&self, change: impl FnOnce(&mut Listed)) -> Result<(), StoreError> {
        let failed = |source| StoreError::File { path: self.path.clone(), source };
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(failed)?;
        // Another run may keep a credential at the same moment.
        let _turn = disk::lock_briefly(&folder.join("credentials.lock")).map_err(failed)?;
        let mut listed = self.read()?;
        change(&mut listed);
        disk::write_private(&self.path, write_kept(&listed).as_bytes()).map_err(failed)
    }

    fn read(&self) -> Result<Listed, StoreError> {
        let failed = |source| StoreError::File { path: self.path.clone(), source };
        let text = match disk::read_text(&self.path, MAX_FILE) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Listed::new()),
            Err(error) => return Err(failed(error)),
        };
        let listed = read_kept(&text)
            .map_err(|fault| StoreError::Format { path: self.path.clone(), fault })?;
        let has_secret = listed.values().any(|kept| matches!(kept.place, Place::File(_)));
        if has_secret && disk::is_readable_by_others(&self.path).map_err(failed)? {
            return Err(StoreError::Exposed(self.path.clone()));
        }
        Ok(listed)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn keep(place: Place) -> Kept {
        let since = "2026-11-30T00:00:00Z".parse().unwrap();
        Kept { kind: Kind::Token, place, since, until: None }
    }

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn what_moves_into_the_file_leaves_the_keyring() {
        let folder = tempfile::tempdir().unwrap();
        let ring = Keyring::Folder(folder.path().join("ring"));
        std::fs::create_dir(folder.path().join("ring")).unwrap();
        let store = Store::new(folder.path(), ring.clone());
        assert!(store.list().unwrap().is_empty());
        store.put_in_keyring("a.org", &secret("one")).unwrap();
        store.list_as_kept("a.org", &keep(Place::Keyring)).unwrap();
        let kept = store.find("a.org").unwrap().unwrap();
        assert_eq!(store.read_secret("a.org", &kept).unwrap().expose_secret(), "one");
        store.list_as_kept("a.org", &keep(Place::File(secret("two")))).unwrap();
        let kept = store.find("a.org").unwrap().unwrap();
        assert_eq!(store.read_secret("a.org", &kept).unwrap().expose_secret(), "two");
        assert!(ring.get("a.org").unwrap().is_none());
        assert_eq!(store.remove("a.org").unwrap(), Some(Kind::Token));
        assert_eq!(store.remove("a.org").unwrap(), None);
        assert!(!std::fs::read_to_string(store.path()).unwrap().contains("two"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), Keyring::System);
        store.list_as_kept("a.org", &keep(Place::File(secret("one")))).unwrap();
        let mode = || std::fs::metadata(store.path()).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(store.path(), std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(store.find("a.org"), Err(StoreError::Exposed(_))));
    }
}
