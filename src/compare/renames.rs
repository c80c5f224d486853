//! Files that have the same bytes under another name.

use std::collections::{BTreeMap, VecDeque};

use crate::model::{Content, FileKey, Md5};

/// Pairs files that are gone with new ones of the same MD5 and size: the new name, and the old one.
///
/// Each file is in at most one pair; several with the same bytes are paired in the order of their
/// names, and the rest is left out.
pub fn pair_renames<'a>(
    gone: impl IntoIterator<Item = (&'a FileKey, Content)>,
    new: impl IntoIterator<Item = (&'a FileKey, Content)>,
) -> BTreeMap<&'a FileKey, &'a FileKey> {
    let gone: BTreeMap<&FileKey, Content> = gone.into_iter().collect();
    let new: BTreeMap<&FileKey, Content> = new.into_iter().collect();
    let mut left: BTreeMap<(u64, Md5), VecDeque<&FileKey>> = BTreeMap::new();
    for (key, content) in gone {
        left.entry((content.size, content.md5)).or_default().push_back(key);
    }
    let pair = |(key, content): (&'a FileKey, Content)| {
        let old = left.get_mut(&(content.size, content.md5))?.pop_front()?;
        Some((key, old))
    };
    new.into_iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs files that are given as name, size and a byte of their MD5.
    fn pair(gone: &[(&str, u64, u8)], new: &[(&str, u64, u8)]) -> Vec<(String, String)> {
        let read = |files: &[(&str, u64, u8)]| -> Vec<(FileKey, Content)> {
            let files = files.iter().map(|(name, size, byte)| {
                (FileKey::from_server(name), Content { size: *size, md5: Md5([*byte; 16]) })
            });
            files.collect()
        };
        let (gone, new) = (read(gone), read(new));
        let pairs = pair_renames(
            gone.iter().map(|file| (&file.0, file.1)),
            new.iter().map(|file| (&file.0, file.1)),
        );
        pairs.into_iter().map(|(new, old)| (old.to_string(), new.to_string())).collect()
    }

    fn names(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())).collect()
    }

    #[test]
    fn only_the_same_md5_and_size_make_a_pair() {
        let gone = [("a", 4, 1), ("b", 4, 2), ("c", 5, 3)];
        let new = [("x", 4, 2), ("y", 4, 9), ("z", 6, 3)];
        assert_eq!(pair(&gone, &new), names(&[("b", "x")]));
        assert_eq!(pair(&[], &new), []);
        assert_eq!(pair(&gone, &[]), []);
    }

    #[test]
    fn files_of_the_same_bytes_are_paired_once_in_the_order_of_their_names() {
        let gone = [("b", 4, 1), ("a", 4, 1)];
        let new = [("z", 4, 1), ("x", 4, 1), ("y", 4, 1)];
        assert_eq!(pair(&gone, &new), names(&[("a", "x"), ("b", "y")]));
        assert_eq!(pair(&new, &gone), names(&[("x", "a"), ("y", "b")]));
    }
}
