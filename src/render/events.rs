//! Lines for the events of an apply, for output without a progress bar.

use crate::event::Event;
use crate::plan::Plan;

use super::escape::escape_text;
use super::plan_text::describe_step;
use super::style::{HEADING, choose_symbol_style, paint};

/// Returns an event as a line; none for one that only moves a progress bar.
pub fn render_event(event: &Event, plan: &Plan) -> Option<String> {
    Some(match event {
        Event::StepStarted { step, of } => {
            let symbol = step.action.symbol();
            let sign = paint(choose_symbol_style(symbol), symbol);
            format!("[{}/{of}] {sign} {}", step.number, describe_step(plan, step))
        }
        Event::DraftOpen { draft } => format!("      draft {draft}"),
        Event::FileStarted { .. } | Event::Sent { .. } => return None,
        Event::FileDone { key } => {
            format!("      {} arrived, MD5 as planned", escape_text(key.as_str()))
        }
        Event::Looking { doing } => {
            format!("      no answer while {}: looking before continuing", escape_text(doing))
        }
        Event::Published { record, doi } => {
            let doi = doi.as_ref().map(|doi| format!(", {doi}")).unwrap_or_default();
            format!("      {} record {record}{doi}", paint(HEADING, "published:"))
        }
        Event::CommunityAsked { community, joined } => {
            let what = if *joined { "took the record" } else { "was asked" };
            format!("      {} {what}", escape_text(&community.0))
        }
        Event::CommunityLeft { community } => {
            format!("      the record left {}", escape_text(&community.0))
        }
        Event::ReviewSubmitted { draft, community } => {
            format!("      draft {draft} was submitted to {}", escape_text(&community.0))
        }
        Event::Remark(text) => format!("      {}", escape_text(text)),
    })
}
