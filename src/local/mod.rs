//! The embedded Zenodo: for one person on one machine, and for every test.
//!
//! `http` is in front (hyper, one place through which every request passes), `serializers` writes
//! the JSON of three APIs, `state` decides what happens (pure: no I/O, no clock), `store` and
//! `blobs` are behind it (redb and files; a kill at any moment loses nothing that was answered),
//! and `instance_lock` arbitrates between two processes on one data folder. It shares no rule with
//! the client, so that it can contradict it: of the crate it uses only the clock and the data files
//! of the vocabularies. Its answers were recorded from Zenodo's own code on 2026-11-23
//! (`tests/contract`). `faults` makes it answer badly on demand, and a limit of requests is counted only
//! when one is given.

mod accept;
mod apis;
mod blobs;
mod body;
mod error;
mod faults;
mod http;
mod instance_lock;
mod new_id;
pub mod pages;
mod receive;
mod rows;
mod running;
pub mod sanitize;
mod seed;
mod serializers;
mod set_aside;
mod setup;
mod state;
mod store;

pub use self::http::app::Log;
pub use self::http::rate::RateLimit;
pub use apis::Apis;
pub use error::LocalError;
pub use faults::{
    ConcurrentAction, Fault, FaultKind, Faults, InvalidFaults, Matches, MixUp, Unreadable,
    parse_faults,
};
pub use running::{Running, ServeOptions, start};
pub use seed::{Seed, SeedCommunity, SeedReview, SeedSubmission, SeedUser, parse_seed};
pub use set_aside::{Contents, look_through, set_aside};
