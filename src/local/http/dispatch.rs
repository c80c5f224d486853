//! Which handler answers which path.
//!
//! Deliberately absent: uploads and logging in, which `app` handles before.

use http::Method;

use super::answer::Answer;
use super::call::Work;
use super::{buckets, communities, depositions, records, web};
use crate::local::serializers::vocabulary;
use crate::local::state::refusal::Refusal;
use serde_json::{Value, json};

/// Answers a request.
///
/// # Errors
/// In the server's words; the caller then has to take the state back.
pub(crate) fn dispatch(work: &mut Work<'_, '_>) -> Result<Answer, Refusal> {
    let call = work.call;
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let is_get = call.method == Method::GET;
    match path.as_slice() {
        ["api", "deposit", "depositions", rest @ ..] => depositions::handle(work, rest),
        ["api", "files", rest @ ..] => buckets::handle(work, rest),
        ["api", "records", rest @ ..] => records::handle(work, rest),
        ["api", "communities", rest @ ..] => communities::handle(work, rest),
        ["api", "requests", rest @ ..] => communities::handle_requests(work, rest),
        ["api", "user", "records"] if is_get => records::handle_user_records(work),
        ["api", "user", "communities"] if is_get => communities::handle_user_communities(work),
        ["api", "me"] if is_get => depositions::handle_me(work),
        ["api", "licenses"] if is_get => {
            let to = format!("{}/api/vocabularies/licenses", call.base);
            let body = json!({"status": 301, "message": "Redirecting...", "location": to});
            Ok(Answer::json(301, body).to(to))
        }
        ["api", "vocabularies", "licenses", id] if is_get => handle_licence(id),
        // Known paths with another method are a 405; unknown paths below are a 404.
        ["api", "user", "records" | "communities"]
        | ["api", "me" | "licenses" | "login"]
        | ["api", "vocabularies", "licenses", _] => Err(Refusal::no_method()),
        ["api", ..] => Err(Refusal::no_route()),
        // The pages are read-only: every change goes through the API.
        rest if is_get => web::handle(work, rest),
        _ => Err(Refusal::no_route()),
    }
}

fn handle_licence(id: &str) -> Result<Answer, Refusal> {
    let licence = vocabulary::find_licence(id).ok_or_else(Refusal::no_such_id)?;
    let body: Value = json!({
        "id": licence.id,
        "title": {"en": licence.title},
        "props": {"url": licence.url},
        "type": "licenses",
    });
    Ok(Answer::json(200, body))
}
