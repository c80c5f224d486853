//! `[metadata]`: every field of the deposit metadata, each read and checked on its own.
//!
//! Checks between fields are in `cross_field`. Deliberately absent: reading text files, git, and
//! defaults; `desired` does that.

use jiff::civil::Date;

use crate::model::{Field, FieldKind, Finding, Value};
use crate::vocab;

use super::access::read_access;
use super::codes;
use super::cross_field;
use super::items;
use super::people;
use super::reader::{Entry, Section};
use super::sources;
use super::statements;
use super::too_short::check_min_length;
use super::types::{Located, ManifestMetadata};
use super::vocab_checks;

/// What would happen to an unknown field.
const DROPPED: &str = "Zenodo silently drops a field that it does not know";

/// What the checks need to know from outside `[metadata]`.
#[derive(Debug)]
pub(super) struct Context {
    /// Today in UTC, as the server counts days.
    pub today: Date,
    /// DOI prefixes under which a known server mints.
    pub own_prefixes: Vec<String>,
}

/// Reads `[metadata]`, and `[access]`, which says a part of it.
pub(super) fn read_metadata(
    mut section: Section<'_>,
    access: Option<Section<'_>>,
    context: &Context,
    found: &mut Vec<Finding>,
) -> ManifestMetadata {
    // These keys get their own finding, so they are taken before `finish` calls them unknown.
    explain_misplaced(&mut section, found);
    let mut metadata = ManifestMetadata::default();
    for field in Field::ALL.iter().copied() {
        let Some(entry) = section.take(field.name()) else { continue };
        // The span is kept for a faulty value too, so that a given field is never called missing.
        metadata.spans.insert(field, entry.span);
        read_field(field, &entry, context, &mut metadata, found);
    }
    for required in [Field::Title, Field::UploadType, Field::Creators] {
        if !metadata.spans.contains_key(&required) {
            found.push(section.missing(required.name()));
        }
    }
    read_other_spellings(&mut section, context, &mut metadata, found);
    if let Some(access) = access {
        read_access(access, &mut metadata, found);
    }
    cross_field::check_cross_fields(&metadata, section.span, context.today, found);
    section.finish(Some(DROPPED), found);
    metadata
}

/// Reads the keys that say what a field says: `publisher`, and `identifiers` of the work itself.
fn read_other_spellings(
    section: &mut Section<'_>,
    context: &Context,
    metadata: &mut ManifestMetadata,
    found: &mut Vec<Finding>,
) {
    if let Some(entry) = section.take("publisher") {
        if metadata.spans.contains_key(&Field::ImprintPublisher) {
            found.push(cross_field::describe_two_spellings(
                ("publisher", Field::ImprintPublisher.name()),
                entry.key_span,
            ));
        }
        metadata.spans.insert(Field::ImprintPublisher, entry.span);
        read_field(Field::ImprintPublisher, &entry, context, metadata, found);
    }
    if let Some(entry) = section.take("identifiers") {
        let alternate = items::read_alternates(&entry, found);
        let mut all = match metadata.values.remove(Field::RelatedIdentifiers) {
            Some(Value::Related(items)) => items,
            Some(_) | None => Vec::new(),
        };
        all.extend(alternate);
        metadata.spans.entry(Field::RelatedIdentifiers).or_insert(entry.span);
        metadata.values.set(Field::RelatedIdentifiers, Value::Related(all));
    }
}

/// Reports keys that belong elsewhere.
fn explain_misplaced(section: &mut Section<'_>, found: &mut Vec<Finding>) {
    if let Some(entry) = section.take("prereserve_doi") {
        let summary = "`prereserve_doi` can't be set";
        found.push(
            Finding::error(codes::RESERVED_DOI, summary)
                .at(entry.span, "made by the server")
                .because("the server reserves a DOI itself, and refuses one that is sent back")
                .hint("remove it: `zrel plan` shows the DOI that a version will have"),
        );
    }
    if let Some(entry) = section.take("communities") {
        let why = "communities are asked one by one and are not part of the metadata";
        found.push(
            Finding::error(codes::METADATA_COMMUNITIES, "`communities` is inside `[metadata]`")
                .at(entry.span, "not a field")
                .because(why)
                .hint(
                    "at the end of the manifest, write `[[communities]]` and below it `id = \"…\"`",
                ),
        );
    }
}

/// Reads one field into its place. The matches name every kind, so that none can be forgotten.
pub(super) fn read_field(
    field: Field,
    entry: &Entry<'_>,
    context: &Context,
    metadata: &mut ManifestMetadata,
    found: &mut Vec<Finding>,
) {
    let value = match field.kind() {
        FieldKind::Html => {
            if let Some(text) = sources::read_text_source(entry, found) {
                metadata.texts.insert(field.into(), text);
            }
            return;
        }
        // A version and a date may come from git or the clock, so both are kept as sources.
        FieldKind::Text if field == Field::Version => {
            metadata.version = sources::read_version_source(entry, found);
            return;
        }
        FieldKind::Text if field == Field::PublicationDate => {
            metadata.publication_date = sources::read_date_source(entry, found);
            return;
        }
        FieldKind::Text => {
            Value::Text(read_short_text(field, entry, context, found).unwrap_or_default())
        }
        FieldKind::List if field == Field::Grants => Value::List(items::read_grants(entry, found)),
        FieldKind::List if field == Field::Languages => {
            Value::List(items::read_languages(entry, found))
        }
        FieldKind::List => {
            let texts = entry.texts(found);
            Value::List(items::drop_repetitions(&entry.path, texts, found))
        }
        FieldKind::People => Value::People(people::read_people(field, entry, found).into()),
        FieldKind::Related => Value::Related(items::read_related(entry, found)),
        FieldKind::Subjects => Value::Subjects(items::read_subjects(entry, found)),
        FieldKind::Locations => Value::Locations(items::read_locations(entry, found)),
        FieldKind::Dates => Value::Dates(items::read_dates(entry, found)),
        FieldKind::TypedTexts if field == Field::Descriptions => {
            let (descriptions, texts) = statements::read_descriptions(entry, found);
            metadata.texts.extend(texts);
            Value::TypedTexts(descriptions)
        }
        FieldKind::TypedTexts | FieldKind::Licenses | FieldKind::Funding | FieldKind::Custom => {
            statements::read_statements(field, entry, found)
        }
    };
    metadata.values.set(field, value);
}

/// Reads a field of one line with its check; most have none.
fn read_short_text(
    field: Field,
    entry: &Entry<'_>,
    context: &Context,
    found: &mut Vec<Finding>,
) -> Option<String> {
    // An embargo ends on one day; for other dates a year, a month or an interval will do.
    if field == Field::EmbargoDate {
        return vocab_checks::validate_day(&entry.date_text(found)?, found)
            .map(|day| day.to_string());
    }
    // A licence may also be a table, which no other field of one line takes.
    if field == Field::License {
        return read_license(entry, found);
    }
    let closed_list = CLOSED_LISTS.iter().find(|(owner, ..)| *owner == field);
    if let Some((_, what, list)) = closed_list {
        return vocab_checks::validate_word(&entry.word(found)?, what, &list(), found);
    }
    let text = entry.text(found)?;
    let checked = CHECKED.iter().find(|(owner, _)| *owner == field);
    if let Some((_, check)) = checked {
        return check(&text, found);
    }
    if field == Field::Doi {
        return vocab_checks::validate_doi(&text, &context.own_prefixes, found);
    }
    if field == Field::Title {
        found.extend(check_min_length(Field::Title, &text.value, text.span));
    }
    Some(text.value)
}

/// Returns the words of a vocabulary.
type Words = fn() -> Vec<&'static str>;
/// Takes a text, or reports what is wrong with it.
type Check = fn(&Located<String>, &mut Vec<Finding>) -> Option<String>;

/// Fields that take a word of a closed list: the name of the list, and the list.
const CLOSED_LISTS: &[(Field, &str, Words)] = &[
    (Field::UploadType, vocab_checks::UPLOAD_TYPE, vocab::list_upload_types),
    (Field::PublicationType, "publication type", vocab::list_publication_types),
    (Field::ImageType, "image type", vocab::list_image_types),
    (Field::AccessRight, "access right", vocab::list_access_rights),
];

/// Fields of one line that have a check of their own.
const CHECKED: &[(Field, Check)] = &[
    (Field::Language, vocab_checks::validate_language),
    (Field::ImprintIsbn, vocab_checks::validate_isbn),
    (Field::ConferenceUrl, vocab_checks::validate_address),
];

/// Reads a licence's id, or one that the vocabulary does not have yet.
fn read_license(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<String> {
    if entry.value.is_array() {
        found.push(
            entry.not("one licence's id").hint("several licences: `licenses = [\"…\", \"…\"]`"),
        );
        return None;
    }
    if entry.value.as_table().is_none() {
        return vocab_checks::validate_license(&entry.text(found)?, found);
    }
    let mut section = entry.section("a licence's id", found)?;
    if section.has("title") {
        found.push(
            entry
                .not("a licence's id")
                .hint("a licence of your own: `licenses = [{ title = \"…\", link = \"…\" }]`"),
        );
        return None;
    }
    let allowed: Option<Located<String>> = section.require_text("allow_unknown", found);
    section.finish(None, found);
    vocab_checks::validate_unknown_license(&allowed?, found)
}
