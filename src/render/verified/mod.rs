//! What a look at published versions found, as text and as a document.

mod json;
mod text;

pub use json::{encode_fact, encode_verified};
pub use text::{describe_facts, name_version, render_verified, summarize_verified};
