//! Drafts: created, read by both APIs, written, discarded.

use zrel::model::{Doi, Field, Recid, RecordId};
use zrel::observed::{Draft, DraftKind};

use super::Checked;
use super::require::{
    InWords, require, require_equal, require_error, require_metadata, require_not_found,
};
use super::samples::make_small;
use super::suite::Suite;

pub(super) async fn check_a_created_draft_is_read_again(suite: &Suite) -> Checked {
    let metadata = make_small("Draft", &suite.mark);
    let draft = suite.api.create(&metadata).await.in_words()?;
    suite.note_draft(draft.id);
    require_new(suite, &draft)?;
    require_metadata(&metadata, &draft.metadata)?;
    let read = suite.api.read().draft(draft.id).await.in_words()?;
    require_new(suite, &read)?;
    require_metadata(&metadata, &read.metadata)?;
    require_equal("the concept", &read.concept, &draft.concept)?;
    require_equal("the bucket", &read.bucket, &draft.bucket)?;
    let deposition = suite.api.read().deposition(draft.id).await.in_words()?;
    require_equal("the deposition's id", &deposition.id(), &draft.id)?;
    require_equal("the deposition's concept", &deposition.concept(), &draft.concept)?;
    let found = suite.api.read().find_deposition(draft.id).await.in_words()?;
    require_equal("a deposition shows its API", &found.is_some(), &suite.is_of_deposit())
}

/// Demands what every draft without a published version has.
fn require_new(suite: &Suite, draft: &Draft) -> Checked {
    require_equal("the kind of the draft", &draft.kind, &DraftKind::NewRecord)?;
    require(draft.id != RecordId(draft.concept.0), "the draft and its concept have one id")?;
    require(!draft.bucket.is_empty() || !suite.is_of_deposit(), "the draft has no bucket")?;
    require(draft.revision.is_some(), "the answer has no revision (`ETag`)")?;
    require(draft.files.is_empty(), "a new draft has files")?;
    require(draft.unread.is_empty(), "the answer has entries that can't be read")
}

pub(super) async fn check_a_stale_revision_is_refused(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft with revisions").await?;
    let mut metadata = make_small("Draft with revisions", &suite.mark);
    metadata.set_text(Field::Notes, "<p>First.</p>");
    let first = suite.api.put_metadata(draft.id, &metadata, draft.revision).await.in_words()?;
    let stale = suite.api.put_metadata(draft.id, &metadata, draft.revision).await;
    let stale = require_error("writing over a revision that is not the latest", stale)?;
    require(stale.is_stale(), &format!("the answer to a stale write is not 412: {stale}"))?;
    metadata.set_text(Field::Notes, "<p>Second.</p>");
    let second = suite.api.put_metadata(draft.id, &metadata, first.revision).await.in_words()?;
    require_metadata(&metadata, &second.metadata)
}

pub(super) async fn check_a_discarded_draft_is_gone(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft to discard").await?;
    suite.api.discard(draft.id, None).await.in_words()?;
    require_not_found("reading a discarded draft", suite.api.read().draft(draft.id).await)?;
    require_not_found("discarding a draft again", suite.api.discard(draft.id, None).await)
}

pub(super) async fn check_the_records_api_has_the_draft(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft of the records API").await?;
    let full = suite.api.read().full_draft(draft.id).await.in_words()?;
    let facts = suite.api.read().draft_facts(draft.id).await.in_words()?;
    require_equal("the facts", &full.facts, &facts)?;
    require_equal("the id", &facts.id, &draft.id)?;
    require_equal("the concept", &facts.concept, &draft.concept)?;
    require(!facts.has_external_doi, "the draft has a DOI that was made elsewhere")?;
    require(!facts.has_empty_doi, "the draft has an empty DOI")?;
    require(facts.review.is_none(), "a community reviews the draft")?;
    require(facts.unsupported.is_empty(), "the draft has what the deposit API can't express")?;
    let title = draft.metadata.text(Field::Title);
    require_equal("the title", &full.metadata.text(Field::Title), &title)
}

pub(super) async fn check_a_doi_is_reserved_once(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft with a DOI").await?;
    suite.api.reserve_doi(draft.id).await.in_words()?;
    let first = suite.api.read().full_draft(draft.id).await.in_words()?.doi;
    let is_own = first.as_ref().is_some_and(|doi| is_made_of(doi, draft.id.0));
    require(is_own, &format!("the reserved DOI is {first:?}, and must end with {}", draft.id))?;
    // zrel repeats the call after a lost answer.
    suite.api.reserve_doi(draft.id).await.in_words()?;
    let second = suite.api.read().full_draft(draft.id).await.in_words()?.doi;
    require_equal("the DOI after a second call", &second, &first)
}

/// Returns whether a DOI is made of an id, as Zenodo or another InvenioRDM server does.
pub(super) fn is_made_of(doi: &Doi, id: Recid) -> bool {
    Recid::parse_named(doi.as_str()) == Some(id)
}

pub(super) async fn check_a_reserved_doi_is_answered(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft whose DOI is answered").await?;
    let reserved = suite.api.reserve_record_doi(draft.id).await.in_words()?;
    let reserved = reserved.ok_or("the first reservation is refused for a DOI that is there")?;
    require_equal("the id", &reserved.id, &draft.id)?;
    let is_own = reserved.doi.as_ref().is_some_and(|doi| is_made_of(doi, draft.id.0));
    require(is_own, &format!("the reserved DOI is {:?}", reserved.doi))?;
    let read = suite.api.read().draft(draft.id).await.in_words()?;
    require_equal("the revision", &reserved.revision, &read.revision)?;
    let again = suite.api.reserve_record_doi(draft.id).await.in_words()?;
    require(again.is_none(), "a second reservation is no refusal")
}

pub(super) async fn check_a_doi_that_is_there_is_kept(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft whose DOI is sent back").await?;
    suite.api.reserve_doi(draft.id).await.in_words()?;
    let first = suite.api.read().full_draft(draft.id).await.in_words()?.doi;
    let doi = first.clone().ok_or("the draft has no DOI after the reservation")?;
    let has_doi = suite.api.send_doi(draft.id, &doi).await.in_words()?;
    require(has_doi, "the draft has no DOI after it was sent back")?;
    let second = suite.api.read().full_draft(draft.id).await.in_words()?.doi;
    require_equal("the DOI afterwards", &second, &first)
}
