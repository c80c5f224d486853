//! Verifies published versions: whether they are what the lock and the manifest say, and whether
//! their bytes are what the server announces; and waits until a release is there. Reads only.
//!
//! Start reading at `look`.

mod bytes;
mod known;
mod look;
mod resolve;
mod wait;

pub use bytes::verify_bytes;
pub use known::KnownRecord;
pub use look::{Looked, Verifier};
pub use resolve::{DOI_ORG, DoiResolver};
pub use wait::{WaitEnd, Waited, Waiter};
