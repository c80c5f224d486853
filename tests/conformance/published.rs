//! A published record: as its owner and as everybody reads it, and edited. Publishing cannot be
//! undone, so all checks share one record.

use zrel::model::{Field, FileKey, Metadata, RecordId, Value};
use zrel::observed::{Deposition, DraftKind, Record};

use super::Checked;
use super::drafts::is_made_of;
use super::require::{
    InWords, require, require_equal, require_files, require_forbidden, require_metadata,
    require_not_found, require_refused,
};
use super::samples::{GRANT, make_title};
use super::suite::{CONTENT, KEY, Received, Suite, make_file};

pub(super) async fn check_an_incomplete_draft_is_refused(suite: &Suite) -> Checked {
    let mut bare = Metadata::default();
    bare.set_text(Field::Title, make_title("Draft without creators", &suite.mark));
    let draft = suite.create_draft_of(&bare).await?;
    let published = suite.api.publish(draft.id).await;
    require_refused("publishing without creators", published, "metadata.creators")?;
    let draft = suite.create_draft("Draft without files").await?;
    let published = suite.api.publish(draft.id).await;
    require_refused("publishing without files", published, "files.enabled")
}

pub(super) async fn check_a_publication_is_read_again(suite: &Suite) -> Checked {
    let published = suite.published().await?;
    let record = &published.record;
    require_published(record, &published.sent)?;
    let read = read_record(suite, record.id).await?;
    require_published(&read, &published.sent)?;
    require_equal("the concept", &read.concept, &record.concept)?;
    require_equal("the DOI", &read.doi, &record.doi)?;
    require(read.revision.is_some(), "the answer has no revision (`ETag`)")?;
    require_not_found("a draft after publishing", suite.api.read().draft(record.id).await)?;
    require_not_found("publishing again", suite.api.publish(record.id).await)
}

/// Demands what the suite's record has.
fn require_published(record: &Record, sent: &Metadata) -> Checked {
    let is_minted = record.doi.as_ref().is_some_and(|doi| is_made_of(doi, record.id.0));
    require(is_minted, &format!("the DOI is {:?}", record.doi))?;
    let concept_doi = record.concept_doi.as_ref();
    let is_own = concept_doi.is_some_and(|doi| is_made_of(doi, record.concept.0));
    require(is_own, &format!("the concept DOI is {concept_doi:?}"))?;
    require(record.unread.is_empty(), "the answer has entries that can't be read")?;
    require_metadata(sent, &record.metadata)?;
    require_files(&record.files, &[(KEY, CONTENT)])
}

/// Reads a record that is published, and not being edited.
async fn read_record(suite: &Suite, id: RecordId) -> Result<Record, String> {
    match suite.api.read().deposition(id).await.in_words()? {
        Deposition::Published(record) => Ok(*record),
        Deposition::Open(draft) => Err(format!("record {id} is open: {:?}", draft.kind)),
    }
}

pub(super) async fn check_a_record_is_public(suite: &Suite) -> Checked {
    let record = &suite.published().await?.record;
    let (guest, read) = (suite.guest.read(), suite.api.read());
    let full = guest.record(record.id).await.in_words()?;
    require_equal("the concept", &full.facts.concept, &record.concept)?;
    require_equal("the number of the version", &full.facts.index, &1)?;
    let own = read.record(record.id).await.in_words()?.facts;
    // zrel compares what it reads with a token with what it reads without one.
    require_equal("the fingerprint without a token", &full.facts.fingerprint, &own.fingerprint)?;
    // The owner's plan of an unchanged record needs no other reading.
    require_equal("whether its owner read it", &(full.facts.is_own, own.is_own), &(false, true))?;
    require_equal("the DOI", &full.doi, &record.doi)?;
    require_equal("the concept DOI", &full.concept_doi, &record.concept_doi)?;
    let title = record.metadata.text(Field::Title);
    require_equal("the title", &full.metadata.text(Field::Title), &title)?;
    require_files(&full.files.unwrap_or_default(), &[(KEY, CONTENT)])?;
    let by_concept = guest.record(RecordId(record.concept.0)).await.in_words()?;
    require_equal("the record by its concept", &by_concept.facts.concept, &record.concept)
}

/// How many pages of the user's records are searched for the newest one.
const PAGES: usize = 10;

pub(super) async fn check_a_listing_has_all_of_a_record(suite: &Suite) -> Checked {
    let (id, read) = (suite.published().await?.record.id, suite.api.read());
    let find = async || {
        for page in 1..=PAGES {
            let (listed, total) = read.own_records(page).await.in_words()?;
            let found = listed.into_iter().find(|full| full.facts.id == id);
            if found.is_some() || u64::try_from(page * 100).unwrap_or(u64::MAX) >= total {
                return Ok::<_, String>(found);
            }
        }
        Ok(None)
    };
    let is_listed = async || Ok(find().await?.is_some());
    suite.wait_until("the published record is not listed", is_listed).await?;
    // A plan of many members takes the one for the other.
    let alone = read.record(id).await.in_words()?;
    require_equal("the record in the listing", &find().await?, &Some(alone))
}

pub(super) async fn check_the_grants_of_a_record(suite: &Suite) -> Checked {
    let published = suite.published().await?;
    let has_grant = published.sent.get(Field::Grants).is_some();
    let wanted: Vec<String> = has_grant.then(|| GRANT.to_owned()).into_iter().collect();
    let found = suite.guest.read().grants_of(published.record.id).await.in_words()?;
    require_equal("the grants", &found, &wanted)
}

pub(super) async fn check_a_public_file_is_downloaded(suite: &Suite) -> Checked {
    let id = suite.published().await?.record.id;
    let mut received = Received(Vec::new());
    let key = FileKey::from_server(KEY);
    suite.guest.read().download(id, false, &key, &mut received).await.in_words()?;
    require_equal("the bytes", &received.0.as_slice(), &CONTENT)
}

/// Returns the metadata of a record with another keyword.
fn make_edited(sent: &Metadata, keyword: &str) -> Metadata {
    let mut edited = sent.clone();
    edited.set(Field::Keywords, Value::List(vec![keyword.to_owned()]));
    edited
}

pub(super) async fn check_an_edit_is_discarded(suite: &Suite) -> Checked {
    let published = suite.published().await?;
    let id = published.record.id;
    let before = read_record(suite, id).await?;
    let edit = suite.api.edit(id).await.in_words()?;
    suite.note_draft(id);
    require_equal("the kind of the draft", &edit.kind, &DraftKind::Edit)?;
    require_equal("the id of the edit", &edit.id, &id)?;
    require_equal("the DOI of the edit", &edit.doi, &before.doi)?;
    require_files(&edit.files, &[(KEY, CONTENT)])?;
    let again = suite.api.edit(id).await.in_words()?;
    require_equal("the id of the edit, opened again", &again.id, &id)?;
    let edited = make_edited(&published.sent, "discarded edit");
    let written = suite.put_metadata(&again, &edited).await?;
    require_metadata(&edited, &written.metadata)?;
    suite.api.discard(id, None).await.in_words()?;
    let after = read_record(suite, id).await?;
    require_equal("the metadata after the discard", &after.metadata, &before.metadata)?;
    require_not_found("discarding an edit again", suite.api.discard(id, None).await)
}

pub(super) async fn check_an_edit_is_published(suite: &Suite) -> Checked {
    let published = suite.published().await?;
    let id = published.record.id;
    let edit = suite.api.edit(id).await.in_words()?;
    suite.note_draft(id);
    let edited = make_edited(&published.sent, "published edit");
    suite.put_metadata(&edit, &edited).await?;
    if suite.is_of_deposit() {
        let (file, size) = make_file(CONTENT)?;
        let key = FileKey::from_server("late.csv");
        let sent = suite.api.upload(&edit.bucket, &key, file, size, &|_| {}).await;
        require_forbidden("a file for a published record", sent)?;
    }
    let record = suite.api.publish(id).await.in_words()?;
    require_equal("the id of the record", &record.id, &id)?;
    require_equal("the DOI of the record", &record.doi, &published.record.doi)?;
    require_published(&record, &edited)?;
    require_published(&read_record(suite, id).await?, &edited)
}
