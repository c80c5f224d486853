//! The values of a manifest: the types that `parse` fills and others read.
//!
//! Every value keeps its place in the text, so that a later check can point to it. Deliberately
//! absent: reading files, the network, and any default that depends on them.

use std::collections::BTreeMap;

use crate::model::{
    ApiChoice, Community, ConceptId, Field, Grantee, Link, Metadata, MetadataOrigins, Sensitive,
    Sharing, Span, TextPlace, Value, find_link,
};
use crate::write_back::Kind;

/// A value and its place: a span in bytes of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it is.
    pub span: Span,
}

/// A whole manifest without a fault.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// Which server; `None` means `local`.
    pub server: Option<Located<String>>,
    /// `[record]`.
    pub record: Record,
    /// `[metadata]`.
    pub metadata: ManifestMetadata,
    /// `[[files]]`, in the order of the text, without repetitions.
    pub files: Vec<FileEntry>,
    /// `[[write]]`, in the order of the text, without repetitions.
    pub writes: Vec<WriteEntry>,
    /// `[[communities]]`, in the order of the text, without repetitions.
    pub communities: Vec<CommunityEntry>,
    /// The part of `[access]` that is no metadata.
    pub sharing: ManifestSharing,
    /// `notify`: the names of the channels that get messages, in the order of the text, without
    /// repetitions.
    pub notify: Vec<String>,
    /// `[workspace]`, if it is the root of one.
    pub workspace: Option<Workspace>,
    /// `[api]`: which API a server gets, by its name.
    pub api: BTreeMap<String, ApiChoice>,
    /// `[servers]`, by name; never a built-in one.
    pub servers: BTreeMap<String, NamedServer>,
}

/// Who has access to the record beside its owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ManifestSharing {
    /// What it says.
    pub sharing: Sharing,
    /// Where each grantee is, in the order of the text.
    pub grantees: Vec<Located<Grantee>>,
}

/// `[workspace]`: which manifests belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Folders with a manifest, or manifests, by paths or globs relative to the root's folder.
    pub members: Vec<Located<String>>,
    /// Globs of what is no member.
    pub exclude: Vec<Located<String>>,
    /// The server of the members that name none.
    pub server: Option<Located<String>>,
}

/// `[record]`: which record, and how far to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whether to publish; otherwise zrel stops at a draft that is ready.
    pub publish: bool,
    /// The concept by server name; each name is built in or under `[servers]`.
    pub concept: BTreeMap<String, Located<ConceptId>>,
}

/// `[servers.NAME]`: a server that is not built in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedServer {
    /// Its address, without a trailing slash: https, or http on loopback.
    pub url: Located<String>,
    /// The DOI prefix that it mints under, if known.
    pub doi_prefix: Option<Located<String>>,
    /// Whether its records get DOIs.
    pub dois: bool,
}

/// `[metadata]`, in the shape that the API takes wherever no file or tag is needed for it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ManifestMetadata {
    /// All values that the manifest gives, trimmed and in the vocabularies' spelling. Without
    /// `version` and `publication_date`, and without the texts below.
    pub values: Metadata,
    /// The fields of kind `Html`: `description`, `notes`, `method`, `access_conditions`; and the
    /// texts of `descriptions`, which stand among the values too, a file by its path.
    pub texts: BTreeMap<TextPlace, Located<TextSource>>,
    /// Where the version label comes from.
    pub version: Option<Located<VersionSource>>,
    /// The publication date; `None` means the same as `today`.
    pub publication_date: Option<Located<DateSource>>,
    /// Where each given field is.
    pub spans: BTreeMap<Field, Span>,
    /// To which fields communities contributed (`[communities.metadata]`).
    pub origins: MetadataOrigins,
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextSource {
    /// The manifest itself: HTML, or a text without tags.
    Inline(String),
    /// A Markdown or HTML file, relative to the manifest's folder, parts joined with `/`.
    File(Located<String>),
}

/// Where the version label comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionSource {
    /// The manifest itself.
    Label(String),
    /// The git tag on the commit, without what it starts with.
    GitTag {
        /// What to remove from a tag's start; a tag without it, or without a digit behind it, does
        /// not name a version. May be empty.
        strip: String,
    },
    /// A file that the project's own tools read.
    File {
        /// What reads it.
        format: VersionFormat,
        /// The file, relative to the manifest's folder, parts joined with `/`.
        path: Located<String>,
    },
}

/// The format of a file that holds a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionFormat {
    /// Cargo.toml.
    Cargo,
    /// pyproject.toml.
    Pyproject,
    /// package.json, of npm.
    PackageJson,
    /// CITATION.cff.
    Citation,
    /// DESCRIPTION, of an R package.
    Description,
}

impl VersionFormat {
    /// All formats.
    pub const ALL: &'static [Self] =
        &[Self::Cargo, Self::Pyproject, Self::PackageJson, Self::Citation, Self::Description];

    /// Returns its word in a manifest.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cargo => "cargo",
            Self::Pyproject => "pyproject",
            Self::PackageJson => "package-json",
            Self::Citation => "citation",
            Self::Description => "description",
        }
    }

    /// Returns the usual name of the file.
    pub fn usual_file(self) -> &'static str {
        match self {
            Self::Cargo => "Cargo.toml",
            Self::Pyproject => "pyproject.toml",
            Self::PackageJson => "package.json",
            Self::Citation => "CITATION.cff",
            Self::Description => "DESCRIPTION",
        }
    }
}

/// Where the publication date comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateSource {
    /// The manifest itself, EDTF level 0.
    Fixed(String),
    /// `today`.
    Today,
}

/// One `[[communities]]` entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommunityEntry {
    /// `id`.
    pub id: Located<Community>,
    /// `required`: the release is done only when it has accepted the record.
    pub required: bool,
    /// `message`: the text of the request.
    pub message: Option<Located<String>>,
    /// `review = "before-publish"`: it reviews the draft, and its acceptance publishes.
    pub before_publish: Option<Located<()>>,
    /// `profile`: what it asks of the metadata.
    pub profile: Option<ProfilePath>,
}

/// The file of a community's profile, a JSON schema of metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfilePath {
    /// Its path, parts joined with `/`.
    pub file: Located<String>,
    /// Whether it is relative to the folder of the workspace's root, and not to the manifest's.
    pub in_root: bool,
}

/// One `[[files]]` entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Where the entry is.
    pub span: Span,
    /// Which files it means.
    pub source: EntrySource,
    /// `as`: the name in the record. Never with a pattern that may match several files.
    pub as_name: Option<Located<String>>,
    /// `allow`: the kinds of sensitive content or names that its files may have.
    pub allow: Vec<Located<Sensitive>>,
}

/// One `[[write]]` entry: a file of the project that gets the DOI, the version and the date of a
/// release.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteEntry {
    /// Where the entry is.
    pub span: Span,
    /// The file, relative to the manifest's folder, parts joined with `/`.
    pub path: Located<String>,
    /// How it is written.
    pub kind: Kind,
}

impl FileEntry {
    /// Returns whether the entry allows a kind.
    pub fn allows(&self, kind: Sensitive) -> bool {
        self.allow.iter().any(|allowed| allowed.value == kind)
    }
}

/// Which files an entry means. Paths on the disk are relative to the manifest's folder, use `/`,
/// and neither leave the folder nor name private files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntrySource {
    /// A path or a glob.
    Paths {
        /// The path or glob.
        pattern: Located<String>,
        /// Globs of files to leave out, relative to the manifest's folder too.
        exclude: Vec<Located<String>>,
    },
    /// Files of the latest published version that stay as they are, by their names there.
    Keep {
        /// A name, or a glob in which `*` matches slashes too: a record has no folders.
        pattern: Located<String>,
        /// Globs of names to leave out.
        exclude: Vec<Located<String>>,
    },
    /// A folder as one reproducible zip.
    Archive {
        /// The folder.
        folder: Located<String>,
        /// Globs of files to leave out, relative to the manifest's folder too.
        exclude: Vec<Located<String>>,
    },
}

impl Manifest {
    /// Returns the text files that the metadata name, with the field of each; also the file that
    /// the version label is in.
    pub fn text_files(&self) -> Vec<(TextPlace, Located<String>)> {
        let texts = self.metadata.texts.iter();
        let texts = texts.filter_map(|(field, text)| match &text.value {
            TextSource::File(path) => Some((*field, path.clone())),
            TextSource::Inline(_) => None,
        });
        let version = self.version_file().map(|(_, path)| (Field::Version.into(), path.clone()));
        texts.chain(version).collect()
    }

    /// Returns the file that the version label is in, and its format.
    pub fn version_file(&self) -> Option<(VersionFormat, &Located<String>)> {
        match &self.metadata.version.as_ref()?.value {
            VersionSource::File { format, path } => Some((*format, path)),
            VersionSource::Label(_) | VersionSource::GitTag { .. } => None,
        }
    }

    /// Returns the links to members of the workspace, with their place; a key may be a pattern.
    pub fn list_links(&self) -> Vec<Located<Link>> {
        let related = match self.metadata.values.get(Field::RelatedIdentifiers) {
            Some(Value::Related(items)) => items.as_slice(),
            Some(_) | None => &[],
        };
        let span = self.metadata.spans.get(&Field::RelatedIdentifiers).copied();
        let span = span.unwrap_or(Span { start: 0, end: 0 });
        let links = related.iter().filter_map(|item| find_link(&item.identifier));
        links.map(|value| Located { value, span }).collect()
    }

    /// Makes it the manifest of a past release of the record that the manifest names now. Nothing is
    /// written into the files of a past release: they are what its tag names.
    pub fn describe_past(&mut self, now: &Self, label: &str, date: &str) {
        self.server.clone_from(&now.server);
        self.servers.clone_from(&now.servers);
        self.api.clone_from(&now.api);
        self.record.clone_from(&now.record);
        self.notify.clone_from(&now.notify);
        self.writes.clear();
        let span = Span { start: 0, end: 0 };
        let version_at = self.metadata.version.as_ref().map_or(span, |version| version.span);
        let date_at = self.metadata.publication_date.as_ref().map_or(span, |date| date.span);
        let (label, date) = (label.to_owned(), date.to_owned());
        self.metadata.version =
            Some(Located { value: VersionSource::Label(label), span: version_at });
        self.metadata.publication_date =
            Some(Located { value: DateSource::Fixed(date), span: date_at });
    }

    /// Returns whether the version label comes from a git tag.
    pub fn needs_git_tag(&self) -> bool {
        let version = self.metadata.version.as_ref();
        version.is_some_and(|version| matches!(version.value, VersionSource::GitTag { .. }))
    }
}
