//! What may be wrong with the drafts of a record, found by reads alone.

mod drafts;
mod types;

pub use drafts::examine_drafts;
pub use types::{Examination, Examined, Trouble};
