//! Credentials that zrel keeps for its user: in the system's keyring, or in a file that only the
//! user can read.
//!
//! `store` knows both places, `kept` the file, `keyring` the system. Deliberately absent: where
//! else a credential may come from, and who is asked; see `cli`.

pub mod browser;
pub mod cookies;
mod kept;
mod keyring;
mod store;
mod tries;

pub use kept::{Kept, Kind, Place};
pub use keyring::{Keyring, KeyringError};
pub use store::{Store, StoreError};
pub use tries::note_try;
