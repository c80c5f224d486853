//! Who has access to a record beside its owner, for a terminal and as JSON.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::model::Sharing;
use crate::observed::RecordAccess;
use crate::plan::encode_grantee;

use super::escape::quote_text;
use super::sharing::{describe_terms, describe_who_may_ask, name_link};

/// Returns who has access as text, without the addresses of secret links. Ends with a line feed.
pub fn render_access(access: &RecordAccess, wanted: &Sharing) -> String {
    let mut rows = Vec::new();
    for (grantee, permission) in &access.grants {
        let origin = name_origin(wanted.grants.contains_key(grantee));
        rows.push((quote_text(&grantee.to_string()), permission.to_string(), origin));
    }
    for secret in &access.links {
        let link = &secret.link;
        let origin = name_origin(wanted.links.contains_key(&link.name));
        rows.push((name_link(&link.name, quote_text), describe_terms(link.terms), origin));
    }
    let mut out =
        format!("Access to record {} and all its versions, beside its owner\n", access.id);
    let width = rows.iter().map(|row| row.0.chars().count()).max().unwrap_or_default();
    let wide = rows.iter().map(|row| row.1.chars().count()).max().unwrap_or_default();
    for (who, what, origin) in &rows {
        let _ = writeln!(out, "  {who:<width$}  {what:<wide$}  {origin}");
    }
    if rows.is_empty() {
        out.push_str("  nobody\n");
    }
    let _ = writeln!(out, "Requests: {}", describe_who_may_ask(&access.requests, quote_text));
    out
}

fn name_origin(is_in_manifest: bool) -> &'static str {
    if is_in_manifest { "in the manifest" } else { "not in the manifest" }
}

/// Returns who has access as a document, without the addresses of secret links.
pub fn encode_access(access: &RecordAccess, wanted: &Sharing) -> Json {
    let grants = access.grants.iter().map(|(grantee, permission)| {
        json!({
            "grantee": encode_grantee(grantee),
            "permission": permission.name(),
            "in_manifest": wanted.grants.contains_key(grantee),
        })
    });
    let links = access.links.iter().map(|secret| {
        json!({
            "id": secret.link.id,
            "name": secret.link.name,
            "permission": secret.link.terms.permission.name(),
            "until": secret.link.terms.until.map(|until| until.to_string()),
            "in_manifest": wanted.links.contains_key(&secret.link.name),
        })
    });
    let requests = &access.requests;
    json!({
        "format_version": "1.0",
        "record": access.id.0,
        "grants": grants.collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
        "requests": {
            "users": requests.users,
            "guests": requests.guests,
            "conditions": requests.conditions,
            "link_days": requests.link_days,
        },
    })
}
