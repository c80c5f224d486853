//! The history as a document; docs/history.md describes it.

use serde_json::{Value as Json, json};

use crate::compare::VersionedFile;
use crate::model::{Doi, RemoteFile};
use crate::observed::HistoryEntry;

use super::compared::{ComparedVersion, compare_history};

/// Returns the versions as a document.
pub fn encode_history(entries: &[HistoryEntry]) -> Json {
    let versions: Vec<Json> = compare_history(entries).iter().map(encode_version).collect();
    json!({"format_version": "1.1", "versions": versions})
}

fn encode_version(version: &ComparedVersion<'_>) -> Json {
    let ComparedVersion { entry, earlier, files: changes } = version;
    let HistoryEntry { id, index, label, doi, published, date, files } = entry;
    let size =
        |files: &Vec<RemoteFile>| files.iter().map(|file| file.size).fold(0, u64::saturating_add);
    let list = |files: &Vec<RemoteFile>| files.iter().map(encode_file).collect::<Vec<_>>();
    let encode = |changes: &Vec<VersionedFile<'_>>| {
        changes.iter().map(|file| encode_change(*file)).collect::<Vec<_>>()
    };
    json!({
        "id": id.0,
        "index": index,
        "version": label,
        "doi": doi.as_ref().map(Doi::as_str),
        "published": published.map(|time| time.to_string()),
        "publication_date": date,
        "n_files": files.as_ref().map(Vec::len),
        "size_bytes": files.as_ref().map(size),
        "files": files.as_ref().map(list),
        "compared_with": earlier.map(|earlier| earlier.id.0),
        "changes": changes.as_ref().map(encode),
    })
}

fn encode_file(file: &RemoteFile) -> Json {
    let RemoteFile { key, id: _, size, md5 } = file;
    json!({"file": key.as_str(), "size": size, "md5": md5.map(|md5| md5.to_string())})
}

fn encode_change(file: VersionedFile<'_>) -> Json {
    let word = match file {
        VersionedFile::Removed(_) => "removed",
        VersionedFile::Replaced(..) => "replaced",
        VersionedFile::Uncompared(..) => "uncompared",
        VersionedFile::Renamed(..) => "renamed",
        VersionedFile::Added(_) => "added",
        VersionedFile::Kept(_) => "kept",
    };
    json!({
        "file": file.key().as_str(),
        "change": word,
        "before": file.before().map(encode_file),
        "after": file.after().map(encode_file),
    })
}
