//! What should be: manifest and inventory brought together, defaults filled.
//!
//! Deliberately absent: reading anything. Texts, git and files were read by the caller; what
//! `today` means is decided when a version is created.

use std::collections::BTreeMap;

use crate::manifest::{
    self, DateSource, Located, Manifest, TextFormat, TextSource, VersionSource, codes,
};
use crate::model::{
    Community, ConceptId, Field, Finding, GitFacts, LocalFile, Metadata, Server, Span,
};

/// What the manifest and the files ask for, on one server.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Which server.
    pub server: Server,
    /// Whether to publish; otherwise to stop at a draft that is ready.
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
    /// The files, sorted by key.
    pub files: Vec<LocalFile>,
    /// The communities to ask, sorted.
    pub communities: Vec<Community>,
}

/// The publication date that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesiredDate {
    /// As the manifest says; also in the metadata.
    Fixed(String),
    /// `today`: decided when a version is created; any date of a published version satisfies it.
    Today,
    /// The manifest does not say, which means the same as `today`.
    Unsaid,
}

/// The version label that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesiredVersion {
    /// None is set.
    None,
    /// This one; also in the metadata.
    Label(String),
    /// From a git tag, and the commit has none yet: known at the tag.
    KnownAtTag,
}

/// What was read outside the manifest, for it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inputs {
    /// The content of each of [`Manifest::text_files`], as it stands in the file.
    pub texts: BTreeMap<Field, String>,
    /// What git says of the manifest's folder; none outside a repository.
    pub git: Option<GitFacts>,
    /// The files, hashed; in any order.
    pub files: Vec<LocalFile>,
}

/// Brings the manifest together with what was read, for one server.
///
/// Fills in what the server would fill in by itself, so that a plan shows it: `access_right` and
/// `license`. Leaves out what the server drops: `access_conditions`, repetitions.
///
/// # Errors
/// All findings at once: a text that is missing or too short, a version label that git can't give.
pub fn desired(
    manifest: &Manifest,
    server: Server,
    inputs: Inputs,
) -> Result<Desired, Vec<Finding>> {
    let mut found = Vec::new();
    let mut metadata = manifest.metadata.values.clone();
    fill_defaults(manifest, &mut metadata);
    for (field, text) in &manifest.metadata.texts {
        if *field == Field::AccessConditions {
            continue;
        }
        if let Some(html) = html(*field, text, &inputs.texts, &mut found) {
            metadata.set_text(*field, html);
        }
    }
    let version = version(manifest, inputs.git.as_ref(), &mut found);
    if let DesiredVersion::Label(label) = &version {
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
    if !found.is_empty() {
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
    Ok(Desired { server, publish, concept, metadata, date, version, files, communities })
}

/// Turns Markdown into HTML, with tables and strikethrough; HTML within it stays.
pub fn markdown_to_html(markdown: &str) -> String {
    use pulldown_cmark::{Options, Parser, html};
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut text = String::new();
    html::push_html(&mut text, Parser::new_ext(markdown, options));
    text.trim().to_owned()
}

fn fill_defaults(manifest: &Manifest, metadata: &mut Metadata) {
    if let Some(license) = manifest::default_license(&manifest.metadata) {
        metadata.set_text(Field::License, license);
    }
    match metadata.text(Field::AccessRight) {
        None => metadata.set_text(Field::AccessRight, "open"),
        // What the server makes of it. Source: contract/scenarios/access.json, 2026-11-23.
        Some("closed") => metadata.set_text(Field::AccessRight, "restricted"),
        Some(_) => (),
    }
}

/// Returns a text as HTML.
fn html(
    field: Field,
    text: &Located<TextSource>,
    texts: &BTreeMap<Field, String>,
    found: &mut Vec<Finding>,
) -> Option<String> {
    let path = match &text.value {
        TextSource::Inline(text) => return Some(text.clone()),
        TextSource::File(path) => path,
    };
    let Some(content) = texts.get(&field) else {
        let summary = format!("`{}` was not read", path.value);
        found.push(Finding::error(codes::UNREAD_TEXT, summary).at(path.span, "not read"));
        return None;
    };
    // A byte order mark is no part of the text.
    let content = content.trim_start_matches('\u{feff}').trim();
    let short = manifest::too_short(field, content, path.span);
    found.extend(short.map(|it| it.hint(format!("write something into `{}`", path.value))));
    Some(match TextFormat::of(&path.value) {
        Some(TextFormat::Markdown) => markdown_to_html(content),
        Some(TextFormat::Html) | None => content.to_owned(),
    })
}

fn version(
    manifest: &Manifest,
    git: Option<&GitFacts>,
    found: &mut Vec<Finding>,
) -> DesiredVersion {
    let Some(version) = &manifest.metadata.version else { return DesiredVersion::None };
    let strip = match &version.value {
        VersionSource::Label(label) => return DesiredVersion::Label(label.clone()),
        VersionSource::GitTag { strip } => strip,
    };
    let Some(git) = git else {
        found.push(
            Finding::error(codes::NO_GIT, "the version can't come from a git tag")
                .at(version.span, "from a tag")
                .because("the manifest's folder is in no git repository")
                .hint("write the version itself, such as `version = \"1.2.0\"`"),
        );
        return DesiredVersion::None;
    };
    let labels = labels(strip, git);
    if labels.len() > 1 {
        found.push(several_tags(&labels, version.span));
    }
    let Some(label) = labels.first() else { return DesiredVersion::KnownAtTag };
    if git.dirty {
        found.push(
            Finding::error(codes::DIRTY, "files differ from the tagged commit")
                .at(version.span, format!("the tag says `{label}`"))
                .because("what would be published under this label is not what the tag names")
                .hint("commit the changes and tag that commit, or undo them (`git status` shows them)"),
        );
    }
    DesiredVersion::Label((*label).to_owned())
}

/// Returns the labels of the commit's tags that name a version: `strip`, then a digit.
fn labels<'g>(strip: &str, git: &'g GitFacts) -> Vec<&'g str> {
    let stripped = git.tags.iter().filter_map(|tag| tag.strip_prefix(strip));
    stripped.filter(|label| label.starts_with(|c: char| c.is_ascii_digit())).collect()
}

fn several_tags(labels: &[&str], span: Span) -> Finding {
    Finding::error(codes::TAGS, "several tags on the commit name a version")
        .at(span, "from a tag")
        .because(format!("the labels would be {}", labels.join(", ")))
        .hint("delete all but one of the tags, or write the version itself")
}
