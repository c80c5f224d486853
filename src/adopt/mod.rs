//! Adoption: what a project has elsewhere as a manifest, and a manifest as what others read.
//!
//! Pure: values in, text out, and what could not be carried. Reading files, asking servers and
//! writing are the verbs' part, in `cli`.

pub mod export;
mod export_bibtex;
mod export_cff;
mod export_codemeta;
mod export_shared;
mod export_zenodo_json;
mod hidden;
pub mod import;
pub mod import_source;
mod import_values;
pub mod init;
pub mod write_manifest;
