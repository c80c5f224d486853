//! What nobody wants to publish: by name (`names`), by content (`scan`, with the patterns of
//! `token_patterns`), and what a manifest allows of it (`policy`).
//!
//! Deliberately absent: reading files; `hash` hands on what it reads.

pub(super) mod names;
pub(super) mod policy;
pub(super) mod scan;
mod token_patterns;
