//! Reads the text files that metadata fields name.
//!
//! Deliberately absent: Markdown and HTML; `desired` makes the field's value.

use std::collections::BTreeMap;
use std::path::Path;

use crate::disk;
use crate::manifest::Located;
use crate::model::{Finding, TextPlace};

use super::codes;
use super::secrets::{policy, scan};
use super::select::safe_path::{self, Fault};

/// The largest text, in bytes.
const LIMIT: u64 = 10_000_000;

/// Reads the texts, and adds a finding for each that can't be used.
pub(super) fn read_texts(
    root: &Path,
    wanted: &[(TextPlace, Located<String>)],
    findings: &mut Vec<Finding>,
) -> BTreeMap<TextPlace, String> {
    let mut texts = BTreeMap::new();
    for (place, path) in wanted {
        match read_text_field(root, &path.value) {
            Ok(text) => {
                texts.insert(*place, text);
            }
            Err(finding) => findings.push(finding.at(path.span, "")),
        }
    }
    texts
}

fn read_text_field(root: &Path, path: &str) -> Result<String, Finding> {
    let place = safe_path::find_regular_file(root, path, &[]).map_err(Fault::finding)?;
    let unreadable = |error| Fault::Unreadable(place.rel.clone(), error).finding();
    let (file, _) = disk::open_regular(&place.path).map_err(unreadable)?;
    let bytes = disk::read_at_most(file, LIMIT).map_err(unreadable)?.ok_or_else(|| {
        Finding::error(codes::TEXT_TOO_LARGE, format!("`{path}` is larger than {LIMIT} bytes"))
            .because("it becomes the text of a metadata field")
            .hint("publish it under `[[files]]`, and give the field a short text")
    })?;
    // The text becomes part of a public page, and no `allow` covers it.
    if let Some(hit) = scan::scan_bytes(&bytes).first() {
        return Err(policy::refuse_text(path, hit));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Finding::error(codes::TEXT_NOT_UTF8, format!("`{path}` is not UTF-8 (from byte {at} on)"))
            .hint("save it as UTF-8")
    })?;
    // Editors write a byte order mark; it is not part of the text.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;
    use crate::model::Span;

    #[test]
    fn texts_are_read_and_each_fault_points_at_its_path() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.md"), "\u{feff}Grüße").unwrap();
        std::fs::write(dir.path().join("b.md"), b"\xff").unwrap();
        std::fs::write(dir.path().join("c.md"), vec![b'a'; 10_000_001]).unwrap();
        let wanted: Vec<_> = [
            (Field::Description.into(), "a.md"),
            (Field::Notes.into(), "b.md"),
            (Field::Method.into(), "c.md"),
            (Field::AccessConditions.into(), "../d.md"),
        ]
        .into_iter()
        .zip(0..)
        .map(|((field, path), start)| {
            (field, Located { value: path.to_owned(), span: Span { start, end: start + 1 } })
        })
        .collect();
        let mut findings = Vec::new();
        let texts = read_texts(dir.path(), &wanted, &mut findings);
        assert_eq!(texts, BTreeMap::from([(Field::Description.into(), "Grüße".to_owned())]));
        let found: Vec<_> = findings
            .iter()
            .map(|finding| (finding.code, finding.label.as_ref().unwrap().span.start))
            .collect();
        assert_eq!(
            found,
            [(codes::TEXT_NOT_UTF8, 1), (codes::TEXT_TOO_LARGE, 2), (codes::OUTSIDE, 3)]
        );
    }
}
