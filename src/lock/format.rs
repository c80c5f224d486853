//! The lock as text: TOML, one fact a line, sorted, each with its checksum. `parse` reads it.
//!
//! Format 2 has a section for each manifest and server, `[manifest."zenodo.toml".zenodo]`, and a
//! checksum after each fact. Format 1 had one for each server and no checksums; it is still read,
//! as that of the usual manifest. `format` is the first key of either, so that a zrel which knows
//! only format 1 reads it before anything that it would not understand.

use std::fmt::Write;

use sha2::{Digest, Sha256 as Hasher};
use toml::de::DeTable;

use crate::model::{AppliedFile, Community, OpenDraft, Recid, Reservation, Sha256};
use crate::toml_text::{escape_controls, quote_key};

use super::read_entry::read_entry;
use super::types::{Entry, FORMAT, Facts, Key};

/// The format without manifests and checksums.
pub(super) const FORMAT_1: &str = "1";

pub(super) const HEAD: &str =
    "# zenodo.lock: which records this project stands for. Written by zrel; commit all of it.";

/// The second line, for a person who is about to edit it.
pub(super) const HEAD_2: &str =
    "# Each fact ends with its checksum: change one with `zrel lock`, not by hand.";

/// The last line of every lock that begins with [`HEAD`].
pub(super) const END: &str = "# The end: a lock without this line was cut short.";

/// The separator between a fact and its checksum.
pub(super) const SUM: &str = " # ";

/// Writes the lock as text.
pub(super) fn print_lock(facts: &Facts) -> String {
    wrap_sections(facts.iter().map(|(key, entry)| print_section(key, entry)))
}

/// Puts sections between the first lines and the last.
pub(super) fn wrap_sections(sections: impl Iterator<Item = String>) -> String {
    let mut text = format!("{HEAD}\n{HEAD_2}\nformat = {FORMAT}\n");
    for section in sections {
        let _ = write!(text, "\n{section}");
    }
    let _ = write!(text, "\n{END}\n");
    text
}

/// Writes the section of one manifest and server.
pub(super) fn print_section(key: &Key, entry: &Entry) -> String {
    let (manifest, server) = (quote_key(&key.manifest), quote_key(&key.server));
    let mut text = format!("[manifest.{manifest}.{server}]\n");
    for (name, value) in list_facts(entry) {
        let fact = format!("{name} = {value}");
        let _ = writeln!(text, "{fact}{SUM}{}", compute_fact_checksum(key, entry, &fact));
    }
    text
}

/// Returns the first eight hexadecimal digits of the SHA-256 of a fact and of what it is about:
/// manifest, server, the server's address and the concept. A line that was copied from another
/// entry, or from one of another record, does not match.
pub(super) fn compute_fact_checksum(key: &Key, entry: &Entry, fact: &str) -> String {
    let mut about = format!("{} {}", escape_controls(&key.manifest), escape_controls(&key.server));
    // Concept and address are summed without each other, so that a wrong concept is reported on its
    // own line and not on the first of all others.
    if !fact.starts_with("concept =") && !fact.starts_with("url =") {
        let concept = entry.concept.map(|concept| concept.to_string()).unwrap_or_default();
        let url = escape_controls(entry.url.as_deref().unwrap_or_default());
        let _ = write!(about, " {concept} {url}");
    }
    let digest = Sha256(Hasher::digest(format!("{about} {fact}")).into());
    digest.to_string().chars().take(8).collect()
}

/// Returns the facts of an entry, sorted: what is before `=`, and what is after it.
fn list_facts(entry: &Entry) -> Vec<(String, String)> {
    let Entry { url, concept, record } = entry;
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    for (Community(slug), version) in &record.asked {
        let version = version.map_or_else(|| "true".to_owned(), |id| print_id(id.0));
        fact(&format!("asked.{}", escape_controls(slug)), version);
    }
    if let Some(concept) = concept {
        fact("concept", print_id(concept.0));
    }
    match record.draft {
        Some(OpenDraft::Version(id)) => fact("draft", print_id(id.0)),
        Some(OpenDraft::Edit(id)) => fact("edit", print_id(id.0)),
        None => {}
    }
    for (key, file) in &record.files {
        fact(
            &format!("files.{}", escape_controls(key.as_str())),
            escape_controls(&print_applied_file(file)),
        );
    }
    for (grantee, permission) in &record.granted {
        let name = format!("granted.{}", escape_controls(&grantee.to_string()));
        fact(&name, escape_controls(permission.name()));
    }
    if let Some(last) = record.last {
        fact("last", print_id(last.0));
    }
    for (key, doi) in &record.links {
        fact(&format!("links.{}", escape_controls(key)), escape_controls(doi.as_str()));
    }
    if let Some(Reservation { date, label }) = &record.reserved {
        fact("reserved.date", escape_controls(date));
        if let Some(label) = label {
            fact("reserved.version", escape_controls(label));
        }
    }
    for (field, rewrite) in &record.rewrites {
        let value = format!("sha256:{} -> sha256:{}", rewrite.sent, rewrite.returned);
        fact(&format!("rewrites.{field}"), escape_controls(&value));
    }
    for (name, terms) in &record.shared_links {
        let name = format!("shared_links.{}", escape_controls(name));
        fact(&name, escape_controls(&terms.to_string()));
    }
    if let Some(url) = url {
        fact("url", escape_controls(url));
    }
    for (id, label) in &record.versions {
        fact(&format!("versions.{id}"), escape_controls(label));
    }
    facts
}

/// Reads which concept or address a single line names. None for any other line, and for one whose
/// checksum does not match.
pub(super) fn read_head(key: &Key, line: &str) -> Option<Entry> {
    let (fact, sum) = line.rsplit_once(SUM)?;
    let is_head = fact.starts_with("concept =") || fact.starts_with("url =");
    if !is_head || sum != compute_fact_checksum(key, &Entry::default(), fact) {
        return None;
    }
    let (entry, _) = read_entry(DeTable::parse(fact).ok()?.get_ref()).ok()?;
    Some(entry)
}

fn print_id(id: Recid) -> String {
    match id {
        Recid::Number(number) => number.to_string(),
        Recid::Text(text) => escape_controls(&text),
    }
}

fn print_applied_file(file: &AppliedFile) -> String {
    match file.content {
        Some(content) => format!("md5:{} content:{content}", file.md5),
        None => format!("md5:{}", file.md5),
    }
}
