//! The plan's file format, both ways; also what `--format json` prints.
//!
//! A reader ignores keys that it does not know and refuses a major version that it does not know;
//! a minor version only adds. Written by hand: the plan's types are not the format.

mod blockers;
mod parse;
mod parts;
mod read;
mod sharing;
mod write;

pub(super) use blockers::encode_blocker;
pub use parse::parse_json;
pub(super) use parts::{encode_flags, encode_origins};
pub use parts::{encode_noted, encode_severity};
pub use read::{InvalidPlan, decode_plan, is_part_of};
pub use sharing::encode_grantee;
pub(super) use sharing::{encode_access_requests, encode_sharing};
pub use write::{encode_community, encode_plan};

/// The JSON schema of the document that is printed and saved, and of what is printed when there is
/// no plan.
pub const SCHEMA: &str = include_str!("../../../schema/plan.schema.json");

/// The version of the format: major and minor.
pub const FORMAT_VERSION: &str = "1.1";
