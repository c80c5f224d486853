//! Markers in Markdown, HTML and reStructuredText, and what is between them.

use std::ops::Range;

use super::badge::BadgeForm;
use super::edit::{count_line, find_line_start};
use super::fault::WriteFault;
use super::values::Slot;

/// What a pair of markers is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Badge,
    ConceptBadge,
    Doi,
    ConceptDoi,
    Version,
    Date,
}

impl Name {
    const ALL: [Self; 6] =
        [Self::Badge, Self::ConceptBadge, Self::Doi, Self::ConceptDoi, Self::Version, Self::Date];

    fn word(self) -> &'static str {
        match self {
            Self::Badge => "badge",
            Self::ConceptBadge => "concept-badge",
            Self::Doi | Self::ConceptDoi | Self::Version | Self::Date => self.slot().name(),
        }
    }

    pub(super) fn slot(self) -> Slot {
        match self {
            Self::Badge | Self::Doi => Slot::Doi,
            Self::ConceptBadge | Self::ConceptDoi => Slot::ConceptDoi,
            Self::Version => Slot::Version,
            Self::Date => Slot::Date,
        }
    }

    pub(super) fn is_badge(self) -> bool {
        matches!(self, Self::Badge | Self::ConceptBadge)
    }
}

/// A pair of markers.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) name: Name,
    /// What is between the markers; in reStructuredText with the line end of the first one.
    pub(super) content: Range<usize>,
    /// The blanks that the second marker's line begins with.
    pub(super) indent: String,
}

/// A marker that was found.
struct Marker<'a> {
    range: Range<usize>,
    side: Side,
    word: &'a str,
}

#[derive(PartialEq, Eq)]
enum Side {
    Begin,
    End,
}

/// Finds all pairs of markers.
///
/// # Errors
/// There is none, one is unknown or there twice, or they don't pair.
pub(super) fn find_regions(text: &str, form: BadgeForm) -> Result<Vec<Region>, WriteFault> {
    let markers = match form {
        BadgeForm::Markdown | BadgeForm::Html => find_comments(text),
        BadgeForm::Rst => find_lines(text),
    };
    if markers.is_empty() {
        return Err(WriteFault::no_place(hint(form)));
    }
    let mut regions: Vec<Region> = Vec::new();
    let mut open: Option<(Name, Marker<'_>)> = None;
    for marker in markers {
        let name = parse_name(text, &marker)?;
        let line = count_line(text, marker.range.start);
        match (open.take(), &marker.side) {
            (None, Side::Begin) => {
                if regions.iter().any(|region| region.name == name) {
                    let what = format!("the marker `zrel:{}` is there twice", name.word());
                    return Err(WriteFault::twice(line, what));
                }
                open = Some((name, marker));
            }
            (Some((opened, begin)), Side::End) if opened == name => {
                regions.push(make_region(text, form, name, (&begin, &marker))?);
            }
            (Some((opened, _)), _) => {
                let what = format!("the marker `zrel:{}` is not closed before this", opened.word());
                return Err(WriteFault::not_its_format(Some(line), what));
            }
            (None, Side::End) => {
                let what = format!("the marker `/zrel:{}` closes nothing", name.word());
                return Err(WriteFault::not_its_format(Some(line), what));
            }
        }
    }
    if let Some((name, marker)) = open {
        let what = format!("the marker `zrel:{}` is not closed", name.word());
        return Err(WriteFault::not_its_format(Some(count_line(text, marker.range.start)), what));
    }
    Ok(regions)
}

/// Says how markers are written.
fn hint(form: BadgeForm) -> &'static str {
    match form {
        BadgeForm::Markdown | BadgeForm::Html => {
            "it has no markers: write a line `<!-- zrel:badge -->` and a line \
             `<!-- /zrel:badge -->` where the badge belongs"
        }
        BadgeForm::Rst => {
            "it has no markers: write a line `.. zrel:badge` and a line `.. /zrel:badge` where the \
             badge belongs"
        }
    }
}

fn parse_name(text: &str, marker: &Marker<'_>) -> Result<Name, WriteFault> {
    let known = Name::ALL.into_iter().find(|name| name.word() == marker.word);
    known.ok_or_else(|| {
        let words = Name::ALL.map(|name| format!("`zrel:{}`", name.word())).join(", ");
        let what = format!(
            "the marker `zrel:{}` is unknown; known are {words}",
            marker.word.escape_debug()
        );
        WriteFault::not_its_format(Some(count_line(text, marker.range.start)), what)
    })
}

fn make_region(
    text: &str,
    form: BadgeForm,
    name: Name,
    (begin, end): (&Marker<'_>, &Marker<'_>),
) -> Result<Region, WriteFault> {
    let indent = find_indent(text, end.range.start);
    let content = match form {
        BadgeForm::Markdown | BadgeForm::Html => begin.range.end..end.range.start,
        BadgeForm::Rst => begin.range.end..find_line_start(text, end.range.start),
    };
    if form == BadgeForm::Rst && find_indent(text, begin.range.start) != indent {
        let line = count_line(text, end.range.start);
        let what =
            format!("the markers `zrel:{0}` and `/zrel:{0}` are not indented alike", name.word());
        return Err(WriteFault::not_its_format(Some(line), what));
    }
    Ok(Region { name, content, indent })
}

/// Returns the blanks that a byte's line begins with.
fn find_indent(text: &str, at: usize) -> String {
    let line = text.get(find_line_start(text, at)..at).unwrap_or_default();
    line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
}

/// Finds markers that are comments of HTML.
fn find_comments(text: &str) -> Vec<Marker<'_>> {
    let mut markers = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(length) = rest.find("-->") else { break };
        let end = at + length + "-->".len();
        // What was begun before the last `<!--` is text about comments.
        if let Some((before, inner)) = rest.get(..length).and_then(|it| it.rsplit_once("<!--")) {
            markers.extend(parse_marker(inner, at + before.len()..end));
        }
        at = end;
    }
    markers
}

/// Finds markers that are comments of reStructuredText, each on its line.
fn find_lines(text: &str) -> Vec<Marker<'_>> {
    let mut markers = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.strip_suffix('\n').unwrap_or(line);
        let bare = bare.strip_suffix('\r').unwrap_or(bare);
        let start = at + (bare.len() - bare.trim_start_matches([' ', '\t']).len());
        let inner = bare.trim_start_matches([' ', '\t']).strip_prefix("..");
        // Without a blank it is no comment.
        if let Some(inner) = inner.filter(|inner| inner.starts_with([' ', '\t'])) {
            markers.extend(parse_marker(inner, start..at + bare.len()));
        }
        at += line.len();
    }
    markers
}

fn parse_marker(inner: &str, range: Range<usize>) -> Option<Marker<'_>> {
    let inner = inner.trim();
    let (side, inner) = match inner.strip_prefix('/') {
        Some(rest) => (Side::End, rest.trim_start()),
        None => (Side::Begin, inner),
    };
    let word = inner.strip_prefix("zrel:")?;
    Some(Marker { range, side, word })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_back::fault::FaultKind;

    #[test]
    fn markers_that_do_not_pair_are_refused_with_their_line() {
        for (text, kind, line, expected) in [
            ("a", FaultKind::NoPlace, None, "<!-- zrel:badge -->"),
            ("\n<!-- zrel:doi -->", FaultKind::NotItsFormat, Some(2), "is not closed"),
            ("<!-- /zrel:doi -->", FaultKind::NotItsFormat, Some(1), "closes nothing"),
            (
                "<!-- zrel:doi -->\n<!-- zrel:date --><!-- /zrel:date -->",
                FaultKind::NotItsFormat,
                Some(2),
                "`zrel:doi` is not closed before",
            ),
            (
                "<!-- zrel:doi -->\n<!-- /zrel:date -->",
                FaultKind::NotItsFormat,
                Some(2),
                "`zrel:doi` is not closed before",
            ),
            (
                "<!-- zrel:doi --><!-- /zrel:doi -->\n<!-- zrel:doi --><!-- /zrel:doi -->",
                FaultKind::Twice,
                Some(2),
                "the marker `zrel:doi` is there twice",
            ),
            ("<!-- zrel:dio x -->", FaultKind::NotItsFormat, Some(1), "`zrel:dio x` is unknown"),
        ] {
            let fault = find_regions(text, BadgeForm::Markdown).unwrap_err();
            assert_eq!((fault.kind, fault.line), (kind, line), "{text}");
            assert!(fault.what.contains(expected), "{}", fault.what);
        }
        let fault = find_regions(".. zrel:doi\n  .. /zrel:doi", BadgeForm::Rst).unwrap_err();
        assert!(fault.what.contains("not indented alike"), "{fault:?}");
    }

    #[test]
    fn what_is_written_about_comments_is_no_marker() {
        let text = "Comments begin with `<!--`.\n<!-- zrel:doi -->x<!-- /zrel:doi --> <!-- a -->";
        let regions = find_regions(text, BadgeForm::Markdown).unwrap();
        assert_eq!(regions.len(), 1);
        assert_eq!(&text[regions[0].content.clone()], "x");
        let text = "..zrel:doi\n.. note:: a\n.. zrel:doi\nx\n.. /zrel:doi";
        let regions = find_regions(text, BadgeForm::Rst).unwrap();
        assert_eq!(&text[regions[0].content.clone()], "\nx\n");
    }
}
