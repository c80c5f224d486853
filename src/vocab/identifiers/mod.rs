//! Identifiers of people and works: their schemes, their spelling on the server, their check
//! digits.
//!
//! Follows the Python library idutils (1.7.0, read 2026-11-28), which the server uses; compared
//! with it on tests/data/identifiers.json. Pure: nothing here checks whether an identifier exists.

mod address;
mod bare;
mod faults;
mod scheme;
mod spelling;

pub use bare::{strip_gnd, strip_isni, strip_orcid, strip_ror};
pub use faults::{
    find_gnd_fault, find_isbn_fault, find_isni_fault, find_issn_fault, find_orcid_fault,
    find_ror_fault,
};
pub use scheme::{find_refused_scheme, find_scheme};
pub use spelling::{is_same_identifier, normalize_identifier};
