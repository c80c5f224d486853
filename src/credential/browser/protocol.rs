//! What differs between a Chromium and a Firefox.

use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value as Json, json};

use super::error::BrowserError;
use super::wire::Socket;
use crate::credential::cookies::{Cookie, read_expiry_number};

/// How long a browser may take to start. By real time.
pub(super) const START: Duration = Duration::from_mins(1);

/// The family of a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Chromium, Chrome, Edge, Brave: the DevTools protocol.
    Chromium,
    /// Firefox: WebDriver BiDi.
    Firefox,
}

impl Family {
    /// Returns the family of a program, by its name.
    pub(super) fn of(program: &Path) -> Self {
        let name = program.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if name.contains("firefox") { Family::Firefox } else { Family::Chromium }
    }

    /// Returns whether it is asked over pipes, and not over a port.
    pub(super) fn uses_pipes(self) -> bool {
        cfg!(unix) && self == Family::Chromium
    }

    /// Returns the arguments but for the profile: what it is asked over, and the page. A port is one
    /// that the system chooses, on loopback.
    pub(super) fn list_arguments(self, page: &str) -> Vec<String> {
        let way =
            if self.uses_pipes() { "--remote-debugging-pipe" } else { "--remote-debugging-port=0" };
        let words: &[&str] = match self {
            Family::Chromium => {
                &["--no-first-run", "--no-default-browser-check", "--password-store=basic"]
            }
            Family::Firefox => &["--no-remote", "--new-instance"],
        };
        [way].into_iter().chain(words.iter().copied()).chain([page]).map(str::to_owned).collect()
    }

    /// Returns the argument that names the profile.
    pub(super) fn name_profile(self, folder: &Path) -> Vec<String> {
        let folder = folder.display();
        match self {
            Family::Chromium => vec![format!("--user-data-dir={folder}")],
            Family::Firefox => vec!["--profile".to_owned(), folder.to_string()],
        }
    }

    /// Returns the address of the WebSocket, once the browser has written it into its profile.
    pub(super) fn find_address(self, profile: &Path) -> Option<String> {
        match self {
            Family::Chromium => {
                let text = std::fs::read_to_string(profile.join("DevToolsActivePort")).ok()?;
                let (port, path) = text.trim().split_once('\n')?;
                Some(format!("ws://127.0.0.1:{port}{}", path.trim()))
            }
            Family::Firefox => {
                let path = profile.join("WebDriverBiDiServer.json");
                let text = std::fs::read_to_string(path).ok()?;
                let server: Json = serde_json::from_str(&text).ok()?;
                Some(format!("ws://127.0.0.1:{}/session", server["ws_port"].as_u64()?))
            }
        }
    }

    /// Says what has to be said first.
    ///
    /// # Errors
    /// A [`BrowserError`].
    pub(super) async fn greet(self, socket: &mut Socket) -> Result<(), BrowserError> {
        match self {
            // It may take a while to start.
            Family::Chromium => {
                socket.call_within(START, "Browser.getVersion", json!({})).await.map(drop)
            }
            Family::Firefox => {
                socket.call("session.new", json!({"capabilities": {}})).await.map(drop)
            }
        }
    }

    /// Returns all cookies, also those that scripts can't read.
    ///
    /// # Errors
    /// A [`BrowserError`].
    pub(super) async fn read_cookies(
        self,
        socket: &mut Socket,
    ) -> Result<Vec<Cookie>, BrowserError> {
        let what = match self {
            Family::Chromium => "Storage.getCookies",
            Family::Firefox => "storage.getCookies",
        };
        let answer = socket.call(what, json!({})).await?;
        let Some(list) = answer["cookies"].as_array() else {
            let answer = "its answer has no list of cookies".to_owned();
            return Err(BrowserError::Refused { what, answer });
        };
        // One that can't be read is none of the host's.
        Ok(list.iter().filter_map(read_cookie).collect())
    }

    /// Asks it to end.
    pub(super) async fn close(self, socket: &mut Socket) {
        let what = match self {
            Family::Chromium => "Browser.close",
            Family::Firefox => "browser.close",
        };
        // One that has ended already is what was wanted.
        let _ = socket.call(what, json!({})).await;
    }
}

/// Reads a cookie of either: DevTools has `expires` (-1 for none) and the value as a text, BiDi has
/// `expiry` and the value as an object.
fn read_cookie(json: &Json) -> Option<Cookie> {
    let domain = json["domain"].as_str()?;
    let value = json["value"].as_str().or_else(|| json["value"]["value"].as_str())?;
    let expires = json["expires"].as_f64().or_else(|| json["expiry"].as_f64());
    Some(Cookie {
        is_for_subdomains: domain.starts_with('.'),
        domain: domain.trim_start_matches('.').to_ascii_lowercase(),
        path: json["path"].as_str().unwrap_or("/").to_owned(),
        expires: expires.and_then(read_expiry_number),
        name: json["name"].as_str()?.to_owned(),
        value: SecretString::from(value.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_of_both_families_are_read() {
        let devtools = json!({"name": "session", "value": "s", "domain": "127.0.0.1", "path": "/",
            "expires": -1, "size": 8, "httpOnly": true, "secure": false, "session": true});
        let cookie = read_cookie(&devtools).unwrap();
        assert!(cookie.expires.is_none() && !cookie.is_for_subdomains);
        let bidi = json!({"name": "csrftoken", "value": {"type": "string", "value": "c"},
            "domain": ".zenodo.org", "path": "/", "expiry": 1_796_083_200, "httpOnly": false});
        let cookie = read_cookie(&bidi).unwrap();
        assert!(cookie.expires.is_some() && cookie.is_for_subdomains);
        assert_eq!(cookie.domain, "zenodo.org");
        assert!(read_cookie(&json!({"name": "a"})).is_none());
    }

    #[test]
    fn the_family_is_known_by_the_programs_name() {
        for (path, family) in [
            ("/usr/bin/chromium", Family::Chromium),
            ("/opt/google/chrome/google-chrome", Family::Chromium),
            ("/usr/bin/firefox-esr", Family::Firefox),
            ("/Applications/Firefox.app/Contents/MacOS/firefox", Family::Firefox),
        ] {
            assert_eq!(Family::of(Path::new(path)), family, "{path}");
        }
    }
}
