//! Finds the credential for a host: in the environment, in a file that the user names, or where
//! `zrel auth` kept it. Never in the manifest, and no secret on the command line.

mod config_file;
mod cookie_file;
mod found;
mod kept;

use std::path::Path;

use secrecy::ExposeSecret;

use super::context::Context;
use super::environment;
use super::exit_code::ExitCode;
use super::failure::Failure;
pub(super) use config_file::list_configured_hosts;
use config_file::{find_token_file, read_token};
pub(super) use cookie_file::read_session;
pub(super) use found::{Found, make_session, name_kind, validate_token};
use kept::find_kept;
pub(super) use kept::{map_store_error, open_store};

/// Returns the credential for a host (with its port, where the address names one) of the server at
/// an address.
///
/// # Errors
/// A [`Failure`] when there is none, or when the configuration can't be read.
pub(super) fn require_credential(
    context: &Context,
    host: &str,
    url: &str,
) -> Result<Found, Failure> {
    find_credential(context, host)?.ok_or_else(|| describe_missing_token(host, url))
}

/// Returns the credential for a host, if there is one. A token goes before cookies, unless the
/// command line names these.
///
/// # Errors
/// A [`Failure`] when the credential or the configuration can't be used.
pub(super) fn find_credential(context: &Context, host: &str) -> Result<Option<Found>, Failure> {
    let now = context.time().0.now();
    if let Some(path) = &context.global.cookies {
        return cookie_file::find_session(path, host, now).map(Some);
    }
    if let Some((text, name)) = environment::read_token_variable(host) {
        return validate_token(text.expose_secret(), name).map(Some);
    }
    if let Some((path, name)) = environment::read_cookies_variable(host) {
        let found = cookie_file::find_session(Path::new(&path), host, now)?;
        return Ok(Some(Found {
            source: format!("{}, which {name} names", found.source),
            ..found
        }));
    }
    if let Some((path, config)) = find_token_file(host)? {
        return read_token(host, &path, &config).map(Some);
    }
    find_kept(host, now)
}

/// Returns whether the user gave zrel a credential for a host already, wherever it is.
///
/// # Errors
/// A [`Failure`] when the configuration can't be used.
pub(super) fn is_known_host(host: &str) -> Result<bool, Failure> {
    Ok(environment::read_token_variable(host).is_some()
        || environment::read_cookies_variable(host).is_some()
        || find_token_file(host)?.is_some()
        || kept::is_kept(host)?)
}

/// Returns what is said of a token's scopes: those of Zenodo; other servers have their own.
pub(super) fn name_scopes(url: &str) -> &'static str {
    let is_zenodo = matches!(url, "https://zenodo.org" | "https://sandbox.zenodo.org");
    if is_zenodo {
        "with the scopes deposit:write and deposit:actions"
    } else {
        "with the scopes that it needs to write records (on Zenodo deposit:write and deposit:actions)"
    }
}

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
        .hint(format!("make one at {} {}", locate_token_page(url), name_scopes(url)))
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
