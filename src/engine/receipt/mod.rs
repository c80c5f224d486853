//! A receipt of each release: what was published from which files, by which plan, and when. It is
//! written when the lock has the release, and never decides how an apply ends.
//!
//! Deliberately absent: receipts of edits and of drafts, which are no releases.

mod document;
mod folder;
mod keep;

pub use document::{RECEIPT_SCHEMA, Receipt, ReceiptFile};
pub(super) use folder::Receipts;
pub(super) use keep::{Released, hash_published, is_receipt_missing, keep_receipt, prepare_folder};
