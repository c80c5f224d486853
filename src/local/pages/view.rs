//! The content of pages, as plain data. Text is unescaped; only names with `_html` at the end hold
//! markup.
//! No ids, no JSON and no rules of the server: the caller decides all that when it fills a view.

/// Who may read a record's files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Access {
    /// Everyone.
    #[default]
    Open,
    /// Everyone from a day on, which is written `YYYY-MM-DD`.
    Embargoed {
        /// The first open day.
        until: String,
    },
    /// Only users whom the owner lets in.
    Restricted,
    /// There are no files to read.
    MetadataOnly,
}

/// Whether the public can see the record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RecordState {
    /// Published.
    #[default]
    Published,
    /// A draft that was never published; its DOI is reserved at most.
    Draft,
    /// Unpublished changes to a published record, which keeps its DOI.
    Edit,
}

/// A creator or a contributor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonView {
    /// `Family, Given`, or an organisation's name.
    pub name: String,
    /// Affiliations, in order.
    pub affiliations: Vec<String>,
    /// ORCID, the bare `0000-0000-0000-0000`.
    pub orcid: Option<String>,
    /// A contributor's role for people (`Data curator`); `None` for a creator.
    pub role: Option<String>,
}

/// A work that the record names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelatedView {
    /// The relation for people (`Is supplement to`).
    pub relation: String,
    /// The identifier as the record holds it.
    pub identifier: String,
    /// Its scheme (`doi`, `url`, `isbn`), when known.
    pub scheme: Option<String>,
    /// Where it leads; shown as a link only for `http`, `https` and paths on this server.
    pub href: Option<String>,
}

/// A file of the record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileView {
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size_bytes: u64,
    /// MD5, 32 hexadecimal digits; `None` before the upload is complete.
    pub md5: Option<String>,
    /// Path on this server, percent-encoded; `None` if the reader may not have the bytes.
    pub download_path: Option<String>,
}

/// A version of the record, the shown one included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionView {
    /// 1 for the first version.
    pub index: u64,
    /// The label its metadata gives (`1.2.0`).
    pub label: Option<String>,
    /// Its DOI.
    pub doi: Option<String>,
    /// Publication date as the metadata gives it.
    pub date: String,
    /// Path of its page on this server.
    pub path: String,
    /// Whether it is the version the page shows.
    pub current: bool,
    /// Whether it is the newest published version.
    pub latest: bool,
}

/// A further fact of the metadata: language, journal, conference, grant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactView {
    /// What it is (`Language`).
    pub name: String,
    /// The value.
    pub value: String,
}

/// A record or a draft, whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordView {
    /// Title; may be empty in a draft.
    pub title: String,
    /// Creators, in order.
    pub creators: Vec<PersonView>,
    /// Contributors, in order.
    pub contributors: Vec<PersonView>,
    /// DOI of this version, registered or reserved.
    pub doi: Option<String>,
    /// DOI of all versions.
    pub concept_doi: Option<String>,
    /// Version label (`1.2.0`).
    pub version: Option<String>,
    /// Publication date as the metadata gives it.
    pub publication_date: Option<String>,
    /// Resource type as a person reads it (`Dataset`).
    pub resource_type: Option<String>,
    /// Licences as a person reads them.
    pub licenses: Vec<String>,
    /// Who may read the files.
    pub access: Access,
    /// Published or draft.
    pub state: RecordState,
    /// The community that reviews the draft, and the address that cancels the review; `None` for any
    /// other draft.
    pub review: Option<(String, String)>,
    /// Description: HTML that the server has cleaned. It is put on the page as it is.
    pub description_html: String,
    /// Methods: HTML that the server has cleaned, like the description.
    pub method_html: Option<String>,
    /// Notes: HTML that the server has cleaned, like the description.
    pub notes_html: Option<String>,
    /// Keywords, in order.
    pub keywords: Vec<String>,
    /// Titles or slugs of its communities.
    pub communities: Vec<String>,
    /// Related works, in order.
    pub related: Vec<RelatedView>,
    /// Further facts of the metadata.
    pub further: Vec<FactView>,
    /// Files, in the order to show.
    pub files: Vec<FileView>,
    /// Versions, in the order to show (newest first reads best).
    pub versions: Vec<VersionView>,
}

/// One entry of the list on the home page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordCard {
    /// Title; may be empty in a draft.
    pub title: String,
    /// Names of the creators, in order.
    pub creators: Vec<String>,
    /// DOI, registered or reserved.
    pub doi: Option<String>,
    /// Version label.
    pub version: Option<String>,
    /// Publication date as the metadata gives it.
    pub publication_date: Option<String>,
    /// Resource type as a person reads it.
    pub resource_type: Option<String>,
    /// Who may read the files.
    pub access: Access,
    /// Published or draft.
    pub state: RecordState,
    /// Path of its page on this server.
    pub path: String,
}

/// The home page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HomeView {
    /// Base URL of the API (`http://127.0.0.1:1234/api`), for a person to copy.
    pub api_url: Option<String>,
    /// Records and drafts, in the order to show.
    pub records: Vec<RecordCard>,
}
