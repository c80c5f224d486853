//! Finds the token for a host: in the environment, or in a file that the user's own
//! configuration names. Never in the manifest, never on the command line.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::environment;
use super::exit_code::ExitCode;
use super::failure::Failure;

/// The most that is read of a token's file. Bytes.
const MAX_TOKEN_FILE: u64 = 16 * 1024;

/// A token, and where it was found.
pub(super) struct Token {
    /// The token.
    pub(super) secret: SecretString,
    /// The variable, or the file, in words.
    pub(super) source: String,
}

/// Returns the token for a host (with its port, where the address names one) of the server at an
/// address.
///
/// # Errors
/// A [`Failure`] when there is none, or when the configuration can't be read.
pub(super) fn require_token(host: &str, url: &str) -> Result<Token, Failure> {
    find_token(host)?.ok_or_else(|| describe_missing_token(host, url))
}

/// Returns the token for a host, if there is one.
///
/// # Errors
/// A [`Failure`] when the token or the configuration can't be used.
pub(super) fn find_token(host: &str) -> Result<Option<Token>, Failure> {
    if let Some((text, name)) = environment::read_token_variable(host) {
        return validate_token(text.expose_secret(), name).map(Some);
    }
    let file = find_token_file(host)?;
    file.map(|(path, config)| read_token(host, &path, &config)).transpose()
}

/// Checks a token and trims the blanks around it. Its content is never shown.
fn validate_token(text: &str, source: String) -> Result<Token, Failure> {
    let text = text.trim();
    let fault = if text.is_empty() {
        "is empty"
    } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        "holds a blank, a line feed or another character that no token has"
    } else {
        return Ok(Token { secret: SecretString::from(text.to_owned()), source });
    };
    Err(Failure::new(ExitCode::Credentials, format!("the token in {source} {fault}"))
        .hint("put the token there alone, on one line"))
}

fn describe_missing_token(host: &str, url: &str) -> Failure {
    let variable = match host {
        "zenodo.org" => Some("ZENODO_TOKEN".to_owned()),
        "sandbox.zenodo.org" => Some("ZENODO_SANDBOX_TOKEN".to_owned()),
        _ => environment::make_token_variable(host),
    };
    let mut failure = Failure::new(ExitCode::Credentials, format!("there is no token for {host}"))
        .hint(format!("make one at {url}/account/settings/applications/tokens/new/ with the scopes deposit:write and deposit:actions"));
    // A host with `_` has no variable: its name would also be that of a host with a dot there.
    let has_variable = variable.is_some();
    if let Some(variable) = variable {
        failure = failure.hint(format!("and put it into the environment as {variable}"));
    }
    let file = environment::find_config_folder().map_or_else(
        || "zrel/config.toml in the folder that XDG_CONFIG_HOME names".to_owned(),
        |folder| format!("`{}`", folder.join("config.toml").display()),
    );
    let line = format!("under [tokens]: \"{host}\" = \"/path/to/file\"");
    if has_variable {
        failure.hint(format!("or name a file that holds it in {file}, {line}"))
    } else {
        failure.hint(format!(
            "no variable holds it, since a host with `_` would share that of another host: name a file that holds it in {file}, {line}"
        ))
    }
}

/// Finds the host under `[tokens]` in the user's configuration. Returns the token's file and the
/// configuration's file.
fn find_token_file(host: &str) -> Result<Option<(PathBuf, PathBuf)>, Failure> {
    let Some(path) = environment::find_config_folder().map(|folder| folder.join("config.toml"))
    else {
        return Ok(None);
    };
    let failed = |cause: String| {
        let message = format!("can't use `{}`", path.display());
        let mut failure = Failure::new(ExitCode::Invalid, message);
        failure.causes.push(cause);
        failure.hint(format!("name a file that holds the token: [tokens] \"{host}\" = \"/path\""))
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        // The configuration is optional; one that can't be read is not.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error.to_string())),
    };
    let table: toml::Table =
        text.parse().map_err(|error: toml::de::Error| failed(error.message().to_owned()))?;
    match table.get("tokens").map(|tokens| (tokens.as_table(), tokens.get(host))) {
        None | Some((Some(_), None)) => Ok(None),
        // A relative path starts at the configuration's folder, whatever folder zrel works in.
        Some((_, Some(toml::Value::String(file)))) => Ok(Some((path.with_file_name(file), path))),
        // A misspelt entry must not end as «there is no token», which would send a person
        // elsewhere.
        Some((None, _)) => Err(failed("`tokens` is not a table".to_owned())),
        Some((_, Some(_))) => Err(failed(format!("\"{host}\" under [tokens] is not a path"))),
    }
}

/// Reads a token's file. Its name is not shown: by mistake it may be the token itself.
fn read_token(host: &str, path: &Path, config: &Path) -> Result<Token, Failure> {
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
