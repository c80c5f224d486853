//! Imports a record from a server into a folder: [`Reader`] reads it, [`Store`] fetches its
//! files, [`Target`] writes lock and manifest.

mod error;
mod fetch_files;
mod read_record;
mod target;

pub use error::ImportError;
pub use fetch_files::{Arrival, Store};
pub use read_record::{Read, Reader, is_hidden};
pub use target::Target;
