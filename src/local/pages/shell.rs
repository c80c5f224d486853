//! The parts that all pages share: head, rehearsal banner, header, footer; and the page for 404.

use super::escape::escape;
use super::style::STYLE;

/// Returns the page for an unknown path.
///
/// `message` is plain text: the request, and why the server does not have it.
pub fn render_not_found_page(message: &str) -> String {
    let body = format!(
        r#"<main class="lone">
<p class="code">404</p>
<h1>Nothing here</h1>
<p>{}</p>
<p><a href="/">All records on this server</a></p>
</main>"#,
        escape(message)
    );
    render_document("Not found", &body)
}

/// Wraps a page's body. `title` is plain text, `body` is HTML.
pub(super) fn render_document(title: &str, body: &str) -> String {
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>{title} · Zenodo rehearsal</title>
<link rel="icon" href="data:,">
<style>{STYLE}</style>
</head>
<body>
<aside class="rehearsal" aria-label="Rehearsal">
<p><strong>Rehearsal on this machine.</strong> Nothing here is on Zenodo. DOIs under the test prefix 10.5072 resolve nowhere: don’t cite them.</p>
</aside>
<header class="top"><a href="/">zrel <span>embedded Zenodo</span></a></header>
{body}
<footer class="bottom">Served by zrel from this machine. Records live only as long as this server’s data.</footer>
</body>
</html>
"#,
        title = escape(title),
    )
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
