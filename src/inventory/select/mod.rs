//! Which files a manifest means: patterns walked, paths found, names checked.
//!
//! Start at `gather`. Deliberately absent: contents; nothing is opened here.

pub(super) mod gather;
pub(super) mod glob;
pub(super) mod safe_path;
