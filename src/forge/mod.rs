//! Comments on pull requests: the one comment of a record, found again and changed in place.
//!
//! GitHub, Forgejo (and Gitea), GitLab: a file each, behind the [`Forge`] trait, and a row each in
//! [`FORGES`]. The client is bound to the forge's API, follows no redirect, and takes no address
//! from an answer. Only a comment of the token's own user counts: anybody may write the marker.
//! Deliberately absent: what a comment says, and the environment.

mod answer;
mod api;
mod client;
mod error;
mod forgejo;
mod github;
mod gitlab;
mod registry;

pub use api::{CiNames, Forge, Head, NumberSource, TokenAdvice, Workflow};
pub use client::{CommentBody, ForgeClient, UpsertOutcome, Upserted};
pub use error::ForgeError;
pub use registry::FORGES;
