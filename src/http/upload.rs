//! The body of an upload: a separate thread reads it, a few buffers ahead of the connection, so
//! that reading overlaps with sending and memory stays small.
//!
//! Deliberately absent: a digest. The server computes one of what arrived, and the caller has that
//! of the plan.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

/// Bytes read at a time.
const BUFFER: usize = 64 * 1024;

/// How many buffers wait for the connection.
const BUFFERS_AHEAD: usize = 16;

/// A file to send.
pub struct Upload<'a> {
    /// The open file, at its start.
    pub file: File,
    /// How many bytes to send; a shorter file fails, the rest of a longer one is not sent.
    pub size: u64,
    /// Gets the number of bytes sent.
    pub progress: &'a (dyn Fn(u64) + Send + Sync),
}

impl std::fmt::Debug for Upload<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload").field("size", &self.size).finish_non_exhaustive()
    }
}

/// The end of a body that the connection reads.
pub(super) struct Feed {
    /// Buffers in order.
    pub(super) buffers: mpsc::Receiver<io::Result<Bytes>>,
    /// Why the file could not be read to its end.
    pub(super) end: oneshot::Receiver<io::Error>,
    /// Bytes that the connection took so far.
    pub(super) taken: Arc<AtomicU64>,
}

/// Starts reading.
pub(super) fn feed(file: File, size: u64) -> Feed {
    let (sender, buffers) = mpsc::channel(BUFFERS_AHEAD);
    let (tell, end) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        if let Err(unread) = read_all(file, size, &sender) {
            // Sending the reason fails when the call has ended already, and then it is not needed.
            drop(tell.send(unread));
            // Breaks the body off, after the reason: the caller reads it when the body breaks.
            drop(sender.blocking_send(Err(io::ErrorKind::UnexpectedEof.into())));
        }
    });
    Feed { buffers, end, taken: Arc::new(AtomicU64::new(0)) }
}

/// Reads until the end, or until the connection takes no more bytes, as after an early refusal.
fn read_all(file: File, size: u64, sender: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    let mut file = file.take(size);
    let mut left = size;
    while left > 0 {
        let want = usize::try_from(left).unwrap_or(BUFFER).min(BUFFER);
        // Reading into the spare room of a vector avoids clearing it first.
        let mut buffer = Vec::with_capacity(want);
        // A file that became shorter must not pass for the whole one.
        if file.by_ref().take(want as u64).read_to_end(&mut buffer)? < want {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter"));
        }
        left -= want as u64;
        if sender.blocking_send(Ok(Bytes::from(buffer))).is_err() {
            break;
        }
    }
    Ok(())
}

impl Feed {
    /// Turns the feed into a body, and returns beside it why reading ended early.
    pub(super) fn into_body(self) -> (reqwest::Body, oneshot::Receiver<io::Error>) {
        let Feed { buffers, end, taken } = self;
        let stream = futures_util::stream::unfold((buffers, taken), |(mut buffers, taken)| async {
            let buffer = buffers.recv().await?;
            if let Ok(bytes) = &buffer {
                taken.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            }
            Some((buffer, (buffers, taken)))
        });
        (reqwest::Body::wrap_stream(stream), end)
    }
}
