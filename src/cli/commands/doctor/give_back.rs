//! Drafts that no call mends, and that only a person may discard: what is in them is somebody's work,
//! or has a DOI that leads nowhere afterwards.

use crate::api::{Backend, name_discard};
use crate::check::Checked;
use crate::cli::args::discard::Discard;
use crate::cli::commands::discard::show_and_discard;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::doctor::{Examination, Examined, Trouble};
use crate::engine::{Project, Session};
use crate::model::RecordId;
use crate::observed::DraftKind;
use crate::plan::{Blocker, Readers};

/// A draft that stands in the way until it is discarded, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GivenBack {
    /// The draft; for an edit: the record.
    pub(super) id: RecordId,
    /// Why.
    pub(super) why: String,
    /// Whether it is another client's, so that it can be continued instead.
    pub(super) is_foreign: bool,
}

/// Lists the drafts whose DOI the server holds although all calls were made, those whose DOI no call
/// changes, and those of other clients that block the plan.
pub(super) fn list_given_back(
    (examination, held): (&Examination, &[RecordId]),
    checked: Option<&Checked>,
) -> Vec<GivenBack> {
    let mut all: Vec<GivenBack> = Vec::new();
    for Examined { draft, troubles } in &examination.drafts {
        let id = draft.id;
        let is_stuck = troubles.iter().any(|trouble| match trouble {
            Trouble::LostDoi(_) => held.contains(&id),
            Trouble::PoisonedDoi => draft.kind != DraftKind::Edit,
            Trouble::UncommittedFiles(_)
            | Trouble::EmptyDoi
            | Trouble::ExpiredFiles(_)
            | Trouble::UnderReview
            | Trouble::Declined => false,
        });
        if is_stuck {
            let why = format!("No call puts the DOI of draft {id} in order");
            all.push(GivenBack { id, why, is_foreign: false });
        }
    }
    for blocker in checked.into_iter().flat_map(|checked| &checked.plan().blockers) {
        let Blocker::ForeignDraft { draft, is_edit, .. } = blocker else { continue };
        let what = if *is_edit { "The edit of record" } else { "Draft" };
        let why = format!("{what} {draft} is not zrel's, and the plan needs that place");
        if all.iter().all(|known| known.id != *draft) {
            all.push(GivenBack { id: *draft, why, is_foreign: true });
        }
    }
    all
}

/// Shows a draft, asks a person, and discards it. `--auto-approve` is no answer: who gave it did not
/// see what is in the draft.
///
/// # Errors
/// A [`Failure`] with code 13 when it is not confirmed, and that of a call that fails.
pub(super) async fn offer_discard(
    context: &Context,
    (project, session): (&Project, &Session),
    given_back: &GivenBack,
) -> Result<(), Failure> {
    let GivenBack { id, why, is_foreign } = given_back;
    // It is known by now: the draft was read by it.
    let backend = session.read().known_backend().unwrap_or(Backend::Deposit);
    context.terminal.say(&format!("{why}. To discard it:\n  {}", name_discard(*id, backend)));
    // Nobody answers in a public log, where what is in the draft may be secret.
    if environment::choose_readers() == Readers::Everybody {
        return Err(refuse_hidden(context, given_back));
    }
    let args = Discard { draft: Some(id.0), auto_approve: false, dead_doi: None, full: false };
    let done = show_and_discard(context, (project, session), &args).await;
    done.map_err(|failure| {
        if failure.code != ExitCode::Confirmation {
            return failure;
        }
        // Calls about other drafts may have been made before.
        let failure = Failure { message: describe_left(*id), ..failure };
        if *is_foreign { failure.hint(hint_adopt(context, *id)) } else { failure }
    })
}

fn describe_left(id: RecordId) -> String {
    format!("draft or edit {id} was not discarded: that is for a person to decide")
}

fn hint_adopt(context: &Context, id: RecordId) -> String {
    format!("or continue it: {} apply --adopt-draft {id}", context.command())
}

/// Returns the failure for a draft that is not shown.
fn refuse_hidden(context: &Context, GivenBack { id, is_foreign, .. }: &GivenBack) -> Failure {
    let failure = Failure::new(ExitCode::Confirmation, describe_left(*id)).hint(format!(
        "look at it where the log is not public, with `{} discard {id}`",
        context.command()
    ));
    if *is_foreign { failure.hint(hint_adopt(context, *id)) } else { failure }
}
