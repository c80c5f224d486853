//! Reads one file once: computes its digests, and searches it for secrets.
//!
//! Deliberately absent: which files, and how many at a time (`hash_files`).

use std::fs::File;
use std::io;
use std::ops::ControlFlow;

use sha2::Digest as _;

use crate::disk;
use crate::model::{LocalFile, Md5, Sha256};

use super::chunks::{self, Work};
use super::file_stamp::FileStamp;
use crate::inventory::secrets::scan::Scanner;
use crate::inventory::types::{Digests, HashFailure, HashRequest, Wanted};

/// How the work on a file is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// In the calling thread alone.
    Alone,
    /// Each digest in a thread of its own, and the search in the calling one.
    Beside,
}

/// Hashes one file, which must have the same stamp before and after.
///
/// # Errors
/// [`HashFailure`] when it changed or can't be read.
pub(super) fn hash_file(
    request: &HashRequest,
    pace: Pace,
    advance: &dyn Fn(u64),
) -> Result<Digests, HashFailure> {
    let (mut file, metadata) = disk::open_regular(&request.path).map_err(HashFailure::Io)?;
    // The digests are cached under this stamp, so it must be that of the bytes that are read.
    if FileStamp::of(&metadata) != request.stamp {
        return Err(HashFailure::Changed);
    }
    let mut sums = Sums::new(request.wanted);
    let size = match pace {
        Pace::Alone => sums.read_alone(&mut file, request.stamp.size, advance),
        Pace::Beside => sums.read_beside(&mut file, advance),
    };
    let size = size.map_err(HashFailure::Io)?;
    let after = std::fs::symlink_metadata(&request.path).map_err(HashFailure::Io)?;
    // A change during the reading would give digests of neither version.
    if size != request.stamp.size || FileStamp::of(&after) != request.stamp {
        return Err(HashFailure::Changed);
    }
    Ok(sums.finish())
}

/// What is computed of a file while it is read.
struct Sums {
    md5: Option<fast_md5::Md5>,
    sha256: Option<sha2::Sha256>,
    scanner: Scanner,
}

impl Sums {
    fn new(wanted: Wanted) -> Self {
        Self {
            md5: wanted.md5.then(fast_md5::Md5::new),
            sha256: wanted.sha256.then(sha2::Sha256::new),
            scanner: Scanner::default(),
        }
    }

    /// Reads a file of this size, and returns how many bytes it has.
    fn read_alone(&mut self, file: &mut File, size: u64, advance: &dyn Fn(u64)) -> io::Result<u64> {
        let is_search = self.md5.is_none() && self.sha256.is_none();
        let read = chunks::read_until(file, &mut |chunk| {
            self.scanner.feed(chunk);
            if let Some(md5) = &mut self.md5 {
                md5.update(chunk);
            }
            if let Some(sha256) = &mut self.sha256 {
                sha256.update(chunk);
            }
            advance(chunk.len() as u64);
            let is_enough = is_search && self.scanner.is_over();
            Ok(if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        // What nobody needs is not read, but it counts for the progress.
        let skipped = size.saturating_sub(read);
        if is_search && self.scanner.is_over() && skipped > 0 {
            advance(skipped);
            return Ok(size);
        }
        Ok(read)
    }

    /// Reads a file with a thread for each digest, and returns how many bytes it has.
    fn read_beside(&mut self, file: &mut File, advance: &dyn Fn(u64)) -> io::Result<u64> {
        let Self { md5, sha256, scanner } = self;
        let mut work: Vec<Work<'_>> = Vec::new();
        if let Some(md5) = md5 {
            work.push(Box::new(|chunk| md5.update(chunk)));
        }
        if let Some(sha256) = sha256 {
            work.push(Box::new(|chunk| sha256.update(chunk)));
        }
        chunks::read_beside(file, work, &mut |chunk| {
            scanner.feed(chunk);
            advance(chunk.len() as u64);
        })
    }

    fn finish(self) -> Digests {
        Digests {
            md5: self.md5.map(|md5| Md5(md5.finalize())),
            sha256: self.sha256.map(|sha256| Sha256(sha256.finalize().into())),
            hits: self.scanner.finish(),
        }
    }
}

/// Computes the MD5 of a file as it is on the disk now.
///
/// # Errors
/// When it can't be read, or is no longer a regular file.
pub fn compute_md5(file: &LocalFile) -> io::Result<Md5> {
    let (mut open, _) = disk::open_regular(&file.path)?;
    let mut md5 = fast_md5::Md5::new();
    chunks::read_chunks(&mut open, &mut |chunk| {
        md5.update(chunk);
        Ok(())
    })?;
    Ok(Md5(md5.finalize()))
}

/// Computes MD5 and SHA-256 of a file as it is on the disk now.
///
/// # Errors
/// When it can't be read, or is no longer a regular file.
pub fn compute_digests(file: &LocalFile) -> io::Result<(Md5, Sha256)> {
    let (mut open, _) = disk::open_regular(&file.path)?;
    let (mut md5, mut sha256) = (fast_md5::Md5::new(), sha2::Sha256::new());
    chunks::read_chunks(&mut open, &mut |chunk| {
        md5.update(chunk);
        sha256.update(chunk);
        Ok(())
    })?;
    Ok((Md5(md5.finalize()), Sha256(sha256.finalize().into())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chunks::BUFFER;
    use std::cell::Cell;
    use std::fs;
    use std::path::Path;

    const DIGESTS: Wanted = Wanted::MD5.and(Wanted::SHA256);
    const PACES: [Pace; 2] = [Pace::Alone, Pace::Beside];

    fn request(dir: &Path, text: &[u8], wanted: Wanted) -> HashRequest {
        let path = dir.join("a");
        fs::write(&path, text).unwrap();
        let stamp = FileStamp::of(&fs::metadata(&path).unwrap());
        HashRequest { rel: "a".to_owned(), path, stamp, wanted }
    }

    /// A token that no service gave out.
    fn token() -> String {
        format!("gh{}_{}", "p", "q7ZkT2mWx9RbYc4LsVf8HdNj3GpKa6EuQ1Xt")
    }

    #[test]
    fn the_digests_are_the_same_with_one_thread_and_with_several() {
        let dir = tempfile::tempdir().unwrap();
        for size in [1, BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER, 30 * BUFFER + 77] {
            let bytes: Vec<u8> = b"abcdefghijklm".iter().copied().cycle().take(size).collect();
            let request = request(dir.path(), &bytes, DIGESTS);
            for pace in PACES {
                let seen = Cell::new(0);
                let digests = hash_file(&request, pace, &|n| seen.set(seen.get() + n)).unwrap();
                let (md5, sha256) = (md5::Md5::digest(&bytes), sha2::Sha256::digest(&bytes));
                assert_eq!(digests.md5, Some(Md5(md5.into())), "{size} {pace:?}");
                assert_eq!(digests.sha256, Some(Sha256(sha256.into())), "{size} {pace:?}");
                assert_eq!(digests.hits, []);
                assert_eq!(seen.get(), size as u64, "{size} {pace:?}");
            }
        }
    }

    #[test]
    fn a_secret_across_the_end_of_a_chunk_is_found() {
        let dir = tempfile::tempdir().unwrap();
        for from_end in [1, 20, 39] {
            let mut text = "line\n".repeat(4 * BUFFER / 5).into_bytes();
            let at = 2 * BUFFER - from_end;
            text[at..at + 40].copy_from_slice(token().as_bytes());
            text[at - 1] = b' ';
            text[at + 40] = b' ';
            let request = request(dir.path(), &text, Wanted::MD5);
            for pace in PACES {
                let hits = hash_file(&request, pace, &|_| ()).unwrap().hits;
                let places: Vec<_> = hits.iter().map(|hit| (hit.offset, hit.length)).collect();
                assert_eq!(places, [(at as u64, 40)], "{from_end} {pace:?}");
            }
        }
    }

    #[test]
    fn only_what_is_wanted_is_computed() {
        let dir = tempfile::tempdir().unwrap();
        for pace in PACES {
            for wanted in [Wanted::SEARCH, Wanted::MD5, Wanted::SHA256, DIGESTS] {
                let request = request(dir.path(), token().as_bytes(), wanted);
                let digests = hash_file(&request, pace, &|_| ()).unwrap();
                assert_eq!(digests.md5.is_some(), wanted.md5);
                assert_eq!(digests.sha256.is_some(), wanted.sha256);
                assert_eq!(digests.hits.len(), 1);
            }
        }
    }

    #[test]
    fn a_search_reads_no_more_of_a_binary_file_than_is_searched() {
        let dir = tempfile::tempdir().unwrap();
        let mut bytes = vec![0; 5 << 20];
        bytes[100..140].copy_from_slice(token().as_bytes());
        let (largest, total) = (Cell::new(0), Cell::new(0));
        let advance = |n: u64| {
            largest.set(largest.get().max(n));
            total.set(total.get() + n);
        };
        let search = request(dir.path(), &bytes, Wanted::SEARCH);
        assert_eq!(hash_file(&search, Pace::Alone, &advance).unwrap().hits.len(), 1);
        assert_eq!(total.get(), 5 << 20, "the progress reaches the end");
        assert_eq!(largest.get(), 4 << 20, "the rest is skipped at once");
        // A text is searched to its end.
        bytes.fill(b' ');
        let at = bytes.len() - 40;
        bytes[at..].copy_from_slice(token().as_bytes());
        let search = request(dir.path(), &bytes, Wanted::SEARCH);
        assert_eq!(hash_file(&search, Pace::Alone, &|_| ()).unwrap().hits.len(), 1);
    }

    #[test]
    fn a_file_that_changed_since_it_was_found_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for pace in PACES {
            let request = request(dir.path(), b"abc", Wanted::MD5);
            fs::write(&request.path, "abcd").unwrap();
            assert!(matches!(hash_file(&request, pace, &|_| ()), Err(HashFailure::Changed)));
        }
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for (pace, wanted) in
            [(Pace::Alone, Wanted::SEARCH), (Pace::Alone, Wanted::MD5), (Pace::Beside, Wanted::MD5)]
        {
            let request = request(dir.path(), b"abc", wanted);
            let append = |_| fs::write(&request.path, "abcd").unwrap();
            assert!(matches!(hash_file(&request, pace, &append), Err(HashFailure::Changed)));
        }
    }

    #[test]
    fn an_error_of_reading_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        for pace in PACES {
            let request = request(dir.path(), b"abc", DIGESTS);
            // A file that is open for writing only can't be read.
            let mut file = fs::OpenOptions::new().write(true).open(&request.path).unwrap();
            let mut sums = Sums::new(request.wanted);
            let read = match pace {
                Pace::Alone => sums.read_alone(&mut file, 3, &|_| ()),
                Pace::Beside => sums.read_beside(&mut file, &|_| ()),
            };
            assert!(read.is_err(), "{pace:?}");
            fs::remove_file(&request.path).unwrap();
            assert!(matches!(hash_file(&request, pace, &|_| ()), Err(HashFailure::Io(_))));
        }
    }
}
