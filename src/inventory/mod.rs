//! Finds and hashes the files of manifest entries; reads git and the text files.
//!
//! All reading of the user's folder is here, with one set of protections: nothing outside the
//! manifest's folder, no symbolic link, no FIFO or device, and no secret that is not allowed by
//! name. Deliberately absent: the network, the clock, and any decision about the record.
//!
//! Start reading at `run`: [`take_inventory`] walks from the manifest to the files, step by step. `types` has
//! the values that the steps pass on; `select` finds the files by `walk`, `hash` reads them, `secrets`
//! decides what must not be published, `archive` packs folders. `git`, `submodules`, `texts`,
//! `profiles` and `origin` read what is beside the files.

mod archive;
mod changed;
mod codes;
mod committed;
mod git;
mod hash;
mod members;
mod origin;
mod owner;
mod past;
mod profiles;
mod read;
mod run;
mod secrets;
mod select;
mod submodules;
mod taker;
mod texts;
mod types;
mod walk;
mod written;

pub use changed::list_changed_since;
pub use codes::CODES;
pub use committed::read_committed_file;
pub use git::read_commit;
pub use hash::one_file::{compute_digests, compute_md5};
pub use members::{find_members, is_member, matches_key};
pub use origin::{Origin, There, find_path_kind, read_origin};
pub use owner::read_owner;
pub use past::{
    Extent, GitTag, PastFiles, check_out, is_tracked_below, lay_over, list_built_files, list_tags,
    matches_tag, remove_leftovers,
};
pub use read::{ReadError, open_for_upload, prepare_zrel_dir, read_manifest};
pub use run::{search_inventory, take_inventory, take_texts_only};
pub use secrets::policy::scan_manifest as find_secrets_in_manifest;
pub use taker::{Taker, complete_path, find_taker, is_spelled_out};
pub use types::{Inventory, Options, Progress};
pub use written::{list_tracked_files, report_fault};
