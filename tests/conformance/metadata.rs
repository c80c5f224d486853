//! Metadata: what comes back is what zrel predicts, and what the server does not take it refuses.

use std::collections::BTreeMap;

use zrel::api::KeptValues;
use zrel::compare;
use zrel::model::{CustomFields, CustomValue, Field, Metadata, Value, Vocabulary, VocabularyId};
use zrel::observed::GrantLookup;

use super::Checked;
use super::require::{
    InWords, require, require_equal, require_error, require_metadata, require_refused,
};
use super::samples::{GRANT, add_grant, make_native_sample, make_samples, make_small};
use super::suite::Suite;

pub(super) async fn check_every_field_comes_back(suite: &Suite) -> Checked {
    let mut draft = suite.create_draft("Draft with every field").await?;
    for sent in make_samples(&suite.mark)? {
        let written = suite.api.put_metadata(draft.id, &sent, draft.revision).await.in_words()?;
        require_metadata(&sent, &written.metadata)?;
        draft = suite.api.read().draft(draft.id).await.in_words()?;
        require_metadata(&sent, &draft.metadata)?;
    }
    Ok(())
}

pub(super) async fn check_every_field_comes_back_by_the_records_api(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft by the records API").await?;
    let mut samples = make_samples(&suite.mark)?;
    // What the next one does not say is gone.
    samples.insert(0, make_native_sample(&suite.mark)?);
    samples.push(make_native_sample(&suite.mark)?);
    for sent in samples {
        let known = suite.api.read().draft(draft.id).await.in_words()?;
        let spelled = compare::spell_for_records_api(&sent);
        let put = suite
            .api
            .put_native_metadata(draft.id, &spelled, known.revision, &KeptValues::OF_OWN_DRAFT)
            .await;
        let written = put.in_words()?;
        require_metadata(&sent, &compare::respell_words(&written.metadata))?;
        let full = suite.api.read().full_draft(draft.id).await.in_words()?;
        require_metadata(&sent, &compare::respell_words(&full.metadata))?;
    }
    Ok(())
}

pub(super) async fn check_one_api_changes_nothing_of_the_other(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft by both APIs").await?;
    for sent in make_samples(&suite.mark)? {
        suite.api.put_metadata(draft.id, &sent, None).await.in_words()?;
        let by_deposit = suite.api.read().full_draft(draft.id).await.in_words()?;
        let spelled = compare::spell_for_records_api(&sent);
        let put = suite
            .api
            .put_native_metadata(draft.id, &spelled, None, &KeptValues::OF_OWN_DRAFT)
            .await;
        let by_records = put.in_words()?;
        for field in Field::ALL {
            let (one, other) = (by_deposit.metadata.get(*field), by_records.metadata.get(*field));
            let otherwise = format!("the two APIs write another `{field}`: {one:?} and {other:?}");
            require(one == other, &otherwise)?;
        }
        let losses = &by_records.facts.unsupported;
        require(losses.is_empty(), &format!("the deposit API would lose {losses:?}"))?;
    }
    Ok(())
}

pub(super) async fn check_dropped_values_are_named(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft with a custom field").await?;
    let mut metadata = make_small("Draft with a custom field", &suite.mark);
    let custom = BTreeMap::from([("no:such".to_owned(), CustomValue::Text("x".to_owned()))]);
    metadata.set(Field::Custom, Value::Custom(CustomFields(custom)));
    let spelled = compare::spell_for_records_api(&metadata);
    let put = suite
        .api
        .put_native_metadata(draft.id, &spelled, draft.revision, &KeptValues::OF_OWN_DRAFT)
        .await;
    let error = require_error("an unknown custom field", put)?;
    let is_named = error.field_errors().iter().any(|(field, _)| field == "custom_fields.no:such");
    require(is_named, &format!("the server does not name the custom field: {error}"))
}

pub(super) async fn check_a_stale_revision_is_refused_by_the_records_api(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft of two clients").await?;
    let metadata = compare::spell_for_records_api(&make_small("Draft of two clients", &suite.mark));
    let put = |revision| {
        suite.api.put_native_metadata(draft.id, &metadata, revision, &KeptValues::OF_OWN_DRAFT)
    };
    let first = put(draft.revision).await.in_words()?;
    require(first.revision > draft.revision, "a write leaves the revision as it was")?;
    let error = require_error("a write of an old revision", put(draft.revision).await)?;
    require(error.is_stale(), &format!("it is not called stale: {error}"))
}

pub(super) async fn check_metadata_are_replaced_whole(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft with less").await?;
    let mut less = make_small("Draft with less", &suite.mark);
    less.remove(Field::Keywords);
    less.remove(Field::Version);
    let written = suite.api.put_metadata(draft.id, &less, None).await.in_words()?;
    require_metadata(&less, &written.metadata)
}

pub(super) async fn check_invalid_metadata_are_refused(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft with errors").await?;
    let make_wrong = |field: Field, word: &str| {
        let mut metadata: Metadata = make_small("Draft with errors", &suite.mark);
        metadata.set_text(field, word);
        metadata
    };
    let licence = make_wrong(Field::License, "no-such-licence");
    let written = suite.api.put_metadata(draft.id, &licence, None).await;
    require_refused("an unknown licence", written, "metadata.license")?;
    let created = suite.api.create(&licence).await;
    require_refused("a draft with an unknown licence", created, "metadata.license")?;
    // The server names no field here, and zrel reads the word from the message.
    let kind = make_wrong(Field::UploadType, "paper");
    let error = suite.api.put_metadata(draft.id, &kind, None).await;
    let error = require_error("an unknown upload type", error)?;
    let otherwise = format!("the server does not name the word that it does not know: {error}");
    require(error.refused_word() == Some("paper"), &otherwise)?;
    let after = suite.api.read().draft(draft.id).await.in_words()?;
    require_metadata(&make_small("Draft with errors", &suite.mark), &after.metadata)
}

pub(super) async fn check_an_unknown_id_is_refuted(suite: &Suite) -> Checked {
    let id = |vocabulary, id: &str| VocabularyId { vocabulary, id: id.to_owned() };
    for (id, wanted) in [
        (id(Vocabulary::Affiliations, "01ggx4157"), true),
        (id(Vocabulary::Funders, "00k4n6c32"), true),
        (id(Vocabulary::Awards, "00k4n6c32::283595"), true),
        (id(Vocabulary::Affiliations, "zrel"), false),
        (id(Vocabulary::Funders, "zrel"), false),
        (id(Vocabulary::Awards, "zrel"), false),
    ] {
        let is_known = suite.api.read().knows_vocabulary_id(&id).await.in_words()?;
        require_equal(&id.to_string(), &is_known, &wanted)?;
    }
    Ok(())
}

pub(super) async fn check_grants_come_back(suite: &Suite) -> Checked {
    let unknown =
        suite.api.read().grant("10.13039/501100000780::no-such-grant").await.in_words()?;
    let is_known = matches!(unknown, Some(GrantLookup::Known(_)));
    require(!is_known, "the server knows a grant that does not exist")?;
    let known = suite.api.read().grant(GRANT).await.in_words()?;
    let mut metadata = make_small("Draft with a grant", &suite.mark);
    add_grant(&mut metadata);
    let draft = suite.create_draft("Draft with a grant").await?;
    let written = suite.api.put_metadata(draft.id, &metadata, draft.revision).await;
    match known {
        Some(GrantLookup::Unknown) => require_refused("an unknown grant", written, ""),
        // Without a list of grants the server takes each one.
        Some(GrantLookup::Known(_)) | None => {
            require_metadata(&metadata, &written.in_words()?.metadata)
        }
    }
}
