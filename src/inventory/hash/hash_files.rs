//! Computes digests of files and searches them for secrets, several files at a time.
//!
//! Several files at a time keep all cores busy. The last ones are too few for that, so each digest
//! of theirs gets a thread of its own. Deliberately absent: which files (`gather`), what to remember
//! (`cache`), and the reading of each (`one_file`).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::cache::{self, Cache};
use super::file_stamp;
use super::one_file::{self, Pace};
use crate::inventory::types::{
    Digests, HashFailure, HashRequest, HashResults, Options, Progress, Wanted,
};

/// The smallest file whose digests are computed beside each other, in bytes. For a smaller one the
/// threads would take as long as they save.
const BESIDE_FROM: u64 = 4 << 20;

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

    /// Searches these files for secrets, without digests.
    pub(in crate::inventory) fn search<'b>(
        &mut self,
        requests: impl Iterator<Item = &'b HashRequest>,
    ) -> HashResults {
        let search =
            |request: &HashRequest| HashRequest { wanted: Wanted::SEARCH, ..request.clone() };
        let requests: Vec<HashRequest> = requests.map(search).collect();
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
    let mut todo = Vec::new();
    for request in join_requests(requests) {
        match cache.get(&request.rel, &request.stamp, request.wanted) {
            Some(digests) => {
                tracing::debug!(target: "inventory", "cached {}", request.rel);
                results.insert(request.rel, Ok(digests));
            }
            None => todo.push(request),
        }
    }
    let (cached, to_read) = (results.len(), todo.len());
    if !requests.is_empty() {
        tracing::info!(target: "inventory", "digests: {cached} cached, {to_read} to be read");
    }
    if todo.is_empty() {
        return results;
    }
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

/// Joins the requests for the same file, so that a file of two entries is read once.
fn join_requests(requests: &[HashRequest]) -> Vec<HashRequest> {
    let mut by_path: BTreeMap<&str, HashRequest> = BTreeMap::new();
    for request in requests {
        let same = by_path.entry(&request.rel).or_insert_with(|| request.clone());
        same.wanted = same.wanted.and(request.wanted);
    }
    by_path.into_values().collect()
}

fn hash_in_parallel<'a>(
    todo: &'a [HashRequest],
    progress: &(dyn Fn(Progress) + Sync),
) -> Vec<(&'a HashRequest, Result<Digests, HashFailure>)> {
    let n_cores = thread::available_parallelism().map_or(1, usize::from);
    let paces = choose_paces(todo, n_cores);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        let take = || {
            let at = next.fetch_add(1, Ordering::Relaxed);
            todo.get(at).zip(paces.get(at))
        };
        while let Some((request, pace)) = take() {
            tracing::debug!(target: "inventory", "reads {}", request.rel);
            progress(Progress::File { name: request.rel.clone() });
            let advance = |bytes| progress(Progress::Advance { bytes });
            done.push((request, one_file::hash_file(request, *pace, &advance)));
        }
        done
    };
    thread::scope(|scope| {
        let n_threads = n_cores.min(todo.len());
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Returns for each file, the largest first, whether its digests are computed beside each other:
/// the files after it can't keep the other cores busy for as long as it takes.
fn choose_paces(todo: &[HashRequest], n_cores: usize) -> Vec<Pace> {
    let n_others = n_cores.saturating_sub(1) as u64;
    let mut after = 0;
    let mut paces: Vec<Pace> = Vec::new();
    for request in todo.iter().rev() {
        let size = request.stamp.size;
        let is_alone = size < BESIDE_FROM
            || request.wanted == Wanted::SEARCH
            || after >= size.saturating_mul(n_others);
        paces.push(if is_alone { Pace::Alone } else { Pace::Beside });
        after += size;
    }
    paces.reverse();
    paces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::hash::file_stamp::FileStamp;
    use crate::model::Md5;
    use md5::Digest as _;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::sync::Mutex;

    const BOTH: Wanted = Wanted::MD5.and(Wanted::SHA256);

    fn request(dir: &Path, rel: &str, text: &[u8], wanted: Wanted) -> HashRequest {
        let path = dir.join(rel);
        fs::write(&path, text).unwrap();
        let stamp = FileStamp::of(&fs::metadata(&path).unwrap());
        HashRequest { rel: rel.to_owned(), path, stamp, wanted }
    }

    fn md5_of(text: &[u8]) -> Md5 {
        Md5(md5::Md5::digest(text).into())
    }

    #[test]
    fn digests_are_those_of_the_standards() {
        let dir = tempfile::tempdir().unwrap();
        let (large, middle) = (vec![b'a'; 9 << 20], vec![b'b'; 3 << 20]);
        let requests = [
            request(dir.path(), "abc", b"abc", BOTH),
            request(dir.path(), "large", &large, Wanted::MD5),
            request(dir.path(), "middle", &middle, Wanted::MD5),
        ];
        let seen = Mutex::new((0, 0));
        let results =
            hash_all(&requests, None, &mut Cache::default(), &|progress| match progress {
                Progress::Start { bytes, .. } => seen.lock().unwrap().0 += bytes,
                Progress::Advance { bytes } => seen.lock().unwrap().1 += bytes,
                Progress::File { .. } | Progress::Done => (),
            });
        let abc = results["abc"].as_ref().unwrap();
        assert_eq!(abc.md5.unwrap().to_string(), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(
            abc.sha256.unwrap().to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(results["large"].as_ref().unwrap().md5, Some(md5_of(&large)));
        assert_eq!(results["middle"].as_ref().unwrap().md5, Some(md5_of(&middle)));
        assert_eq!(*seen.lock().unwrap(), (3 + (12 << 20), 3 + (12 << 20)));
    }

    #[test]
    fn a_file_of_two_entries_is_read_once_for_what_both_want() {
        let dir = tempfile::tempdir().unwrap();
        let alone = request(dir.path(), "a", b"abc", Wanted::MD5);
        let member = HashRequest { wanted: Wanted::SHA256, ..alone.clone() };
        for requests in [[alone.clone(), member.clone()], [member, alone]] {
            let n_read = Mutex::new(0);
            let results = hash_all(&requests, None, &mut Cache::default(), &|progress| {
                *n_read.lock().unwrap() += u64::from(matches!(progress, Progress::File { .. }));
            });
            let digests = results["a"].as_ref().unwrap();
            assert!(digests.md5.is_some() && digests.sha256.is_some());
            assert_eq!(*n_read.lock().unwrap(), 1);
        }
    }

    #[test]
    fn digests_that_the_cache_lacks_are_computed() {
        let dir = tempfile::tempdir().unwrap();
        let request = request(dir.path(), "a", b"abc", Wanted::MD5);
        let (later, mut cache) = (Some(i128::MAX), Cache::default());
        let mut read = |wanted| {
            let n_read = Mutex::new(0);
            let request = HashRequest { wanted, ..request.clone() };
            let results = hash_all(&[request], later, &mut cache, &|progress| {
                *n_read.lock().unwrap() += u64::from(matches!(progress, Progress::File { .. }));
            });
            let digests = results["a"].as_ref().unwrap();
            assert!(digests.md5.is_some() || !wanted.md5);
            assert!(digests.sha256.is_some() || !wanted.sha256);
            n_read.into_inner().unwrap()
        };
        let order = [Wanted::SEARCH, Wanted::SEARCH, Wanted::MD5, Wanted::SEARCH, BOTH];
        assert_eq!(order.map(&mut read), [1, 0, 1, 0, 1]);
        assert_eq!([Wanted::MD5, Wanted::SEARCH, BOTH].map(read), [0, 0, 0]);
    }

    #[test]
    fn the_digests_of_a_file_are_computed_beside_each_other_when_cores_are_idle() {
        use Pace::{Alone, Beside};
        const MIB: u64 = 1 << 20;
        let paces = |n_cores, sizes: &[u64]| {
            let todo: Vec<HashRequest> = sizes
                .iter()
                .map(|mib| HashRequest {
                    rel: String::new(),
                    path: PathBuf::new(),
                    stamp: FileStamp { size: mib * MIB, modified: 0, inode: 0, changed: 0 },
                    wanted: Wanted::MD5,
                })
                .collect();
            choose_paces(&todo, n_cores)
        };
        assert_eq!(paces(2, &[2000]), [Beside]);
        assert_eq!(paces(1, &[2000]), [Alone]);
        assert_eq!(paces(2, &[2000, 10]), [Beside, Beside]);
        assert_eq!(paces(2, &[50, 50, 50]), [Alone, Alone, Beside]);
        assert_eq!(paces(4, &[50; 5]), [Alone, Alone, Beside, Beside, Beside]);
        assert_eq!(paces(2, &[2000, 3, 1]), [Beside, Alone, Alone]);
        assert_eq!(paces(2, &[1]), [Alone]);
        assert_eq!(paces(2, &[]), []);
    }
}
