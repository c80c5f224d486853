//! One method an endpoint, and no decisions.
//!
//! [`ReadApi`] has no method that writes: code that holds one can't change anything. [`WriteApi`]
//! adds those that do. An error says what the call was doing and whether the server can have done
//! it. May name `model`, `observed`, `compare`, `wire` and `http`.

mod backend;
mod error;
mod find_backend;
mod lean_json;
mod log_in;
mod read;
mod read_sharing;
mod records_backend;
mod resolver;
mod search_query;
mod signs;
mod vocabularies;
mod write;
mod write_native;
mod write_sharing;

pub use backend::{Backend, BackendOf};
pub use error::{ApiError, ApiErrorKind, Outcome};
pub use log_in::log_in;
pub use read::{CommunityFacts, ReadApi};
pub(crate) use read::{MAX_PAGES, PAGE};
pub use read_sharing::MOST_USERS;
pub use resolver::{Resolution, Resolver};
pub use search_query::Sought;
pub use signs::Signs;
pub use write::{CommunityAnswer, WriteApi, name_discard};
pub use write_native::{KeptValues, name_draft_file};
