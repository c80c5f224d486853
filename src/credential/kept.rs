//! The file that lists what is kept for each server; it has the secrets that no keyring keeps.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::toml_text::{quote_key, quote_line};

/// What kind of credential is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A personal token.
    Token,
    /// The cookies of a session.
    Cookies,
}

/// Where a secret is.
#[derive(Debug, Clone)]
pub enum Place {
    /// In the system's keyring.
    Keyring,
    /// In the file.
    File(SecretString),
}

/// What is kept for one server.
#[derive(Debug, Clone)]
pub struct Kept {
    /// What it is.
    pub kind: Kind,
    /// Where the secret is.
    pub place: Place,
    /// Since when.
    pub since: Timestamp,
    /// When it expires; none for a token, which is good until its user revokes it.
    pub until: Option<Timestamp>,
}

/// What the file lists, by host.
pub(super) type Listed = BTreeMap<String, Kept>;

impl Kind {
    const ALL: [Kind; 2] = [Kind::Token, Kind::Cookies];

    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Token => "token",
            Kind::Cookies => "cookies",
        }
    }
}

/// Writes the file's text.
pub(super) fn write_kept(listed: &Listed) -> String {
    let mut text =
        "# Written by zrel: what it keeps for each server. `zrel auth logout` removes it.\n"
            .to_owned();
    for (host, kept) in listed {
        let _ = write!(text, "\n[{}]\n", quote_key(host));
        let mut line = |name: &str, value: &str| {
            let _ = writeln!(text, "{name} = {}", quote_line(value));
        };
        line("kind", kept.kind.name());
        line("since", &kept.since.to_string());
        if let Some(until) = kept.until {
            line("until", &until.to_string());
        }
        if let Place::File(secret) = &kept.place {
            line("secret", secret.expose_secret());
        }
    }
    text
}

/// Reads the file's text.
///
/// # Errors
/// What is wrong with it, in words, without any value of it.
pub(super) fn read_kept(text: &str) -> Result<Listed, String> {
    let table: toml::Table =
        text.parse().map_err(|_: toml::de::Error| "it is not TOML".to_owned())?;
    let read = |(host, value): (&String, &toml::Value)| {
        let kept = value.as_table().and_then(read_entry);
        let kept = kept.ok_or_else(|| format!("what it says of {host} can't be read"))?;
        Ok((host.clone(), kept))
    };
    table.iter().map(read).collect()
}

fn read_entry(entry: &toml::Table) -> Option<Kept> {
    let text = |name: &str| entry.get(name).map(|value| value.as_str().ok_or(())).transpose();
    let kind = text("kind").ok()??;
    let kind = Kind::ALL.into_iter().find(|known| known.name() == kind)?;
    let since = text("since").ok()??.parse().ok()?;
    let until = text("until").ok()?.map(str::parse).transpose().ok()?;
    let place = match text("secret").ok()? {
        Some(secret) => Place::File(SecretString::from(secret.to_owned())),
        None => Place::Keyring,
    };
    Some(Kept { kind, place, since, until })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(kind: Kind, secret: Option<&str>, until: Option<&str>) -> Kept {
        let place = secret.map_or(Place::Keyring, |it| Place::File(it.to_owned().into()));
        let since = "2026-11-30T00:00:00Z".parse().unwrap();
        Kept { kind, place, since, until: until.map(|it| it.parse().unwrap()) }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let secret = "a\"b\\c = [x]";
        let listed = Listed::from([
            ("zenodo.org".to_owned(), keep(Kind::Token, None, None)),
            ("127.0.0.1:5000".to_owned(), keep(Kind::Token, Some(secret), None)),
            ("a.org".to_owned(), keep(Kind::Cookies, None, Some("2026-12-05T00:00:00Z"))),
        ]);
        let text = write_kept(&listed);
        let read = read_kept(&text).unwrap();
        assert_eq!(write_kept(&read), text);
        assert_eq!(read.len(), 3);
        assert!(
            matches!(&read["127.0.0.1:5000"].place, Place::File(it) if it.expose_secret() == secret)
        );
        assert!(matches!(read["zenodo.org"].place, Place::Keyring));
        assert_eq!(read["a.org"].until, listed["a.org"].until);
        assert_eq!(read_kept("").unwrap().len(), 0);
    }

    #[test]
    fn a_faulty_file_is_named_without_its_values() {
        for text in [
            "a = 'sekrit'",
            "['a.org']\nkind = 'sekrit'\nsince = '2026-11-30T00:00:00Z'",
            "['a.org']\nkind = 'token'\nsince = 'sekrit'",
            "['a.org']\nkind = 'token'\nsince = '2026-11-30T00:00:00Z'\nsecret = ['sekrit']",
            "sekrit",
        ] {
            let fault = read_kept(text).unwrap_err();
            assert!(!fault.contains("sekrit"), "{fault}");
        }
    }
}
