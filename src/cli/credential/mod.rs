//! Finds the token for a host: in the environment, in a file that the user's own configuration
//! names, or where `zrel auth login` kept it. Never in the manifest, never on the command line.

mod config_file;
mod kept;
mod token;

use secrecy::ExposeSecret;

use super::environment;
use super::exit_code::ExitCode;
use super::failure::Failure;
pub(super) use config_file::list_configured_hosts;
use config_file::{find_token_file, read_token};
use kept::find_kept_token;
pub(super) use kept::{map_store_error, open_store};
pub(super) use token::{Token, validate_token};

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
    if let Some((path, config)) = find_token_file(host)? {
        return read_token(host, &path, &config).map(Some);
    }
    find_kept_token(host)
}

/// Returns whether the user gave zrel a token for a host already, wherever it is.
///
/// # Errors
/// A [`Failure`] when the configuration can't be used.
pub(super) fn is_known_host(host: &str) -> Result<bool, Failure> {
    Ok(environment::read_token_variable(host).is_some()
        || find_token_file(host)?.is_some()
        || kept::is_kept(host)?)
}

/// What a token has to be good for.
pub(super) const SCOPES: &str = "deposit:write and deposit:actions";

/// Returns the address of the page on which a user makes a token.
pub(super) fn locate_token_page(url: &str) -> String {
    format!("{url}/account/settings/applications/tokens/new/")
}

/// Returns how the commands of `zrel auth` call a server.
pub(super) fn name_server(host: &str, url: &str) -> String {
    match host {
        "zenodo.org" => "zenodo".to_owned(),
        "sandbox.zenodo.org" => "sandbox".to_owned(),
        _ => url.to_owned(),
    }
}

fn describe_missing_token(host: &str, url: &str) -> Failure {
    let variable = match host {
        "zenodo.org" => Some("ZENODO_TOKEN".to_owned()),
        "sandbox.zenodo.org" => Some("ZENODO_SANDBOX_TOKEN".to_owned()),
        _ => environment::make_token_variable(host),
    };
    let mut failure = Failure::new(ExitCode::Credentials, format!("there is no token for {host}"))
        .hint(format!("make one at {} with the scopes {SCOPES}", locate_token_page(url)))
        .hint(format!("and give it to zrel with `zrel auth login {}`", name_server(host, url)));
    // A host with `_` has no variable: its name would also be that of a host with a dot there.
    let has_variable = variable.is_some();
    if let Some(variable) = variable {
        failure = failure.hint(format!("or put it into the environment as {variable}"));
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
