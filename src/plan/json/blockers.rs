//! Writes and reads a plan's blockers as JSON.

use serde_json::{Value as Json, json};

use crate::model::{
    Community, ConceptId, Doi, Field, FileKey, Link, LinkedDoi, OtherManifest, Recid, RecordId,
    Vocabulary, VocabularyId,
};
use crate::observed::{Astray, Candidate};
use crate::plan::Blocker;

use super::parts::decode_optional;
use super::sharing::{decode_grantee, encode_grantee};

/// Returns a blocker as an object with its `kind`.
#[expect(clippy::too_many_lines, reason = "one entry a kind; to cut it would hide one")]
pub(in crate::plan) fn encode_blocker(blocker: &Blocker) -> Json {
    let slug = |community: &Option<Community>| community.as_ref().map(|slug| slug.0.clone());
    match blocker {
        Blocker::Gone { status, message } => {
            json!({"kind": "gone", "status": status, "message": message})
        }
        Blocker::NotOurs { message } => json!({"kind": "not_ours", "message": message}),
        Blocker::NotPublic { message } => json!({"kind": "not_public", "message": message}),
        Blocker::UnderReview { draft, community, since } => json!({
            "kind": "under_review",
            "draft": draft.0,
            "community": slug(community),
            "since": since.map(|since| since.to_string()),
        }),
        Blocker::ReviewChosen { draft, community } => {
            json!({"kind": "review_chosen", "draft": draft.0, "community": slug(community)})
        }
        Blocker::ReviewDeclined { draft, community, is_wanted } => json!({
            "kind": "review_declined",
            "draft": draft.0,
            "community": slug(community),
            "is_wanted": is_wanted,
        }),
        Blocker::ForeignDraft { draft, is_edit, foreign } => json!({
            "kind": "foreign_draft",
            "draft": draft.0,
            "is_edit": is_edit,
            "foreign": foreign,
        }),
        Blocker::ForeignDoi { draft, is_edit, doi } => json!({
            "kind": "foreign_doi",
            "draft": draft.0,
            "is_edit": is_edit,
            "doi": doi.as_str(),
        }),
        Blocker::UnseenDraft => json!({"kind": "unseen_draft"}),
        Blocker::ExternalDoi(doi) => json!({"kind": "external_doi", "doi": doi.as_str()}),
        Blocker::LabelTaken { label, version } => {
            json!({"kind": "label_taken", "label": label, "version": version.0})
        }
        Blocker::LabelUnknown => json!({"kind": "label_unknown"}),
        Blocker::ReservedForAnother { draft, reserved, wanted } => json!({
            "kind": "reserved_for_another",
            "draft": draft.0,
            "reserved": reserved,
            "wanted": wanted,
        }),
        Blocker::Unwritten { doi, files } => json!({
            "kind": "unwritten",
            "doi": doi.as_ref().map(Doi::as_str),
            "files": files,
        }),
        Blocker::LinksUnknown(links) => encode_unknown_links(links),
        Blocker::ReservationLost(draft) => json!({"kind": "reservation_lost", "draft": draft.0}),
        Blocker::FirstRecord => json!({"kind": "first_record"}),
        Blocker::Alike(candidates) => json!({
            "kind": "alike",
            "records": candidates.iter().map(encode_candidate).collect::<Vec<_>>(),
        }),
        Blocker::NotLastApplied { last, latest } => {
            json!({"kind": "not_last_applied", "last": last.0, "latest": latest.0})
        }
        Blocker::BindingChanged { lock, manifest } => {
            json!({"kind": "binding_changed", "lock": lock.0, "manifest": manifest.0})
        }
        Blocker::SharedRecord { concept, manifest, other } => json!({
            "kind": "shared_record",
            "concept": concept.0,
            "for": manifest,
            "others": [encode_other_manifest(other)],
        }),
        Blocker::Renamed { manifest, gone } => json!({
            "kind": "renamed",
            "for": manifest,
            "others": gone.iter().map(encode_other_manifest).collect::<Vec<_>>(),
        }),
        Blocker::KeepsNothing(pattern) => json!({"kind": "keeps_nothing", "keep": pattern}),
        Blocker::NotKept { key, draft } => json!({
            "kind": "not_kept",
            "file": key.as_str(),
            "draft": draft.map(|id| id.0),
        }),
        Blocker::AnotherWork { version, title, creators } => json!({
            "kind": "another_work",
            "version": version.0,
            "title": title,
            "creators": creators,
        }),
        Blocker::LockAstray { astray, concept, manifest } => json!({
            "kind": "lock_astray",
            "version": astray.version.0,
            "of": astray.concept.0,
            "for": manifest,
            "concept": concept.0,
        }),
        Blocker::UnknownCommunity(community) => {
            json!({"kind": "unknown_community", "community": community.0})
        }
        Blocker::UnknownId(VocabularyId { vocabulary, id }) => {
            json!({"kind": "unknown_id", "vocabulary": vocabulary.name(), "id": id})
        }
        Blocker::UnknownGrantee(grantee) => json!({
            "kind": "unknown_grantee",
            "grantee": encode_grantee(grantee),
        }),
        Blocker::LeavesCommunity(community) => {
            json!({"kind": "leaves_community", "community": community.0})
        }
        Blocker::RequiredDeclined(community) => {
            json!({"kind": "required_declined", "community": community.0})
        }
        Blocker::ClosedCommunity(community) => {
            json!({"kind": "closed_community", "community": community.0})
        }
        Blocker::UnknownGrant(grant) => json!({"kind": "unknown_grant", "grant": grant}),
        Blocker::TextLost(field) => json!({"kind": "text_lost", "field": field.name()}),
    }
}

/// Reads a blocker; none when it is not understood.
#[expect(clippy::too_many_lines, reason = "one entry a kind; to cut it would hide one")]
pub(super) fn decode_blocker(json: &Json) -> Option<Blocker> {
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    let id = |key: &str| Recid::from_json(&json[key]).map(RecordId);
    let concept = |key: &str| Recid::from_json(&json[key]).map(ConceptId);
    let optional_doi = || match json["doi"].as_str() {
        None => Some(None),
        Some(doi) => Doi::parse(doi).ok().map(Some),
    };
    let optional_slug =
        || decode_optional(&json["community"], |slug| Some(Community(slug.as_str()?.to_owned())));
    Some(match json["kind"].as_str()? {
        "gone" => Blocker::Gone {
            status: u16::try_from(json["status"].as_u64()?).ok()?,
            message: text("message")?,
        },
        "not_ours" => Blocker::NotOurs { message: text("message")? },
        "not_public" => Blocker::NotPublic { message: text("message")? },
        "under_review" => Blocker::UnderReview {
            draft: id("draft")?,
            community: optional_slug()?,
            since: decode_optional(&json["since"], |since| since.as_str()?.parse().ok())?,
        },
        "review_chosen" => {
            Blocker::ReviewChosen { draft: id("draft")?, community: optional_slug()? }
        }
        "review_declined" => Blocker::ReviewDeclined {
            draft: id("draft")?,
            community: optional_slug()?,
            is_wanted: json["is_wanted"].as_bool()?,
        },
        "leaves_community" => Blocker::LeavesCommunity(Community(text("community")?)),
        "required_declined" => Blocker::RequiredDeclined(Community(text("community")?)),
        "foreign_draft" => Blocker::ForeignDraft {
            draft: id("draft")?,
            is_edit: json["is_edit"].as_bool()?,
            foreign: decode_each(&json["foreign"], |item| item.as_str().map(str::to_owned))?,
        },
        "foreign_doi" => Blocker::ForeignDoi {
            draft: id("draft")?,
            is_edit: json["is_edit"].as_bool()?,
            doi: Doi::parse(&text("doi")?).ok()?,
        },
        "unseen_draft" => Blocker::UnseenDraft,
        "external_doi" => Blocker::ExternalDoi(Doi::parse(&text("doi")?).ok()?),
        "label_taken" => Blocker::LabelTaken { label: text("label")?, version: id("version")? },
        "label_unknown" => Blocker::LabelUnknown,
        "reserved_for_another" => Blocker::ReservedForAnother {
            draft: id("draft")?,
            reserved: text("reserved"),
            wanted: text("wanted"),
        },
        "unwritten" => Blocker::Unwritten {
            doi: optional_doi()?,
            files: decode_each(&json["files"], |item| item.as_str().map(str::to_owned))?,
        },
        "links_unknown" => Blocker::LinksUnknown(decode_unknown_links(json)?),
        "reservation_lost" => Blocker::ReservationLost(id("draft")?),
        "first_record" => Blocker::FirstRecord,
        "alike" => Blocker::Alike(decode_each(&json["records"], read_candidate)?),
        "not_last_applied" => Blocker::NotLastApplied { last: id("last")?, latest: id("latest")? },
        "binding_changed" => {
            Blocker::BindingChanged { lock: concept("lock")?, manifest: concept("manifest")? }
        }
        "shared_record" => Blocker::SharedRecord {
            concept: concept("concept")?,
            manifest: text("for")?,
            other: read_other_manifest(&json["others"][0])?,
        },
        "renamed" => Blocker::Renamed {
            manifest: text("for")?,
            gone: decode_each(&json["others"], read_other_manifest)?,
        },
        "keeps_nothing" => Blocker::KeepsNothing(text("keep")?),
        "not_kept" => {
            Blocker::NotKept { key: FileKey::from_server(&text("file")?), draft: id("draft") }
        }
        "another_work" => Blocker::AnotherWork {
            version: id("version")?,
            title: text("title")?,
            creators: decode_each(&json["creators"], |item| item.as_str().map(str::to_owned))?,
        },
        "lock_astray" => Blocker::LockAstray {
            astray: Astray { version: id("version")?, concept: concept("of")? },
            concept: concept("concept")?,
            manifest: text("for")?,
        },
        "unknown_community" => Blocker::UnknownCommunity(Community(text("community")?)),
        "closed_community" => Blocker::ClosedCommunity(Community(text("community")?)),
        "unknown_id" => {
            let name = text("vocabulary")?;
            Blocker::UnknownId(VocabularyId {
                vocabulary: Vocabulary::ALL.into_iter().find(|it| it.name() == name)?,
                id: text("id")?,
            })
        }
        "unknown_grantee" => Blocker::UnknownGrantee(decode_grantee(&json["grantee"])?),
        "unknown_grant" => Blocker::UnknownGrant(text("grant")?),
        "text_lost" => Blocker::TextLost(Field::from_name(&text("field")?)?),
        _ => return None,
    })
}

/// Returns the links by key: those to concepts as `members`, as an older zrel wrote them.
fn encode_unknown_links(links: &[Link]) -> Json {
    let keys = |doi: LinkedDoi| -> Vec<&str> {
        links.iter().filter(|link| link.doi == doi).map(|link| link.key.as_str()).collect()
    };
    let mut json = json!({"kind": "links_unknown", "members": keys(LinkedDoi::Concept)});
    let versions = keys(LinkedDoi::Version);
    if !versions.is_empty() {
        json["versions"] = json!(versions);
    }
    json
}

fn decode_unknown_links(json: &Json) -> Option<Vec<Link>> {
    let read = |name: &str, doi| {
        decode_each(&json[name], |item| Some(Link { key: item.as_str()?.to_owned(), doi }))
    };
    let mut links = read("members", LinkedDoi::Concept)?;
    if !json["versions"].is_null() {
        links.extend(read("versions", LinkedDoi::Version)?);
    }
    // In the order of a plan that was made.
    links.sort();
    Some(links)
}

fn encode_other_manifest(other: &OtherManifest) -> Json {
    let OtherManifest { name, concept, is_gone } = other;
    json!({"manifest": name, "concept": concept.map(|id| id.0), "is_gone": is_gone})
}

fn read_other_manifest(json: &Json) -> Option<OtherManifest> {
    Some(OtherManifest {
        name: json["manifest"].as_str()?.to_owned(),
        concept: Recid::from_json(&json["concept"]).map(ConceptId),
        is_gone: json["is_gone"].as_bool()?,
    })
}

fn encode_candidate(candidate: &Candidate) -> Json {
    let Candidate { id, concept, title, description, doi, is_published, created } = candidate;
    json!({
        "id": id.0,
        "concept": concept.0,
        "title": title,
        "description": description,
        "doi": doi.as_ref().map(Doi::as_str),
        "is_published": is_published,
        "created": created,
    })
}

fn read_candidate(json: &Json) -> Option<Candidate> {
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    let doi = &json["doi"];
    // A draft may have no DOI; one that can't be read makes the plan invalid.
    let doi = if doi.is_null() { None } else { Some(Doi::parse(doi.as_str()?).ok()?) };
    Some(Candidate {
        id: RecordId(Recid::from_json(&json["id"])?),
        concept: ConceptId(Recid::from_json(&json["concept"])?),
        title: text("title")?,
        description: text("description")?,
        doi,
        is_published: json["is_published"].as_bool()?,
        created: text("created")?,
    })
}

fn decode_each<T>(json: &Json, read: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    json.as_array()?.iter().map(read).collect()
}
