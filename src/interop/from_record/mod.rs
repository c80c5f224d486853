//! What `zrel import` uses: from the name of a record, and from the record, to a manifest.

mod manifest;
mod record_name;

pub use manifest::{Files, Found, Imported, ImportedFile, import};
pub use record_name::{NameFault, RecordName, ServerHint, choose_server, parse_record_name};
