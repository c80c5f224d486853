//! The parts that all pages share: head, rehearsal banner, header, footer; and the page for 404.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::style::STYLE;
use super::visible::show;

/// Returns the page for an unknown path.
///
/// `message` is plain text: the request, and why the server does not have it.
pub fn render_not_found_page(message: &str) -> String {
    let body = html! {
        main.lone {
            p.code { "404" }
            h1 { "Nothing here" }
            p { (show(message)) }
            p { a href="/" { "All records on this server" } }
        }
    };
    render_document("Not found", &body)
}

/// Wraps a page's body. `title` is plain text.
pub(super) fn render_document(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (render_document_head(title))
            body {
                (render_banner())
                header.top { a href="/" { "zrel " span { "embedded Zenodo" } } }
                (body)
                footer.bottom {
                    "Served by zrel from this machine. Records live only as long as this server’s \
                     data."
                }
            }
        }
    };
    page.into_string()
}

fn render_document_head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            // To no other site; without any, a form of this server would come from nowhere.
            meta name="referrer" content="same-origin";
            meta name="robots" content="noindex";
            title { (show(title)) " · Zenodo rehearsal" }
            link rel="icon" href="data:,";
            // A constant without `</`, which its own test holds; a browser decodes no `&quot;` in
            // it, and its hash is in the policy.
            style { (PreEscaped(STYLE)) }
        }
    }
}

fn render_banner() -> Markup {
    html! {
        aside.rehearsal aria-label="Rehearsal" {
            p {
                strong { "Rehearsal on this machine." }
                " Nothing here is on Zenodo. DOIs under the test prefix 10.5072 resolve nowhere: \
                 don’t cite them."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_escaped_and_the_banner_stands() {
        let page = render_not_found_page("no record `<script>`");
        assert!(page.contains("no record `&lt;script&gt;`"));
        assert!(page.contains("Rehearsal on this machine."));
        assert!(page.contains("10.5072"));
    }
}
