//! What a fault does to an upload and to an answer.
//!
//! Deliberately absent: when; see `fault_injection`.

use http::Response;

use crate::local::body::HttpBody;

/// A connection that ends without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection is cut off by a fault")]
pub(crate) struct CutOff;

/// What happens to an upload that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damage {
    /// Nothing.
    None,
    /// It is stored with a wrong checksum.
    Checksum,
    /// It is missing afterwards.
    Lost,
}

/// An answer, or none.
pub(super) type Answered = Result<Response<HttpBody>, CutOff>;
