//! A plan from JSON.

use serde_json::Value as Json;

use crate::model::{
    Community, ConceptId, Content, Doi, Field, FieldChange, FileChange, FileChangeKind, FileKey,
    Md5, RecordId, Server, ServerKind, Sha256,
};
use crate::observed::{Loss, Standing, View};

use super::values::{metadata_from_json, value_from_json};
use super::write::{standing_name, view_name};
use crate::plan::{
    Action, Basis, CommunityPlan, DraftRevision, Operation, Plan, PlannedFile, Reason, Step,
    Target, Unresolved, digest,
};

/// Says why a document is no plan that this version reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlan {
    /// It is no plan, or a part of it is missing or not understood.
    #[error("it is not a plan that zrel wrote: `{0}` is missing or not understood")]
    Part(&'static str),
    /// Its format is of a later zrel.
    #[error("it is written in format {0}, and this zrel reads format 1")]
    Format(String),
    /// Its digest is not that of what is in it.
    #[error("its digest does not fit what is in it: it was changed by hand or cut short")]
    Digest,
}

/// Reads a plan; its digest must fit.
///
/// # Errors
/// [`InvalidPlan`] when it is of another format, incomplete, or was changed.
pub fn from_json(json: &Json) -> Result<Plan, InvalidPlan> {
    let version = json["format_version"].as_str().ok_or(InvalidPlan::Part("format_version"))?;
    if version.split('.').next() != Some("1") {
        return Err(InvalidPlan::Format(version.chars().take(20).collect()));
    }
    let part = |name| move || InvalidPlan::Part(name);
    let plan = Plan {
        server: server(&json["server"]).ok_or_else(part("server"))?,
        view: view(&json["view"]).ok_or_else(part("view"))?,
        basis: basis(&json["basis"]).ok_or_else(part("basis"))?,
        operation: operation(&json["operation"]).ok_or_else(part("operation"))?,
        steps: each(&json["steps"], step).ok_or_else(part("steps"))?,
        files: each(&json["files"], file_change).ok_or_else(part("files"))?,
        metadata: each(&json["metadata"], field_change).ok_or_else(part("metadata"))?,
        communities: each(&json["communities"], community).ok_or_else(part("communities"))?,
        target: target(&json["target"]).ok_or_else(part("target"))?,
        unresolved: each(&json["unresolved"], unresolved).ok_or_else(part("unresolved"))?,
        obstacles: Vec::new(),
        losses: each(&json["losses"], loss).ok_or_else(part("losses"))?,
        stray_draft: json["stray_draft"].as_u64().map(RecordId),
    };
    let digest = format!("sha256:{}", digest(&plan));
    if json["digest"].as_str() == Some(&digest) { Ok(plan) } else { Err(InvalidPlan::Digest) }
}

fn each<T>(json: &Json, read: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    json.as_array()?.iter().map(read).collect()
}

fn text(json: &Json) -> Option<String> {
    json.as_str().map(str::to_owned)
}

fn record_id(json: &Json) -> Option<RecordId> {
    json.as_u64().map(RecordId)
}

fn doi(json: &Json) -> Option<Doi> {
    Doi::parse(json.as_str()?).ok()
}

fn md5(json: &Json) -> Option<Md5> {
    Md5::parse(json.as_str()?).ok()
}

fn sha256(json: &Json) -> Option<Sha256> {
    Sha256::parse(json.as_str()?.strip_prefix("sha256:")?).ok()
}

fn server(json: &Json) -> Option<Server> {
    let name = text(&json["name"])?;
    let kind = Server::built_in(&name).map_or(ServerKind::Other, |server| server.kind);
    Some(Server { name, kind, url: text(&json["url"])?, doi_prefix: text(&json["doi_prefix"]) })
}

fn view(json: &Json) -> Option<View> {
    let name = json.as_str()?;
    [View::Owner, View::Public].into_iter().find(|view| view_name(*view) == name)
}

fn basis(json: &Json) -> Option<Basis> {
    json.as_object()?;
    Some(Basis {
        concept: json["concept"].as_u64().map(ConceptId),
        concept_doi: doi(&json["concept_doi"]),
        version: record_id(&json["version"]),
        doi: doi(&json["doi"]),
        label: text(&json["label"]),
        title: text(&json["title"]),
        revision: json["revision"].as_u64(),
        contents: sha256(&json["contents"]),
        fingerprint: sha256(&json["fingerprint"]),
        draft: draft(&json["draft"]),
        last_applied: record_id(&json["last_applied"]),
    })
}

fn draft(json: &Json) -> Option<DraftRevision> {
    Some(DraftRevision { id: record_id(&json["id"])?, revision: json["revision"].as_u64() })
}

fn operation(json: &Json) -> Option<Operation> {
    Some(match json["kind"].as_str()? {
        "nothing" => Operation::Nothing,
        "new_record" => Operation::NewRecord { draft: record_id(&json["draft"]) },
        "new_version" => Operation::NewVersion {
            from: record_id(&json["from"])?,
            draft: record_id(&json["draft"]),
        },
        "edit" => Operation::Edit {
            record: record_id(&json["record"])?,
            resumed: json["resumed"].as_bool()?,
        },
        "communities" => Operation::Communities { record: record_id(&json["record"])? },
        "impossible" => Operation::Impossible,
        _ => return None,
    })
}

fn step(json: &Json) -> Option<Step> {
    let reason = json["reason"].as_str()?;
    Some(Step {
        number: usize::try_from(json["number"].as_u64()?).ok()?,
        action: action(json)?,
        reason: *Reason::ALL.iter().find(|known| known.name() == reason)?,
    })
}

fn action(json: &Json) -> Option<Action> {
    let key = || Some(FileKey::from_server(json["file"].as_str()?));
    let size = || json["size"].as_u64();
    Some(match json["action"].as_str()? {
        "create_draft" => Action::CreateDraft,
        "open_version" => Action::OpenVersion { from: record_id(&json["from"])? },
        "open_edit" => Action::OpenEdit { record: record_id(&json["record"])? },
        "resume" => Action::Resume { draft: record_id(&json["draft"])? },
        "reserve_doi" => Action::ReserveDoi,
        "replace_metadata" => Action::ReplaceMetadata,
        "drop_file" => Action::DropFile { key: key()? },
        "delete_file" => Action::DeleteFile { key: key()? },
        "upload_file" => Action::UploadFile { key: key()?, size: size()?, md5: md5(&json["md5"])? },
        "replace_file" => {
            Action::ReplaceFile { key: key()?, size: size()?, md5: md5(&json["md5"])? }
        }
        "read_back" => Action::ReadBack,
        "publish" => Action::Publish,
        "read_record" => Action::ReadRecord,
        "ask_community" => Action::AskCommunity { community: Community(text(&json["community"])?) },
        _ => return None,
    })
}

fn content(json: &Json) -> Option<Content> {
    Some(Content { size: json["size"].as_u64()?, md5: md5(&json["md5"])? })
}

fn file_change(json: &Json) -> Option<FileChange> {
    let (before, after) = (&json["before"], &json["after"]);
    let kind = match json["change"].as_str()? {
        "added" => FileChangeKind::Added(content(after)?),
        "replaced" => FileChangeKind::Replaced {
            was: (before["size"].as_u64()?, md5(&before["md5"])),
            now: content(after)?,
        },
        "deleted" => FileChangeKind::Deleted(before["size"].as_u64()?),
        "kept" => FileChangeKind::Kept(content(after)?),
        _ => return None,
    };
    Some(FileChange { key: FileKey::from_server(json["file"].as_str()?), kind })
}

fn field_change(json: &Json) -> Option<FieldChange> {
    let field = Field::from_name(json["field"].as_str()?)?;
    let side = |json: &Json| {
        if json.is_null() { Some(None) } else { value_from_json(field, json).map(Some) }
    };
    Some(FieldChange { field, before: side(&json["before"])?, after: side(&json["after"])? })
}

fn community(json: &Json) -> Option<CommunityPlan> {
    let all = [Standing::Joined, Standing::Pending, Standing::Declined, Standing::Withdrawn];
    let named = json["standing"].as_str();
    Some(CommunityPlan {
        community: Community(text(&json["community"])?),
        standing: all.into_iter().find(|standing| Some(standing_name(*standing)) == named),
        ask: json["ask"].as_bool()?,
    })
}

fn target(json: &Json) -> Option<Target> {
    Some(Target {
        metadata: metadata_from_json(&json["metadata"])?,
        files: each(&json["files"], planned_file)?,
    })
}

fn planned_file(json: &Json) -> Option<PlannedFile> {
    let digest = json["content"]
        .as_str()
        .map(|text| Sha256::parse(text.strip_prefix("sha256:").unwrap_or(text)).ok());
    Some(PlannedFile {
        key: FileKey::from_server(json["file"].as_str()?),
        size: json["size"].as_u64()?,
        md5: md5(&json["md5"])?,
        content: match digest {
            None => None,
            Some(digest) => Some(digest?),
        },
        shown: text(&json["from"])?,
        // An older zrel kept no files.
        kept: json["kept"].as_bool().unwrap_or(false),
    })
}

fn unresolved(json: &Json) -> Option<Unresolved> {
    Some(match json["decided"].as_str()? {
        "today" => Unresolved::Today,
        "tag" => Unresolved::Tag(text(&json["now"])),
        _ => return None,
    })
}

fn loss(json: &Json) -> Option<Loss> {
    Some(Loss { place: text(&json["place"])?, what: text(&json["what"])? })
}
