//! Computes MD5 and SHA-256 of files and searches them for secrets, in one pass, several files at a
//! time.
//!
//! Deliberately absent: which files (`gather`) and what to remember (`cache`).

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use sha2::Digest as _;

use crate::disk;
use crate::model::{LocalFile, Md5, Sha256};

use super::cache::{self, Cache};
use super::file_stamp::{self, FileStamp};
use crate::inventory::secrets::scan::Scanner;
use crate::inventory::types::{Digests, HashFailure, HashRequest, HashResults, Options, Progress};

/// How much is read at once, in bytes.
pub(in crate::inventory) const BUFFER: usize = 1 << 20;

/// Hashes files with the help of the cache, once for files and once for archives.
pub(in crate::inventory) struct Hasher<'a> {
    /// The digests that are already known.
    pub(in crate::inventory) cache: Cache,
    /// The file system's time when hashing began.
    now: Option<i128>,
    progress: &'a (dyn Fn(Progress) + Sync),
}

impl<'a> Hasher<'a> {
    /// Reads the cache and the file system's time.
    pub(in crate::inventory) fn start(
        options: &Options,
        progress: &'a (dyn Fn(Progress) + Sync),
    ) -> Self {
        let now = options.now.map(file_stamp::convert_to_nanoseconds);
        let now = now.or_else(|| cache::read_file_system_time(&options.zrel_dir).ok());
        Self { cache: Cache::load(&options.zrel_dir, now), now, progress }
    }

    /// Returns the digests of these files.
    pub(in crate::inventory) fn hash<'b>(
        &mut self,
        requests: impl Iterator<Item = &'b HashRequest>,
    ) -> HashResults {
        let requests: Vec<HashRequest> = requests.cloned().collect();
        hash_all(&requests, self.now, &mut self.cache, self.progress)
    }

    /// Saves the digests of the files that still exist.
    pub(in crate::inventory) fn finish(mut self, options: &Options) {
        self.cache.keep_only(|rel| options.root.join(rel).symlink_metadata().is_ok());
        // Without a cache the next run only takes longer, so this is not an error.
        if let Err(error) = self.cache.save(&options.zrel_dir) {
            tracing::debug!(target: "inventory", "the digest cache could not be written: {error}");
        }
    }
}

/// Returns the digests of all files: from the cache if they have not changed, otherwise computed.
/// `now` is the file system's time, in nanoseconds since 1970.
pub(in crate::inventory) fn hash_all(
    requests: &[HashRequest],
    now: Option<i128>,
    cache: &mut Cache,
    progress: &(dyn Fn(Progress) + Sync),
) -> HashResults {
    let mut results = HashResults::new();
    // By path, so that a file of two entries is read once.
    let mut todo: BTreeMap<&str, &HashRequest> = BTreeMap::new();
    for request in requests {
        match cache.get(&request.rel, &request.stamp) {
            Some(digests) => {
                tracing::debug!(target: "inventory", "cached {}", request.rel);
                results.insert(request.rel.clone(), Ok(digests));
            }
            None => {
                todo.insert(&request.rel, request);
            }
        }
    }
    let (cached, to_read) = (results.len(), todo.len());
    if !requests.is_empty() {
        tracing::info!(target: "inventory", "digests: {cached} cached, {to_read} to be read");
    }
    if todo.is_empty() {
        return results;
    }
    let mut todo: Vec<&HashRequest> = todo.into_values().collect();
    // The largest first, so that no thread is left alone with it at the end.
    todo.sort_by_key(|request| std::cmp::Reverse(request.stamp.size));
    let bytes = todo.iter().map(|request| request.stamp.size).sum();
    progress(Progress::Start { n_files: todo.len(), bytes });
    for (request, result) in hash_in_parallel(&todo, progress) {
        if let Ok(digests) = &result {
            // A failure is not cached: the next run must try again.
            cache.put(&request.rel, request.stamp, digests.clone(), now);
        }
        results.insert(request.rel.clone(), result);
    }
    results
}

fn hash_in_parallel<'a>(
    todo: &[&'a HashRequest],
    progress: &(dyn Fn(Progress) + Sync),
) -> Vec<(&'a HashRequest, Result<Digests, HashFailure>)> {
    let n_threads = thread::available_parallelism().map_or(1, usize::from).min(todo.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(request) = todo.get(next.fetch_add(1, Ordering::Relaxed)) {
            tracing::debug!(target: "inventory", "reads {}", request.rel);
            progress(Progress::File { name: request.rel.clone() });
            let advance = |bytes| progress(Progress::Advance { bytes });
            done.push((*request, hash_file(request, &advance)));
        }
        done
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Hashes one file, which must have the same stamp before and after.
fn hash_file(request: &HashRequest, advance: &dyn Fn(u64)) -> Result<Digests, HashFailure> {
    let (mut file, metadata) = disk::open_regular(&request.path).map_err(HashFailure::Io)?;
    // The digests are cached under this stamp, so it must be that of the bytes that are read.
    if FileStamp::of(&metadata) != request.stamp {
        return Err(HashFailure::Changed);
    }
    let mut md5 = md5::Md5::new();
    let mut sha256 = sha2::Sha256::new();
    let mut scanner = Scanner::default();
    let size = read_chunks(&mut file, &mut |chunk| {
        scanner.feed(chunk);
        md5.update(chunk);
        sha256.update(chunk);
        advance(chunk.len() as u64);
        Ok(())
    })
    .map_err(HashFailure::Io)?;
    let after = std::fs::symlink_metadata(&request.path).map_err(HashFailure::Io)?;
    // A change during the reading would give digests of neither version.
    if size != request.stamp.size || FileStamp::of(&after) != request.stamp {
        return Err(HashFailure::Changed);
    }
    Ok(Digests {
        md5: Md5(md5.finalize().into()),
        sha256: Sha256(sha256.finalize().into()),
        hits: scanner.finish(),
    })
}

/// Computes the MD5 of a file as it is on the disk now.
///
/// # Errors
/// When it can't be read, or is no longer a regular file.
pub fn compute_md5(file: &LocalFile) -> io::Result<Md5> {
    let (mut open, _) = disk::open_regular(&file.path)?;
    let mut md5 = md5::Md5::new();
    read_chunks(&mut open, &mut |chunk| {
        md5.update(chunk);
        Ok(())
    })?;
    Ok(Md5(md5.finalize().into()))
}

/// Reads to the end in chunks, and returns how many bytes there were.
///
/// # Errors
/// When reading fails, or `take`.
pub(in crate::inventory) fn read_chunks(
    file: &mut impl Read,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<u64> {
    let mut buffer = vec![0; BUFFER];
    let mut size = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(size),
            Ok(n) => {
                take(&buffer[..n])?;
                size += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;
    use std::sync::Mutex;

    fn request(dir: &Path, rel: &str, text: &[u8]) -> HashRequest {
        let path = dir.join(rel);
        fs::write(&path, text).unwrap();
        let stamp = FileStamp::of(&fs::metadata(&path).unwrap());
        HashRequest { rel: rel.to_owned(), path, stamp }
    }

    #[test]
    fn digests_are_those_of_the_standards() {
        let dir = tempfile::tempdir().unwrap();
        let requests = [
            request(dir.path(), "abc", b"abc"),
            request(dir.path(), "large", &vec![b'a'; 3 << 20]),
        ];
        let seen = Mutex::new((0, 0));
        let results =
            hash_all(&requests, None, &mut Cache::default(), &|progress| match progress {
                Progress::Start { bytes, .. } => seen.lock().unwrap().0 += bytes,
                Progress::Advance { bytes } => seen.lock().unwrap().1 += bytes,
                Progress::File { .. } | Progress::Done => (),
            });
        let abc = results["abc"].as_ref().unwrap();
        assert_eq!(abc.md5.to_string(), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(
            abc.sha256.to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let expected: [u8; 16] = md5::Md5::digest(vec![b'a'; 3 << 20]).into();
        assert_eq!(results["large"].as_ref().unwrap().md5, Md5(expected));
        assert_eq!(*seen.lock().unwrap(), (3 + (3 << 20), 3 + (3 << 20)));
    }

    #[test]
    fn a_file_that_changed_since_it_was_found_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let request = request(dir.path(), "a", b"abc");
        fs::write(&request.path, "abcd").unwrap();
        assert!(matches!(hash_file(&request, &|_| ()), Err(HashFailure::Changed)));
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let request = request(dir.path(), "a", b"abc");
        let append = |_| fs::write(&request.path, "abcd").unwrap();
        assert!(matches!(hash_file(&request, &append), Err(HashFailure::Changed)));
    }
}
