//! Which files of a record count as applied, for its entry in the lock.

use std::collections::BTreeMap;

use crate::model::{
    AppliedFile, BoundRecord, FileKey, FileSource, LocalFile, Md5, RemoteFile, Sha256,
};

/// Returns the files of the manifest that the server has; archives by their content.
pub(super) fn list_applied(
    local: &[LocalFile],
    remote: &[RemoteFile],
    known: &BTreeMap<FileKey, AppliedFile>,
) -> BTreeMap<FileKey, AppliedFile> {
    let on_server = |key: &FileKey| remote.iter().find(|file| file.key == *key)?.md5;
    let applied = |file: &LocalFile| {
        let md5 = on_server(&file.key)?;
        let content = match &file.source {
            FileSource::Path => None,
            FileSource::Archive { content, .. } if md5 == file.md5 => Some(*content),
            // The server has an older archive, whose content only the lock remembers.
            FileSource::Archive { .. } => find_content(known, &file.key, md5),
        };
        Some((file.key.clone(), AppliedFile { md5, content }))
    };
    local.iter().filter_map(applied).collect()
}

/// Returns all files of a record, as a lock that is rebuilt without the manifest's files has them.
pub(super) fn list_remote(
    remote: &[RemoteFile],
    old: Option<&BoundRecord>,
) -> BTreeMap<FileKey, AppliedFile> {
    let applied = |file: &RemoteFile| {
        let md5 = file.md5?;
        let content = old.and_then(|old| find_content(&old.files, &file.key, md5));
        // No manifest can give such a name, so it was never applied.
        let key = FileKey::parse(file.key.as_str()).ok()?;
        Some((key, AppliedFile { md5, content }))
    };
    remote.iter().filter_map(applied).collect()
}

/// Returns the digest of an archive's content: a server knows only the archive's own.
fn find_content(known: &BTreeMap<FileKey, AppliedFile>, key: &FileKey, md5: Md5) -> Option<Sha256> {
    known.get(key).filter(|was| was.md5 == md5)?.content
}
