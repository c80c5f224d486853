//! What another client of the same account does in between, by the web form.

use jiff::Timestamp;
use serde_json::Value;

use crate::local::faults::ConcurrentAction;
use crate::local::new_id::new_id;
use crate::local::state::drafts;
use crate::local::state::files::{self, IfThere};
use crate::local::state::publish;
use crate::local::state::refusal::Refusal;
use crate::local::state::request_actions;
use crate::local::state::requests::{self, RequestAction};
use crate::local::state::types::{Content, Recid, UserId};
use crate::local::state::{Moment, State};

/// The file that the other client uploads.
const FILE: &str = "other.txt";

/// Does what the other client does.
///
/// # Errors
/// [`Refusal`] when there is nothing to do it to; the caller then has to take the state back.
pub(super) fn act(
    other: ConcurrentAction,
    state: &mut State,
    user: UserId,
    now: Timestamp,
    content: Content,
) -> Result<(), Refusal> {
    let mut moment = Moment { now, new_id: &mut new_id };
    match other {
        ConcurrentAction::EditsDraft => edit_draft(state, user, content, &mut moment),
        ConcurrentAction::OpensVersion => {
            open_version(state, user, &mut moment)?;
            Ok(())
        }
        ConcurrentAction::Publishes => publish_something(state, user, content, &mut moment),
        ConcurrentAction::ModifiesFiles => {
            let id = find_latest_record(state, user).ok_or_else(Refusal::not_found)?;
            files::modify_published(state, id, FILE, content, &moment)
        }
        ConcurrentAction::LosesDoi => {
            let id = find_newest_draft(state, user).ok_or_else(Refusal::not_found)?;
            drafts::lose_doi(state, id, &moment)
        }
        ConcurrentAction::AcceptsReview => accept_review(state, user, &mut moment),
    }
}

/// Changes the newest draft or edit.
fn edit_draft(
    state: &mut State,
    user: UserId,
    content: Content,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let id = find_newest_draft(state, user).ok_or_else(Refusal::not_found)?;
    // The files of a published record can't change, also while it is edited.
    if !state.is_published(id) {
        files::put(state, id, FILE, content, IfThere::Replace, moment)?;
    }
    let draft = state.draft_mut(id)?;
    let title = Value::from("Changed by another client");
    draft.version.metadata.insert("title".to_owned(), title);
    drafts::touch(&mut draft.version, moment);
    Ok(())
}

fn open_version(
    state: &mut State,
    user: UserId,
    moment: &mut Moment<'_>,
) -> Result<Recid, Refusal> {
    let latest = find_latest_record(state, user).ok_or_else(Refusal::not_found)?;
    let concept = state.concept_of(&state.public_record(Some(user), latest)?.version)?;
    // Nothing to open: the fault would not change anything, and must not count as one that did.
    if concept.next_draft.is_some() {
        return Err(Refusal::not_found());
    }
    let draft = drafts::open_new_version(state, Some(user), latest, moment)?;
    files::import(state, draft, moment)?;
    Ok(draft)
}

fn publish_something(
    state: &mut State,
    user: UserId,
    content: Content,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    // The draft that the client under test works on is the one to lose a race for.
    if let Some(open) = find_newest_draft(state, user) {
        return publish::publish(state, user, open, moment);
    }
    let draft = open_version(state, user, moment)?;
    files::put(state, draft, FILE, content, IfThere::Replace, moment)?;
    let metadata = &mut state.draft_mut(draft)?.version.metadata;
    metadata.insert("version".to_owned(), Value::from("by another client"));
    publish::publish(state, user, draft, moment)
}

fn accept_review(state: &mut State, user: UserId, moment: &mut Moment<'_>) -> Result<(), Refusal> {
    let draft = find_newest_draft(state, user).ok_or_else(Refusal::not_found)?;
    let concept = state.draft_mut(draft)?.version.concept;
    let review = requests::find_open_review(state, concept).ok_or_else(Refusal::not_found)?;
    let community = review.community.as_ref().and_then(|id| state.communities.get(id));
    let curator = community.ok_or_else(Refusal::not_found)?.owner;
    let id = review.id.clone();
    request_actions::act(state, Some(curator), &id, RequestAction::Accept, moment)
}

fn find_newest_draft(state: &State, user: UserId) -> Option<Recid> {
    let own = |id: &Recid| {
        let draft = state.drafts.get(id);
        draft.is_some_and(|draft| state.owns(Some(user), &draft.version))
    };
    // Numbers grow with time, so the highest is the newest.
    state.drafts.values().map(|draft| draft.version.id).filter(own).max()
}

fn find_latest_record(state: &State, user: UserId) -> Option<Recid> {
    let owned = state.records.values().filter(|record| state.owns(Some(user), &record.version));
    owned.filter(|record| state.is_latest(&record.version)).map(|record| record.version.id).max()
}
