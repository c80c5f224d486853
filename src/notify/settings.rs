//! The settings of a channel, as texts by key: from the user's configuration and the environment.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};

/// A key of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name in the configuration.
    pub name: &'static str,
    /// Whether its value is a secret: it may stand in a file of its own, and is never shown.
    pub is_secret: bool,
}

/// All keys. None is the end of another behind an underscore, so that a variable of the environment
/// has one meaning.
pub const KEYS: &[Key] = &[
    Key { name: "kind", is_secret: false },
    Key { name: "events", is_secret: false },
    Key { name: "url", is_secret: true },
    Key { name: "token", is_secret: true },
    Key { name: "secret", is_secret: true },
    Key { name: "room", is_secret: false },
    Key { name: "server", is_secret: false },
    Key { name: "tls", is_secret: false },
    Key { name: "user", is_secret: false },
    Key { name: "password", is_secret: true },
    Key { name: "from", is_secret: false },
    Key { name: "to", is_secret: false },
    Key { name: "command", is_secret: false },
    Key { name: "allow_private", is_secret: false },
];

/// What the name of a key has when its value is the path of a file with the secret.
pub const FILE: &str = "_file";

/// The settings of one channel.
#[derive(Debug, Default)]
pub struct Settings {
    values: BTreeMap<&'static str, SecretString>,
}

impl Settings {
    /// Sets a key; a later value replaces an earlier one.
    pub fn set(&mut self, key: Key, value: SecretString) {
        self.values.insert(key.name, value);
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns a value, without the blanks around it.
    pub(super) fn get(&self, key: &'static str) -> Option<&str> {
        let value = self.values.get(key)?.expose_secret().trim();
        (!value.is_empty()).then_some(value)
    }

    /// Returns the keys that are set, beside those that are named.
    pub(super) fn others(&self, known: &[&str]) -> Vec<&'static str> {
        self.values.keys().copied().filter(|key| !known.contains(key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_the_end_of_another() {
        let secret = KEYS.iter().filter(|key| key.is_secret);
        let files = secret.map(|key| format!("{}{FILE}", key.name));
        let names: Vec<String> = KEYS.iter().map(|key| key.name.to_owned()).chain(files).collect();
        for one in &names {
            for other in &names {
                assert!(!one.ends_with(&format!("_{other}")), "{one} and {other}");
            }
        }
    }
}
