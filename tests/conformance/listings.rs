//! Your own drafts and records, by what zrel looks for after a lost answer.

use zrel::api::Sought;
use zrel::model::RecordId;
use zrel::observed::Candidate;

use super::Checked;
use super::require::{InWords, require};
use super::samples::{DESCRIPTION, make_title};
use super::suite::Suite;

pub(super) async fn check_a_draft_is_found_by_its_texts(suite: &Suite) -> Checked {
    const ABOUT: &str = "Draft to find by “its” texts";
    let draft = suite.create_draft(ABOUT).await?;
    let title = make_title(ABOUT, &suite.mark);
    let by_title = Sought::Texts { title: &title, description: DESCRIPTION, create_id: None };
    let mark = suite.mark.as_str();
    let by_mark = Sought::Texts { title: mark, description: "", create_id: Some(mark) };
    let is_it = |one: &Candidate| {
        let is_draft = one.id == draft.id && one.concept == draft.concept && !one.is_published;
        is_draft && one.is_made_by(mark) && one.title.starts_with("Draft to find by")
    };
    for (how, sought) in [("title", by_title), ("random id", by_mark), ("account", Sought::All)] {
        let otherwise = format!("the draft is not found by its {how}");
        let look = async || Ok(suite.api.read().own(&sought).await.in_words()?.iter().any(is_it));
        suite.wait_until(&otherwise, look).await?;
    }
    Ok(())
}

pub(super) async fn check_a_draft_is_found_by_its_concept(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft to find by its concept").await?;
    let sought = Sought::Concept(draft.concept);
    let count = async || suite.api.read().own(&sought).await.in_words().map(|all| all.len());
    let is_found = async || Ok(count().await? == 1);
    suite.wait_until("the draft is not found by its concept", is_found).await?;
    suite.api.discard(draft.id, None).await.in_words()?;
    let is_gone = async || Ok(count().await? == 0);
    suite.wait_until("the discarded draft is still listed", is_gone).await
}

pub(super) async fn check_no_draft_is_left(suite: &Suite) -> Checked {
    let mark = suite.mark.as_str();
    let sought = Sought::Texts { title: mark, description: "", create_id: Some(mark) };
    let list_left = async || -> Result<Vec<RecordId>, String> {
        let found = suite.api.read().own(&sought).await.in_words()?;
        Ok(found.iter().filter(|one| one.is_made_by(mark)).map(|one| one.id).collect())
    };
    let is_none_left = async || Ok(list_left().await?.is_empty());
    let waited = suite.wait_until("drafts are listed that the checks removed", is_none_left).await;
    let left = list_left().await?;
    // A create call without an answer made them: no check knew of them.
    for id in &left {
        suite.note_draft(*id);
    }
    require(left.is_empty(), &format!("drafts were left, and are discarded now: {left:?}"))
        .and(waited)
}
