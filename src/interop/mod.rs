//! Interchange: what a project has elsewhere as a manifest, and a manifest as what others read.
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
mod source_metadata;
mod work;
mod yaml;
