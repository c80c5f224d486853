//! What a look at a published version found, for a terminal: what is the same in one line, each
//! difference in a line of its own.

use std::fmt::Write;

use crate::compare::{Agreement, Fact, Part, Pointing, ResolverAnswer, Verified};
use crate::model::{Doi, RemoteFile};
use crate::render::detail::Detail;
use crate::render::escape::{escape_text, quote_name};
use crate::render::size::{count, format_size};
use crate::render::style::{DIM, HEADING, choose_symbol_style, paint};
use crate::render::values::render_change;

/// Returns what was found of one version.
pub fn render_verified(verified: &Verified, detail: Detail) -> String {
    let mut out = format!("{}\n", paint(HEADING, name_version(verified)));
    let mut is_headed = false;
    for fact in &verified.facts {
        if let Fact::Field(change) = fact {
            if !is_headed {
                let head = "metadata, on the server -> in the manifest:";
                let _ = writeln!(out, "  {}", paint(DIM, head));
                is_headed = true;
            }
            out.push_str(&render_change(change, None, detail));
            continue;
        }
        let symbol = choose_symbol(fact);
        let _ = writeln!(
            out,
            "  {} {}",
            paint(choose_symbol_style(symbol), symbol),
            describe_fact(fact)
        );
    }
    out
}

/// Returns the last line: how many differences there are in all versions, and what was not checked.
pub fn summarize_verified(all: &[Verified]) -> String {
    let n_differences: usize = all.iter().map(Verified::n_differences).sum();
    let facts = all.iter().flat_map(|verified| &verified.facts);
    let n_unchecked = facts.filter(|fact| fact.agreement() == Agreement::Unchecked).count();
    let unchecked = match n_unchecked {
        0 => String::new(),
        n => format!("; {} not checked", count(n, "part")),
    };
    match n_differences {
        0 if n_unchecked > 0 => format!("Nothing that was checked differs{unchecked}.\n"),
        0 => "Nothing differs.\n".to_owned(),
        n => format!("{}{unchecked}.\n", count(n, "difference")),
    }
}

/// Returns facts in one line.
pub fn describe_facts<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> String {
    facts.into_iter().map(describe_fact).collect::<Vec<_>>().join("; ")
}

/// Returns a version by its DOI, its label and its number.
pub fn name_version(verified: &Verified) -> String {
    let Verified { id, doi, label, .. } = verified;
    let label = label.as_ref().map(|label| format!(", version {}", escape_text(label)));
    let label = label.unwrap_or_default();
    match doi {
        Some(doi) => format!("{}{label} (record {id})", escape_text(doi.as_str())),
        None => format!("record {id}{label}"),
    }
}

fn choose_symbol(fact: &Fact) -> char {
    match fact {
        Fact::Gone { .. } | Fact::ConceptGone { .. } | Fact::NoAnswer(_) => '!',
        Fact::Missing { .. } => '-',
        Fact::Added(_) => '+',
        Fact::Changed { .. }
        | Fact::Field(_)
        | Fact::OtherBytes { .. }
        | Fact::OtherSha256 { .. }
        | Fact::NoBytes { .. } => '~',
        Fact::SameFiles(_)
        | Fact::Announced(..)
        | Fact::SameFields(_)
        | Fact::SameBytes { .. }
        | Fact::Resolved(_)
        | Fact::Concept(_) => match fact.agreement() {
            Agreement::Differs => '~',
            Agreement::Same | Agreement::Unchecked => '=',
        },
        Fact::Unchecked { .. } => '?',
    }
}

/// Returns one line about what was found.
fn describe_fact(fact: &Fact) -> String {
    match fact {
        Fact::SameFiles(n) => format!("{} as the lock says, by MD5", count(*n, "file")),
        Fact::Announced(n, bytes) => {
            let (files, size) = (count(*n, "file"), format_size(*bytes));
            format!("{files}, {size}; nothing here knows their checksums")
        }
        Fact::Changed { key, applied, found, size } => {
            let (key, size) = (quote_name(key.as_str()), format_size(*size));
            format!("{key}: {size}, MD5 {found}; the lock says {applied}")
        }
        Fact::Missing { key, applied } => {
            format!("{}: not there; the lock has it with MD5 {applied}", quote_name(key.as_str()))
        }
        Fact::Added(file) => describe_added(file),
        Fact::SameFields(n) => format!("{} as the manifest says", count(*n, "metadata field")),
        Fact::Field(change) => format!("`{}` is not what the manifest says", change.field.name()),
        Fact::SameBytes { n_files, bytes, n_known } => {
            describe_same_bytes(*n_files, *bytes, *n_known)
        }
        Fact::OtherSha256 { key, released, found } => {
            let key = quote_name(key.as_str());
            format!("{key}: what comes has SHA-256 {found}; the receipt says {released}")
        }
        Fact::OtherBytes { key, announced, found: Some(found) } => {
            format!("{}: what comes has MD5 {found}, not {announced}", quote_name(key.as_str()))
        }
        Fact::OtherBytes { key, announced: _, found: None } => {
            format!("{}: more bytes come than the server announces", quote_name(key.as_str()))
        }
        Fact::NoBytes { key, message } => {
            let (key, message) = (quote_name(key.as_str()), escape_text(message));
            format!("{key}: the server has no bytes of it: {message}")
        }
        Fact::Gone { status, message } => describe_gone("the record", *status, message),
        Fact::ConceptGone { concept, status, message } => {
            describe_gone(&format!("concept {concept}"), *status, message)
        }
        Fact::Concept(pointing) => describe_pointing(pointing),
        Fact::Resolved(answer) => describe_resolver_answer(answer),
        Fact::NoAnswer(message) => format!("no answer: {}", escape_text(message)),
        Fact::Unchecked { what, why } => {
            format!("{}: not checked, {}", name_part(what), escape_text(why))
        }
    }
}

fn describe_added(file: &RemoteFile) -> String {
    let md5 = file.md5.map_or_else(|| "no MD5".to_owned(), |md5| format!("MD5 {md5}"));
    let (key, size) = (quote_name(file.key.as_str()), format_size(file.size));
    format!("{key}: {size}, {md5}; the lock does not have it")
}

fn describe_same_bytes(n_files: usize, bytes: u64, n_known: usize) -> String {
    let (files, bytes) = (count(n_files, "file"), format_size(bytes));
    let known = match n_known {
        0 => String::new(),
        n => format!("; {} as the receipt says, by SHA-256", count(n, "file")),
    };
    format!("{files} downloaded, {bytes}: each has the MD5 that the server announces{known}")
}

fn describe_resolver_answer(answer: &ResolverAnswer) -> String {
    let ResolverAnswer { doi, resolver, status, location, leads_here } = answer;
    let resolver = escape_text(resolver);
    match location {
        Some(page) if *leads_here => format!("{resolver}/{doi} leads to {}", escape_text(page)),
        Some(page) => format!("{resolver}/{doi} leads elsewhere: {}", escape_text(page)),
        None => format!("{resolver} answers {status} for {doi}"),
    }
}

fn describe_gone(what: &str, status: u16, message: &str) -> String {
    let message = escape_text(message);
    if status == 410 {
        return format!("{what} was deleted (410): {message}");
    }
    format!("the server does not have {what} ({status}): {message}")
}

fn describe_pointing(pointing: &Pointing) -> String {
    let Pointing { concept, latest, doi, label, index: _, wanted, is_known } = pointing;
    let name = doi.as_ref().map_or_else(|| format!("record {latest}"), Doi::to_string);
    let label = label.as_ref().map(|label| format!(", version {}", escape_text(label)));
    let name = format!("{}{}", escape_text(&name), label.unwrap_or_default());
    match wanted {
        Some(wanted) if wanted != latest && *is_known => {
            format!("concept {concept} points to {name}, not to record {wanted}")
        }
        Some(wanted) if wanted != latest => {
            format!("concept {concept} points to {name}, which the lock does not have")
        }
        Some(_) | None => format!("concept {concept} points to {name}"),
    }
}

fn name_part(part: &Part) -> String {
    match part {
        Part::Record => "the record".to_owned(),
        Part::Files => "files".to_owned(),
        Part::File(key) => quote_name(key.as_str()),
        Part::Metadata => "metadata".to_owned(),
        Part::Concept => "the concept".to_owned(),
    }
}
