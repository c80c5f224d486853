//! What is above and below all else: verdict, what can't be undone, findings, digest.

use crate::check::Verdict;
use crate::model::{Field, ServerKind};
use crate::plan::{Plan, compute_digest, encode_severity};
use crate::render::callouts::{Callout, list_callouts};
use crate::render::escape::shorten_middle;
use crate::render::review::{Review, Told};
use crate::render::words::{describe_basis, describe_comparison, describe_counts};

use super::escape::escaped;

/// Returns the text of the page's title.
pub(super) fn page_title(plan: &Plan) -> String {
    format!("Plan: {}", title(plan))
}

fn title(plan: &Plan) -> String {
    escaped(plan.target.metadata.text(Field::Title).unwrap_or("(no title)"))
}

/// Returns verdict, title, dangers and findings.
pub(super) fn head(review: &Review<'_>) -> String {
    let plan = review.plan;
    let dangers = list_callouts(plan, |text, length| escaped(&shorten_middle(text, length)));
    let line = |it: &Callout| {
        format!("<p class=\"danger\"><strong>{}</strong> {}</p>\n", it.lead, it.text)
    };
    let dangers: Vec<String> = dangers.iter().map(line).collect();
    let dangers = dangers.concat();
    format!(
        "<header>\n{}<h1>{}</h1>\n<p class=\"where\">on {} · made from {}</p>\n{dangers}</header>\n{}",
        verdict(review),
        title(plan),
        server(plan),
        describe_basis(plan, escaped),
        findings(&review.told)
    )
}

fn verdict(review: &Review<'_>) -> String {
    let plan = review.plan;
    if plan.is_empty() && review.verdict == Verdict::Ready {
        let same = describe_comparison(plan, escaped);
        return format!("<p class=\"verdict\"><b>No changes.</b> {same}</p>\n");
    }
    let (class, word) = match review.verdict {
        Verdict::Ready if plan.publishes() => ("danger", "Publishes"),
        Verdict::Ready => ("ready", "Ready"),
        Verdict::AtTag => ("ready", "Publishes at the tag"),
        Verdict::NeedsConfirmation => ("word", "Needs a confirmation"),
        Verdict::Blocked => ("blocked", "Blocked"),
    };
    let counts = describe_counts(plan, escaped).join(", ");
    format!("<p class=\"verdict\"><b class=\"{class}\">{word}</b> {counts}</p>\n")
}

fn server(plan: &Plan) -> String {
    match plan.server.kind {
        ServerKind::Local => "the local server (a rehearsal)".to_owned(),
        ServerKind::Sandbox => "sandbox.zenodo.org (a rehearsal)".to_owned(),
        ServerKind::Zenodo => "<b>zenodo.org</b>".to_owned(),
        ServerKind::Other => {
            format!("{} at {}", escaped(&plan.server.name), escaped(&plan.server.url))
        }
    }
}

fn findings(told: &[Told]) -> String {
    if told.is_empty() {
        return String::new();
    }
    let items: String = told.iter().map(finding).collect();
    format!("<section>\n<ul class=\"findings\">\n{items}</ul>\n</section>\n")
}

fn finding(told: &Told) -> String {
    let place = told.place.as_ref().map(|place| format!(" at {}", escaped(place)));
    let more = told.why.iter().chain(&told.hints);
    let more: Vec<String> =
        more.map(|line| format!("<br><small>{}</small>", escaped(line))).collect();
    let name = encode_severity(told.severity);
    format!(
        "<li><b class=\"{name}\">{name}</b> {}: {}{}{}</li>\n",
        escaped(&told.code),
        escaped(&told.summary),
        place.unwrap_or_default(),
        more.concat()
    )
}

/// Returns what the page is about.
pub(super) fn foot(review: &Review<'_>) -> String {
    let digest = compute_digest(review.plan);
    let commit = review.about.commit.as_ref();
    let commit = commit.map_or_else(String::new, |commit| format!("commit {} · ", escaped(commit)));
    let next = match review.verdict {
        _ if review.plan.is_empty() => String::new(),
        Verdict::Ready => {
            format!("<p>Next: <code>zrel apply --expect sha256:{digest}</code></p>\n")
        }
        Verdict::AtTag => {
            format!("<p>Next: <code>zrel apply --expect sha256:{digest}</code> at the tag</p>\n")
        }
        Verdict::NeedsConfirmation | Verdict::Blocked => {
            "<p>Next: settle what is said above, and plan again.</p>\n".to_owned()
        }
    };
    format!(
        "<footer>\n{next}<p>{commit}plan <code>sha256:{digest}</code> · {}</p>\n</footer>\n",
        escaped(&review.about.manifest)
    )
}
