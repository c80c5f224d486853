//! Who has access to the record of a plan as a section of the page.

use maud::{Markup, html};

use crate::plan::Plan;
use crate::render::escape::quote_text;
use crate::render::sharing::list_access_lines;

/// Returns the section; nothing for a plan without any.
pub(super) fn render_access(plan: &Plan) -> Markup {
    let lines = list_access_lines(plan, quote_text);
    html! {
        @if !lines.is_empty() {
            section {
                h2 { "Access" }
                ul.communities {
                    @for line in &lines {
                        li class=[(line.sign == '-').then_some("final")] {
                            b { (line.who) }
                            " "
                            (line.what)
                        }
                    }
                }
            }
        }
    }
}
