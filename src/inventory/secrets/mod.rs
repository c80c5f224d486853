//! Finds secrets by name (`names`) and by content (`scan`, with the patterns of `token_patterns`),
//! and applies what a manifest allows (`policy`).
//!
//! Deliberately absent: reading files; `hash` passes on what it reads.

pub(super) mod names;
pub(super) mod policy;
pub(super) mod scan;
mod token_patterns;
