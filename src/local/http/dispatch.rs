//! Which handler answers which path.
//!
//! Deliberately absent: uploads and logging in, which `app` handles before.

use http::Method;

use super::answer::Answer;
use super::call::Work;
use super::{buckets, communities, depositions, records, sharing, vocabularies, web};
use crate::local::state::refusal::Refusal;

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
        ["api", "users", rest @ ..] => sharing::handle_users(work, rest),
        ["api", "user", "records"] if is_get => records::handle_user_records(work),
        ["api", "user", "communities"] if is_get => communities::handle_user_communities(work),
        ["api", "me"] if is_get => depositions::handle_me(work),
        ["api", "licenses"] if is_get => Ok(vocabularies::redirect_licences(work)),
        ["api", name @ ("affiliations" | "funders" | "awards" | "subjects"), id @ ..]
            if is_get && !id.is_empty() =>
        {
            vocabularies::show_entry(name, &id.join("/"))
        }
        ["api", "vocabularies", rest @ ..] => vocabularies::handle(work, rest),
        // Known paths with another method are a 405; unknown paths below are a 404.
        ["api", "user", "records" | "communities"] | ["api", "me" | "licenses" | "login"] => {
            Err(Refusal::no_method())
        }
        ["api", ..] => Err(Refusal::no_route()),
        // The pages are read-only: every change goes through the API.
        rest if is_get => web::handle(work, rest),
        _ => Err(Refusal::no_route()),
    }
}
