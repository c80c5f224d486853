//! Finds the token for a host: in the environment, or in a file that the user's own
//! configuration names. Never in the manifest, never on the command line.

use std::io::Read;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::environment;
use super::exit_code::ExitCode;
use super::failure::Failure;

/// A file larger than this holds no token. Bytes.
const MAX_TOKEN_FILE: u64 = 16 * 1024;

/// Returns the token for a host (with its port, where the address names one).
///
/// # Errors
/// A [`Failure`] when there is none, or when the configuration can't be read.
pub(super) fn token(host: &str) -> Result<SecretString, Failure> {
    if let Some((token, _)) = environment::token(host) {
        return Ok(token);
    }
    match token_file(host)? {
        Some(path) => read_token(&path),
        None => Err(missing(host)),
    }
}

fn missing(host: &str) -> Failure {
    let variable = match host {
        "zenodo.org" => "ZENODO_TOKEN".to_owned(),
        "sandbox.zenodo.org" => "ZENODO_SANDBOX_TOKEN".to_owned(),
        _ => format!("ZREL_TOKEN_{}", environment::variable_suffix(host)),
    };
    let failure = Failure::new(ExitCode::Credentials, format!("there is no token for {host}"))
        .hint(format!("make one at https://{host}/account/settings/applications/tokens/new/ with the scopes deposit:write and deposit:actions"))
        .hint(format!("and put it into the environment as {variable}"));
    match environment::config_folder() {
        Some(folder) => failure.hint(format!(
            "or name a file that holds it in `{}`, under [tokens]: \"{host}\" = \"/path/to/file\"",
            folder.join("config.toml").display()
        )),
        None => failure,
    }
}

/// Looks the host up under `[tokens]` in the user's own configuration.
fn token_file(host: &str) -> Result<Option<PathBuf>, Failure> {
    let Some(path) = environment::config_folder().map(|folder| folder.join("config.toml")) else {
        return Ok(None);
    };
    let Ok(text) = std::fs::read_to_string(&path) else { return Ok(None) };
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let mut failure =
            Failure::new(ExitCode::Invalid, format!("can't read `{}`", path.display()));
        failure.causes.push(error.message().to_owned());
        failure
    })?;
    let file = table.get("tokens").and_then(|tokens| tokens.get(host)).and_then(|v| v.as_str());
    Ok(file.map(|file| path.with_file_name(file)))
}

fn read_token(path: &Path) -> Result<SecretString, Failure> {
    let read = || -> std::io::Result<String> {
        let mut text = String::new();
        std::fs::File::open(path)?.take(MAX_TOKEN_FILE).read_to_string(&mut text)?;
        Ok(text)
    };
    match read() {
        Ok(text) if !text.trim().is_empty() => Ok(SecretString::from(text.trim().to_owned())),
        Ok(_) => Err(Failure::new(
            ExitCode::Credentials,
            format!("the token file `{}` is empty", path.display()),
        )),
        Err(error) => {
            let message = format!("can't read the token file `{}`", path.display());
            let mut failure = Failure::new(ExitCode::Credentials, message);
            failure.causes.push(error.to_string());
            Err(failure)
        }
    }
}
