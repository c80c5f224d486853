//! The server that a command of `zrel auth` is about, and whether its user knows it.
//!
//! A manifest can come from anybody: a server that is known from there alone must not collect a
//! real token.

use crate::cli::approval::{Answer, ask_for_word};
use crate::cli::context::Context;
use crate::cli::credential::{is_known_host, name_server};
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::{Project, parse_host};
use crate::model::{Server, ServerKind};
use crate::render::escape_text;

/// A server, and who named it.
pub(super) struct Chosen {
    pub(super) server: Server,
    /// Its host, with the port where the address names one.
    pub(super) host: String,
    /// Whether zrel, its user or the command line names it, and not only the manifest.
    pub(super) is_known: bool,
}

/// Finds the server that is named on the command line, or else the manifest's, or else zenodo.org.
///
/// # Errors
/// A [`Failure`] for a name that no server has, an address that zrel sends nothing to, and the
/// local server, which makes its own token.
pub(super) fn choose_server(context: &Context, named: Option<&str>) -> Result<Chosen, Failure> {
    let (server, is_typed) = match named {
        Some(text) => match parse_address(text)? {
            Some(server) => (server, true),
            None => (find_named(context, text)?, false),
        },
        None => (find_usual(context)?, false),
    };
    if server.kind == ServerKind::Local {
        let message = "the server `local` needs no credential: it makes its own";
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("name another one: zenodo, sandbox, or an address"));
    }
    let host = parse_host(&server)?;
    let is_built_in = matches!(server.kind, ServerKind::Zenodo | ServerKind::Sandbox);
    let is_known = is_typed || is_built_in || is_known_host(&host)?;
    Ok(Chosen { server, host, is_known })
}

/// Reads an address; none for a text that is only a name.
fn parse_address(text: &str) -> Result<Option<Server>, Failure> {
    let is_host = text.contains('.') || text.contains(':');
    if !is_host {
        return Ok(None);
    }
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = full.trim_end_matches('/').to_owned();
    let built_in = ["zenodo", "sandbox"].into_iter().filter_map(Server::built_in);
    if let Some(server) = built_in.into_iter().find(|server| server.url == url) {
        return Ok(Some(server));
    }
    let refused = |error: crate::http::HttpError| {
        Failure::of(ExitCode::Usage, &error).hint("give an address such as https://zenodo.org")
    };
    crate::http::Origin::parse(&url).map_err(refused)?;
    Ok(Some(Server {
        name: url.clone(),
        kind: ServerKind::Other,
        url,
        doi_prefix: None,
        mints_dois: true,
    }))
}

fn find_named(context: &Context, name: &str) -> Result<Server, Failure> {
    if let Some(server) = Server::built_in(name) {
        return Ok(server);
    }
    if !has_manifest(context) {
        let message = format!("there is no server `{}`", escape_text(name));
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("name one of zenodo and sandbox, or an address such as https://zenodo.org"));
    }
    let project = Project::load(context.project_options())?;
    let found = project.manifest.server_named(name);
    found.map_err(|finding| {
        let failure = Failure::new(ExitCode::Usage, finding.summary);
        finding.hints.into_iter().fold(failure, Failure::hint)
    })
}

/// Returns the manifest's server; zenodo.org without a manifest.
fn find_usual(context: &Context) -> Result<Server, Failure> {
    if has_manifest(context) {
        return Ok(Project::load(context.project_options())?.server);
    }
    Server::built_in("zenodo")
        .ok_or_else(|| Failure::new(ExitCode::Failed, "there is no server `zenodo`"))
}

/// Returns the servers of the manifest, if there is one: the one it publishes to, and those under
/// `[servers]`.
///
/// # Errors
/// A [`Failure`] for a manifest that can't be read.
pub(super) fn find_project_servers(context: &Context) -> Result<Vec<Server>, Failure> {
    if !has_manifest(context) {
        return Ok(Vec::new());
    }
    let project = Project::load(context.project_options())?;
    let named = project.manifest.servers.keys();
    let named = named.filter_map(|name| project.manifest.server_named(name).ok());
    let mut servers: Vec<Server> = named.collect();
    servers.push(project.server);
    Ok(servers)
}

fn has_manifest(context: &Context) -> bool {
    let options = context.project_options();
    options.folder.join(&options.manifest).exists()
}

/// Wants the host typed where only the manifest names it.
///
/// # Errors
/// A [`Failure`] with code 13 when nobody can answer, or another host is typed.
pub(super) fn confirm_host(context: &Context, chosen: &Chosen, verb: &str) -> Result<(), Failure> {
    if chosen.is_known {
        return Ok(());
    }
    let Chosen { server, host, .. } = chosen;
    let (host, url) = (escape_text(host), escape_text(&server.url));
    context.terminal.say(&format!(
        "The manifest names the server {host} ({url}). You gave zrel no credential for it yet, \
         and whoever runs it can use what you give. zrel opened nothing there."
    ));
    let request = format!("To go on with this server, type its host `{host}`:");
    match ask_for_word(&context.terminal, &request, &chosen.host) {
        Answer::Given => Ok(()),
        Answer::Declined => {
            Err(Failure::new(ExitCode::Confirmation, "not confirmed; nothing was kept"))
        }
        Answer::Unavailable => {
            let message = format!("only the manifest names {host}, and nobody can be asked here");
            Err(Failure::new(ExitCode::Confirmation, message).hint(format!(
                "if you trust it, name its address on the command line: zrel auth {verb} {}",
                name_server(&chosen.host, &server.url)
            )))
        }
    }
}
