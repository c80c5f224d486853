//! Pages for people: the home page, records, drafts.
//!
//! Everyone can see records; drafts need their owner's session, which `zrel open` starts by a link
//! that works once. Deliberately absent: forms; everything is done by the API.

use super::answer::{Answer, Body};
use super::call::{Work, parse_recid};
use super::record_answers::build_file_answer;
use super::search::{self, Versions};
use crate::local::pages::{
    render_badge, render_home_page, render_not_found_page, render_record_page,
};
use crate::local::serializers::page_out;
use crate::local::state::Found;
use crate::local::state::files;
use crate::local::state::listing::Order;
use crate::local::state::refusal::Refusal;

/// Answers requests outside of `/api`.
///
/// # Errors
/// 404 when the page does not exist.
pub(crate) fn handle(work: &Work<'_, '_>, path: &[&str]) -> Result<Answer, Refusal> {
    match path {
        [] => Ok(show_home(work)),
        ["records" | "record", id] => Ok(show_record(work, id)),
        ["records" | "record", id, "files", key @ ..] if !key.is_empty() => {
            download(work, id, &key.join("/"))
        }
        ["badge", "DOI", doi @ ..] if !doi.is_empty() => draw_badge(&doi.join("/")),
        ["records" | "record", id, "latest"] => Ok(redirect_to_latest(work, id)),
        ["uploads" | "deposit", id] => Ok(show_draft(work, id)),
        _ => Err(Refusal::no_route()),
    }
}

fn build_page(status: u16, html: String) -> Answer {
    Answer::with(status, Body::Page(html))
}

fn show_home(work: &Work<'_, '_>) -> Answer {
    let user = work.call.user;
    let mut hits = search::list_published(work.state, user, Versions::Newest);
    if let Some(user) = user {
        let own = search::list_own(work.state, user, Versions::All);
        // Records are in the list already; an edit is added beside its record.
        hits.extend(own.into_iter().filter(|hit| hit.is_draft()));
    }
    Order::UpdatedLast.sort(&mut hits);
    build_page(200, render_home_page(&page_out::build_home_view(work.view(), &hits)))
}

fn show_record(work: &Work<'_, '_>, id: &str) -> Answer {
    let Ok(id) = parse_recid(id) else { return build_not_found("This is not a record number.") };
    if let Some(latest) = work.state.concepts.get(&id).and_then(|c| c.versions.last()) {
        return redirect(&format!("/records/{latest}"));
    }
    if work.call.parameter("preview") == Some("1")
        && let Ok(draft) = work.state.shown_draft(work.visitor(), id)
    {
        return build_record_page(work, Found::Draft(draft));
    }
    match work.state.public_record(work.call.user, id) {
        Ok(record) => build_record_page(work, Found::Record(record)),
        // Always a 404 for a browser, whose visitor reads the reason on the page.
        Err(refusal) => build_not_found(match refusal.status {
            410 => "This record was deleted.",
            403 => "This record is restricted.",
            _ => "There is no published record with this number.",
        }),
    }
}

fn build_record_page(work: &Work<'_, '_>, found: Found<'_>) -> Answer {
    build_page(200, render_record_page(&page_out::build_record_view(work.view(), found)))
}

/// Answers with a file of a published record: what its page links to.
fn download(work: &Work<'_, '_>, id: &str, key: &str) -> Result<Answer, Refusal> {
    let record = work.state.public_record(work.call.user, parse_recid(id)?)?;
    if !files::are_visible(work.state, work.visitor(), record, work.today()) {
        return Err(Refusal::denied());
    }
    let content = files::find_content(&record.version, key).ok_or_else(Refusal::not_found)?;
    Ok(build_file_answer(content.clone(), key))
}

/// Answers with the picture that a README shows, for any DOI, as the real server does.
fn draw_badge(path: &str) -> Result<Answer, Refusal> {
    let doi = path.strip_suffix(".svg").ok_or_else(Refusal::no_route)?;
    Ok(Answer::with(200, Body::Picture(render_badge(doi))))
}

fn redirect_to_latest(work: &Work<'_, '_>, id: &str) -> Answer {
    let record = parse_recid(id).and_then(|id| work.state.public_record(work.call.user, id));
    let latest = record.and_then(|record| {
        let concept = work.state.concept_of(&record.version)?;
        concept.versions.last().copied().ok_or_else(Refusal::internal)
    });
    match latest {
        Ok(latest) => redirect(&format!("/records/{latest}")),
        Err(_) => build_not_found("There is no published record with this number."),
    }
}

fn show_draft(work: &Work<'_, '_>, id: &str) -> Answer {
    let found = parse_recid(id).and_then(|id| work.state.deposition(work.call.user, id));
    // With a secret link of `edit`.
    let shared = || parse_recid(id).and_then(|id| work.state.shown_draft(work.visitor(), id));
    match found.or_else(|refusal| shared().map(Found::Draft).map_err(|_| refusal)) {
        Ok(found) => build_record_page(work, found),
        Err(refusal) if refusal.status == 403 => {
            build_not_found("Only its owner can see a draft: `zrel open` signs you in.")
        }
        Err(_) => build_not_found("There is no draft with this number."),
    }
}

fn build_not_found(message: &str) -> Answer {
    build_page(404, render_not_found_page(message))
}

/// Redirects to another page of this server.
pub(crate) fn redirect(to: &str) -> Answer {
    build_page(302, render_not_found_page("This page has moved.")).to(to.to_owned())
}
