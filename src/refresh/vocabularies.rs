//! Looks ids of vocabularies up that only the server has.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use futures_util::stream;

use crate::api::{ApiError, ReadApi};
use crate::model::VocabularyId;
use crate::observed::{GrantLookup, Lookups, Observed};

/// How many ids are looked up at most: the server allows 100 requests a minute (zenodo-facts.md,
/// 2026-11-23). It refuses others when the metadata are written.
const MOST_IDS: usize = 40;

/// How many are looked up at once.
const AT_ONCE: usize = 4;

/// Looks ids up. What the published record or the open draft has the server knows.
///
/// # Errors
/// [`ApiError`] when the time of the run is over; a vocabulary that can't be asked refutes nothing.
pub async fn look_up(
    api: &ReadApi,
    wanted: &BTreeSet<VocabularyId>,
    observed: &Observed,
) -> Result<Lookups, ApiError> {
    let record = observed.published().map(|record| record.metadata.list_vocabulary_ids());
    let draft = observed.draft.as_ref().map(|draft| draft.metadata.list_vocabulary_ids());
    let is_known = |id: &&VocabularyId| {
        [&record, &draft].iter().any(|known| known.as_ref().is_some_and(|it| it.contains(*id)))
    };
    let open: Vec<&VocabularyId> = wanted.iter().filter(|id| !is_known(id)).collect();
    if !open.is_empty() {
        tracing::info!(target: "refresh", "ids of vocabularies");
    }
    let (asked, others) = open.split_at(open.len().min(MOST_IDS));
    let calls = asked.iter().map(async |id| (*id, api.knows_vocabulary_id(id).await));
    let mut answers: Vec<_> = stream::iter(calls).buffered(AT_ONCE).collect().await;
    let mut lookups = Lookups::default();
    for (id, answer) in answers.drain(..) {
        match answer {
            Ok(true) => {}
            Ok(false) => lookups.unknown.push(id.clone()),
            Err(error) if error.is_time_over() => return Err(error),
            Err(error) => {
                lookups.left.push(id.to_string());
                lookups.failure.get_or_insert_with(|| describe(&error));
            }
        }
    }
    lookups.left.extend(others.iter().map(ToString::to_string));
    Ok(lookups)
}

/// Looks grants up, and returns those that the server does not know.
///
/// # Errors
/// [`ApiError`] as [`look_up`].
pub async fn look_up_grants(
    api: &ReadApi,
    grants: &[String],
    lookups: &mut Lookups,
) -> Result<BTreeMap<String, GrantLookup>, ApiError> {
    match unknown_grants(api, grants).await {
        Ok(unknown) => Ok(unknown),
        Err(error) if error.is_time_over() => Err(error),
        Err(error) => {
            lookups.left.extend(grants.iter().map(|grant| format!("award `{grant}`")));
            lookups.failure.get_or_insert_with(|| describe(&error));
            Ok(BTreeMap::new())
        }
    }
}

/// Looks up grants, and returns those that the server does not know.
///
/// # Errors
/// [`ApiError`] when a call fails.
pub async fn unknown_grants(
    api: &ReadApi,
    grants: &[String],
) -> Result<BTreeMap<String, GrantLookup>, ApiError> {
    let mut unknown = BTreeMap::new();
    for grant in grants {
        if let Some(GrantLookup::Unknown) = api.grant(grant).await? {
            unknown.insert(grant.clone(), GrantLookup::Unknown);
        }
    }
    Ok(unknown)
}

/// Returns an error with what caused it.
fn describe(error: &ApiError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
