//! What changed between the files of two versions.

use std::collections::BTreeMap;

use crate::model::{Content, FileKey, RemoteFile};

use super::renames::pair_renames;

/// What became of a file from one version to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionedFile<'a> {
    /// The next version no longer has it.
    Removed(&'a RemoteFile),
    /// It has other bytes under its name: before and after.
    Replaced(&'a RemoteFile, &'a RemoteFile),
    /// It has the same size, and a side has no MD5 that would show whether it was replaced: before
    /// and after.
    Uncompared(&'a RemoteFile, &'a RemoteFile),
    /// It has the same bytes under another name: before and after.
    Renamed(&'a RemoteFile, &'a RemoteFile),
    /// It is new.
    Added(&'a RemoteFile),
    /// It has the same bytes.
    Kept(&'a RemoteFile),
}

impl<'a> VersionedFile<'a> {
    /// Returns the file as the earlier version has it.
    pub fn before(self) -> Option<&'a RemoteFile> {
        match self {
            Self::Added(_) => None,
            Self::Removed(file)
            | Self::Kept(file)
            | Self::Replaced(file, _)
            | Self::Uncompared(file, _)
            | Self::Renamed(file, _) => Some(file),
        }
    }

    /// Returns the file as the later version has it.
    pub fn after(self) -> Option<&'a RemoteFile> {
        match self {
            Self::Removed(_) => None,
            Self::Added(file)
            | Self::Kept(file)
            | Self::Replaced(_, file)
            | Self::Uncompared(_, file)
            | Self::Renamed(_, file) => Some(file),
        }
    }

    /// Returns its name: the new one of a renamed file.
    pub fn key(self) -> &'a FileKey {
        match self {
            Self::Removed(file)
            | Self::Added(file)
            | Self::Kept(file)
            | Self::Replaced(_, file)
            | Self::Uncompared(_, file)
            | Self::Renamed(_, file) => &file.key,
        }
    }
}

/// Compares the files of a version with those of the one before, by MD5 and size. Sorted by name;
/// each file of both versions is in it once.
pub fn compare_versions<'a>(
    before: &'a [RemoteFile],
    after: &'a [RemoteFile],
) -> Vec<VersionedFile<'a>> {
    let mut gone: BTreeMap<&FileKey, &RemoteFile> =
        before.iter().map(|file| (&file.key, file)).collect();
    let mut new = BTreeMap::new();
    let mut all = Vec::new();
    for file in after {
        match gone.remove(&file.key) {
            Some(was) => all.push(compare_file(was, file)),
            None => {
                new.insert(&file.key, file);
            }
        }
    }
    let with_md5 = |file: &&'a RemoteFile| read_content(file);
    let renames =
        pair_renames(gone.values().filter_map(with_md5), new.values().filter_map(with_md5));
    for (new_name, old_name) in renames {
        if let (Some(was), Some(now)) = (gone.remove(old_name), new.remove(new_name)) {
            all.push(VersionedFile::Renamed(was, now));
        }
    }
    all.extend(gone.into_values().map(VersionedFile::Removed));
    all.extend(new.into_values().map(VersionedFile::Added));
    all.sort_by_key(|file| file.key());
    all
}

/// Returns name and content of a file that has an MD5.
fn read_content(file: &RemoteFile) -> Option<(&FileKey, Content)> {
    Some((&file.key, Content { size: file.size, md5: file.md5? }))
}

/// Compares two files of one name.
fn compare_file<'a>(was: &'a RemoteFile, now: &'a RemoteFile) -> VersionedFile<'a> {
    match (was.md5, now.md5) {
        _ if was.size != now.size => VersionedFile::Replaced(was, now),
        (Some(old), Some(new)) if old == new => VersionedFile::Kept(now),
        (Some(_), Some(_)) => VersionedFile::Replaced(was, now),
        (None, _) | (_, None) => VersionedFile::Uncompared(was, now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Md5;

    fn file(key: &str, size: u64, byte: Option<u8>) -> RemoteFile {
        let md5 = byte.map(|byte| Md5([byte; 16]));
        RemoteFile { key: FileKey::from_server(key), id: None, size, md5 }
    }

    #[test]
    fn each_file_is_said_once_by_what_became_of_it() {
        let before = [
            file("gone", 1, Some(1)),
            file("kept", 2, Some(2)),
            file("old-name", 3, Some(3)),
            file("other-bytes", 4, Some(4)),
            file("unknown", 5, None),
            file("unknown-but-longer", 6, None),
        ];
        let after = [
            file("kept", 2, Some(2)),
            file("new", 9, Some(9)),
            file("new-name", 3, Some(3)),
            file("other-bytes", 4, Some(5)),
            file("unknown", 5, Some(5)),
            file("unknown-but-longer", 7, None),
        ];
        let expected = [
            VersionedFile::Removed(&before[0]),
            VersionedFile::Kept(&after[0]),
            VersionedFile::Added(&after[1]),
            VersionedFile::Renamed(&before[2], &after[2]),
            VersionedFile::Replaced(&before[3], &after[3]),
            VersionedFile::Uncompared(&before[4], &after[4]),
            VersionedFile::Replaced(&before[5], &after[5]),
        ];
        assert_eq!(compare_versions(&before, &after), expected);
    }

    #[test]
    fn a_file_without_a_checksum_is_not_called_renamed() {
        let (before, after) = ([file("a", 1, None)], [file("b", 1, None)]);
        let expected = [VersionedFile::Removed(&before[0]), VersionedFile::Added(&after[0])];
        assert_eq!(compare_versions(&before, &after), expected);
    }
}
