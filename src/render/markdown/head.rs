//! The head, which is never cut: verdict, what can't be undone, errors and warnings, digest.

use std::fmt::Write;

use crate::check::Verdict;
use crate::model::{Field, Server, ServerKind, Severity};
use crate::plan::{Plan, digest, severity_name};
use crate::render::callouts::callouts;
use crate::render::review::{Review, Told};
use crate::render::words::{basis_words, compared, counts, decision_flags};

use super::escape::{code, code_of};

/// How many findings are shown, and how many characters of each; the first that fits is taken.
const STINGINESS: [(usize, usize); 4] = [(40, 400), (10, 200), (4, 80), (0, 0)];

/// Returns marker, verdict, dangers and findings, in at most `budget` bytes.
pub(super) fn head(review: &Review<'_>, budget: usize) -> String {
    let top = format!("{}\n### {}\n", marker(review), verdict_line(review));
    let top = format!("{top}{}{}", title(review.plan), dangers(review.plan));
    // Findings are shortened before they are left out: the head is never cut.
    let told = STINGINESS.iter().map(|(n, width)| findings(&review.told, *n, *width));
    let told = told.into_iter().find(|told| top.len() + told.len() <= budget).unwrap_or_default();
    format!("{top}{told}")
}

/// Returns the mark by which the comment is found again.
pub(super) fn marker(review: &Review<'_>) -> String {
    let server = word(&review.plan.server.name);
    format!("<!-- zrel:plan 1 {server} {} -->", word(&review.about.manifest))
}

/// Escapes all that could end a comment or a word.
fn word(text: &str) -> String {
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
pub(super) fn verdict_line(review: &Review<'_>) -> String {
    let plan = review.plan;
    if plan.is_empty() && review.verdict == Verdict::Ready {
        return format!("zrel: no changes. {}", compared(plan, short));
    }
    let lead = match review.verdict {
        Verdict::Ready if plan.publishes() => "**publishes**: ",
        Verdict::Ready => "",
        Verdict::AtTag => "**publishes at the tag**: ",
        Verdict::NeedsConfirmation => "**needs a person's word**: ",
        Verdict::Blocked => "**blocked**: ",
    };
    format!("zrel: {lead}{}", counts(plan, short).join(", "))
}

fn short(text: &str) -> String {
    code_of(text, 40)
}

fn title(plan: &Plan) -> String {
    let title = plan.target.metadata.text(Field::Title).unwrap_or_default();
    format!("\n{} on {}\n", code(title), server(&plan.server))
}

fn server(server: &Server) -> String {
    match server.kind {
        ServerKind::Local => "the local server (a rehearsal)".to_owned(),
        ServerKind::Sandbox => "sandbox.zenodo.org (a rehearsal)".to_owned(),
        ServerKind::Zenodo => "**zenodo.org**".to_owned(),
        ServerKind::Other => format!("{} at {}", code(&server.name), code(&server.url)),
    }
}

/// Returns the callouts as a quote.
fn dangers(plan: &Plan) -> String {
    let lines = callouts(plan, code_of);
    let lines: Vec<String> =
        lines.into_iter().map(|it| format!("**{}** {}", it.lead, it.text)).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("\n> {}\n", lines.join("\n>\n> "))
}

/// Returns errors and warnings, then notes; what does not fit is counted.
fn findings(told: &[Told], n_shown: usize, width: usize) -> String {
    if told.is_empty() {
        return String::new();
    }
    let mut out = "\n".to_owned();
    for told in told.iter().take(n_shown) {
        out.push_str(&finding(told, width));
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

fn finding(told: &Told, width: usize) -> String {
    let place = told.place.as_ref().map(|place| format!(" at {}", code_of(place, 80)));
    let mut out = format!(
        "- **{}** {}: {}{}\n",
        severity_name(told.severity),
        code_of(&told.code, 10),
        code_of(told.summary.trim(), width),
        place.unwrap_or_default()
    );
    for more in told.why.iter().chain(told.hints.iter().take(2)) {
        let _ = writeln!(out, "  - {}", code_of(more.trim(), width));
    }
    out
}

/// Returns what comes next, and what the comment is about.
pub(super) fn foot(review: &Review<'_>) -> String {
    let plan = review.plan;
    let (digest, flags) = (digest(plan), decision_flags(plan));
    let next = match review.verdict {
        _ if plan.is_empty() => String::new(),
        Verdict::Ready => {
            format!("**Next:** `zrel apply{flags} --expect sha256:{digest}` does exactly this.\n\n")
        }
        Verdict::AtTag => format!(
            "**Next:** at the tag, `zrel apply{flags} --expect sha256:{digest}` does exactly this.\n\n"
        ),
        Verdict::NeedsConfirmation => {
            "**Next:** settle what is said above, and plan again.\n\n".to_owned()
        }
        Verdict::Blocked => "**Next:** settle what is said above, and plan again. `zrel apply` \
             refuses this plan, and `zrel plan` exits with 11.\n\n"
            .to_owned(),
    };
    let commit = review.about.commit.as_ref();
    let commit = commit.map_or_else(String::new, |commit| format!("commit {} · ", short(commit)));
    format!(
        "{next}<sub>{commit}plan `sha256:{digest}` · made from {} · {}</sub>\n",
        basis_words(plan, short),
        code_of(&review.about.manifest, 80)
    )
}
