//! Interchange: what a project has elsewhere as a manifest, and a manifest as what others read.
//!
//! [`init`] reads what a repository has, [`export`] writes what others read; both walk the table of
//! `formats`, in which each format is a file and a row. [`from_record`] makes the manifest of a
//! record that is there already.
//!
//! Pure: values in, text out, and what could not be carried. Reading files, asking servers and
//! writing are the commands' part, in `cli`.

pub mod export;
mod formats;
pub mod from_record;
mod hidden;
pub mod init;
mod json;
mod license_names;
mod manifest_values;
pub mod manifest_writer;
mod person_names;
mod repository_address;
mod source_metadata;
mod toml;
mod unsupported;
mod work;
mod yaml;
