//! The versions of a record, newest first, and what changed between them.

mod compared;
mod json;
mod text;

pub use json::encode_history;
pub use text::render_history;
