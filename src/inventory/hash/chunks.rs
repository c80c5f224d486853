//! Reads a file to its end in chunks: in one thread, or with further threads that take each chunk
//! beside the reader.
//!
//! Deliberately absent: what is done with the chunks (`one_file`, `archive`, `git`).

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;

/// How much is read at once, in bytes. What takes a chunk finds it in the cache of its core.
pub(in crate::inventory) const BUFFER: usize = 128 << 10;

/// How many chunks a slower thread may be behind the reader.
const WAITING: usize = 8;

/// What a thread does with each chunk, in their order.
pub(super) type Work<'a> = Box<dyn FnMut(&[u8]) + Send + 'a>;

/// A chunk of a file, which several threads read at once.
#[derive(Clone)]
struct Chunk {
    buffer: Arc<Vec<u8>>,
    length: usize,
}

/// Reads to the end in chunks, and returns how many bytes there were.
///
/// # Errors
/// When reading fails, or `take`.
pub(in crate::inventory) fn read_chunks(
    file: &mut impl Read,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<u64> {
    read_until(file, &mut |chunk| take(chunk).map(ControlFlow::Continue))
}

/// Reads to the end in chunks, or until `take` breaks, and returns how many bytes were read.
///
/// # Errors
/// When reading fails, or `take`.
pub(super) fn read_until(
    file: &mut impl Read,
    take: &mut dyn FnMut(&[u8]) -> io::Result<ControlFlow<()>>,
) -> io::Result<u64> {
    let mut buffer = vec![0; BUFFER];
    let mut size = 0;
    loop {
        let length = read_some(file, &mut buffer)?;
        size += length as u64;
        if length == 0 || take(&buffer[..length])?.is_break() {
            return Ok(size);
        }
    }
}

/// Reads to the end in chunks, and returns how many bytes there were. Each `work` gets every chunk
/// in a thread of its own, and `take` in the calling one. The slowest of them sets the pace, so few
/// chunks are in memory.
///
/// # Errors
/// When reading fails.
pub(super) fn read_beside<'a>(
    file: &mut impl Read,
    work: Vec<Work<'a>>,
    take: &mut dyn FnMut(&[u8]),
) -> io::Result<u64> {
    thread::scope(|scope| {
        let spawn = |mut work: Work<'a>| {
            let (queue, chunks) = mpsc::sync_channel::<Chunk>(WAITING);
            scope.spawn(move || chunks.iter().for_each(|it| work(&it.buffer[..it.length])));
            queue
        };
        let queues: Vec<_> = work.into_iter().map(spawn).collect();
        // A queue accepts a chunk only when its thread is done with the one that had this place in
        // the ring before, so a buffer is free when its turn comes.
        let mut ring: Vec<Arc<Vec<u8>>> = (0..WAITING + 2).map(|_| Arc::default()).collect();
        let (mut size, mut turn) = (0, 0);
        loop {
            let place = &mut ring[turn];
            let buffer = Arc::make_mut(place);
            buffer.resize(BUFFER, 0);
            let length = read_some(file, buffer)?;
            if length == 0 {
                return Ok(size);
            }
            let chunk = Chunk { buffer: Arc::clone(place), length };
            for queue in &queues {
                // Only a thread that panicked hangs up, and its panic ends the scope.
                let _ = queue.send(chunk.clone());
            }
            take(&chunk.buffer[..length]);
            size += length as u64;
            turn = (turn + 1) % ring.len();
        }
    })
}

/// Reads what there is, at most a buffer; 0 at the end.
fn read_some(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes in pieces of all sizes, is interrupted in between, and fails at the end if
    /// `fails` is set.
    struct Uneven<'a> {
        bytes: &'a [u8],
        turn: usize,
        fails: bool,
    }

    impl Read for Uneven<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.turn += 1;
            if self.turn.is_multiple_of(3) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if self.bytes.is_empty() && self.fails {
                return Err(io::Error::other("the disk is gone"));
            }
            let wanted =
                if self.turn.is_multiple_of(5) { 1 + self.turn * 37 } else { buffer.len() };
            let length = self.bytes.len().min(buffer.len()).min(wanted);
            buffer[..length].copy_from_slice(&self.bytes[..length]);
            self.bytes = &self.bytes[length..];
            Ok(length)
        }
    }

    fn bytes_of(size: usize) -> Vec<u8> {
        (0..size).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()
    }

    #[test]
    fn every_thread_gets_every_byte_in_order() {
        for size in [0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 40 * BUFFER + 5] {
            let bytes = bytes_of(size);
            let (mut one, mut other, mut own) = (Vec::new(), Vec::new(), Vec::new());
            let slow = |chunk: &[u8]| {
                thread::yield_now();
                other.extend_from_slice(chunk);
            };
            let work: Vec<Work<'_>> =
                vec![Box::new(|chunk| one.extend_from_slice(chunk)), Box::new(slow)];
            let mut file = Uneven { bytes: &bytes, turn: 0, fails: false };
            let take = &mut |chunk: &[u8]| own.extend_from_slice(chunk);
            assert_eq!(read_beside(&mut file, work, take).unwrap(), size as u64);
            assert!(one == bytes && other == bytes && own == bytes, "{size}");
        }
    }

    #[test]
    fn the_reader_waits_for_the_slowest_thread() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let bytes = bytes_of(60 * BUFFER);
        let (read, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let slow = |_: &[u8]| {
            thread::sleep(std::time::Duration::from_millis(1));
            done.fetch_add(1, Ordering::SeqCst);
        };
        let mut most = 0;
        let take = &mut |_: &[u8]| {
            let ahead = read.fetch_add(1, Ordering::SeqCst) + 1;
            most = most.max(ahead - done.load(Ordering::SeqCst));
        };
        read_beside(&mut &bytes[..], vec![Box::new(slow)], take).unwrap();
        // Those that wait, the one in work, and the one that was just taken out of the queue.
        assert!(most <= WAITING + 2, "{most}");
    }

    #[test]
    fn an_error_of_reading_ends_all_threads() {
        let bytes = bytes_of(3 * BUFFER);
        let mut n_seen = 0;
        let work: Vec<Work<'_>> = vec![Box::new(|chunk| n_seen += chunk.len())];
        let mut file = Uneven { bytes: &bytes, turn: 0, fails: true };
        let error = read_beside(&mut file, work, &mut |_| ()).unwrap_err();
        assert_eq!(error.to_string(), "the disk is gone");
        assert_eq!(n_seen, 3 * BUFFER);
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_of_a_thread_is_not_lost() {
        let bytes = bytes_of(40 * BUFFER);
        let work: Vec<Work<'_>> = vec![Box::new(|_| panic!("a fault"))];
        let _ = read_beside(&mut &bytes[..], work, &mut |_| ());
    }
}
