//! `zrel access`: who may see and change the record beside its owner.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::show::observe_record;
use crate::api::MOST_USERS;
use crate::cli::args::Format;
use crate::cli::args::access::Access;
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::error_mapping;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::unpublished::refuse_published_path;
use crate::disk::write_private;
use crate::engine::Project;
use crate::observed::{RecordAccess, RecordState};
use crate::render::{count, encode_access, escape_text, render_access};

pub(super) fn run(context: &Context, args: &Access) -> Result<ExitCode, Failure> {
    let project = Project::load(context.project_options())?;
    if let Some(name) = &args.find {
        return find_users(context, &project, (name, args.output.format));
    }
    // Before anything is asked: a log keeps what is printed there.
    if args.addresses && (args.output.format == Format::Json || !context.terminal.is_for_people()) {
        let message = "--addresses prints secrets, and the output is no terminal";
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("write them into a file that only you can read: --addresses-to FILE"));
    }
    if let Some(path) = &args.addresses_to {
        refuse_published_path(&project, "--addresses-to", path)?;
    }
    let Some(access) = read_access(context, &project)? else {
        return Err(Failure::new(ExitCode::Failed, "there is no record and no draft")
            .hint(format!("make one: {} apply", context.command())));
    };
    let wanted = &project.manifest.sharing.sharing;
    match args.output.format {
        Format::Json => context.put_document(encode_access(&access, wanted)),
        Format::Text => context.terminal.print_text(&render_access(&access, wanted)),
    }
    if args.addresses {
        context.terminal.print(&format!("\n{}", list_addresses(&access)));
    }
    if let Some(path) = &args.addresses_to {
        write_addresses(context, &access, path)?;
    }
    Ok(ExitCode::Done)
}

fn read_access(context: &Context, project: &Project) -> Result<Option<RecordAccess>, Failure> {
    let observed = observe_record(context, project)?;
    if let RecordState::NotOurs { message } = &observed.record {
        let failure = Failure::new(ExitCode::Blocked, "the record belongs to another account");
        return Err(failure.hint(format!("the server says: {}", escape_text(message))));
    }
    context.runtime.block_on(async {
        let session = connection::connect(context, project).await?;
        let access = session.read_access(&observed).await;
        session.close().await;
        Ok(access?)
    })
}

/// Returns the addresses of the secret links, a line each, with the name behind it.
fn list_addresses(access: &RecordAccess) -> String {
    let mut out = String::new();
    for secret in &access.links {
        let name = escape_text(&secret.link.name);
        let address = access.find_address(secret);
        let address = address.as_deref().map(escape_text);
        let address = address.as_deref().unwrap_or("(the server does not show it)");
        let _ = writeln!(out, "{address}  {name}");
    }
    out
}

fn write_addresses(context: &Context, access: &RecordAccess, path: &Path) -> Result<(), Failure> {
    write_private(path, list_addresses(access).as_bytes()).map_err(|error| {
        let message = format!("can't write `{}`: {error}", path.display());
        Failure::new(ExitCode::Failed, message)
    })?;
    let addresses = count(access.links.len(), "address");
    context.terminal.inform(&format!("Wrote {addresses} to {}.", path.display()));
    Ok(())
}

fn find_users(
    context: &Context,
    project: &Project,
    (name, format): (&str, Format),
) -> Result<ExitCode, Failure> {
    let users = context.runtime.block_on(async {
        let session = connection::connect(context, project).await?;
        let users = session.read().find_users(name).await;
        session.close().await;
        users.map_err(|error| error_mapping::map_api_error(&error))
    })?;
    if users.is_empty() {
        let message = format!("no account that is shown to others has `{}`", escape_text(name));
        return Err(Failure::new(ExitCode::Failed, message)
            .hint("an account is found when its profile is public: ask for the number otherwise"));
    }
    match format {
        Format::Json => {
            let users = users.iter().map(|(id, name)| json!({"id": id, "name": name}));
            let users: Vec<Json> = users.collect();
            context.put_document(json!({"format_version": "1.0", "users": users}));
        }
        Format::Text => {
            let lines = users
                .iter()
                .map(|(id, name)| [&escape_text(id), "  ", &escape_text(name), "\n"].concat());
            context.terminal.print(&lines.collect::<String>());
        }
    }
    if users.len() == MOST_USERS {
        context.terminal.say(&format!("The first {MOST_USERS}: write more of the name."));
    }
    Ok(ExitCode::Done)
}
