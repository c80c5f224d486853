//! A plan as one page that needs nothing else: for a browser, from a file.
//!
//! Foreign texts are escaped; descriptions, which are HTML, stand in frames that may run nothing
//! and load nothing. The page's one script, for the search, is allowed by its hash.

mod escape;
mod files;
mod head;
mod metadata;
mod texts;

use base64::Engine as _;
use sha2::{Digest, Sha256};

use crate::plan::Plan;

use super::review::Review;
use super::size::count;
use super::words::describe_action;

use escape::escaped;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("search.js");

/// More rows than this get a field to search them by.
const SEARCHED: usize = 20;

/// Returns the plan as a page.
pub fn plan_html(review: &Review<'_>) -> String {
    let plan = review.plan;
    let title = head::page_title(plan);
    let n_rows = plan.files.len() + plan.target.metadata.len();
    let parts = [
        head::head(review),
        if n_rows > SEARCHED { SEARCH.to_owned() } else { String::new() },
        files::files(plan),
        metadata::metadata(plan),
        texts::texts(plan),
        steps(plan),
        head::foot(review),
    ];
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(SCRIPT));
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; \
         base-uri 'none'; form-action 'none'"
    );
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n{}<script>{SCRIPT}</script>\n</body>\n</html>\n",
        parts.concat()
    )
}

const SEARCH: &str = "<p class=\"search\"><label>Search files and fields \
    <input type=\"search\" id=\"search\"></label> <output id=\"found\"></output></p>\n";

fn steps(plan: &Plan) -> String {
    if plan.steps.is_empty() {
        return String::new();
    }
    let step = |step: &crate::plan::Step| {
        let class = if step.action.is_irreversible() { " class=\"final\"" } else { "" };
        format!("<li{class}>{}</li>\n", describe_action(plan, &step.action, escaped))
    };
    let steps: String = plan.steps.iter().map(step).collect();
    let summary = count(plan.steps.len(), "step");
    format!("<section>\n<h2>{summary}, in this order</h2>\n<ol>\n{steps}</ol>\n</section>\n")
}
