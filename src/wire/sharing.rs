//! Grants, secret links and access settings as the records API spells them.
//!
//! Source: invenio-rdm-records 34.0.1, services/schemas/parent/access.py, and
//! `tests/resources/test_resources_user_access.py`, 2026-11-30; records-api-facts.md section 9.

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::model::{AccessRequests, Grantee, LinkTerms, Permission};
use crate::observed::ObservedLink;

use super::parts::items;

/// Reads a list of grants; none when it is no list, or one of them can't be read: taken for missing, it
/// would be given once more.
pub fn grants(json: &Json) -> Option<Vec<(Grantee, Permission)>> {
    json["hits"]["hits"].as_array()?.iter().map(grant).collect()
}

/// Reads a grant.
pub fn grant(json: &Json) -> Option<(Grantee, Permission)> {
    let subject = &json["subject"];
    let id = match &subject["id"] {
        Json::String(id) => id.clone(),
        Json::Number(id) => id.to_string(),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => return None,
    };
    let grantee = Grantee::of(subject["type"].as_str()?, &id)?;
    Some((grantee, Permission::from_name(json["permission"].as_str()?)?))
}

/// Returns the body that gives a permission to somebody.
pub fn grant_to_json(grantee: &Grantee, permission: Permission) -> Json {
    let subject = json!({"type": grantee.kind(), "id": grantee.id()});
    json!({"grants": [{"subject": subject, "permission": permission.name()}]})
}

/// Reads a list of secret links, each with its secret; none when it is no list, or one of them can't be
/// read.
pub fn secret_links(json: &Json) -> Option<Vec<(ObservedLink, Option<String>)>> {
    let link = |json: &Json| Some((secret_link(json)?, json["token"].as_str().map(str::to_owned)));
    json["hits"]["hits"].as_array()?.iter().map(link).collect()
}

/// Reads a secret link, without its secret.
pub fn secret_link(json: &Json) -> Option<ObservedLink> {
    let permission = Permission::from_name(json["permission"].as_str()?)?;
    // A day as it was sent, or the time at which that day begins.
    let until = match json["expires_at"].as_str() {
        None | Some("") => None,
        Some(time) => Some(time.get(..10)?.parse::<Date>().ok()?),
    };
    Some(ObservedLink {
        id: json["id"].as_str()?.to_owned(),
        name: json["description"].as_str().unwrap_or_default().to_owned(),
        terms: LinkTerms { permission, until },
    })
}

/// Returns the body that makes a secret link, or changes what one gives.
pub fn link_to_json(name: &str, terms: LinkTerms) -> Json {
    let mut body = json!({"permission": terms.permission.name(), "description": name});
    if let Some(until) = terms.until {
        body["expires_at"] = until.to_string().into();
    }
    body
}

/// Reads who may ask for access from a record or a draft; none when it does not say.
pub fn access_requests(record: &Json) -> Option<AccessRequests> {
    let settings = record["parent"]["access"]["settings"].as_object()?;
    let flag = |key: &str| settings.get(key).and_then(Json::as_bool).unwrap_or_default();
    let conditions = settings.get("accept_conditions_text").and_then(Json::as_str);
    let days = settings.get("secret_link_expiration").and_then(Json::as_u64).unwrap_or_default();
    Some(AccessRequests {
        users: Some(flag("allow_user_requests")),
        guests: Some(flag("allow_guest_requests")),
        conditions: Some(conditions.unwrap_or_default().to_owned()),
        link_days: Some(u16::try_from(days).unwrap_or(u16::MAX)),
    })
}

/// Returns the body that says who may ask: all of it, since the server sets what is missing to its
/// default.
pub fn access_requests_to_json(requests: &AccessRequests) -> Json {
    let AccessRequests { users, guests, conditions, link_days } = requests;
    let conditions = conditions.as_deref().filter(|text| !text.is_empty());
    json!({
        "allow_user_requests": users.unwrap_or_default(),
        "allow_guest_requests": guests.unwrap_or_default(),
        "accept_conditions_text": conditions,
        "secret_link_expiration": link_days.unwrap_or_default(),
    })
}

/// Reads users: the number of each account, and the name that it shows.
pub fn users(json: &Json) -> Option<Vec<(String, String)>> {
    let hits = &json["hits"]["hits"];
    let user = |json: &Json| {
        let name = json["profile"]["full_name"].as_str().filter(|name| !name.is_empty());
        let name = name.or(json["username"].as_str()).unwrap_or_default();
        Some((json["id"].as_str()?.to_owned(), name.to_owned()))
    };
    hits.is_array().then(|| items(hits).filter_map(user).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_what_is_read() {
        let terms = LinkTerms::parse("edit until 2027-01-31").unwrap();
        let mut sent = link_to_json("reviewers", terms);
        sent["id"] = "7".into();
        sent["expires_at"] = "2027-01-31T00:00:00+00:00".into();
        let read = secret_link(&sent).unwrap();
        assert_eq!((read.name.as_str(), read.terms), ("reviewers", terms));
        let grantee = Grantee::User("2".to_owned());
        let sent = grant_to_json(&grantee, Permission::Manage);
        assert_eq!(grant(&sent["grants"][0]), Some((grantee, Permission::Manage)));
        let requests = AccessRequests {
            users: Some(true),
            guests: Some(false),
            conditions: Some("<p>Ask.</p>".to_owned()),
            link_days: Some(30),
        };
        let settings = access_requests_to_json(&requests);
        let record = json!({"parent": {"access": {"settings": settings}}});
        assert_eq!(access_requests(&record), Some(requests));
        assert_eq!(access_requests(&json!({})), None);
    }
}
