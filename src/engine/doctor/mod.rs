//! What may be wrong with the drafts of a record, found by reads alone, and the calls that mend it.

mod drafts;
mod mend;
mod types;

pub use drafts::examine_drafts;
pub use mend::{Mend, list_mends, make_call};
pub use types::{Examination, Examined, Trouble};
