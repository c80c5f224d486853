//! `zrel auth status`: which credential zrel uses for each server, and whether the server takes it.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value as Json, json};

use super::keep::describe_end;
use super::server::find_project_servers;
use crate::cli::args::Format;
use crate::cli::args::auth::AuthStatus;
use crate::cli::connection::connect_with;
use crate::cli::context::Context;
use crate::cli::credential::{
    Found, find_credential, is_known_host, list_configured_hosts, map_store_error, name_kind,
    open_store,
};
use crate::cli::error_mapping::map_api_error;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::parse_host;
use crate::model::{Server, ServerKind};
use crate::render::escape_text;

/// What zrel has for one server.
struct Row {
    host: String,
    url: String,
    /// None for a server without a credential; an error for one that can't be used.
    credential: Result<Option<Found>, String>,
    tried: Tried,
}

/// What the server says of a credential.
enum Tried {
    Not,
    Accepted {
        user: Option<String>,
    },
    Refused {
        message: String,
    },
    /// No answer came.
    Failed {
        message: String,
    },
}

pub(super) fn run(context: &Context, args: &AuthStatus) -> Result<ExitCode, Failure> {
    let declared = find_project_servers(context)?;
    let is_local = declared.iter().any(|server| server.kind == ServerKind::Local);
    let mut rows = list_servers(context, declared)?;
    for row in &mut rows {
        row.tried = match &row.credential {
            Ok(Some(found)) if !args.offline => try_credential(context, row, found),
            Ok(_) | Err(_) => Tried::Not,
        };
    }
    match args.output.format {
        Format::Json => context.put_document(json!({
            "format_version": "1.0",
            "servers": rows.iter().map(encode_row).collect::<Vec<_>>(),
        })),
        Format::Text => context.terminal.print_text(&render_rows(&rows)),
    }
    let has_some = rows.iter().any(|row| !matches!(row.credential, Ok(None)));
    if args.output.format == Format::Text && rows.is_empty() {
        context.terminal.print(if is_local {
            "The server `local` needs no credential: it makes its own.\n"
        } else {
            "No credentials. Give zrel one with `zrel auth login`.\n"
        });
    }
    let is_refused = rows.iter().any(|row| matches!(row.tried, Tried::Refused { .. }));
    let is_faulty = rows.iter().any(|row| row.credential.is_err());
    let is_missing = !has_some && !is_local;
    Ok(if is_refused || is_faulty || is_missing { ExitCode::Credentials } else { ExitCode::Done })
}

/// Lists the servers for which zrel has a credential, and those that the manifest declares.
fn list_servers(context: &Context, declared: Vec<Server>) -> Result<Vec<Row>, Failure> {
    let mut urls = BTreeMap::new();
    // The local server makes its own.
    for server in declared.into_iter().filter(|server| server.kind != ServerKind::Local) {
        urls.insert(parse_host(&server)?, server.url);
    }
    let kept = match open_store() {
        Some(store) => store.list().map_err(|error| map_store_error(&error))?,
        None => Vec::new(),
    };
    let hosts = kept.iter().map(|(host, _)| host.clone()).chain(list_configured_hosts()?);
    for host in hosts {
        let url = guess_url(&host);
        urls.entry(host).or_insert(url);
    }
    for server in ["zenodo", "sandbox"].into_iter().filter_map(Server::built_in) {
        let host = parse_host(&server)?;
        if is_known_host(&host)? {
            urls.entry(host).or_insert(server.url);
        }
    }
    let find = |(host, url): (String, String)| {
        let credential = find_credential(context, &host);
        let credential = credential.map_err(|failure| failure.join_causes().message);
        Ok(Row { host, url, credential, tried: Tried::Not })
    };
    urls.into_iter().map(find).collect()
}

/// Returns the address of a host that no manifest names: over TLS, but for this machine.
fn guess_url(host: &str) -> String {
    let is_here = ["127.0.0.1", "localhost", "[::1]"].iter().any(|here| host.starts_with(here));
    format!("{}://{host}", if is_here { "http" } else { "https" })
}

fn try_credential(context: &Context, row: &Row, found: &Found) -> Tried {
    let server = Server {
        name: row.host.clone(),
        kind: ServerKind::Other,
        url: row.url.clone(),
        doi_prefix: None,
        mints_dois: true,
    };
    let session = match connect_with(context, &server, Some(found.credential.clone())) {
        Ok(session) => session,
        Err(failure) => return Tried::Failed { message: failure.message },
    };
    let answer = context.runtime.block_on(async { session.read().check_credentials().await });
    match answer {
        Ok(user) => Tried::Accepted { user },
        Err(error) => match error.forbidden() {
            Some(message) => Tried::Refused { message },
            None => Tried::Failed { message: map_api_error(&error).join_causes().message },
        },
    }
}

fn render_rows(rows: &[Row]) -> String {
    let mut out = String::new();
    for row in rows {
        let _ = writeln!(out, "{}", escape_text(&row.host));
        let credential = match &row.credential {
            Ok(Some(found)) => found,
            Ok(None) => {
                out.push_str("  credential  none: give zrel one with `zrel auth login`\n");
                continue;
            }
            Err(fault) => {
                let _ = writeln!(out, "  credential  of no use: {}", escape_text(fault));
                continue;
            }
        };
        let kind = credential.kind();
        let _ = writeln!(out, "  credential  {} from {}", name_kind(kind), credential.source);
        let until = describe_end(kind, credential.until);
        let _ = writeln!(out, "  until       {until}");
        if let Tried::Accepted { user } = &row.tried {
            let user = user.as_deref().map_or("not known: it has no record yet", |user| user);
            let _ = writeln!(out, "  user        {}", escape_text(user));
        }
        let _ = writeln!(out, "  tried       {}", describe_trial(&row.tried));
    }
    out
}

fn describe_trial(tried: &Tried) -> String {
    match tried {
        Tried::Not => "no".to_owned(),
        Tried::Accepted { .. } => "the server takes it".to_owned(),
        Tried::Refused { message } => {
            format!("the server refuses it: {}", escape_text(message))
        }
        Tried::Failed { message } => format!("no answer: {}", escape_text(message)),
    }
}

fn encode_row(row: &Row) -> Json {
    let (word, user, message) = match &row.tried {
        Tried::Not => ("not-tried", None, None),
        Tried::Accepted { user } => ("accepted", user.as_deref(), None),
        Tried::Refused { message } => ("refused", None, Some(message)),
        Tried::Failed { message } => ("no-answer", None, Some(message)),
    };
    let (credential, fault) = match &row.credential {
        Ok(credential) => (credential.as_ref(), None),
        Err(fault) => (None, Some(fault)),
    };
    json!({
        "host": row.host,
        "url": row.url,
        "credential": credential.map(|it| it.kind().name()),
        "source": credential.map(|it| it.source.as_str()),
        "until": credential.and_then(|it| it.until).map(|until| until.to_string()),
        "tried": word,
        "user": user,
        "message": message.or(fault),
    })
}
