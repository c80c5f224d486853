//! Review before publication: `/api/records/ID/draft/review`, `…/actions/submit-review`.

use http::Method;
use serde_json::Value;

use super::answer::Answer;
use super::call::Work;
use super::comment::read_comment;
use crate::local::serializers::{Form, request_out};
use crate::local::state::refusal::Refusal;
use crate::local::state::review::{self, SkipReview};
use crate::local::state::types::Recid;

/// Answers requests about the review of a draft.
///
/// # Errors
/// In the server's words.
pub(crate) fn handle(work: &mut Work<'_, '_>, id: Recid, path: &[&str]) -> Result<Answer, Refusal> {
    let user = work.call.signed_in()?;
    work.state.records_draft(Some(user), id)?;
    let method = work.call.method.clone();
    match (path, &method) {
        (["review"], &Method::GET) => {
            review::find_chosen_review(work.state, id)?;
            // The real server fails on a review that exists unless the modern form is asked for
            // (`tests/contract/communities-review-before-publish.json`,
            // `native-community-review.json`).
            if work.call.form()? != Form::Native {
                return Err(Refusal::internal());
            }
            let request = review::find_chosen_review(work.state, id)?;
            let body = request_out::write_request(work.view(), request);
            Ok(Answer::form(200, body, Form::Native).tagged(request.revision))
        }
        (["review"], &Method::PUT) => {
            let body = work.call.json()?;
            let community = body.pointer("/receiver/community").and_then(Value::as_str);
            let community = community
                .ok_or_else(|| Refusal::field("receiver", "Missing data for required field."))?;
            let request = review::choose(work.state, user, id, community, work.moment)?;
            show(work, &request, 200)
        }
        (["review"], &Method::DELETE) => {
            review::remove_choice(work.state, id)?;
            Ok(Answer::nothing())
        }
        ([_, _], &Method::POST) => {
            // Only an explicit `false` asks to skip the review: skipping publishes at once.
            let body = work.call.json_or_empty()?;
            let skip = match body.get("require_review") {
                Some(Value::Bool(false)) => SkipReview::WhereAllowed,
                Some(_) | None => SkipReview::No,
            };
            let comment = read_comment(Some(&body).filter(|body| body.get("payload").is_some()))?;
            let request = review::submit(work.state, user, id, skip, work.moment)?;
            if let Some(row) = work.state.requests.get_mut(&request) {
                row.comment = comment;
            }
            show(work, &request, 202)
        }
        _ => Err(Refusal::no_method()),
    }
}

fn show(work: &Work<'_, '_>, request: &str, status: u16) -> Result<Answer, Refusal> {
    let request = work.state.requests.get(&request.to_owned()).ok_or_else(Refusal::internal)?;
    Ok(Answer::json(status, request_out::write_request(work.view(), request)))
}
