//! `[access]`: who may have the files, in the records API's words; `sharing` reads the rest of the
//! table.
//!
//! It says what `access_right`, `embargo_date` and `embargo_reason` say, and becomes them.

use crate::model::{Field, Finding};

use super::codes;
use super::cross_field::describe_two_spellings;
use super::reader::{Entry, Section};
use super::types::{Located, ManifestMetadata};
use super::vocab_checks;

/// The fields that say the same.
const SAME: [Field; 3] = [Field::AccessRight, Field::EmbargoDate, Field::EmbargoReason];

/// Reads `[access]` into the metadata.
pub(super) fn read_access(
    mut section: Section<'_>,
    metadata: &mut ManifestMetadata,
    found: &mut Vec<Finding>,
) {
    // Who else has access is read from the same table, and does not contradict the fields.
    if !["record", "files", "embargo"].iter().any(|key| section.has(key)) {
        section.finish(None, found);
        return;
    }
    for field in SAME {
        if let Some(span) = metadata.spans.get(&field) {
            found.push(describe_two_spellings((field.name(), "[access]"), *span));
        }
    }
    refuse_closed_page(&mut section, found);
    let files = section.word("files", found);
    let files = files.and_then(|word| {
        let span = word.span;
        let words = ["public", "restricted"];
        let value = vocab_checks::validate_word(&word, "access to files", &words, found)?;
        Some(Located { value, span })
    });
    let embargo = section.take("embargo");
    if let Some(embargo) = &embargo {
        if let Some(files) = files.as_ref().filter(|files| files.value == "public") {
            found.push(
                Finding::error(codes::EMBARGO, "the files are public and have an embargo")
                    .at(files.span, "public at once")
                    .hint("remove `files`, or the embargo"),
            );
        }
        read_embargo(embargo, metadata, found);
    } else if let Some(files) = files {
        let right = if files.value == "public" { "open" } else { "restricted" };
        metadata.values.set_text(Field::AccessRight, right);
        metadata.spans.insert(Field::AccessRight, files.span);
    }
    section.finish(None, found);
}

/// Reports that a record's page can't be hidden.
///
/// Source: contract/scenarios/native-access.json, 2026-11-28.
fn refuse_closed_page(section: &mut Section<'_>, found: &mut Vec<Finding>) {
    let Some(entry) = section.take("record") else { return };
    let Some(word) = entry.word(found) else { return };
    let words = ["public", "restricted"];
    let word_is = vocab_checks::validate_word(&word, "access to a record", &words, found);
    if word_is.as_deref() == Some("restricted") {
        found.push(
            Finding::error(codes::CLOSED_PAGE, "the page of a record is always public")
                .at(entry.span, "refused by Zenodo")
                .because("Zenodo answers `You don't have permissions to manage record access.`")
                .hint("write `files = \"restricted\"`: only the files are hidden then"),
        );
    }
}

/// Reads `embargo`: until when, and why.
fn read_embargo(entry: &Entry<'_>, metadata: &mut ManifestMetadata, found: &mut Vec<Finding>) {
    let wanted = "a table such as `{ until = \"2027-01-31\", reason = \"…\" }`";
    let Some(mut section) = entry.section(wanted, found) else { return };
    let Some(until) = section.take("until") else {
        found.push(section.missing("until"));
        // It is known, although it says nothing without a day.
        section.take("reason");
        section.finish(None, found);
        return;
    };
    metadata.values.set_text(Field::AccessRight, "embargoed");
    metadata.spans.insert(Field::AccessRight, entry.span);
    metadata.spans.insert(Field::EmbargoDate, until.span);
    let day = until.date_text(found);
    if let Some(day) = day.and_then(|day| vocab_checks::validate_day(&day, found)) {
        metadata.values.set_text(Field::EmbargoDate, day.to_string());
    }
    if let Some(reason) = section.text("reason", found) {
        metadata.spans.insert(Field::EmbargoReason, reason.span);
        metadata.values.set_text(Field::EmbargoReason, reason.value);
    }
    section.finish(None, found);
}
