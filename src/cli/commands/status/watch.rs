//! `zrel status --watch`: until the communities that were asked have decided.

use std::time::Duration;

use super::look::{Look, Looker};
use super::show::{encode_status, list_reasons, render_status};
use crate::cli::args::Format;
use crate::cli::args::status::Status;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::notifications::Notifier;
use crate::cli::report::ResultSink;
use crate::cli::review_messages::{Decision, Verdict};
use crate::engine::{Project, note_release_of_draft, settle_empty};
use crate::model::{Community, RecordId};
use crate::observed::{CommunityStatus, ReviewStatus, View};
use crate::plan::CommunityOrigin;
use crate::render::escape_text;

/// A decision that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wait {
    /// Who decides; none for a review of which the server does not say whose it is.
    community: Option<Community>,
    /// The draft that is reviewed; none for a request about a published record.
    draft: Option<RecordId>,
}

impl Wait {
    /// Returns whether both wait for the same decision.
    fn is_same(&self, other: &Self) -> bool {
        match (self.draft, other.draft) {
            // A look in the moment of the decision no longer says whose review it was.
            (Some(draft), Some(other)) => draft == other,
            (None, None) => self.community == other.community,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Returns whether nothing is decided yet.
    fn is_open(&self, open: &[Self]) -> bool {
        open.iter().any(|other| self.is_same(other))
    }
}

/// Shows the state of one record, and waits until no decision is open.
pub(super) fn watch(context: &Context, args: &Status) -> Result<ExitCode, Failure> {
    let looker = Looker::new(context)?;
    let mut look = looker.look()?;
    let is_text = args.output.format == Format::Text;
    if is_text {
        context.terminal.print_text(&render_status(&looker.inputs, &look.observed, &look.checked));
    }
    let mut waits = list_waits(&look);
    if waits.is_empty() && is_text {
        context.terminal.print("Nothing is waited for.\n");
    }
    if !waits.is_empty() && look.observed.view == View::Public {
        let message = "requests to communities are not public, and there is no token to see them";
        return Err(Failure::new(ExitCode::Credentials, message)
            .hint("give zrel one with `zrel auth login`"));
    }
    // An earlier apply may have submitted what is published now.
    if looker.inputs.unfinished_run.is_some() && look.observed.view == View::Owner {
        record_release(context, args)?;
    }
    while !waits.is_empty() && !look.is_declined() {
        say_waits(context, &waits, args.interval);
        if !pause(context, Duration::from_secs(args.interval)) {
            let message = "the time of the run is over, and a community has not decided yet";
            return Err(Failure::new(ExitCode::Waiting, message));
        }
        let Some(now) = look_for_decisions(context, &looker, &waits)? else { continue };
        look = now;
        let decided = take_decided(&mut waits, &look);
        for wait in &decided {
            report(context, &looker, (&look, wait), is_text);
        }
        // At once: another decision may come late, or not at all.
        if !decided.is_empty() {
            record_release(context, args)?;
        }
    }
    let code = look.choose_code();
    if is_text && look.is_declined() {
        context.terminal.print_text(&list_reasons(&look.checked));
    }
    if args.output.format == Format::Json {
        context.put_document(encode_status(&looker.inputs, &look.observed, &look.checked));
    }
    Ok(code)
}

/// Says whose decisions are waited for.
fn say_waits(context: &Context, waits: &[Wait], interval: u64) {
    let names = waits.iter().map(|wait| match &wait.community {
        Some(slug) => format!("`{}`", escape_text(&slug.0)),
        None => "a community".to_owned(),
    });
    let names = names.collect::<Vec<_>>().join(", ");
    context.terminal.inform(&format!("Waiting for {names}: looking again in {interval} s."));
}

/// Waits for a while; returns whether there is time left.
fn pause(context: &Context, interval: Duration) -> bool {
    let deadline = &context.time().1;
    context.runtime.block_on(deadline.sleep(interval));
    !deadline.is_over()
}

/// Looks once more, and again where a request seems to be cancelled: the reads of one look come one
/// after the other, and an acceptance between two of them looks like it.
fn look_for_decisions(
    context: &Context,
    looker: &Looker<'_>,
    waits: &[Wait],
) -> Result<Option<Look>, Failure> {
    let Some(look) = look_again(context, looker)? else { return Ok(None) };
    let open = list_waits(&look);
    let is_cancelled =
        |wait: &Wait| !wait.is_open(&open) && find_verdict(&look, wait) == Verdict::Cancelled;
    if waits.iter().any(is_cancelled) { look_again(context, looker) } else { Ok(Some(look)) }
}

/// Takes away what is decided, adds what is asked newly, and returns what was decided.
fn take_decided(waits: &mut Vec<Wait>, look: &Look) -> Vec<Wait> {
    let open = list_waits(look);
    let (still, decided) = waits.drain(..).partition(|wait| wait.is_open(&open));
    *waits = still;
    let new: Vec<Wait> = open.into_iter().filter(|wait| !wait.is_open(waits)).collect();
    waits.extend(new);
    decided
}

/// Looks once more; none where the server can't be asked just now.
fn look_again(context: &Context, looker: &Looker<'_>) -> Result<Option<Look>, Failure> {
    match looker.look() {
        Ok(look) => Ok(Some(look)),
        // A review takes days, in which a server is out of reach now and then.
        Err(failure) if is_passing(&failure) => {
            say_later(context, &failure);
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// Returns whether a server may answer the next time.
fn is_passing(failure: &Failure) -> bool {
    matches!(failure.code, ExitCode::Unavailable | ExitCode::Busy)
}

fn say_later(context: &Context, failure: &Failure) {
    context.terminal.say(&format!("{}; looking again later", escape_text(&failure.message)));
}

/// Returns the decisions that are open about what the manifest names.
fn list_waits(look: &Look) -> Vec<Wait> {
    let draft = look.observed.draft.as_ref();
    let review = draft.and_then(|draft| Some((draft.id, draft.review.as_ref()?)));
    let review = review.filter(|(_, review)| review.status == ReviewStatus::Open);
    let reviewer = review.and_then(|(_, review)| review.community.clone());
    let review = review
        .map(|(draft, review)| Wait { community: review.community.clone(), draft: Some(draft) });
    let asked = look.checked.plan().communities.iter().filter(|one| {
        one.origin == CommunityOrigin::Manifest
            && one.status == Some(CommunityStatus::Pending)
            && Some(&one.community) != reviewer.as_ref()
    });
    let asked = asked.map(|one| Wait { community: Some(one.community.clone()), draft: None });
    review.into_iter().chain(asked).collect()
}

/// Says what was decided, here and on the manifest's channels.
fn report(context: &Context, looker: &Looker<'_>, (look, wait): (&Look, &Wait), is_text: bool) {
    let decision = Decision {
        community: wait.community.clone(),
        draft: wait.draft,
        verdict: find_verdict(look, wait),
    };
    if is_text {
        context.terminal.print(&format!("{}\n", decision.describe()));
    }
    let notifier = Notifier::new(context, &looker.project);
    let due = notifier.decided(&decision, look.observed.published(), look.checked.plan());
    context.runtime.block_on(notifier.send(due));
}

fn find_verdict(look: &Look, wait: &Wait) -> Verdict {
    if let Some(draft) = wait.draft {
        let is_published = look.observed.published().is_some_and(|record| record.id == draft);
        let open = look.observed.draft.as_ref().filter(|open| open.id == draft);
        let review = open.and_then(|open| open.review.as_ref()).map(|review| review.status);
        return match review {
            _ if is_published => Verdict::Accepted,
            Some(ReviewStatus::Declined) => Verdict::Declined,
            Some(ReviewStatus::Chosen | ReviewStatus::Open) | None => Verdict::Cancelled,
        };
    }
    let community = wait.community.as_ref();
    match community.and_then(|community| look.observed.find_status(community)) {
        Some(CommunityStatus::Joined) => Verdict::Accepted,
        Some(CommunityStatus::Declined) => Verdict::Declined,
        Some(
            CommunityStatus::Pending
            | CommunityStatus::Left
            | CommunityStatus::Withdrawn
            | CommunityStatus::Closed,
        )
        | None => Verdict::Cancelled,
    }
}

/// Records what was decided, now or when the server answers again.
fn record_release(context: &Context, args: &Status) -> Result<(), Failure> {
    loop {
        match try_to_record(context, args.output.format) {
            Err(failure) if is_passing(&failure) => {
                say_later(context, &failure);
                if !pause(context, Duration::from_secs(args.interval)) {
                    return Err(failure);
                }
            }
            outcome => return outcome,
        }
    }
}

/// Writes into the lock what was published by an acceptance, and sends the message about it. Another
/// run may have written the lock meanwhile, so everything is read again.
fn try_to_record(context: &Context, format: Format) -> Result<(), Failure> {
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
    if !checked.plan().steps.is_empty() {
        context.terminal.say("`zrel apply` does what is left.");
    }
    Ok(())
}
