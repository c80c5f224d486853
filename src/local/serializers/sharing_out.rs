//! Grants and secret links as the records API shows them.

use serde_json::{Value, json};

use crate::local::state::sharing_rows::{Grant, SecretLink};

/// Writes a grant.
pub(crate) fn write_grant(grant: &Grant) -> Value {
    json!({
        "permission": grant.permission,
        "subject": {"id": grant.id, "type": grant.kind},
        "origin": grant.origin,
    })
}

/// Writes a secret link, with its secret: only those who may share see it.
pub(crate) fn write_link(link: &SecretLink) -> Value {
    let mut out = json!({
        "id": link.id,
        "created_at": link.created_at.to_string(),
        "permission": link.level,
        "description": link.description,
        "origin": null,
        "token": link.token,
    });
    if let Some(end) = &link.expires_on {
        out["expires_at"] = format!("{end}T00:00:00+00:00").into();
    }
    out
}
