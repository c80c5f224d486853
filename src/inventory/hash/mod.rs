//! Digests of files: computed (`hash_files`, `one_file`, `chunks`), remembered (`cache`), and when
//! they still hold (`file_stamp`).
//!
//! Deliberately absent: which files.

pub(super) mod cache;
pub(super) mod chunks;
pub(super) mod file_stamp;
pub(super) mod hash_files;
pub(super) mod one_file;
