//! Buckets: `/api/files/BUCKET…`, except the upload.
//!
//! The errors are the real server's (2026-11-23): listing a bucket is a 500, and a delete succeeds
//! and then answers 500.

use http::Method;

use super::answer::{Answer, Body};
use super::call::Work;
use crate::local::state::files;
use crate::local::state::refusal::Refusal;

/// Answers requests below `/api/files`.
///
/// # Errors
/// In the server's words.
pub(crate) fn handle(work: &mut Work<'_, '_>, path: &[&str]) -> Result<Answer, Refusal> {
    let method = work.call.method.clone();
    match (path, &method) {
        // No client may rely on listing a bucket: the real server always fails.
        ([_], &Method::GET) => Err(Refusal::internal()),
        ([bucket, key], &Method::GET) => download(work, bucket, key),
        ([bucket, key], &Method::DELETE) => delete(work, bucket, key),
        ([_] | [_, _], _) => Err(Refusal::no_method()),
        _ => Err(Refusal::no_route()),
    }
}

fn download(work: &Work<'_, '_>, bucket: &str, key: &str) -> Result<Answer, Refusal> {
    let content =
        files::find_bucket_content(work.state, work.visitor(), bucket, key, work.today())?;
    let (content, key) = (content.clone(), key.to_owned());
    Ok(Answer::with(200, Body::File { content, key, media_type: "application/octet-stream" }))
}

fn delete(work: &mut Work<'_, '_>, bucket: &str, key: &str) -> Result<Answer, Refusal> {
    let id = files::find_writable_draft(work.state, work.call.user, bucket)?.version.id;
    files::delete(work.state, id, key, work.moment)?;
    // The answer is a 500, but the file stays deleted: a refusal would undo the delete.
    Ok(Answer::json(500, Refusal::internal().body))
}
