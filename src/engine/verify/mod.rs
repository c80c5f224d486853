//! Verifies published versions: whether they are what the lock and the manifest say, and whether
//! their bytes are what the server announces. Reads only.
//!
//! Start reading at `look`.

mod bytes;
mod known;
mod look;

pub use bytes::verify_bytes;
pub use known::KnownRecord;
pub use look::{Looked, Verifier};
