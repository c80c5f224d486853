//! JSON as the server spells it; one converter each way.
//!
//! Unknown keys are ignored and unexpected types never fail, since a server may add keys. A value
//! that does not fit is treated as missing, and the comparison shows it; in a deposition it is also
//! reported, so that nothing is published over it. May name `model` and `observed`.

mod comment;
mod deposition;
mod full_record;
mod listing;
mod metadata;
mod native;
mod parts;
mod pids;
mod record;
mod sharing;
mod unsupported;

pub use comment::{comment, convert_plain_to_html};
pub use deposition::deposition;
pub use full_record::{full_record, plain_grants};
pub use listing::{
    candidates, draft_files, imported_files, own_records, owner_of_first, requests, review,
    versions,
};
pub use metadata::{metadata_from_json, metadata_to_json};
pub use native::write_draft;
pub use parts::read_checksum;
pub use pids::{add_doi, draft_doi};
pub use record::record_facts;
pub use sharing::{
    access_requests, access_requests_to_json, grant, grant_to_json, grants, link_to_json,
    secret_link, secret_links, users,
};
