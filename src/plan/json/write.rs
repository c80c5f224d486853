//! Writes a plan as JSON.

use serde_json::{Map, Value as Json, json};

use crate::desired::Links;
use crate::model::{
    Content, FieldChange, FileChange, FileChangeKind, Recid, RecordId, Server, Value,
};
use crate::observed::{CommunityStatus, View};

use super::FORMAT_VERSION;
use super::blockers::encode_blocker;
use super::parts::{LINKED, encode_flags, encode_noted, encode_origins};
use super::sharing::{encode_share_action, encode_sharing};
use crate::metadata_json::{metadata_to_json, value_to_json};
use crate::plan::{
    Action, Base, CommunityOrigin, CommunityPlan, CommunityWork, MetadataApi, Operation, Plan,
    PlannedFile, Reason, SentFile, Step, Target, Unresolved, compute_digest,
};

/// Returns the plan as a document: everything that a screen shows, and the digest.
///
/// The findings of `check` are beside it, and follow from it.
pub fn encode_plan(plan: &Plan) -> Json {
    let Plan {
        server,
        view,
        base,
        operation,
        steps,
        files,
        metadata,
        communities,
        sharing,
        target,
        links,
        metadata_origins,
        unresolved,
        blockers,
        settled,
        flags,
        noted,
        metadata_api,
        unsupported,
        stray_draft,
    } = plan;
    let json = json!({
        "format_version": FORMAT_VERSION,
        "digest": format!("sha256:{}", compute_digest(plan)),
        "server": encode_server(server),
        "view": encode_view(*view),
        "basis": encode_basis(base),
        "operation": encode_operation(*operation),
        // These three repeat the rest, for readers that only show a plan.
        "changes": !plan.is_empty(),
        "publishes": plan.publishes(),
        "upload_bytes": plan.upload_bytes(),
        "steps": steps.iter().map(encode_step).collect::<Vec<_>>(),
        "files": files.iter().map(encode_file_change).collect::<Vec<_>>(),
        "metadata": null,
        "communities": communities.iter().map(encode_community).collect::<Vec<_>>(),
        "target": null,
        "unresolved": unresolved.iter().map(encode_unresolved).collect::<Vec<_>>(),
        "losses": unsupported.iter().map(|l| json!({"place": l.place, "what": l.what})).collect::<Vec<_>>(),
        "stray_draft": stray_draft.map(|id| id.0),
        "obstacles": blockers.iter().map(encode_blocker).collect::<Vec<_>>(),
        "settled": settled.iter().map(encode_blocker).collect::<Vec<_>>(),
        "decisions": encode_flags(flags),
        "noted": noted.iter().map(encode_noted).collect::<Vec<_>>(),
    });
    let mut json = add_metadata((metadata, target), json);
    // Without them a plan is as an older zrel wrote it.
    add_links(links, &mut json);
    let rest =
        [("metadata_api", encode_metadata_api(metadata_api)), ("access", encode_sharing(sharing))];
    for (key, value) in rest.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        json[key] = value;
    }
    if !metadata_origins.is_empty() {
        json["metadata_origins"] = encode_origins(metadata_origins);
    }
    json
}

fn encode_server(server: &Server) -> Json {
    let mut json = json!({"name": server.name, "url": server.url, "doi_prefix": server.doi_prefix});
    // Most servers give DOIs.
    if !server.mints_dois {
        json["dois"] = false.into();
    }
    json
}

fn add_links(links: &Links, json: &mut Json) {
    for (name, doi) in LINKED {
        let links = links.iter().filter(|(link, _)| link.doi == doi);
        let links: Map<String, Json> =
            links.map(|(link, doi)| (link.key.clone(), json!(doi))).collect();
        if !links.is_empty() {
            json[name] = links.into();
        }
    }
}

/// Adds what a record may have thousands of. It is moved, since `json!` copies what it is given.
fn add_metadata((changes, target): (&[FieldChange], &Target), mut json: Json) -> Json {
    json["metadata"] = changes.iter().map(encode_field_change).collect();
    json["target"] = encode_target(target);
    json
}

/// Shows which API replaces the metadata; a plan of the deposit API has no such key.
fn encode_metadata_api(api: &MetadataApi) -> Option<Json> {
    match api {
        MetadataApi::Deposit => None,
        MetadataApi::Records { fields, places } => {
            let fields = fields.iter().map(|field| field.name()).collect::<Vec<_>>();
            Some(json!({"name": "records", "fields": fields, "places": places}))
        }
        MetadataApi::RecordsAlone { is_chosen } => {
            Some(json!({"name": "records-alone", "is_chosen": is_chosen}))
        }
    }
}

fn encode_basis(base: &Base) -> Json {
    let Base {
        concept,
        concept_doi,
        version,
        doi,
        label,
        title,
        revision,
        contents,
        fingerprint,
        draft,
        last_applied,
    } = base;
    json!({
        "concept": concept.map(|id| id.0),
        "concept_doi": concept_doi.as_ref().map(ToString::to_string),
        "version": version.and_then(encode_version),
        "doi": doi.as_ref().map(ToString::to_string),
        "label": label,
        "title": title,
        "revision": revision,
        "contents": contents.map(|digest| format!("sha256:{digest}")),
        "fingerprint": fingerprint.map(|digest| format!("sha256:{digest}")),
        "draft": draft.map(|draft| json!({"id": draft.id.0, "revision": draft.revision})),
        "last_applied": last_applied.map(|id| id.0),
    })
}

/// Returns the number of a version; none for one that is not published yet.
fn encode_version(id: RecordId) -> Option<Recid> {
    (id != RecordId::EXPECTED).then_some(id.0)
}

pub(super) fn encode_view(view: View) -> &'static str {
    match view {
        View::Owner => "owner",
        View::Public => "public",
    }
}

fn encode_operation(operation: Operation) -> Json {
    match operation {
        Operation::Nothing => json!({"kind": "nothing"}),
        Operation::NewRecord { draft } => {
            json!({"kind": "new_record", "draft": draft.map(|id| id.0)})
        }
        Operation::NewVersion { from, draft } => {
            json!({
                "kind": "new_version",
                "from": encode_version(from),
                "draft": draft.map(|id| id.0),
            })
        }
        Operation::Edit { record, resumed } => {
            json!({"kind": "edit", "record": record.0, "resumed": resumed})
        }
        Operation::Communities { record } => json!({"kind": "communities", "record": record.0}),
        Operation::Access { record } => json!({"kind": "access", "record": record.0}),
        Operation::Impossible => json!({"kind": "impossible"}),
    }
}

fn encode_step(step: &Step) -> Json {
    let Step { number, action, reason } = step;
    let mut object = encode_action(action);
    object["number"] = json!(number);
    object["symbol"] = json!(action.symbol().to_string());
    object["reason"] = json!(reason.name());
    object["irreversible"] = json!(action.is_irreversible());
    object
}

fn encode_action(action: &Action) -> Json {
    match action {
        Action::CreateDraft => json!({"action": "create_draft"}),
        Action::OpenVersion { from } => {
            json!({"action": "open_version", "from": encode_version(*from)})
        }
        Action::OpenEdit { record } => json!({"action": "open_edit", "record": record.0}),
        Action::Resume { draft } => json!({"action": "resume", "draft": draft.0}),
        Action::ReserveDoi => json!({"action": "reserve_doi"}),
        Action::ImportFiles => json!({"action": "import_files"}),
        Action::ReplaceMetadata => json!({"action": "replace_metadata"}),
        Action::DropFile { key } => json!({"action": "drop_file", "file": key.as_str()}),
        Action::DeleteFile { key } => json!({"action": "delete_file", "file": key.as_str()}),
        Action::UploadFile(file) => encode_sent_file(json!({"action": "upload_file"}), file),
        Action::UploadFiles(files) => {
            let files: Vec<Json> =
                files.iter().map(|file| encode_sent_file(json!({}), file)).collect();
            json!({"action": "upload_files", "files": files})
        }
        Action::ReplaceFile(file) => encode_sent_file(json!({"action": "replace_file"}), file),
        Action::ReadBack => json!({"action": "read_back"}),
        Action::Publish => json!({"action": "publish"}),
        Action::ReadRecord => json!({"action": "read_record"}),
        Action::SubmitReview { community } => {
            json!({"action": "submit_review", "community": community.0})
        }
        Action::LeaveCommunity { community } => {
            json!({"action": "leave_community", "community": community.0})
        }
        Action::AskCommunity { community } => {
            json!({"action": "ask_community", "community": community.0})
        }
        Action::Share(action) => encode_share_action(action),
    }
}

/// Adds a file that is sent to an object.
fn encode_sent_file(mut object: Json, SentFile { key, size, md5 }: &SentFile) -> Json {
    object["file"] = json!(key.as_str());
    object["size"] = json!(size);
    object["md5"] = json!(md5.to_string());
    object
}

fn encode_file_change(change: &FileChange) -> Json {
    let content = |Content { size, md5 }: Content| json!({"size": size, "md5": md5.to_string()});
    let (kind, before, after) = match change.kind {
        FileChangeKind::Added(now) => ("added", Json::Null, content(now)),
        FileChangeKind::Replaced { was: (size, md5), now } => {
            let was = json!({"size": size, "md5": md5.map(|md5| md5.to_string())});
            ("replaced", was, content(now))
        }
        FileChangeKind::Deleted(size) => ("deleted", json!({"size": size}), Json::Null),
        FileChangeKind::Kept(same) => ("kept", content(same), content(same)),
    };
    let mut object =
        json!({"file": change.key.as_str(), "change": kind, "before": before, "after": after});
    if let (Some(name), Some(other)) = (choose_rename_key(change.kind), &change.renamed) {
        object[name] = json!(other.as_str());
    }
    object
}

/// Returns the key of a file's other name; none for a file that can't be renamed.
pub(super) fn choose_rename_key(kind: FileChangeKind) -> Option<&'static str> {
    match kind {
        FileChangeKind::Added(_) => Some("renamed_from"),
        FileChangeKind::Deleted(_) => Some("renamed_to"),
        FileChangeKind::Replaced { .. } | FileChangeKind::Kept(_) => None,
    }
}

fn encode_field_change(change: &FieldChange) -> Json {
    let FieldChange { field, before, after } = change;
    let side = |value: &Option<Value>| Json::from(value.as_ref().map(value_to_json));
    let mut out = json!({"field": field.name()});
    // Moved, since `json!` copies what it is given.
    out["before"] = side(before);
    out["after"] = side(after);
    out
}

/// Returns a community of a plan as an object.
pub fn encode_community(plan: &CommunityPlan) -> Json {
    let CommunityPlan { community, origin, required, message, before_publish, status, since, work } =
        plan;
    let mut out = json!({
        "community": community.0,
        "standing": status.map(encode_community_status),
        "ask": *work == CommunityWork::Ask,
    });
    // An older zrel wrote none of these: each stands there only where it says something.
    let mut put = |key: &str, value: Json| out[key] = value;
    if *origin != CommunityOrigin::Manifest {
        put("origin", encode_community_origin(*origin).into());
    }
    if *required {
        put("required", true.into());
    }
    if let Some(message) = message {
        put("message", message.as_str().into());
    }
    if *before_publish {
        put("review", "before-publish".into());
    }
    if let Some(since) = since {
        put("since", since.to_string().into());
    }
    if matches!(work, CommunityWork::Submit | CommunityWork::Leave) {
        put("work", encode_community_work(*work).into());
    }
    out
}

pub(super) fn encode_community_origin(origin: CommunityOrigin) -> &'static str {
    match origin {
        CommunityOrigin::Manifest => "manifest",
        CommunityOrigin::Lock => "lock",
        CommunityOrigin::Elsewhere => "elsewhere",
    }
}

pub(super) fn encode_community_work(work: CommunityWork) -> &'static str {
    match work {
        CommunityWork::Nothing => "nothing",
        CommunityWork::Ask => "ask",
        CommunityWork::Submit => "submit",
        CommunityWork::Leave => "leave",
    }
}

pub(super) fn encode_community_status(status: CommunityStatus) -> &'static str {
    match status {
        CommunityStatus::Joined => "joined",
        CommunityStatus::Pending => "pending",
        CommunityStatus::Declined => "declined",
        CommunityStatus::Left => "left",
        CommunityStatus::Withdrawn => "withdrawn",
        CommunityStatus::Closed => "closed",
    }
}

fn encode_target(target: &Target) -> Json {
    let Target { metadata, files } = target;
    let mut out = json!({});
    out["metadata"] = metadata_to_json(metadata);
    out["files"] = files.iter().map(encode_planned_file).collect();
    out
}

fn encode_planned_file(file: &PlannedFile) -> Json {
    let PlannedFile { key, size, md5, content, masked, shown, kept } = file;
    let mut json = json!({
        "file": key.as_str(),
        "size": size,
        "md5": md5.to_string(),
        "content": content.map(|digest| format!("sha256:{digest}")),
        "from": shown,
        "kept": kept,
    });
    if let Some(masked) = masked {
        json["masked"] = format!("sha256:{masked}").into();
    }
    json
}

fn encode_unresolved(unresolved: &Unresolved) -> Json {
    match unresolved {
        Unresolved::Day(None) => json!({"field": "publication_date", "decided": "today"}),
        Unresolved::Day(Some(day)) => {
            json!({"field": "publication_date", "decided": "reserved", "now": day})
        }
        Unresolved::Tag(label) => json!({"field": "version", "decided": "tag", "now": label}),
    }
}

impl Reason {
    /// All reasons.
    pub const ALL: &'static [Reason] = &[
        Reason::NothingBound,
        Reason::FilesDiffer,
        Reason::LabelDiffers,
        Reason::MetadataDiffer,
        Reason::LeftOpen,
        Reason::Reserved,
        Reason::NothingForeign,
        Reason::Adopted,
        Reason::NotOnServer,
        Reason::OtherBytes,
        Reason::NotInManifest,
        Reason::NeverWhole,
        Reason::EmptyDoi,
        Reason::NoDoi,
        Reason::NoFiles,
        Reason::MetadataOfDraftDiffer,
        Reason::BeforePublish,
        Reason::ManifestPublishes,
        Reason::AfterPublish,
        Reason::InManifest,
        Reason::EndsEarlier,
        Reason::IsOver,
    ];

    /// Returns the reason's name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Reason::NothingBound => "nothing_bound",
            Reason::FilesDiffer => "files_differ",
            Reason::LabelDiffers => "label_differs",
            Reason::MetadataDiffer => "metadata_differ",
            Reason::LeftOpen => "left_open",
            Reason::Reserved => "reserved",
            Reason::NothingForeign => "nothing_foreign",
            Reason::Adopted => "adopted",
            Reason::NotOnServer => "not_on_server",
            Reason::OtherBytes => "other_bytes",
            Reason::NotInManifest => "not_in_manifest",
            Reason::NeverWhole => "never_whole",
            Reason::EmptyDoi => "empty_doi",
            Reason::NoDoi => "no_doi",
            Reason::NoFiles => "no_files",
            Reason::MetadataOfDraftDiffer => "metadata_of_draft_differ",
            Reason::BeforePublish => "before_publish",
            Reason::ManifestPublishes => "manifest_publishes",
            Reason::AfterPublish => "after_publish",
            Reason::InManifest => "in_manifest",
            Reason::EndsEarlier => "ends_earlier",
            Reason::IsOver => "is_over",
        }
    }
}
