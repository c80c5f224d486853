//! `zrel history`: the record's versions, newest first, and what changed between them.

use super::show::observe_record;
use super::workspace::run_for_each;
use crate::cli::args::Format;
use crate::cli::args::history::History;
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::error_mapping;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::Compared;
use crate::engine::Project;
use crate::observed::{Observed, RecordState};
use crate::render::{Detail, encode_history, render_history};

pub(super) fn run(context: &Context, args: &History) -> Result<ExitCode, Failure> {
    run_for_each(context, (&args.members, args.output.format), Compared::Together, |own| {
        show_versions(own, args)
    })
}

/// Shows the versions of one record.
fn show_versions(context: &Context, args: &History) -> Result<ExitCode, Failure> {
    let project = Project::load(context.project_options())?;
    let observed = observe_record(context, &project)?;
    if let RecordState::NotOurs { message } = &observed.record {
        return Err(error_mapping::report_not_ours(message)
            .hint("without a token, the published versions are shown to everybody"));
    }
    let entries = match find_latest_version(&observed) {
        // Without a published version there is no number whose versions could be asked for.
        None => Vec::new(),
        Some(id) => context.runtime.block_on(async {
            let (session, _) = connection::connect_to_read(context, &project).await?;
            let versions = session.read().versions(id).await;
            session.close().await;
            versions.map_err(|error| error_mapping::map_api_error(&error))
        })?,
    };
    let detail = if args.full { Detail::FULL } else { Detail::HISTORY };
    match args.output.format {
        Format::Json => context.put_document(encode_history(&entries)),
        Format::Text if entries.is_empty() => {
            context.terminal.print("No version is published yet.\n");
        }
        Format::Text => context.terminal.print_text(&render_history(&entries, detail)),
    }
    Ok(ExitCode::Done)
}

/// Returns the latest published version.
pub(in crate::cli) fn find_latest_version(observed: &Observed) -> Option<crate::model::RecordId> {
    match &observed.record {
        RecordState::Published(record) => Some(record.id),
        RecordState::Unbound
        | RecordState::Unpublished
        | RecordState::Gone { .. }
        | RecordState::NotPublic { .. }
        | RecordState::NotOurs { .. } => None,
    }
}
