//! The bundled vocabularies, and the forms and check digits of identifiers.
//!
//! The lists in `data/` were read from the server; each file says from where and when (2026-11-23).
//! They are parsed once, on first use. The characters that the server rewrites are here too. May
//! use `model`. Pure: this module decides whether a value is valid, and the manifest's checks
//! report it.

mod addresses;
mod closest;
mod dates;
pub(crate) mod entities;
mod funders;
pub mod identifiers;
mod languages;
mod licenses;
mod tidy;
mod types;

pub use addresses::is_web_address;
pub use closest::closest;
pub use dates::is_edtf_level_0;
pub use funders::{funder_doi, funder_ror};
pub use languages::language_alpha3;
pub use licenses::{
    License, find_license, find_returned_license, is_license_id, license_id, license_kept_as_text,
    licenses, text_of_license,
};
pub use tidy::windows_control;
pub(crate) use tidy::{ready_to_send, tidy, tidy_once};
pub use types::{
    access_rights, contributor_types, date_types, image_types, is_resource_type, publication_types,
    relations, resource_types, upload_types,
};
