//! From text to manifest: the whole document, and the order of its parts.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;
use toml::de::DeTable;

use crate::model::{Field, Finding, MetadataOrigins, Severity, Span};

use super::channels;
use super::codes;
use super::communities;
use super::community_metadata::merge_community_metadata;
use super::files;
use super::metadata::{self, Context};
use super::reader::{Entry, MAX_FINDINGS, Section, make_span};
use super::servers;
use super::sharing;
use super::types::{Manifest, ManifestMetadata, NamedServer, Record, Workspace};
use super::workspace;
use super::write;

/// How many TOML syntax faults are reported: after a few, the rest follows from them.
const MAX_SYNTAX_FAULTS: usize = 20;

/// The result of parsing a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The manifest; `None` when a finding is an error.
    pub manifest: Option<Manifest>,
    /// All findings, sorted by place. A valid manifest may have warnings and notes.
    pub findings: Vec<Finding>,
}

/// The text of a workspace's root, and what it is called in messages.
#[derive(Debug, Clone, Copy)]
pub struct Root<'a> {
    /// Its text.
    pub text: &'a str,
    /// Its path, as a message names it.
    pub shown: &'a str,
}

/// Reads a manifest and finds all its faults at once.
///
/// `today` is the day in UTC, as the server counts; an embargo must end after it. Deep nesting is
/// a finding too (toml stops at 80 levels); the caller limits the size of the text. Of very many
/// findings only the most severe are reported.
pub fn parse(text: &str, today: Date) -> Parsed {
    parse_member(text, None, today)
}

/// Does the same for a member of a workspace, with what it inherits from the root. A fault in a
/// default is reported at the table that it would be in.
pub fn parse_member(text: &str, root: Option<Root<'_>>, today: Date) -> Parsed {
    let (document, faults) = DeTable::parse_recoverable(text);
    if !faults.is_empty() {
        return Parsed { manifest: None, findings: describe_syntax_faults(&faults) };
    }
    let mut document = document.into_inner();
    let mut findings = Vec::new();
    let start = Span { start: 0, end: 0 };
    // What it gives to its members must not make it look like a record that lacks the rest.
    if root.is_some() && is_only_root(&document) {
        let finding = report_no_metadata(&Section::new("", &document, start));
        return Parsed { manifest: None, findings: vec![finding] };
    }
    let mut inherits_communities = false;
    if let Some(Root { text, shown }) = root {
        let (root, faults) = DeTable::parse_recoverable(text);
        // A root that is not TOML is reported once, when the workspace is read.
        if faults.is_empty() {
            let names = workspace::inherit(&mut document, root.get_ref());
            inherits_communities = names.iter().any(|name| name == "communities");
            let header = document.get("metadata").map_or(0..0, toml::Spanned::span);
            findings.extend(workspace::note_inherited(&names, shown, make_span(&header)));
        }
    }
    let origins = merge_community_metadata(&mut document, today, &mut findings);
    let section = Section::new("", &document, start);
    let mut manifest = read_manifest(section, (today, origins), &mut findings);
    if inherits_communities {
        let communities = manifest.iter_mut().flat_map(|manifest| &mut manifest.communities);
        let profiles = communities.filter_map(|community| community.profile.as_mut());
        profiles.for_each(|profile| profile.in_root = true);
    }
    finish(manifest, findings)
}

/// Returns whether a document is the root of a workspace, and no record itself.
fn is_only_root(document: &DeTable<'_>) -> bool {
    document.contains_key("workspace")
        && !document.contains_key("metadata")
        && !document.contains_key("files")
}

/// The result of parsing a text that may be the root of a workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedRoot {
    /// The workspace; `None` when a finding is an error.
    pub workspace: Option<Workspace>,
    /// Whether it is a record as well.
    pub is_record: bool,
    /// Whether it has a workspace at all, perhaps a faulty one.
    pub is_root: bool,
    /// All findings, sorted by place.
    pub findings: Vec<Finding>,
}

/// Reads the workspace of a root, which need not be a record itself, and finds its faults.
pub fn parse_root(text: &str, today: Date) -> ParsedRoot {
    let (document, faults) = DeTable::parse_recoverable(text);
    if !faults.is_empty() {
        // What can't be parsed may be a root, whose members would lose what they inherit.
        let is_root = text.lines().any(|line| {
            let word = line.trim_start_matches(|it: char| it == '[' || it.is_whitespace());
            word.trim_start_matches(['"', '\'']).starts_with("workspace")
        });
        let findings = describe_syntax_faults(&faults);
        return ParsedRoot { workspace: None, is_record: false, is_root, findings };
    }
    let mut findings = Vec::new();
    let mut section = Section::new("", document.get_ref(), Span { start: 0, end: 0 });
    let is_record = section.has("metadata") || section.has("files");
    let is_root = section.has("workspace");
    let (servers, names) = read_servers(&mut section, &mut findings);
    let context = Context { today, own_prefixes: servers::list_own_prefixes(&servers) };
    let workspace = read_workspace(&mut section, &context, &names, &mut findings);
    // A record's own keys are checked when the record is read.
    if !is_record {
        section.finish(None, &mut findings);
    }
    sort_findings(&mut findings);
    let is_good = findings.iter().all(|finding| finding.severity < Severity::Error);
    ParsedRoot { workspace: workspace.filter(|_| is_good), is_record, is_root, findings }
}

fn describe_syntax_faults(faults: &[toml::de::Error]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = faults.iter().map(describe_syntax_fault).collect();
    sort_findings(&mut findings);
    // Each open bracket at the end of the text is a fault of its own, at the same place.
    findings.dedup();
    findings.truncate(MAX_SYNTAX_FAULTS);
    findings
}

fn finish(manifest: Option<Manifest>, mut findings: Vec<Finding>) -> Parsed {
    // An error must survive the cut: without one, a faulty manifest would count as valid.
    if findings.len() > MAX_FINDINGS {
        findings.sort_by_key(|finding| Reverse(finding.severity));
        findings.truncate(MAX_FINDINGS);
    }
    sort_findings(&mut findings);
    let is_good = findings.iter().all(|finding| finding.severity < Severity::Error);
    Parsed { manifest: manifest.filter(|_| is_good), findings }
}

fn read_servers(
    section: &mut Section<'_>,
    found: &mut Vec<Finding>,
) -> (BTreeMap<String, NamedServer>, Vec<String>) {
    let defined = section.take("servers");
    defined.map(|entry| servers::read_servers(&entry, found)).unwrap_or_default()
}

fn read_workspace(
    section: &mut Section<'_>,
    context: &Context,
    names: &[String],
    found: &mut Vec<Finding>,
) -> Option<Workspace> {
    let entry = section.take("workspace")?;
    let section = entry.section("a table: `[workspace]`", found)?;
    Some(workspace::read_workspace(section, context, names, found))
}

fn read_manifest(
    mut section: Section<'_>,
    (today, origins): (Date, MetadataOrigins),
    found: &mut Vec<Finding>,
) -> Option<Manifest> {
    // `[servers]` comes first: `server` and `[record.concept]` may name what it defines.
    let (servers, names) = read_servers(&mut section, found);
    let server = section.text("server", found);
    let server = server.and_then(|name| servers::validate_server_name(name, &names, found));
    let record =
        section.take("record").and_then(|entry| entry.section("a table: `[record]`", found));
    let record = match record {
        Some(record) => servers::read_record(record, &servers, &names, found),
        None => Record { publish: true, concept: BTreeMap::new() },
    };
    let api = section.take("api");
    let api = api.map(|entry| servers::read_api(&entry, &names, found)).unwrap_or_default();
    let context = Context { today, own_prefixes: servers::list_own_prefixes(&servers) };
    let workspace = read_workspace(&mut section, &context, &names, found);
    let access = section.take("access");
    let mut access = access.and_then(|entry| entry.section("a table: `[access]`", found));
    let sharing = access.as_mut().map(|access| sharing::read_sharing(access, found));
    let metadata = match section.take("metadata") {
        None => {
            found.push(report_no_metadata(&section));
            None
        }
        Some(entry) => entry
            .section("a table: `[metadata]`", found)
            .map(|metadata| metadata::read_metadata(metadata, access, &context, found)),
    };
    // Another server has custom fields of its own.
    if server.as_ref().is_some_and(|server| servers.contains_key(&server.value)) {
        found.retain(|one| one.code != codes::OTHER_FIELD);
    }
    let files = section.take("files");
    found.extend(check_no_files(&section, files.as_ref(), record.publish));
    let files = files.map(|entry| files::read_files(&entry, found)).unwrap_or_default();
    let writes = section.take("write");
    let writes = writes.map(|entry| write::read_writes(&entry, found)).unwrap_or_default();
    if let Some(metadata) = &metadata {
        write::check_texts(&writes, metadata, found);
        let own = server
            .as_ref()
            .and_then(|name| servers.get(&name.value).map(|server| (name.value.as_str(), server)));
        write::check_server(&writes, metadata, own, found);
    }
    let communities = section.take("communities");
    let communities =
        communities.map(|entry| communities::read_communities(&entry, found)).unwrap_or_default();
    let notify = channels::read_channels(section.take("notify"), found);
    // This comes before `finish`, which would only call such a key unknown.
    explain_strays(&mut section, found);
    section.finish(None, found);
    Some(Manifest {
        server,
        record,
        metadata: ManifestMetadata { origins, ..metadata? },
        files,
        writes,
        communities,
        sharing: sharing.unwrap_or_default(),
        notify,
        workspace,
        api,
        servers,
    })
}

fn report_no_metadata(section: &Section<'_>) -> Finding {
    let finding = Finding::error(codes::MISSING, "`[metadata]` is missing")
        .at(section.span, "has no `[metadata]`");
    if section.has("workspace") {
        return finding
            .because("this manifest is the root of a workspace, and no record itself")
            .hint("name the folder of a member with -C DIR");
    }
    finding.hint("write `[metadata]`, and below it `title = \"…\"`")
}

/// Reports that there is nothing to publish.
///
/// Source: contract/scenarios/publish-incomplete.json, 2026-11-23 (`files.enabled`).
fn check_no_files(
    section: &Section<'_>,
    files: Option<&Entry<'_>>,
    publish: bool,
) -> Option<Finding> {
    let is_empty =
        files.is_none_or(|entry| entry.value.as_array().is_some_and(|entries| entries.is_empty()));
    if !is_empty {
        return None;
    }
    let span = files.map_or(section.span, |entry| entry.span);
    let summary = "the manifest names no file";
    // A draft may stay without files; only publishing refuses it.
    let finding = if publish {
        Finding::error(codes::MISSING, summary).because("Zenodo publishes no record without a file")
    } else {
        Finding::warning(codes::MISSING, summary)
            .because("a draft without a file can't be published")
    };
    Some(
        finding
            .at(span, "has no `[[files]]`")
            .hint("write `[[files]]`, and below it `path = \"paper.pdf\"`"),
    )
}

/// Reports each metadata field that is outside `[metadata]`.
fn explain_strays(section: &mut Section<'_>, found: &mut Vec<Finding>) {
    for field in Field::ALL.iter().filter(|field| section.has(field.name())).collect::<Vec<_>>() {
        if let Some(entry) = section.take(field.name()) {
            let summary = format!("`{field}` is outside `[metadata]`");
            let finding = Finding::error(codes::UNKNOWN_KEY, summary);
            found.push(
                finding.at(entry.key_span, "a metadata field").hint("move it below `[metadata]`"),
            );
        }
    }
}

fn describe_syntax_fault(fault: &toml::de::Error) -> Finding {
    let message = fault.message().lines().next().unwrap_or_default();
    let finding = Finding::error(codes::SYNTAX, format!("this is not TOML: {message}"));
    match fault.span() {
        Some(range) => finding.at(make_span(&range), ""),
        None => finding,
    }
}

/// Sorts by place, errors first at the same place; findings without a place come first.
fn sort_findings(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| {
        let place = finding.label.as_ref().map(|label| (label.span.start, label.span.end));
        (place, Reverse(finding.severity), finding.code)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_very_many_entries_is_one_finding() {
        let today = jiff::civil::date(2026, 11, 28);
        let codes = |text: &str| -> Vec<&str> {
            parse(text, today).findings.iter().map(|finding| finding.code).collect()
        };
        let with = |keywords: &str| {
            format!(
                "[metadata]\ntitle = \"A title\"\nupload_type = \"dataset\"\nlicense = \"CC-BY-4.0\"\n\
                 description = \"<p>Notes.</p>\"\ncreators = [{{ name = \"Weiss, Tobias\" }}]\n\
                 keywords = [{keywords}]\n[[files]]\npath = \"a.csv\"\n"
            )
        };
        let many = |n: usize| (0..n).map(|n| format!("\"a{n}\",")).collect::<Vec<_>>().concat();
        assert_eq!(codes(&with(&many(20_000))), [""; 0]);
        assert_eq!(codes(&with(&many(20_001))), ["ZR0161"]);
        assert_eq!(codes(&with(&"\"same\",".repeat(3))), ["ZR0123"; 2]);
        let finding = &parse(&with(&many(100_000)), today).findings[0];
        assert_eq!(finding.summary, "`metadata.keywords` has 100000 entries");
        assert!(finding.label.is_some());
        let servers = (0..1001)
            .map(|n| format!("[servers.s{n}]\nurl = \"https://a.org\"\n"))
            .collect::<Vec<_>>()
            .concat();
        assert_eq!(codes(&(with("") + &servers)), ["ZR0161"]);
    }
}
