//! Parts of a document that the digest covers in the same words.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::model::{Community, LinkedDoi, MetadataOrigins, Severity};
use crate::plan::{Noted, NotedPlace, PlanFlags, Position};

/// The keys of a plan's links, by the DOI that they are to.
pub(super) const LINKED: [(&str, LinkedDoi); 2] =
    [("links", LinkedDoi::Concept), ("version_links", LinkedDoi::Version)];

/// Reads a value that may be missing; none when it is there and not understood.
#[expect(clippy::option_option, reason = "not there, there, or not understood")]
pub(super) fn decode_optional<T>(
    json: &Json,
    decode: impl Fn(&Json) -> Option<T>,
) -> Option<Option<T>> {
    if json.is_null() { Some(None) } else { decode(json).map(Some) }
}

/// Returns the flags of a plan as an object.
pub(in crate::plan) fn encode_flags(flags: &PlanFlags) -> Json {
    let PlanFlags {
        no_publish,
        initial,
        same_title,
        adopt_draft,
        over,
        ask_again,
        leave,
        publish_declined,
    } = flags;
    let slugs = |all: &BTreeSet<Community>| all.iter().map(|one| one.0.clone()).collect::<Vec<_>>();
    let mut out = json!({
        "no_publish": no_publish,
        "initial": initial,
        "same_title": same_title,
        "adopt_draft": adopt_draft.map(|id| id.0),
        "over": over.map(|id| id.0),
        // An older zrel had one flag for all communities, and nothing of the other two.
        "ask_again": false,
    });
    if !ask_again.is_empty() {
        out["ask_again"] = slugs(ask_again).into();
    }
    if !leave.is_empty() {
        out["leave"] = slugs(leave).into();
    }
    if let Some(draft) = publish_declined {
        out["publish_declined"] = json!(draft.0);
    }
    out
}

/// Returns the communities of each field to which some contributed, as an object.
pub(in crate::plan) fn encode_origins(origins: &MetadataOrigins) -> Json {
    let ids = |communities: &[Community]| communities.iter().map(|one| one.0.clone()).collect();
    origins
        .iter()
        .map(|(field, communities)| (field.name().to_owned(), ids(communities)))
        .collect::<Map<String, Json>>()
        .into()
}

/// Returns a finding as it is in a document.
pub fn encode_noted(noted: &Noted) -> Json {
    let Noted { severity, code, summary, place, why, hints } = noted;
    let position = |Position { line, column, byte }: Position| json!({"line": line, "column": column, "byte": byte});
    let place = place.as_ref().map(|NotedPlace { file, start, end, text }| {
        json!({"file": file, "start": position(*start), "end": position(*end), "text": text})
    });
    json!({
        "code": code,
        "severity": encode_severity(*severity),
        "summary": summary,
        "place": place,
        "why": why,
        "hints": hints,
    })
}

/// Returns a severity's name in documents.
pub fn encode_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
