//! The one type of body, in which requests come and answers go.

use std::convert::Infallible;
use std::io;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Frame, Incoming};

/// A body, whatever it is made of.
pub(crate) type HttpBody = UnsyncBoxBody<Bytes, io::Error>;

/// Makes a body of what a client sends.
pub(crate) fn receive_body(body: Incoming) -> HttpBody {
    body.map_err(io::Error::other).boxed_unsync()
}

/// Makes a body of bytes that are in memory.
pub(crate) fn make_body(bytes: impl Into<Bytes>) -> HttpBody {
    Full::new(bytes.into()).map_err(rule_out).boxed_unsync()
}

/// Makes a body without bytes.
pub(crate) fn make_empty_body() -> HttpBody {
    Empty::new().map_err(rule_out).boxed_unsync()
}

/// Makes a body of pieces that come one after another.
pub(crate) fn stream_body(
    pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
) -> HttpBody {
    StreamBody::new(pieces.map_ok(Frame::data)).boxed_unsync()
}

fn rule_out(never: Infallible) -> io::Error {
    match never {}
}
