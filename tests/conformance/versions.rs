//! Versions of the published record. These checks follow one another: the last one publishes the
//! second version.

use zrel::api::Sought;
use zrel::model::{Field, FileKey};
use zrel::observed::{DraftKind, Record};

use super::Checked;
use super::require::{
    InWords, require, require_equal, require_error, require_files, require_metadata,
};
use super::suite::{CONTENT, KEY, Received, Suite};

/// The content of the second version's file.
const SECOND: &[u8] = b"hour,radius\n1,22\n2,23\n3,24\n";

/// The name of the second version's file.
const SECOND_KEY: &str = "second.csv";

pub(super) async fn check_the_first_version_is_the_latest(suite: &Suite) -> Checked {
    let record = &suite.published().await?.record;
    let read = suite.guest.read();
    let is_listed = async || {
        let listed = read.versions(record.id).await.in_words()?;
        Ok(listed.iter().map(|version| version.id).eq([record.id]))
    };
    suite.wait_until("the version is not listed", is_listed).await?;
    let listed = read.versions(record.id).await.in_words()?;
    let entry = listed.first().ok_or("the version is not listed any more")?;
    require_equal("the number of the version", &entry.index, &1)?;
    require_equal("the label of the version", &entry.label.as_deref(), &Some("1.0"))?;
    require_equal("the DOI of the version", &entry.doi, &record.doi)?;
    require(entry.published.is_some(), "the version has no time of publication")?;
    let files = entry.files.as_deref().ok_or("the files of the version are not listed")?;
    require_files(files, &[(KEY, CONTENT)])?;
    let latest = read.latest(record.id, record.concept).await.in_words()?;
    require_equal("the latest version of the record", &latest.facts.id, &record.id)?;
    let latest = read.latest_of(record.concept).await.in_words()?;
    require_equal("the latest version of the concept", &latest.facts.id, &record.id)
}

pub(super) async fn check_a_new_version_has_the_files(suite: &Suite) -> Checked {
    let record = &suite.published().await?.record;
    let draft = suite.api.new_version(record.id).await.in_words()?;
    suite.note_draft(draft.id);
    require_equal("the kind of the draft", &draft.kind, &DraftKind::NewVersion)?;
    require_equal("the concept", &draft.concept, &record.concept)?;
    require_equal("the concept DOI", &draft.concept_doi, &record.concept_doi)?;
    require(draft.id != record.id, "the new version has the id of the record")?;
    require_files(&draft.files, &[(KEY, CONTENT)])?;
    require_equal("the version label", &draft.metadata.text(Field::Version), &None)?;
    let read = suite.api.read().draft(draft.id).await.in_words()?;
    require_files(&read.files, &[(KEY, CONTENT)])?;
    let facts = suite.api.read().draft_facts(draft.id).await.in_words()?;
    require_equal("the number of the version", &facts.index, &2)?;
    let again = suite.api.new_version(record.id).await;
    let error = require_error("opening a second draft", again)?;
    require(error.is_draft_open(), &format!("it is not refused for the open draft: {error}"))
}

pub(super) async fn check_files_are_taken_over_once(suite: &Suite) -> Checked {
    let record = &suite.published().await?.record;
    let draft = suite.api.new_version(record.id).await.in_words()?;
    suite.note_draft(draft.id);
    let again = suite.api.import_files(draft.id).await.in_words()?;
    require(again.is_none(), "a draft with files takes files over")?;
    for file in &draft.files {
        suite.delete_file(&draft, file).await?;
    }
    let taken = suite.api.import_files(draft.id).await.in_words()?;
    require_files(&taken.unwrap_or_default(), &[(KEY, CONTENT)])
}

pub(super) async fn check_an_open_version_is_found(suite: &Suite) -> Checked {
    let record = &suite.published().await?.record;
    let draft = suite.api.new_version(record.id).await.in_words()?;
    suite.note_draft(draft.id);
    let has_draft = async || {
        let facts = suite.api.read().record(record.id).await.in_words()?.facts;
        Ok(facts.is_latest && facts.has_newer_draft)
    };
    suite.wait_until("the record does not say that a draft is open", has_draft).await?;
    let sought = Sought::Concept(record.concept);
    let is_listed = async || {
        let listed = suite.api.read().own(&sought).await.in_words()?;
        Ok(listed.iter().any(|one| one.id == draft.id && !one.is_published))
    };
    suite.wait_until("the draft is not found by its concept", is_listed).await?;
    suite.api.discard(draft.id, None).await.in_words()?;
    let has_none = async || Ok(!has_draft().await?);
    suite.wait_until("the record names a draft that is discarded", has_none).await
}

pub(super) async fn check_the_second_version_is_the_latest(suite: &Suite) -> Checked {
    let published = suite.published().await?;
    let (first, mut sent) = (&published.record, published.sent.clone());
    let draft = suite.api.new_version(first.id).await.in_words()?;
    suite.note_draft(draft.id);
    sent.set_text(Field::Version, "2.0");
    suite.put_metadata(&draft, &sent).await?;
    let carried = draft.files.first().ok_or("the draft has no file")?;
    suite.delete_file(&draft, carried).await?;
    suite.send_file(&draft, SECOND_KEY, SECOND).await?;
    let second = suite.api.publish(draft.id).await.in_words()?;
    require_equal("the id of the second version", &second.id, &draft.id)?;
    require_equal("the concept", &second.concept, &first.concept)?;
    require(second.doi != first.doi, "both versions have one DOI")?;
    require_metadata(&sent, &second.metadata)?;
    require_files(&second.files, &[(SECOND_KEY, SECOND)])?;
    let ids = [second.id, first.id];
    let read = suite.guest.read();
    let is_listed = async || {
        let listed = read.versions(first.id).await.in_words()?;
        Ok(listed.iter().map(|version| version.id).eq(ids))
    };
    suite.wait_until("the versions are not listed newest first", is_listed).await?;
    let latest = read.latest(first.id, first.concept).await.in_words()?;
    require_equal("the latest version of the record", &latest.facts.id, &second.id)?;
    let latest = read.latest_of(first.concept).await.in_words()?;
    require_equal("the latest version of the concept", &latest.facts.id, &second.id)?;
    require_superseded(suite, first).await
}

/// Demands that a version is not the latest, and still has its file.
async fn require_superseded(suite: &Suite, first: &Record) -> Checked {
    let is_superseded =
        async || Ok(!suite.guest.read().record(first.id).await.in_words()?.facts.is_latest);
    suite.wait_until("the first version is still the latest", is_superseded).await?;
    let mut received = Received(Vec::new());
    let key = FileKey::from_server(KEY);
    suite.guest.read().download(first.id, false, &key, &mut received).await.in_words()?;
    require_equal("the first version's bytes", &received.0.as_slice(), &CONTENT)
}
