//! The fields of the deposit metadata, as a closed set.

use std::fmt;

use RecordPlace::{
    At, Description, FromAccess, FromTwoLists, Items, Nowhere, OnlyThere, ResourceType, Texts,
};

/// The kind of value that a field holds; decides the variant of [`Value`](super::Value).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// One line or one token.
    Text,
    /// HTML that the server cleans.
    Html,
    /// A set or list of texts.
    List,
    /// Creators, contributors, supervisors.
    People,
    /// Related identifiers.
    Related,
    /// Subjects of a vocabulary.
    Subjects,
    /// Places.
    Locations,
    /// Dates and intervals.
    Dates,
    /// Titles and descriptions of other kinds.
    TypedTexts,
    /// Several licences, or one of its own.
    Licenses,
    /// Funders and awards, also outside the vocabulary.
    Funding,
    /// Custom fields.
    Custom,
}

/// Where the records API (`application/vnd.inveniordm.v1+json`) has a field. Paths are keys and
/// indices, separated by dots.
///
/// Source: contract/scenarios/{metadata-full,native-custom-fields,native-rich-metadata,access}.json,
/// 2026-11-28.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordPlace {
    /// One text, at the first of these paths that holds one.
    At(&'static [&'static str]),
    /// A list of objects at this path, each read by the field's kind.
    Items(&'static str),
    /// A list of objects at this path, each with the text under this key. An entry with an `id` is
    /// of a vocabulary and does not count.
    Texts(&'static str, &'static str),
    /// The last additional description of one of these types.
    ///
    /// `notes` is written as `other`, and read from both
    /// (zenodo-rdm, legacy/serializers/schemas/common.py, read 2026-11-24).
    Description(&'static [&'static str]),
    /// A part of `metadata.resource_type.id`.
    ResourceType(TypePart),
    /// Follows from `access`.
    FromAccess,
    /// `metadata.related_identifiers`, then `metadata.identifiers`.
    FromTwoLists,
    /// Nowhere, or as a part of another field.
    Nowhere,
    /// Only there, where the field's own reader finds it: the deposit API does not have it.
    OnlyThere,
}

/// The fields of the deposit API of which the records API has one that says the same and more, and
/// that one.
pub const WIDER_FIELDS: [(Field, Field); 3] = [
    (Field::License, Field::Licenses),
    (Field::Language, Field::Languages),
    (Field::Grants, Field::Funding),
];

impl Field {
    /// Returns the field of the deposit API that says a part of what this one says, and otherwise the
    /// field itself: a manifest has one of the two.
    #[must_use]
    pub fn narrower(self) -> Field {
        let pair = WIDER_FIELDS.iter().find(|(_, wider)| *wider == self);
        pair.map_or(self, |(narrower, _)| *narrower)
    }

    /// Returns the paths below the custom fields of a record where the field is; none for a field that
    /// is elsewhere.
    pub fn custom_paths(self) -> impl Iterator<Item = &'static str> {
        let paths: &[&str] =
            if let RecordPlace::At(paths) = self.record_place() { paths } else { &[] };
        paths.iter().filter_map(|path| path.strip_prefix("custom_fields."))
    }
}

/// A part of a resource type's id, which is `publication-article` or `dataset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypePart {
    /// Before the hyphen.
    Kind,
    /// Behind it, where this is the kind.
    SubtypeOf(&'static str),
}

macro_rules! fields {
    ($($variant:ident $name:literal $kind:ident, $place:expr, $help:literal;)*) => {
        /// A field of the metadata, under the deposit API's name where it has one. In the order of
        /// a screen.
        ///
        /// Without `communities`, which are requested and not set, and without `prereserve_doi`,
        /// which the server makes.
        ///
        /// Source: contract/scenarios/metadata-full.json and zenodo-notes.md, 2026-11-23.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(#[doc = $help] $variant,)*
        }

        impl Field {
            /// All fields, in the order of a screen.
            pub const ALL: &'static [Field] = &[$(Field::$variant,)*];

            /// Returns Zenodo's name, as in the manifest and the API.
            pub fn name(self) -> &'static str {
                match self { $(Field::$variant => $name,)* }
            }

            /// Returns the kind of value that the field holds.
            pub fn kind(self) -> FieldKind {
                match self { $(Field::$variant => FieldKind::$kind,)* }
            }

            /// Returns where the records API has the field.
            pub fn record_place(self) -> RecordPlace {
                match self { $(Field::$variant => $place,)* }
            }

            /// Returns the meaning of the field, for the schema and the documentation.
            pub fn help(self) -> &'static str {
                match self { $(Field::$variant => $help,)* }
            }

            /// Returns whether only the records API has the field.
            pub fn is_native(self) -> bool {
                self.record_place() == RecordPlace::OnlyThere
            }

            /// Finds a field by Zenodo's name.
            pub fn from_name(name: &str) -> Option<Field> {
                Field::ALL.iter().copied().find(|field| field.name() == name)
            }
        }
    };
}

// A row: the variant, Zenodo's name, the kind of value, where the records API has it, and its
// meaning. A row without one of them does not compile.
fields! {
    Title "title" Text, At(&["metadata.title"]),
        "The title; three characters or more.";
    Titles "titles" TypedTexts, OnlyThere,
        "Further titles, each with its `kind` (`subtitle`, `alternative-title`, \
         `translated-title`, `other`) and `language`.";
    UploadType "upload_type" Text, ResourceType(TypePart::Kind),
        "What is published.";
    PublicationType "publication_type" Text, ResourceType(TypePart::SubtypeOf("publication")),
        "The kind of publication; needed with `upload_type = \"publication\"`, and only then.";
    ImageType "image_type" Text, ResourceType(TypePart::SubtypeOf("image")),
        "The kind of image; needed with `upload_type = \"image\"`, and only then.";
    PublicationDate "publication_date" Text, At(&["metadata.publication_date"]),
        "`today`, or when it was published: `2026-06-01`, `2026-06`, `2026`, or an interval \
         `2026-06-01/2026-06-30`. Default: `today`, which is decided when a version is created.";
    Version "version" Text, At(&["metadata.version"]),
        "The version label; `{ from = \"cargo\" }` (or `pyproject`, `package-json`, `citation`, \
         `description`, each with `file`) takes it from a file, and \
         `{ from = \"git-tag\", strip = \"v\" }` from the tag \
         on the commit.";
    Creators "creators" People, Items("metadata.creators"),
        "Who made it, in the order of citation.";
    Contributors "contributors" People, Items("metadata.contributors"),
        "Who else helped, each with a role.";
    Description "description" Html, At(&["metadata.description"]),
        "The abstract: HTML, or a Markdown or HTML file.";
    Descriptions "descriptions" TypedTexts, OnlyThere,
        "Further descriptions, each with its `kind` (`abstract`, `methods`, \
         `series-information`, `table-of-contents`, `technical-info`, `other`) and `language`: \
         HTML, or a Markdown or HTML file.";
    AccessRight "access_right" Text, FromAccess,
        "Who may have the files. Default: `open`. Zenodo makes `closed` into `restricted`.";
    License "license" Text, At(&["metadata.rights.0.id"]),
        "The licence's id, such as `CC-BY-4.0` (SPDX). Without one, Zenodo gives CC-BY-4.0, or \
         CC0-1.0 to a dataset. `{ allow_unknown = \"…\" }` names one that zrel does not know \
         yet.";
    Licenses "licenses" Licenses, OnlyThere,
        "Several licences by their ids, or a licence of your own with `title` and `link`, in \
         place of `license`.";
    Copyright "copyright" Text, OnlyThere,
        "Who holds the copyright: `© 2026 Jane Doe`.";
    EmbargoDate "embargo_date" Text, At(&["access.embargo.until"]),
        "Until when the files are closed, a day after today; needed with `access_right = \
         \"embargoed\"`, and only then.";
    EmbargoReason "embargo_reason" Text, OnlyThere,
        "Why the files are closed until then.";
    AccessConditions "access_conditions" Html, Nowhere,
        "Under what conditions files are given. Zenodo drops it, so zrel does not send it.";
    Doi "doi" Text, At(&["pids.doi.identifier"]),
        "A DOI that was assigned elsewhere. Never one of the server's own.";
    Keywords "keywords" List, Texts("metadata.subjects", "subject"),
        "Keywords, one an entry.";
    Notes "notes" Html, Description(&["other", "notes"]),
        "Additional notes: HTML, or a Markdown or HTML file.";
    Method "method" Html, Description(&["methods"]),
        "How it was made: HTML, or a Markdown or HTML file.";
    RelatedIdentifiers "related_identifiers" Related, FromTwoLists,
        "What this record relates to.";
    References "references" List, Texts("metadata.references", "reference"),
        "Cited works, as texts.";
    Grants "grants" List, Nowhere,
        "Grant ids: `{ id = \"10.13039/501100000780::101054344\" }` or the id itself.";
    Funding "funding" Funding, OnlyThere,
        "Who paid, in place of `grants`: `funder` by its ROR id or name, and `award` by its id, or \
         by `number` and `title` where no vocabulary has it.";
    Subjects "subjects" Subjects, Items("custom_fields.legacy:subjects"),
        "Subjects of a vocabulary.";
    Language "language" Text, At(&["metadata.languages.0.id"]),
        "The main language, ISO 639: `en` or `eng`.";
    Languages "languages" List, OnlyThere,
        "Several languages, ISO 639, in place of `language`.";
    Locations "locations" Locations, Items("metadata.locations.features"),
        "Places.";
    Dates "dates" Dates, Items("metadata.dates"),
        "Dates and intervals, each with a type.";
    Sizes "sizes" List, OnlyThere,
        "How large it is, in words: `12 pages`, `3.4 GB`.";
    Formats "formats" List, OnlyThere,
        "Its formats: `text/csv`.";
    JournalTitle "journal_title" Text, At(&["custom_fields.journal:journal.title"]),
        "The journal in which it appeared.";
    JournalVolume "journal_volume" Text, At(&["custom_fields.journal:journal.volume"]),
        "The journal's volume, in quotes.";
    JournalIssue "journal_issue" Text, At(&["custom_fields.journal:journal.issue"]),
        "The journal's issue, in quotes.";
    JournalPages "journal_pages" Text, At(&["custom_fields.journal:journal.pages"]),
        "The pages in the journal.";
    ConferenceTitle "conference_title" Text, At(&["custom_fields.meeting:meeting.title"]),
        "The conference.";
    ConferenceAcronym "conference_acronym" Text, At(&["custom_fields.meeting:meeting.acronym"]),
        "The conference's acronym.";
    ConferenceDates "conference_dates" Text, At(&["custom_fields.meeting:meeting.dates"]),
        "The conference's dates, as text.";
    ConferencePlace "conference_place" Text, At(&["custom_fields.meeting:meeting.place"]),
        "The conference's place.";
    ConferenceUrl "conference_url" Text, At(&["custom_fields.meeting:meeting.url"]),
        "The conference's web page.";
    ConferenceSession "conference_session" Text, At(&["custom_fields.meeting:meeting.session"]),
        "The session.";
    ConferenceSessionPart "conference_session_part" Text,
        At(&["custom_fields.meeting:meeting.session_part"]),
        "The part of the session.";
    ImprintPublisher "imprint_publisher" Text, At(&["metadata.publisher"]),
        "The publisher. Default: Zenodo.";
    ImprintIsbn "imprint_isbn" Text, At(&["custom_fields.imprint:imprint.isbn"]),
        "The ISBN.";
    ImprintPlace "imprint_place" Text, At(&["custom_fields.imprint:imprint.place"]),
        "The publisher's place.";
    PartofTitle "partof_title" Text, At(&["custom_fields.imprint:imprint.title"]),
        "The book that this is a part of.";
    PartofPages "partof_pages" Text, At(&["custom_fields.imprint:imprint.pages"]),
        "The pages within that book.";
    ThesisUniversity "thesis_university" Text,
        At(&["custom_fields.thesis:university", "custom_fields.thesis:thesis.university"]),
        "The university that awarded the degree.";
    ThesisSupervisors "thesis_supervisors" People, Nowhere,
        "Who supervised the thesis.";
    Custom "custom" Custom, OnlyThere,
        "Fields of the server's own, by their names: `\"code:codeRepository\"`, \
         `\"code:programmingLanguage\"`, `\"code:developmentStatus\"`, and others.";
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
