//! Publishing: what must be there, which DOI it gets, what becomes of the draft.
//!
//! Messages and their order as recorded on 2026-11-23 (`tests/contract/publish-incomplete.json`,
//! `doi-*.json`, `edit-with-doi-echoed.json`). Deliberately absent: reviews, see `review`.

use jiff::civil::Date;
use serde_json::Value;

use super::refusal::Refusal;
use super::types::{Pid, Recid, Record, UserId, Version};
use super::{DOI_PREFIX, Moment, State, communities, requests};

/// What publishing adds to the revision of the record: the first time, and with each edit.
const PUBLISH_REVISION: u64 = 4;
const EDIT_REVISION: u64 = 3;

/// What the server says of a DOI that is an empty text.
pub(crate) const MISSING_DOI: &str = "Missing DOI for required field.";

/// The fields that a record must have, in the order in which the server names them.
const REQUIRED: [&str; 4] = ["resource_type", "creators", "title", "publication_date"];

/// Returns the DOI that the server mints for a number.
pub(crate) fn own_doi(id: Recid) -> Pid {
    Pid {
        identifier: format!("{DOI_PREFIX}/zenodo.{id}"),
        provider: "datacite".to_owned(),
        client: Some("datacite".to_owned()),
    }
}

/// Publishes a draft for its owner.
///
/// # Errors
/// 400 during a review, and as [`publish_reviewed`]. The caller has looked the draft up.
pub(crate) fn publish(
    state: &mut State,
    user: UserId,
    id: Recid,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let concept = state.draft_mut(id)?.version.concept;
    if requests::find_open_review(state, concept).is_some() {
        return Err(Refusal::new(
            400,
            "You cannot publish a draft with an open review request. Please cancel the review \
             request first.",
        ));
    }
    publish_reviewed(state, user, id, moment)
}

/// Publishes a draft whose review is over, or that has none.
///
/// # Errors
/// 400 with one entry a field.
pub(crate) fn publish_reviewed(
    state: &mut State,
    user: UserId,
    id: Recid,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let draft = state.drafts.get(&id).ok_or_else(Refusal::no_such_id)?;
    check_metadata(&draft.version, moment)?;
    check_files(&draft.version)?;
    check_doi(state, &draft.version)?;
    let Some(draft) = state.drafts.remove(&id) else { return Err(Refusal::internal()) };
    let draft_revision = draft.version.revision;
    let mut version = draft.version;
    let wanted = take_communities(&mut version);
    // The records API can drop the DOI of an edit; publishing puts it back.
    let published = state.records.get(&id).and_then(|record| record.version.doi()).cloned();
    let doi = published.unwrap_or_else(|| own_doi(id));
    version.pids.entry("doi".to_owned()).or_insert(doi);
    version.pids.insert("oai".to_owned(), oai(id));
    version.updated = moment.now;
    settle(state, &mut version, moment)?;
    state.records.insert(id, Record { version, draft_revision, deleted: false });
    communities::include_after_publishing(state, user, id, &wanted, moment);
    Ok(())
}

/// Brings the record's own facts up to date: first publication or edit.
fn settle(state: &mut State, version: &mut Version, moment: &Moment<'_>) -> Result<(), Refusal> {
    if let Some(published) = state.records.get(&version.id) {
        version.revision = published.version.revision + EDIT_REVISION;
        version.created = published.version.created;
        // The record keeps its bucket; the edit had one of its own.
        version.bucket.clone_from(&published.version.bucket);
        return Ok(());
    }
    version.revision = PUBLISH_REVISION;
    version.created = moment.now;
    let is_own = version.doi().is_some_and(|doi| doi.provider == "datacite");
    let concept = state.concept_mut(version.concept)?;
    concept.versions.push(version.id);
    concept.next_draft = None;
    if is_own && concept.doi.is_none() {
        concept.doi = Some(own_doi(concept.id).identifier);
    }
    Ok(())
}

fn oai(id: Recid) -> Pid {
    Pid { identifier: format!("oai:zenodo.org:{id}"), provider: "oai".to_owned(), client: None }
}

/// Takes out the communities that the deposit API's metadata named.
fn take_communities(version: &mut Version) -> Vec<String> {
    let named = version.custom.remove("legacy:communities");
    let Some(Value::Array(slugs)) = named else { return Vec::new() };
    slugs.iter().filter_map(|slug| slug.as_str().map(str::to_owned)).collect()
}

fn check_metadata(version: &Version, moment: &Moment<'_>) -> Result<(), Refusal> {
    let mut errors = missing_fields(version);
    errors.extend(people_errors(version));
    errors.extend(dateless_dates(version));
    if let Some(until) = &version.access.embargo_until {
        let today: Option<Date> = moment.today().parse().ok();
        if until.parse::<Date>().ok() <= today {
            let message = "Embargo end date must be set to a future date.";
            errors.push(("access.embargo.until".to_owned(), message.to_owned()));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Refusal::fields(&errors)) }
}

/// Returns an error for each required field that a draft lacks.
pub(crate) fn missing_fields(version: &Version) -> Vec<(String, String)> {
    REQUIRED
        .iter()
        .filter(|field| !version.metadata.contains_key(**field))
        .map(|field| (format!("metadata.{field}"), "Missing data for required field.".to_owned()))
        .collect()
}

/// A creator whose name was dropped blocks publishing, and so does an identifier of no scheme.
fn people_errors(version: &Version) -> Vec<(String, String)> {
    let rows = |list: &str| version.metadata.get(list).and_then(Value::as_array);
    let mut errors = Vec::new();
    for list in ["creators", "contributors"] {
        for (at, person) in rows(list).into_iter().flatten().enumerate() {
            let place = format!("metadata.{list}.{at}.person_or_org");
            let identifiers = person.pointer("/person_or_org/identifiers");
            let identifiers = identifiers.and_then(Value::as_array).into_iter().flatten();
            let bare = identifiers.enumerate().filter(|(_, row)| row.get("scheme").is_none());
            let bare: Vec<usize> = bare.map(|(at, _)| at).collect();
            let is_nameless = person.pointer("/person_or_org/name").is_none();
            if is_nameless && bare.is_empty() && list == "creators" {
                let message = "Missing data for required field.".to_owned();
                errors.push((format!("{place}.name"), message));
            }
            errors.extend(bare.into_iter().map(|at| {
                let message = "No valid scheme recognized for identifier.".to_owned();
                (format!("{place}.identifiers.{at}.scheme"), message)
            }));
        }
    }
    errors
}

/// An entry of `dates` whose date was dropped blocks publishing.
fn dateless_dates(version: &Version) -> Vec<(String, String)> {
    let dates = version.metadata.get("dates").and_then(Value::as_array).into_iter().flatten();
    let dateless = dates.enumerate().filter(|(_, row)| row.get("date").is_none());
    dateless
        .map(|(at, _)| {
            (format!("metadata.dates.{at}.date"), "Missing data for required field.".to_owned())
        })
        .collect()
}

fn check_files(version: &Version) -> Result<(), Refusal> {
    if version.files.is_empty() {
        return Err(Refusal::field(
            "files.enabled",
            "Missing uploaded files. To disable files for this record please mark it as \
             metadata-only.",
        ));
    }
    if version.files.iter().any(|file| file.content().is_none()) {
        return Err(Refusal::field(
            "files",
            "One or more files have not completed their transfer, please wait.",
        ));
    }
    Ok(())
}

fn check_doi(state: &State, version: &Version) -> Result<(), Refusal> {
    let published = state.records.get(&version.id).and_then(|record| record.version.doi());
    let refuse = |message: &str| Err(Refusal::field("pids.doi", message));
    let Some(doi) = version.doi() else { return Ok(()) };
    if doi.identifier.is_empty() {
        return refuse(MISSING_DOI);
    }
    let (prefix, _) = doi.identifier.split_once('/').unwrap_or_default();
    if doi.provider == "datacite" && prefix != DOI_PREFIX {
        return refuse(&format!(
            "Wrong DOI {prefix} prefix provided, it should be {DOI_PREFIX} as defined in the \
             rest client"
        ));
    }
    if doi.provider == "external" && prefix == DOI_PREFIX {
        return refuse(&format!(
            "The prefix '{DOI_PREFIX}' is managed by Zenodo. Please supply an external DOI or \
             select 'No' to have a DOI generated for you."
        ));
    }
    if doi.provider == "external" && !is_doi(&doi.identifier) {
        return refuse("Invalid DOI");
    }
    if published.is_some_and(|before| before.provider == "datacite" && before != doi) {
        return refuse("Cannot discard a reserved or registered persistent identifier.");
    }
    let is_taken = state.records.values().any(|other| {
        other.version.id != version.id
            && other.version.doi().is_some_and(|taken| taken.identifier == doi.identifier)
    });
    if is_taken {
        return refuse(&format!("doi:{} already exists.", doi.identifier));
    }
    Ok(())
}

/// Says whether a text has the shape of a DOI: `10.`, a registrant, a slash, a suffix.
fn is_doi(text: &str) -> bool {
    let Some((prefix, suffix)) = text.split_once('/') else { return false };
    let registrant = prefix.strip_prefix("10.").unwrap_or_default();
    !suffix.is_empty()
        && !registrant.is_empty()
        && registrant.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
