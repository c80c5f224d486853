//! Writes the DOIs, the version and the date of a release into files of the project.
//!
//! The core is [`write_values`]: what it returns depends on the text and the values, but not on the
//! values that the text had before. So a file can be covered by a digest of its content with
//! [`Values::mask`] written into it, before the DOI is known. A result that would not keep this
//! law is refused. Deliberately absent: the files themselves, and which of them are written.

mod badge;
mod cff;
mod cff_changes;
mod cff_events;
mod doi_text;
mod edit;
mod escape;
mod fault;
mod json;
mod kind;
#[cfg(test)]
mod laws;
mod markers;
mod members;
mod placeholder;
mod regions;
mod values;
mod write;
mod written_file;

pub use badge::{BadgeForm, make_badge};
pub use fault::{FaultKind, WriteFault};
pub use kind::{Format, Kind};
pub use values::{Slot, Values};
pub use write::{read_values, write_values};
pub use written_file::{MAX_SIZE, WrittenFile};
