//! An edit whose files were changed, after the time in which the server publishes such an edit.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::api::{ApiError, ReadApi};
use crate::model::{FileKey, Md5};
use crate::observed::{Draft, DraftKind, FullRecord};

/// How long after the publication of a version an edit of its files is published, on Zenodo
/// (`RDM_FILE_MODIFICATION_PERIOD` in zenodo-rdm's `invenio.cfg`, read 2026-11-28).
const PERIOD: SignedDuration = SignedDuration::from_hours(45 * 24);

/// Returns what an edit has in its files that is not published, and can't be published any more; empty
/// for any other draft.
///
/// The server counts an edit whose files were opened and not changed too, and shows it nowhere.
pub(super) async fn find_expired(api: &ReadApi, draft: &Draft) -> Result<Vec<String>, ApiError> {
    if draft.kind != DraftKind::Edit {
        return Ok(Vec::new());
    }
    let published = api.record(draft.id).await?;
    let changes = list_changes(draft, &published);
    if changes.is_empty() {
        return Ok(changes);
    }
    // By the server's clock, which decides.
    let now = api.read_signs().await?.date;
    let age = now.zip(published.created).map(|(now, created)| now.duration_since(created));
    Ok(if age.is_some_and(|age| age > PERIOD) { changes } else { Vec::new() })
}

/// Lists how the files of an edit differ from the published ones, in words.
fn list_changes(edit: &Draft, published: &FullRecord) -> Vec<String> {
    // Of hidden files nothing is known.
    let Some(files) = &published.files else { return Vec::new() };
    let before: BTreeMap<&FileKey, Option<Md5>> =
        files.iter().map(|it| (&it.key, it.md5)).collect();
    let now: BTreeMap<&FileKey, Option<Md5>> =
        edit.files.iter().map(|it| (&it.key, it.md5)).collect();
    let changed = now.iter().filter_map(|(key, md5)| match before.get(key) {
        None => Some(format!("`{key}`, which was added")),
        Some(other) if other != md5 => Some(format!("`{key}`, which was replaced")),
        Some(_) => None,
    });
    // One that was deleted and registered again did not come whole.
    let removed = before.keys().filter(|key| !now.contains_key(**key));
    let removed = removed.map(|key| format!("the removal of `{key}`"));
    changed.chain(removed).collect()
}
