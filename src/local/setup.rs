//! Sets up the users and communities that a server has before its first request.
//!
//! Deliberately absent: everything that requests create.

use super::apis::Apis;
use super::error::LocalError;
use super::new_id::new_id;
use super::seed::{Seed, SeedReview, SeedSubmission};
use super::state::communities;
use super::state::types::{Community, Review, Submission, User, UserId};
use super::state::{Manner, Moment, State};
use super::store::Store;
use crate::clock::Clock;

/// The user of a server without a seed.
const LOCAL_USER: UserId = 1;

/// What a server begins with.
pub(crate) struct Begun<'a> {
    /// Users and communities.
    pub(crate) seed: Option<&'a Seed>,
    /// Communities that are known by their slugs alone.
    pub(crate) slugs: &'a [String],
    /// Which APIs it has.
    pub(crate) apis: Apis,
    /// Whether a PUT without the DOI of a draft loses it.
    pub(crate) loses_dois: bool,
    /// Whether a draft without a DOI is published without one.
    pub(crate) has_optional_dois: bool,
}

/// Adds what is missing, and returns the token of the first user.
///
/// # Errors
/// [`LocalError`] if the state cannot be stored.
pub(crate) fn set_up(
    store: &mut Store,
    Begun { seed, slugs, apis, loses_dois, has_optional_dois }: Begun<'_>,
    clock: &Clock,
) -> Result<String, LocalError> {
    let token = store.transact(|state| {
        let moment = Moment { now: clock.now(), new_id: &mut new_id };
        state.set_manner(Manner::TextIds, apis == Apis::Records);
        state.set_manner(Manner::LosesDois, loses_dois);
        state.set_manner(Manner::OptionalDois, has_optional_dois);
        let first = add_users(state, seed);
        for wanted in seed.iter().flat_map(|seed| &seed.communities) {
            let submission = match wanted.submission {
                SeedSubmission::Open => Submission::Open,
                SeedSubmission::Members => Submission::Members,
            };
            let review = match wanted.review {
                SeedReview::Closed => Review::Closed,
                SeedReview::Open => Review::Open,
            };
            let policies =
                Policies { submission, review, reviews_versions: wanted.reviews_versions };
            add_community(state, wanted.slug.clone(), wanted.owner, &policies, &moment);
        }
        for slug in slugs {
            // A community that is known by its slug alone gets the defaults of a seed.
            let policies = Policies {
                submission: Submission::Open,
                review: Review::Closed,
                reviews_versions: false,
            };
            add_community(state, slug.clone(), first, &policies, &moment);
        }
        Ok(state.users.get(&first).map(|user| user.token.clone()).unwrap_or_default())
    });
    token.map_err(|refusal| LocalError::Setup(refusal.body.to_string()))
}

/// Adds the users of the seed, or the local user; returns the number of the first one.
fn add_users(state: &mut State, seed: Option<&Seed>) -> UserId {
    for wanted in seed.iter().flat_map(|seed| &seed.users) {
        let password = wanted.password.as_deref().map(super::http::hash_sha256);
        // A user of the seed replaces the stored one, so that a changed token takes effect.
        let user = User {
            id: wanted.id,
            email: wanted.email.clone(),
            password,
            token: wanted.token.clone(),
        };
        state.users.insert(user.id, user);
    }
    if let Some(first) = seed.and_then(|seed| seed.users.first()) {
        return first.id;
    }
    // A data folder that was used before keeps its user, so that earlier tokens stay valid.
    if let Some(first) = state.users.values().next() {
        return first.id;
    }
    let token = format!("{}{}", new_id(), new_id()).replace('-', "");
    let email = "you@localhost".to_owned();
    state.users.insert(LOCAL_USER, User { id: LOCAL_USER, email, password: None, token });
    LOCAL_USER
}

/// What a community takes, and what it reviews.
struct Policies {
    submission: Submission,
    review: Review,
    reviews_versions: bool,
}

fn add_community(
    state: &mut State,
    slug: String,
    owner: UserId,
    policies: &Policies,
    moment: &Moment<'_>,
) {
    let &Policies { submission, review, reviews_versions } = policies;
    let title = format!("Community {slug}");
    let created = moment.now;
    let id = new_id();
    let community =
        Community { id, slug, title, owner, submission, review, reviews_versions, created };
    communities::create(state, community);
}
