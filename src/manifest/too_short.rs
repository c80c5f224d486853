//! Texts that a draft drops because they are too short.

use crate::model::{Field, FieldKind, Finding, Span};
use crate::vocab;

use super::codes;

/// The fewest characters that a draft keeps in title, description, notes and method.
///
/// Source: contract/scenarios/metadata-invalid.json and zenodo-notes.md section 4, 2026-11-23.
const MIN_CHARS: usize = 3;

/// Returns whether a draft would drop a text because it is too short.
pub(crate) fn is_too_short(field: Field, text: &str) -> bool {
    count_kept(field, text) < MIN_CHARS
}

/// Reports that a draft would drop a text because it is too short.
pub(crate) fn check_min_length(field: Field, text: &str, span: Span) -> Option<Finding> {
    let n_chars = count_kept(field, text);
    if n_chars >= MIN_CHARS {
        return None;
    }
    let finding = Finding::error(
        codes::TOO_SHORT,
        format!("`metadata.{field}` has fewer than {MIN_CHARS} characters"),
    );
    Some(
        finding
            .at(span, format!("{n_chars} of at least {MIN_CHARS}"))
            .because("Zenodo silently drops so short a text"),
    )
}

/// Returns how many characters are kept of a text; of HTML, of those that are sent.
fn count_kept(field: Field, text: &str) -> usize {
    // For HTML the plan reports what is left: the server's clean-up of tags is only known there.
    let is_html = field.kind() == FieldKind::Html || field == Field::Descriptions;
    let kept = if is_html { vocab::prepare_to_send(text) } else { vocab::tidy(text) };
    kept.chars().count()
}
