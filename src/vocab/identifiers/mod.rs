//! Identifiers of people and works: their schemes, their spelling on the server, their check digits.
//!
//! Follows the Python library idutils (read 2026-11-23), which the server uses. Pure, and asks
//! nobody whether an identifier exists.

mod faults;
mod scheme;
mod spelling;

pub use faults::{gnd_fault, isbn_fault, orcid_fault};
pub use scheme::scheme_of;
pub use spelling::{as_stored, bare_gnd, bare_orcid, same_identifier};
