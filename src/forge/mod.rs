//! Comments on pull requests: the one comment of a record, found again and changed in place.
//!
//! GitHub, Forgejo (and Gitea), GitLab. The client is bound to the forge's API, follows no
//! redirect, and no answer tells it where to go. Only a comment of the token's own user counts:
//! anybody may write the marker. Deliberately absent: what a comment says, and the environment.

mod answer;
mod comment;
mod error;
mod forgejo;
mod github;
mod gitlab;
mod kind;

pub use comment::{Forge, Note, Outcome, Said};
pub use error::ForgeError;
pub use github::Head;
pub use kind::Kind;
