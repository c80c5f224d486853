//! Who has access to a record, as JSON.

use serde_json::{Value as Json, json};

use crate::model::{AccessRequests, Grantee, LinkTerms, Permission};
use crate::plan::{
    Giver, GrantPlan, GrantWork, LinkPlan, LinkWork, RequestsPlan, ShareAction, SharingPlan, Wanted,
};

use super::parts::decode_optional;

/// Returns who has access as an object; none where nothing is known or wanted, so that such a plan is
/// as an older zrel wrote it.
pub(in crate::plan) fn encode_sharing(plan: &SharingPlan) -> Option<Json> {
    if *plan == SharingPlan::default() {
        return None;
    }
    let SharingPlan { grants, links, requests, refused } = plan;
    let mut out = json!({
        "grants": grants.iter().map(|grant| encode_grant(plan, grant)).collect::<Vec<_>>(),
        "links": links.iter().map(|link| encode_link(plan, link)).collect::<Vec<_>>(),
    });
    if let Some(RequestsPlan { wanted, now }) = requests {
        out["requests"] = json!({
            "wanted": encode_access_requests(wanted),
            "now": encode_access_requests(now),
        });
    }
    if let Some(message) = refused {
        out["refused"] = message.as_str().into();
    }
    Some(out)
}

fn encode_grant(sharing: &SharingPlan, plan: &GrantPlan) -> Json {
    let work = match sharing.work_on_grant(plan) {
        GrantWork::Nothing => "nothing",
        GrantWork::Add(_) => "add",
        GrantWork::Change(_) => "change",
        GrantWork::Remove => "remove",
    };
    json!({
        "grantee": encode_grantee(&plan.grantee),
        "wanted": plan.wanted.said().map(Permission::name),
        "now": plan.now.map(Permission::name),
        "origin": encode_origin(plan.wanted.giver()),
        "work": work,
    })
}

fn encode_link(sharing: &SharingPlan, plan: &LinkPlan) -> Json {
    let work = match sharing.work_on_link(plan) {
        LinkWork::Nothing => "nothing",
        LinkWork::Create(_) => "create",
        LinkWork::Change(_) => "change",
        LinkWork::Replace(_) => "replace",
        LinkWork::Remove => "remove",
    };
    let mut out = json!({
        "name": plan.name,
        "wanted": plan.wanted.said().map(encode_terms),
        "now": plan.now.map(encode_terms),
        "origin": encode_origin(plan.wanted.giver()),
        "work": work,
    });
    if plan.is_over {
        out["is_over"] = true.into();
    }
    out
}

/// Returns somebody with access as an object.
pub fn encode_grantee(grantee: &Grantee) -> Json {
    json!({"type": grantee.kind(), "id": grantee.id()})
}

fn encode_terms(terms: LinkTerms) -> Json {
    json!({
        "permission": terms.permission.name(),
        "until": terms.until.map(|until| until.to_string()),
    })
}

fn encode_origin(giver: Option<Giver>) -> &'static str {
    match giver {
        None => "manifest",
        Some(Giver::Lock) => "lock",
        Some(Giver::Elsewhere) => "elsewhere",
    }
}

/// Returns who may ask as an object: what is not said is null.
pub(in crate::plan) fn encode_access_requests(requests: &AccessRequests) -> Json {
    let AccessRequests { users, guests, conditions, link_days } = requests;
    json!({"users": users, "guests": guests, "conditions": conditions, "link_days": link_days})
}

/// Reads who has access; nothing of it in a plan that says nothing.
pub(super) fn decode_sharing(json: &Json) -> Option<SharingPlan> {
    if json.is_null() {
        return Some(SharingPlan::default());
    }
    let requests = decode_optional(&json["requests"], |requests| {
        Some(RequestsPlan {
            wanted: decode_access_requests(&requests["wanted"])?,
            now: decode_access_requests(&requests["now"])?,
        })
    })?;
    Some(SharingPlan {
        grants: json["grants"].as_array()?.iter().map(decode_grant).collect::<Option<_>>()?,
        links: json["links"].as_array()?.iter().map(decode_link).collect::<Option<_>>()?,
        requests,
        refused: decode_optional(&json["refused"], |text| text.as_str().map(str::to_owned))?,
    })
}

fn decode_grant(json: &Json) -> Option<GrantPlan> {
    let permission = |json: &Json| Permission::from_name(json.as_str()?);
    let wanted = decode_optional(&json["wanted"], permission)?;
    Some(GrantPlan {
        grantee: decode_grantee(&json["grantee"])?,
        wanted: decode_origin(&json["origin"], wanted)?,
        now: decode_optional(&json["now"], permission)?,
    })
}

fn decode_link(json: &Json) -> Option<LinkPlan> {
    let wanted = decode_optional(&json["wanted"], decode_terms)?;
    Some(LinkPlan {
        name: json["name"].as_str()?.to_owned(),
        wanted: decode_origin(&json["origin"], wanted)?,
        now: decode_optional(&json["now"], decode_terms)?,
        is_over: decode_optional(&json["is_over"], Json::as_bool)?.unwrap_or(false),
    })
}

/// Reads an origin, which says whether the manifest wants something.
fn decode_origin<T>(json: &Json, wanted: Option<T>) -> Option<Wanted<T>> {
    match (json.as_str()?, wanted) {
        ("manifest", Some(wanted)) => Some(Wanted::Said(wanted)),
        ("lock", None) => Some(Wanted::Unsaid(Giver::Lock)),
        ("elsewhere", None) => Some(Wanted::Unsaid(Giver::Elsewhere)),
        _ => None,
    }
}

/// Reads somebody with access.
pub(super) fn decode_grantee(json: &Json) -> Option<Grantee> {
    Grantee::of(json["type"].as_str()?, json["id"].as_str()?)
}

fn decode_terms(json: &Json) -> Option<LinkTerms> {
    let permission = Permission::from_name(json["permission"].as_str()?)?;
    let until = decode_optional(&json["until"], |until| until.as_str()?.parse().ok())?;
    permission.is_for_links().then_some(LinkTerms { permission, until })
}

fn decode_access_requests(json: &Json) -> Option<AccessRequests> {
    json.as_object()?;
    Some(AccessRequests {
        users: decode_optional(&json["users"], Json::as_bool)?,
        guests: decode_optional(&json["guests"], Json::as_bool)?,
        conditions: decode_optional(&json["conditions"], |text| text.as_str().map(str::to_owned))?,
        link_days: decode_optional(&json["link_days"], |days| u16::try_from(days.as_u64()?).ok())?,
    })
}

/// Returns a step about access as an object.
pub(super) fn encode_share_action(action: &ShareAction) -> Json {
    let link = |action: &str, name: &str, terms: LinkTerms| {
        let mut out = encode_terms(terms);
        out["action"] = action.into();
        out["link"] = name.into();
        out
    };
    let grant = |action: &str, grantee: &Grantee, permission: Option<Permission>| {
        let mut out = json!({"action": action, "grantee": encode_grantee(grantee)});
        if let Some(permission) = permission {
            out["permission"] = permission.name().into();
        }
        out
    };
    match action {
        ShareAction::AddGrant { grantee, permission } => {
            grant("add_grant", grantee, Some(*permission))
        }
        ShareAction::ChangeGrant { grantee, permission } => {
            grant("change_grant", grantee, Some(*permission))
        }
        ShareAction::RemoveGrant { grantee } => grant("remove_grant", grantee, None),
        ShareAction::CreateLink { name, terms } => link("create_link", name, *terms),
        ShareAction::ChangeLink { name, terms } => link("change_link", name, *terms),
        ShareAction::RemoveLink { name } => json!({"action": "remove_link", "link": name}),
        ShareAction::SetRequests => json!({"action": "set_access_requests"}),
    }
}

/// Reads a step about access.
pub(super) fn decode_share_action(json: &Json) -> Option<ShareAction> {
    let grantee = || decode_grantee(&json["grantee"]);
    let permission = || Permission::from_name(json["permission"].as_str()?);
    let name = || json["link"].as_str().map(str::to_owned);
    Some(match json["action"].as_str()? {
        "add_grant" => ShareAction::AddGrant { grantee: grantee()?, permission: permission()? },
        "change_grant" => {
            ShareAction::ChangeGrant { grantee: grantee()?, permission: permission()? }
        }
        "remove_grant" => ShareAction::RemoveGrant { grantee: grantee()? },
        "create_link" => ShareAction::CreateLink { name: name()?, terms: decode_terms(json)? },
        "change_link" => ShareAction::ChangeLink { name: name()?, terms: decode_terms(json)? },
        "remove_link" => ShareAction::RemoveLink { name: name()? },
        "set_access_requests" => ShareAction::SetRequests,
        _ => return None,
    })
}
