//! Manifests and files: reading, checking, formatting, importing, exporting.

pub(crate) mod bad_input;
pub(crate) mod export;
pub(crate) mod fmt;
pub(crate) mod import;
pub(crate) mod import_files;
pub(crate) mod init;
pub(crate) mod inventory;
pub(crate) mod licenses;
pub(crate) mod profiles;
pub(crate) mod samples_of_manifests;
pub(crate) mod submodules;
pub(crate) mod version_files;
