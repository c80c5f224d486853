//! What the record will be when the plan is applied.

use crate::compare;
use crate::desired::{Desired, DesiredDate, DesiredVersion};
use crate::model::{
    Field, FieldKind, FileKey, LocalFile, Md5, Metadata, RemoteFile, Sha256, Value, find_link,
};

/// What the record will be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Target {
    /// The metadata that are sent, whole: a PUT replaces all.
    pub metadata: Metadata,
    /// The files, sorted by key.
    pub files: Vec<PlannedFile>,
}

/// A file of the record as it will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    /// Its name.
    pub key: FileKey,
    /// Bytes.
    pub size: u64,
    /// MD5 of what the record will hold.
    pub md5: Md5,
    /// For an archive: the digest of its content.
    pub content: Option<Sha256>,
    /// For a file of `[[write]]`, or an archive with one: the digest of its content with the
    /// written values masked.
    pub masked: Option<Sha256>,
    /// How the manifest names it; for a file that is kept, the name or glob of `keep`.
    pub shown: String,
    /// Whether it stays on the server as it is: nothing of it is on the disk.
    pub kept: bool,
}

/// Which date the target gets when the manifest leaves it open.
pub(super) enum OpenDate<'a> {
    /// The day of the apply.
    Day(&'a str),
    /// The date on the server.
    Keep(Option<&'a str>),
}

/// Returns the metadata to send.
pub(super) fn build_target_metadata(desired: &Desired, open_date: &OpenDate<'_>) -> Metadata {
    let mut metadata = desired.metadata.clone();
    match (&desired.date, open_date) {
        (DesiredDate::Fixed(date), _) => metadata.set_text(Field::PublicationDate, date),
        (DesiredDate::Today | DesiredDate::Unsaid, OpenDate::Day(day)) => {
            metadata.set_text(Field::PublicationDate, *day);
        }
        // A date that moved every day would be a change in every plan.
        (DesiredDate::Today | DesiredDate::Unsaid, OpenDate::Keep(date)) => {
            if let Some(date) = date {
                metadata.set_text(Field::PublicationDate, *date);
            }
        }
    }
    if let DesiredVersion::Label(label) | DesiredVersion::Tag(label) = &desired.version {
        metadata.set_text(Field::Version, label);
    }
    metadata
}

/// Removes the links to members whose DOI is not known.
pub(super) fn drop_unknown_links(metadata: &mut Metadata) {
    let Some(Value::Related(items)) = metadata.get(Field::RelatedIdentifiers) else { return };
    let known: Vec<_> =
        items.iter().filter(|item| find_link(&item.identifier).is_none()).cloned().collect();
    if known.is_empty() {
        metadata.remove(Field::RelatedIdentifiers);
    } else {
        metadata.set(Field::RelatedIdentifiers, Value::Related(known));
    }
}

/// Returns the files as they will be: an unchanged archive keeps the bytes on the server.
pub(super) fn build_target_files(
    files: &[LocalFile],
    kept: impl Fn(&LocalFile) -> Option<(u64, Md5)>,
) -> Vec<PlannedFile> {
    files
        .iter()
        .map(|file| {
            let (size, md5) = kept(file).unwrap_or((file.size, file.md5));
            PlannedFile {
                key: file.key.clone(),
                size,
                md5,
                content: find_content_digest(file),
                masked: file.masked,
                shown: file.shown.clone(),
                kept: false,
            }
        })
        .collect()
}

/// Returns a file that stays on the server as it is; none without a checksum, by which it would be
/// compared before anything is published.
pub(super) fn keep_file(file: &RemoteFile, pattern: &str) -> Option<PlannedFile> {
    Some(PlannedFile {
        key: file.key.clone(),
        size: file.size,
        md5: file.md5?,
        content: None,
        masked: None,
        shown: pattern.to_owned(),
        kept: true,
    })
}

/// Returns the digest that no encoder changes, for an archive.
pub(super) fn find_content_digest(file: &LocalFile) -> Option<Sha256> {
    match &file.source {
        crate::model::FileSource::Archive { content, .. } => Some(*content),
        crate::model::FileSource::Path => None,
    }
}

impl Target {
    /// Returns the metadata as the server will return them.
    pub fn normalize_as_server(&self) -> Metadata {
        compare::normalize_as_server(&self.metadata)
    }

    /// Returns the texts of which the server's clean-up leaves nothing: it would accept and
    /// silently drop them (contract/scenarios/html-cleaning.json, 2026-11-23).
    pub(super) fn lost_texts(&self) -> impl Iterator<Item = Field> {
        let returned = self.normalize_as_server();
        let lost = |(field, _): &(Field, &Value)| {
            // Only HTML goes through the clean-up.
            field.kind() == FieldKind::Html && returned.get(*field).is_none()
        };
        let lost: Vec<Field> = self.metadata.iter().filter(lost).map(|(field, _)| field).collect();
        lost.into_iter()
    }

    /// Returns all bytes of the record.
    pub fn size_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).fold(0, u64::saturating_add)
    }
}
