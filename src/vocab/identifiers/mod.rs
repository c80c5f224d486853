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

pub use bare::{bare_gnd, bare_orcid};
pub use faults::{gnd_fault, isbn_fault, orcid_fault};
pub use scheme::{refused_scheme, scheme_of};
pub use spelling::{as_stored, same_identifier};
