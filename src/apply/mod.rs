//! Walks the steps of a checked plan.
//!
//! As much behaviour as possible is in `plan`, where it can be tested without a server. What is
//! here: the order of journal, call and report; looking before anything is repeated; comparing what
//! came back. Nothing is decided: a plan leaves `apply` no choice but to continue, wait, or stop.

mod answer_identity;
mod communities;
mod draft;
mod error;
mod journal;
mod publish;
mod race;
mod read_back;
mod reserve;
mod run;
mod seeded_fault;
mod sharing;
mod stop;
mod upload;
mod upload_native;
mod upload_parallel;

pub use error::{ApplyError, ApplyErrorKind};
pub use journal::{Failpoint, Journal, JournalError, UnfinishedRun};
pub use publish::PAUSES;
pub use read_back::Mismatch;
pub use run::{Applied, ApplyContext, apply};
pub use seeded_fault::{HAS_FAILPOINTS, SeededFault};
pub use stop::{Stop, StopSender, stop_channel};
