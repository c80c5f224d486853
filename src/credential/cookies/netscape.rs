//! The file `cookies.txt` of Netscape, which curl, wget and browsers' extensions write.
//!
//! Seven fields with a tab between them: domain, whether subdomains count, path, whether it needs
//! TLS, expiry in seconds, name, value. `#HttpOnly_` before the domain is no comment: a session's
//! cookies have it (research/ux.md h.1, 2026-11-28).

use secrecy::SecretString;

use super::cookie::{Cookie, CookieFault, read_expiry};

/// Reads the file's text.
///
/// # Errors
/// A [`CookieFault`] with the line.
pub(super) fn read_netscape(text: &str) -> Result<Vec<Cookie>, CookieFault> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    let lines = lines.map(|(at, line)| (at, line.strip_prefix("#HttpOnly_").unwrap_or(line)));
    let lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|(line, text)| read_line(text).map_err(|fault| CookieFault::Line { line, fault }))
        .collect()
}

fn read_line(line: &str) -> Result<Cookie, String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let (domain, below, path, expires, name, value) = match fields[..] {
        [domain, below, path, _, expires, name, value] => {
            (domain, below, path, expires, name, value)
        }
        // Without a value, some tools leave out its tab.
        [domain, below, path, _, expires, name] => (domain, below, path, expires, name, ""),
        [_] if line.split_whitespace().count() >= 6 => {
            return Err("blanks stand between the fields, and tabs have to: export it again, or \
                        save it by a program that keeps tabs"
                .to_owned());
        }
        _ => return Err("it is not seven fields with a tab between them".to_owned()),
    };
    Ok(Cookie {
        is_for_subdomains: below.eq_ignore_ascii_case("true") || domain.starts_with('.'),
        domain: domain.trim_start_matches('.').to_ascii_lowercase(),
        path: path.to_owned(),
        expires: read_expiry(expires)?,
        name: name.to_owned(),
        value: SecretString::from(value.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn fields_are_read_also_of_cookies_that_scripts_can_not_see() {
        let text = "# Netscape HTTP Cookie File\r\n\r\n\
            #HttpOnly_zenodo.org\tFALSE\t/\tTRUE\t0\tsession\t.eJw=\"x\r\n\
            .zenodo.org\tTRUE\t/\tTRUE\t1796083200.5\tcsrftoken\ta.b\r\n\
            # a comment\n\
            zenodo.org\tTRUE\t/\tFALSE\t1796083200\tempty";
        let cookies = read_netscape(text).unwrap();
        let names: Vec<_> = cookies.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["session", "csrftoken", "empty"]);
        assert_eq!(cookies[0].value.expose_secret(), ".eJw=\"x");
        assert!(!cookies[0].is_for_subdomains && cookies[0].expires.is_none());
        assert_eq!(cookies[1].domain, "zenodo.org");
        assert!(cookies[1].is_for_subdomains && cookies[2].is_for_subdomains);
    }

    #[test]
    fn faults_are_named_with_their_line_and_without_values() {
        for (text, phrase) in [
            ("\nzenodo.org FALSE / TRUE 0 session sekrit", "line 2: blanks stand between"),
            ("zenodo.org\tFALSE\tsekrit", "line 1: it is not seven fields"),
            ("zenodo.org\tFALSE\t/\tTRUE\tsekrit\tsession\tv", "line 1: the time is not"),
        ] {
            let fault = read_netscape(text).unwrap_err().to_string();
            assert!(fault.contains(phrase) && !fault.contains("sekrit"), "{fault}");
        }
    }
}
