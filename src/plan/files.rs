//! Compares files: with a version for the screen, and with a draft for the steps.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::pair_renames;
use crate::model::{
    AppliedFile, Content, FileChange, FileChangeKind, FileKey, LocalFile, Md5, RemoteFile,
};

use super::PlannedFile;
use super::target::find_content_digest;

/// What is left to do so that a draft has the target's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileWork {
    /// Delete it.
    Delete(FileKey),
    /// Send it; the draft has no file of this name.
    Upload(PlannedFile),
    /// Send it in place of what the draft has.
    Replace(PlannedFile),
}

/// Compares the target's files with those of a draft: deletions first, then what is sent, each
/// sorted by key. Empty when they agree.
pub fn plan_file_work(target: &[PlannedFile], draft: &[RemoteFile]) -> Vec<FileWork> {
    let on_server: BTreeMap<&FileKey, &RemoteFile> = draft.iter().map(|f| (&f.key, f)).collect();
    let wanted: BTreeMap<&FileKey, &PlannedFile> = target.iter().map(|f| (&f.key, f)).collect();
    let deletions = on_server
        .keys()
        .filter(|key| !wanted.contains_key(*key))
        .map(|key| FileWork::Delete((*key).clone()));
    let sent = wanted.values().filter_map(|file| match on_server.get(&file.key) {
        None => Some(FileWork::Upload((*file).clone())),
        // A file that arrived is not sent again.
        Some(there) if there.md5 == Some(file.md5) && there.size == file.size => None,
        Some(_) => Some(FileWork::Replace((*file).clone())),
    });
    deletions.chain(sent).collect()
}

/// Compares local and kept files with those of the version that the plan is based on; sorted by
/// key.
pub(super) fn compare_with_version(
    local: &[LocalFile],
    kept: &[PlannedFile],
    base: &[RemoteFile],
    applied: &BTreeMap<FileKey, AppliedFile>,
) -> Vec<FileChange> {
    let on_server: BTreeMap<&FileKey, &RemoteFile> = base.iter().map(|f| (&f.key, f)).collect();
    let mut changes: Vec<FileChange> = local
        .iter()
        .map(|file| {
            let kind = match on_server.get(&file.key) {
                None => FileChangeKind::Added(Content { size: file.size, md5: file.md5 }),
                Some(there) => compare_file(file, there, applied.get(&file.key)),
            };
            FileChange { key: file.key.clone(), kind, renamed: None }
        })
        .collect();
    changes.extend(kept.iter().map(|file| FileChange {
        key: file.key.clone(),
        kind: FileChangeKind::Kept(Content { size: file.size, md5: file.md5 }),
        renamed: None,
    }));
    let wanted: BTreeSet<FileKey> = changes.iter().map(|change| change.key.clone()).collect();
    for file in base.iter().filter(|file| !wanted.contains(&file.key)) {
        let kind = FileChangeKind::Deleted(file.size);
        changes.push(FileChange { key: file.key.clone(), kind, renamed: None });
    }
    changes.sort_by(|a, b| a.key.cmp(&b.key));
    mark_renames(&mut changes, &on_server);
    changes
}

/// Gives deleted and added files of the same bytes each other's name.
fn mark_renames(changes: &mut [FileChange], on_server: &BTreeMap<&FileKey, &RemoteFile>) {
    let other_names: BTreeMap<FileKey, FileKey> = {
        let gone =
            changes.iter().filter(|change| matches!(change.kind, FileChangeKind::Deleted(_)));
        let gone = gone.filter_map(|change| {
            let file = on_server.get(&change.key)?;
            // Without a checksum nothing shows that the bytes are the same.
            Some((&change.key, Content { size: file.size, md5: file.md5? }))
        });
        let new = changes.iter().filter_map(|change| match change.kind {
            FileChangeKind::Added(content) => Some((&change.key, content)),
            FileChangeKind::Replaced { .. }
            | FileChangeKind::Deleted(_)
            | FileChangeKind::Kept(_) => None,
        });
        let pairs = pair_renames(gone, new).into_iter();
        pairs
            .flat_map(|(new, old)| [(new.clone(), old.clone()), (old.clone(), new.clone())])
            .collect()
    };
    for change in changes {
        change.renamed = other_names.get(&change.key).cloned();
    }
}

/// Compares one file with what the server holds under its name.
fn compare_file(
    file: &LocalFile,
    there: &RemoteFile,
    applied: Option<&AppliedFile>,
) -> FileChangeKind {
    match find_unchanged(file, there, applied) {
        Some((size, md5)) => FileChangeKind::Kept(Content { size, md5 }),
        None => FileChangeKind::Replaced {
            was: (there.size, there.md5),
            now: Content { size: file.size, md5: file.md5 },
        },
    }
}

/// Returns size and MD5 of what the server holds, when that is the local file: by MD5, or for an
/// archive by its content.
pub(super) fn find_unchanged(
    file: &LocalFile,
    there: &RemoteFile,
    applied: Option<&AppliedFile>,
) -> Option<(u64, Md5)> {
    // Without a checksum nothing shows that the bytes are the same.
    let md5 = there.md5?;
    let same_bytes = md5 == file.md5 && there.size == file.size;
    let content = find_content_digest(file);
    // A rebuilt archive may have other bytes; the lock knows of which content the published ones
    // were made.
    let same_content =
        applied.is_some_and(|was| was.md5 == md5 && content.is_some() && was.content == content);
    (same_bytes || same_content).then_some((there.size, md5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FileSource;

    fn md5(byte: u8) -> Md5 {
        Md5([byte; 16])
    }

    fn local(key: &str, byte: u8) -> LocalFile {
        LocalFile {
            key: FileKey::parse(key).unwrap(),
            path: key.into(),
            shown: key.to_owned(),
            source: FileSource::Path,
            size: 1,
            md5: md5(byte),
            masked: None,
        }
    }

    /// Returns each file that has another name, with it.
    fn find_renames(local: &[LocalFile], base: &[RemoteFile]) -> Vec<(String, String)> {
        let changes = compare_with_version(local, &[], base, &BTreeMap::new());
        let renamed = changes.iter().filter_map(|change| {
            Some((change.key.to_string(), change.renamed.as_ref()?.to_string()))
        });
        renamed.collect()
    }

    fn planned(key: &str, byte: u8) -> PlannedFile {
        PlannedFile {
            key: FileKey::parse(key).unwrap(),
            size: 1,
            md5: md5(byte),
            content: None,
            masked: None,
            shown: key.to_owned(),
            kept: false,
        }
    }

    fn remote(key: &str, byte: u8) -> RemoteFile {
        RemoteFile { key: FileKey::from_server(key), id: None, size: 1, md5: Some(md5(byte)) }
    }

    #[test]
    fn equal_files_leave_nothing_to_do() {
        assert_eq!(plan_file_work(&[planned("a", 1)], &[remote("a", 1)]), []);
    }

    #[test]
    fn deletions_come_first_and_a_changed_file_is_replaced_in_place() {
        let target = [planned("a", 1), planned("b", 2)];
        let draft = [remote("b", 9), remote("z", 3)];
        let work = plan_file_work(&target, &draft);
        let z = FileKey::from_server("z");
        let expected = [
            FileWork::Delete(z),
            FileWork::Upload(planned("a", 1)),
            FileWork::Replace(planned("b", 2)),
        ];
        assert_eq!(work, expected);
    }

    #[test]
    fn a_file_without_a_checksum_on_the_server_is_sent_again() {
        let mut there = remote("a", 1);
        there.md5 = None;
        assert_eq!(plan_file_work(&[planned("a", 1)], &[there]).len(), 1);
    }

    #[test]
    fn a_renamed_file_is_a_deleted_and_an_added_one_that_know_each_other() {
        let base = [remote("a", 1), remote("b", 2), remote("c", 3)];
        let wanted = [local("a", 1), local("d", 2), local("e", 9)];
        let each = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(find_renames(&wanted, &base), [each("b", "d"), each("d", "b")]);
    }

    #[test]
    fn a_copy_and_a_replacement_are_no_renames() {
        let base = [remote("a", 1), remote("b", 2)];
        // `c` is a copy of `a`, which stays; `a` gets the bytes of `b`, which is deleted.
        assert_eq!(find_renames(&[local("a", 1), local("b", 2), local("c", 1)], &base), []);
        assert_eq!(find_renames(&[local("a", 2)], &base), []);
    }

    #[test]
    fn a_file_without_a_checksum_on_the_server_is_not_renamed() {
        let mut there = remote("a", 1);
        there.md5 = None;
        assert_eq!(find_renames(&[local("b", 1)], &[there]), []);
    }
}
