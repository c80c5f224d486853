//! The communities of a plan as a section of the page.

use maud::{Markup, html};

use crate::plan::{CommunityWork, Plan};
use crate::render::communities::describe_community;
use crate::render::escape::{escape_text, quote_text};

/// Returns the section; nothing for a plan without communities.
pub(super) fn render_communities(plan: &Plan) -> Markup {
    html! {
        @if !plan.communities.is_empty() {
            section {
                h2 { "Communities" }
                ul.communities {
                    @for one in &plan.communities {
                        li class=[is_final(one.work).then_some("final")] {
                            b { (escape_text(&one.community.0)) }
                            " "
                            (describe_community(plan, one, quote_text))
                        }
                    }
                }
            }
        }
    }
}

fn is_final(work: CommunityWork) -> bool {
    match work {
        CommunityWork::Submit | CommunityWork::Leave => true,
        CommunityWork::Nothing | CommunityWork::Ask => false,
    }
}
