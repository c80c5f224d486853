//! `server`, `[servers.NAME]` and `[record]`: where to publish, and how far.

use std::collections::BTreeMap;

use url::{Host, Url};

use crate::model::{ApiChoice, ConceptId, Doi, Finding, Recid, Server, ServerKind};
use crate::vocab;

use super::codes;
use super::reader::{Entry, Section};
use super::types::{Located, Manifest, NamedServer, Record};
use super::vocab_checks::{shorten_and_escape, validate_word};

/// The servers that need no `[servers.NAME]`.
pub(super) const BUILT_IN: [&str; 3] = ["local", "sandbox", "zenodo"];

impl Manifest {
    /// Returns the server that the manifest names, or `local`.
    ///
    /// # Errors
    /// A finding for a name that is neither built in nor under `[servers]`. A manifest from
    /// [`parse`](super::parse()) has no such name.
    pub fn server(&self) -> Result<Server, Finding> {
        match &self.server {
            None => self.server_named("local"),
            Some(name) => self
                .server_named(&name.value)
                .map_err(|finding| finding.at(name.span, "no such server")),
        }
    }

    /// Returns the server of a name, built in or under `[servers]`.
    ///
    /// # Errors
    /// A finding, without a place, for a name that is neither.
    pub fn server_named(&self, name: &str) -> Result<Server, Finding> {
        // Built-in servers go first: a manifest must not send a user's token to another address.
        if let Some(server) = Server::built_in(name) {
            return Ok(server);
        }
        let Some(named) = self.servers.get(name) else {
            let names: Vec<&str> = self.servers.keys().map(String::as_str).collect();
            return Err(describe_unknown_server(name, &names));
        };
        Ok(Server {
            name: name.to_owned(),
            kind: ServerKind::Other,
            url: named.url.value.clone(),
            doi_prefix: named.doi_prefix.as_ref().map(|prefix| prefix.value.clone()),
            mints_dois: named.dois,
        })
    }
}

/// Reads `[servers]`. Also returns all its names, also of faulty servers.
pub(super) fn read_servers(
    entry: &Entry<'_>,
    found: &mut Vec<Finding>,
) -> (BTreeMap<String, NamedServer>, Vec<String>) {
    let mut servers = BTreeMap::new();
    let mut names = Vec::new();
    let Some(section) = entry.section("a table: `[servers.NAME]`", found) else {
        return (servers, names);
    };
    for (name, entry) in section.entries(found) {
        let fault = find_name_fault(&name, &names);
        found.extend(fault.map(|finding| finding.at(entry.key_span, "this name")));
        // A faulty server keeps its name, so that its uses are not called unknown as well.
        names.push(name.clone());
        let Some(section) = entry.section("a table with a `url`", found) else { continue };
        if let Some(server) = read_named_server(section, found) {
            servers.insert(name, server);
        }
    }
    (servers, names)
}

/// Validates the name of a server, which is built in or defined.
pub(super) fn validate_server_name(
    text: Located<String>,
    defined: &[String],
    found: &mut Vec<Finding>,
) -> Option<Located<String>> {
    if BUILT_IN.contains(&text.value.as_str()) || defined.contains(&text.value) {
        return Some(text);
    }
    let defined: Vec<&str> = defined.iter().map(String::as_str).collect();
    found.push(describe_unknown_server(&text.value, &defined).at(text.span, "no such server"));
    None
}

/// Reads `[api]`: which API each server gets.
pub(super) fn read_api(
    entry: &Entry<'_>,
    defined: &[String],
    found: &mut Vec<Finding>,
) -> BTreeMap<String, ApiChoice> {
    let words = ApiChoice::ALL.map(ApiChoice::word);
    let section = entry.section("a table such as `[api]` with `zenodo = \"auto\"`", found);
    let mut choices = BTreeMap::new();
    for (name, entry) in section.map(|section| section.entries(found)).unwrap_or_default() {
        let located = Located { value: name.clone(), span: entry.key_span };
        let is_known = validate_server_name(located, defined, found).is_some();
        let word = entry.word(found);
        let word = word.and_then(|word| validate_word(&word, "API", &words, found));
        let choice =
            ApiChoice::ALL.into_iter().find(|choice| Some(choice.word()) == word.as_deref());
        if let Some(choice) = choice.filter(|_| is_known) {
            choices.insert(name, choice);
        }
    }
    choices
}

/// Reads `[record]`.
pub(super) fn read_record(
    mut section: Section<'_>,
    servers: &BTreeMap<String, NamedServer>,
    defined: &[String],
    found: &mut Vec<Finding>,
) -> Record {
    let publish = section.take("publish").and_then(|entry| entry.flag(found)).unwrap_or(true);
    let mut concept = BTreeMap::new();
    let table = section.take("concept").and_then(|entry| {
        entry.section(
            "a table such as `[record.concept]` with `zenodo = \"10.5281/zenodo.1\"`",
            found,
        )
    });
    let entries = table.map(|table| table.entries(found)).unwrap_or_default();
    for (name, entry) in entries {
        let located = Located { value: name.clone(), span: entry.key_span };
        let is_known = validate_server_name(located, defined, found).is_some();
        let prefix = find_prefix(&name, servers);
        // The id is read for an unknown server too, so that both faults are reported at once.
        if let Some(id) = read_concept_id(&entry, prefix.as_deref(), found).filter(|_| is_known) {
            concept.insert(name, id);
        }
    }
    section.finish(None, found);
    Record { publish, concept }
}

/// Returns the DOI prefixes of all servers that are built in or defined.
pub(super) fn list_own_prefixes(servers: &BTreeMap<String, NamedServer>) -> Vec<String> {
    let names = BUILT_IN.iter().copied().chain(servers.keys().map(String::as_str));
    names.filter_map(|name| find_prefix(name, servers)).collect()
}

fn find_prefix(name: &str, servers: &BTreeMap<String, NamedServer>) -> Option<String> {
    match Server::built_in(name) {
        Some(server) => server.doi_prefix,
        None => servers.get(name)?.doi_prefix.as_ref().map(|prefix| prefix.value.clone()),
    }
}

/// Reads a concept's id, its DOI or the DOI's address. The server must have minted the DOI.
fn read_concept_id(
    entry: &Entry<'_>,
    prefix: Option<&str>,
    found: &mut Vec<Finding>,
) -> Option<Located<ConceptId>> {
    let text = match entry.value.as_integer() {
        Some(number) => Located { value: number.to_string(), span: entry.span },
        None => entry.text(found)?,
    };
    let doi = Doi::parse(&text.value).ok();
    let is_id = Recid::parse(&text.value).is_some();
    // An address of a record also ends in an id, which may be that of a single version.
    let id = ConceptId::parse(&text.value).ok().filter(|_| is_id || doi.is_some());
    let Some(id) = id else {
        let summary = format!("`{}` can't be read as a concept", shorten_and_escape(&text.value));
        let finding = Finding::error(codes::CONCEPT, summary).at(text.span, "not a concept");
        found.push(
            finding.hint("write the concept DOI, such as `10.5281/zenodo.20479511`, or its number"),
        );
        return None;
    };
    // The same number is another record on another server.
    if let (Some(doi), Some(prefix)) = (doi, prefix)
        && doi.prefix() != prefix
    {
        let summary = format!("`{doi}` is not a concept of this server");
        found.push(
            Finding::error(codes::CONCEPT, summary)
                .at(text.span, format!("begins with `{}`", doi.prefix()))
                .because(format!("the server mints under `{prefix}`"))
                .hint("put it under the name of the server that minted it"),
        );
        return None;
    }
    Some(Located { value: id, span: text.span })
}

fn read_named_server(mut section: Section<'_>, found: &mut Vec<Finding>) -> Option<NamedServer> {
    let url = section.require_text("url", found);
    let url = url.and_then(|url| validate_server_url(&url, found));
    let doi_prefix = section.text("doi_prefix", found);
    let doi_prefix = doi_prefix.and_then(|prefix| validate_prefix(prefix, found));
    let dois = section.take("dois").and_then(|entry| entry.flag(found)).unwrap_or(true);
    if let (false, Some(prefix)) = (dois, &doi_prefix) {
        let summary = "a server without DOIs has no `doi_prefix`";
        found.push(Finding::error(codes::SERVER_NAME, summary).at(prefix.span, "of which DOIs"));
    }
    // Somebody who looks for the place of a token must learn that no key of a manifest is one.
    let token = ["token", "password", "access_token"].into_iter().find(|key| section.has(key));
    let why = token.map(|_| "a manifest is public: zrel never takes a credential from it");
    section.finish(why, found);
    Some(NamedServer { url: url?, doi_prefix, dois })
}

fn validate_prefix(prefix: Located<String>, found: &mut Vec<Finding>) -> Option<Located<String>> {
    let registrant = prefix.value.strip_prefix("10.").unwrap_or_default();
    let good = !registrant.is_empty()
        && registrant
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if good {
        return Some(prefix);
    }
    let summary = format!("`{}` is not a DOI prefix", shorten_and_escape(&prefix.value));
    let finding = Finding::error(codes::SERVER_NAME, summary).at(prefix.span, "not a prefix");
    found.push(finding.hint("write it as `10.12345`"));
    None
}

/// Validates a server's address: https, or http on loopback, with host, port and path only.
fn validate_server_url(
    text: &Located<String>,
    found: &mut Vec<Finding>,
) -> Option<Located<String>> {
    let fault = match Url::parse(&text.value) {
        Err(error) => Some(error.to_string()),
        // A parser passes over line breaks and tabs.
        Ok(_) if text.value.contains(char::is_control) => {
            Some("it holds a line break or another control character".to_owned())
        }
        Ok(url) => find_url_fault(&url).map(str::to_owned),
    };
    let Some(fault) = fault else {
        let value = text.value.trim_end_matches('/').to_owned();
        return Some(Located { value, span: text.span });
    };
    // A message must not repeat what may be a credential.
    let shown = if text.value.contains(['@', '?', '#']) {
        "the address".to_owned()
    } else {
        format!("`{}`", shorten_and_escape(&text.value))
    };
    let summary = format!("{shown} is not a server address: {fault}");
    let finding = Finding::error(codes::SERVER_URL, summary).at(text.span, "not used");
    found.push(finding.hint("write it as `https://repository.example.org`"));
    None
}

fn find_url_fault(url: &Url) -> Option<&'static str> {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Some("it has no host"),
    };
    // Its host is written into workflows and commands.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if url.domain().is_some_and(|name| !name.chars().all(is_plain)) {
        return Some("its host holds other characters than letters, digits, `.`, `-` and `_`");
    }
    // A manifest is public, and so is a password in it.
    if !url.username().is_empty() || url.password().is_some() {
        return Some("it holds a name or a password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Some("it holds a query or a fragment");
    }
    match url.scheme() {
        "https" => None,
        // On loopback nothing leaves the machine; this is where the local server and tests run.
        "http" if is_loopback => None,
        "http" => Some("http would send the token in the clear"),
        _ => Some("only https is supported"),
    }
}

/// Returns what is wrong with a server's name; `others` are the names above it. Names are compared
/// without case: readers and some file systems confuse names that differ only in case.
fn find_name_fault(name: &str, others: &[String]) -> Option<Finding> {
    if let Some(built_in) = BUILT_IN.iter().find(|known| known.eq_ignore_ascii_case(name)) {
        let summary = format!("server `{built_in}` is built in");
        let why = "a manifest must not send a user's token to another address";
        let finding = Finding::error(codes::BUILT_IN_SERVER, summary).because(why);
        return Some(finding.hint("give it another name"));
    }
    if let Some(other) = others.iter().find(|other| other.eq_ignore_ascii_case(name)) {
        let summary = format!(
            "servers `{}` and `{}` differ only in case",
            shorten_and_escape(other),
            shorten_and_escape(name)
        );
        let finding = Finding::error(codes::SERVER_NAME, summary);
        return Some(finding.hint("give one of them another name"));
    }
    let is_word =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if is_word && !name.is_empty() {
        return None;
    }
    let summary = format!("`{}` is not a server name", shorten_and_escape(name));
    let finding = Finding::error(codes::SERVER_NAME, summary);
    Some(finding.hint("use letters, digits, `-` and `_`"))
}

fn describe_unknown_server(name: &str, defined: &[&str]) -> Finding {
    let known: Vec<&str> = BUILT_IN.iter().copied().chain(defined.iter().copied()).collect();
    let finding = Finding::error(
        codes::UNKNOWN_SERVER,
        format!("unknown server `{}`", shorten_and_escape(name)),
    );
    match vocab::find_closest(name, known.iter().copied()) {
        Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
        None => finding
            .hint(format!("one of {}", known.join(", ")))
            .hint(format!("or define it: `[servers.{}]` with its `url`", shorten_and_escape(name))),
    }
}
