//! The desired state: manifest and inventory combined, with defaults filled in.
//!
//! Deliberately absent: reading anything. The caller has read texts, git and files; the date of
//! `today` is decided when a version is created.

mod depth;
mod hidden_content;
mod html;
mod keep;
mod links;
mod native_fields;
mod sharing;
mod texts;
mod version;

use std::collections::BTreeMap;

pub use html::convert_markdown_to_html;
pub use keep::Keep;
pub use links::{LinkPatterns, LinkVersions, Links};
pub use texts::warn_about_texts;
pub use version::{DesiredVersion, describe_version, find_unread_tags, report_edited_files};

use crate::compare;
use crate::manifest::{self, CommunityEntry, DateSource, Manifest};
use crate::model::{
    ApiChoice, Community, ConceptId, Doi, Field, Finding, GitFacts, LocalFile, Metadata,
    MetadataOrigins, Related, Server, Sharing, TextPlace, Value,
};
use crate::write_back::WrittenFile;

/// The state that the manifest and the files ask for, on one server.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Which server.
    pub server: Server,
    /// Which API replaces the metadata.
    pub api: ApiChoice,
    /// Whether the licence is Zenodo's default, and not the manifest's.
    pub has_default_license: bool,
    /// Whether to publish; otherwise zrel stops at a draft that is ready.
    pub publish: bool,
    /// The concept that `[record.concept]` names for this server.
    pub concept: Option<ConceptId>,
    /// The metadata, texts read from their files and Markdown turned into HTML. Without
    /// `publication_date` where [`date`](Self::date) is `Today`, and without `version` where
    /// [`version`](Self::version) is not a label.
    pub metadata: Metadata,
    /// To which of its fields communities contributed.
    pub origins: MetadataOrigins,
    /// The publication date.
    pub date: DesiredDate,
    /// The version label.
    pub version: DesiredVersion,
    /// The files that come from the disk, sorted by key.
    pub files: Vec<LocalFile>,
    /// The links to members of the workspace, with the DOI of each; none while it is not known. In
    /// the metadata the link has the DOI, or its own name.
    pub links: Links,
    /// The related identifiers with each link by its own name; empty where none is a link.
    pub linked: Vec<Related>,
    /// The versions that links to versions may have had when the record was published.
    pub link_versions: LinkVersions,
    /// The files of `[[write]]`, in the order of the manifest.
    pub writes: Vec<WrittenFile>,
    /// Which files of the latest published version stay, in the order of the manifest.
    pub keep: Vec<Keep>,
    /// The communities that the record is to be in, sorted.
    pub communities: Vec<WantedCommunity>,
    /// Who is to have access to it beside its owner.
    pub sharing: Sharing,
}

/// A community that the record is to be in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WantedCommunity {
    /// Its slug.
    pub community: Community,
    /// Whether the release is done only when it has accepted the record.
    pub required: bool,
    /// The text of the request.
    pub message: Option<String>,
    /// Whether it reviews the draft of a first version, and its acceptance publishes.
    pub before_publish: bool,
}

impl From<Community> for WantedCommunity {
    /// Wants a community that is asked after the publication, without a message.
    fn from(community: Community) -> Self {
        Self { community, required: false, message: None, before_publish: false }
    }
}

impl From<&CommunityEntry> for WantedCommunity {
    fn from(entry: &CommunityEntry) -> Self {
        Self {
            community: entry.id.value.clone(),
            required: entry.required,
            message: entry.message.as_ref().map(|message| message.value.clone()),
            before_publish: entry.before_publish.is_some(),
        }
    }
}

impl Desired {
    /// Returns the slugs of the wanted communities, sorted.
    pub fn list_communities(&self) -> Vec<Community> {
        self.communities.iter().map(|wanted| wanted.community.clone()).collect()
    }

    /// Returns the same record with these DOIs for its links.
    #[must_use]
    pub fn with_links(&self, links: Links) -> Self {
        let mut desired = Self { links, ..self.clone() };
        links::set_related(&mut desired.metadata, &desired.linked, &desired.links);
        desired
    }

    /// Returns the same record with the DOIs of versions that it was published with, by the keys of
    /// their members; none where it has them.
    pub fn keep_links(&self, published: &BTreeMap<String, Doi>) -> Option<Self> {
        let links = links::keep_versions(&self.links, published);
        (links != self.links).then(|| self.with_links(links))
    }
}

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

/// What was read for the manifest from elsewhere.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inputs {
    /// The content of each of [`Manifest::text_files`], unchanged.
    pub texts: BTreeMap<TextPlace, String>,
    /// The version in [`Manifest::version_file`], or why there is none.
    pub version: Option<Result<String, String>>,
    /// The DOIs of the members that the record links to, as far as they are known.
    pub links: Links,
    /// The members that the patterns among the links mean.
    pub link_patterns: LinkPatterns,
    /// The versions of the members that the record links to by version.
    pub link_versions: LinkVersions,
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
    let linked = links::list_linked(&metadata, &inputs.link_patterns);
    links::set_related(&mut metadata, &linked, &inputs.links);
    for (place, text) in &manifest.metadata.texts {
        // The deposit API drops this field, so it would differ from the server's state forever.
        if place.field == Field::AccessConditions {
            continue;
        }
        if let Some(html) = html::convert_text_to_html(*place, text, &inputs.texts, &mut found) {
            set_text(&mut metadata, *place, html);
        }
    }
    let sources = (inputs.git.as_ref(), inputs.version.as_ref());
    let version = version::choose_version(manifest, sources, &mut found);
    if let DesiredVersion::Label(label) | DesiredVersion::Tag(label) = &version {
        metadata.set_text(Field::Version, label);
    }
    let date = choose_date(manifest);
    if let DesiredDate::Fixed(date) = &date {
        metadata.set_text(Field::PublicationDate, date);
    }
    let metadata = compare::unify_fields(&metadata);
    let api = manifest.api.get(&server.name).copied().unwrap_or_default();
    let has_default_license = manifest::find_default_license(&manifest.metadata).is_some();
    if api == ApiChoice::Deposit {
        found.extend(native_fields::find_native_fields(manifest, &metadata));
    }
    found.extend(sharing::refuse_groups(manifest, &server));
    // All faults are collected first, so that one run reports them all.
    if !found.is_empty() {
        found.sort_by_key(|finding| finding.label.as_ref().map(|label| label.span));
        return Err(found);
    }
    let mut files = inputs.files;
    files.sort_by(|one, other| one.key.cmp(&other.key));
    let mut communities: Vec<WantedCommunity> =
        manifest.communities.iter().map(WantedCommunity::from).collect();
    communities.sort();
    let mut origins = manifest.metadata.origins.clone();
    // A field that is not sent has no origin to show.
    origins.retain(|field, _| metadata.get(*field).is_some());
    let concept = manifest.record.concept.get(&server.name).map(|concept| concept.value);
    Ok(Desired {
        publish: manifest.record.publish,
        keep: keep::list_keep_entries(manifest),
        server,
        api,
        has_default_license,
        concept,
        metadata,
        origins,
        date,
        version,
        files,
        links: inputs.links,
        linked,
        link_versions: inputs.link_versions,
        writes: inputs.writes,
        communities,
        sharing: manifest.sharing.sharing.clone(),
    })
}

/// Sets a text at its place.
fn set_text(metadata: &mut Metadata, TextPlace { field, at }: TextPlace, html: String) {
    let Some(Value::TypedTexts(items)) = metadata.get(field) else {
        return metadata.set_text(field, html);
    };
    let mut items = items.clone();
    if let Some(item) = items.get_mut(at) {
        item.text = html;
    }
    metadata.set(field, Value::TypedTexts(items));
}

fn choose_date(manifest: &Manifest) -> DesiredDate {
    match manifest.metadata.publication_date.as_ref().map(|date| &date.value) {
        None => DesiredDate::Unsaid,
        Some(DateSource::Today) => DesiredDate::Today,
        Some(DateSource::Fixed(date)) => DesiredDate::Fixed(date.clone()),
    }
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

    #[test]
    fn a_label_that_is_known_is_in_the_metadata() {
        let label = |metadata: &str, tags: &[&str]| {
            let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            let git = Some(GitFacts { commit: None, tags, dirty: false });
            let made = made(metadata, Inputs { git, ..Inputs::default() }).unwrap();
            made.metadata.text(Field::Version).map(str::to_owned)
        };
        let from_tag = "version = { from = \"git-tag\" }";
        assert_eq!(label("version = \"3\"", &[]).as_deref(), Some("3"));
        assert_eq!(label(from_tag, &["v1.2"]).as_deref(), Some("1.2"));
        assert_eq!(label(from_tag, &[]), None);
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
                Field::Description.into(),
                "\u{feff}# Abstract\n\n~~No~~ | table\n--|--\na | *b*\n".to_owned(),
            ),
            (Field::Notes.into(), "\n<p>As it is.</p>\n".to_owned()),
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
        let texts = BTreeMap::from([(Field::Description.into(), " a\n".to_owned())]);
        let metadata = "description = { file = \"a.md\" }\nnotes = { file = \"n.html\" }\nversion = { from = \"git-tag\" }";
        let found = made(metadata, Inputs { texts, ..Inputs::default() }).unwrap_err();
        let codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["ZR0105", "ZR0146", "ZR0144"]);
        assert!(found.iter().all(|finding| finding.label.is_some()));
    }

    #[test]
    fn a_text_that_is_nested_too_deep_is_a_finding_with_its_place() {
        let deep = "<div>".repeat(4_000);
        let inline = format!("description = \"\"\"\nTwo lines.\n{deep}\"\"\"");
        let files = "description = { file = \"a.md\" }\nnotes = { file = \"n.html\" }";
        let texts = BTreeMap::from([
            (
                Field::Description.into(),
                format!("# Abstract\n\n - {}x\n{}", ">".repeat(16_000), "y\n".repeat(9_000)),
            ),
            (Field::Notes.into(), format!("\n\n<p>x</p>\n{}", "<b class=a><div>".repeat(4_000))),
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
        assert_eq!(made.concept, Some(ConceptId(8.into())));
        assert!(!made.publish);
        assert_eq!(made.list_communities(), [Community("a".to_owned()), Community("b".to_owned())]);
        assert_eq!(made.files.iter().map(|file| file.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(made.server.name, "sandbox");
    }
}
