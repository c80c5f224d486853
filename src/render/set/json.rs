//! A workspace's plans as a document, and back.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::check::{Checked, Verdict};
use crate::model::Sha256;
use crate::plan::{InvalidPlan, combine_digests, compute_digest};
use crate::render::json::read_plan_json;

/// The exit codes of plans, as `zrel plan` has them.
const CHANGES: u8 = 2;
const BLOCKED: u8 = 11;

/// A member in the document of a workspace's plans.
#[derive(Debug)]
pub struct SetEntry {
    /// Its key.
    pub key: String,
    /// The path of its manifest, relative to the root's folder.
    pub path: String,
    /// The exit code of its plan.
    pub exit_code: u8,
    /// Its plan's document, or the document of the failure.
    pub plan: Result<Json, Json>,
}

/// Returns the plans as a document.
pub fn encode_set(
    (workspace, is_whole): (&str, bool),
    (digest, exit_code): (Option<Sha256>, u8),
    entries: &[SetEntry],
) -> Json {
    let members: Vec<Json> = entries
        .iter()
        .map(|entry| {
            let (plan, error) = match &entry.plan {
                Ok(plan) => (plan.clone(), Json::Null),
                Err(error) => (Json::Null, error.clone()),
            };
            json!({
                "key": entry.key,
                "path": entry.path,
                "exit_code": entry.exit_code,
                "plan": plan,
                "error": error,
            })
        })
        .collect();
    json!({
        "format_version": "1.0",
        "workspace": workspace,
        "all_members": is_whole,
        "digest": digest.map(|digest| format!("sha256:{digest}")),
        "exit_code": exit_code,
        "members": members,
    })
}

/// The members of a document, each with its plan if it has one, and the digest of all plans.
pub type ReadSet = (Vec<(SetEntry, Option<Checked>)>, Option<Sha256>);

/// Reads the plans of a workspace from their document. The digest must be that of the plans.
///
/// # Errors
/// [`InvalidPlan`] when it is no such document, or shows what does not follow from it.
pub fn read_set_json(document: &Json) -> Result<ReadSet, InvalidPlan> {
    let version = document["format_version"].as_str().ok_or(InvalidPlan::Part("format_version"))?;
    if version.split('.').next() != Some("1") {
        return Err(InvalidPlan::Format(version.chars().take(20).collect()));
    }
    let members = document["members"].as_array().ok_or(InvalidPlan::Part("members"))?;
    let members: Vec<(SetEntry, Option<Checked>)> =
        members.iter().map(read_entry).collect::<Result<_, _>>()?;
    // The digest is over the keys, each of which counts once.
    if !members.is_sorted_by(|one, next| one.0.key < next.0.key) {
        return Err(InvalidPlan::Contradiction("members"));
    }
    let digest = digest_plans(&members);
    let shown = digest.map_or(Json::Null, |digest| format!("sha256:{digest}").into());
    if document["digest"] != shown {
        return Err(InvalidPlan::Digest);
    }
    Ok((members, digest))
}

fn digest_plans(members: &[(SetEntry, Option<Checked>)]) -> Option<Sha256> {
    let of = |(entry, plan): &(SetEntry, Option<Checked>)| {
        Some((entry.key.clone(), compute_digest(plan.as_ref()?.plan())))
    };
    let digests: Option<BTreeMap<String, Sha256>> = members.iter().map(of).collect();
    Some(combine_digests(&digests?))
}

fn read_entry(json: &Json) -> Result<(SetEntry, Option<Checked>), InvalidPlan> {
    let text =
        |key: &'static str| json[key].as_str().map(str::to_owned).ok_or(InvalidPlan::Part(key));
    let exit_code = json["exit_code"].as_u64().and_then(|code| u8::try_from(code).ok());
    let (plan, checked) = if json["plan"].is_object() {
        (Ok(json["plan"].clone()), Some(read_plan_json(&json["plan"])?))
    } else {
        json["error"]["message"].as_str().ok_or(InvalidPlan::Part("error"))?;
        (Err(json["error"].clone()), None)
    };
    // What is shown beside a plan must follow from it.
    if let Some(checked) = &checked {
        let is_blocked = checked.verdict() == Verdict::Blocked;
        let may_be: &[u8] = match (is_blocked, checked.plan().is_empty()) {
            (true, _) => &[BLOCKED],
            (false, true) => &[0],
            (false, false) => &[0, CHANGES],
        };
        if !exit_code.is_some_and(|code| may_be.contains(&code)) {
            return Err(InvalidPlan::Contradiction("exit_code"));
        }
        if !json["error"].is_null() {
            return Err(InvalidPlan::Contradiction("error"));
        }
    }
    let entry = SetEntry {
        key: text("key")?,
        path: text("path")?,
        exit_code: exit_code.ok_or(InvalidPlan::Part("exit_code"))?,
        plan,
    };
    Ok((entry, checked))
}
