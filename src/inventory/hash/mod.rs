//! Digests of files: computed (`hash_files`), remembered (`cache`), and when they still hold
//! (`file_stamp`).
//!
//! Deliberately absent: which files.

pub(super) mod cache;
pub(super) mod file_stamp;
pub(super) mod hash_files;
