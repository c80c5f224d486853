//! Publishing: what a draft needs, which DOI it gets, and how it becomes a record.
//!
//! Messages and their order as recorded on 2026-11-23 (`tests/contract/publish-incomplete.json`,
//! `doi-*.json`, `edit-with-doi-echoed.json`). Deliberately absent: reviews, see `review`.

use jiff::civil::Date;
use serde_json::Value;

use super::kept_values::{check_awards, check_places, find_repeated_affiliation};
use super::refusal::Refusal;
use super::types::{Draft, Pid, Recid, Record, UserId, Version};
use super::{DOI_PREFIX, Manner, Moment, State, communities, file_modification, requests};

/// The revision of a record after its first publication, and what each edit adds to it.
const PUBLISH_REVISION: u64 = 4;
const EDIT_REVISION: u64 = 3;

/// The server's message for a DOI that is an empty string.
pub(crate) const MISSING_DOI: &str = "Missing DOI for required field.";

/// The server's message for an identifier that fits no scheme.
pub(crate) const NO_SCHEME: &str = "No valid scheme recognized for identifier.";

/// The server's message for an embargo that is over before it begins.
pub(crate) const PAST_EMBARGO: &str = "Embargo end date must be set to a future date.";

/// Returns the server's message for one of its own DOIs that is given as another's.
pub(crate) fn describe_managed_prefix() -> String {
    format!(
        "The prefix '{DOI_PREFIX}' is managed by Zenodo. Please supply an external DOI or select \
         'No' to have a DOI generated for you."
    )
}

/// The fields that a record must have, in the order in which the server reports them.
const REQUIRED: [&str; 4] = ["resource_type", "creators", "title", "publication_date"];

/// Returns the DOI that the server mints for an id.
pub(crate) fn mint_doi(id: Recid) -> Pid {
    // Zenodo's own form; InvenioRDM's has nothing before the id.
    let name = if id.is_text() { "" } else { "zenodo." };
    Pid {
        identifier: format!("{DOI_PREFIX}/{name}{id}"),
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
    // Only the community's accept publishes it then, by `publish_reviewed`; also a review that was
    // only chosen blocks (invenio-rdm-records, services/components/review.py, 2026-11-30).
    let review = requests::find_review(state, concept).filter(|review| review.topic == id);
    if review.is_some_and(|review| !review.status.is_closed()) {
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
    // In the server's order: metadata errors hide a missing file, and that hides a wrong DOI.
    check_metadata(&draft.version, moment)?;
    check_files(&draft.version)?;
    file_modification::check_period(state, draft, moment)?;
    check_doi(state, draft)?;
    let Some(draft) = state.drafts.remove(&id) else { return Err(Refusal::internal()) };
    let draft_revision = draft.version.revision;
    let first_revision = choose_first_revision(&draft);
    let mut version = draft.version;
    let wanted = take_communities(&mut version);
    // The records API can remove the DOI from an edit; publishing restores it.
    let published = state.records.get(&id).and_then(|record| record.version.doi()).cloned();
    let minted = (!state.has(Manner::OptionalDois)).then(|| mint_doi(id));
    if let Some(doi) = published.or(minted) {
        version.pids.entry("doi".to_owned()).or_insert(doi);
    }
    version.pids.insert("oai".to_owned(), make_oai_pid(id));
    version.updated = moment.now;
    settle(state, &mut version, first_revision, moment)?;
    state.records.insert(id, Record { version, draft_revision, deleted: false });
    // After the insert: communities take in published records only.
    communities::include_after_publishing(state, user, id, &wanted, moment);
    Ok(())
}

/// Returns the revision of a version that is published for the first time.
fn choose_first_revision(draft: &Draft) -> u64 {
    let Draft { version, was_reserved, .. } = draft;
    // A first draft of the records API for which no DOI was ever reserved counts one less
    // (`tests/contract/native-if-match.json`, 2026-11-28); its revisions are odd.
    let is_of_records = version.index == 1 && version.revision % 2 == 1;
    if is_of_records && version.doi().is_none() && !was_reserved {
        PUBLISH_REVISION - 1
    } else {
        PUBLISH_REVISION
    }
}

/// Sets the record's own fields, for a first publication or an edit.
fn settle(
    state: &mut State,
    version: &mut Version,
    first_revision: u64,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    if let Some(published) = state.records.get(&version.id) {
        version.revision = published.version.revision + EDIT_REVISION;
        version.created = published.version.created;
        // The record keeps its bucket; the edit had a separate one.
        version.bucket.clone_from(&published.version.bucket);
        return Ok(());
    }
    version.revision = first_revision;
    version.created = moment.now;
    // A record with an external DOI has no concept DOI, as on the real server (2026-11-23).
    let is_own = version.doi().is_some_and(|doi| doi.provider == "datacite");
    let concept = state.concept_mut(version.concept)?;
    concept.versions.push(version.id);
    concept.next_draft = None;
    if is_own && concept.doi.is_none() {
        concept.doi = Some(mint_doi(concept.id).identifier);
    }
    Ok(())
}

fn make_oai_pid(id: Recid) -> Pid {
    Pid { identifier: format!("oai:zenodo.org:{id}"), provider: "oai".to_owned(), client: None }
}

/// Removes and returns the communities that the deposit API's metadata named.
fn take_communities(version: &mut Version) -> Vec<String> {
    let named = version.custom.remove("legacy:communities");
    let Some(Value::Array(slugs)) = named else { return Vec::new() };
    slugs.iter().filter_map(|slug| slug.as_str().map(str::to_owned)).collect()
}

fn check_metadata(version: &Version, moment: &Moment<'_>) -> Result<(), Refusal> {
    let mut errors = list_missing_fields(version);
    errors.extend(check_people(version));
    errors.extend(check_dates(version));
    errors.extend(check_related(version));
    errors.extend(check_awards(version));
    errors.extend(check_places(version));
    if let Some(until) = &version.access.embargo_until {
        let today: Option<Date> = moment.today().parse().ok();
        // A date that can't be read is refused too, since `None` is less than any date.
        if until.parse::<Date>().ok() <= today {
            errors.push(("access.embargo.until".to_owned(), PAST_EMBARGO.to_owned()));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Refusal::fields(&errors)) }
}

/// Returns an error for each required field that a draft lacks.
fn list_missing_fields(version: &Version) -> Vec<(String, String)> {
    REQUIRED
        .iter()
        .filter(|field| !version.metadata.contains_key(**field))
        .map(|field| (format!("metadata.{field}"), "Missing data for required field.".to_owned()))
        .collect()
}

/// Returns the errors of people: a creator whose name was dropped, an identifier without a scheme.
fn check_people(version: &Version) -> Vec<(String, String)> {
    let rows = |list: &str| version.metadata.get(list).and_then(Value::as_array);
    let mut errors = Vec::new();
    for list in ["creators", "contributors"] {
        for (at, person) in rows(list).into_iter().flatten().enumerate() {
            let place = format!("metadata.{list}.{at}.person_or_org");
            let identifiers = person.pointer("/person_or_org/identifiers");
            let identifiers = identifiers.and_then(Value::as_array).into_iter().flatten();
            let bare = identifiers.enumerate().filter(|(_, row)| row.get("scheme").is_none());
            let bare: Vec<usize> = bare.map(|(at, _)| at).collect();
            let repeated = find_repeated_affiliation(person);
            errors.extend(
                repeated.map(|fault| (format!("metadata.{list}.{at}.affiliations"), fault)),
            );
            // The draft has dropped the name without an error, because of a bad ORCID for instance.
            let is_nameless = person.pointer("/person_or_org/name").is_none();
            if is_nameless && bare.is_empty() && list == "creators" {
                let message = "Missing data for required field.".to_owned();
                errors.push((format!("{place}.name"), message));
            }
            errors.extend(
                bare.into_iter()
                    .map(|at| (format!("{place}.identifiers.{at}.scheme"), NO_SCHEME.to_owned())),
            );
        }
    }
    errors
}

/// Returns an error for each entry of `dates` whose date was dropped.
fn check_dates(version: &Version) -> Vec<(String, String)> {
    let dates = version.metadata.get("dates").and_then(Value::as_array).into_iter().flatten();
    let dateless = dates.enumerate().filter(|(_, row)| row.get("date").is_none());
    dateless
        .map(|(at, _)| {
            (format!("metadata.dates.{at}.date"), "Missing data for required field.".to_owned())
        })
        .collect()
}

/// Returns an error for each related identifier that the draft has kept without a scheme.
fn check_related(version: &Version) -> Vec<(String, String)> {
    let rows = version.metadata.get("related_identifiers").and_then(Value::as_array);
    let bare =
        rows.into_iter().flatten().enumerate().filter(|(_, row)| row.get("scheme").is_none());
    bare.map(|(at, _)| (format!("metadata.related_identifiers.{at}.scheme"), NO_SCHEME.to_owned()))
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
    // A file that was registered and never committed blocks publishing until it is deleted.
    if version.files.iter().any(|file| file.content().is_none()) {
        return Err(Refusal::field(
            "files",
            "One or more files have not completed their transfer, please wait.",
        ));
    }
    Ok(())
}

fn check_doi(state: &State, draft: &Draft) -> Result<(), Refusal> {
    let version = &draft.version;
    let published = state.records.get(&version.id).and_then(|record| record.version.doi());
    let refuse = |message: &str| Err(Refusal::field("pids.doi", message));
    let Some(doi) = version.doi() else {
        // A DOI that is reserved already is not minted.
        return if draft.held_doi.is_some() { refuse(MISSING_DOI) } else { Ok(()) };
    };
    // Not the same as no DOI, which the server mints: an empty one blocks publishing.
    if doi.identifier.is_empty() {
        return refuse(MISSING_DOI);
    }
    let (prefix, _) = doi.identifier.split_once('/').unwrap_or_default();
    // `metadata.prereserve_doi` sent back: it always has the prefix 10.5281 of the real service.
    if doi.provider == "datacite" && prefix != DOI_PREFIX {
        return refuse(&format!(
            "Wrong DOI {prefix} prefix provided, it should be {DOI_PREFIX} as defined in the \
             rest client"
        ));
    }
    // The record's own DOI sent back: the deposit API takes any prefix but 10.5281 for external.
    if doi.provider == "external" && prefix == DOI_PREFIX {
        return refuse(&describe_managed_prefix());
    }
    if doi.provider == "external" && !is_doi(&doi.identifier) {
        return refuse("Invalid DOI");
    }
    // A DOI of the server is registered and can't be replaced; an external one may change.
    if published.is_some_and(|before| before.provider == "datacite" && before != doi) {
        return refuse("Cannot discard a reserved or registered persistent identifier.");
    }
    // For instance a new version that was sent the DOI of the version before.
    let is_taken = state.records.values().any(|other| {
        other.version.id != version.id
            && other.version.doi().is_some_and(|taken| taken.identifier == doi.identifier)
    });
    if is_taken {
        return refuse(&format!("doi:{} already exists.", doi.identifier));
    }
    Ok(())
}

/// Returns whether a text has the shape of a DOI: `10.`, a registrant, a slash, a suffix.
fn is_doi(text: &str) -> bool {
    let Some((prefix, suffix)) = text.split_once('/') else { return false };
    let registrant = prefix.strip_prefix("10.").unwrap_or_default();
    !suffix.is_empty()
        && !registrant.is_empty()
        && registrant.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
