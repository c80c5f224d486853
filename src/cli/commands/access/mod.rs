//! `zrel access`: who may see and change the record beside its owner.

mod addresses;

use std::cell::RefCell;

use serde_json::{Value as Json, json};

use self::addresses::{check_addresses, check_target, list_addresses, write_addresses};
use super::show::observe_record;
use super::workspace::run_for_each;
use crate::api::{ApiError, MOST_USERS};
use crate::cli::args::Format;
use crate::cli::args::access::Access;
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::error_mapping;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::{Compared, select};
use crate::engine::{EngineError, Project};
use crate::observed::{RecordAccess, RecordState};
use crate::render::{encode_access, escape_text, render_access};

pub(super) fn run(context: &Context, args: &Access) -> Result<ExitCode, Failure> {
    if let Some(name) = &args.find {
        return find(context, args, name);
    }
    if let Some(path) = &args.addresses_to {
        check_target(context, path)?;
    }
    let addresses = RefCell::new(String::new());
    let members = (&args.members, args.output.format);
    let code = run_for_each(context, members, Compared::Together, |own| {
        let list = show_access(own, args)?;
        addresses.borrow_mut().push_str(&list);
        Ok(ExitCode::Done)
    })?;
    match &args.addresses_to {
        Some(path) if code == ExitCode::Done => {
            write_addresses(&context.terminal, &addresses.into_inner(), path)?;
        }
        // A list of only some of them would replace one of all.
        Some(path) => context.terminal.say(&format!("{} is left as it is.", path.display())),
        None => {}
    }
    Ok(code)
}

/// Shows who has access to one record, and returns the addresses of its secret links.
fn show_access(context: &Context, args: &Access) -> Result<String, Failure> {
    let project = Project::load(context.project_options())?;
    // Before anything is asked.
    check_addresses(&context.terminal, &project, args)?;
    let Some(access) = read_access(context, &project)? else {
        return Err(Failure::new(ExitCode::Failed, "there is no record and no draft")
            .hint(format!("make one: {} apply", context.command())));
    };
    let wanted = &project.manifest.sharing.sharing;
    match args.output.format {
        Format::Json => context.put_document(encode_access(&access, wanted)),
        Format::Text => context.terminal.print_text(&render_access(&access, wanted)),
    }
    let addresses = list_addresses(&access);
    if args.addresses {
        context.terminal.print(&format!("\n{addresses}"));
    }
    Ok(addresses)
}

fn read_access(context: &Context, project: &Project) -> Result<Option<RecordAccess>, Failure> {
    let observed = observe_record(context, project)?;
    if let RecordState::NotOurs { message } = &observed.record {
        return Err(error_mapping::report_not_ours(message));
    }
    context.runtime.block_on(async {
        let session = connection::connect(context, project).await?;
        let access = session.read_access(&observed).await;
        session.close().await;
        access.map_err(|error| {
            if let EngineError::Api(refusal) = &error
                && refusal.is_forbidden()
            {
                return report_forbidden(refusal);
            }
            Failure::from(error)
        })
    })
}

/// Reports that the token is of somebody who may release, and not share.
fn report_forbidden(error: &ApiError) -> Failure {
    let message = format!("who has access can't be read with this token: {error}");
    Failure::new(ExitCode::Blocked, message)
        .hint("use a token of the owner, or of somebody with the grant `manage`")
}

/// Finds accounts on the server of the record, or of the workspace's first member.
fn find(context: &Context, args: &Access, name: &str) -> Result<ExitCode, Failure> {
    let find_here = |own: &Context| {
        let project = Project::load(own.project_options())?;
        find_users(own, &project, (name, args.output.format))
    };
    let Some(selection) = select(context, &args.members)? else { return find_here(context) };
    selection.run(context, |selection| {
        let contexts = selection.contexts(context, Compared::Together);
        contexts.first().map_or(Ok(ExitCode::Done), |(_, own)| find_here(own))
    })
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
