//! The digest of a plan: equal for plans that do the same to the same record.
//!
//! It covers all that a reader sees of what would be done: server, record, basis and what it says,
//! outcome, every file and field before and after, communities, losses, blockers, findings about
//! the manifest, and the flags that change the outcome. It does not cover what is decided only at
//! the apply (the day, a label from a git tag), with which rights the server was read, the state of
//! communities, lines of the manifest, which deleted file has the bytes of an added one, nor what
//! is in the draft, and so how much an unfinished run has done: continuing has the digest of
//! opening. A file of `[[write]]` counts by its content with the written values masked, since its
//! DOI is known only at the release; [`Unwritten`](Blocker::Unwritten) blocks until it has the one.
//! [`find_contradiction`](super::verify::find_contradiction) checks what it leaves out against the
//! rest.

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256 as Hasher};

use crate::desired::Links;
use crate::metadata_json::{ValueJson, value_to_json};
use crate::model::{
    Content, Field, FieldChange, FileChange, FileChangeKind, Link, Sha256, name_link,
};

use super::json::{
    encode_access_requests, encode_blocker, encode_flags, encode_noted, encode_origins,
    encode_sharing,
};
use super::{
    Blocker, CommunityOrigin, CommunityPlan, CommunityWork, MetadataApi, Noted, Operation, Plan,
    PlannedFile, SharingPlan, Unresolved,
};

/// Returns the plan's digest.
pub fn compute_digest(plan: &Plan) -> Sha256 {
    compute_digest_without(plan, &BTreeSet::new())
}

/// Returns the digest that the plan had while the DOIs of these links were not known: such a link
/// counts by the member.
pub fn compute_digest_without(plan: &Plan, unknown: &BTreeSet<Link>) -> Sha256 {
    let masked = plan.links.iter().filter(|(link, _)| unknown.contains(*link));
    let masked = &masked.map(|(link, doi)| (link.clone(), doi.clone())).collect();
    digest(&Covered { plan, masked, all: cover_plan(plan) })
}

fn digest(covered: &impl Serialize) -> Sha256 {
    // A value of JSON can always be written.
    let text = serde_json::to_vec(covered).unwrap_or_default();
    Sha256(Hasher::digest(text).into())
}

/// The keys whose values are written one by one: a record may have thousands of people.
const METADATA: &str = "metadata";
const METADATA_CHANGES: &str = "metadata_changes";

/// All that a digest covers.
struct Covered<'a> {
    plan: &'a Plan,
    /// The links that count by the member.
    masked: &'a Links,
    /// All of it, but for the values of [`METADATA`] and [`METADATA_CHANGES`].
    all: Value,
}

impl Serialize for Covered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { plan, masked, all } = self;
        let entries = all.as_object().into_iter().flatten();
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in entries {
            match key.as_str() {
                METADATA => map.serialize_entry(key, &cover_metadata(plan, masked))?,
                METADATA_CHANGES => {
                    map.serialize_entry(key, &cover_field_changes(plan, masked))?;
                }
                _ => map.serialize_entry(key, value)?,
            }
        }
        map.end()
    }
}

/// An entry of the metadata or of its changes, written as a list.
enum Item<'a> {
    Value(&'static str, Side<'a>),
    Change(&'static str, [Side<'a>; 2]),
    /// How an open value is decided, so that tomorrow's plan has the same digest.
    Open([&'static str; 2]),
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(field, value) => (field, value).serialize(serializer),
            Self::Change(field, [before, after]) => (field, before, after).serialize(serializer),
            Self::Open(pair) => pair.serialize(serializer),
        }
    }
}

/// A value, turned into JSON only when it is written.
struct Side<'a> {
    field: Field,
    value: Option<&'a crate::model::Value>,
    /// The links that count by the member.
    masked: Option<&'a Links>,
}

impl Serialize for Side<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { field, value, masked } = *self;
        match (value, masked) {
            (Some(value), Some(masked)) if field == Field::RelatedIdentifiers => {
                cover_related(value, masked).serialize(serializer)
            }
            (value, _) => value.map(ValueJson).serialize(serializer),
        }
    }
}

/// Returns all that the digest covers, with nothing in place of the metadata.
fn cover_plan(plan: &Plan) -> Value {
    let mut covered = json!({
        "digest_version": 2,
        "server": [plan.server.name, plan.server.url, plan.server.doi_prefix],
        "basis": cover_basis(plan),
        "basis_metadata": cover_basis_metadata(plan),
        "outcome": cover_outcome(plan.operation),
        "publish": plan.publishes(),
        "files": plan.target.files.iter().map(cover_file).collect::<Vec<_>>(),
        "file_changes": plan.files.iter().map(|change| cover_change(change, plan)).collect::<Vec<_>>(),
        METADATA: null,
        METADATA_CHANGES: null,
        "communities": plan.communities.iter().filter_map(cover_community).collect::<Vec<_>>(),
        "losses": cover_losses(plan),
        "obstacles": cover_blockers(plan),
        "noted": plan.noted.iter().map(cover_noted).collect::<Vec<_>>(),
        "decisions": encode_flags(&plan.flags),
    });
    if !plan.server.mints_dois {
        covered["dois"] = false.into();
    }
    // Who decides about the publication is not the same as publishing.
    if let Some(community) = plan.submits_to() {
        covered["review"] = community.0.clone().into();
    }
    // A plan of the deposit API has the digest that it always had.
    if let MetadataApi::Records { fields, places } = &plan.metadata_api
        && !(fields.is_empty() && places.is_empty())
    {
        let fields = fields.iter().map(|field| field.name()).collect::<Vec<_>>();
        covered["metadata_api"] = json!({"fields": fields, "places": places});
    }
    if let MetadataApi::RecordsAlone { .. } = &plan.metadata_api {
        covered["metadata_api"] = json!("records-alone");
    }
    if let Some(sharing) = cover_sharing(&plan.sharing) {
        covered["access"] = sharing;
    }
    // A plan to which no community contributed has the digest that it always had.
    if !plan.metadata_origins.is_empty() {
        covered["metadata_origins"] = encode_origins(&plan.metadata_origins);
    }
    covered
}

/// Returns the digest of a plan that follows on another one: what it publishes, and what becomes of the
/// files, but not which version it is based on. The same before that version is published and after.
pub fn compute_following_digest(plan: &Plan) -> Sha256 {
    let mut all = cover_plan(plan);
    if let Some(covered) = all.as_object_mut() {
        covered.retain(|key, _| {
            !matches!(key.as_str(), "basis" | "basis_metadata" | METADATA_CHANGES)
        });
    }
    let blockers = all["obstacles"].as_array_mut().into_iter().flatten();
    blockers.for_each(drop_version);
    digest(&Covered { plan, masked: &Links::new(), all })
}

/// Removes from a blocker which version it is about.
fn drop_version(blocker: &mut Value) {
    if let Some(blocker) = blocker.as_object_mut() {
        blocker.retain(|key, _| !matches!(key.as_str(), "version" | "latest" | "last"));
    }
}

/// Returns the digest of what a plan is based on.
pub fn compute_basis_digest(plan: &Plan) -> Sha256 {
    let covered = json!({
        "digest_version": 1,
        "basis": cover_basis(plan),
        "basis_metadata": cover_basis_metadata(plan),
    });
    digest(&covered)
}

/// Returns the digest of several plans by the key of each: a member that is added changes no other's,
/// and the order is that of the keys.
pub fn combine_digests(digests: &BTreeMap<String, Sha256>) -> Sha256 {
    let lines = digests.iter().map(|(key, digest)| json!([key, digest.to_string()]));
    let covered = json!({ "digest_version": 1, "members": lines.collect::<Vec<_>>() });
    Sha256(Hasher::digest(covered.to_string().as_bytes()).into())
}

/// Returns the basis. The concept of a record that was never published does not count: opening its
/// draft makes it.
fn cover_basis(plan: &Plan) -> Value {
    let base = &plan.base;
    let is_new = matches!(plan.operation, Operation::NewRecord { .. });
    json!({
        "concept": base.concept.filter(|_| !is_new).map(|id| id.0),
        "concept_doi": base.concept_doi.as_ref().map(ToString::to_string),
        "version": base.version.map(|id| id.0),
        "doi": base.doi.as_ref().map(ToString::to_string),
        "label": base.label,
        "title": base.title,
        "date": cover_basis_date(plan),
        // A plan that can revert no version has none; an older zrel wrote one there.
        "last_applied": base.last_applied.filter(|_| !plan.operation.is_idle()).map(|id| id.0),
    })
}

/// Returns the publication date of the basis, when the plan's own is still open.
fn cover_basis_date(plan: &Plan) -> Option<Value> {
    let is_new = matches!(plan.operation, Operation::NewRecord { .. });
    if is_new || !is_open(Field::PublicationDate, &plan.unresolved) {
        return None;
    }
    let change = plan.metadata.iter().find(|change| change.field == Field::PublicationDate);
    let date = match change {
        Some(change) => change.before.as_ref(),
        // No change: today's version is based on another of today.
        None => plan.target.metadata.get(Field::PublicationDate),
    };
    date.map(value_to_json)
}

/// Returns the digest of the published metadata, when the plan writes over them. An unfinished
/// apply of ours does not change it.
fn cover_basis_metadata(plan: &Plan) -> Option<String> {
    match plan.operation {
        Operation::NewVersion { .. } | Operation::Edit { .. } => {
            plan.base.fingerprint.map(|digest| digest.to_string())
        }
        Operation::Nothing
        | Operation::NewRecord { .. }
        | Operation::Communities { .. }
        | Operation::Access { .. }
        | Operation::Impossible => None,
    }
}

fn cover_outcome(operation: Operation) -> &'static str {
    match operation {
        Operation::Nothing => "nothing",
        Operation::NewRecord { .. } => "new record",
        Operation::NewVersion { .. } => "new version",
        Operation::Edit { .. } => "edit",
        Operation::Communities { .. } => "communities",
        Operation::Access { .. } => "access",
        Operation::Impossible => "impossible",
    }
}

fn cover_file(file: &PlannedFile) -> Value {
    let PlannedFile { key, size, md5, content, masked, shown, kept } = file;
    if let Some(masked) = masked {
        return json!([key.as_str(), "written", masked.to_string(), shown]);
    }
    let content = content.map(|content| content.to_string());
    json!([key.as_str(), size, md5.to_string(), content, shown, kept])
}

fn cover_change(change: &FileChange, plan: &Plan) -> Value {
    let is_written = |file: &PlannedFile| file.key == change.key && file.masked.is_some();
    if plan.target.files.iter().any(is_written) {
        cover_written_change(change)
    } else {
        cover_file_change(change)
    }
}

/// Returns the change of a file with the written values masked: what was, since before it is
/// written it may be what is published.
fn cover_written_change(change: &FileChange) -> Value {
    let was = match change.kind {
        FileChangeKind::Added(_) => Value::Null,
        FileChangeKind::Kept(Content { size, md5 }) => json!([size, md5.to_string()]),
        FileChangeKind::Replaced { was: (size, md5), .. } => {
            json!([size, md5.map(|md5| md5.to_string())])
        }
        FileChangeKind::Deleted(size) => json!(size),
    };
    json!([change.key.as_str(), "written", was])
}

fn cover_file_change(change: &FileChange) -> Value {
    let key = change.key.as_str();
    let content = |Content { size, md5 }: Content| json!([size, md5.to_string()]);
    match change.kind {
        FileChangeKind::Added(now) => json!([key, "added", content(now)]),
        FileChangeKind::Replaced { was: (size, md5), now } => {
            let md5 = md5.map(|md5| md5.to_string());
            json!([key, "replaced", [size, md5], content(now)])
        }
        FileChangeKind::Deleted(size) => json!([key, "deleted", size]),
        FileChangeKind::Kept(same) => json!([key, "kept", content(same)]),
    }
}

/// Returns whether a field is decided only at the apply.
fn is_open(field: Field, unresolved: &[Unresolved]) -> bool {
    unresolved.iter().any(|open| match open {
        Unresolved::Day(_) => field == Field::PublicationDate,
        Unresolved::Tag(_) => field == Field::Version,
    })
}

fn cover_metadata<'a>(plan: &'a Plan, masked: &'a Links) -> Vec<Item<'a>> {
    let (metadata, unresolved) = (&plan.target.metadata, plan.unresolved.as_slice());
    let decided = metadata.iter().filter(|(field, _)| !is_open(*field, unresolved));
    let decided = decided.map(|(field, value)| {
        Item::Value(field.name(), Side { field, value: Some(value), masked: Some(masked) })
    });
    let is_day = unresolved.iter().any(|open| matches!(open, Unresolved::Day(_)));
    let is_tag = unresolved.iter().any(|open| matches!(open, Unresolved::Tag(_)));
    let day = is_day.then_some(Item::Open(["publication_date", "today"]));
    let tag = is_tag.then_some(Item::Open(["version", "tag"]));
    decided.chain(day).chain(tag).collect()
}

/// Returns related identifiers, in which the given links count by the member.
fn cover_related(value: &crate::model::Value, masked: &Links) -> Value {
    let mut covered = value_to_json(value);
    for item in covered.as_array_mut().into_iter().flatten() {
        let identifier = item["identifier"].as_str();
        let member = masked.iter().find(|(_, doi)| doi.is_some() && doi.as_deref() == identifier);
        if let Some((link, _)) = member {
            item["identifier"] = name_link(link).into();
        }
    }
    covered
}

fn cover_field_changes<'a>(plan: &'a Plan, masked: &'a Links) -> Vec<Item<'a>> {
    let decided = plan.metadata.iter().filter(|change| !is_open(change.field, &plan.unresolved));
    let cover = |FieldChange { field, before, after }: &'a FieldChange| {
        let before = Side { field: *field, value: before.as_ref(), masked: None };
        let after = Side { field: *field, value: after.as_ref(), masked: Some(masked) };
        Item::Change(field.name(), [before, after])
    };
    decided.map(cover).collect()
}

/// Returns the losses.
fn cover_losses(plan: &Plan) -> Vec<Value> {
    // The first write to an adopted draft loses what it held: from then on the loss is not seen,
    // and continuing must have the digest of adopting.
    let adopts = plan.flags.adopt_draft.is_some();
    let unsupported = plan.unsupported.iter().filter(|_| !adopts);
    unsupported.map(|loss| json!([loss.place, loss.what])).collect()
}

/// Returns a community without its state: an answer that arrives meanwhile makes no plan stale. None
/// for one that neither manifest nor lock names.
fn cover_community(plan: &CommunityPlan) -> Option<Value> {
    let CommunityPlan { community, origin, required, message, before_publish, work, .. } = plan;
    let work = match (origin, work) {
        // What others added decides nothing.
        (CommunityOrigin::Elsewhere, _) => return None,
        (_, CommunityWork::Leave) => Some("leave".to_owned()),
        // A request that stays open is only shown.
        (CommunityOrigin::Lock, _) => return None,
        // That a community is asked although it declined is a decision, and counts.
        // Another decline is another decision.
        _ if plan.is_asked_again() => {
            let since = plan.since.map(|since| since.to_string()).unwrap_or_default();
            Some(format!("again {since}"))
        }
        _ => None,
    };
    let mut covered = vec![json!(community.0), json!(work)];
    if *required || message.is_some() || *before_publish {
        covered.push(json!({
            "required": required,
            "message": message,
            "before_publish": before_publish,
        }));
    }
    Some(Value::Array(covered))
}

/// Returns who is to have access and what is done for that; none where neither manifest nor lock say
/// anything of it, so that such a plan has the digest that it always had. What others gave decides
/// nothing.
fn cover_sharing(sharing: &SharingPlan) -> Option<Value> {
    let mut json = encode_sharing(sharing)?;
    for list in ["grants", "links"] {
        let entries = json[list].as_array_mut().into_iter().flatten();
        let is_ours = |entry: &&mut Value| entry["origin"] != "elsewhere";
        let covered: Vec<Value> = entries.filter(is_ours).map(cover_access).collect();
        json[list] = covered.into();
    }
    let requests = sharing.requests.as_ref().map(|it| encode_access_requests(&it.wanted));
    let is_said = requests.is_some()
        || ["grants", "links"].iter().any(|list| json[*list] != Value::Array(Vec::new()));
    let changed = sharing.requests.as_ref().filter(|_| sharing.changes_requests());
    is_said.then(|| {
        json!({
            "grants": json["grants"],
            "links": json["links"],
            "requests": requests,
            "requests_before": changed.map(|it| encode_access_requests(&it.now)),
            "is_left": sharing.refused.is_some(),
        })
    })
}

/// Returns an entry; of one that stays, without what is there now, which decides nothing.
fn cover_access(entry: &mut Value) -> Value {
    if entry["work"] == "nothing" {
        entry["now"].take();
    }
    entry.take()
}

/// Returns the blockers, open or settled: to approve a digest is to settle them.
fn cover_blockers(plan: &Plan) -> Vec<Value> {
    // An unknown label counts as unresolved, a first record by the flags, files that are not written
    // yet by what else they hold, and links by the members.
    let is_covered = |blocker: &&Blocker| {
        !matches!(
            blocker,
            Blocker::LabelUnknown
                | Blocker::FirstRecord
                | Blocker::Unwritten { .. }
                | Blocker::LinksUnknown(_)
        )
    };
    let all = plan.blockers.iter().chain(&plan.settled).filter(is_covered);
    let mut all: Vec<Value> = all.map(encode_blocker).collect();
    // Settling moves a blocker to the other list, which must not change the order.
    all.sort_by_key(ToString::to_string);
    all
}

/// Returns a finding without its line: a comment above it moves that.
fn cover_noted(noted: &Noted) -> Value {
    let mut json = encode_noted(noted);
    json["place"] = noted.place.as_ref().map(|place| place.text.clone()).into();
    json
}
