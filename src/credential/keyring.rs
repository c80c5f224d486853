//! The system's keyring: Secret Service, Keychain or Credential Manager.
//!
//! A keyring that does not answer must not hold up a release, so that each call has a time limit.

use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

/// How long the keyring may take to say that it is there.
const GREETING: Duration = Duration::from_millis(800);

/// How long one call may take: the system may ask its user to unlock the keyring.
#[cfg(feature = "keyring")]
const CALL: Duration = Duration::from_mins(2);

/// The name under which the keyring lists what zrel keeps.
#[cfg(feature = "keyring")]
const SERVICE: &str = "zrel";

/// Where secrets are kept by name.
#[derive(Debug, Clone)]
pub enum Keyring {
    /// That of the system.
    System,
    /// A folder with a file for each secret: for tests.
    Folder(PathBuf),
    /// One that never answers: for tests.
    Silent,
}

/// Why a keyring did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// This program was built without one.
    #[error("this zrel was built without support for keyrings")]
    Unsupported,
    /// There is none, or it can't be reached.
    #[error("there is no keyring here")]
    Absent,
    /// It did not answer in time.
    #[error("the keyring did not answer within {} s", .0.as_secs_f32())]
    Silence(Duration),
    /// It refused the call. In its own words.
    #[error("the keyring refused it: {0}")]
    Refused(String),
}

/// What is asked of a keyring. The name is that of the server.
#[derive(Debug)]
enum Wish {
    Put(SecretString),
    Get,
    Remove,
}

impl Keyring {
    /// Keeps a secret under a name; it replaces the one that is there.
    ///
    /// # Errors
    /// A [`KeyringError`].
    pub fn put(&self, name: &str, secret: &SecretString) -> Result<(), KeyringError> {
        self.call(name, Wish::Put(secret.clone())).map(|_| ())
    }

    /// Returns the secret of a name; none if the keyring has none.
    ///
    /// # Errors
    /// A [`KeyringError`].
    pub fn get(&self, name: &str) -> Result<Option<SecretString>, KeyringError> {
        self.call(name, Wish::Get)
    }

    /// Removes the secret of a name, if there is one.
    ///
    /// # Errors
    /// A [`KeyringError`].
    pub fn remove(&self, name: &str) -> Result<(), KeyringError> {
        self.call(name, Wish::Remove).map(|_| ())
    }

    fn call(&self, name: &str, wish: Wish) -> Result<Option<SecretString>, KeyringError> {
        match self {
            Keyring::System => call_system(name.to_owned(), wish),
            Keyring::Folder(folder) => call_folder(&folder.join(name.replace(':', "_")), &wish),
            Keyring::Silent => {
                limit(GREETING, || std::thread::sleep(Duration::from_hours(1))).map(|()| None)
            }
        }
    }
}

/// Does work on a thread of its own, and gives up waiting for it after a time.
fn limit<T: Send + 'static>(
    time: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, KeyringError> {
    let (sender, receiver) = mpsc::channel();
    // A thread that hangs ends with the program.
    std::thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(time).map_err(|_| KeyringError::Silence(time))
}

#[cfg(feature = "keyring")]
fn call_system(name: String, wish: Wish) -> Result<Option<SecretString>, KeyringError> {
    use keyring::v1::Entry;
    // Apart from the call: an absent keyring answers at once, and one that has to be unlocked may take a while.
    limit(GREETING, || {
        let status = Entry::store_status().as_ref();
        status.inspect_err(|error| tracing::debug!("no keyring: {error}")).is_ok()
    })?
    .then_some(())
    .ok_or(KeyringError::Absent)?;
    let done = limit(CALL, move || {
        let entry = Entry::new(SERVICE, &name)?;
        match wish {
            Wish::Put(secret) => entry.set_password(secret.expose_secret()).map(|()| None),
            Wish::Get => entry.get_password().map(|secret| Some(SecretString::from(secret))),
            Wish::Remove => entry.delete_credential().map(|()| None),
        }
    })?;
    match done {
        Ok(secret) => Ok(secret),
        Err(keyring::v1::Error::NoEntry) => Ok(None),
        Err(error) => Err(KeyringError::Refused(error.to_string())),
    }
}

#[cfg(not(feature = "keyring"))]
fn call_system(_name: String, _wish: Wish) -> Result<Option<SecretString>, KeyringError> {
    Err(KeyringError::Unsupported)
}

fn call_folder(path: &std::path::Path, wish: &Wish) -> Result<Option<SecretString>, KeyringError> {
    let refused = |error: std::io::Error| KeyringError::Refused(error.to_string());
    match wish {
        Wish::Put(secret) => {
            crate::disk::write_private(path, secret.expose_secret().as_bytes()).map_err(refused)?;
            Ok(None)
        }
        Wish::Get => match std::fs::read_to_string(path) {
            Ok(secret) => Ok(Some(SecretString::from(secret))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(refused(error)),
        },
        Wish::Remove => match std::fs::remove_file(path) {
            Ok(()) => Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(refused(error)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_keyring_is_given_up_within_a_second() {
        let error = Keyring::Silent.get("example.org").unwrap_err();
        assert!(matches!(error, KeyringError::Silence(time) if time < Duration::from_secs(1)));
        assert_eq!(error.to_string(), "the keyring did not answer within 0.8 s");
    }

    #[test]
    fn a_secret_is_put_replaced_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Keyring::Folder(folder.path().to_owned());
        let get = || keyring.get("a.org:5000").unwrap().map(|it| it.expose_secret().to_owned());
        assert_eq!(get(), None);
        for secret in ["one", "two"] {
            keyring.put("a.org:5000", &SecretString::from(secret.to_owned())).unwrap();
            assert_eq!(get().as_deref(), Some(secret));
        }
        keyring.remove("a.org:5000").unwrap();
        keyring.remove("a.org:5000").unwrap();
        assert_eq!(get(), None);
    }
}
