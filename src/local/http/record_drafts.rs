//! Drafts by the records API: `/api/records/ID/draft…`.
//!
//! As recorded on 2026-11-23 (`tests/contract/records-api*.json`). Deliberately absent: sending a
//! file's content, see `uploads`.

use http::Method;
use serde_json::Value;

use super::answer::{Answer, Body};
use super::call::{Work, parse_recid};
use super::record_answers::build_file_answer;
use super::reviews;
use crate::local::serializers::links::Place;
use crate::local::serializers::{file_in, file_out, native_in, native_out};
use crate::local::state::refusal::Refusal;
use crate::local::state::types::Recid;
use crate::local::state::{Found, Manner, drafts, files, publish};

/// Answers requests below `/api/records/ID/draft`.
///
/// # Errors
/// In the server's words.
pub(crate) fn handle(work: &mut Work<'_, '_>, id: &str, path: &[&str]) -> Result<Answer, Refusal> {
    let method = work.call.method.clone();
    match (path, &method) {
        ([], &Method::GET) => show(work, parse_recid(id)?, 200),
        ([], &Method::PUT) => replace(work, parse_recid(id)?),
        ([], &Method::POST) => edit(work, parse_recid(id)?),
        ([], &Method::DELETE) => discard(work, parse_recid(id)?),
        (["pids", "doi"], &Method::POST) => reserve(work, parse_recid(id)?),
        (["pids", "doi"], &Method::DELETE) => release(work, parse_recid(id)?),
        (["files"], &Method::GET) => list_files(work, parse_recid(id)?, 200),
        (["files"], &Method::POST) => register(work, parse_recid(id)?),
        (["files"], &Method::DELETE) => delete_files(work, parse_recid(id)?),
        // A name may contain slashes, so it may be several parts of the path.
        (["files", key @ .., "content"], &Method::GET) if !key.is_empty() => {
            download(work, parse_recid(id)?, &key.join("/"))
        }
        (["files", key @ .., "commit"], &Method::POST) if !key.is_empty() => {
            commit(work, parse_recid(id)?, &key.join("/"))
        }
        // The parts of a file, which the server takes from nobody.
        (["files", _, .., "content", _], &Method::PUT) => Err(Refusal::denied()),
        (["files", key @ ..], &Method::PUT) if !key.is_empty() => {
            describe_file(work, parse_recid(id)?, &key.join("/"))
        }
        (["files", key @ ..], &Method::GET) => read_file(work, parse_recid(id)?, &key.join("/")),
        (["files", key @ ..], &Method::DELETE) if !key.is_empty() => {
            delete_file(work, parse_recid(id)?, &key.join("/"))
        }
        (["actions", "publish"], &Method::POST) => publish(work, parse_recid(id)?),
        (["actions", "files-import"], &Method::POST) => import(work, parse_recid(id)?),
        (["review"] | ["actions", "submit-review"], _) => {
            reviews::handle(work, parse_recid(id)?, path)
        }
        ([] | ["pids", "doi"] | ["files", ..] | ["actions", "publish" | "files-import"], _) => {
            Err(Refusal::no_method())
        }
        _ => Err(Refusal::no_route()),
    }
}

/// Shows a draft with its revision as `ETag`.
fn show(work: &Work<'_, '_>, id: Recid, status: u16) -> Result<Answer, Refusal> {
    let form = work.call.form()?;
    let draft = work.state.shown_draft(work.visitor(), id)?;
    let body = native_out::write_record(work.view(), Found::Draft(draft), form, Place::Alone);
    Ok(Answer::form(status, body, form).tagged(draft.version.revision))
}

fn replace(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    work.call.form()?;
    let body = work.call.json_or_empty()?;
    let if_match = work.call.revision()?;
    check_open(work, id)?;
    let (data, mut remarks) = native_in::read_native(&body, work.today())?;
    if work.state.has(Manner::LosesDois) && body["pids"]["doi"].is_null() {
        // A draft without a DOI has none to lose.
        let _ = drafts::lose_doi(work.state, id, work.moment);
    }
    drafts::replace(work.state, id, if_match, data, work.moment)?;
    let version = &work.state.records_draft(work.call.user, id)?.version;
    remarks.extend(native_in::check_files(&body, !version.files.is_empty()));
    remarks.extend(native_in::check_registration(&version.metadata, version.doi()));
    // A draft is saved although its metadata are invalid; the answer lists what is wrong.
    Ok(show(work, id, 200)?.with_remarks(&remarks))
}

/// Checks that there is a draft that the user may replace or discard.
fn check_open(work: &Work<'_, '_>, id: Recid) -> Result<(), Refusal> {
    let is_open = work.state.drafts.contains(&id);
    // Another 404 than that of a read (`tests/contract/native-edit-published.json`, 2026-11-28).
    if work.state.is_published(id) && !is_open {
        return Err(Refusal::not_found());
    }
    work.state.records_draft(work.call.user, id).map(|_| ())
}

fn edit(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    drafts::edit(work.state, work.call.user, id, work.moment)?;
    show(work, id, 201)
}

fn discard(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    check_open(work, id)?;
    drafts::discard(work.state, id, work.call.revision()?)?;
    Ok(Answer::nothing())
}

fn reserve(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    work.state.records_draft(work.call.user, id)?;
    drafts::reserve_doi(work.state, id, work.moment)?;
    show(work, id, 201)
}

fn release(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    work.state.records_draft(work.call.user, id)?;
    drafts::release_doi(work.state, id, work.moment)?;
    show(work, id, 200)
}

fn publish(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    let form = work.call.form()?;
    let user = work.call.signed_in()?;
    work.state.records_draft(Some(user), id)?;
    publish::publish(work.state, user, id, work.moment)?;
    // The draft is gone now: the answer shows the record.
    let record = work.state.public_record(Some(user), id)?;
    let body = native_out::write_record(work.view(), Found::Record(record), form, Place::Published);
    Ok(Answer::form(202, body, form).tagged(record.version.revision))
}

fn list_files(work: &Work<'_, '_>, id: Recid, status: u16) -> Result<Answer, Refusal> {
    let form = work.call.form()?;
    let draft = work.state.shown_draft(work.visitor(), id)?;
    Ok(Answer::form(status, file_out::write_file_list(work.view(), Found::Draft(draft)), form))
}

fn register(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    let body = work.call.json()?;
    // Also accepted in an edit, which then can't be published (2026-11-28).
    work.state.records_draft(work.call.user, id)?;
    let new = file_in::read_new_files(&body)?;
    files::register(work.state, id, new, work.call.quota, work.moment)?;
    list_files(work, id, 201)
}

fn read_file(work: &Work<'_, '_>, id: Recid, key: &str) -> Result<Answer, Refusal> {
    let form = work.call.form()?;
    let draft = work.state.shown_draft(work.visitor(), id)?;
    let file = draft.version.file(key).ok_or_else(|| Refusal::no_such_file(id, key))?;
    Ok(Answer::form(200, file_out::write_file_entry(work.view(), Found::Draft(draft), file), form))
}

/// Replaces what is said of a file: its metadata, and whether it is hidden.
fn describe_file(work: &mut Work<'_, '_>, id: Recid, key: &str) -> Result<Answer, Refusal> {
    let body = work.call.json_or_empty()?;
    work.state.records_draft(work.call.user, id)?;
    let description = body.as_object().map(file_in::read_description).unwrap_or_default();
    files::describe(work.state, id, key, description, work.moment)?;
    read_file(work, id, key)
}

fn delete_files(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    work.state.records_draft(work.call.user, id)?;
    files::delete_all(work.state, id, work.moment)?;
    Ok(Answer::nothing())
}

fn delete_file(work: &mut Work<'_, '_>, id: Recid, key: &str) -> Result<Answer, Refusal> {
    work.state.records_draft(work.call.user, id)?;
    files::delete(work.state, id, key, work.moment)?;
    Ok(Answer::nothing())
}

fn download(work: &Work<'_, '_>, id: Recid, key: &str) -> Result<Answer, Refusal> {
    let draft = work.state.shown_draft(work.visitor(), id)?;
    let content = files::find_content(&draft.version, key);
    let content = content.ok_or_else(|| Refusal::no_such_file(id, key))?;
    Ok(build_file_answer(content.clone(), key))
}

fn commit(work: &mut Work<'_, '_>, id: Recid, key: &str) -> Result<Answer, Refusal> {
    work.state.records_draft(work.call.user, id)?;
    let is_first = work.state.records_draft(work.call.user, id)?.version.file(key);
    let is_first = is_first.is_some_and(|file| file.content().is_none());
    files::commit(work.state, id, key, work.moment)?;
    let mut answer = read_file(work, id, key)?;
    // The server looks at the bytes right after this answer.
    if let (Body::Json(body, _), true) = (&mut answer.body, is_first) {
        body["metadata"] = Value::Null;
    }
    Ok(answer)
}

fn import(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    work.state.records_draft(work.call.user, id)?;
    files::import(work.state, id, work.moment)?;
    list_files(work, id, 201)
}
