//! Pages for people: the home page, records, drafts.
//!
//! Everyone can see records; drafts need their owner's session, which `zrel open` starts by a link
//! that works once. Deliberately absent: forms; everything is done by the API.

use super::answer::{Answer, Body};
use super::call::{Work, recid};
use super::search::{self, Versions};
use crate::local::pages::{home_page, not_found_page, record_page};
use crate::local::serializers::page_out;
use crate::local::state::Found;
use crate::local::state::listing::Order;
use crate::local::state::refusal::Refusal;

/// Answers requests outside of `/api`.
///
/// # Errors
/// 404 when the page does not exist.
pub(crate) fn handle(work: &Work<'_, '_>, path: &[&str]) -> Result<Answer, Refusal> {
    match path {
        [] => Ok(home(work)),
        ["records" | "record", id] => Ok(record(work, id)),
        ["records" | "record", id, "latest"] => Ok(latest(work, id)),
        ["uploads" | "deposit", id] => Ok(draft(work, id)),
        _ => Err(Refusal::no_route()),
    }
}

fn page(status: u16, html: String) -> Answer {
    Answer::with(status, Body::Page(html))
}

fn home(work: &Work<'_, '_>) -> Answer {
    let user = work.call.user;
    let mut hits = search::published(work.state, user, Versions::Newest);
    if let Some(user) = user {
        let own = search::own(work.state, user, Versions::All);
        // Records are in the list already; an edit is added beside its record.
        hits.extend(own.into_iter().filter(|hit| hit.is_draft()));
    }
    Order::UpdatedLast.sort(&mut hits);
    page(200, home_page(&page_out::home(work.view(), &hits)))
}

fn record(work: &Work<'_, '_>, id: &str) -> Answer {
    let Ok(id) = recid(id) else { return missing("This is not a record number.") };
    if let Some(latest) = work.state.concepts.get(&id).and_then(|c| c.versions.last()) {
        return redirect(&format!("/records/{latest}"));
    }
    match work.state.public_record(work.call.user, id) {
        Ok(record) => page(200, record_page(&page_out::record(work.view(), Found::Record(record)))),
        // Always a 404 for a browser, whose visitor reads the reason on the page.
        Err(refusal) => missing(match refusal.status {
            410 => "This record was deleted.",
            403 => "This record is restricted.",
            _ => "There is no published record with this number.",
        }),
    }
}

fn latest(work: &Work<'_, '_>, id: &str) -> Answer {
    let record = recid(id).and_then(|id| work.state.public_record(work.call.user, id));
    let latest = record.and_then(|record| {
        let concept = work.state.concept_of(&record.version)?;
        concept.versions.last().copied().ok_or_else(Refusal::internal)
    });
    match latest {
        Ok(latest) => redirect(&format!("/records/{latest}")),
        Err(_) => missing("There is no published record with this number."),
    }
}

fn draft(work: &Work<'_, '_>, id: &str) -> Answer {
    let found = recid(id).and_then(|id| work.state.deposition(work.call.user, id));
    match found {
        Ok(found) => page(200, record_page(&page_out::record(work.view(), found))),
        Err(refusal) if refusal.status == 403 => {
            missing("Only its owner can see a draft: `zrel open` signs you in.")
        }
        Err(_) => missing("There is no draft with this number."),
    }
}

fn missing(message: &str) -> Answer {
    page(404, not_found_page(message))
}

/// Redirects to another page of this server.
pub(crate) fn redirect(to: &str) -> Answer {
    page(302, not_found_page("This page has moved.")).to(to.to_owned())
}
