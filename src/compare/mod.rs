//! Compares metadata and texts by meaning, and files by their bytes.
//!
//! The server rewrites metadata: it fills defaults, renames licences, cleans HTML. All that zrel
//! knows of this is here, and only here. Start at [`find_metadata_changes`];
//! [`normalize_as_server`] predicts what comes back, [`is_equivalent_text`] compares texts,
//! [`pair_renames`] finds files with another name, [`compare_versions`] what changed between the
//! files of two versions, [`compare_applied`] whether a published version is as it was applied. May use `model` and `vocab`; pure. Shares nothing with the embedded
//! server, so that the two can contradict each other.

mod changes;
mod comparison;
mod deposit_view;
mod drift;
mod html;
mod native_spelling;
mod one_form;
mod renames;
mod same;
mod server_normalization;
mod shown_changes;
mod supervisors;
mod text;
mod versions;
mod words;

#[cfg(test)]
mod generated;
#[cfg(test)]
mod recorded;

pub use changes::{find_metadata_changes, resolve_returned_value};
pub use deposit_view::{list_native_fields, select_deposit_fields};
pub use drift::{Agreement, Fact, Part, Pointing, ResolverAnswer, Verified, compare_applied};
pub use html::{Tangle, find_tangle};
pub use native_spelling::{respell_words, spell_for_records_api};
pub use one_form::unify_fields;
pub use renames::pair_renames;
pub use same::is_license_text;
pub use server_normalization::normalize_as_server;
pub use shown_changes::show_changes;
pub use text::{hash_text, is_equivalent_text};
pub use versions::{VersionedFile, compare_versions};
pub use words::{WordChange, compare_words};
