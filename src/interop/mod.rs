//! Interchange: makes a manifest from other files, and other files from a manifest.
//!
//! [`init`] reads the files of a repository, [`export`] writes files for other tools; both walk the
//! table of `formats`, in which each format is a file and a row. [`from_record`] makes the manifest
//! of an existing record.
//!
//! Pure: values in; text out, with a list of what could not be carried over. The commands in `cli`
//! read files, ask servers and write.

mod entry_values;
pub mod export;
mod formats;
pub mod from_record;
mod hidden;
pub mod init;
mod json;
mod kept_texts;
mod license_names;
mod manifest_values;
pub mod manifest_writer;
pub mod new_manifest;
mod people_values;
mod person_names;
mod repository_address;
mod source_metadata;
mod statement_values;
mod toml;
mod unsupported;
mod value_tables;
mod version;
mod work;
mod yaml;

pub use version::read_version_file;
