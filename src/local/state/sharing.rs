//! Who has access to a record beside its owner: grants, secret links, access settings. They belong to
//! the concept, and count for all its versions.
//!
//! Source: invenio-rdm-records 34.0.1, services/access/service.py, services/permissions.py and
//! resources/resources.py, 2026-11-30; not recorded but for `native-access`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::Date;
use serde_json::json;

use super::refusal::Refusal;
use super::sharing_rows::{Grant, Level, SecretLink, Visitor};
use super::types::{Concept, Recid, UserId, Version};
use super::{Found, Moment, State};

impl State {
    /// Returns whether a user may do something with a version.
    pub(crate) fn may(&self, user: Option<UserId>, version: &Version, level: Level) -> bool {
        let Some((user, concept)) = user.zip(self.concepts.get(&version.concept)) else {
            return false;
        };
        let has_grant = |grant: &Grant| {
            grant.kind == "user"
                && grant.id == user.to_string()
                && Level::parse(&grant.permission).is_some_and(|it| it >= level)
        };
        concept.owner == user || concept.sharing.grants.iter().any(has_grant)
    }

    /// Returns whether a visitor may do something with a version.
    pub(crate) fn admits(&self, who: Visitor<'_>, version: &Version, level: Level) -> bool {
        let has_link = || {
            let concept = self.concepts.get(&version.concept)?;
            let link =
                concept.sharing.links.iter().find(|it| Some(it.token.as_str()) == who.secret)?;
            let end = link.expires_on.as_deref().and_then(|day| day.parse::<Date>().ok());
            let is_over = end.is_some_and(|end| end <= who.today);
            Some(!is_over && link.level >= level)
        };
        self.may(who.user, version, level) || has_link().unwrap_or(false)
    }

    /// Returns the concept of a record or a draft, for a user who may share it.
    ///
    /// # Errors
    /// 404 for an unknown id, 403 for everyone else.
    pub(crate) fn shared_concept(
        &mut self,
        user: Option<UserId>,
        id: Recid,
    ) -> Result<&mut Concept, Refusal> {
        let record = self.records.get(&id).map(Found::Record);
        let found = record.or_else(|| self.drafts.get(&id).map(Found::Draft));
        let version = found.ok_or_else(Refusal::no_such_id)?.version();
        if !self.may(user, version, Level::Manage) {
            return Err(Refusal::denied());
        }
        let concept = version.concept;
        self.concept_mut(concept)
    }
}

/// Gives somebody access.
///
/// # Errors
/// 400 when there is a grant, or no such user.
pub(crate) fn add_grants(
    state: &mut State,
    (user, id): (UserId, Recid),
    grants: Vec<Grant>,
) -> Result<(), Refusal> {
    let known: Vec<String> = state.users.values().map(|user| user.id.to_string()).collect();
    let concept = state.shared_concept(Some(user), id)?;
    let is_there = |new: &Grant| {
        concept.sharing.grants.iter().any(|old| old.kind == new.kind && old.id == new.id)
    };
    if grants.iter().any(is_there) {
        return Err(Refusal::new(
            400,
            "Grant for the user/role already exists within this record.",
        ));
    }
    for grant in &grants {
        // There are no groups here, as on Zenodo (USERS_RESOURCES_GROUPS_ENABLED).
        if grant.kind == "role" {
            return Err(Refusal::denied());
        }
        if grant.kind == "user" && !known.contains(&grant.id) {
            return Err(Refusal::field("subject.id", "Could not find the specified subject."));
        }
    }
    concept.sharing.grants.extend(grants);
    Ok(())
}

/// Makes a secret link.
///
/// # Errors
/// 404 and 403 as [`State::shared_concept`].
pub(crate) fn add_link(
    state: &mut State,
    (user, id): (Option<UserId>, Recid),
    (level, end, description): (Level, Option<Date>, String),
    moment: &mut Moment<'_>,
) -> Result<SecretLink, Refusal> {
    let concept = state.shared_concept(user, id)?;
    let link = SecretLink {
        id: moment.id(),
        token: make_token(moment),
        level,
        expires_on: end.map(|end| end.to_string()),
        description,
        created_at: moment.now,
    };
    concept.sharing.links.push(link.clone());
    Ok(link)
}

/// Returns a secret in the form of the real server's, by which a search for secrets knows it: a JSON
/// web token. Its signature is random, and nothing checks it.
///
/// Source: invenio-rdm-records, `secret_links/serializers.py` (`JSONWebSignatureSerializer`), 2026-11-30.
fn make_token(moment: &mut Moment<'_>) -> String {
    let payload =
        json!({"id": moment.id(), "data": {}, "random": moment.id().replace('-', "")}).to_string();
    let signature = [moment.id(), moment.id()].concat();
    ["{\"alg\":\"HS512\"}", &payload, &signature].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
}
