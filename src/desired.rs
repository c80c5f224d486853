//! The desired state: manifest and inventory combined, with defaults filled in.
//!
//! Deliberately absent: reading anything. The caller has read texts, git and files; the date of
//! `today` is decided when a version is created.

mod depth;
mod hidden_content;
mod keep;
mod texts;

use std::collections::BTreeMap;

pub use keep::Keep;
pub use texts::warn_about_texts;

use crate::compare::{self, Tangle};
use crate::manifest::{
    self, DateSource, Located, Manifest, TextFormat, TextSource, VersionSource, codes,
};
use crate::model::{
    Community, ConceptId, Field, Finding, GitFacts, LocalFile, Metadata, Server, Span, Value,
    find_link,
};
use crate::vocab;
use crate::write_back::WrittenFile;

/// The state that the manifest and the files ask for, on one server.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Which server.
    pub server: Server,
    /// Whether to publish; otherwise zrel stops at a draft that is ready.
    pub publish: bool,
    /// The concept that `[record.concept]` names for this server.
    pub concept: Option<ConceptId>,
    /// The metadata, texts read from their files and Markdown turned into HTML. Without
    /// `publication_date` where [`date`](Self::date) is `Today`, and without `version` where
    /// [`version`](Self::version) is not a label.
    pub metadata: Metadata,
    /// The publication date.
    pub date: DesiredDate,
    /// The version label.
    pub version: DesiredVersion,
    /// The files that come from the disk, sorted by key.
    pub files: Vec<LocalFile>,
    /// The members of the workspace that the record links to, with the DOI of each; none while it is
    /// not known. In the metadata the link has the DOI, or its own name.
    pub links: Links,
    /// The files of `[[write]]`, in the order of the manifest.
    pub writes: Vec<WrittenFile>,
    /// Which files of the latest published version stay, in the order of the manifest.
    pub keep: Vec<Keep>,
    /// The communities to ask, sorted.
    pub communities: Vec<Community>,
}

/// Members of the workspace by key, with the DOI of each; none while it is not known.
pub type Links = BTreeMap<String, Option<String>>;

/// The desired publication date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesiredDate {
    /// As the manifest says; also in the metadata.
    Fixed(String),
    /// `today`: decided when a version is created; any date of a published version satisfies it.
    Today,
    /// The manifest does not say, which means the same as `today`.
    Unsaid,
}

/// The desired version label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesiredVersion {
    /// None is set.
    None,
    /// This one, as the manifest says it; also in the metadata.
    Label(String),
    /// This one, from a git tag of the commit; also in the metadata.
    Tag(String),
    /// From a git tag, and the commit has none yet: known at the tag.
    KnownAtTag,
}

/// What was read for the manifest from elsewhere.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inputs {
    /// The content of each of [`Manifest::text_files`], unchanged.
    pub texts: BTreeMap<Field, String>,
    /// The version in [`Manifest::version_file`], or why there is none.
    pub version: Option<Result<String, String>>,
    /// The DOIs of the members that the record links to, as far as they are known.
    pub links: Links,
    /// The files of `[[write]]`.
    pub writes: Vec<WrittenFile>,
    /// What git says of the manifest's folder; `None` outside a repository.
    pub git: Option<GitFacts>,
    /// The files, hashed; in any order.
    pub files: Vec<LocalFile>,
}

/// Combines the manifest with what was read, for one server.
///
/// Fills in what the server would fill in automatically, so that a plan shows it: `access_right`
/// and `license`. Leaves out what the server drops: `access_conditions`, repetitions.
///
/// # Errors
/// All findings at once: a text that is missing or too short, a version label that git can't give.
pub fn build_desired(
    manifest: &Manifest,
    server: Server,
    inputs: Inputs,
) -> Result<Desired, Vec<Finding>> {
    let mut found = Vec::new();
    let mut metadata = manifest.metadata.values.clone();
    fill_defaults(manifest, &mut metadata);
    resolve_links(&mut metadata, &inputs.links);
    for (field, text) in &manifest.metadata.texts {
        // The deposit API drops this field, so it would differ from the server's state forever.
        if *field == Field::AccessConditions {
            continue;
        }
        if let Some(html) = convert_text_to_html(*field, text, &inputs.texts, &mut found) {
            metadata.set_text(*field, html);
        }
    }
    let version = choose_version(manifest, &inputs, &mut found);
    if let DesiredVersion::Label(label) | DesiredVersion::Tag(label) = &version {
        metadata.set_text(Field::Version, label);
    }
    let date = match manifest.metadata.publication_date.as_ref().map(|date| &date.value) {
        None => DesiredDate::Unsaid,
        Some(DateSource::Today) => DesiredDate::Today,
        Some(DateSource::Fixed(date)) => {
            metadata.set_text(Field::PublicationDate, date);
            DesiredDate::Fixed(date.clone())
        }
    };
    // All faults are collected first, so that one run reports them all.
    if !found.is_empty() {
        found.sort_by_key(|finding| finding.label.as_ref().map(|label| label.span));
        return Err(found);
    }
    let mut files = inputs.files;
    files.sort_by(|one, other| one.key.cmp(&other.key));
    let mut communities: Vec<Community> =
        manifest.communities.iter().map(|community| community.value.clone()).collect();
    communities.sort();
    communities.dedup();
    let concept = manifest.record.concept.get(&server.name).map(|concept| concept.value);
    let publish = manifest.record.publish;
    let keep = keep::list_keep_entries(manifest);
    Ok(Desired {
        server,
        publish,
        concept,
        metadata,
        date,
        version,
        files,
        links: inputs.links,
        writes: inputs.writes,
        keep,
        communities,
    })
}

/// Converts Markdown to HTML, with tables and strikethrough; HTML within it stays. Returns an empty
/// text for Markdown that is nested too deep.
pub fn convert_markdown_to_html(markdown: &str) -> String {
    use pulldown_cmark::{Parser, html};
    // The parser's time grows with the square of the depth.
    if depth::find_deep_markdown(markdown).is_some() {
        return String::new();
    }
    let mut text = String::new();
    html::push_html(&mut text, Parser::new_ext(markdown, make_markdown_options()));
    text.trim().to_owned()
}

fn make_markdown_options() -> pulldown_cmark::Options {
    use pulldown_cmark::Options;
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

/// Gives each link to a member that member's DOI, as far as it is known.
fn resolve_links(metadata: &mut Metadata, links: &Links) {
    let Some(Value::Related(items)) = metadata.get(Field::RelatedIdentifiers) else { return };
    let mut items = items.clone();
    for item in &mut items {
        let doi = find_link(&item.identifier).and_then(|key| links.get(key)?.clone());
        if let Some(doi) = doi {
            item.identifier = doi;
        }
    }
    metadata.set(Field::RelatedIdentifiers, Value::Related(items));
}

fn fill_defaults(manifest: &Manifest, metadata: &mut Metadata) {
    if let Some(license) = manifest::find_default_license(&manifest.metadata) {
        metadata.set_text(Field::License, license);
    }
    match metadata.text(Field::AccessRight) {
        None => metadata.set_text(Field::AccessRight, "open"),
        // The server returns `closed` as `restricted`.
        // Source: contract/scenarios/access.json, 2026-11-23.
        Some("closed") => metadata.set_text(Field::AccessRight, "restricted"),
        Some(_) => (),
    }
}

/// Returns a text as HTML.
fn convert_text_to_html(
    field: Field,
    text: &Located<TextSource>,
    texts: &BTreeMap<Field, String>,
    found: &mut Vec<Finding>,
) -> Option<String> {
    let path = match &text.value {
        TextSource::Inline(inline) => {
            let html = vocab::prepare_to_send(inline);
            let tangle = compare::find_tangle(&html);
            let place = |line: usize| format!("line {line} of the text");
            let finding =
                |(tangle, line)| depth::report_too_deep(field, tangle, text.span, &place(line));
            found.extend(tangle.map(finding));
            return tangle.is_none().then_some(html);
        }
        TextSource::File(path) => path,
    };
    let Some(content) = texts.get(&field) else {
        let summary = format!("`{}` was not read", path.value);
        found.push(Finding::error(codes::UNREAD_TEXT, summary).at(path.span, "not read"));
        return None;
    };
    // A byte order mark and blank lines are not a part of the text, but they count as lines.
    let blank = |c: char| c == '\u{feff}' || c.is_whitespace();
    let skipped = content.len() - content.trim_start_matches(blank).len();
    let (before, content) = (&content[..skipped], vocab::prepare_to_send(&content[skipped..]));
    let skipped = before.matches('\n').count();
    let at = |line: usize| format!("line {} of `{}`", skipped + line, path.value);
    let short = manifest::check_min_length(field, &content, path.span);
    found.extend(short.map(|it| it.hint(format!("write something into `{}`", path.value))));
    let html = match TextFormat::of(&path.value) {
        Some(TextFormat::Markdown) => {
            // Checked before the Markdown is parsed, which would take too long.
            if let Some((line, column)) = depth::find_deep_markdown(&content) {
                let place = format!("{}, column {column}", at(line));
                found.push(depth::report_too_deep(field, Tangle::Deep, path.span, &place));
                return None;
            }
            vocab::prepare_to_send(&convert_markdown_to_html(&content))
        }
        Some(TextFormat::Html) | None => content,
    };
    // Markdown can hold any HTML, so its result is checked like an HTML file.
    let Some((tangle, line)) = compare::find_tangle(&html) else { return Some(html) };
    let place = match TextFormat::of(&path.value) {
        Some(TextFormat::Markdown) => format!("line {line} of the HTML of `{}`", path.value),
        Some(TextFormat::Html) | None => at(line),
    };
    found.push(depth::report_too_deep(field, tangle, path.span, &place));
    None
}

fn choose_version(
    manifest: &Manifest,
    inputs: &Inputs,
    found: &mut Vec<Finding>,
) -> DesiredVersion {
    let Some(version) = &manifest.metadata.version else { return DesiredVersion::None };
    let strip = match &version.value {
        VersionSource::Label(label) => return DesiredVersion::Label(label.clone()),
        VersionSource::GitTag { strip } => strip,
        VersionSource::File { path, .. } => {
            let read = inputs.version.as_ref();
            return choose_version_of_file(read, path, found);
        }
    };
    let Some(git) = &inputs.git else {
        found.push(
            Finding::error(codes::NO_GIT, "the version can't come from a git tag")
                .at(version.span, "from a tag")
                .because("the manifest's folder is not in a git repository")
                .hint("write the version itself, such as `version = \"1.2.0\"`"),
        );
        return DesiredVersion::None;
    };
    let labels = list_version_labels(strip, git);
    if labels.len() > 1 {
        found.push(report_several_tags(&labels, version.span));
    }
    // A commit without a tag is the usual state between releases, and not an error.
    let Some(label) = labels.first() else { return DesiredVersion::KnownAtTag };
    // Without a label nothing names the commit, so only a tagged one must be clean.
    if git.dirty {
        found.push(
            Finding::error(codes::DIRTY, "files differ from the tagged commit")
                .at(version.span, format!("the tag says `{label}`"))
                .because("what would be published under this label is not what the tag names")
                .hint("commit the changes and tag that commit, or undo them (`git status` shows them)"),
        );
    }
    DesiredVersion::Tag((*label).to_owned())
}

/// Reports files that differ from the commit, where a label that was reserved is to name it.
pub fn report_edited_files(manifest: &Manifest, label: &str) -> Finding {
    let finding = Finding::error(codes::DIRTY, "files differ from the commit")
        .because(format!("the tag for the reserved label `{label}` would not name them"))
        .hint("commit the changes, or undo them (`git status` shows them)");
    match &manifest.metadata.version {
        Some(version) => finding.at(version.span, "from a tag"),
        None => finding,
    }
}

/// Returns the version that a file has; a file that was not read has a finding already.
fn choose_version_of_file(
    read: Option<&Result<String, String>>,
    path: &Located<String>,
    found: &mut Vec<Finding>,
) -> DesiredVersion {
    match read {
        Some(Ok(label)) => return DesiredVersion::Label(label.clone()),
        Some(Err(why)) => found.push(
            Finding::error(codes::VERSION_FILE, format!("`{}` gives no version", path.value))
                .at(path.span, "from this file")
                .because(why.clone())
                .hint("write the version there, or write it here, such as `version = \"1.2.0\"`"),
        ),
        None => {}
    }
    DesiredVersion::None
}

/// Returns the labels of the commit's tags that name a version: `strip`, then a digit. If the
/// manifest strips nothing and no tag is a bare version, a leading `v` is stripped automatically.
fn list_version_labels<'g>(strip: &str, git: &'g GitFacts) -> Vec<&'g str> {
    let behind = |lead: &str| -> Vec<&'g str> {
        let stripped = git.tags.iter().filter_map(|tag| tag.strip_prefix(lead));
        stripped.filter(|label| label.starts_with(|c: char| c.is_ascii_digit())).collect()
    };
    let labels = behind(strip);
    if labels.is_empty() && strip.is_empty() { behind("v") } else { labels }
}

/// Warns of the tags of a commit whose label is still unknown: none of them names a version as the
/// manifest reads them. Returns `None` if there is no such tag.
pub fn find_unread_tags(manifest: &Manifest, git: Option<&GitFacts>) -> Option<Finding> {
    const NAMED: usize = 5;
    let version = manifest.metadata.version.as_ref()?;
    let VersionSource::GitTag { strip } = &version.value else { return None };
    let git =
        git.filter(|git| !git.tags.is_empty() && list_version_labels(strip, git).is_empty())?;
    let tags: Vec<String> = git.tags.iter().take(NAMED).map(|tag| format!("`{tag}`")).collect();
    let more = git.tags.len() - tags.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let wanted =
        if strip.is_empty() { "a digit".to_owned() } else { format!("`{strip}` and a digit") };
    let finding = Finding::warning(codes::UNREAD_TAGS, "no tag on the commit names a version")
        .at(version.span, format!("takes a tag that begins with {wanted}"))
        .because(format!("the commit has {}{more}", tags.join(", ")));
    Some(finding.hint(
        "set `strip` to what such a tag begins with, or tag the commit with the version itself",
    ))
}

fn report_several_tags(labels: &[&str], span: Span) -> Finding {
    Finding::error(codes::TAGS, "several tags on the commit name a version")
        .at(span, "from a tag")
        .because(format!("the labels would be {}", labels.join(", ")))
        .hint("delete all but one of the tags, or write the version itself")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileKey, FileSource, Md5};

    const BASE: &str = r#"
        [metadata]
        title = "A title"
        upload_type = "publication"
        publication_type = "preprint"
        creators = [{ name = "Weiss,Tobias" }]
        METADATA
        [[files]]
        path = "paper.pdf"
    "#;

    fn manifest(metadata: &str) -> Manifest {
        let parsed =
            manifest::parse(&BASE.replace("METADATA", metadata), jiff::civil::date(2026, 11, 23));
        parsed.manifest.unwrap_or_else(|| panic!("{:#?}", parsed.findings))
    }

    fn made(metadata: &str, inputs: Inputs) -> Result<Desired, Vec<Finding>> {
        let manifest = manifest(metadata);
        let server = manifest.server().unwrap();
        build_desired(&manifest, server, inputs)
    }

    fn git(tags: &[&str]) -> GitFacts {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        GitFacts { commit: Some("c0ffee".to_owned()), tags, dirty: false }
    }

    #[track_caller]
    fn check_version(strip: &str, git: Option<GitFacts>, wanted: Result<DesiredVersion, &str>) {
        let metadata = format!("version = {{ from = \"git-tag\", strip = \"{strip}\" }}");
        let found = made(&metadata, Inputs { git, ..Inputs::default() });
        match (found, wanted) {
            (Ok(desired), Ok(version)) => {
                let label = match &version {
                    DesiredVersion::Label(label) | DesiredVersion::Tag(label) => {
                        Some(label.as_str())
                    }
                    DesiredVersion::KnownAtTag | DesiredVersion::None => None,
                };
                assert_eq!(desired.metadata.text(Field::Version), label);
                assert_eq!(desired.version, version);
            }
            (Err(found), Err(code)) => {
                assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), [code]);
            }
            (found, wanted) => panic!("{found:#?} instead of {wanted:?}"),
        }
    }

    #[test]
    fn a_label_comes_from_the_one_tag_that_names_a_version() {
        let label = |label: &str| Ok(DesiredVersion::Tag(label.to_owned()));
        check_version("v", Some(git(&["v1.2.0"])), label("1.2.0"));
        check_version("v", Some(git(&["latest", "v1.2.0", "vault", "1.0"])), label("1.2.0"));
        check_version("", Some(git(&["1.2.0", "v1.2.0"])), label("1.2.0"));
        check_version("v", Some(git(&["1.2.0"])), Ok(DesiredVersion::KnownAtTag));
        check_version("", Some(git(&["v1.2.0", "latest", "vault"])), label("1.2.0"));
        check_version("", Some(git(&["v1", "v2"])), Err(codes::TAGS));
        check_version("release-", Some(git(&["v1.2.0"])), Ok(DesiredVersion::KnownAtTag));
        check_version("v", Some(git(&[])), Ok(DesiredVersion::KnownAtTag));
        check_version("v", Some(git(&["v1", "v2"])), Err(codes::TAGS));
        check_version("v", None, Err(codes::NO_GIT));
    }

    #[test]
    fn tags_that_name_no_version_are_named() {
        let unread = |strip: &str, tags: &[&str]| {
            let text = format!("version = {{ from = \"git-tag\", strip = \"{strip}\" }}");
            find_unread_tags(&manifest(&text), Some(&git(tags)))
        };
        let finding = unread("v", &["1.2.0", "latest"]).unwrap();
        assert_eq!(finding.why.as_deref(), Some("the commit has `1.2.0`, `latest`"));
        assert_eq!(finding.label.unwrap().text, "takes a tag that begins with `v` and a digit");
        assert_eq!(unread("v", &["v1.2.0", "latest"]), None);
        assert_eq!(unread("", &["v1.2.0"]), None);
        assert_eq!(unread("v", &[]), None);
        assert_eq!(find_unread_tags(&manifest("version = \"1\""), Some(&git(&["x"]))), None);
    }

    #[test]
    fn a_dirty_tree_blocks_a_label_and_nothing_else() {
        let dirty = |tags: &[&str]| Some(GitFacts { dirty: true, ..git(tags) });
        check_version("v", dirty(&["v1"]), Err(codes::DIRTY));
        check_version("v", dirty(&[]), Ok(DesiredVersion::KnownAtTag));
        let inputs = Inputs { git: dirty(&["v1"]), ..Inputs::default() };
        let literal = made("version = \"3\"", inputs).unwrap();
        assert_eq!(literal.version, DesiredVersion::Label("3".to_owned()));
    }

    #[test]
    fn dates_are_fixed_today_or_unsaid() {
        let date = |text: &str| made(text, Inputs::default()).unwrap();
        assert_eq!(date("").date, DesiredDate::Unsaid);
        assert_eq!(date("publication_date = \"today\"").date, DesiredDate::Today);
        assert_eq!(date("publication_date = \"today\"").metadata.get(Field::PublicationDate), None);
        let fixed = date("publication_date = 2026-06-01");
        assert_eq!(fixed.date, DesiredDate::Fixed("2026-06-01".to_owned()));
        assert_eq!(fixed.metadata.text(Field::PublicationDate), Some("2026-06-01"));
    }

    #[test]
    fn what_the_server_fills_in_is_filled_in() {
        let fields = |text: &str| {
            let made = made(text, Inputs::default()).unwrap();
            [Field::AccessRight, Field::License, Field::AccessConditions]
                .map(|field| made.metadata.text(field).map(str::to_owned))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(fields(""), [some("open"), some("cc-by-4.0"), None]);
        assert_eq!(fields("license = \"MIT\""), [some("open"), some("mit"), None]);
        assert_eq!(fields("access_right = \"closed\""), [some("restricted"), None, None]);
        let embargo = "access_right = \"embargoed\"\nembargo_date = \"2030-01-01\"";
        assert_eq!(fields(embargo), [some("embargoed"), some("cc-by-4.0"), None]);
        let conditions = "access_right = \"restricted\"\naccess_conditions = \"Ask.\"";
        assert_eq!(fields(conditions), [some("restricted"), None, None]);
    }

    #[test]
    fn texts_come_from_the_manifest_and_from_files() {
        let texts = BTreeMap::from([
            (
                Field::Description,
                "\u{feff}# Abstract\n\n~~No~~ | table\n--|--\na | *b*\n".to_owned(),
            ),
            (Field::Notes, "\n<p>As it is.</p>\n".to_owned()),
        ]);
        let inputs = Inputs { texts, ..Inputs::default() };
        let metadata =
            "description = { file = \"a.md\" }\nnotes = { file = \"n.html\" }\nmethod = \"a < b\"";
        let made = made(metadata, inputs).unwrap();
        let description = made.metadata.text(Field::Description).unwrap();
        assert!(description.starts_with("<h1>Abstract</h1>"), "{description}");
        for part in ["<del>No</del>", "<table>", "<em>b</em>"] {
            assert!(description.contains(part), "{description}");
        }
        assert_eq!(made.metadata.text(Field::Notes), Some("<p>As it is.</p>"));
        assert_eq!(made.metadata.text(Field::Method), Some("a < b"));
    }

    #[test]
    fn a_text_that_is_missing_or_too_short_is_a_finding_each() {
        let texts = BTreeMap::from([(Field::Description, " a\n".to_owned())]);
        let metadata = "description = { file = \"a.md\" }\nnotes = { file = \"n.html\" }\nversion = { from = \"git-tag\" }";
        let found = made(metadata, Inputs { texts, ..Inputs::default() }).unwrap_err();
        let codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["ZR0105", "ZR0146", "ZR0144"]);
        assert!(found.iter().all(|finding| finding.label.is_some()));
    }

    #[test]
    fn files_and_communities_are_sorted_and_the_concept_is_the_servers() {
        let file = |name: &str| LocalFile {
            key: FileKey::parse(name).unwrap(),
            path: name.into(),
            shown: name.to_owned(),
            source: FileSource::Path,
            size: 1,
            md5: Md5([0; 16]),
            masked: None,
        };
        let text = BASE.replace("METADATA", "")
            + "[[communities]]\nid = \"b\"\n[[communities]]\nid = \"a\"\n[record]\npublish = false\n[record.concept]\nzenodo = 7\nsandbox = 8";
        let manifest = manifest::parse(&text, jiff::civil::date(2026, 11, 23)).manifest.unwrap();
        let inputs = Inputs { files: vec![file("b"), file("a")], ..Inputs::default() };
        let server = manifest.server_named("sandbox").unwrap();
        let made = build_desired(&manifest, server, inputs).unwrap();
        assert_eq!(made.concept, Some(ConceptId(8)));
        assert!(!made.publish);
        assert_eq!(made.communities, [Community("a".to_owned()), Community("b".to_owned())]);
        assert_eq!(made.files.iter().map(|file| file.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(made.server.name, "sandbox");
    }

    #[test]
    fn a_text_that_is_nested_too_deep_is_a_finding_with_its_place() {
        let deep = "<div>".repeat(4_000);
        let inline = format!("description = \"\"\"\nTwo lines.\n{deep}\"\"\"");
        let files = "description = { file = \"a.md\" }\nnotes = { file = \"n.html\" }";
        let texts = BTreeMap::from([
            (
                Field::Description,
                format!("# Abstract\n\n - {}x\n{}", ">".repeat(16_000), "y\n".repeat(9_000)),
            ),
            (Field::Notes, format!("\n\n<p>x</p>\n{}", "<b class=a><div>".repeat(4_000))),
        ]);
        for (metadata, texts, places) in [
            (inline.as_str(), BTreeMap::new(), vec!["line 2 of the text"]),
            (files, texts, vec!["line 3 of `a.md`, column 259", "line 4 of `n.html`"]),
        ] {
            let found = made(metadata, Inputs { texts, ..Inputs::default() }).unwrap_err();
            assert_eq!(found.len(), places.len(), "{found:?}");
            for (finding, place) in found.iter().zip(places) {
                assert_eq!(finding.code, "ZR0160");
                assert!(finding.label.is_some());
                assert!(finding.summary.ends_with(place), "{} {place}", finding.summary);
            }
        }
    }

    #[test]
    fn markdown_keeps_html_and_has_no_other_extensions() {
        assert_eq!(convert_markdown_to_html("a <b>c</b>\n"), "<p>a <b>c</b></p>");
        assert_eq!(convert_markdown_to_html("\"q\" -- a[^1]"), "<p>\"q\" -- a[^1]</p>");
    }
}
