//! Lines for the events of an apply, for output without a progress bar.

use crate::event::Event;
use crate::plan::Plan;

use super::escape::shown;
use super::plan_text::step_words;
use super::style::{HEADING, of_symbol, paint};

/// Returns an event as a line; none for one that only moves a progress bar.
pub fn event_line(event: &Event, plan: &Plan) -> Option<String> {
    Some(match event {
        Event::StepStarted { step, of } => {
            let symbol = step.action.symbol();
            let sign = paint(of_symbol(symbol), symbol);
            format!("[{}/{of}] {sign} {}", step.number, step_words(plan, step))
        }
        Event::DraftOpen { draft } => format!("      draft {draft}"),
        Event::Sent { .. } => return None,
        Event::FileDone { key } => format!("      {} arrived, MD5 as planned", shown(key.as_str())),
        Event::Looking { doing } => {
            format!("      no answer while {}: looking before continuing", shown(doing))
        }
        Event::Published { record, doi } => {
            format!("      {} record {record}, {doi}", paint(HEADING, "published:"))
        }
        Event::CommunityAsked { community, joined } => {
            let what = if *joined { "took the record" } else { "was asked" };
            format!("      {} {what}", shown(&community.0))
        }
        Event::Remark(text) => format!("      {}", shown(text)),
    })
}
