//! `zrel discard`: gives back an open draft or edit, after a person saw what is in it.

use crate::cli::approval;
use crate::cli::args::discard::Discard;
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::error_mapping;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::{
    Carriers, EngineError, Project, Session, discard, find_carriers, find_draft_doi,
    find_own_draft, forget_gone_draft,
};
use crate::model::{Doi, OpenDraft, RecordId};
use crate::observed::{Deposition, Draft, DraftKind, Observed, RecordState, ReviewStatus};
use crate::refresh::RefreshRequest;
use crate::render::{describe_review, escape_text, render_draft};
use crate::write_back::WrittenFile;

use super::plan::choose_detail;

pub(super) fn run(context: &Context, args: &Discard) -> Result<ExitCode, Failure> {
    let project = Project::load(context.project_options())?;
    let _one_run = project.run_lock()?;
    context.runtime.block_on(async {
        let session = connection::connect(context, &project).await?;
        let done = show_and_discard(context, (&project, &session), args).await;
        session.close().await;
        done.map(|()| ExitCode::Done)
    })
}

/// Shows what is in the draft, asks, and discards it. The caller holds the project's run lock.
///
/// # Errors
/// A [`Failure`]: with code 13 when it is not confirmed, otherwise when it can't be done.
pub(super) async fn show_and_discard(
    context: &Context,
    (project, session): (&Project, &Session),
    args: &Discard,
) -> Result<(), Failure> {
    let location = project.record_location()?;
    let own = location.draft;
    let request = RefreshRequest { draft: choose_draft(args, &location), ..location };
    let run = Run { context, project, session, args };
    run.discard(&session.observe_record(&request).await?, own).await
}

/// Returns the draft to look for: by the record's number an edit, otherwise a draft.
fn choose_draft(args: &Discard, location: &RefreshRequest) -> Option<OpenDraft> {
    let Some(asked) = args.draft.map(RecordId) else { return location.draft };
    let is_edit = location.last == Some(asked);
    Some(if is_edit { OpenDraft::Edit(asked) } else { OpenDraft::Version(asked) })
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
            return self.forget_or_refuse(observed, own).await;
        };
        let detail = choose_detail(self.args.full);
        let (terminal, zrel) = (&self.context.terminal, self.context.command());
        terminal.print_text(&render_draft(draft, (&self.project.server, &zrel), detail));
        self.confirm(observed, draft).await?;
        let discarded = discard(self.project, self.session, observed, draft).await;
        discarded.map_err(|error| hint_at_review(error.into(), draft))?;
        terminal.print_text(&format!("\nDiscarded {}.\n", describe(draft)));
        self.warn_of_files(draft);
        Ok(())
    }

    /// Asks a person, and for the DOI itself where others carry it.
    async fn confirm(&self, observed: &Observed, draft: &Draft) -> Result<(), Failure> {
        let doi = find_draft_doi(self.project, draft);
        let is_dead = self.read_dead_doi(doi.as_ref())?;
        let carriers = find_carriers(self.project, self.session, observed, draft).await?;
        if let Some(doi) = doi.filter(|_| !carriers.is_empty()) {
            let text = format!("\n{}\n", describe_carriers(&doi, &carriers));
            self.context.terminal.print_text(&text);
            if is_dead {
                return Ok(());
            }
            let flags = (self.args.draft, self.args.auto_approve);
            return approval::ask_for_dead_doi(self.context, &doi, flags);
        }
        if self.args.auto_approve || is_dead {
            return Ok(());
        }
        approval::ask_to_discard(self.context, &describe(draft), self.args.draft)
    }

    /// Returns whether a person named the DOI that leads nowhere from then on.
    fn read_dead_doi(&self, doi: Option<&Doi>) -> Result<bool, Failure> {
        let Some(given) = &self.args.dead_doi else { return Ok(false) };
        if doi.is_some_and(|doi| doi.as_str().eq_ignore_ascii_case(given)) {
            return Ok(true);
        }
        let given = escape_text(given);
        let message = format!("--dead-doi {given} is not the DOI of the draft; nothing was sent");
        let failure = Failure::new(ExitCode::Usage, message);
        Err(match doi {
            Some(doi) => failure.hint(format!("the draft has {doi}")),
            None => failure.hint("leave it out: no DOI is given up with this draft"),
        })
    }

    /// Says which files have the DOI that was given back.
    fn warn_of_files(&self, draft: &Draft) {
        let doi = self.project.server.mint_doi(draft.id.0);
        // What is discarded is discarded, whether or not the files can be read.
        let Some((doi, inventory)) = doi.zip(self.project.texts().ok()) else { return };
        let has_doi = |file: &&WrittenFile| file.list_dois().iter().any(|it| it == doi.as_str());
        let files: Vec<String> = inventory
            .written
            .iter()
            .filter(has_doi)
            .map(|file| format!("`{}`", escape_text(&file.path)))
            .collect();
        if !files.is_empty() {
            let line = format!(
                "note: {} still {} {doi}, which leads nowhere now; `{zrel} reserve` and `{zrel} \
                 write` put another one in",
                files.join(", "),
                if files.len() == 1 { "names" } else { "name" },
                zrel = self.context.command()
            );
            self.context.terminal.say(&line);
        }
    }

    /// Forgets zrel's own draft when it is gone; of any other nothing is known.
    async fn forget_or_refuse(
        &self,
        observed: &Observed,
        own: Option<OpenDraft>,
    ) -> Result<(), Failure> {
        let asked = self.args.draft.map(RecordId);
        if let RecordState::NotOurs { message } = &observed.record {
            return Err(error_mapping::report_not_ours(message));
        }
        if let Some(own) = own.filter(|own| asked.is_none_or(|id| id == own.id())) {
            self.require_gone(own).await?;
            forget_gone_draft(self.project, observed, own)?;
            let text = format!("Draft {} is gone already, and is forgotten.\n", own.id());
            self.context.terminal.print_text(&text);
            return Ok(());
        }
        Err(self.refuse_unknown(observed))
    }

    /// Returns the failure for a draft that is not there, or that is not zrel's and was not named.
    fn refuse_unknown(&self, observed: &Observed) -> Failure {
        let (zrel, asked) = (self.context.command(), self.args.draft.map(RecordId));
        let other = observed.draft.as_ref().map(|draft| draft.id);
        let message = match (asked, other) {
            (Some(asked), _) => format!("no draft or edit {asked} of this record is open"),
            (None, Some(other)) if observed.published().is_some_and(|it| it.id == other) => {
                format!("record {other} is being edited, and the edit is not known to be zrel's")
            }
            (None, Some(other)) => format!("draft {other} is open, and is not known to be zrel's"),
            (None, None) => "no draft is open: there is nothing to discard".to_owned(),
        };
        let failure = Failure::new(ExitCode::Failed, message);
        match other.filter(|_| asked.is_none()) {
            Some(other) => failure.hint(format!("to discard it: {zrel} discard {other}")),
            None => failure,
        }
    }

    /// Checks that a draft is gone: one that was published is public for good.
    async fn require_gone(&self, own: OpenDraft) -> Result<(), Failure> {
        let OpenDraft::Version(id) = own else { return Ok(()) };
        match self.session.read().deposition(id).await {
            Ok(Deposition::Published(record)) => {
                let doi = record.doi.map(|doi| format!(", as {doi}")).unwrap_or_default();
                let message = format!("draft {id} was published{doi}");
                Err(Failure::new(ExitCode::Failed, message).hint(format!(
                    "a published record can't be given back; `{} apply` notes it in the lock",
                    self.context.command()
                )))
            }
            Ok(Deposition::Open(_)) => {
                let message = format!("draft {id} is open, and the record does not show it");
                Err(Failure::new(ExitCode::Unavailable, message)
                    .hint("run this again in a few seconds"))
            }
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(EngineError::Api(error).into()),
        }
    }
}

/// Adds what to do about a draft that a community reviews: the server discards none.
fn hint_at_review(failure: Failure, draft: &Draft) -> Failure {
    let reviewed = draft.review.as_ref().filter(|review| review.status == ReviewStatus::Open);
    match reviewed {
        Some(review) => failure.hint(format!(
            "{}: cancel the review on the draft's page first, or wait for the curators",
            describe_review(review)
        )),
        None => failure,
    }
}

/// Says who carries the DOI.
fn describe_carriers(doi: &Doi, carriers: &Carriers) -> String {
    let Carriers { files, members } = carriers;
    let members = members
        .iter()
        .map(|(key, own)| format!("  {} ({own}) links to it, and is published", escape_text(key)));
    let files = files.iter().map(|path| format!("  {} names it", escape_text(path)));
    let lines: Vec<String> = members.chain(files).collect();
    format!("! {doi} leads nowhere, for good, once the draft is discarded:\n{}", lines.join("\n"))
}

fn describe(draft: &Draft) -> String {
    match draft.kind {
        DraftKind::Edit => format!("the edit of record {}; what is published stays", draft.id),
        DraftKind::NewRecord | DraftKind::NewVersion => format!("draft {}", draft.id),
    }
}
