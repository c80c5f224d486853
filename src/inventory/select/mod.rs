//! Selects the files that a manifest names: walks patterns, finds paths, checks names.
//!
//! Start at `gather`. Deliberately absent: contents; nothing is opened here.

pub(super) mod gather;
pub(super) mod glob;
pub(super) mod safe_path;
