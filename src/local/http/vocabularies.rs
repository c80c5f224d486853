//! `/api/vocabularies/TYPE`, `/api/vocabularies/TYPE/ID`, `/api/licenses`.
//!
//! Deliberately absent: vocabularies that are too large to bundle (`affiliations`, `funders`, `awards`,
//! `names`, `subjects`, which have paths of their own), and `sort`.

use http::Method;
use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Work;
use super::search::{self, Page};
use crate::local::serializers::organizations;
use crate::local::serializers::vocabulary::{self, Entry, Vocabulary};
use crate::local::state::refusal::Refusal;

/// The vocabularies that consist of ids and titles, by their names.
const ENTRIES: [(&str, Vocabulary); 9] = [
    ("resourcetypes", Vocabulary::ResourceTypes),
    ("creatorsroles", Vocabulary::Roles),
    ("contributorsroles", Vocabulary::Roles),
    ("relationtypes", Vocabulary::Relations),
    ("datetypes", Vocabulary::Dates),
    ("titletypes", Vocabulary::Titles),
    ("descriptiontypes", Vocabulary::Descriptions),
    ("code:programmingLanguages", Vocabulary::ProgrammingLanguages),
    ("code:developmentStatus", Vocabulary::DevelopmentStatus),
];

/// Answers requests below `/api/vocabularies`.
///
/// # Errors
/// 404 for a vocabulary or an id that is not there.
pub(crate) fn handle(work: &Work<'_, '_>, path: &[&str]) -> Result<Answer, Refusal> {
    if work.call.method != Method::GET {
        return Err(Refusal::no_method());
    }
    match path {
        ["licenses"] => list(work, "licenses", vocabulary::list_licences().map(write_licence)),
        ["licenses", id] => {
            let licence = vocabulary::find_licence(id).ok_or_else(Refusal::no_such_id)?;
            Ok(Answer::json(200, write_licence(licence)))
        }
        [name] => {
            let entries = vocabulary::list_entries(find_vocabulary(name)?).iter();
            list(work, name, entries.map(|entry| write_entry(name, entry)))
        }
        [name, id] => {
            let entry = vocabulary::find_entry(find_vocabulary(name)?, id);
            Ok(Answer::json(200, write_entry(name, entry.ok_or_else(Refusal::no_such_id)?)))
        }
        _ => Err(Refusal::no_route()),
    }
}

/// Answers `/api/affiliations/ID` and its like: an id of the right shape counts as known. An id of a
/// subject is an address, with slashes.
///
/// # Errors
/// 404 for an id of another shape.
pub(crate) fn show_entry(name: &str, id: &str) -> Result<Answer, Refusal> {
    let is_known = match name {
        "affiliations" | "funders" => organizations::is_organization(id),
        "awards" => organizations::is_award(id),
        _ => organizations::is_subject(id),
    };
    if is_known { Ok(Answer::json(200, json!({"id": id}))) } else { Err(Refusal::no_such_id()) }
}

/// Redirects the path of the former Zenodo, and keeps what was asked.
///
/// Source: zenodo-rdm 6386403, `site/zenodo_rdm/redirector.py`, 2026-12-01.
pub(crate) fn redirect_licences(work: &Work<'_, '_>) -> Answer {
    let mut to = format!("{}/api/vocabularies/licenses", work.call.base);
    if !work.call.query.is_empty() {
        let mut asked = url::form_urlencoded::Serializer::new(String::new());
        to = format!("{to}?{}", asked.extend_pairs(&work.call.query).finish());
    }
    let body = json!({"status": 301, "message": "Redirecting...", "location": to});
    Answer::json(301, body).to(to)
}

fn find_vocabulary(name: &str) -> Result<Vocabulary, Refusal> {
    let known = ENTRIES.iter().find(|(known, _)| *known == name);
    known.map(|(_, vocabulary)| *vocabulary).ok_or_else(Refusal::no_route)
}

/// Writes a page of entries whose id or title has what `q` or `suggest` says.
fn list(
    work: &Work<'_, '_>,
    name: &str,
    all: impl Iterator<Item = Value>,
) -> Result<Answer, Refusal> {
    let page = Page::read(work.call, search::MAX_SIZE_VOCABULARY)?;
    let asked = work.call.parameter("q").or_else(|| work.call.parameter("suggest"));
    let wanted = asked.unwrap_or_default().to_lowercase();
    let has =
        |text: &Value| text.as_str().is_some_and(|text| text.to_lowercase().contains(&wanted));
    let mut hits: Vec<Value> =
        all.filter(|entry| has(&entry["id"]) || has(&entry["title"]["en"])).collect();
    let total = hits.len();
    let start = ((page.number - 1) * page.size).min(total);
    hits.drain(..start);
    hits.truncate(page.size);
    let link = format!("{}/api/vocabularies/{name}", work.call.base);
    let body = json!({"hits": {"hits": hits, "total": total}, "links": {"self": link}});
    Ok(Answer::form(200, body, work.call.form()?))
}

fn write_entry(name: &str, entry: &Entry) -> Value {
    json!({"id": entry.id, "title": {"en": entry.title}, "type": name})
}

fn write_licence(licence: &vocabulary::Licence) -> Value {
    json!({
        "id": licence.id,
        "title": {"en": licence.title},
        "props": {"url": licence.url},
        "type": "licenses",
    })
}
