//! Requests and communities as the server shows them.
//!
//! As recorded on 2026-11-23 (`tests/contract/communities-*.json`).

use serde_json::{Map, Value, json};

use super::View;
use super::time::write_time;
use crate::local::state::requests;
use crate::local::state::types::{Community, Request, Submission};

/// Writes a request.
pub(crate) fn write_request(view: View<'_>, request: &Request) -> Value {
    let link = format!("{}/api/requests/{}", view.base, request.id);
    // The links depend on the user: an action that this user may not take has no link.
    let actions: Map<String, Value> =
        requests::list_allowed_actions(view.state, view.user, request)
            .into_iter()
            .map(|(name, _)| (name.to_owned(), json!(format!("{link}/actions/{name}"))))
            .collect();
    let mut out = json!({
        "id": request.id,
        "created": write_time(request.created),
        "updated": write_time(request.updated),
        "links": {
            "self": link,
            "self_html": format!("{}/me/requests/{}", view.base, request.id),
            "actions": actions,
        },
        "revision_id": request.revision,
        "type": request.kind,
        "title": request.title,
        "status": request.status,
        "is_closed": request.status.is_closed(),
        "is_open": request.status.is_open(),
        "is_expired": false,
        "created_by": {"user": request.creator.to_string()},
        "receiver": request.community.as_ref().map(|id| json!({"community": id})),
        "topic": {"record": request.topic.to_string()},
        "files": {"enabled": true},
    });
    if let Some(payload) = &request.payload {
        out["payload"] = payload.clone();
    }
    out
}

/// Writes a review inside the record that it is about.
pub(crate) fn write_review(review: &Request) -> Value {
    json!({
        "id": review.id,
        "links": {},
        "type": review.kind,
        "title": "",
        "status": review.status,
        "receiver": review.community.as_ref().map(|id| json!({"community": id})),
    })
}

/// Writes what was said about a request: here the comment of its creator alone.
pub(crate) fn write_timeline(request: &Request) -> Value {
    let comment = |content: &String| {
        json!({
            "type": "C",
            "created": write_time(request.created),
            "created_by": {"user": request.creator.to_string()},
            "payload": {"content": content, "format": "html"},
        })
    };
    let events: Vec<Value> = request.comment.iter().map(comment).collect();
    json!({"hits": {"hits": events, "total": events.len()}})
}

/// Writes a community.
pub(crate) fn write_community(view: View<'_>, community: &Community) -> Value {
    let link = format!("{}/api/communities/{}", view.base, community.id);
    let mut out = write_community_entry(community);
    out["links"] = json!({
        "self": link,
        "self_html": format!("{}/communities/{}/", view.base, community.slug),
        "requests": format!("{link}/requests"),
    });
    out
}

/// Writes a community inside a record, without its links.
pub(crate) fn write_community_entry(community: &Community) -> Value {
    json!({
        "id": community.id,
        "created": write_time(community.created),
        // A community never changes here, so the creation is its last update.
        "updated": write_time(community.created),
        "links": {},
        "revision_id": COMMUNITY_REVISION,
        "slug": community.slug,
        "metadata": {"title": community.title, "type": {"id": "topic"}},
        "access": {
            "visibility": "public",
            "record_submission_policy": match community.submission {
                Submission::Open => "open",
                Submission::Members => "closed",
            },
            "review_policy": community.review,
        },
    })
}

/// The revision of a community that is unchanged since its creation.
pub(crate) const COMMUNITY_REVISION: u64 = 2;
