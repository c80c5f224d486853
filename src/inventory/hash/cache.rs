//! The digest cache: digests of files whose stamps have not changed since.
//!
//! It is one text file under `.zrel/cache`, with a format version first and a checksum last; a
//! damaged one or one of another version is ignored and written anew. It is only a shortcut:
//! without it everything is hashed again. Deliberately absent: hashing (`hash_files`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::Digest as _;

use crate::disk;
use crate::model::{Md5, Sha256};

use super::file_stamp::FileStamp;
use crate::inventory::secrets::scan::{self, Hit};
use crate::inventory::types::{Digests, Wanted};

/// First line of the file, before the version of the search for secrets; the number rises with
/// every change of the format.
const HEAD: &str = "zrel digests 3 search";

/// The largest cache that is read, in bytes: about 300,000 files.
const LIMIT: u64 = 100_000_000;

/// The resolution that file systems and tools that set times may have, at worst.
const GRAIN_NS: i128 = 2_000_000_000;

/// Digests by path, relative to the manifest's folder, with the stamp they were taken at.
#[derive(Debug, Default)]
pub(in crate::inventory) struct Cache {
    entries: BTreeMap<String, (FileStamp, Digests)>,
    changed: bool,
}

impl Cache {
    /// Reads the cache; returns an empty one if it is missing, damaged, of another version, or from
    /// after `now`.
    pub(in crate::inventory) fn load(zrel_dir: &Path, now: Option<i128>) -> Self {
        let read = || -> Option<Self> {
            let (file, metadata) = disk::open_regular(&locate_cache(zrel_dir)).ok()?;
            // A cache of the future means that the clock was set back, so its times prove nothing.
            let is_past = now.is_none_or(|now| FileStamp::of(&metadata).modified <= now);
            let bytes = disk::read_at_most(file, LIMIT).ok()?.filter(|_| is_past)?;
            let text = String::from_utf8(bytes).ok()?;
            Some(Self { entries: parse_digests(&text)?, changed: false })
        };
        read().unwrap_or_default()
    }

    /// Returns the digests of a file that has not changed, if those that are wanted are among them.
    pub(in crate::inventory) fn get(
        &self,
        rel: &str,
        stamp: &FileStamp,
        wanted: Wanted,
    ) -> Option<Digests> {
        let (known, digests) = self.entries.get(rel)?;
        let is_enough =
            digests.md5.is_some() >= wanted.md5 && digests.sha256.is_some() >= wanted.sha256;
        (known == stamp && is_enough).then(|| digests.clone())
    }

    /// Stores digests that were taken at `now` (nanoseconds since 1970, by the file system's clock,
    /// read before hashing began), unless the file changed just before or in the future.
    pub(in crate::inventory) fn put(
        &mut self,
        rel: &str,
        stamp: FileStamp,
        digests: Digests,
        now: Option<i128>,
    ) {
        self.changed = true;
        // The next change of a file this young might leave the same stamp. The inode's time counts
        // too: a tool that restores an old time (`cp -p`) changes it.
        let old_enough = now.is_some_and(|now| stamp.modified.max(stamp.changed) + GRAIN_NS < now);
        // The file has one line for each path.
        if old_enough && !rel.contains(['\n', '\r']) {
            self.entries.insert(rel.to_owned(), (stamp, digests));
        } else {
            self.entries.remove(rel);
        }
    }

    /// Drops the entries of other paths, so that the cache does not grow forever.
    pub(in crate::inventory) fn keep_only(&mut self, wanted: impl Fn(&str) -> bool) {
        let before = self.entries.len();
        self.entries.retain(|rel, _| wanted(rel));
        self.changed |= self.entries.len() != before;
    }

    /// Writes the cache if it changed, in one step: a reader finds the old one or the new one.
    ///
    /// # Errors
    /// When the file can't be written; the digests are good all the same.
    pub(in crate::inventory) fn save(&self, zrel_dir: &Path) -> io::Result<()> {
        if !self.changed {
            return Ok(());
        }
        make_own_folder(zrel_dir, "cache")?;
        disk::write_atomically(&locate_cache(zrel_dir), render_digests(&self.entries).as_bytes())
    }
}

/// Creates a folder of zrel, and refuses one that leads elsewhere.
///
/// # Errors
/// When it can't be created, or is a symbolic link or a file.
pub(in crate::inventory) fn make_own_folder(zrel_dir: &Path, name: &str) -> io::Result<PathBuf> {
    let folder = zrel_dir.join(name);
    fs::create_dir_all(&folder)?;
    // `create_dir_all` accepts a link to a folder, through which zrel would write elsewhere.
    if fs::symlink_metadata(&folder)?.is_dir() {
        Ok(folder)
    } else {
        Err(io::Error::other(format!("`{}` is not a folder", folder.display())))
    }
}

/// Returns the file system's time, in nanoseconds since 1970, by creating a file.
///
/// # Errors
/// When no file can be created.
pub(in crate::inventory) fn read_file_system_time(zrel_dir: &Path) -> io::Result<i128> {
    Ok(FileStamp::of(&tempfile::tempfile_in(zrel_dir)?.metadata()?).modified)
}

fn locate_cache(zrel_dir: &Path) -> PathBuf {
    zrel_dir.join("cache").join("digests")
}

fn render_digests(entries: &BTreeMap<String, (FileStamp, Digests)>) -> String {
    let mut text = format!("{}\n", make_head());
    for (rel, (stamp, digests)) in entries {
        let FileStamp { size, modified, inode, changed } = stamp;
        let Digests { md5, sha256, hits } = digests;
        let words: Vec<String> = hits.iter().map(|hit| hit.to_word()).collect();
        let hits = if words.is_empty() { "-".to_owned() } else { words.join(",") };
        let (md5, sha256) = (render_digest(md5.as_ref()), render_digest(sha256.as_ref()));
        // Writing to a string can't fail.
        let _ = writeln!(text, "{size} {modified} {inode} {changed} {md5} {sha256} {hits} {rel}");
    }
    let sum = compute_checksum(&text);
    let _ = writeln!(text, "{sum}");
    text
}

/// Renders a digest, or `-` for one that nobody wanted.
fn render_digest(digest: Option<&impl ToString>) -> String {
    digest.map_or_else(|| "-".to_owned(), ToString::to_string)
}

/// Parses a digest, or `-`.
fn parse_digest<D, E>(word: &str, parse: impl Fn(&str) -> Result<D, E>) -> Result<Option<D>, E> {
    if word == "-" { Ok(None) } else { parse(word).map(Some) }
}

fn compute_checksum(text: &str) -> Sha256 {
    Sha256(sha2::Sha256::digest(text).into())
}

fn parse_digests(text: &str) -> Option<BTreeMap<String, (FileStamp, Digests)>> {
    let (body, sum) = text.strip_suffix('\n')?.rsplit_once('\n')?;
    let (body, lines) = (&text[..=body.len()], body.strip_prefix(&make_head())?);
    if Sha256::parse(sum).ok()? != compute_checksum(body) {
        return None;
    }
    lines.lines().skip(1).map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<(String, (FileStamp, Digests))> {
    // The path comes last, since it may contain blanks.
    let mut words = line.splitn(8, ' ');
    let stamp = FileStamp {
        size: words.next()?.parse().ok()?,
        modified: words.next()?.parse().ok()?,
        inode: words.next()?.parse().ok()?,
        changed: words.next()?.parse().ok()?,
    };
    let md5 = parse_digest(words.next()?, Md5::parse).ok()?;
    let sha256 = parse_digest(words.next()?, Sha256::parse).ok()?;
    let hits = match words.next()? {
        "-" => Vec::new(),
        some => some.split(',').map(Hit::from_word).collect::<Option<_>>()?,
    };
    Some((words.next()?.to_owned(), (stamp, Digests { md5, sha256, hits })))
}

/// Returns the first line. It has the version of the search for secrets, since another one may have
/// missed a secret.
fn make_head() -> String {
    format!("{HEAD} {}", scan::VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests() -> Digests {
        let hits = vec![Hit::from_word("github:7:120:40").unwrap()];
        Digests { md5: Some(Md5([1; 16])), sha256: Some(Sha256([2; 32])), hits }
    }

    fn stamp(modified: i128) -> FileStamp {
        FileStamp { size: 3, modified, inode: 4, changed: 5 }
    }

    fn filled() -> Cache {
        let mut cache = Cache::default();
        cache.put("a b/ü.csv", stamp(-7), digests(), Some(2 * GRAIN_NS));
        cache.put("c", stamp(1), digests(), Some(10 * GRAIN_NS));
        cache
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let dir = tempfile::tempdir().unwrap();
        filled().save(dir.path()).unwrap();
        let cache = Cache::load(dir.path(), None);
        assert_eq!(cache.entries, filled().entries);
        assert_eq!(cache.get("c", &stamp(1), Wanted::MD5), Some(digests()));
        assert_eq!(cache.get("c", &stamp(2), Wanted::MD5), None);
        assert_eq!(cache.get("d", &stamp(1), Wanted::MD5), None);
    }

    #[test]
    fn a_digest_that_was_not_computed_is_not_found() {
        let dir = tempfile::tempdir().unwrap();
        let none = Digests { md5: None, sha256: None, hits: Vec::new() };
        let mut cache = Cache::default();
        for (rel, wanted) in [("md5", Wanted::MD5), ("sha256", Wanted::SHA256)] {
            let Digests { md5, sha256, .. } = digests();
            let md5 = md5.filter(|_| wanted.md5);
            let sha256 = sha256.filter(|_| wanted.sha256);
            let digests = Digests { md5, sha256, ..none.clone() };
            cache.put(rel, stamp(1), digests, Some(10 * GRAIN_NS));
        }
        cache.put("search", stamp(1), none, Some(10 * GRAIN_NS));
        cache.save(dir.path()).unwrap();
        let cache = Cache::load(dir.path(), None);
        let found = |rel, wanted| cache.get(rel, &stamp(1), wanted).is_some();
        let all = [Wanted::SEARCH, Wanted::MD5, Wanted::SHA256];
        assert_eq!(all.map(|wanted| found("search", wanted)), [true, false, false]);
        assert_eq!(all.map(|wanted| found("md5", wanted)), [true, true, false]);
        assert_eq!(all.map(|wanted| found("sha256", wanted)), [true, false, true]);
    }

    #[test]
    fn a_damaged_or_future_cache_is_ignored_and_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        filled().save(dir.path()).unwrap();
        let good = fs::read_to_string(locate_cache(dir.path())).unwrap();
        let first_line = good.lines().take(2).collect::<Vec<_>>().join("\n");
        let future = render_digests(&filled().entries).replace(HEAD, "zrel digests 4 search");
        let other_search =
            render_digests(&filled().entries).replace(&make_head(), &format!("{HEAD} 0"));
        for bad in
            [&good.replace(" 4 5 ", " 4 6 "), &first_line, "", "\n", &future, &other_search, HEAD]
        {
            fs::write(locate_cache(dir.path()), bad).unwrap();
            let cache = Cache::load(dir.path(), None);
            assert!(cache.entries.is_empty(), "{bad}");
            filled().save(dir.path()).unwrap();
            assert_eq!(Cache::load(dir.path(), None).entries.len(), 2);
        }
    }

    #[test]
    fn a_file_that_changed_just_now_is_not_remembered() {
        let mut cache = filled();
        cache.put("c", stamp(9 * GRAIN_NS), digests(), Some(10 * GRAIN_NS));
        assert_eq!(cache.get("c", &stamp(9 * GRAIN_NS), Wanted::MD5), None);
        cache.put("c", stamp(20 * GRAIN_NS), digests(), Some(10 * GRAIN_NS));
        assert_eq!(cache.get("c", &stamp(20 * GRAIN_NS), Wanted::MD5), None);
        cache.put("c", stamp(0), digests(), None);
        assert_eq!(cache.get("c", &stamp(0), Wanted::MD5), None);
    }

    /// Writes a file, sets its time far back, and returns its stamp.
    fn old_file(path: &Path, text: &str) -> FileStamp {
        fs::write(path, text).unwrap();
        let file = fs::File::options().write(true).open(path).unwrap();
        let epoch = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        file.set_modified(epoch).unwrap();
        FileStamp::of(&file.metadata().unwrap())
    }

    #[cfg(unix)]
    #[test]
    fn a_time_that_was_set_back_just_now_is_not_trusted() {
        let dir = tempfile::tempdir().unwrap();
        let stamp = old_file(&dir.path().join("a"), "abc");
        let mut cache = Cache::default();
        cache.put("a", stamp, digests(), read_file_system_time(dir.path()).ok());
        assert_eq!(
            cache.get("a", &stamp, Wanted::MD5),
            None,
            "the next `cp -p` could leave the same stamp"
        );
        cache.put("a", stamp, digests(), Some(stamp.changed + 2 * GRAIN_NS));
        assert_eq!(cache.get("a", &stamp, Wanted::MD5), Some(digests()));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_was_restored_with_its_size_and_time_is_not_trusted() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let stamp = old_file(&path, "abc");
        let mut cache = Cache::default();
        cache.put("a", stamp, digests(), Some(stamp.changed + 2 * GRAIN_NS));
        let aside = dir.path().join("aside");
        let restored = old_file(&aside, "xyz");
        fs::rename(&aside, &path).unwrap();
        assert_eq!((restored.size, restored.modified), (stamp.size, stamp.modified));
        assert_eq!(cache.get("a", &restored, Wanted::MD5), None);
        // In place: the inode stays, and only its own time shows the change.
        let changed = FileStamp { changed: stamp.changed + 1, ..stamp };
        assert_eq!(cache.get("a", &changed, Wanted::MD5), None);
    }

    #[test]
    fn a_cache_of_the_future_is_not_trusted_since_the_clock_was_set_back() {
        let dir = tempfile::tempdir().unwrap();
        filled().save(dir.path()).unwrap();
        let written = FileStamp::of(&fs::metadata(locate_cache(dir.path())).unwrap()).modified;
        assert_eq!(Cache::load(dir.path(), Some(written)).entries.len(), 2);
        assert!(Cache::load(dir.path(), Some(written - 1)).entries.is_empty());
    }

    #[test]
    fn a_cache_that_was_cut_or_flipped_anywhere_is_ignored() {
        let good = render_digests(&filled().entries).into_bytes();
        for at in 0..good.len() {
            let cut = String::from_utf8_lossy(&good[..at]).into_owned();
            assert_eq!(parse_digests(&cut), None, "cut at {at}");
            let mut flipped = good.clone();
            flipped[at] ^= 1 << (at % 8);
            let flipped = String::from_utf8_lossy(&flipped).into_owned();
            // A letter of the checksum is as good in upper case.
            let read = parse_digests(&flipped);
            assert!(read.is_none_or(|read| read == filled().entries), "flipped at {at}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn anything_but_a_file_in_the_place_of_the_cache_costs_time_only() {
        let dir = tempfile::tempdir().unwrap();
        filled().save(dir.path()).unwrap();
        let path = locate_cache(dir.path());
        fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        assert!(Cache::load(dir.path(), None).entries.is_empty());
        assert!(filled().save(dir.path()).is_err());
    }
}
