//! Reads a plan from JSON.

use serde_json::Value as Json;

use std::collections::BTreeSet;

use crate::model::{
    Community, ConceptId, Content, Doi, Field, FieldChange, FileChange, FileChangeKind, FileKey,
    Link, Md5, MetadataOrigins, Recid, RecordId, Server, ServerKind, Severity, Sha256,
};
use crate::observed::{CommunityStatus, UnsupportedValue, View};

use super::blockers::decode_blocker;
use super::parts::{LINKED, decode_optional, encode_severity};
use super::sharing::{decode_share_action, decode_sharing};
use super::write::{
    choose_rename_key, encode_community_origin, encode_community_status, encode_community_work,
    encode_plan, encode_view,
};
use crate::desired::Links;
use crate::metadata_json::{metadata_from_json, value_from_json};
use crate::plan::verify::find_contradiction;
use crate::plan::{
    Action, Base, CommunityOrigin, CommunityPlan, CommunityWork, DraftRevision, MetadataApi, Noted,
    NotedPlace, Operation, Plan, PlanFlags, PlannedFile, Position, Reason, SentFile, Step, Target,
    Unresolved, compute_digest,
};

/// Why a document is not a plan that this version reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlan {
    /// It is not a plan, or a part of it is missing or not understood.
    #[error("it is not a plan that zrel wrote: `{0}` is missing or not understood")]
    Part(&'static str),
    /// Its format is of a later zrel.
    #[error("it is written in format {0}, and this zrel reads format 1")]
    Format(String),
    /// Its digest is not that of its content.
    #[error("its digest does not match its content: it was changed by hand or cut short")]
    Digest,
    /// What is shown does not follow from what would be done.
    #[error("what it shows of {0} does not follow from what it would do: it was changed by hand")]
    Contradiction(&'static str),
}

/// Reads a plan; its digest must match.
///
/// # Errors
/// [`InvalidPlan`] when it is of another format, incomplete, or was changed.
pub fn decode_plan(json: &Json) -> Result<Plan, InvalidPlan> {
    let version = json["format_version"].as_str().ok_or(InvalidPlan::Part("format_version"))?;
    // A minor version only adds keys that a reader may ignore.
    if version.split('.').next() != Some("1") {
        return Err(InvalidPlan::Format(version.chars().take(20).collect()));
    }
    let part = |name| move || InvalidPlan::Part(name);
    let plan = Plan {
        server: decode_server(&json["server"]).ok_or_else(part("server"))?,
        view: decode_view(&json["view"]).ok_or_else(part("view"))?,
        base: decode_basis(&json["basis"]).ok_or_else(part("basis"))?,
        operation: decode_operation(&json["operation"]).ok_or_else(part("operation"))?,
        steps: decode_list(&json["steps"], decode_step).ok_or_else(part("steps"))?,
        files: decode_list(&json["files"], decode_file_change).ok_or_else(part("files"))?,
        metadata: decode_list(&json["metadata"], decode_field_change)
            .ok_or_else(part("metadata"))?,
        communities: decode_list(&json["communities"], decode_community)
            .ok_or_else(part("communities"))?,
        sharing: decode_sharing(&json["access"]).ok_or_else(part("access"))?,
        target: decode_target(&json["target"]).ok_or_else(part("target"))?,
        links: decode_links(json).ok_or_else(part("links"))?,
        metadata_origins: decode_origins(&json["metadata_origins"])
            .ok_or_else(part("metadata_origins"))?,
        unresolved: decode_list(&json["unresolved"], decode_unresolved)
            .ok_or_else(part("unresolved"))?,
        blockers: decode_list(&json["obstacles"], decode_blocker).ok_or_else(part("obstacles"))?,
        settled: decode_list(&json["settled"], decode_blocker).ok_or_else(part("settled"))?,
        flags: decode_flags(&json["decisions"]).ok_or_else(part("decisions"))?,
        noted: decode_list(&json["noted"], decode_noted).ok_or_else(part("noted"))?,
        metadata_api: decode_metadata_api(&json["metadata_api"])
            .ok_or_else(part("metadata_api"))?,
        unsupported: decode_list(&json["losses"], decode_loss).ok_or_else(part("losses"))?,
        stray_draft: Recid::from_json(&json["stray_draft"]).map(RecordId),
    };
    let digest = format!("sha256:{}", compute_digest(&plan));
    if json["digest"].as_str() != Some(&digest) {
        return Err(InvalidPlan::Digest);
    }
    match find_contradiction(&plan) {
        Some(part) => Err(InvalidPlan::Contradiction(part)),
        // Keys such as `changes` and `symbol` only repeat the plan, and must agree with it.
        None if !is_part_of(&encode_plan(&plan), json) => {
            Err(InvalidPlan::Contradiction("the plan"))
        }
        None => Ok(plan),
    }
}

/// Returns whether a document says all that another one says; keys that a later zrel added pass.
pub fn is_part_of(part: &Json, whole: &Json) -> bool {
    match (part, whole) {
        (Json::Object(part), Json::Object(whole)) => part
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|other| is_part_of(value, other))),
        (Json::Array(part), Json::Array(whole)) => {
            part.len() == whole.len()
                && part.iter().zip(whole).all(|(part, whole)| is_part_of(part, whole))
        }
        _ => part == whole,
    }
}

/// Reads which API replaces the metadata; a plan without the key is one of the deposit API.
fn decode_metadata_api(json: &Json) -> Option<MetadataApi> {
    if json.is_null() {
        return Some(MetadataApi::Deposit);
    }
    if json["name"].as_str()? == "records-alone" {
        return Some(MetadataApi::RecordsAlone { is_chosen: json["is_chosen"].as_bool()? });
    }
    let fields = decode_list(&json["fields"], |item| Field::from_name(item.as_str()?))?;
    let places = decode_list(&json["places"], |item| item.as_str().map(str::to_owned))?;
    (json["name"].as_str()? == "records").then_some(MetadataApi::Records { fields, places })
}

fn decode_flags(json: &Json) -> Option<PlanFlags> {
    let is_set = |name: &str| json.get(name)?.as_bool();
    let id = |name: &str| {
        let id = json.get(name)?;
        // `null` is a flag that was not given; a missing key is damage.
        if id.is_null() { Some(None) } else { decode_record_id(id).map(Some) }
    };
    Some(PlanFlags {
        no_publish: is_set("no_publish")?,
        initial: is_set("initial")?,
        same_title: is_set("same_title")?,
        adopt_draft: id("adopt_draft")?,
        over: id("over")?,
        ask_again: decode_asked_again(json.get("ask_again")?)?,
        leave: decode_optional(&json["leave"], decode_slugs)?.unwrap_or_default(),
        publish_declined: decode_optional(&json["publish_declined"], decode_record_id)?,
    })
}

/// Reads the communities that are asked again: an older zrel wrote `false` for none.
fn decode_asked_again(json: &Json) -> Option<BTreeSet<Community>> {
    if json.as_bool() == Some(false) { Some(BTreeSet::new()) } else { decode_slugs(json) }
}

fn decode_slugs(json: &Json) -> Option<BTreeSet<Community>> {
    let slugs = json.as_array()?.iter();
    slugs.map(|slug| decode_text(slug).map(Community)).collect()
}

fn decode_noted(json: &Json) -> Option<Noted> {
    let severity = json["severity"].as_str()?;
    let all = [Severity::Note, Severity::Warning, Severity::Error];
    let place = &json["place"];
    Some(Noted {
        severity: all.into_iter().find(|known| encode_severity(*known) == severity)?,
        code: decode_text(&json["code"])?,
        summary: decode_text(&json["summary"])?,
        place: if place.is_null() { None } else { Some(decode_noted_place(place)?) },
        why: decode_text(&json["why"]),
        hints: decode_list(&json["hints"], decode_text)?,
    })
}

fn decode_noted_place(json: &Json) -> Option<NotedPlace> {
    let number = |json: &Json| usize::try_from(json.as_u64()?).ok();
    let position = |json: &Json| {
        Some(Position {
            line: number(&json["line"])?,
            column: number(&json["column"])?,
            byte: number(&json["byte"])?,
        })
    };
    Some(NotedPlace {
        file: decode_text(&json["file"])?,
        start: position(&json["start"])?,
        end: position(&json["end"])?,
        text: decode_text(&json["text"])?,
    })
}

fn decode_list<T>(json: &Json, read: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    json.as_array()?.iter().map(read).collect()
}

fn decode_text(json: &Json) -> Option<String> {
    json.as_str().map(str::to_owned)
}

fn decode_record_id(json: &Json) -> Option<RecordId> {
    Recid::from_json(json).map(RecordId)
}

fn decode_doi(json: &Json) -> Option<Doi> {
    Doi::parse(json.as_str()?).ok()
}

fn decode_md5(json: &Json) -> Option<Md5> {
    Md5::parse(json.as_str()?).ok()
}

fn decode_sha256(json: &Json) -> Option<Sha256> {
    Sha256::parse(json.as_str()?.strip_prefix("sha256:")?).ok()
}

fn decode_server(json: &Json) -> Option<Server> {
    let name = decode_text(&json["name"])?;
    let url = decode_text(&json["url"])?;
    // The file has no kind: only a built-in name decides it. Such a name with another address would
    // be shown as Zenodo's own.
    let built_in = Server::built_in(&name);
    // The address of the local server is another one in each run.
    let is_other = |server: &Server| server.kind != ServerKind::Local && server.url != url;
    if built_in.as_ref().is_some_and(is_other) {
        return None;
    }
    let kind = built_in.map_or(ServerKind::Other, |server| server.kind);
    let mints_dois = decode_optional(&json["dois"], Json::as_bool)?.unwrap_or(true);
    Some(Server { name, kind, url, doi_prefix: decode_text(&json["doi_prefix"]), mints_dois })
}

fn decode_view(json: &Json) -> Option<View> {
    let name = json.as_str()?;
    [View::Owner, View::Public].into_iter().find(|view| encode_view(*view) == name)
}

fn decode_basis(json: &Json) -> Option<Base> {
    // Each part of it may be null, so only this shows that the basis is there.
    json.as_object()?;
    Some(Base {
        concept: Recid::from_json(&json["concept"]).map(ConceptId),
        concept_doi: decode_doi(&json["concept_doi"]),
        version: decode_record_id(&json["version"]),
        doi: decode_doi(&json["doi"]),
        label: decode_text(&json["label"]),
        title: decode_text(&json["title"]),
        revision: json["revision"].as_u64(),
        contents: decode_sha256(&json["contents"]),
        fingerprint: decode_sha256(&json["fingerprint"]),
        draft: decode_draft(&json["draft"]),
        last_applied: decode_record_id(&json["last_applied"]),
    })
}

fn decode_draft(json: &Json) -> Option<DraftRevision> {
    Some(DraftRevision { id: decode_record_id(&json["id"])?, revision: json["revision"].as_u64() })
}

fn decode_operation(json: &Json) -> Option<Operation> {
    Some(match json["kind"].as_str()? {
        "nothing" => Operation::Nothing,
        "new_record" => Operation::NewRecord { draft: decode_record_id(&json["draft"]) },
        "new_version" => Operation::NewVersion {
            from: decode_record_id(&json["from"])?,
            draft: decode_record_id(&json["draft"]),
        },
        "edit" => Operation::Edit {
            record: decode_record_id(&json["record"])?,
            resumed: json["resumed"].as_bool()?,
        },
        "communities" => Operation::Communities { record: decode_record_id(&json["record"])? },
        "access" => Operation::Access { record: decode_record_id(&json["record"])? },
        "impossible" => Operation::Impossible,
        _ => return None,
    })
}

fn decode_step(json: &Json) -> Option<Step> {
    let reason = json["reason"].as_str()?;
    Some(Step {
        number: usize::try_from(json["number"].as_u64()?).ok()?,
        action: decode_action(json)?,
        reason: *Reason::ALL.iter().find(|known| known.name() == reason)?,
    })
}

fn decode_action(json: &Json) -> Option<Action> {
    let key = || Some(FileKey::from_server(json["file"].as_str()?));
    let community = || decode_text(&json["community"]).map(Community);
    Some(match json["action"].as_str()? {
        "create_draft" => Action::CreateDraft,
        "open_version" => Action::OpenVersion { from: decode_record_id(&json["from"])? },
        "open_edit" => Action::OpenEdit { record: decode_record_id(&json["record"])? },
        "resume" => Action::Resume { draft: decode_record_id(&json["draft"])? },
        "reserve_doi" => Action::ReserveDoi,
        "import_files" => Action::ImportFiles,
        "replace_metadata" => Action::ReplaceMetadata,
        "drop_file" => Action::DropFile { key: key()? },
        "delete_file" => Action::DeleteFile { key: key()? },
        "upload_file" => Action::UploadFile(decode_sent_file(json)?),
        "upload_files" => {
            let files = json["files"].as_array()?.iter().map(decode_sent_file);
            Action::UploadFiles(files.collect::<Option<_>>()?)
        }
        "replace_file" => Action::ReplaceFile(decode_sent_file(json)?),
        "read_back" => Action::ReadBack,
        "publish" => Action::Publish,
        "read_record" => Action::ReadRecord,
        "submit_review" => Action::SubmitReview { community: community()? },
        "ask_community" => Action::AskCommunity { community: community()? },
        "leave_community" => Action::LeaveCommunity { community: community()? },
        _ => Action::Share(decode_share_action(json)?),
    })
}

fn decode_sent_file(json: &Json) -> Option<SentFile> {
    Some(SentFile {
        key: FileKey::from_server(json["file"].as_str()?),
        size: json["size"].as_u64()?,
        md5: decode_md5(&json["md5"])?,
    })
}

fn decode_content(json: &Json) -> Option<Content> {
    Some(Content { size: json["size"].as_u64()?, md5: decode_md5(&json["md5"])? })
}

fn decode_file_change(json: &Json) -> Option<FileChange> {
    let (before, after) = (&json["before"], &json["after"]);
    let kind = match json["change"].as_str()? {
        "added" => FileChangeKind::Added(decode_content(after)?),
        "replaced" => FileChangeKind::Replaced {
            was: (before["size"].as_u64()?, decode_md5(&before["md5"])),
            now: decode_content(after)?,
        },
        "deleted" => FileChangeKind::Deleted(before["size"].as_u64()?),
        "kept" => FileChangeKind::Kept(decode_content(after)?),
        _ => return None,
    };
    let key = FileKey::from_server(json["file"].as_str()?);
    let rename = choose_rename_key(kind);
    // A name at a file that can't have one would be read by others.
    let is_foreign = |name: &&str| rename != Some(*name) && json.get(*name).is_some();
    if ["renamed_from", "renamed_to"].iter().any(is_foreign) {
        return None;
    }
    let renamed = match rename.and_then(|name| json.get(name)) {
        Some(other) => Some(FileKey::from_server(other.as_str()?)),
        // It has the same name, or an older zrel wrote the plan.
        None => None,
    };
    Some(FileChange { key, kind, renamed })
}

fn decode_field_change(json: &Json) -> Option<FieldChange> {
    let field = Field::from_name(json["field"].as_str()?)?;
    let side = |json: &Json| {
        if json.is_null() { Some(None) } else { value_from_json(field, json).map(Some) }
    };
    Some(FieldChange { field, before: side(&json["before"])?, after: side(&json["after"])? })
}

fn decode_community(json: &Json) -> Option<CommunityPlan> {
    let statuses = [
        CommunityStatus::Joined,
        CommunityStatus::Pending,
        CommunityStatus::Declined,
        CommunityStatus::Left,
        CommunityStatus::Withdrawn,
        CommunityStatus::Closed,
    ];
    let status = decode_optional(&json["standing"], |named| {
        find_word(&statuses, named, encode_community_status)
    })?;
    let others = [CommunityOrigin::Lock, CommunityOrigin::Elsewhere];
    let works = [CommunityWork::Submit, CommunityWork::Leave];
    Some(CommunityPlan {
        community: Community(decode_text(&json["community"])?),
        // What is not said is what an older zrel meant.
        origin: decode_optional(&json["origin"], |origin| {
            find_word(&others, origin, encode_community_origin)
        })?
        .unwrap_or(CommunityOrigin::Manifest),
        required: decode_optional(&json["required"], Json::as_bool)?.unwrap_or(false),
        message: decode_optional(&json["message"], decode_text)?,
        before_publish: decode_optional(&json["review"], |review| {
            (review.as_str()? == "before-publish").then_some(())
        })?
        .is_some(),
        status,
        since: decode_optional(&json["since"], |since| since.as_str()?.parse().ok())?,
        work: match decode_optional(&json["work"], |work| {
            find_word(&works, work, encode_community_work)
        })? {
            Some(work) => work,
            None if json["ask"].as_bool()? => CommunityWork::Ask,
            None => CommunityWork::Nothing,
        },
    })
}

/// Finds the value that a document has this word for.
fn find_word<T: Copy>(all: &[T], json: &Json, encode: fn(T) -> &'static str) -> Option<T> {
    let word = json.as_str()?;
    all.iter().copied().find(|one| encode(*one) == word)
}

fn decode_target(json: &Json) -> Option<Target> {
    Some(Target {
        metadata: metadata_from_json(&json["metadata"])?,
        files: decode_list(&json["files"], decode_planned_file)?,
    })
}

fn decode_planned_file(json: &Json) -> Option<PlannedFile> {
    // A missing digest is none; one that can't be read makes the plan invalid.
    let digest = |json: &Json| match json.as_str() {
        None => Some(None),
        Some(text) => Sha256::parse(text.strip_prefix("sha256:").unwrap_or(text)).ok().map(Some),
    };
    Some(PlannedFile {
        key: FileKey::from_server(json["file"].as_str()?),
        size: json["size"].as_u64()?,
        md5: decode_md5(&json["md5"])?,
        content: digest(&json["content"])?,
        masked: digest(&json["masked"])?,
        shown: decode_text(&json["from"])?,
        // An older zrel has no `keep`, and writes no such key.
        kept: json["kept"].as_bool().unwrap_or(false),
    })
}

/// Reads links; a plan without any has no such keys.
fn decode_links(plan: &Json) -> Option<Links> {
    let mut links = Links::new();
    for (name, doi) in LINKED {
        let Json::Object(named) = &plan[name] else {
            plan[name].is_null().then_some(())?;
            continue;
        };
        for (key, known) in named {
            let link = Link { key: key.clone(), doi };
            let is_known = !known.is_null();
            links.insert(link, if is_known { Some(decode_text(known)?) } else { None });
        }
    }
    Some(links)
}

/// Reads the origins of metadata; a plan to which no community contributed has none.
fn decode_origins(json: &Json) -> Option<MetadataOrigins> {
    if json.is_null() {
        return Some(MetadataOrigins::new());
    }
    let fields = json.as_object()?.iter();
    let communities = |list| decode_list(list, |id| Some(Community(decode_text(id)?)));
    fields.map(|(name, list)| Some((Field::from_name(name)?, communities(list)?))).collect()
}

fn decode_unresolved(json: &Json) -> Option<Unresolved> {
    Some(match json["decided"].as_str()? {
        "today" => Unresolved::Day(None),
        "reserved" => Unresolved::Day(Some(decode_text(&json["now"])?)),
        "tag" => Unresolved::Tag(decode_text(&json["now"])),
        _ => return None,
    })
}

fn decode_loss(json: &Json) -> Option<UnsupportedValue> {
    Some(UnsupportedValue {
        place: decode_text(&json["place"])?,
        what: decode_text(&json["what"])?,
    })
}
