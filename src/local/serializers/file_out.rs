//! Writes files as the three APIs show them: of a deposition, of a bucket, of a record or draft.
//!
//! Deliberately absent: their bytes.

use serde_json::{Map, Value, json};

use super::time::write_time;
use super::{View, links};
use crate::local::state::Found;
use crate::local::state::types::{Content, FileEntry, Transfer, Version};

/// Writes `files` of a deposition.
pub(crate) fn write_deposition_files(view: View<'_>, found: Found<'_>) -> Value {
    let files = found.version().files.iter();
    files
        .filter_map(|file| {
            // The deposit API leaves out files that were registered and never committed.
            let content = file.content()?;
            Some(write_deposition_row(view, found, file, content, &json!(content.size_bytes)))
        })
        .collect()
}

/// Writes one file as `…/depositions/ID/files` does, with its size as a fraction.
pub(crate) fn write_file_list_row(
    view: View<'_>,
    found: Found<'_>,
    file: &FileEntry,
    content: &Content,
) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "the real server converts as well")]
    let size = content.size_bytes as f64;
    write_deposition_row(view, found, file, content, &json!(size))
}

fn write_deposition_row(
    view: View<'_>,
    found: Found<'_>,
    file: &FileEntry,
    content: &Content,
    size: &Value,
) -> Value {
    let id = found.version().id;
    let base = view.base;
    // After publication both links are dead on the real server, too: `self` has an id where the
    // records API expects a name, and `download` is the path of a draft.
    let files = if found.is_draft() {
        format!("{base}/api/deposit/depositions/{id}/files")
    } else {
        format!("{base}/api/records/{id}/files")
    };
    let key = links::escape_key(&file.key);
    json!({
        "id": content.id,
        "filename": file.key,
        "filesize": size,
        "checksum": content.md5,
        "links": {
            "self": format!("{files}/{}", content.id),
            "download": format!("{base}/api/records/{id}/draft/files/{key}/content"),
        },
    })
}

/// Writes what a bucket answers to an upload.
pub(crate) fn write_bucket_object(view: View<'_>, version: &Version, file: &FileEntry) -> Value {
    let link =
        format!("{}/api/files/{}/{}", view.base, version.bucket, links::escape_key(&file.key));
    let mut out = json!({
        "created": write_time(file.created),
        "updated": write_time(file.updated),
        "key": file.key,
        "mimetype": guess_mimetype(&file.key),
        "is_head": true,
        "delete_marker": false,
    });
    if let Some(content) = file.content() {
        out["version_id"] = json!(content.version_id);
        out["size"] = json!(content.size_bytes);
        out["checksum"] = json!(format!("md5:{}", content.md5));
        let versioned = format!("{link}?version_id={}", content.version_id);
        out["links"] =
            json!({"self": link, "version": versioned, "uploads": format!("{link}?uploads")});
    }
    out
}

/// Writes the files of a record or draft as the records API lists them.
pub(crate) fn write_file_list(view: View<'_>, found: Found<'_>) -> Value {
    let link = make_files_link(view, found);
    let files = found.version().files.iter();
    let entries: Vec<Value> = files.map(|file| write_file_entry(view, found, file)).collect();
    json!({"enabled": true, "links": {"self": link}, "entries": entries})
}

fn make_files_link(view: View<'_>, found: Found<'_>) -> String {
    let draft = if found.is_draft() { "/draft" } else { "" };
    format!("{}/api/records/{}{draft}/files", view.base, found.version().id)
}

/// Writes one file as the records API shows it.
pub(crate) fn write_file_entry(view: View<'_>, found: Found<'_>, file: &FileEntry) -> Value {
    let link = format!("{}/{}", make_files_link(view, found), links::escape_key(&file.key));
    let mut links = json!({"self": link});
    // Each part has an address of its own; no client can use it.
    if !matches!(file.transfer, Transfer::Parts(_)) {
        links["content"] = json!(format!("{link}/content"));
    }
    if found.is_draft() {
        links["commit"] = json!(format!("{link}/commit"));
    }
    let mut out = json!({
        "created": write_time(file.created),
        "updated": write_time(file.updated),
        "metadata": write_file_metadata(file),
        "access": {"hidden": file.announced.is_hidden},
        "links": links,
        "key": file.key,
        // A local upload is the only type that works for users.
        "transfer": {"type": "L"},
    });
    match &file.transfer {
        Transfer::Pending(_) => {
            out["status"] = json!("pending");
            if let Some(size) = file.announced.size_bytes {
                out["size"] = json!(size);
            }
            if let Some(checksum) = &file.announced.checksum {
                out["checksum"] = json!(checksum);
            }
        }
        Transfer::Parts(parts) => {
            out["status"] = json!("pending");
            out["mimetype"] = json!(guess_mimetype(&file.key));
            out["version_id"] = json!(parts.version_id);
            out["file_id"] = json!(parts.id);
            out["size"] = json!(file.announced.size_bytes);
            out["checksum"] = json!(file.announced.checksum);
            out["transfer"] =
                json!({"type": "M", "parts": parts.cut.count, "part_size": parts.cut.size_bytes});
        }
        Transfer::Completed(content) => {
            out["status"] = json!("completed");
            out["mimetype"] = json!(guess_mimetype(&file.key));
            out["version_id"] = json!(content.version_id);
            out["file_id"] = json!(content.id);
            out["checksum"] = json!(format!("md5:{}", content.md5));
            out["size"] = json!(content.size_bytes);
        }
    }
    out
}

/// A file's own metadata: what the client sent, or what the server found in the bytes, which is
/// `null` for a PDF and an empty object for the others (`tests/contract/native-files.json`,
/// `first-publication.json`, 2026-11-28). Of images it finds more, which no client reads.
fn write_file_metadata(file: &FileEntry) -> Value {
    match (&file.announced.metadata, &file.transfer) {
        (Some(metadata), _) => metadata.clone(),
        (None, Transfer::Completed(_)) if find_extension(&file.key) != "pdf" => json!({}),
        (None, Transfer::Completed(_) | Transfer::Pending(_) | Transfer::Parts(_)) => Value::Null,
    }
}

/// How much an answer says about files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// A read of a published record: with links.
    Full,
    /// A draft, or the answer to a publication: without links.
    Bare,
    /// A hit of a search: without links, metadata of files always an empty object.
    Indexed,
    /// None of them: a draft in a search.
    Hidden,
    /// Not even how many: files that the user may not see.
    Forbidden,
}

/// Writes `files` of a record or draft in InvenioRDM's form.
pub(crate) fn write_native_files(view: View<'_>, found: Found<'_>, detail: Detail) -> Value {
    // Nothing shows how many files there are (`tests/contract/native-access.json`, 2026-11-28).
    if detail == Detail::Forbidden {
        return json!({"enabled": true});
    }
    let version = found.version();
    let mut entries = Map::new();
    let (mut count, mut total) = (0, 0);
    for file in &version.files {
        // Hidden files must not show in the count and the size either.
        let Some(content) = file.content().filter(|_| detail != Detail::Hidden) else { continue };
        count += 1;
        total += content.size_bytes;
        let mut row = json!({
            "id": content.id,
            "checksum": format!("md5:{}", content.md5),
            "ext": find_extension(&file.key),
            "size": content.size_bytes,
            "mimetype": guess_mimetype(&file.key),
            "key": file.key,
            "metadata": write_file_metadata(file),
            "access": {"hidden": file.announced.is_hidden},
        });
        if detail == Detail::Indexed {
            row["metadata"] = json!({});
        }
        if detail == Detail::Full {
            let link = format!("{}/{}", make_files_link(view, found), links::escape_key(&file.key));
            row["links"] = json!({"self": link, "content": format!("{link}/content")});
        }
        entries.insert(file.key.clone(), row);
    }
    let order: [u8; 0] = [];
    json!({"enabled": true, "order": order, "count": count, "total_bytes": total, "entries": entries})
}

/// Writes `files` of a record or draft in the plain form.
pub(crate) fn write_plain_files(view: View<'_>, found: Found<'_>) -> Vec<Value> {
    let link = make_files_link(view, found);
    let rows = found.version().files.iter().filter_map(|file| {
        let content = file.content()?;
        let key = links::escape_key(&file.key);
        Some(json!({
            "id": content.id,
            "key": file.key,
            "size": content.size_bytes,
            "checksum": format!("md5:{}", content.md5),
            "links": {"self": format!("{link}/{key}/content")},
        }))
    });
    rows.collect()
}

fn find_extension(key: &str) -> &str {
    key.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Returns the media type of a file's name, as Python guesses it.
pub(crate) fn guess_mimetype(key: &str) -> &'static str {
    match find_extension(key).to_lowercase().as_str() {
        "pdf" => "application/pdf",
        "csv" => "text/csv",
        "tsv" => "text/tab-separated-values",
        "txt" | "log" => "text/plain",
        "md" => "text/markdown",
        "html" | "htm" => "text/html",
        "xml" => "text/xml",
        "json" => "application/json",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "tar" => "application/x-tar",
        "py" => "text/x-python",
        "js" => "text/javascript",
        "css" => "text/css",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "tif" | "tiff" => "image/tiff",
        "tex" => "application/x-tex",
        "h5" | "hdf" => "application/x-hdf5",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        _ => "application/octet-stream",
    }
}
