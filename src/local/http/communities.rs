//! Communities and requests: `/api/communities…`, `/api/requests…`, and a record's own.
//!
//! As recorded on 2026-11-23 (`tests/contract/communities-*.json`, `tombstone.json`).

use http::Method;
use serde_json::{Value, json};

use super::answer::Answer;
use super::call::{Work, parse_recid};
use super::comment::read_comment;
use super::record_answers::build_record_page;
use super::search::{self, Page, Versions};
use crate::local::serializers::{links, request_out};
use crate::local::state::communities::{self, Asked};
use crate::local::state::quota;
use crate::local::state::refusal::Refusal;
use crate::local::state::request_actions;
use crate::local::state::requests::{self, RequestAction};
use crate::local::state::types::{Community, Recid, Request, Review, Submission};

/// Answers `/api/records/ID/{communities,requests,request-deletion,quota-increase}`.
///
/// # Errors
/// In the server's words.
pub(crate) fn handle_record_path(
    work: &mut Work<'_, '_>,
    id: &str,
    what: &str,
) -> Result<Answer, Refusal> {
    let id = parse_recid(id)?;
    let method = work.call.method.clone();
    match (what, &method) {
        ("communities", &Method::GET) => list_joined(work, id),
        ("communities", &Method::POST) => ask(work, id),
        ("communities", &Method::DELETE) => leave(work, id),
        ("requests", &Method::GET) => list_record_requests(work, id),
        ("request-deletion", &Method::POST) => delete_record(work, id),
        ("quota-increase", &Method::POST) => raise_quota(work, id),
        _ => Err(Refusal::no_method()),
    }
}

/// Answers requests below `/api/communities`.
///
/// # Errors
/// In the server's words.
pub(crate) fn handle(work: &mut Work<'_, '_>, path: &[&str]) -> Result<Answer, Refusal> {
    if work.call.method == Method::POST && path.is_empty() {
        return create(work);
    }
    if work.call.method != Method::GET {
        return Err(Refusal::no_method());
    }
    match path {
        [] => {
            let wanted = work.call.parameter("q").unwrap_or_default().to_lowercase();
            let fits = |community: &&Community| {
                community.slug.contains(&wanted) || community.title.to_lowercase().contains(&wanted)
            };
            let known: Vec<&Community> = work.state.communities.values().filter(fits).collect();
            Ok(build_communities_page(work, &known))
        }
        [name] => {
            let community = work.state.community(name).ok_or_else(Refusal::no_such_id)?;
            let body = request_out::write_community(work.view(), community);
            let answer = Answer::form(200, body, work.call.form()?);
            Ok(answer.tagged(request_out::COMMUNITY_REVISION))
        }
        [name, "requests"] => {
            let community = work.state.community(name).ok_or_else(Refusal::no_such_id)?;
            // Only members see what was asked of a community; here the owner is the only one.
            if Some(community.owner) != work.call.user {
                return Err(Refusal::denied());
            }
            let id = Some(&community.id);
            let asked = work.state.requests.values().filter(|r| r.community.as_ref() == id);
            let asked: Vec<&Request> = asked.collect();
            Ok(build_requests_page(work, asked))
        }
        [name, "records"] => {
            let community = work.state.community(name).ok_or_else(Refusal::no_such_id)?;
            let mut hits = search::list_published(work.state, work.call.user, Versions::Newest);
            hits.retain(|hit| {
                // A community has all versions of a record, so the concept says whether it is in.
                let concept = work.state.concepts.get(&hit.version().concept);
                concept.is_some_and(|concept| concept.communities.contains(&community.id))
            });
            let address = format!("/api/communities/{}/records", community.id);
            let page = Page::read(work.call, search::MAX_SIZE_GUEST)?;
            build_record_page(work, &page, hits, &address)
        }
        _ => Err(Refusal::no_route()),
    }
}

fn create(work: &mut Work<'_, '_>) -> Result<Answer, Refusal> {
    let owner = work.call.signed_in()?;
    let body = work.call.json()?;
    let text = |at: &str| body.pointer(at).and_then(Value::as_str).map(str::to_owned);
    let missing = |field: &str| Refusal::field(field, "Missing data for required field.");
    let slug = text("/slug").ok_or_else(|| missing("slug"))?;
    let title = text("/metadata/title").ok_or_else(|| missing("metadata.title"))?;
    if work.state.community(&slug).is_some() {
        return Err(Refusal::field("slug", "A community with this identifier already exists."));
    }
    let community = Community {
        id: work.moment.id(),
        slug: slug.clone(),
        title,
        owner,
        submission: Submission::Open,
        review: match text("/access/review_policy").as_deref() {
            Some("open") => Review::Open,
            Some(_) | None => Review::Closed,
        },
        reviews_versions: false,
        created: work.moment.now,
    };
    communities::create(work.state, community);
    let community = work.state.community(&slug).ok_or_else(Refusal::internal)?;
    let body = request_out::write_community(work.view(), community);
    Ok(Answer::json(201, body).tagged(request_out::COMMUNITY_REVISION))
}

/// Answers `GET /api/user/communities`: those that the user is a member of.
///
/// # Errors
/// 403 without credentials.
pub(crate) fn handle_user_communities(work: &Work<'_, '_>) -> Result<Answer, Refusal> {
    let user = work.call.signed_in()?;
    let wanted = work.call.parameter("q").unwrap_or_default();
    // Clients ask with `q=slug:"NAME"`; of the search language only this much is needed here.
    let wanted = wanted.trim_start_matches("slug:").trim_matches('"');
    let fits = |it: &&Community| it.owner == user && (wanted.is_empty() || it.slug == wanted);
    let own: Vec<&Community> = work.state.communities.values().filter(fits).collect();
    Ok(build_communities_page(work, &own))
}

fn build_communities_page(work: &Work<'_, '_>, communities: &[&Community]) -> Answer {
    let view = work.view();
    let rows: Vec<Value> =
        communities.iter().map(|c| request_out::write_community(view, c)).collect();
    let link = build_listing_link(work, "/api/communities");
    let body = json!({
        "hits": {"hits": rows, "total": rows.len()},
        "links": {"self": link},
        "sortBy": "newest",
    });
    Answer::json(200, body)
}

/// Returns the link of a listing: the server names the page of all entries, whatever was asked.
fn build_listing_link(work: &Work<'_, '_>, address: &str) -> String {
    let mut parameters =
        vec![("page", "1".to_owned()), ("size", "25".to_owned()), ("sort", "newest".to_owned())];
    if let Some(open) = work.call.parameter("is_open") {
        // The real server writes the value as Python does.
        let open = if matches!(open, "true" | "True" | "1") { "True" } else { "False" };
        parameters.push(("is_open", open.to_owned()));
    }
    links::make_page_link(&format!("{}{address}", work.call.base), &parameters)
}

fn list_joined(work: &Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    let record = work.state.public_record(work.call.user, id)?;
    let concept = work.state.concept_of(&record.version)?;
    let joined = concept.communities.iter().filter_map(|id| work.state.communities.get(id));
    let joined: Vec<&Community> = joined.collect();
    Ok(build_communities_page(work, &joined))
}

/// A community that a call names.
struct Named {
    /// Its slug or id.
    slug: String,
    /// The words to its curators.
    comment: Option<String>,
}

/// Returns what is in `{"communities": [{"id": …, "comment": …}]}`.
fn read_named_communities(work: &Work<'_, '_>) -> Result<Vec<Named>, Refusal> {
    let body = work.call.json()?;
    let missing = || Refusal::field("communities", "Missing data for required field.");
    let list = body.get("communities").and_then(Value::as_array).ok_or_else(missing)?;
    let named = list.iter().filter_map(|row| Some((row.get("id")?.as_str()?, row.get("comment"))));
    named
        .map(|(slug, comment)| Ok(Named { slug: slug.to_owned(), comment: read_comment(comment)? }))
        .collect()
}

/// Refuses everyone except the owner of a published record.
fn require_own_record(work: &Work<'_, '_>, id: Recid) -> Result<(), Refusal> {
    let record = work.state.public_record(work.call.user, id)?;
    if work.state.owns(work.call.user, &record.version) { Ok(()) } else { Err(Refusal::denied()) }
}

fn ask(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    let user = work.call.signed_in()?;
    require_own_record(work, id)?;
    let (mut processed, mut errors) = (Vec::new(), Vec::new());
    for Named { slug, comment } in read_named_communities(work)? {
        match communities::ask(work.state, user, id, &slug, work.moment) {
            // One community that refuses does not stop the others: it becomes an entry of `errors`.
            Asked::Refused(message) => {
                errors.push(json!({"community_id": slug, "message": message}));
            }
            Asked::Request(request) => {
                let row = work.state.requests.get_mut(&request).ok_or_else(Refusal::internal)?;
                row.comment = comment;
                let row = work.state.requests.get(&request).ok_or_else(Refusal::internal)?;
                let shown = request_out::write_request(work.view(), row);
                processed
                    .push(json!({"community_id": slug, "request": shown, "request_id": request}));
            }
        }
    }
    Ok(build_outcome(processed, errors))
}

/// Builds the answer about several communities.
fn build_outcome(processed: Vec<Value>, errors: Vec<Value>) -> Answer {
    // As recorded: a single success makes a 200, so a client has to read `errors` then too.
    let status = if processed.is_empty() { 400 } else { 200 };
    let mut body = json!({});
    if !processed.is_empty() {
        body["processed"] = Value::from(processed);
    }
    if !errors.is_empty() {
        body["errors"] = Value::from(errors);
    }
    Answer::json(status, body)
}

fn leave(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    require_own_record(work, id)?;
    let (mut processed, mut errors) = (Vec::new(), Vec::new());
    for Named { slug, .. } in read_named_communities(work)? {
        // The server knows the community by its id here, and refuses its slug.
        let is_id = uuid::Uuid::try_parse(&slug).is_ok();
        if is_id && communities::leave(work.state, id, &slug)? {
            processed.push(json!({"community": slug}));
        } else {
            // The message names the internal UUID of the record, which this server does not keep.
            let record = work.moment.id();
            let message = format!("The record {record} in not included in the community {slug}.");
            errors.push(json!({"community": slug, "message": message}));
        }
    }
    Ok(build_outcome(processed, errors))
}

fn build_requests_page(work: &Work<'_, '_>, mut requests: Vec<&Request>) -> Answer {
    if let Some(open) = work.call.parameter("is_open") {
        let wants_open = matches!(open, "true" | "True" | "1");
        requests.retain(|request| request.status.is_open() == wants_open);
    }
    requests.sort_by_key(|request| std::cmp::Reverse(request.created));
    let view = work.view();
    let rows: Vec<Value> = requests.iter().map(|r| request_out::write_request(view, r)).collect();
    let link = build_listing_link(work, "/api/requests/");
    let body = json!({
        "hits": {"hits": rows, "total": rows.len()},
        "links": {"self": link},
        "sortBy": "newest",
    });
    Answer::json(200, body)
}

fn list_record_requests(work: &Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    let user = work.call.user;
    let found = work.state.deposition(user, id)?;
    // A request that another user made about this record is left out, as it is when read alone.
    let id = found.version().id;
    let known = work.state.requests.values().filter(|request| request.topic == id);
    let known: Vec<&Request> =
        known.filter(|r| requests::read_request(work.state, user, &r.id).is_ok()).collect();
    Ok(build_requests_page(work, known))
}

fn delete_record(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    let user = work.call.signed_in()?;
    require_own_record(work, id)?;
    let body = work.call.json_or_empty()?;
    let reason = body.get("reason").and_then(Value::as_str);
    let reason =
        reason.ok_or_else(|| Refusal::field("reason", "Missing data for required field."))?;
    let request = communities::delete_record(work.state, user, id, reason, work.moment)?;
    let row = work.state.requests.get(&request).ok_or_else(Refusal::internal)?;
    Ok(Answer::json(200, request_out::write_request(work.view(), row)))
}

/// Raises how much a record may hold.
fn raise_quota(work: &mut Work<'_, '_>, id: Recid) -> Result<Answer, Refusal> {
    let user = work.call.signed_in()?;
    let body = work.call.json_or_empty()?;
    let size = match body.get("quota_size") {
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(number) => number.as_u64(),
        None => Some(0),
    };
    let size = size.ok_or_else(Refusal::internal)?;
    let quota = work.call.quota;
    let request = quota::raise(work.state, user, id, (size, quota), work.moment)?;
    let row = work.state.requests.get(&request).ok_or_else(Refusal::internal)?;
    Ok(Answer::json(200, request_out::write_request(work.view(), row)))
}

/// Answers requests below `/api/requests`.
///
/// # Errors
/// In the server's words.
pub(crate) fn handle_requests(work: &mut Work<'_, '_>, path: &[&str]) -> Result<Answer, Refusal> {
    let method = work.call.method.clone();
    match (path, &method) {
        ([], &Method::GET) => {
            let user = work.call.user;
            work.call.signed_in()?;
            let all = work.state.requests.values();
            let mine =
                all.filter(|r| requests::read_request(work.state, user, &r.id).is_ok()).collect();
            Ok(build_requests_page(work, mine))
        }
        ([id], &Method::GET) => show(work, id),
        ([id, "timeline"], &Method::GET) => {
            let request = requests::read_request(work.state, work.call.user, id)?;
            Ok(Answer::json(200, request_out::write_timeline(request)))
        }
        ([id, "actions", action], &Method::POST) => {
            // The body is a comment, which is not stored; one that is not JSON is still refused.
            work.call.json_or_empty()?;
            let action = RequestAction::parse(action).ok_or_else(Refusal::no_route)?;
            request_actions::act(work.state, work.call.user, id, action, work.moment)?;
            show(work, id)
        }
        ([] | [_] | [_, "timeline"] | [_, "actions", _], _) => Err(Refusal::no_method()),
        _ => Err(Refusal::no_route()),
    }
}

fn show(work: &Work<'_, '_>, id: &str) -> Result<Answer, Refusal> {
    let request = requests::read_request(work.state, work.call.user, id)?;
    let body = request_out::write_request(work.view(), request);
    Ok(Answer::form(200, body, work.call.form()?).tagged(request.revision))
}
