//! The records API except drafts: `/api/records…`, `/api/user/records`.
//!
//! As recorded on 2026-11-23 (`tests/contract/*.json`). Deliberately absent: drafts, see
//! `record_drafts`.

use http::Method;
use serde_json::json;

use super::answer::{Answer, Body};
use super::call::{Work, parse_recid};
use super::record_answers::{build_file_answer, build_record_page};
use super::search::{self, Page, Versions};
use super::{communities, record_drafts, sharing};
use crate::local::serializers::links::Place;
use crate::local::serializers::{Form, file_out, native_in, native_out};
use crate::local::state::drafts::{self, Origin};
use crate::local::state::listing::Order;
use crate::local::state::refusal::Refusal;
use crate::local::state::types::{Recid, Record};
use crate::local::state::{Found, file_modification, files};

/// Answers requests below `/api/records`.
///
/// # Errors
/// In the server's words.
pub(crate) fn handle(work: &mut Work<'_, '_>, path: &[&str]) -> Result<Answer, Refusal> {
    let method = work.call.method.clone();
    match (path, &method) {
        ([], &Method::GET) => search_records(work),
        ([], &Method::POST) => create(work),
        ([id], &Method::GET) => read_record(work, id),
        ([id], &Method::DELETE) => delete(work, id),
        ([id, "files"], &Method::GET) => list_files(work, id),
        // Before the metadata of a file: a name may contain slashes, and would include `content`.
        ([id, "files", key @ .., "content"], &Method::GET) if !key.is_empty() => {
            download(work, id, &key.join("/"))
        }
        ([id, "files", key @ ..], &Method::GET) => read_file(work, id, &key.join("/")),
        ([id, "versions"], &Method::GET) => list_versions(work, id),
        ([id, "versions"], &Method::POST) => handle_new_version(work, id),
        ([id, "versions", "latest"], &Method::GET) => redirect_to_latest(work, id),
        ([id, "draft", rest @ ..], _) => record_drafts::handle(work, id, rest),
        ([id, "access", rest @ ..], _) => sharing::handle(work, id, rest),
        ([id, "file-modification"], &Method::POST) => open_files(work, parse_recid(id)?),
        ([id, rest @ ("communities" | "requests" | "request-deletion" | "quota-increase")], _) => {
            communities::handle_record_path(work, id, rest)
        }
        (
            []
            | [_]
            | [_, "versions" | "file-modification"]
            | [_, "files", ..]
            | [_, "versions", "latest"],
            _,
        ) => Err(Refusal::no_method()),
        _ => Err(Refusal::no_route()),
    }
}

fn choose_max_size(work: &Work<'_, '_>) -> usize {
    if work.call.user.is_some() { search::MAX_SIZE } else { search::MAX_SIZE_GUEST }
}

fn search_records(work: &Work<'_, '_>) -> Result<Answer, Refusal> {
    let asked = Page::read(work.call, choose_max_size(work))?;
    let all = Versions::asked(work.call);
    build_record_page(
        work,
        &asked,
        search::list_published(work.state, work.call.user, all),
        "/api/records",
    )
}

/// Answers `GET /api/user/records`.
///
/// # Errors
/// 403 without credentials, 400 for a bad page.
pub(crate) fn handle_user_records(work: &Work<'_, '_>) -> Result<Answer, Refusal> {
    let user = work.call.signed_in()?;
    let asked = Page::read(work.call, choose_max_size(work))?;
    let all = Versions::asked(work.call);
    build_record_page(work, &asked, search::list_own(work.state, user, all), "/api/user/records")
}

fn create(work: &mut Work<'_, '_>) -> Result<Answer, Refusal> {
    let form = work.call.form()?;
    let body = work.call.json_or_empty()?;
    let user = work.call.user;
    work.call.signed_in()?;
    let (data, mut remarks) = native_in::read_native(&body, work.today())?;
    let id = drafts::create(work.state, user, data, Origin::Records, work.moment)?;
    let draft = work.state.records_draft(user, id)?;
    let view = work.view();
    let found = Found::Draft(draft);
    let body = match form {
        Form::Native => native_out::write_native(view, found, Place::Alone, native_out::Age::New),
        Form::Plain => native_out::write_record(view, found, form, Place::Alone),
    };
    // A draft may lack what publishing needs. The answer lists it, unlike that of the deposit API.
    remarks.extend(native_in::check_registration(&draft.version.metadata, draft.version.doi()));
    let answer = Answer::form(201, body, form).tagged(draft.version.revision);
    Ok(answer.with_remarks(&remarks))
}

fn read_record(work: &Work<'_, '_>, id: &str) -> Result<Answer, Refusal> {
    let form = work.call.form()?;
    let id = parse_recid(id)?;
    let user = work.call.user;
    // The concept of a draft that was never published leads nowhere, and is a 404 below.
    if let Some(latest) = work.state.concepts.get(&id).and_then(|c| c.versions.last()) {
        return Ok(redirect_page(*latest));
    }
    let record = work.state.public_record(user, id)?;
    let body = native_out::write_record(work.view(), Found::Record(record), form, Place::Alone);
    Ok(Answer::form(200, body, form).tagged(record.version.revision))
}

/// Opens the files of a published version, and answers with its edit.
fn open_files(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    let form = work.call.form()?;
    file_modification::check_may_open(work.state, work.call.user, id, work.moment)?;
    drafts::edit(work.state, work.call.user, id, work.moment)?;
    work.state.draft_mut(id)?.is_unlocked = true;
    let draft = work.state.records_draft(work.call.user, id)?;
    let body = native_out::write_record(work.view(), Found::Draft(draft), form, Place::Alone);
    Ok(Answer::form(200, body, form).tagged(draft.version.revision))
}

/// Redirects from a concept's id to its latest version.
fn redirect_page(latest: Recid) -> Answer {
    let to = format!("/api/records/{latest}");
    let page = format!(
        "<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n\
         <h1>Redirecting...</h1>\n<p>You should be redirected automatically to the target URL: \
         <a href=\"{to}\">{to}</a>. If not, click the link.\n"
    );
    Answer::with(302, Body::Page(page)).to(to)
}

fn delete(work: &Work<'_, '_>, id: &str) -> Result<Answer, Refusal> {
    // Not even its owner can delete a published record: that takes a deletion request.
    work.state.public_record(work.call.user, parse_recid(id)?)?;
    Err(Refusal::denied())
}

/// Returns a record whose files this user may see.
fn require_visible_files<'a>(work: &'a Work<'_, '_>, id: &str) -> Result<&'a Record, Refusal> {
    let user = work.call.user;
    let record = work.state.public_record(user, parse_recid(id)?)?;
    if files::are_visible(work.state, work.visitor(), record, work.today()) {
        Ok(record)
    } else {
        Err(Refusal::denied())
    }
}

fn list_files(work: &Work<'_, '_>, id: &str) -> Result<Answer, Refusal> {
    let form = work.call.form()?;
    let record = require_visible_files(work, id)?;
    Ok(Answer::form(200, file_out::write_file_list(work.view(), Found::Record(record)), form))
}

fn read_file(work: &Work<'_, '_>, id: &str, key: &str) -> Result<Answer, Refusal> {
    let form = work.call.form()?;
    let record = require_visible_files(work, id)?;
    let version = &record.version;
    let file = version.file(key).ok_or_else(|| Refusal::no_such_file(version.id, key))?;
    Ok(Answer::form(
        200,
        file_out::write_file_entry(work.view(), Found::Record(record), file),
        form,
    ))
}

fn download(work: &Work<'_, '_>, id: &str, key: &str) -> Result<Answer, Refusal> {
    let version = &require_visible_files(work, id)?.version;
    let content =
        files::find_content(version, key).ok_or_else(|| Refusal::no_such_file(version.id, key))?;
    Ok(build_file_answer(content.clone(), key))
}

fn list_versions(work: &Work<'_, '_>, id: &str) -> Result<Answer, Refusal> {
    let user = work.call.user;
    let record = work.state.public_record(user, parse_recid(id)?)?;
    let asked = Page::read(work.call, choose_max_size(work))?;
    // The real server lists versions by their number, newest first (2026-11-23).
    let asked = asked.sorted_by_default("version", Order::Version);
    let concept = work.state.concept_of(&record.version)?;
    // A version that was deleted, or that the user may not see, is left out without an error.
    let known = concept.versions.iter().filter_map(|id| work.state.public_record(user, *id).ok());
    let hits: Vec<Found<'_>> = known.map(Found::Record).collect();
    build_record_page(work, &asked, hits, &format!("/api/records/{}/versions", record.version.id))
}

fn redirect_to_latest(work: &Work<'_, '_>, id: &str) -> Result<Answer, Refusal> {
    let record = work.state.public_record(work.call.user, parse_recid(id)?)?;
    let concept = work.state.concept_of(&record.version)?;
    let latest = concept.versions.last().ok_or_else(Refusal::internal)?;
    let to = format!("{}/api/records/{latest}", work.call.base);
    let body = json!({"status": 301, "message": "Redirecting...", "location": to});
    Ok(Answer::json(301, body).to(to))
}

fn handle_new_version(work: &mut Work<'_, '_>, id: &str) -> Result<Answer, Refusal> {
    let form = work.call.form()?;
    let user = work.call.user;
    let new = drafts::open_new_version(work.state, user, parse_recid(id)?, work.moment)?;
    let draft = work.state.records_draft(user, new)?;
    let body = native_out::write_record(work.view(), Found::Draft(draft), form, Place::Alone);
    Ok(Answer::form(201, body, form).tagged(draft.version.revision))
}
