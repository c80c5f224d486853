//! Checks between metadata fields: types, access, embargo, licence.

use jiff::civil::Date;

use crate::model::{Field, Finding, LinkedDoi, Span, Value, WIDER_FIELDS, find_link};

use super::codes;
use super::too_short::check_min_length;
use super::types::{ManifestMetadata, TextSource};

/// Checks the fields against each other. `whole` is where `[metadata]` is.
pub(super) fn check_cross_fields(
    metadata: &ManifestMetadata,
    whole: Span,
    today: Date,
    found: &mut Vec<Finding>,
) {
    check_spellings(metadata, found);
    check_subtype(metadata, "publication", Field::PublicationType, found);
    check_subtype(metadata, "image", Field::ImageType, found);
    check_embargo(metadata, today, found);
    check_closed(metadata, found);
    check_license(metadata, whole, found);
    check_texts(metadata, whole, found);
    check_version_links(metadata, found);
}

/// Checks that nothing is said by two fields.
fn check_spellings(metadata: &ManifestMetadata, found: &mut Vec<Finding>) {
    for (other, field) in WIDER_FIELDS {
        if let Some(span) = metadata.spans.get(&field)
            && metadata.spans.contains_key(&other)
        {
            found.push(describe_two_spellings((field.name(), other.name()), *span));
        }
    }
}

/// Reports a field that says what another one says.
pub(super) fn describe_two_spellings((field, other): (&str, &str), span: Span) -> Finding {
    Finding::error(codes::TWO_SPELLINGS, format!("`{field}` stands beside `{other}`"))
        .at(span, format!("says the same as `{other}`"))
        .hint("keep one of the two")
}

/// Checks that a record which links to versions of members has a version: with its next one, the
/// links move.
fn check_version_links(metadata: &ManifestMetadata, found: &mut Vec<Finding>) {
    let Some(Value::Related(items)) = metadata.values.get(Field::RelatedIdentifiers) else {
        return;
    };
    let links = items.iter().filter_map(|item| find_link(&item.identifier));
    let mut to_versions = links.filter(|link| link.doi == LinkedDoi::Version);
    let span = metadata.spans.get(&Field::RelatedIdentifiers);
    if let (None, Some(link), Some(span)) = (&metadata.version, to_versions.next(), span) {
        found.push(
            Finding::error(
                codes::LINK,
                format!("the link to a version of `{}` needs a `version` here", link.key),
            )
            .at(*span, "in here")
            .because("the link moves with this record's next version, and only a label tells it")
            .hint("add `version`, or remove `doi = \"version\"`"),
        );
    }
}

/// Checks that `publication_type` comes with `publication` and only with it, and `image_type` with
/// `image`.
///
/// Source: zenodo-notes.md section 4, 2026-11-23: without a subtype, the upload type is dropped.
fn check_subtype(
    metadata: &ManifestMetadata,
    owner: &str,
    subtype: Field,
    found: &mut Vec<Finding>,
) {
    let Some(upload_type) = metadata.values.text(Field::UploadType) else { return };
    let type_span = metadata.spans.get(&Field::UploadType).copied();
    let subtype_span = metadata.spans.get(&subtype).copied();
    match (upload_type == owner, type_span, subtype_span) {
        // A draft answers 200, and publishing then fails on the missing upload type.
        (true, Some(span), None) => found.push(
            Finding::error(codes::SUBTYPE, format!("`{owner}` needs `{subtype}`"))
                .at(span, format!("which kind of {owner}?"))
                .because("Zenodo silently drops the upload type without it")
                .hint(format!("add `{subtype} = \"other\"` or a better one")),
        ),
        (false, _, Some(span)) => found.push(
            Finding::error(
                codes::SUBTYPE,
                format!("`{subtype}` does not go with `upload_type = \"{upload_type}\"`"),
            )
            .at(span, format!("only with `{owner}`"))
            .because("Zenodo silently drops it")
            .hint(format!("remove it, or write `upload_type = \"{owner}\"`")),
        ),
        _ => (),
    }
}

/// Checks that an embargo has a date, a date has an embargo, and the embargo ends after today.
///
/// Source: contract/scenarios/metadata-invalid.json, and zenodo-notes.md section 6 for embargoes
/// that have ended, 2026-11-23.
fn check_embargo(metadata: &ManifestMetadata, today: Date, found: &mut Vec<Finding>) {
    let right = metadata.values.text(Field::AccessRight);
    let right_span = metadata.spans.get(&Field::AccessRight).copied();
    let date_span = metadata.spans.get(&Field::EmbargoDate).copied();
    // An access right that could not be read has its own finding.
    if right.is_none() && right_span.is_some() {
        return;
    }
    let is_embargoed = right == Some("embargoed");
    if let (true, Some(span), None) = (is_embargoed, right_span, date_span) {
        found.push(
            Finding::error(codes::EMBARGO, "`embargoed` needs `embargo_date`")
                .at(span, "until when?")
                .because("Zenodo refuses an embargo without a date")
                .hint("add `embargo_date = \"YYYY-MM-DD\"`"),
        );
    }
    if let (false, Some(span)) = (is_embargoed, metadata.spans.get(&Field::EmbargoReason)) {
        found.push(
            Finding::error(codes::EMBARGO, "`embargo_reason` does nothing without an embargo")
                .at(*span, "no embargo")
                .because("Zenodo silently drops it")
                .hint("add `access_right = \"embargoed\"`, or remove the reason"),
        );
    }
    let Some(span) = date_span else { return };
    // The harm is great: the author believes the files to be closed, and they are public.
    if !is_embargoed {
        found.push(
            Finding::error(codes::EMBARGO, "`embargo_date` does nothing without an embargo")
                .at(span, "no embargo")
                .because("Zenodo silently drops it, and the files are open at once")
                .hint("add `access_right = \"embargoed\"`, or remove the date"),
        );
        return;
    }
    let date: Option<Date> =
        metadata.values.text(Field::EmbargoDate).and_then(|date| date.parse().ok());
    // A draft takes such a date, and publishing refuses it.
    if date.is_some_and(|date| date <= today) {
        found.push(
            Finding::error(codes::EMBARGO, "the embargo does not end after today")
                .at(span, format!("today is {today} (UTC)"))
                .because("Zenodo answers `Embargo end date must be set to a future date.`")
                .hint("set a later day, or remove the embargo"),
        );
    }
}

/// Reports what the server makes of `closed` and `access_conditions`.
fn check_closed(metadata: &ManifestMetadata, found: &mut Vec<Finding>) {
    let right = metadata.values.text(Field::AccessRight);
    if let (Some("closed"), Some(span)) = (right, metadata.spans.get(&Field::AccessRight)) {
        found.push(
            Finding::note(codes::CLOSED, "Zenodo makes `closed` into `restricted`")
                .at(*span, "the same as `restricted`"),
        );
    }
    let Some(span) = metadata.spans.get(&Field::AccessConditions) else { return };
    found.push(
        Finding::warning(codes::NOT_SENT, "`access_conditions` is not sent")
            .at(*span, "dropped by Zenodo")
            .because("Zenodo takes it and drops it, so a plan with it would never be done")
            .hint("say it in `notes` or in the description"),
    );
}

/// Reports which licence applies when the manifest does not say.
fn check_license(metadata: &ManifestMetadata, whole: Span, found: &mut Vec<Finding>) {
    let right = metadata.values.text(Field::AccessRight).unwrap_or("open");
    let is_closed = matches!(right, "restricted" | "closed");
    // An empty list is none.
    let several = metadata.values.get(Field::Licenses).and(metadata.spans.get(&Field::Licenses));
    let given = metadata.spans.get(&Field::License).or(several);
    match (given, find_default_license(metadata)) {
        (Some(span), _) if is_closed => found.push(
            Finding::note(
                codes::CLOSED_LICENSE,
                "the licence stands on a record with restricted files",
            )
            .at(*span, "for whoever is given the files"),
        ),
        (None, Some(license)) => found.push(
            Finding::warning(
                codes::DEFAULT_LICENSE,
                format!("no licence is given: `{license}` will apply"),
            )
            .at(whole, "has no `license`")
            .because("Zenodo gives a licence to what has none, and others may rely on it")
            .hint(format!("say so: `license = \"{license}\"`, or another one")),
        ),
        _ => (),
    }
}

/// Returns the licence that the server sets when the manifest has none; `None` where it sets none.
///
/// Source: zenodo-facts.md (CC0 for datasets, CC BY otherwise) and zenodo-notes.md section 4
/// (none for restricted and closed), 2026-11-23.
pub(crate) fn find_default_license(metadata: &ManifestMetadata) -> Option<&'static str> {
    if metadata.values.get(Field::License).or(metadata.values.get(Field::Licenses)).is_some() {
        return None;
    }
    match metadata.values.text(Field::AccessRight) {
        Some("restricted" | "closed") => None,
        _ if metadata.values.text(Field::UploadType) == Some("dataset") => Some("cc0-1.0"),
        _ => Some("cc-by-4.0"),
    }
}

/// Checks the length of texts written in the manifest, and that there is a description.
fn check_texts(metadata: &ManifestMetadata, whole: Span, found: &mut Vec<Finding>) {
    for (place, text) in &metadata.texts {
        // A text from a file is checked by `desired`, which reads the file.
        if let TextSource::Inline(inline) = &text.value {
            found.extend(check_min_length(place.field, inline, text.span));
        }
    }
    if !metadata.spans.contains_key(&Field::Description) {
        let finding = Finding::warning(codes::NO_DESCRIPTION, "no description is given");
        found.push(
            finding
                .at(whole, "has no `description`")
                .because("Zenodo publishes without one, and then the record's page says nothing")
                .hint("add `description = { file = \"ABSTRACT.md\" }`, or a text"),
        );
    }
}
