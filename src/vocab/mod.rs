//! The bundled vocabularies, and the forms and check digits of identifiers.
//!
//! The lists in `data/` were read from the server; each file says from where and when
//! (2026-11-23). They are parsed once, on first use. May name `model`. Pure: whether a value is
//! right for a field is said here, what a manifest does about it is not.

mod closest;
mod dates;
pub mod identifiers;
mod languages;
mod licenses;
mod types;

pub use closest::closest;
pub use dates::is_edtf_level_0;
pub use languages::language_alpha3;
pub use licenses::{
    License, find_license, find_returned_license, license_id, license_kept_as_text, licenses,
    text_of_license,
};
pub use types::{
    access_rights, contributor_types, date_types, image_types, is_resource_type, publication_types,
    relations, resource_types, upload_types,
};
