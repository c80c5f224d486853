//! Parses the name of a record, and makes a manifest from the record; used by `zrel import`.

mod manifest;
mod record_name;

pub use manifest::{Files, Found, Imported, ImportedFile, import_record};
pub use record_name::{NameFault, RecordName, ServerHint, choose_server, parse_record_name};
