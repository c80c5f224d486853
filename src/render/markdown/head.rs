//! The head, which is never cut: verdict, what can't be undone, errors and warnings, digest.

use std::fmt::Write;

use crate::check::Verdict;
use crate::model::{Field, Server, ServerKind, Severity};
use crate::plan::{Plan, compute_digest, encode_severity};
use crate::render::callouts::list_callouts;
use crate::render::review::{Review, Told};
use crate::render::words::{
    describe_basis, describe_comparison, describe_counts, list_decision_flags,
};

use super::escape::{quote_code, quote_code_within};

/// How many findings are shown, and how many characters of each; the first that fits is taken.
const STINGINESS: [(usize, usize); 4] = [(40, 400), (10, 200), (4, 80), (0, 0)];

/// Returns verdict, dangers and findings, in at most `budget` bytes.
pub(super) fn render_head(review: &Review<'_>, budget: usize) -> String {
    let top = format!("### {}\n", render_verdict_line(review));
    let top = format!("{top}{}{}", render_title(review.plan), render_callouts(review.plan));
    // Findings are shortened before they are left out: the head is never cut.
    let told = STINGINESS.iter().map(|(n, width)| render_told_findings(&review.told, *n, *width));
    let told = told.into_iter().find(|told| top.len() + told.len() <= budget).unwrap_or_default();
    format!("{top}{told}")
}

/// Returns the mark by which the comment is found again.
pub(super) fn build_marker(review: &Review<'_>) -> String {
    let server = escape_marker_word(&review.plan.server.name);
    format!("<!-- zrel:plan 1 {server} {} -->", escape_marker_word(&review.about.manifest))
}

/// Escapes all that could end a comment or a word.
pub(in crate::render) fn escape_marker_word(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes().take(300) {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02x}");
        }
    }
    out
}

/// Returns what the plan does in one line.
pub(super) fn render_verdict_line(review: &Review<'_>) -> String {
    let plan = review.plan;
    if plan.is_empty() && review.verdict == Verdict::Ready {
        return format!("zrel: no changes. {}", describe_comparison(plan, quote_short_code));
    }
    let lead = match review.verdict {
        Verdict::Ready if plan.submits_to().is_some() => "**submits for review**: ",
        Verdict::Ready if plan.publishes() => "**publishes**: ",
        Verdict::Ready => "",
        Verdict::AtTag => "**publishes at the tag**: ",
        Verdict::Unreserved => "**publishes once its DOI is in the files**: ",
        Verdict::Unlinked => "**publishes once the DOIs it links to are reserved**: ",
        Verdict::NeedsConfirmation => "**needs a confirmation**: ",
        Verdict::Blocked => "**blocked**: ",
    };
    format!("zrel: {lead}{}", describe_counts(plan, quote_short_code).join(", "))
}

fn quote_short_code(text: &str) -> String {
    quote_code_within(text, 40)
}

fn render_title(plan: &Plan) -> String {
    let title = plan.target.metadata.text(Field::Title).unwrap_or_default();
    format!("\n{} on {}\n", quote_code(title), render_server(&plan.server))
}

fn render_server(server: &Server) -> String {
    match server.kind {
        ServerKind::Local => "the local server (a rehearsal)".to_owned(),
        ServerKind::Sandbox => "sandbox.zenodo.org (a rehearsal)".to_owned(),
        ServerKind::Zenodo => "**zenodo.org**".to_owned(),
        ServerKind::Other => format!("{} at {}", quote_code(&server.name), quote_code(&server.url)),
    }
}

/// Returns the callouts as a quote.
fn render_callouts(plan: &Plan) -> String {
    let lines = list_callouts(plan, quote_code_within);
    let lines: Vec<String> =
        lines.into_iter().map(|it| format!("**{}** {}", it.lead, it.text)).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("\n> {}\n", lines.join("\n>\n> "))
}

/// Returns errors and warnings, then notes; what does not fit is counted.
fn render_told_findings(told: &[Told], n_shown: usize, width: usize) -> String {
    if told.is_empty() {
        return String::new();
    }
    let mut out = "\n".to_owned();
    for told in told.iter().take(n_shown) {
        out.push_str(&render_told_finding(told, width));
    }
    let rest = told.get(n_shown..).unwrap_or_default();
    if !rest.is_empty() {
        let count = |severity| rest.iter().filter(|told| told.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let notes = rest.len() - errors - warnings;
        let also = if n_shown == 0 { "" } else { " more" };
        let _ = writeln!(
            out,
            "- **{} findings{also}**: errors {errors}, warnings {warnings}, notes {notes}",
            rest.len()
        );
    }
    out
}

fn render_told_finding(told: &Told, width: usize) -> String {
    let place = told.place.as_ref().map(|place| format!(" at {}", quote_code_within(place, 80)));
    let mut out = format!(
        "- **{}** {}: {}{}\n",
        encode_severity(told.severity),
        quote_code_within(&told.code, 10),
        quote_code_within(told.summary.trim(), width),
        place.unwrap_or_default()
    );
    for more in told.why.iter().chain(told.hints.iter().take(2)) {
        let _ = writeln!(out, "  - {}", quote_code_within(more.trim(), width));
    }
    out
}

/// Returns what comes next, and what the comment is about.
pub(super) fn render_foot(review: &Review<'_>) -> String {
    let plan = review.plan;
    let (digest, flags) = (compute_digest(plan), list_decision_flags(plan));
    let next = match review.verdict {
        _ if plan.is_empty() => String::new(),
        Verdict::Ready => {
            format!("**Next:** `zrel apply{flags} --expect sha256:{digest}` does exactly this.\n\n")
        }
        Verdict::AtTag => format!(
            "**Next:** at the tag, `zrel apply{flags} --expect sha256:{digest}` does exactly this.\n\n"
        ),
        Verdict::Unreserved => format!(
            "**Next:** `zrel {}`, `zrel write`, commit, then `zrel apply{flags} --expect \
             sha256:{digest}` does exactly this.\n\n",
            plan.reserve_command()
        ),
        Verdict::Unlinked => {
            "**Next:** `zrel apply` at the root of the workspace reserves the DOIs that are missing.\n\n"
                .to_owned()
        }
        Verdict::NeedsConfirmation => {
            "**Next:** settle what is said above, and plan again.\n\n".to_owned()
        }
        Verdict::Blocked => "**Next:** settle what is said above, and plan again. `zrel apply` \
             refuses this plan, and `zrel plan` exits with 11.\n\n"
            .to_owned(),
    };
    format!("{next}{}", render_origin(review))
}

/// Returns the digest, and what the plan was made from.
pub(super) fn render_origin(review: &Review<'_>) -> String {
    let (plan, digest) = (review.plan, compute_digest(review.plan));
    let commit = review.about.commit.as_ref();
    let commit =
        commit.map_or_else(String::new, |commit| format!("commit {} · ", quote_short_code(commit)));
    format!(
        "<sub>{commit}plan `sha256:{digest}` · made from {} · {}</sub>\n",
        describe_basis(plan, quote_short_code),
        quote_code_within(&review.about.manifest, 80)
    )
}
