//! A plan as one page that needs nothing else: for a browser, from a file.
//!
//! Foreign texts are escaped by the template; descriptions, which are HTML, stand in frames that may
//! run nothing and load nothing. The page's one script, for the search, is allowed by its hash.

mod access;
mod communities;
mod files;
mod head;
mod metadata;
mod texts;

use base64::Engine as _;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::plan::Plan;

use super::escape::quote_text;
use super::review::Review;
use super::size::count;
use super::words::describe_action;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("search.js");

/// More rows than this get a field to search them by.
const SEARCHED: usize = 20;

/// A page: what is in its head and its body.
pub(super) struct Page<'a> {
    /// Its title, escaped for hidden characters.
    pub(super) title: &'a str,
    /// How many rows its tables have.
    pub(super) n_rows: usize,
    /// Its body.
    pub(super) body: Markup,
}

/// Returns the plan as a page.
pub fn render_plan_html(review: &Review<'_>) -> String {
    let plan = review.plan;
    render_page(&Page {
        title: &format!("Plan: {}", head::find_title(plan)),
        n_rows: plan.files.len() + plan.target.metadata.len(),
        body: html! {
            (render_plan(review))
            (head::render_foot(review))
        },
    })
}

/// Returns what a page shows of a plan, without what comes next.
pub(super) fn render_plan(review: &Review<'_>) -> Markup {
    let plan = review.plan;
    html! {
        (head::render_head(review))
        (files::render_files(plan))
        (metadata::render_metadata(plan))
        (texts::render_texts(plan))
        (communities::render_communities(plan))
        (access::render_access(plan))
        (render_steps(plan))
    }
}

/// Returns a whole page.
pub(super) fn render_page(page: &Page<'_>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (render_document_head(page.title))
            body {
                @if page.n_rows > SEARCHED { (render_search()) }
                (page.body)
                // Our own file without any text of a plan; its hash is in the policy.
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

fn render_document_head(title: &str) -> Markup {
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(SCRIPT));
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; \
         base-uri 'none'; form-action 'none'"
    );
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width";
            meta name="referrer" content="no-referrer";
            title { (title) }
            // Our own file without any text of a plan; a browser decodes no `&gt;` in it.
            style { (PreEscaped(STYLE)) }
        }
    }
}

fn render_search() -> Markup {
    html! {
        p.search {
            label { "Search files and fields " input type="search" id="search"; }
            " "
            output id="found" {}
        }
    }
}

fn render_steps(plan: &Plan) -> Markup {
    html! {
        @if !plan.steps.is_empty() {
            section {
                h2 { (count(plan.steps.len(), "step")) ", in this order" }
                ol {
                    @for step in &plan.steps {
                        li class=[step.action.is_irreversible().then_some("final")] {
                            (describe_action(plan, &step.action, quote_text))
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_an_element_or_an_attribute() {
        let text = quote_text("<b>\"&\n\u{202e}");
        let page = html! { p title=(text) { (text) } }.into_string();
        let escaped = "&lt;b&gt;&quot;&amp; \\u{202e}";
        assert_eq!(page, format!("<p title=\"{escaped}\">{escaped}</p>"));
    }
}
