//! Communities: looked up, and asked to include the published record.

use zrel::api::{CommunityAnswer, CommunityFacts};
use zrel::model::Community;
use zrel::observed::CommunityStatus;

use super::Checked;
use super::require::{InWords, require, require_equal, require_error};
use super::suite::Suite;

/// Returns a slug that no community has.
fn make_unknown(suite: &Suite) -> Community {
    Community(format!("zrel-no-community-{}", suite.mark))
}

pub(super) async fn check_an_unknown_community_is_not_found(suite: &Suite) -> Checked {
    let unknown = make_unknown(suite);
    let found = suite.api.read().community(&unknown).await.in_words()?;
    require_equal("an unknown community", &found, &None)?;
    let is_member = suite.api.read().is_member(&unknown).await.in_words()?;
    require(is_member != Some(true), "the user is a member of an unknown community")
}

pub(super) async fn check_the_community_is_known(suite: &Suite) -> Checked {
    let slug = suite.require_community()?;
    let found = suite.api.read().community(slug).await.in_words()?;
    let found = found.ok_or_else(|| format!("the server has no community `{slug}`"))?;
    require_equal("the slug", &found.slug, slug)?;
    require(!found.uuid.is_empty(), "the community has no id")?;
    // Either answer is right; what counts is that the list of memberships can be read.
    suite.api.read().is_member(slug).await.in_words().map(|_| ())
}

/// Returns what the server has of the community that the suite may ask.
async fn find_community(suite: &Suite) -> Result<CommunityFacts, String> {
    let slug = suite.require_community()?;
    let found = suite.api.read().community(slug).await.in_words()?;
    found.ok_or_else(|| format!("the server has no community `{slug}`"))
}

pub(super) async fn check_a_draft_without_a_review_is_not_submitted(suite: &Suite) -> Checked {
    let community = find_community(suite).await?;
    let draft = suite.create_draft("Draft without a review").await?;
    let answer = suite.api.submit_review(draft.id, &community, None).await;
    require_error("submitting a draft for which no community was chosen", answer).map(|_| ())
}

pub(super) async fn check_a_community_is_chosen_to_review(suite: &Suite) -> Checked {
    let community = find_community(suite).await?;
    let draft = suite.create_draft("Draft with a review").await?;
    let none = suite.api.read().review(draft.id).await.in_words()?;
    require_equal("the review before the choice", &none, &None)?;
    // Twice: the choice is replaced.
    for _ in 0..2 {
        suite.api.choose_review(draft.id, &community).await.in_words()?;
    }
    let review = suite.api.read().review(draft.id).await.in_words()?;
    let (uuid, _) = review.ok_or("the draft has no review after the choice")?;
    require_equal("the community that reviews", &uuid, &community.uuid)?;
    let slug = suite.api.read().community_slug(&uuid).await.in_words()?;
    require_equal("its slug", &slug, &Some(community.slug))
}

pub(super) async fn check_a_record_that_is_not_in_it_has_left(suite: &Suite) -> Checked {
    let community = find_community(suite).await?;
    let id = suite.published().await?.record.id;
    // Twice: a record that is not in the community has left it.
    for _ in 0..2 {
        let refused = suite.api.leave_community(id, &community).await.in_words()?;
        require_equal("the refusal to leave", &refused, &None)?;
    }
    Ok(())
}

pub(super) async fn check_an_unknown_community_is_refused(suite: &Suite) -> Checked {
    let id = suite.published().await?.record.id;
    let answer = suite.api.request_community(id, &make_unknown(suite), None).await.in_words()?;
    let is_refused = matches!(&answer, CommunityAnswer::Refused(words) if !words.is_empty());
    require(is_refused, &format!("the answer of an unknown community is {answer:?}"))
}

pub(super) async fn check_the_community_is_asked(suite: &Suite) -> Checked {
    let slug = suite.require_community()?;
    let id = suite.published().await?.record.id;
    // Twice: an open request counts as asked.
    for _ in 0..2 {
        let answer = suite.api.request_community(id, slug, None).await.in_words()?;
        if let CommunityAnswer::Refused(words) = answer {
            return Err(format!("community `{slug}` refuses: {words}"));
        }
    }
    let found = suite.api.read().community(slug).await.in_words()?;
    let uuid = found.ok_or_else(|| format!("the server has no community `{slug}`"))?.uuid;
    let is_listed = async || {
        let requests = suite.api.read().requests(id).await.in_words()?;
        Ok(requests.iter().any(|(community, state)| {
            let is_open =
                matches!(state.status, CommunityStatus::Pending | CommunityStatus::Joined);
            *community == uuid && is_open
        }))
    };
    suite.wait_until("the request to the community is not listed", is_listed).await
}
