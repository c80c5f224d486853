//! The part of `[access]` that is no metadata: who has access to the record beside its owner.
//!
//! Deliberately absent: whether a user exists, which only the server knows.

use crate::model::{AccessRequests, Finding, Grantee, LinkTerms, Permission, Sharing, Span};

use super::codes;
use super::reader::{Entry, Section, read_number_text};
use super::types::{Located, ManifestSharing};
use super::vocab_checks::{self, shorten_and_escape};

/// How long the name of a secret link is at most, in characters.
const LONGEST_NAME: usize = 100;

/// For how many days the link of a guest works at most.
///
/// Source: invenio-rdm-records 34.0.1, services/schemas/parent/access.py, 2026-11-30.
const MOST_DAYS: u16 = 365;

/// Reads `[[access.grants]]`, `[[access.links]]` and `[access.requests]`.
pub(super) fn read_sharing(access: &mut Section<'_>, found: &mut Vec<Finding>) -> ManifestSharing {
    let mut sharing = Sharing::default();
    let mut grantees = Vec::new();
    if let Some(grants) = access.take("grants") {
        grantees = read_grants(&grants, &mut sharing, found);
    }
    if let Some(links) = access.take("links") {
        read_links(&links, &mut sharing, found);
    }
    if let Some(requests) = access.take("requests") {
        sharing.requests = read_requests(&requests, found);
    }
    ManifestSharing { sharing, grantees }
}

/// Reads `[[access.grants]]`; returns where each grantee is.
fn read_grants(
    entry: &Entry<'_>,
    sharing: &mut Sharing,
    found: &mut Vec<Finding>,
) -> Vec<Located<Grantee>> {
    let mut grantees = Vec::new();
    for mut section in entry.sections("{ user = \"1234\", permission = \"edit\" }", found) {
        let grantee = read_grantee(&mut section, found);
        let permission = section.require_text("permission", found);
        let words: Vec<_> = Permission::ALL.iter().map(|one| one.name()).collect();
        let permission = permission.and_then(|word| read_permission(&word, &words, found));
        section.finish(None, found);
        let (Some(grantee), Some(permission)) = (grantee, permission) else { continue };
        if sharing.grants.insert(grantee.value.clone(), permission).is_some() {
            found.push(report_twice(&grantee.value.to_string(), grantee.span));
        }
        grantees.push(grantee);
    }
    grantees
}

/// Reads `user` or `group`, of which there is one.
fn read_grantee(section: &mut Section<'_>, found: &mut Vec<Finding>) -> Option<Located<Grantee>> {
    let user = section.take("user");
    let group = section.take("group");
    match (user, group) {
        (Some(user), None) => read_user(&user, found),
        (None, Some(group)) => {
            let Located { value, span } = group.text(found)?;
            Some(Located { value: Grantee::Group(value), span })
        }
        (Some(_), Some(group)) => {
            found.push(
                Finding::error(codes::SHARING, "a grant is to a user or to a group, not to both")
                    .at(group.key_span, "and a user above")
                    .hint("write two entries"),
            );
            None
        }
        (None, None) => {
            found.push(section.missing("user"));
            None
        }
    }
}

/// Reads the number of an account, as a number or in quotes.
fn read_user(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<Located<Grantee>> {
    let text = match read_number_text(entry.value) {
        Some(number) => Located { value: number.to_owned(), span: entry.span },
        None => entry.text(found)?,
    };
    let Located { value, span } = text;
    let is_number = !value.is_empty()
        && value.len() <= 20
        && !value.starts_with('0')
        && value.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        return Some(Located { value: Grantee::User(value), span });
    }
    let summary = format!("`{}` is not the number of an account", shorten_and_escape(&value));
    found.push(
        Finding::error(codes::SHARING, summary)
            .at(span, "not a number")
            .because("the server knows users by number, not by name or e-mail address")
            .hint("to find it: `zrel access --find NAME`"),
    );
    None
}

fn read_permission(
    word: &Located<String>,
    words: &[&'static str],
    found: &mut Vec<Finding>,
) -> Option<Permission> {
    let word = vocab_checks::validate_word(word, "permission", words, found)?;
    Permission::from_name(&word)
}

/// Reads `[[access.links]]`.
fn read_links(entry: &Entry<'_>, sharing: &mut Sharing, found: &mut Vec<Finding>) {
    let wanted = "{ name = \"reviewers\", permission = \"preview\" }";
    for mut section in entry.sections(wanted, found) {
        let name = section.require_text("name", found);
        let name = name.and_then(|name| validate_name(name, found));
        let words: Vec<_> =
            Permission::ALL.iter().filter(|one| one.is_for_links()).map(|one| one.name()).collect();
        let permission = section.require_text("permission", found);
        let permission = permission.and_then(|word| read_permission(&word, &words, found));
        let until = section.take("until");
        let day = until.as_ref().and_then(|until| until.date_text(found));
        let day = day.and_then(|day| vocab_checks::validate_day(&day, found));
        let is_whole = until.is_some() == day.is_some();
        section.finish(None, found);
        let (Some(name), Some(permission), true) = (name, permission, is_whole) else { continue };
        let terms = LinkTerms { permission, until: day };
        if sharing.links.insert(name.value.clone(), terms).is_some() {
            found.push(report_twice(&format!("link `{}`", name.value), name.span));
        }
    }
}

/// Checks the name of a link. The server keeps it as the link's description, by which it is found
/// again.
fn validate_name(name: Located<String>, found: &mut Vec<Finding>) -> Option<Located<String>> {
    let is_short = name.value.chars().count() <= LONGEST_NAME;
    let is_plain = name.value.chars().all(|c| c.is_alphanumeric() || " ._-+()".contains(c));
    if is_short && is_plain {
        return Some(name);
    }
    let shown = shorten_and_escape(&name.value);
    found.push(
        Finding::error(codes::SHARING, format!("`{shown}` is not a name for a link"))
            .at(name.span, "not a name")
            .hint(format!("use up to {LONGEST_NAME} letters, digits, blanks and `._-+()`")),
    );
    None
}

/// Reads `[access.requests]`.
fn read_requests(entry: &Entry<'_>, found: &mut Vec<Finding>) -> AccessRequests {
    let Some(mut section) = entry.section("a table: `[access.requests]`", found) else {
        return AccessRequests::default();
    };
    let users = section.take("users").and_then(|entry| entry.flag(found));
    let guests = section.take("guests").and_then(|entry| entry.flag(found));
    let conditions = section.take("conditions").and_then(|entry| read_conditions(&entry, found));
    let link_days = section.take("link_days").and_then(|entry| read_days(&entry, found));
    section.finish(None, found);
    AccessRequests { users, guests, conditions, link_days }
}

/// Reads the conditions; an empty text removes them.
fn read_conditions(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<String> {
    if entry.value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Some(String::new());
    }
    let text = entry.text(found)?;
    if text.value.chars().count() < 3 {
        let finding = Finding::error(codes::TOO_SHORT, "`conditions` has under three characters");
        found.push(finding.at(text.span, "too short").hint("write a sentence, or nothing"));
    }
    Some(text.value)
}

fn read_days(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<u16> {
    let days = read_number_text(entry.value).and_then(|text| text.parse().ok());
    let days = days.filter(|days| *days <= MOST_DAYS);
    if days.is_none() {
        let summary = format!("`link_days` is not a whole number of days up to {MOST_DAYS}");
        found.push(
            Finding::error(codes::SHARING, summary)
                .at(entry.span, "not such a number")
                .hint(format!("write a number from 0, without an end, to {MOST_DAYS}")),
        );
    }
    days
}

fn report_twice(what: &str, span: Span) -> Finding {
    let what = shorten_and_escape(what);
    Finding::error(codes::REPETITION, format!("{what} is named twice"))
        .at(span, "named before")
        .hint("keep one of the entries")
}
