//! Values between markers in Markdown, HTML and reStructuredText.
//!
//! Markers count wherever they are, in a block of code too. In Markdown a line that begins with a
//! comment is HTML to its end, so a badge on the line of its markers is written in HTML.

use super::badge::{BadgeForm, make_badge, read_badge};
use super::doi_text::strip_doi;
use super::edit::{Edit, apply_edits, count_line};
use super::escape::{escape_text, unescape_text};
use super::fault::WriteFault;
use super::regions::{Region, find_regions};
use super::values::{Slot, Values};

/// How many lines with a text are taken for a value: a badge of reStructuredText has three.
const MAX_LINES: usize = 5;

/// How many bytes are taken for a value.
const MAX_BYTES: usize = 2000;

/// Writes the values between their markers.
///
/// # Errors
/// There is no marker, or the markers don't pair, or a value would be read as a marker.
pub(super) fn write_markers(
    text: &str,
    form: BadgeForm,
    values: &Values,
) -> Result<String, WriteFault> {
    let mut edits = Vec::new();
    for region in find_regions(text, form)? {
        let slot = region.name.slot();
        let Some(value) = values.get(slot) else { continue };
        check_old(text, &region)?;
        if value.contains("<!--") || value.contains("-->") {
            return Err(WriteFault::unwritable_value(slot, value, "would end a comment"));
        }
        let content = if region.name.is_badge() {
            make_badge(choose_badge_form(text, form, &region), values.site(), value)
        } else {
            escape_text(form, value)
        };
        edits.push(Edit::replace(region.content.clone(), lay_out(text, form, &region, &content)));
    }
    Ok(apply_edits(text, edits))
}

/// Reads the values between the markers.
///
/// # Errors
/// There is no marker, or the markers don't pair.
pub(super) fn read_markers(text: &str, form: BadgeForm) -> Result<Vec<(Slot, String)>, WriteFault> {
    let read = |region: Region| {
        let slot = region.name.slot();
        let content = text.get(region.content).unwrap_or_default().trim();
        let value = if region.name.is_badge() {
            read_badge(content)?
        } else {
            unescape_text(form, content)
        };
        let value = if slot.is_doi() { strip_doi(&value) } else { value };
        (!value.is_empty()).then_some((slot, value))
    };
    Ok(find_regions(text, form)?.into_iter().filter_map(read).collect())
}

/// Refuses to replace what no value is: somebody wrote a text between the markers.
fn check_old(text: &str, region: &Region) -> Result<(), WriteFault> {
    let old = text.get(region.content.clone()).unwrap_or_default();
    let n_lines = old.lines().filter(|line| !line.trim().is_empty()).count();
    if n_lines <= MAX_LINES && old.len() <= MAX_BYTES {
        return Ok(());
    }
    let what = format!("there are {n_lines} lines between the markers, which would be deleted");
    Err(WriteFault::not_its_format(Some(count_line(text, region.content.start)), what))
}

/// Returns the markup of a badge. Of a line that begins with a marker Markdown reads nothing else.
fn choose_badge_form(text: &str, form: BadgeForm, region: &Region) -> BadgeForm {
    let old = text.get(region.content.clone()).unwrap_or_default();
    let has_own_lines = find_head(old).is_some() && find_tail(old).is_some();
    match form {
        BadgeForm::Markdown if !has_own_lines => BadgeForm::Html,
        BadgeForm::Markdown | BadgeForm::Html | BadgeForm::Rst => form,
    }
}

/// Puts the content between its markers as what was there before is put.
fn lay_out(text: &str, form: BadgeForm, region: &Region, content: &str) -> String {
    let old = text.get(region.content.clone()).unwrap_or_default();
    let indent = &region.indent;
    match form {
        BadgeForm::Rst => {
            // A comment of reStructuredText ends at a blank line.
            let end = if old.starts_with("\r\n") { "\r\n" } else { "\n" };
            let lines = content.lines().map(|line| format!("{indent}{line}{end}"));
            format!("{end}{end}{}{end}", lines.collect::<String>())
        }
        BadgeForm::Markdown | BadgeForm::Html => match (find_head(old), find_tail(old)) {
            (Some(head), Some(tail)) => format!("{head}{indent}{content}{tail}"),
            (_, _) => content.to_owned(),
        },
    }
}

/// Returns the rest of the first marker's line, where it holds nothing else.
fn find_head(old: &str) -> Option<&str> {
    let end = old.find('\n')? + 1;
    let head = old.get(..end)?;
    head.trim().is_empty().then_some(head)
}

/// Returns what is before the second marker from the end of the line before, where it is nothing
/// else.
fn find_tail(old: &str) -> Option<&str> {
    let at = old.rfind('\n')?;
    let at = if old.get(..at)?.ends_with('\r') { at - 1 } else { at };
    let tail = old.get(at..)?;
    tail.trim().is_empty().then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_back::fault::FaultKind;

    fn values() -> Values {
        // Without a date, so that one in a text stays.
        let mut values = Values::new("https://zenodo.org");
        values.set(Slot::Doi, "10.5281/zenodo.7");
        values.set(Slot::ConceptDoi, "10.5281/zenodo.6");
        values.set(Slot::Version, "1.0*");
        values
    }

    #[test]
    fn markdown_and_html_keep_the_line_breaks_at_the_markers() {
        for (text, expected) in [
            (
                "a<!-- zrel:doi --><!--/zrel:doi-->b",
                "a<!-- zrel:doi -->10.5281/zenodo.7<!--/zrel:doi-->b",
            ),
            (
                "<!--zrel:version-->\r\nold\r\nolder\r\n<!-- /zrel:version -->",
                "<!--zrel:version-->\r\n1.0&#42;\r\n<!-- /zrel:version -->",
            ),
            (
                "  <!--zrel:version--> \n  <!-- /zrel:version -->",
                "  <!--zrel:version--> \n  1.0&#42;\n  <!-- /zrel:version -->",
            ),
            (
                "<!--zrel:version-->\nold<!-- /zrel:version -->",
                "<!--zrel:version-->1.0&#42;<!-- /zrel:version -->",
            ),
        ] {
            let written = write_markers(text, BadgeForm::Markdown, &values()).unwrap();
            assert_eq!(written, expected);
        }
        let text = "<p><!-- zrel:date -->2020<!-- /zrel:date --> <!-- zrel:concept-badge -->\
            <!-- /zrel:concept-badge -->";
        let written = write_markers(text, BadgeForm::Html, &values()).unwrap();
        let badge = make_badge(BadgeForm::Html, "https://zenodo.org", "10.5281/zenodo.6");
        assert!(written.contains(&format!("-->{badge}<!--")), "{written}");
        let read = read_markers(&written, BadgeForm::Html).unwrap();
        let expected = [(Slot::Date, "2020"), (Slot::ConceptDoi, "10.5281/zenodo.6")];
        assert_eq!(read, expected.map(|(slot, text)| (slot, text.to_owned())));
    }

    #[test]
    fn restructuredtext_has_blank_lines_around_the_content() {
        let text = "A\n=\n\n  .. zrel:badge\n  old\n  .. /zrel:badge\n";
        let written = write_markers(text, BadgeForm::Rst, &values()).unwrap();
        let expected = "A\n=\n\n  .. zrel:badge\n\n  .. image:: \
            https://zenodo.org/badge/DOI/10.5281/zenodo.7.svg\n     \
            :target: https://doi.org/10.5281/zenodo.7\n     :alt: DOI\n\n  .. /zrel:badge\n";
        assert_eq!(written, expected);
        let read = read_markers(&written, BadgeForm::Rst).unwrap();
        assert_eq!(read, [(Slot::Doi, "10.5281/zenodo.7".to_owned())]);
        let text = ".. zrel:version\r\n.. /zrel:version";
        let written = write_markers(text, BadgeForm::Rst, &values()).unwrap();
        assert_eq!(written, ".. zrel:version\r\n\r\n1.0\\*\r\n\r\n.. /zrel:version");
    }

    #[test]
    fn a_value_that_ends_a_comment_is_refused() {
        let mut values = values();
        values.set(Slot::Version, "1-->");
        let text = "<!-- zrel:version --><!-- /zrel:version -->";
        let fault = write_markers(text, BadgeForm::Html, &values).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unwritable);
    }
}
