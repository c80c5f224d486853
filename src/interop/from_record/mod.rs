//! What `zrel import` uses: from the name of a record, and from the record, to a manifest.

mod manifest;
mod record_name;

pub(in crate::interop) use manifest::communities;
pub use manifest::{Files, Found, Imported, ImportedFile, import};
pub use record_name::{Place, Source, SourceFault, server, source};
