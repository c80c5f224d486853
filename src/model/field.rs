//! The fields of the deposit metadata, as a closed set.

use std::fmt;

/// What kind of value a field holds; decides the variant of [`Value`](super::Value).
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
}

macro_rules! fields {
    ($($variant:ident $name:literal $kind:ident $label:literal,)*) => {
        /// A field of the deposit metadata, under Zenodo's name. In the order of a screen.
        ///
        /// `communities` is not among them: communities are asked, not set.
        /// `prereserve_doi` is not either: the server makes it.
        ///
        /// Source: contract/scenarios/metadata-full.json and zenodo-notes.md, 2026-11-23.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(#[doc = $label] $variant,)*
        }

        impl Field {
            /// All fields, in the order of a screen.
            pub const ALL: &'static [Field] = &[$(Field::$variant,)*];

            /// Returns Zenodo's name, as in the manifest and the API.
            pub fn name(self) -> &'static str {
                match self { $(Field::$variant => $name,)* }
            }

            /// Returns what kind of value the field holds.
            pub fn kind(self) -> FieldKind {
                match self { $(Field::$variant => FieldKind::$kind,)* }
            }

            /// Finds a field by Zenodo's name.
            pub fn from_name(name: &str) -> Option<Field> {
                Field::ALL.iter().copied().find(|field| field.name() == name)
            }
        }
    };
}

fields! {
    Title "title" Text "The title.",
    UploadType "upload_type" Text "What is published: `publication`, `dataset`, `software`, …",
    PublicationType "publication_type" Text "The kind of publication; only with `publication`.",
    ImageType "image_type" Text "The kind of image; only with `image`.",
    PublicationDate "publication_date" Text "The date of publication, EDTF level 0.",
    Version "version" Text "The version label.",
    Creators "creators" People "Who made it, in order.",
    Contributors "contributors" People "Who else helped, each with a role.",
    Description "description" Html "The abstract.",
    AccessRight "access_right" Text "`open`, `embargoed`, `restricted`.",
    License "license" Text "The licence's id.",
    EmbargoDate "embargo_date" Text "Until when files are closed.",
    AccessConditions "access_conditions" Html "Under what conditions files are given.",
    Doi "doi" Text "A DOI made elsewhere.",
    Keywords "keywords" List "Free keywords.",
    Notes "notes" Html "Additional notes.",
    Method "method" Html "How it was made.",
    RelatedIdentifiers "related_identifiers" Related "What it relates to.",
    References "references" List "Cited works, as texts.",
    Grants "grants" List "Grant ids.",
    Subjects "subjects" Subjects "Subjects of a vocabulary.",
    Language "language" Text "The main language, ISO 639.",
    Locations "locations" Locations "Places.",
    Dates "dates" Dates "Dates and intervals, each with a type.",
    JournalTitle "journal_title" Text "The journal.",
    JournalVolume "journal_volume" Text "Its volume.",
    JournalIssue "journal_issue" Text "Its issue.",
    JournalPages "journal_pages" Text "The pages.",
    ConferenceTitle "conference_title" Text "The conference.",
    ConferenceAcronym "conference_acronym" Text "Its acronym.",
    ConferenceDates "conference_dates" Text "Its dates, as text.",
    ConferencePlace "conference_place" Text "Its place.",
    ConferenceUrl "conference_url" Text "Its page.",
    ConferenceSession "conference_session" Text "The session.",
    ConferenceSessionPart "conference_session_part" Text "The part of the session.",
    ImprintPublisher "imprint_publisher" Text "The publisher.",
    ImprintIsbn "imprint_isbn" Text "The ISBN.",
    ImprintPlace "imprint_place" Text "The publisher's place.",
    PartofTitle "partof_title" Text "The book it is part of.",
    PartofPages "partof_pages" Text "The pages within the book.",
    ThesisUniversity "thesis_university" Text "The university.",
    ThesisSupervisors "thesis_supervisors" People "Who supervised.",
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
