//! One record that is watched.

use super::waits::{Wait, find_verdict, list_waits, take_decided};
use crate::check::Verdict as PlanVerdict;
use crate::cli::args::Format;
use crate::cli::commands::status::look::{Look, Looker};
use crate::cli::commands::status::show::{encode_status, list_reasons, render_status};
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::notifications::Notifier;
use crate::cli::report::ResultSink;
use crate::cli::review_messages::{Decision, Verdict};
use crate::engine::{Project, note_release_of_draft, settle_empty};
use crate::observed::View;
use crate::render::escape_text;

/// A record, and the decisions about it that are waited for.
pub(super) struct Watched<'a> {
    context: &'a Context,
    format: Format,
    looker: Looker<'a>,
    look: Look,
    waits: Vec<Wait>,
    /// Whether something was decided that neither lock nor receipt has yet.
    is_unrecorded: bool,
}

impl<'a> Watched<'a> {
    /// Looks at a record, and shows its state.
    ///
    /// # Errors
    /// A [`Failure`] when it can't be read, and when decisions about it can't be seen.
    pub(super) fn begin(context: &'a Context, format: Format) -> Result<Self, Failure> {
        let looker = Looker::new(context)?;
        let look = looker.look()?;
        let waits = list_waits(&look);
        if format == Format::Text {
            let text = render_status(&looker.inputs, &look.observed, &look.checked);
            context.terminal.print_text(&text);
            if waits.is_empty() {
                context.terminal.print("Nothing is waited for.\n");
            }
        }
        if !waits.is_empty() && look.observed.view == View::Public {
            let message =
                "requests to communities are not public, and there is no token to see them";
            return Err(Failure::new(ExitCode::Credentials, message)
                .hint("give zrel one with `zrel auth login`"));
        }
        // An earlier apply may have submitted what is published now.
        let is_unrecorded =
            looker.inputs.unfinished_run.is_some() && look.observed.view == View::Owner;
        let mut watched = Self { context, format, looker, look, waits, is_unrecorded };
        watched.record()?;
        Ok(watched)
    }

    /// Returns whether it is to be looked at again.
    pub(super) fn is_open(&self) -> bool {
        self.is_unrecorded || !self.waits.is_empty() && !self.look.is_declined()
    }

    /// Returns the names of those whose decisions are waited for.
    pub(super) fn list_names(&self) -> impl Iterator<Item = String> {
        self.waits.iter().map(|wait| match &wait.community {
            Some(slug) => format!("`{}`", escape_text(&slug.0)),
            None => "a community".to_owned(),
        })
    }

    /// Looks again, says what was decided, and records it. A server that is out of reach is asked the
    /// next time.
    ///
    /// # Errors
    /// A [`Failure`] when looking again does not help.
    pub(super) fn look_again(&mut self) -> Result<(), Failure> {
        self.record()?;
        if self.waits.is_empty() {
            return Ok(());
        }
        let Some(now) = self.look_for_decisions()? else { return Ok(()) };
        self.look = now;
        for wait in take_decided(&mut self.waits, &self.look) {
            self.report(&wait);
            // At once: another decision may come late, or not at all.
            self.is_unrecorded = true;
        }
        self.record()
    }

    /// Says how it ended.
    pub(super) fn end(&self) -> ExitCode {
        let Self { context, looker, look, .. } = self;
        if self.format == Format::Text && look.is_declined() {
            context.terminal.print_text(&list_reasons(&look.checked));
        }
        if self.format == Format::Json {
            context.put_document(encode_status(&looker.inputs, &look.observed, &look.checked));
        }
        look.choose_code()
    }

    /// Looks once more, and again where a request seems to be cancelled: the reads of one look come
    /// one after the other, and an acceptance between two of them looks like it.
    fn look_for_decisions(&self) -> Result<Option<Look>, Failure> {
        let Some(look) = self.look_once_more()? else { return Ok(None) };
        let open = list_waits(&look);
        let is_cancelled =
            |wait: &Wait| !wait.is_open(&open) && find_verdict(&look, wait) == Verdict::Cancelled;
        if self.waits.iter().any(is_cancelled) { self.look_once_more() } else { Ok(Some(look)) }
    }

    /// Looks once more; none where the server can't be asked just now.
    fn look_once_more(&self) -> Result<Option<Look>, Failure> {
        match self.looker.look() {
            Ok(look) => Ok(Some(look)),
            // A review takes days, in which a server is out of reach now and then.
            Err(failure) if is_passing(&failure) => {
                self.say_later(&failure);
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    fn say_later(&self, failure: &Failure) {
        let message = escape_text(&failure.message);
        self.context.terminal.say(&format!("{message}; looking again later"));
    }

    /// Says what was decided, here and on the manifest's channels.
    fn report(&self, wait: &Wait) {
        let Self { context, looker, look, .. } = self;
        let decision = Decision {
            community: wait.community.clone(),
            draft: wait.draft,
            verdict: find_verdict(look, wait),
        };
        if self.format == Format::Text {
            context.terminal.print(&format!("{}\n", decision.describe()));
        }
        let notifier = Notifier::new(context, &looker.project);
        let due = notifier.decided(&decision, look.observed.published(), look.checked.plan());
        context.runtime.block_on(notifier.send(due));
    }

    /// Records what was decided, if something was; a server that is out of reach is asked the next
    /// time.
    fn record(&mut self) -> Result<(), Failure> {
        if !self.is_unrecorded {
            return Ok(());
        }
        match record_release(self.context, self.format) {
            Err(failure) if is_passing(&failure) => self.say_later(&failure),
            outcome => {
                self.is_unrecorded = false;
                return outcome;
            }
        }
        Ok(())
    }
}

/// Returns whether a server may answer the next time.
fn is_passing(failure: &Failure) -> bool {
    matches!(failure.code, ExitCode::Unavailable | ExitCode::Busy)
}

/// Writes into the lock what was published by an acceptance, and sends the message about it. Another
/// run may have written the lock meanwhile, so everything is read again.
fn record_release(context: &Context, format: Format) -> Result<(), Failure> {
    let project = Project::load(context.project_options())?;
    let Ok(_one_run) = project.run_lock() else {
        context.terminal.say("Another zrel runs here: it records what was decided.");
        return Ok(());
    };
    let mut looker = Looker::new(context)?;
    let Look { observed, checked, .. } = looker.look()?;
    if observed.published().is_none() {
        return Ok(());
    }
    let noted = note_release_of_draft(&looker.project, &mut looker.inputs, &observed)?;
    if let Some(record) = noted {
        let place = (context, &looker.project);
        ResultSink::offering(place, &looker.inputs, format).tell_accepted(record);
    }
    let record = observed.published().cloned();
    if checked.plan().is_empty() {
        settle_empty(&looker.project, &mut looker.inputs, observed, &checked)?;
    }
    let notifier = Notifier::new(context, &looker.project);
    let due = notifier.settled(record.as_ref(), checked.plan());
    context.runtime.block_on(notifier.send(due));
    // The manifest may have been changed since: then only `zrel plan` says what is to be done.
    if !checked.plan().steps.is_empty() && checked.verdict() != PlanVerdict::Blocked {
        context.terminal.say("`zrel apply` does what is left.");
    }
    Ok(())
}
