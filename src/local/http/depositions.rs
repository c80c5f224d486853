//! The deposit API: `/api/deposit/depositions…`.
//!
//! As recorded on 2026-11-23 (`tests/contract/*.json`). Deliberately absent: buckets, see
//! `buckets`.

use http::Method;
use serde_json::{Value, json};

use super::answer::Answer;
use super::call::{Work, parse_recid};
use super::search;
use crate::local::serializers::links::Place;
use crate::local::serializers::{deposit_in, deposit_out, file_out};
use crate::local::state::drafts::{self, Origin};
use crate::local::state::refusal::Refusal;
use crate::local::state::types::Recid;
use crate::local::state::{Found, files, publish};

/// Answers requests below `/api/deposit/depositions`.
///
/// # Errors
/// In the server's words.
pub(crate) fn handle(work: &mut Work<'_, '_>, path: &[&str]) -> Result<Answer, Refusal> {
    let method = work.call.method.clone();
    match (path, &method) {
        ([], &Method::GET) => list(work),
        ([], &Method::POST) => create(work),
        ([id], &Method::GET) => read_deposition(work, id),
        ([id], &Method::PUT) => replace(work, id),
        ([id], &Method::DELETE) => discard(work, id),
        ([id, "files"], &Method::GET) => list_files(work, id),
        ([id, "files", file], &Method::GET) => read_file(work, id, file),
        ([id, "files", file], &Method::DELETE) => delete_file(work, id, file),
        ([id, "actions", action], &Method::POST) => act(work, id, action),
        ([] | [_] | [_, "files"] | [_, "files" | "actions", _], _) => Err(Refusal::no_method()),
        _ => Err(Refusal::no_route()),
    }
}

fn list(work: &Work<'_, '_>) -> Result<Answer, Refusal> {
    work.call.accepts_json()?;
    let user = work.call.signed_in()?;
    let page = search::Page::read(work.call, search::MAX_SIZE)?;
    let mut hits = search::list_own(work.state, user, search::Versions::asked(work.call));
    page.select(work.state, &mut hits);
    let view = work.view();
    let rows = hits.iter().map(|hit| deposit_out::write_deposition(view, *hit, Place::Listed));
    let rows: Vec<Value> = rows.collect::<Result<_, _>>()?;
    Ok(Answer::json(200, Value::from(rows)))
}

fn create(work: &mut Work<'_, '_>) -> Result<Answer, Refusal> {
    work.call.accepts_json()?;
    let body = work.call.json()?;
    work.call.signed_in()?;
    let data = deposit_in::read_deposit(&body, &work.moment.today())?;
    let user = work.call.user;
    let id = drafts::create(work.state, user, data, Origin::Deposit, work.moment)?;
    work.state.draft_mut(id)?.is_of_deposit = true;
    show(work, id, 201)
}

fn read_deposition(work: &Work<'_, '_>, id: &str) -> Result<Answer, Refusal> {
    work.call.accepts_json()?;
    show(work, parse_recid(id)?, 200)
}

fn replace(work: &mut Work<'_, '_>, id: &str) -> Result<Answer, Refusal> {
    work.call.accepts_json()?;
    let body = work.call.json()?;
    let if_match = work.call.revision()?;
    let id = parse_recid(id)?;
    let draft = work.state.deposit_draft(work.call.user, id)?;
    // Before the metadata are read: a stale revision is a 412 also when they are invalid.
    drafts::check_revision(&draft.version, if_match)?;
    let data = deposit_in::read_deposit(&body, &work.moment.today())?;
    drafts::replace(work.state, id, if_match, data, work.moment)?;
    show(work, id, 200)
}

fn discard(work: &mut Work<'_, '_>, id: &str) -> Result<Answer, Refusal> {
    let id = parse_recid(id)?;
    work.state.deposit_draft(work.call.user, id)?;
    drafts::discard(work.state, id, work.call.revision()?)?;
    Ok(Answer::nothing())
}

fn act(work: &mut Work<'_, '_>, id: &str, action: &str) -> Result<Answer, Refusal> {
    // The real server has no route for an unknown action, so the deposition is not looked at.
    if !matches!(action, "publish" | "edit" | "discard" | "newversion") {
        return Err(Refusal::no_route());
    }
    work.call.accepts_json()?;
    let id = parse_recid(id)?;
    let user = work.call.user;
    match action {
        "publish" => {
            work.state.deposit_draft(user, id)?;
            publish::publish(work.state, work.call.signed_in()?, id, work.moment)?;
            show(work, id, 202)
        }
        "edit" => {
            drafts::edit(work.state, user, id, work.moment)?;
            show(work, id, 201)
        }
        // The same as DELETE: 204 without a body, and a draft that was never published is gone.
        "discard" => discard(work, &id.to_string()),
        _ => {
            // While the open draft has files the import is a 400, so a second call is refused; the
            // records API opens the draft without files and can be called again.
            let new = drafts::open_new_version(work.state, user, id, work.moment)?;
            files::import(work.state, new, work.moment)?;
            show(work, new, 201)
        }
    }
}

/// Shows a deposition with its revision as `ETag`.
fn show(work: &Work<'_, '_>, id: Recid, status: u16) -> Result<Answer, Refusal> {
    let found = work.state.deposition(work.call.user, id)?;
    let body = deposit_out::write_deposition(work.view(), found, Place::Alone)?;
    Ok(Answer::json(status, body).tagged(found.version().revision))
}

fn list_files(work: &Work<'_, '_>, id: &str) -> Result<Answer, Refusal> {
    work.call.accepts_json()?;
    let (id, user) = (parse_recid(id)?, work.call.user);
    let found = match work.state.deposition(user, id) {
        // Of what is published everybody sees the files (recorded on the real server, 2026-11-28).
        Err(refusal) if refusal.status == 403 => {
            let record = work.state.public_record(user, id).map_err(|_| refusal.clone())?;
            let is_visible = files::are_visible(work.state, work.visitor(), record, work.today());
            if is_visible { Found::Record(record) } else { return Err(refusal) }
        }
        found => found?,
    };
    let view = work.view();
    let rows: Option<Vec<Value>> = found
        .version()
        .files
        .iter()
        .map(|file| Some(file_out::write_file_list_row(view, found, file, file.content()?)))
        .collect();
    // A file that is registered but not committed makes the real server fail.
    rows.map(|rows| Answer::json(200, Value::from(rows))).ok_or_else(Refusal::internal)
}

fn read_file(work: &Work<'_, '_>, id: &str, file_id: &str) -> Result<Answer, Refusal> {
    let found = work.state.deposition(work.call.user, parse_recid(id)?)?;
    let key = find_file_key(found, file_id)?;
    let version = found.version();
    let file = version.file(&key).ok_or_else(|| Refusal::no_such_file(version.id, &key))?;
    let content = file.content().ok_or_else(Refusal::internal)?;
    Ok(Answer::json(200, file_out::write_file_list_row(work.view(), found, file, content)))
}

fn delete_file(work: &mut Work<'_, '_>, id: &str, file_id: &str) -> Result<Answer, Refusal> {
    let id = parse_recid(id)?;
    let found = work.state.deposition(work.call.user, id)?;
    // The file is looked for first: an unknown one is a 404, also on a published deposition.
    let key = find_file_key(found, file_id)?;
    if !found.is_draft() {
        return Err(Refusal::locked());
    }
    files::delete(work.state, id, &key, work.moment)?;
    Ok(Answer::nothing())
}

fn find_file_key(found: Found<'_>, file_id: &str) -> Result<String, Refusal> {
    // The real server fails on an id that is not a UUID, instead of not finding it (2026-11-23).
    if uuid::Uuid::try_parse(file_id).is_err() {
        return Err(Refusal::internal());
    }
    files::find_key_of_id(found, file_id).ok_or_else(Refusal::not_found)
}

/// Answers `GET /api/me`.
///
/// # Errors
/// 403 without credentials.
pub(crate) fn handle_me(work: &Work<'_, '_>) -> Result<Answer, Refusal> {
    let id = work.call.signed_in()?;
    let user = work.state.users.get(&id).ok_or_else(Refusal::denied)?;
    let roles: [&str; 0] = [];
    Ok(Answer::json(
        200,
        json!({
            "id": user.id.to_string(),
            "email": user.email,
            "confirmed_at": null,
            "last_login_at": null,
            "roles": roles,
        }),
    ))
}
