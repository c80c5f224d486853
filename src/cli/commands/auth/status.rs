//! `zrel auth status`: which credential zrel uses for each server, and whether the server takes it.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value as Json, json};

use super::server::find_project_servers;
use crate::cli::args::Format;
use crate::cli::args::auth::AuthStatus;
use crate::cli::connection::connect_with;
use crate::cli::context::Context;
use crate::cli::credential::{find_token, list_configured_hosts, map_store_error, open_store};
use crate::cli::error_mapping::map_api_error;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::credential::{Kept, Kind};
use crate::engine::parse_host;
use crate::model::{Server, ServerKind};
use crate::render::escape_text;

/// What zrel has for one server.
struct Row {
    host: String,
    url: String,
    /// None for a server without a credential.
    credential: Option<Credential>,
    tried: Tried,
}

struct Credential {
    kind: Kind,
    source: String,
    until: Option<Timestamp>,
    secret: SecretString,
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
    let mut rows = list_servers(context)?;
    for row in &mut rows {
        row.tried = match &row.credential {
            Some(credential) if !args.offline => try_credential(context, row, credential),
            Some(_) | None => Tried::Not,
        };
    }
    match args.output.format {
        Format::Json => context.put_document(json!({
            "format_version": "1.0",
            "servers": rows.iter().map(encode_row).collect::<Vec<_>>(),
        })),
        Format::Text => context.terminal.print_text(&render_rows(&rows)),
    }
    let is_refused = rows.iter().any(|row| matches!(row.tried, Tried::Refused { .. }));
    let has_some = rows.iter().any(|row| row.credential.is_some());
    Ok(if is_refused || !has_some { ExitCode::Credentials } else { ExitCode::Done })
}

/// Lists the servers for which zrel has a credential, and those of the manifest.
fn list_servers(context: &Context) -> Result<Vec<Row>, Failure> {
    let mut urls = BTreeMap::new();
    for server in find_project_servers(context)? {
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
        if find_token(&host)?.is_some() {
            urls.entry(host).or_insert(server.url);
        }
    }
    let find = |(host, url): (String, String)| {
        let kept = kept.iter().find(|(known, _)| *known == host).map(|(_, kept)| kept);
        let credential = find_credential(&host, kept)?;
        Ok(Row { host, url, credential, tried: Tried::Not })
    };
    urls.into_iter().map(find).collect()
}

fn find_credential(host: &str, kept: Option<&Kept>) -> Result<Option<Credential>, Failure> {
    let Some(token) = find_token(host)? else { return Ok(None) };
    let until = kept.and_then(|kept| kept.until);
    let (source, secret) = (token.source, token.secret);
    Ok(Some(Credential { kind: Kind::Token, source, until, secret }))
}

/// Returns the address of a host that no manifest names: over TLS, but for this machine.
fn guess_url(host: &str) -> String {
    let is_here = ["127.0.0.1", "localhost", "[::1]"].iter().any(|here| host.starts_with(here));
    format!("{}://{host}", if is_here { "http" } else { "https" })
}

fn try_credential(context: &Context, row: &Row, credential: &Credential) -> Tried {
    let server = Server {
        name: row.host.clone(),
        kind: ServerKind::Other,
        url: row.url.clone(),
        doi_prefix: None,
    };
    let session = match connect_with(context, &server, credential.secret.clone()) {
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
        let Some(credential) = &row.credential else {
            out.push_str("  credential  none: zrel reads what is public\n");
            continue;
        };
        let _ =
            writeln!(out, "  credential  {} from {}", credential.kind.name(), credential.source);
        let until =
            credential.until.map_or_else(|| "you revoke it".to_owned(), |until| until.to_string());
        let _ = writeln!(out, "  until       {until}");
        if let Tried::Accepted { user } = &row.tried {
            let user = user.as_deref().map_or("not known: it has no record yet", |user| user);
            let _ = writeln!(out, "  user        {}", escape_text(user));
        }
        let _ = writeln!(out, "  tried       {}", describe_trial(&row.tried));
    }
    if rows.iter().all(|row| row.credential.is_none()) {
        out.push_str("No credentials. Give zrel one with `zrel auth login`.\n");
    }
    out
}

fn describe_trial(tried: &Tried) -> String {
    match tried {
        Tried::Not => "no".to_owned(),
        Tried::Accepted { .. } => "yes, the server takes it".to_owned(),
        Tried::Refused { message } => {
            format!("yes, the server refuses it: {}", escape_text(message))
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
    let credential = row.credential.as_ref();
    json!({
        "host": row.host,
        "url": row.url,
        "credential": credential.map(|it| it.kind.name()),
        "source": credential.map(|it| it.source.as_str()),
        "until": credential.and_then(|it| it.until).map(|until| until.to_string()),
        "tried": word,
        "user": user,
        "message": message,
    })
}
