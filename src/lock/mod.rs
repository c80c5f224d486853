//! `zenodo.lock`: which record a manifest is bound to on which server, and what was last applied.
//!
//! Written by zrel and committed. It is TOML with one fact a line, sorted, so that branches merge;
//! each line ends with its checksum. It is a hint, never the truth: the server is always asked
//! which version is the latest. One file has the facts of all manifests of its folder, and a
//! [`Lock`] is that file as one of them sees it: it reads and writes its own entries, and can only
//! read the others. May name `model` and `disk`. What a line means is decided in `plan`.

mod disk_file;
mod format;
mod guard;
mod parse;
mod read_entry;
mod rename;
mod salvage;
mod save_entry;
mod types;
mod view;

pub use rename::{RenameError, check_rename, remove_entries, rename_entries};
pub use salvage::{LockSalvage, Lost};
pub use types::{COMMITTED_LOCK, Entry, Key, LockError, LockFault, USUAL_MANIFEST};
pub use view::Lock;
