//! Value types that all other modules share: ids, digests, metadata, files, findings.
//!
//! Nothing here reads a file, knows a server's JSON or decides anything. Types are plain data
//! without serde: each format (manifest, wire, lock, plan file) has its own converter at its
//! own edge. The code that fills a list sorts it; maps are `BTreeMap`, so that equal values give
//! equal bytes.

mod api_choice;
mod binding;
mod change;
mod digest;
mod field;
mod file;
mod finding;
mod git_facts;
mod ids;
mod link;
mod manifest_place;
mod metadata;
mod people;
mod recid;
mod sensitive;
mod server;
mod sharing;
mod statements;
mod text_place;
mod vocabulary_id;

pub use api_choice::ApiChoice;
pub use binding::{
    AppliedFile, Binding, BoundRecord, ConceptSource, OpenDraft, OtherManifest, Reservation,
    Rewrite,
};
pub use change::{Content, FieldChange, FileChange, FileChangeKind};
pub use digest::{InvalidDigest, Md5, Sha256};
pub use field::{Field, FieldKind, RecordPlace, TypePart, WIDER_FIELDS};
pub use file::{FileKey, FileSource, InvalidFileKey, LocalFile, RemoteFile};
pub use finding::{Finding, Label, Severity, Span};
pub use git_facts::GitFacts;
pub use ids::{Community, Doi, InvalidId};
pub use link::{Link, LinkedDoi, find_link, name_link};
pub use manifest_place::ManifestPlace;
pub use metadata::{DateInterval, Location, Metadata, MetadataOrigins, Related, Subject, Value};
pub use people::{Affiliation, Identifier, People, Person, PersonDetails};
pub use recid::{ConceptId, Recid, RecordId};
pub use sensitive::Sensitive;
pub use server::{Server, ServerKind};
pub use sharing::{AccessRequests, Grantee, LinkTerms, Permission, Sharing};
pub use statements::{CustomFields, CustomValue, Funding, License, TypedText};
pub use text_place::TextPlace;
pub use vocabulary_id::{Vocabulary, VocabularyId};
