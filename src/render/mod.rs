//! Turns plans, findings, events and records into text; prints nothing.
//!
//! One plan object feeds every format. Text has ANSI styles, which `terminal` removes where they
//! are not wanted. All that comes from a server or a manifest goes through [`escape_text`], so that it
//! can't move a cursor or hide behind bidi marks.

mod access;
mod backfill;
mod callouts;
mod communities;
mod detail;
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
mod set;
mod sharing;
mod size;
mod style;
mod values;
mod verdict;
mod verified;
mod words;
mod workflow;

pub use access::{encode_access, render_access};
pub use backfill::{PastFound, PastReview, encode_backfill, render_backfill, render_releases};
pub use communities::describe_state;
pub use detail::Detail;
pub use escape::{escape_text, quote_word, shorten_middle, write_json_text};
pub use events::render_event;
pub use findings::{Source, encode_findings, find_line_column, render_findings, resolve_place};
pub use history::{encode_history, render_history};
pub use html::render_plan_html;
pub use json::{encode_observed, encode_plan_document, encode_review, read_plan_json};
pub use markdown::{
    COMMENT_BYTES, LEAST_BYTES, build_comment_marker, render_nothing_markdown, render_plan_markdown,
};
pub use plan_text::{
    render_access_changes, render_plan_part, render_plan_summary, render_plan_text,
};
pub use record::{
    choose_page, describe_review, name_concept, render_draft, render_record, write_binding_lines,
};
pub use review::{About, Review, Told};
pub use set::{
    ReadSet, ReviewedMember, SetEntry, SetReview, Unplanned, build_set_marker, describe_set_next,
    encode_set, read_set_json, render_members, render_set_html, render_set_markdown,
};
pub use size::{count, format_size};
pub use verdict::encode_verdict;
pub use verified::{
    describe_facts, encode_fact, encode_verified, name_version, render_verified, summarize_verified,
};
pub use words::{list_decision_flags, list_flags};
pub use workflow::{
    build_annotations, build_error_annotation, escape_workflow_commands, write_outputs,
};
