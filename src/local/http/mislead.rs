//! Answers that look valid but are not what was asked for: about something else, or with an entry
//! that no client can read.

use http::Method;
use http::request::Parts;
use serde_json::{Value, json};

use super::answer::{Answer, Body};
use super::app::AppState;
use super::call::Call;
use super::dispatch::dispatch;
use super::fault_effects::{Answered, Damage};
use super::fault_injection::write_other_content;
use crate::local::body::HttpBody;
use crate::local::faults::{MixUp, Unreadable};
use crate::local::new_id::new_id;
use crate::local::serializers::deposit_in;
use crate::local::state::drafts::{self, Origin};
use crate::local::state::files::{self, IfThere};
use crate::local::state::publish;
use crate::local::state::refusal::Refusal;
use crate::local::state::types::{Content, Recid, UserId, Version};
use crate::local::state::{Moment, State};

use std::sync::Arc;

/// What an answer is about.
#[derive(Debug, Clone, Copy)]
struct About {
    id: Recid,
    concept: Recid,
    is_draft: bool,
    is_deposition: bool,
}

/// Returns whether a request is for one entry of a large vocabulary.
fn is_vocabulary_entry(call: &Call) -> bool {
    let parts: Vec<&str> = call.path.iter().map(String::as_str).collect();
    matches!(parts[..], ["api", "affiliations" | "funders" | "awards" | "subjects", _])
}

impl AppState {
    /// Does the work of a request, and answers with something else of the same kind. An answer that
    /// is not about a single draft, record or entry of a vocabulary is left unchanged.
    pub(super) async fn mix_up(
        self: &Arc<Self>,
        how: MixUp,
        parts: &Parts,
        body: HttpBody,
    ) -> Answered {
        let mut done = self.work(parts, body, Damage::None).await;
        if let (Ok(answer), Ok(call)) = (&mut done.answer, self.admit(parts))
            && let Some(other) = self.mixed_up(how, call, answer).await
        {
            *answer = other;
            self.faults.fire();
        }
        Ok(self.write(parts, done).await)
    }

    async fn mixed_up(self: &Arc<Self>, how: MixUp, call: Call, answer: &Answer) -> Option<Answer> {
        let Body::Json(shown, form) = &answer.body else { return None };
        if is_vocabulary_entry(&call) {
            let mut shown = shown.clone();
            shown["id"] = json!("another");
            return Some(Answer { body: Body::Json(shown, *form), ..answer.clone() });
        }
        let about = About::read(&call, shown)?;
        let user = call.user?;
        let (mut shown, form) = (shown.clone(), *form);
        // In one call: between the search and the read no other request may delete what was found.
        let found = self.blocking(move |app, store| {
            let content = write_other_content(store.blobs()).map_err(|_| Refusal::internal())?;
            let (now, content_id) = (app.clock.now(), content.id.clone());
            let mut moment = Moment { now, new_id: &mut new_id };
            let id = store.transact(|state| match how {
                MixUp::Version => find_other_version(state, about),
                MixUp::Other => find_or_create_other(state, user, about, content, &mut moment),
                MixUp::Concept => {
                    let about = About { is_draft: false, ..about };
                    find_or_create_other(state, user, about, content, &mut moment)
                }
            });
            // Most often something else exists already and needs no file.
            if !store.state().uses(&content_id) {
                store.blobs().remove(&content_id);
            }
            let id = id?;
            // On a copy and by the usual handler, so that the answer is as valid as any other.
            let state = &mut store.state().clone();
            let concept = state.records.get(&id).map(|record| record.version.concept);
            let path = about.path(how, id).split('/').map(str::to_owned).collect();
            let call = Call { method: Method::GET, path, query: Vec::new(), ..call };
            Ok((concept, app.with_work(&call, state, dispatch)?))
        });
        let (concept, other) = found.await.ok()?;
        if how == MixUp::Concept {
            let place = if about.is_deposition { "/conceptrecid" } else { "/parent/id" };
            *shown.pointer_mut(place)? = json!(concept?.to_string());
            return Some(Answer { body: Body::Json(shown, form), ..answer.clone() });
        }
        // The status of what was asked for: a 200 after a POST would give the mix-up away.
        Some(Answer { status: answer.status, ..other })
    }

    /// Does the work of a request, and adds an unreadable entry to its answer. Only answers with
    /// one deposition, record or draft have a place for it.
    pub(super) async fn add_unreadable(
        self: &Arc<Self>,
        what: Unreadable,
        parts: &Parts,
        body: HttpBody,
    ) -> Answered {
        let mut done = self.work(parts, body, Damage::None).await;
        let path = parts.uri.path();
        let is_one = path.starts_with("/api/deposit/") || path.starts_with("/api/records/");
        if let Ok(Answer { body: Body::Json(shown, _), .. }) = &mut done.answer
            && is_one
            && spoil(shown, what)
        {
            self.faults.fire();
        }
        Ok(self.write(parts, done).await)
    }
}

/// Adds an unreadable entry to one deposition, record or draft. A listing has no such list at its
/// top, so it is left unchanged and does not count.
fn spoil(shown: &mut Value, what: Unreadable) -> bool {
    let (id, checksum) = (new_id(), "900150983cd24fb0d6963f7d28e17f72");
    if what == Unreadable::Creator {
        let Some(Value::Array(list)) = shown.pointer_mut("/metadata/creators") else {
            return false;
        };
        list.push(json!("Nobody, Nina"));
        return true;
    }
    let is_named = what == Unreadable::FileSize;
    if let Some(Value::Object(entries)) = shown.pointer_mut("/files/entries") {
        let checksum = format!("md5:{checksum}");
        let named = json!({"id": id, "key": "abc.txt", "checksum": checksum});
        let sized = json!({"id": id, "key": "other", "size": 3, "checksum": checksum});
        entries.insert("abc.txt".to_owned(), if is_named { named } else { sized });
    } else if let Some(Value::Array(list)) = shown.pointer_mut("/files") {
        let named = json!({"id": id, "filename": "abc.txt", "checksum": checksum});
        let sized = json!({"id": id, "filesize": 3, "checksum": checksum});
        list.push(if is_named { named } else { sized });
    } else {
        return false;
    }
    true
}

impl About {
    /// Reads what an answer is about; `None` when it is a list, a file, or something else.
    fn read(call: &Call, shown: &Value) -> Option<Self> {
        // The APIs write some ids as numbers and some as strings.
        let id_of = |value: &Value| match value.as_u64() {
            Some(number) => Some(Recid::number(number)),
            None => value.as_str()?.parse().ok(),
        };
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        let is_deposition = path.starts_with(&["api", "deposit", "depositions"]);
        let is_record = path.starts_with(&["api", "records"]);
        let concept = if is_deposition { &shown["conceptrecid"] } else { &shown["parent"]["id"] };
        let is_draft =
            if is_deposition { shown["state"] != "done" } else { shown["is_draft"] == true };
        let about =
            Self { id: id_of(&shown["id"])?, concept: id_of(concept)?, is_draft, is_deposition };
        (is_deposition || is_record).then_some(about)
    }

    /// Returns the path of the other draft or record.
    fn path(self, how: MixUp, id: Recid) -> String {
        // Another version or concept is always published, also when the request was about a draft.
        match (self.is_deposition, self.is_draft && how == MixUp::Other) {
            (true, _) => format!("api/deposit/depositions/{id}"),
            (false, true) => format!("api/records/{id}/draft"),
            (false, false) => format!("api/records/{id}"),
        }
    }
}

/// Finds the newest other published version of the same record.
fn find_other_version(state: &State, about: About) -> Result<Recid, Refusal> {
    let concept = state.concepts.get(&about.concept).ok_or_else(Refusal::not_found)?;
    let other = concept.versions.iter().rev().find(|id| **id != about.id);
    other.copied().ok_or_else(Refusal::not_found)
}

/// Finds the user's newest draft or record of another concept, and creates one if there is none.
fn find_or_create_other(
    state: &mut State,
    user: UserId,
    about: About,
    content: Content,
    moment: &mut Moment<'_>,
) -> Result<Recid, Refusal> {
    let is_other = |v: &Version| v.concept != about.concept && state.owns(Some(user), v);
    let found = if about.is_draft {
        let drafts = state.drafts.values().map(|draft| &draft.version);
        // The edit of a record is no draft here: its number is that of something published.
        drafts.filter(|v| is_other(v) && !state.is_published(v.id)).map(|v| v.id).max()
    } else {
        let records = state.records.values().map(|record| &record.version);
        records.filter(|v| is_other(v)).map(|v| v.id).max()
    };
    if let Some(found) = found {
        return Ok(found);
    }
    let kind = if about.is_draft { "draft" } else { "record" };
    let metadata = json!({
        "title": format!("Another {kind} of the same account"),
        "upload_type": "dataset",
        "description": "It is not what was asked for.",
        "creators": [{"name": "Weiss, Tobias"}],
    });
    let data = deposit_in::read_deposit(&json!({"metadata": metadata}), &moment.today())?;
    let id = drafts::create(state, Some(user), data, Origin::Deposit, moment)?;
    files::put(state, id, "other.txt", content, IfThere::Replace, moment)?;
    if !about.is_draft {
        publish::publish(state, user, id, moment)?;
    }
    Ok(id)
}
