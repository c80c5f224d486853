//! The bundled vocabularies, and the forms and check digits of identifiers.
//!
//! The lists in `data/` were read from the server; each file says from where and when (2026-11-23).
//! They are parsed once, on first use. The characters that the server rewrites are here too. May
//! use `model`. Pure: this module decides whether a value is valid, and the manifest's checks
//! report it.

mod addresses;
mod closest;
mod custom_forms;
mod dates;
pub(crate) mod entities;
mod funders;
pub mod identifiers;
mod languages;
mod licenses;
mod tidy;
mod types;

pub use addresses::is_web_address;
pub use closest::{find_closest, is_slip_of};
pub use custom_forms::{CustomForm, find_custom_form, list_custom_names};
pub use dates::{is_edtf_level_0, is_edtf_time, may_be_edtf};
pub use funders::{find_funder_doi, find_funder_ror};
pub use languages::find_language_alpha3;
pub use licenses::{
    License, find_license, find_license_id, find_license_kept_as_text, find_license_text,
    find_returned_license, is_license_id, is_license_text, list_licenses,
};
pub use tidy::find_windows_control;
pub(crate) use tidy::{prepare_to_send, tidy, tidy_once};
pub use types::{
    find_upload_type_of, is_deposit_relation, is_deposit_role, is_resource_type,
    list_access_rights, list_contributor_types, list_date_types, list_description_types,
    list_development_statuses, list_image_types, list_programming_languages,
    list_publication_types, list_relations, list_resource_types, list_title_types,
    list_upload_types,
};
