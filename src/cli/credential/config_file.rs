//! A token in a file that the user's own configuration names.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::found::{Found, validate_token};
use crate::cli::environment;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;

/// The most that is read of a token's file. Bytes.
const MAX_TOKEN_FILE: u64 = 16 * 1024;

/// Returns the hosts under `[tokens]` in the user's configuration.
///
/// # Errors
/// A [`Failure`] when the configuration can't be used.
pub(in crate::cli) fn list_configured_hosts() -> Result<Vec<String>, Failure> {
    let Some((table, _)) = read_config("HOST")? else { return Ok(Vec::new()) };
    let tokens = table.get("tokens").and_then(toml::Value::as_table);
    Ok(tokens.map(|tokens| tokens.keys().cloned().collect()).unwrap_or_default())
}

/// Finds the host under `[tokens]` in the user's configuration. Returns the token's file and the
/// configuration's file.
///
/// # Errors
/// A [`Failure`] when the configuration can't be used.
pub(super) fn find_token_file(host: &str) -> Result<Option<(PathBuf, PathBuf)>, Failure> {
    let Some((table, path)) = read_config(host)? else { return Ok(None) };
    match table.get("tokens").map(|tokens| (tokens.as_table(), tokens.get(host))) {
        None | Some((Some(_), None)) => Ok(None),
        // A relative path starts at the configuration's folder, whatever folder zrel works in.
        Some((_, Some(toml::Value::String(file)))) => Ok(Some((path.with_file_name(file), path))),
        // A misspelt entry must not end as «there is no token», which would send a person
        // elsewhere.
        Some((None, _)) => Err(refuse_config(&path, host, "`tokens` is not a table".to_owned())),
        Some((_, Some(_))) => {
            Err(refuse_config(&path, host, format!("\"{host}\" under [tokens] is not a path")))
        }
    }
}

/// Reads the user's configuration; none where there is no such file. Also returns its path.
fn read_config(host: &str) -> Result<Option<(toml::Table, PathBuf)>, Failure> {
    let Some(path) = environment::find_config_folder().map(|folder| folder.join("config.toml"))
    else {
        return Ok(None);
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        // The configuration is optional; one that can't be read is not.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refuse_config(&path, host, error.to_string())),
    };
    let table = text
        .parse()
        .map_err(|error: toml::de::Error| refuse_config(&path, host, error.message().to_owned()))?;
    Ok(Some((table, path)))
}

fn refuse_config(path: &Path, host: &str, cause: String) -> Failure {
    let mut failure = Failure::new(ExitCode::Invalid, format!("can't use `{}`", path.display()));
    failure.causes.push(cause);
    failure.hint(format!("name a file that holds the token: [tokens] \"{host}\" = \"/path\""))
}

/// Reads a token's file. Its name is not shown: by mistake it may be the token itself.
///
/// # Errors
/// A [`Failure`] when there is no token in it.
pub(super) fn read_token(host: &str, path: &Path, config: &Path) -> Result<Found, Failure> {
    let place = format!("the file that `{}` names for {host}", config.display());
    let read = || -> std::io::Result<String> {
        // Reading a pipe would block the run, and a device may never end.
        if !std::fs::metadata(path)?.is_file() {
            return Err(std::io::Error::other("it is not a file"));
        }
        let mut text = String::new();
        std::fs::File::open(path)?.take(MAX_TOKEN_FILE).read_to_string(&mut text)?;
        Ok(text)
    };
    match read() {
        Ok(text) => validate_token(&text, place),
        Err(error) => {
            let mut failure =
                Failure::new(ExitCode::Credentials, format!("can't read the token in {place}"));
            failure.causes.push(error.to_string());
            Err(failure
                .hint("write the path of a file there that holds the token, and nothing else"))
        }
    }
}
