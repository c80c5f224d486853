//! Finds the channels for messages: in the environment and in the user's own configuration, key by
//! key. A manifest only names them.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use toml::Value;

use super::environment;
use super::exit_code::ExitCode;
use super::failure::Failure;
use crate::manifest::is_channel_name;
use crate::notify::{Channel, ChannelError, FILE, KEYS, Key, Settings};

/// The most that is read of a file with a secret. Bytes.
const MAX_SECRET: u64 = 16 * 1024;

/// The `[notify]` of the user's configuration.
#[derive(Debug)]
pub(super) struct Channels {
    /// Where the configuration is, if there is a place for one.
    path: Option<PathBuf>,
    table: toml::Table,
}

/// Where the settings of a channel stand.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Place {
    /// In the configuration.
    pub(super) in_config: bool,
    /// In the environment.
    pub(super) in_environment: bool,
}

impl Channels {
    /// Reads the configuration, if there is one.
    ///
    /// # Errors
    /// A [`Failure`] when it can't be read.
    pub(super) fn read() -> Result<Self, Failure> {
        let path = environment::find_config_folder().map(|folder| folder.join("config.toml"));
        let Some(file) = &path else { return Ok(Self { path, table: toml::Table::new() }) };
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(fail(file, error.to_string())),
        };
        let mut table: toml::Table = text
            .parse()
            // The error's own text quotes the line, which may have a secret.
            .map_err(|error: toml::de::Error| fail(file, error.message().to_owned()))?;
        let table = match table.remove("notify") {
            None => toml::Table::new(),
            Some(Value::Table(table)) => table,
            Some(_) => return Err(fail(file, "`notify` is not a table".to_owned())),
        };
        Ok(Self { path, table })
    }

    /// Returns the names of all channels, sorted, with where each stands.
    pub(super) fn list(&self) -> Vec<(String, Place)> {
        let names = self.table.keys().cloned().chain(environment::list_channels());
        let names: BTreeSet<String> = names.filter(|name| is_channel_name(name)).collect();
        let place = |name: String| {
            let in_environment = list_names()
                .any(|(_, key)| environment::read_channel_variable(&name, &key).is_some());
            let in_config = self.table.contains_key(&name);
            (name, Place { in_config, in_environment })
        };
        names.into_iter().map(place).collect()
    }

    /// Returns a channel.
    ///
    /// # Errors
    /// A [`Failure`] that says what of its settings can't be used, and shows no value.
    pub(super) fn find(&self, name: &str) -> Result<Channel, Failure> {
        let mut settings = Settings::default();
        self.read_config(name, &mut settings)?;
        read_environment(name, &mut settings)?;
        Channel::from_settings(name, &settings).map_err(|error| {
            let failure = because(fail_channel(name), error.to_string());
            let kind = environment::make_channel_variable(name, "kind");
            match error {
                ChannelError::Unconfigured => failure
                    .hint(format!("write [notify.{name}] into your config.toml, or set {kind}")),
                ChannelError::Missing(_)
                | ChannelError::Unusable { .. }
                | ChannelError::Unneeded { .. } => failure,
            }
        })
    }

    fn read_config(&self, name: &str, settings: &mut Settings) -> Result<(), Failure> {
        let Some((value, path)) = self.table.get(name).zip(self.path.as_deref()) else {
            return Ok(());
        };
        let Value::Table(table) = value else {
            return Err(fail_channel(name).hint(format!("write it as a table: [notify.{name}]")));
        };
        for (written, value) in table {
            let Some((key, is_file)) = find_key(written) else {
                let message = format!("{written:.40} is no key of a channel");
                return Err(because(fail_channel(name), message));
            };
            let text = read_value(key, value).ok_or_else(|| {
                because(fail_channel(name), format!("`{written}` has no such type"))
            })?;
            let text = if is_file {
                // A relative path starts at the configuration's folder.
                read_secret_file(name, written, &path.with_file_name(text))?
            } else {
                if key.is_secret {
                    refuse_shared(path).map_err(|why| because(fail_channel(name), why))?;
                }
                SecretString::from(text)
            };
            settings.set(key, text);
        }
        Ok(())
    }
}

/// Adds what the environment says, which goes before the configuration.
fn read_environment(name: &str, settings: &mut Settings) -> Result<(), Failure> {
    for (key, written) in list_names() {
        let Some(value) = environment::read_channel_variable(name, &written) else { continue };
        let value = if written.ends_with(FILE) {
            let path = PathBuf::from(secrecy::ExposeSecret::expose_secret(&value));
            let variable = environment::make_channel_variable(name, &written);
            // A relative path would let the working folder, such as a cloned repository, say it.
            if !path.is_absolute() {
                return Err(because(
                    fail_channel(name),
                    format!("{variable} is not an absolute path"),
                ));
            }
            read_secret_file(name, &variable, &path)?
        } else {
            value
        };
        settings.set(key, value);
    }
    Ok(())
}

/// Returns each key with its names: its own, and that of a file with it.
fn list_names() -> impl Iterator<Item = (Key, String)> {
    let names = |key: &Key| {
        let file = key.is_secret.then(|| format!("{}{FILE}", key.name));
        let key = *key;
        std::iter::once(key.name.to_owned()).chain(file).map(move |name| (key, name))
    };
    KEYS.iter().flat_map(names)
}

/// Returns the key of a name, and whether it is the name of a file.
fn find_key(written: &str) -> Option<(Key, bool)> {
    let (key, name) = list_names().find(|(_, name)| name == written)?;
    Some((key, name != key.name))
}

/// Returns a value as text: a command as JSON, another list joined by commas.
fn read_value(key: Key, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Boolean(flag) => Some(flag.to_string()),
        Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            let texts = texts?;
            let is_command = key.name == "command";
            Some(if is_command { serde_json::json!(texts).to_string() } else { texts.join(",") })
        }
        Value::Integer(_) | Value::Float(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}

/// Reads a file with a secret. Its path is not shown: by mistake it may be the secret itself.
fn read_secret_file(name: &str, written: &str, path: &Path) -> Result<SecretString, Failure> {
    let failed = |why: String| {
        because(fail_channel(name), format!("the file that `{written}` names: {why}"))
    };
    let read = || -> std::io::Result<String> {
        // Reading a pipe would block the run, and a device may never end.
        if !std::fs::metadata(path)?.is_file() {
            return Err(std::io::Error::other("it is not a file"));
        }
        let mut text = String::new();
        std::fs::File::open(path)?.take(MAX_SECRET).read_to_string(&mut text)?;
        Ok(text)
    };
    let text = read().map_err(|error| failed(error.to_string()))?;
    refuse_shared(path).map_err(failed)?;
    Ok(SecretString::from(text.trim().to_owned()))
}

/// Refuses a file with a secret that others can read.
#[cfg(unix)]
fn refuse_shared(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_or(0, |file| file.permissions().mode());
    // The last six bits are those of the group and of others.
    if mode.trailing_zeros() >= 6 {
        return Ok(());
    }
    Err("it has a secret, and other users can read it: run `chmod 600` on it".to_owned())
}

/// Other systems keep a user's folder from others.
#[cfg(not(unix))]
fn refuse_shared(_path: &Path) -> Result<(), String> {
    Ok(())
}

fn fail(path: &Path, cause: String) -> Failure {
    because(Failure::new(ExitCode::Invalid, format!("can't use `{}`", path.display())), cause)
}

fn fail_channel(name: &str) -> Failure {
    Failure::new(ExitCode::Invalid, format!("can't use the channel `{name}`"))
}

fn because(mut failure: Failure, cause: String) -> Failure {
    failure.causes.push(cause);
    failure
}
