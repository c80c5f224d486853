//! Writes into a manifest's text which record it describes.

use crate::model::ConceptId;

use super::parse::parse;

/// The table of the concepts.
const TABLE: &str = "[record.concept]";

/// Returns the text of a manifest with the concept of its record on a server; everything else stays
/// as it is. `None` when the manifest names one already, or the line can't be added so that it is
/// read as meant.
///
/// `value` is the concept's DOI or number, as it is written.
pub fn bind_manifest(
    text: &str,
    today: jiff::civil::Date,
    (server, value, concept): (&str, &str, ConceptId),
) -> Option<String> {
    let before = parse(text, today).manifest?;
    if before.record.concept.contains_key(server) {
        return None;
    }
    let line = format!("{server} = \"{value}\"");
    let bound = if let Some(end) = find_table(text) {
        format!("{}{line}\n{}", &text[..end], &text[end..])
    } else {
        let gap = if text.ends_with('\n') { "\n" } else { "\n\n" };
        format!("{text}{gap}{TABLE}\n{line}\n")
    };
    // A name with a dot, or a table that is written in another way, would be read as something else.
    let after = parse(&bound, today).manifest?;
    let named = after.record.concept.get(server)?.value;
    (named == concept && after.files.len() == before.files.len()).then_some(bound)
}

/// Returns where the first line below the table's head begins.
fn find_table(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let bare = line.split('#').next().unwrap_or_default();
        if bare.trim() == TABLE && line.ends_with('\n') {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "server = \"zenodo\"  # the real one\n\n[metadata]\ntitle = \"A title\"\n\
        upload_type = \"dataset\"\ndescription = \"Some.\"\ncreators = [{ name = \"Weiss, T.\" }]\n\n\
        [[files]]\npath = \"a.csv\"";

    fn bind(text: &str, server: &str) -> Option<String> {
        let concept = ("10.5281/zenodo.7", ConceptId(7.into()));
        bind_manifest(text, jiff::civil::date(2026, 11, 29), (server, concept.0, concept.1))
    }

    #[test]
    fn the_line_is_added_and_everything_else_stays() {
        let bound = bind(MANIFEST, "zenodo").unwrap();
        let line = "\n\n[record.concept]\nzenodo = \"10.5281/zenodo.7\"\n";
        assert_eq!(bound, format!("{MANIFEST}{line}"));
        // A second server's line goes below the first table's head.
        let both = bind(&bound, "sandbox");
        assert_eq!(both, None, "10.5281 is not a DOI of the sandbox");
        let local = format!("{MANIFEST}\n[record.concept]  # which\nlocal = 3\n");
        let both = bind(&local, "zenodo").unwrap();
        assert!(both.ends_with("# which\nzenodo = \"10.5281/zenodo.7\"\nlocal = 3\n"), "{both}");
    }

    #[test]
    fn what_can_not_be_added_safely_is_left() {
        assert_eq!(bind(&bind(MANIFEST, "zenodo").unwrap(), "zenodo"), None);
        let inline = format!("{MANIFEST}\n[record]\nconcept = {{ local = 3 }}\n");
        assert_eq!(bind(&inline, "zenodo"), None);
        assert_eq!(bind("not a manifest", "zenodo"), None);
    }
}
