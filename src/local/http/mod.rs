//! HTTP in front of the state machine.
//!
//! `app` turns sockets into [`call::Call`]s and [`answer::Answer`]s back into bytes; everything
//! between (`dispatch` and the handlers it names) is a function of the call, the state and the
//! moment. Deliberately absent: storage.

pub(crate) mod answer;
pub(crate) mod app;
mod buckets;
pub(crate) mod call;
mod comment;
mod communities;
mod concurrent_client;
mod depositions;
pub(crate) mod dispatch;
mod fault_effects;
pub(crate) mod fault_injection;
pub(crate) mod file_writes;
mod guard;
mod log_in_page;
mod mislead;
pub(crate) mod multipart;
pub(crate) mod rate;
mod record_answers;
mod record_drafts;
mod records;
mod reviews;
mod search;
mod sessions;
mod sharing;
pub(crate) use sessions::{Sessions, hash_sha256};
pub(crate) mod uploads;
mod vocabularies;
mod web;
mod write_out;
