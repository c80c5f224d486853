//! The manifest: text in, value and findings out.
//!
//! Start at `parse`; each part of a manifest has its own small file, and all of them continue after
//! a fault, so that a reader sees every fault at once. Deliberately absent: reading files, the
//! network, git, and the clock; `desired` combines the manifest with them.

mod access;
mod bind;
mod channels;
pub(crate) mod codes;
mod communities;
mod community_metadata;
mod cross_field;
mod custom_fields;
mod custom_form_faults;
mod files;
mod find_place;
mod format;
mod geometry;
mod items;
mod metadata;
mod parse;
mod paths;
mod people;
mod reader;
mod schema;
mod servers;
mod sharing;
mod sources;
mod statements;
mod too_short;
mod types;
mod vocab_checks;
mod workspace;
mod write;

pub use bind::bind_manifest;
pub use channels::is_channel_name;
pub use codes::CODES;
pub use custom_fields::takes_custom_field;
pub use files::is_glob;
pub use find_place::find_place;
pub use format::format_manifest;
pub use geometry::takes_geometry;
pub use parse::{Parsed, ParsedRoot, Root, parse, parse_member, parse_root};
pub use paths::{PathFault, find_part_fault, find_path_fault};
pub use schema::render_schema;
pub use sources::TextFormat;
pub use types::{
    CommunityEntry, DateSource, EntrySource, FileEntry, Located, Manifest, ManifestMetadata,
    ManifestSharing, NamedServer, ProfilePath, Record, TextSource, VersionFormat, VersionSource,
    Workspace, WriteEntry,
};

pub(crate) use cross_field::find_default_license;
pub(crate) use too_short::{check_min_length, is_too_short};
