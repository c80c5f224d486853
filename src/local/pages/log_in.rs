//! The log-in page.

use maud::html;

use super::shell::render_document;
use super::visible::show;

/// The field that ties a form to the session that it was shown in.
pub const FORM_TOKEN: &str = "csrf_token";

/// Returns the page with the form. `fault` is why the last try did not succeed, `next` the path to
/// go on to.
pub fn render_log_in_page(form_token: &str, next: &str, fault: Option<&str>) -> String {
    let body = html! {
        main.lone {
            h1 { "Log in" }
            @if let Some(fault) = fault { p role="alert" { (show(fault)) } }
            form method="post" action="/login/" {
                input type="hidden" name=(FORM_TOKEN) value=(form_token);
                input type="hidden" name="next" value=(next);
                p { label { "E-mail " input type="email" name="email" required; } }
                p { label { "Password " input type="password" name="password" required; } }
                p { button type="submit" { "Log in" } }
            }
        }
    };
    render_document("Log in", &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_keeps_where_to_go_and_quotes_it() {
        let page = render_log_in_page("a.b", "/\"><script>", Some("Wrong <password>"));
        assert!(page.contains("value=\"/&quot;&gt;&lt;script&gt;\""), "{page}");
        assert!(page.contains("Wrong &lt;password&gt;"));
        assert!(page.contains("name=\"csrf_token\" value=\"a.b\""));
    }
}
