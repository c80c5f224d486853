//! What is above and below all else: verdict, what can't be undone, findings, digest.

use maud::{Markup, html};

use crate::check::Verdict;
use crate::model::{Field, ServerKind, Sha256};
use crate::plan::{Plan, compute_digest, encode_severity};
use crate::render::callouts::list_callouts;
use crate::render::escape::{escape_text, quote_text, shorten_middle};
use crate::render::review::{Review, Told};
use crate::render::words::{describe_basis, describe_comparison, describe_counts};

/// Returns the record's title.
pub(super) fn find_title(plan: &Plan) -> String {
    quote_text(plan.target.metadata.text(Field::Title).unwrap_or("(no title)"))
}

/// Returns verdict, title, dangers and findings.
pub(super) fn render_head(review: &Review<'_>) -> Markup {
    let plan = review.plan;
    let dangers = list_callouts(plan, |text, length| quote_text(&shorten_middle(text, length)));
    html! {
        header {
            (render_verdict(review))
            h1 { (find_title(plan)) }
            p.where {
                "on " (render_server(plan)) " · made from " (describe_basis(plan, quote_text))
            }
            @for danger in dangers {
                p.danger { strong { (danger.lead) } " " (danger.text) }
            }
        }
        (render_findings(&review.told))
    }
}

fn render_verdict(review: &Review<'_>) -> Markup {
    let plan = review.plan;
    if plan.is_empty() && review.verdict == Verdict::Ready {
        return html! { p.verdict { b { "No changes." } " " (describe_comparison(plan, quote_text)) } };
    }
    let (class, word) = match review.verdict {
        Verdict::Ready if plan.submits_to().is_some() => ("danger", "Submits for review"),
        Verdict::Ready if plan.publishes() => ("danger", "Publishes"),
        Verdict::Ready => ("ready", "Ready"),
        Verdict::AtTag => ("ready", "Publishes at the tag"),
        Verdict::Unreserved => ("ready", "Publishes once its DOI is in the files"),
        Verdict::Unlinked => ("ready", "Publishes once the DOIs it links to are reserved"),
        Verdict::NeedsConfirmation => ("word", "Needs a confirmation"),
        Verdict::Blocked => ("blocked", "Blocked"),
    };
    let counts = describe_counts(plan, quote_text).join(", ");
    html! { p.verdict { b class=(class) { (word) } " " (counts) } }
}

fn render_server(plan: &Plan) -> Markup {
    let server = &plan.server;
    match server.kind {
        ServerKind::Local => html! { "the local server (a rehearsal)" },
        ServerKind::Sandbox => html! { "sandbox.zenodo.org (a rehearsal)" },
        ServerKind::Zenodo => html! { b { "zenodo.org" } },
        ServerKind::Other => {
            html! { (escape_text(&server.name)) " at " (escape_text(&server.url)) }
        }
    }
}

fn render_findings(told: &[Told]) -> Markup {
    html! {
        @if !told.is_empty() {
            section {
                ul.findings {
                    @for told in told { (render_finding(told)) }
                }
            }
        }
    }
}

fn render_finding(told: &Told) -> Markup {
    let severity = encode_severity(told.severity);
    html! {
        li {
            b class=(severity) { (severity) }
            " " (escape_text(&told.code)) ": " (escape_text(&told.summary))
            @if let Some(place) = &told.place { " at " (escape_text(place)) }
            @for line in told.why.iter().chain(&told.hints) {
                br;
                small { (escape_text(line)) }
            }
        }
    }
}

/// Returns what the page is about.
pub(super) fn render_foot(review: &Review<'_>) -> Markup {
    let digest = compute_digest(review.plan);
    html! {
        footer {
            @if !review.plan.is_empty() { (render_next(review.plan, review.verdict, &digest)) }
            p {
                @if let Some(commit) = &review.about.commit {
                    "commit " (escape_text(commit)) " · "
                }
                "plan " code { "sha256:" (digest) } " · " (escape_text(&review.about.manifest))
            }
        }
    }
}

fn render_next(plan: &Plan, verdict: Verdict, digest: &Sha256) -> Markup {
    let command = html! { code { "zrel apply --expect sha256:" (digest) } };
    match verdict {
        Verdict::Ready => html! { p { "Next: " (command) } },
        Verdict::AtTag => html! { p { "Next: " (command) " at the tag" } },
        Verdict::Unreserved => html! {
            p {
                "Next: " code { "zrel " (plan.reserve_command()) } ", " code { "zrel write" }
                ", commit, then " (command)
            }
        },
        Verdict::Unlinked => {
            html! { p { "Next: " code { "zrel apply" } " at the root of the workspace" } }
        }
        Verdict::NeedsConfirmation | Verdict::Blocked => {
            html! { p { "Next: settle what is said above, and plan again." } }
        }
    }
}
