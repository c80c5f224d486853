//! `zrel discard`: gives back an open draft or edit, after a person saw what is in it.

use crate::cli::approval;
use crate::cli::args::discard::Discard;
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::{Project, Session, discard, find_own_draft, forget_gone_draft};
use crate::model::{OpenDraft, RecordId};
use crate::observed::{Draft, DraftKind, Observed, RecordState};
use crate::render::render_draft;

use super::plan::choose_detail;

pub(super) fn run(context: &Context, args: &Discard) -> Result<ExitCode, Failure> {
    let project = Project::load(context.project_options())?;
    let _one_run = project.run_lock()?;
    let request = project.record_location()?;
    context.runtime.block_on(async {
        let session = connection::connect(context, &project).await?;
        let run = Run { context, project: &project, session: &session, args };
        let done = match session.observe_record(&request).await {
            Ok(observed) => run.discard(&observed, request.draft).await,
            Err(error) => Err(error.into()),
        };
        session.close().await;
        done.map(|()| ExitCode::Done)
    })
}

struct Run<'a> {
    context: &'a Context,
    project: &'a Project,
    session: &'a Session,
    args: &'a Discard,
}

impl Run<'_> {
    async fn discard(&self, observed: &Observed, own: Option<OpenDraft>) -> Result<(), Failure> {
        let asked = self.args.draft.map(RecordId);
        let Some(draft) = find_own_draft(observed, own.map(OpenDraft::id), asked) else {
            return self.forget_or_refuse(observed, own);
        };
        let detail = choose_detail(self.args.full);
        let (terminal, zrel) = (&self.context.terminal, self.context.command());
        terminal.print_text(&render_draft(draft, (&self.project.server, &zrel), detail));
        if !self.args.auto_approve {
            approval::ask_to_discard(self.context, &describe(draft))?;
        }
        discard(self.project, self.session, observed, draft).await?;
        terminal.print_text(&format!("\nDiscarded {}.\n", describe(draft)));
        Ok(())
    }

    /// Forgets zrel's own draft when it is gone; of any other nothing is known.
    fn forget_or_refuse(&self, observed: &Observed, own: Option<OpenDraft>) -> Result<(), Failure> {
        let (zrel, asked) = (self.context.command(), self.args.draft.map(RecordId));
        let is_readable = !matches!(observed.record, RecordState::NotOurs { .. });
        if let Some(own) = own.filter(|own| is_readable && asked.is_none_or(|id| id == own.id())) {
            forget_gone_draft(self.project, observed, own)?;
            let text = format!("Draft {} is gone already, and is forgotten.\n", own.id());
            self.context.terminal.print_text(&text);
            return Ok(());
        }
        let other = observed.draft.as_ref().map(|draft| draft.id);
        let message = match (asked, other) {
            (Some(asked), _) => format!("no draft or edit {asked} of this record is open"),
            (None, Some(other)) => format!("draft {other} is open, and is not known to be zrel's"),
            (None, None) => "no draft is open: there is nothing to discard".to_owned(),
        };
        let failure = Failure::new(ExitCode::Failed, message);
        Err(match other {
            Some(other) => failure.hint(format!("to discard it: {zrel} discard {other}")),
            None => failure,
        })
    }
}

fn describe(draft: &Draft) -> String {
    match draft.kind {
        DraftKind::Edit => format!("the edit of record {}; what is published stays", draft.id),
        DraftKind::NewRecord | DraftKind::NewVersion => format!("draft {}", draft.id),
    }
}
