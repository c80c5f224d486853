//! A workspace's plans as one page: the table, and below it each member that changes.

use maud::{Markup, html};

use crate::render::escape::escape_text;
use crate::render::html::{Page, render_page, render_plan};

use super::next::find_next;
use super::{ReviewedMember, SetReview};

/// Returns the plans as a page.
pub fn render_set_html(set: &SetReview<'_>) -> String {
    let plans = set.members.iter().filter_map(ReviewedMember::plan).filter(|it| !it.is_empty());
    let n_rows = set.members.len()
        + plans.map(|plan| plan.files.len() + plan.target.metadata.len()).sum::<usize>();
    let title = format!("Plan: {}", escape_text(set.workspace));
    let body = html! {
        header {
            h1 { "Workspace " (escape_text(set.workspace)) }
            p.verdict { (set.describe_counts()) }
        }
        (render_table(set))
        @for (at, member) in set.members.iter().enumerate() {
            (render_member(member, at))
        }
        (render_foot(set))
    };
    render_page(&Page { title: &title, n_rows, body })
}

fn render_table(set: &SetReview<'_>) -> Markup {
    html! {
        table.members {
            tbody {
                @for (at, member) in set.members.iter().enumerate() {
                    tr {
                        td {
                            @if member.has_changes() {
                                a href=(format!("#member-{at}")) { (escape_text(member.key)) }
                            } @else {
                                (escape_text(member.key))
                            }
                        }
                        td { (member.describe(|text| escape_text(text).into_owned())) }
                    }
                }
            }
        }
    }
}

fn render_member(member: &ReviewedMember<'_>, at: usize) -> Markup {
    let review = member.review.as_ref().ok().filter(|_| member.has_changes());
    html! {
        @if let Some(review) = review {
            article id=(format!("member-{at}")) {
                p.key { (escape_text(member.key)) }
                (render_plan(review))
            }
        }
    }
}

fn render_foot(set: &SetReview<'_>) -> Markup {
    html! {
        footer {
            @if let Some(next) = find_next(set) {
                p {
                    "Next: "
                    // Words and commands come in turn.
                    @for (at, part) in next.iter().enumerate() {
                        @if at % 2 == 0 { (part) } @else { code { (part) } }
                    }
                }
            }
            @if let Some(digest) = &set.digest { p { "plans " code { "sha256:" (digest) } } }
        }
    }
}
