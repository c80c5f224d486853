//! Files of drafts: who may upload where, what happens to a file, and the import from the latest
//! version.
//!
//! Texts as recorded on 2026-11-23 (`tests/contract/upload-*.json`, `records-api*.json`).
//! Deliberately absent: the bytes; a [`Content`] stands for bytes that are already safe on disk.

use jiff::civil::Date;
use serde_json::Value;

use super::quota::Quota;
use super::refusal::Refusal;
use super::sharing_rows::{Level, Visitor};
use super::types::{
    Announced, Content, Cut, Draft, FileEntry, Parts, Recid, Record, Transfer, UserId, Version,
};
use super::{Found, Moment, State, drafts};

/// Returns the version, draft or published, that a bucket belongs to.
pub(crate) fn find_by_bucket<'a>(state: &'a State, bucket: &str) -> Option<Found<'a>> {
    let draft = state.drafts.values().find(|draft| draft.version.bucket == bucket);
    draft.map(Found::Draft).or_else(|| {
        let record = state.records.values().find(|record| record.version.bucket == bucket);
        record.map(Found::Record)
    })
}

/// Returns the draft whose files may change through this bucket.
///
/// # Errors
/// 404 for an unknown bucket or a published one, 403 for other users and for an edit.
pub(crate) fn find_writable_draft<'a>(
    state: &'a State,
    user: Option<UserId>,
    bucket: &str,
) -> Result<&'a Draft, Refusal> {
    let found = find_by_bucket(state, bucket).ok_or_else(Refusal::not_found)?;
    let version = found.version();
    if !state.may(user, version, Level::Edit) {
        return Err(Refusal::denied());
    }
    match found {
        Found::Draft(draft) => require_unlocked(state, draft),
        // An edit has a bucket of its own, and both are locked while it is open.
        Found::Record(_) if state.drafts.contains(&version.id) => Err(Refusal::locked()),
        Found::Record(_) => Err(Refusal::not_found()),
    }
}

/// Refuses to change the files of a published version that is being edited, unless it is being edited
/// for that.
///
/// # Errors
/// 403.
pub(crate) fn require_unlocked<'a>(state: &State, draft: &'a Draft) -> Result<&'a Draft, Refusal> {
    let is_locked = state.is_published(draft.version.id) && !draft.is_unlocked;
    if is_locked { Err(Refusal::locked()) } else { Ok(draft) }
}

/// Refuses a file that would exceed the quota.
///
/// # Errors
/// 400 with the server's text.
pub(crate) fn check_quota(
    state: &State,
    draft: &Draft,
    (key, size_bytes): (&str, u64),
    usual: Quota,
) -> Result<(), Refusal> {
    let quota = state.find_quota(draft, usual);
    // A replaced file frees its own space, so it does not count.
    let others = draft.version.files.iter().filter(|file| file.key != key);
    let used: u64 = others.clone().filter_map(FileEntry::content).map(|c| c.size_bytes).sum();
    if others.count() >= quota.n_files {
        return Err(Refusal::new(
            400,
            "Uploading selected files will result in exceeding the max amount per record.",
        ));
    }
    if used.saturating_add(size_bytes) > quota.size_bytes {
        return Err(Refusal::new(400, "Maximum file size exceeded."));
    }
    Ok(())
}

/// What to do when a file of this name exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfThere {
    /// The bucket replaces it.
    Replace,
    /// The form refuses.
    Refuse,
}

/// Adds a whole file to a draft.
///
/// # Errors
/// 400 when it exists and may not be replaced.
pub(crate) fn put(
    state: &mut State,
    id: Recid,
    key: &str,
    content: Content,
    if_there: IfThere,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let draft = state.draft_mut(id)?;
    draft.version.updated = moment.now;
    let there = draft.version.files.iter_mut().find(|file| file.key == key);
    if there.is_some() && if_there == IfThere::Refuse {
        return Err(Refusal::new(400, &format!("File with key {key} already exists.")));
    }
    match there {
        // In its place: a replaced file keeps its position and the time when it was created.
        Some(file) => {
            file.transfer = Transfer::Completed(content);
            file.updated = moment.now;
        }
        None => draft.version.files.push(make_entry(key, Transfer::Completed(content), moment)),
    }
    Ok(())
}

/// Changes the files of a published version in place: the first gets other bytes, the last goes, and
/// one comes.
///
/// # Errors
/// 404 for an unknown version, and for one without files.
pub(crate) fn modify_published(
    state: &mut State,
    id: Recid,
    key: &str,
    content: Content,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let record = state.records.get_mut(&id).ok_or_else(Refusal::no_such_id)?;
    let files = &mut record.version.files;
    files.sort_by(|a, b| a.key.cmp(&b.key));
    if files.len() > 1 {
        files.pop();
    }
    let first = files.first_mut().ok_or_else(Refusal::not_found)?;
    first.transfer = Transfer::Completed(content.clone());
    first.updated = moment.now;
    files.push(make_entry(key, Transfer::Completed(content), moment));
    Ok(())
}

fn make_entry(key: &str, transfer: Transfer, moment: &Moment<'_>) -> FileEntry {
    FileEntry {
        key: key.to_owned(),
        transfer,
        announced: Announced::default(),
        created: moment.now,
        updated: moment.now,
    }
}

/// A file to register.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewFile {
    /// Its name.
    pub(crate) key: String,
    /// What its client says of it.
    pub(crate) announced: Announced,
    /// How it is cut; none for a file in one piece.
    pub(crate) cut: Option<Cut>,
}

/// Registers files by name, to be sent and committed later.
///
/// # Errors
/// 400 over the quota, for a name that exists, and for parts of a file without a size.
pub(crate) fn register(
    state: &mut State,
    id: Recid,
    new: Vec<NewFile>,
    quota: Quota,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    for NewFile { key, announced, cut } in new {
        let draft = state.drafts.get(&id).ok_or_else(Refusal::no_such_id)?;
        // The size is not known yet, so only the number of files can be refused.
        check_quota(state, draft, (&key, 0), quota)?;
        if draft.version.file(&key).is_some() {
            return Err(Refusal::new(400, &format!("File with key {key} already exists.")));
        }
        if cut.is_some() && announced.size_bytes.is_none() {
            return Err(Refusal::new(400, "Multipart file transfer requires file size."));
        }
        let transfer = match cut {
            Some(cut) => Transfer::Parts(Parts { id: moment.id(), version_id: moment.id(), cut }),
            None => Transfer::Pending(None),
        };
        let draft = state.draft_mut(id)?;
        draft.version.files.push(FileEntry { announced, ..make_entry(&key, transfer, moment) });
    }
    Ok(())
}

/// Replaces what is said of a file.
///
/// # Errors
/// 404 when it was not registered.
pub(crate) fn describe(
    state: &mut State,
    id: Recid,
    key: &str,
    (metadata, is_hidden): (Option<Value>, bool),
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let file = find_file_mut(state, id, key)?;
    file.announced.metadata = metadata;
    file.announced.is_hidden = is_hidden;
    file.updated = moment.now;
    Ok(())
}

/// The result of sending the content of a registered file.
#[derive(Debug, Clone)]
pub(crate) enum Sent {
    /// It waits for its commit.
    Taken(FileEntry),
    /// The file was committed before: the server fails, answers 200, and the file is lost
    /// (`tests/contract/records-api.json`, where its name is free again right after).
    Lost(FileEntry),
}

/// Stores the content of a registered file.
///
/// # Errors
/// 404 when it was not registered.
pub(crate) fn send(
    state: &mut State,
    id: Recid,
    key: &str,
    content: Content,
) -> Result<Sent, Refusal> {
    let file = find_file_mut(state, id, key)?;
    match &mut file.transfer {
        Transfer::Pending(waiting) => {
            *waiting = Some(content);
            return Ok(Sent::Taken(file.clone()));
        }
        Transfer::Parts(_) => return Err(Refusal::denied()),
        Transfer::Completed(_) => {}
    }
    let lost = file.clone();
    state.draft_mut(id)?.version.files.retain(|file| file.key != key);
    Ok(Sent::Lost(lost))
}

/// Completes a registered file.
///
/// # Errors
/// 404 when it was not registered, 500 when nothing was sent.
pub(crate) fn commit(
    state: &mut State,
    id: Recid,
    key: &str,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let file = find_file_mut(state, id, key)?;
    let content = match &file.transfer {
        // A second commit succeeds: a client that lost the answer can send it again.
        Transfer::Completed(content) | Transfer::Pending(Some(content)) => content.clone(),
        // The real server fails without content.
        Transfer::Pending(None) => return Err(Refusal::internal()),
        // Nobody can send the parts, and nobody can commit them.
        Transfer::Parts(_) => return Err(Refusal::denied()),
    };
    if content.size_bytes == 0 {
        return Err(Refusal::empty_file());
    }
    file.transfer = Transfer::Completed(content);
    file.updated = moment.now;
    Ok(())
}

fn find_file_mut<'a>(
    state: &'a mut State,
    id: Recid,
    key: &str,
) -> Result<&'a mut FileEntry, Refusal> {
    let files = &mut state.draft_mut(id)?.version.files;
    let file = files.iter_mut().find(|file| file.key == key);
    file.ok_or_else(|| Refusal::no_such_file(id, key))
}

/// Deletes a file of a draft by its name.
///
/// # Errors
/// 404 when it is missing, 403 in an edit.
pub(crate) fn delete(
    state: &mut State,
    id: Recid,
    key: &str,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let draft = state.drafts.get(&id).ok_or_else(Refusal::no_such_id)?;
    let is_pending = draft.version.file(key).is_some_and(|file| file.content().is_none());
    // A file that was only registered can be deleted in an edit too (2026-11-28): left there, it
    // would block the publication.
    if !is_pending {
        require_unlocked(state, draft)?;
    }
    let draft = state.draft_mut(id)?;
    let at = draft.version.files.iter().position(|file| file.key == key);
    let at = at.ok_or_else(|| Refusal::no_such_file(id, key))?;
    let file = draft.version.files.remove(at);
    // Remembered, since the server names the file when it is deleted a second time.
    if let Some(content) = file.content() {
        draft.deleted_files.push((content.id.clone(), file.key.clone()));
    }
    drafts::touch(&mut draft.version, moment);
    Ok(())
}

/// Deletes all files of a draft.
///
/// # Errors
/// 403 in an edit.
pub(crate) fn delete_all(state: &mut State, id: Recid, moment: &Moment<'_>) -> Result<(), Refusal> {
    let draft = state.drafts.get(&id).ok_or_else(Refusal::no_such_id)?;
    require_unlocked(state, draft)?;
    let keys: Vec<String> = draft.version.files.iter().map(|file| file.key.clone()).collect();
    for key in keys {
        delete(state, id, &key, moment)?;
    }
    Ok(())
}

/// Returns the name of the file with this id in a draft or record, also of a deleted one.
pub(crate) fn find_key_of_id(found: Found<'_>, file_id: &str) -> Option<String> {
    let is_it = |file: &&FileEntry| file.content().is_some_and(|content| content.id == file_id);
    if let Some(file) = found.version().files.iter().find(is_it) {
        return Some(file.key.clone());
    }
    let Found::Draft(draft) = found else { return None };
    let deleted = draft.deleted_files.iter().find(|(id, _)| id == file_id);
    deleted.map(|(_, key)| key.clone())
}

/// Copies the files of the latest published version into an empty draft.
///
/// # Errors
/// 400 when the draft has files.
pub(crate) fn import(state: &mut State, id: Recid, moment: &Moment<'_>) -> Result<(), Refusal> {
    let draft = state.drafts.get(&id).ok_or_else(Refusal::no_such_id)?;
    if !draft.version.files.is_empty() {
        return Err(Refusal::field("files.enabled", "Please remove all files first."));
    }
    let concept = state.concept_of(&draft.version)?;
    let latest = concept.versions.last().and_then(|last| state.records.get(last));
    let files = latest.map(|latest| latest.version.files.clone()).unwrap_or_default();
    let version = &mut state.draft_mut(id)?.version;
    // The entries share their stored bytes and their ids with the old version, as on the server.
    version.files = files;
    drafts::touch(version, moment);
    Ok(())
}

/// Returns whether this user may read the files of a record.
pub(crate) fn are_visible(state: &State, who: Visitor<'_>, record: &Record, today: Date) -> bool {
    record.version.access.files_are_open(today) || state.admits(who, &record.version, Level::View)
}

/// Returns the content to download through a bucket.
///
/// # Errors
/// 404 for an unknown bucket; 403 for other users, and for an unknown name.
pub(crate) fn find_bucket_content<'a>(
    state: &'a State,
    who: Visitor<'_>,
    bucket: &str,
    key: &str,
    today: Date,
) -> Result<&'a Content, Refusal> {
    let found = find_by_bucket(state, bucket).ok_or_else(Refusal::not_found)?;
    let may_read = match found {
        Found::Draft(draft) => state.admits(who, &draft.version, Level::Preview),
        Found::Record(record) => are_visible(state, who, record, today) && !record.deleted,
    };
    // The real server answers 403 for an unknown name too, also to the owner (2026-11-23).
    let content = find_content(found.version(), key).filter(|_| may_read);
    content.ok_or_else(Refusal::denied)
}

/// Returns the content of a completed file.
pub(crate) fn find_content<'a>(version: &'a Version, key: &str) -> Option<&'a Content> {
    version.file(key)?.content()
}
