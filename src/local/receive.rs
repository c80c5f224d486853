//! Streams the bodies of uploads to the disk and hashes them on the way.
//!
//! A body is never whole in memory: the network side sends a few pieces at a time to a thread that
//! writes and hashes. Deliberately absent: which record a blob belongs to.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body_util::BodyExt;
use tokio::sync::mpsc;

use super::blobs::Blobs;
use super::body::HttpBody;
use super::state::refusal::Refusal;
use super::state::types::Content;

/// The most pieces on the way between network and disk.
const IN_FLIGHT: usize = 16;

/// How much of a refused upload is read before the connection is closed.
const DRAIN_BYTES: u64 = 256 * 1024 * 1024;

/// How an upload ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All of it is safe on disk.
    Whole(Content),
    /// It is larger than a record may be.
    TooLarge,
    /// The connection broke before its end.
    Short,
}

/// A message of the network side to the writing side.
enum Piece {
    Data(Bytes),
    End,
}

/// Stores a body piece by piece.
///
/// # Errors
/// 500 if the disk refuses the write.
pub(crate) async fn store_body(
    blobs: &Blobs,
    mut body: HttpBody,
    max_bytes: u64,
    new_id: impl FnMut() -> String,
) -> Result<Outcome, Refusal> {
    // Trailers hold no bytes of the file: the stream has none.
    let pieces = (&mut body).into_data_stream();
    let outcome = store_stream(blobs, pieces, max_bytes, new_id).await?;
    if outcome == Outcome::TooLarge {
        drain_body(body).await;
    }
    Ok(outcome)
}

/// Stores the bytes of a file as they come.
///
/// # Errors
/// 500 if the disk refuses the write.
pub(crate) async fn store_stream<E>(
    blobs: &Blobs,
    mut data: impl Stream<Item = Result<Bytes, E>> + Unpin,
    max_bytes: u64,
    mut new_id: impl FnMut() -> String,
) -> Result<Outcome, Refusal> {
    let (sender, pieces) = mpsc::channel(IN_FLIGHT);
    let (blobs, id, version) = (blobs.clone(), new_id(), new_id());
    let writer =
        tokio::task::spawn_blocking(move || write_pieces(&blobs, id, version, pieces, max_bytes));
    loop {
        let piece = match data.next().await {
            None => Piece::End,
            Some(Ok(data)) => Piece::Data(data),
            // Without an end the writer discards the bytes that it has.
            Some(Err(_)) => break,
        };
        let is_end = matches!(piece, Piece::End);
        // The writer stops early when the upload is too large or the disk fails; its result says
        // so.
        if sender.send(piece).await.is_err() || is_end {
            break;
        }
    }
    drop(sender);
    writer.await.map_err(|_| Refusal::internal())?.map_err(|_| Refusal::internal())
}

fn write_pieces(
    blobs: &Blobs,
    id: String,
    version: String,
    mut pieces: mpsc::Receiver<Piece>,
    max_bytes: u64,
) -> io::Result<Outcome> {
    let mut writer = blobs.writer(id, version)?;
    loop {
        match pieces.blocking_recv() {
            // The network side ended without an end of the body: a part of a file must not become a
            // blob.
            None => return Ok(Outcome::Short),
            Some(Piece::End) => break,
            Some(Piece::Data(data)) => writer.write(&data)?,
        }
        if writer.size_bytes() > max_bytes {
            return Ok(Outcome::TooLarge);
        }
    }
    Ok(Outcome::Whole(writer.finish()?))
}

/// Reads the rest of a refused upload, within bounds, so that the client reads the refusal instead
/// of a broken connection; returns the number of bytes.
pub(crate) async fn drain_body(mut body: HttpBody) -> u64 {
    let mut n_bytes = 0;
    while n_bytes < DRAIN_BYTES {
        match body.frame().await {
            Some(Ok(frame)) => n_bytes += frame.data_ref().map_or(0, |data| data.len() as u64),
            Some(Err(_)) | None => break,
        }
    }
    n_bytes
}
