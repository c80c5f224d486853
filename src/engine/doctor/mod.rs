//! What may be wrong with the drafts of a record, found by reads alone, and the calls that mend it.

mod calls;
mod drafts;
mod expired;
mod mend;
mod types;

pub use calls::{Made, make_calls};
pub use drafts::examine_drafts;
pub use mend::{Mend, list_mends};
pub use types::{Examination, Examined, LostDoi, LostDoiSign, Trouble};
