//! Who has access to a record beside its owner: `/api/records/ID/access…`, `/api/users…`.

use http::Method;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::answer::Answer;
use super::call::{Work, parse_recid};
use crate::local::sanitize::clean_html;
use crate::local::serializers::links::Place;
use crate::local::serializers::sharing_out::{write_grant, write_link};
use crate::local::serializers::{Form, native_out};
use crate::local::state::Found;
use crate::local::state::refusal::Refusal;
use crate::local::state::sharing;
use crate::local::state::sharing_rows::{Grant, Level, Settings};
use crate::local::state::types::{Recid, User};

/// For how many days the link of a guest works at most.
const MOST_DAYS: u64 = 365;

/// Answers requests below `/api/records/ID/access`.
///
/// # Errors
/// In the server's words.
pub(crate) fn handle(work: &mut Work<'_, '_>, id: &str, path: &[&str]) -> Result<Answer, Refusal> {
    let id = parse_recid(id)?;
    let method = work.call.method.clone();
    match (path, &method) {
        ([], &Method::PUT) => replace_settings(work, id),
        (["grants" | "users"], &Method::GET) => list_grants(work, id),
        (["grants"], &Method::POST) => add_grants(work, id),
        (["users", user], &Method::GET) => show_grant(work, id, user),
        (["users", user], &Method::PATCH) => change_grant(work, id, user),
        (["users", user], &Method::DELETE) => remove_grant(work, id, user),
        // There are no groups here, as on Zenodo.
        (["groups", ..], _) => Err(Refusal::denied()),
        (["links"], &Method::GET) => list_links(work, id),
        (["links"], &Method::POST) => add_link(work, id),
        (["links", link], &Method::GET) => show_link(work, id, link),
        (["links", link], &Method::PATCH) => change_link(work, id, link),
        (["links", link], &Method::DELETE) => remove_link(work, id, link),
        ([] | ["grants" | "users" | "links", ..], _) => Err(Refusal::no_method()),
        _ => Err(Refusal::no_route()),
    }
}

fn list_grants(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    let concept = work.state.shared_concept(work.call.user, id)?;
    let hits: Vec<Value> = concept.sharing.grants.iter().map(write_grant).collect();
    Ok(Answer::form(200, write_hits(&hits), Form::Native))
}

fn add_grants(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    let body = work.call.json()?;
    let user = work.call.signed_in()?;
    work.state.shared_concept(Some(user), id)?;
    let given = body["grants"].as_array().cloned().unwrap_or_default();
    if given.is_empty() || given.len() > 100 {
        return Err(Refusal::field("grants", "Length must be between 1 and 100."));
    }
    let origin = format!("api:{user}");
    let grants = given.iter().enumerate().map(|(at, row)| read_grant(row, at, &origin));
    let grants: Vec<Grant> = grants.collect::<Result<_, _>>()?;
    sharing::add_grants(work.state, (user, id), grants.clone())?;
    let hits: Vec<Value> = grants.iter().map(write_grant).collect();
    Ok(Answer::form(201, write_hits(&hits), Form::Native))
}

fn read_grant(row: &Value, at: usize, origin: &str) -> Result<Grant, Refusal> {
    let missing = |field: &str| {
        Refusal::field(&format!("grants.{at}.{field}"), "Missing data for required field.")
    };
    let subject = &row["subject"];
    let kind = subject["type"].as_str().ok_or_else(|| missing("subject.type"))?;
    if !["user", "role", "system_role"].contains(&kind) {
        let field = format!("grants.{at}.subject.type");
        return Err(Refusal::field(&field, "Must be one of: user, role, system_role."));
    }
    Ok(Grant {
        kind: kind.to_owned(),
        id: subject["id"].as_str().ok_or_else(|| missing("subject.id"))?.to_owned(),
        permission: row["permission"].as_str().ok_or_else(|| missing("permission"))?.to_owned(),
        origin: Some(origin.to_owned()),
    })
}

fn no_grant() -> Refusal {
    Refusal::new(404, "No grant found by given user id.")
}

fn show_grant(work: &mut Work<'_, '_>, id: Recid, user: &str) -> Result<Answer, Refusal> {
    let concept = work.state.shared_concept(work.call.user, id)?;
    let grants = &concept.sharing.grants;
    let grant = grants.iter().find(|it| it.kind == "user" && it.id == user);
    Ok(Answer::form(200, write_grant(grant.ok_or_else(no_grant)?), Form::Native))
}

fn change_grant(work: &mut Work<'_, '_>, id: Recid, user: &str) -> Result<Answer, Refusal> {
    let body = work.call.json()?;
    let concept = work.state.shared_concept(work.call.user, id)?;
    let grants = &mut concept.sharing.grants;
    let grant = grants.iter_mut().find(|it| it.kind == "user" && it.id == user);
    let grant = grant.ok_or_else(no_grant)?;
    if let Some(permission) = body["permission"].as_str() {
        permission.clone_into(&mut grant.permission);
    }
    Ok(Answer::form(200, write_grant(grant), Form::Native))
}

fn remove_grant(work: &mut Work<'_, '_>, id: Recid, user: &str) -> Result<Answer, Refusal> {
    let concept = work.state.shared_concept(work.call.user, id)?;
    let n_before = concept.sharing.grants.len();
    concept.sharing.grants.retain(|it| it.kind != "user" || it.id != user);
    let is_removed = concept.sharing.grants.len() < n_before;
    if is_removed { Ok(Answer::nothing()) } else { Err(no_grant()) }
}

fn list_links(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    let concept = work.state.shared_concept(work.call.user, id)?;
    let hits: Vec<Value> = concept.sharing.links.iter().map(write_link).collect();
    Ok(Answer::form(200, write_hits(&hits), Form::Native))
}

fn add_link(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    let body = work.call.json()?;
    work.state.shared_concept(work.call.user, id)?;
    let missing = || Refusal::field("permission", "An access permission level is required");
    let level = read_level(&body)?.ok_or_else(missing)?;
    let end = read_end(&body, work.today())?;
    let description = body["description"].as_str().unwrap_or_default().to_owned();
    let who = (work.call.user, id);
    let link = sharing::add_link(work.state, who, (level, end, description), work.moment)?;
    Ok(Answer::form(201, write_link(&link), Form::Native))
}

fn no_link() -> Refusal {
    Refusal::new(404, "No secret link found with the given ID.")
}

fn show_link(work: &mut Work<'_, '_>, id: Recid, link: &str) -> Result<Answer, Refusal> {
    let concept = work.state.shared_concept(work.call.user, id)?;
    let link = concept.sharing.links.iter().find(|it| it.id == link);
    Ok(Answer::form(200, write_link(link.ok_or_else(no_link)?), Form::Native))
}

fn change_link(work: &mut Work<'_, '_>, id: Recid, link: &str) -> Result<Answer, Refusal> {
    let body = work.call.json()?;
    let level = read_level(&body)?;
    let end = read_end(&body, work.today())?;
    let is_said = body.get("expires_at").is_some();
    let concept = work.state.shared_concept(work.call.user, id)?;
    let link = concept.sharing.links.iter_mut().find(|it| it.id == link).ok_or_else(no_link)?;
    // The end is signed with the secret.
    let current = link.expires_on.as_deref().and_then(|day| day.parse::<Date>().ok());
    let is_later = match (current, end) {
        (Some(now), Some(then)) => then > now,
        (Some(_), None) => is_said,
        (None, _) => false,
    };
    if is_later {
        return Err(Refusal::field("expires_at", "Cannot postpone expiration of links"));
    }
    link.expires_on = end.map(|end| end.to_string()).or(link.expires_on.take());
    link.level = level.unwrap_or(link.level);
    if let Some(description) = body["description"].as_str() {
        description.clone_into(&mut link.description);
    }
    Ok(Answer::form(200, write_link(link), Form::Native))
}

fn remove_link(work: &mut Work<'_, '_>, id: Recid, link: &str) -> Result<Answer, Refusal> {
    let concept = work.state.shared_concept(work.call.user, id)?;
    let n_before = concept.sharing.links.len();
    concept.sharing.links.retain(|it| it.id != link);
    let is_removed = concept.sharing.links.len() < n_before;
    if is_removed { Ok(Answer::nothing()) } else { Err(no_link()) }
}

fn read_level(body: &Value) -> Result<Option<Level>, Refusal> {
    let Some(word) = body["permission"].as_str() else { return Ok(None) };
    let level = Level::parse(word).filter(|level| *level != Level::Manage);
    let refusal = || Refusal::field("permission", "Must be one of: view, preview, edit.");
    level.map(Some).ok_or_else(refusal)
}

fn read_end(body: &Value, today: Date) -> Result<Option<Date>, Refusal> {
    let Some(text) = body["expires_at"].as_str().filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let day = text.get(..10).and_then(|day| day.parse::<Date>().ok());
    let day = day.ok_or_else(|| Refusal::field("expires_at", "Not a valid ISO date string."))?;
    if day <= today {
        return Err(Refusal::field("expires_at", "Expiration date must be set to the future"));
    }
    Ok(Some(day))
}

/// Replaces the settings: what is not sent is set to its default.
fn replace_settings(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    let body = work.call.json()?;
    let days = body["secret_link_expiration"].as_u64().unwrap_or_default();
    if days > MOST_DAYS {
        let words = "Must be greater than or equal to 0 and less than or equal to 365.";
        return Err(Refusal::field("secret_link_expiration", words));
    }
    let flag = |key: &str| body[key].as_bool().unwrap_or_default();
    let concept = work.state.shared_concept(work.call.user, id)?;
    concept.sharing.settings = Settings {
        allow_user_requests: flag("allow_user_requests"),
        allow_guest_requests: flag("allow_guest_requests"),
        accept_conditions_text: body["accept_conditions_text"].as_str().map(clean_html),
        secret_link_expiration: days,
    };
    let record = work.state.records.get(&id).map(Found::Record);
    let found = record.or_else(|| work.state.drafts.get(&id).map(Found::Draft));
    let found = found.ok_or_else(Refusal::no_such_id)?;
    let body = native_out::write_record(work.view(), found, Form::Native, Place::Alone);
    Ok(Answer::form(200, body, Form::Native).tagged(found.version().revision))
}

fn write_hits(hits: &[Value]) -> Value {
    json!({"hits": {"hits": hits, "total": hits.len()}})
}

/// Answers `/api/users…`: the accounts that are shown to others, which are all of them here.
///
/// Source: invenio-users-resources, `tests/resources/test_resources_users.py`, 2026-11-30.
///
/// # Errors
/// 403 for a list and 404 for an account without credentials.
pub(crate) fn handle_users(work: &Work<'_, '_>, path: &[&str]) -> Result<Answer, Refusal> {
    if work.call.method != Method::GET {
        return Err(Refusal::no_method());
    }
    match path {
        [] => {
            work.call.signed_in()?;
            let sought = work.call.parameter("q").unwrap_or_default().to_lowercase();
            let all = work.state.users.values();
            let hits = all.filter(|user| user.email.to_lowercase().contains(&sought));
            let hits: Vec<Value> = hits.map(write_user).collect();
            Ok(Answer::json(200, write_hits(&hits)))
        }
        [id] => {
            let user = work.state.users.values().find(|user| user.id.to_string() == *id);
            let user = user.filter(|_| work.call.user.is_some());
            Ok(Answer::json(200, write_user(user.ok_or_else(Refusal::no_such_id)?)))
        }
        _ => Err(Refusal::no_route()),
    }
}

fn write_user(user: &User) -> Value {
    let name = user.email.split('@').next().unwrap_or_default();
    json!({"id": user.id.to_string(), "username": name, "profile": {"full_name": name}})
}
