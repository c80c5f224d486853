//! Turns plans, findings, events and records into text; prints nothing.
//!
//! One plan object feeds every format. Text has ANSI styles, which `terminal` removes where they
//! are not wanted. All that comes from a server or a manifest goes through [`shown`], so that it
//! can't move a cursor or hide behind bidi marks.

mod callouts;
mod escape;
mod events;
mod findings;
mod history;
mod html;
mod json;
mod markdown;
mod plan_text;
mod record;
mod review;
mod size;
mod style;
mod values;
mod verdict;
mod words;
mod workflow;

pub use escape::{json_text, quote_word, shown};
pub use events::event_line;
pub use findings::{Source, findings_json, findings_text, line_column, resolve_place};
pub use history::{history_json, history_text};
pub use html::plan_html;
pub use json::{plan_json, read_plan_json, record_json};
pub use markdown::{COMMENT_BYTES, LEAST_BYTES, comment_marker, nothing_markdown, plan_markdown};
pub use plan_text::{plan_summary, plan_text};
pub use record::{binding_lines, page, record_text};
pub use review::{About, Review, Told};
pub use size::human_size;
pub use verdict::verdict_name;
pub use words::decision_flags;
pub use workflow::{annotations, error_annotation, escape_workflow_commands, outputs};
