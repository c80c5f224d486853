//! Documents with cookies: Playwright's `storageState.json`, the lists of cookie editors, and what
//! zrel keeps itself.
//!
//! Shapes: research/browser.md section 3, 2026-11-28.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value as Json, json};

use super::cookie::{Cookie, CookieFault, read_expiry};

/// Reads a document of Playwright or of a cookie editor.
///
/// # Errors
/// A [`CookieFault`].
pub(super) fn read_json(text: &str) -> Result<Vec<Cookie>, CookieFault> {
    let fault = |what: &str| CookieFault::Document(what.to_owned());
    let document: Json = serde_json::from_str(text).map_err(|_| fault("it is not JSON"))?;
    let list = match &document {
        Json::Array(list) => list,
        Json::Object(object) => {
            object.get("cookies").and_then(Json::as_array).ok_or_else(|| {
                fault("it has no list `cookies`, as Playwright's storageState.json has")
            })?
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            return Err(fault("it is not a list of cookies"));
        }
    };
    let read = |(at, entry): (usize, &Json)| {
        let cookie = entry.as_object().ok_or_else(|| "it is not a cookie".to_owned());
        cookie
            .and_then(read_entry)
            .map_err(|what| CookieFault::Document(format!("cookie {}: {what}", at + 1)))
    };
    list.iter().enumerate().map(read).collect()
}

fn read_entry(entry: &Map<String, Json>) -> Result<Cookie, String> {
    let text = |name: &str| {
        let text = entry.get(name).and_then(Json::as_str);
        text.ok_or_else(|| format!("it has no text `{name}`"))
    };
    let domain = text("domain")?;
    let is_session = entry.get("session").and_then(Json::as_bool).unwrap_or(false);
    let expires = entry.get("expires").or_else(|| entry.get("expirationDate"));
    let expires = match expires {
        Some(Json::Number(number)) if !is_session => read_expiry(&number.to_string())?,
        Some(Json::Null | Json::Number(_)) | None => None,
        Some(Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_)) => {
            return Err("its time is not a number".to_owned());
        }
    };
    let is_host_only = entry.get("hostOnly").and_then(Json::as_bool);
    Ok(Cookie {
        is_for_subdomains: is_host_only.map_or(domain.starts_with('.'), |host_only| !host_only),
        domain: domain.trim_start_matches('.').to_ascii_lowercase(),
        path: entry.get("path").and_then(Json::as_str).unwrap_or("/").to_owned(),
        expires,
        name: text("name")?.to_owned(),
        value: SecretString::from(text("value")?.to_owned()),
    })
}

/// Writes cookies of one host as zrel keeps them.
pub fn write_kept_cookies(cookies: &[(String, SecretString)]) -> SecretString {
    let list: Vec<Json> =
        cookies.iter().map(|(name, value)| json!([name, value.expose_secret()])).collect();
    SecretString::from(Json::Array(list).to_string())
}

/// Reads what [`write_kept_cookies`] wrote; none for another text.
pub fn read_kept_cookies(text: &SecretString) -> Option<Vec<(String, SecretString)>> {
    let list: Vec<(String, String)> = serde_json::from_str(text.expose_secret()).ok()?;
    Some(list.into_iter().map(|(name, value)| (name, SecretString::from(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn playwright_and_cookie_editors_are_read() {
        let playwright = r#"{"cookies": [
            {"name": "session", "value": "s", "domain": "zenodo.org", "path": "/", "expires": -1,
             "httpOnly": true, "secure": true, "sameSite": "Lax"},
            {"name": "csrftoken", "value": "c", "domain": ".zenodo.org", "path": "/",
             "expires": 1796083200.25}], "origins": []}"#;
        let cookies = read_json(playwright).unwrap();
        assert_eq!(cookies.len(), 2);
        assert!(cookies[0].expires.is_none() && !cookies[0].is_for_subdomains);
        assert!(cookies[1].expires.is_some() && cookies[1].is_for_subdomains);
        let editor = r#"[{"domain": ".zenodo.org", "expirationDate": 1796083200.25, "hostOnly": false,
            "name": "session", "path": "/", "sameSite": "no_restriction", "session": false,
            "storeId": "0", "value": "s"},
            {"domain": "zenodo.org", "hostOnly": true, "name": "b", "session": true, "value": ""}]"#;
        let cookies = read_json(editor).unwrap();
        assert!(cookies[0].is_for_subdomains && cookies[0].expires.is_some());
        assert!(!cookies[1].is_for_subdomains && cookies[1].expires.is_none());
    }

    #[test]
    fn other_documents_are_refused_without_their_values() {
        for text in [
            "[1]",
            "{\"sekrit\": 1}",
            "[sekrit",
            r#"[{"name": "a", "value": "sekrit"}]"#,
            r#"[{"name": "a", "value": "sekrit", "domain": "a.org", "expires": "sekrit"}]"#,
        ] {
            let fault = read_json(text).unwrap_err().to_string();
            assert!(!fault.contains("sekrit"), "{fault}");
        }
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let cookies = vec![("session".to_owned(), SecretString::from("a\"b".to_owned()))];
        let read = read_kept_cookies(&write_kept_cookies(&cookies)).unwrap();
        assert_eq!(read[0].0, "session");
        assert_eq!(read[0].1.expose_secret(), "a\"b");
        assert!(read_kept_cookies(&SecretString::from("token".to_owned())).is_none());
    }
}
