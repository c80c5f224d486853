//! The manifest: text in, value and findings out.
//!
//! Deliberately absent: reading files, the network, git, and the clock; `desired` brings the
//! manifest together with what those say.

mod types;

pub use types::{
    DateSource, EntrySource, FileEntry, Located, Manifest, ManifestMetadata, NamedServer, Record,
    TextSource, VersionSource,
};
